package pattern

import (
	"slices"
	"strconv"
	"strings"

	"github.com/tidwall/gjson"

	"vpnattach/shared/core/attachment"
	"vpnattach/shared/core/finding"
)

// Mismatch tells why the event doesn't match: the first field in the text of the
// pattern that, together with those before it, doesn't hold, and in words what it
// wants and what the event has there. Of the alternatives of "$or" it takes the one
// that got furthest. A value of the event may be secret, so a text is shown only where it
// could be one that the pattern looks for, or is the top-level source or detail-type. When the event matches, both
// results are empty.
func (p *Pattern) Mismatch(event string) (path, reason string) {
	v := gjson.Parse(event)
	if !v.IsObject() {
		return "", "the event is not a JSON object"
	}
	var furthest *leaf
	alone := false
	for _, leaves := range p.alternatives {
		failed := firstFailure(leaves, v)
		if failed == nil {
			return "", ""
		}
		if furthest == nil || failed.order > furthest.order {
			furthest, alone = failed, tree([]*leaf{failed}).below(v, 0)
		}
	}
	if furthest == nil {
		return "", ""
	}
	if alone {
		return furthest.path, "wants " + shorten(furthest.text) +
			", which holds only in another element of the array than the fields before it"
	}
	return furthest.path, "wants " + shorten(furthest.text) + ", but the event has " + furthest.seen(v)
}

func firstFailure(leaves []*leaf, v gjson.Result) *leaf {
	if tree(leaves).below(v, 0) {
		return nil
	}
	for i := 1; i < len(leaves); i++ {
		if !tree(leaves[:i]).below(v, 0) {
			return leaves[i-1]
		}
	}
	return leaves[len(leaves)-1]
}

// seen says what the event has where the leaf looks, and what to do about it where that
// is plain.
func (l *leaf) seen(event gjson.Result) string {
	found := values(nil, event, l.keys, 0)
	switch {
	case len(found) == 0:
		return "nothing there" + l.near(event)
	case len(found) > 3:
		return strconv.Itoa(len(found)) + " values there, none of which matches"
	}
	has, hint := "", ""
	for i, v := range found {
		if i > 0 {
			has += " and "
		}
		has += l.shown(v)
		if hint == "" && v.Type == gjson.String {
			hint = l.hint(v.Str)
		}
	}
	return has + hint
}

// shown returns a value of the event as far as it may be shown: a text where it could be
// one that the pattern looks for, and else its length.
func (l *leaf) shown(v gjson.Result) string {
	switch v.Type {
	case gjson.String:
		isName := len(l.keys) == 1 && (l.keys[0] == "source" || l.keys[0] == "detail-type")
		return shorten(finding.Quote(v.Str, isName || l.couldBe(v.Str)))
	case gjson.Number:
		wantsNumbers := slices.ContainsFunc(l.conditions, func(c condition) bool { return c.op == equalNumber || c.op == inRange })
		if !wantsNumbers || len(v.Raw) > doubleDigits {
			return "a number"
		}
	case gjson.JSON:
		return "an object"
	}
	return v.Raw
}

// couldBe reports whether a text could be one that the leaf looks for: near to one, a part
// of one, or a name where all of them are names.
func (l *leaf) couldBe(text string) bool {
	wanted := texts(nil, l.conditions)
	if attachment.NearestOf(text, wanted) != "" {
		return true
	}
	names := len(wanted) > 0 && finding.Name(text) == text
	for _, w := range wanted {
		if len(text) >= len("abc") && strings.Contains(w, text) || len(w) >= 8 && strings.Contains(text, w) && len(text) < 3*len(w) {
			return true
		}
		names = names && finding.Name(w) == w
	}
	return names
}

// hint says what to do where a text is in another form than the leaf wants.
func (l *leaf) hint(text string) string {
	for _, w := range texts(nil, l.conditions) {
		switch {
		case text != w && strings.EqualFold(text, w):
			return `; it differs in upper and lower case only, which {"equals-ignore-case": …} passes over`
		case strings.Contains(w, ":") && !strings.HasPrefix(text, "arn:") && len(text) >= len("abc") && strings.Contains(w, text):
			return "; the pattern wants an ARN, and the event has a name: list both in the pattern"
		}
	}
	return ""
}

// texts returns what conditions look for in texts.
func texts(dst []string, conditions []condition) []string {
	for i := range conditions {
		switch c := &conditions[i]; c.op {
		case equalText, hasPrefix, hasSuffix, foldEqual, foldPrefix, foldSuffix:
			dst = append(dst, c.text)
		case wildcard:
			dst = append(dst, c.parts...)
		case anythingBut:
			dst = texts(dst, c.not)
		}
	}
	return dst
}

// near says which field was most likely meant by one that the event lacks.
func (l *leaf) near(event gjson.Result) string {
	at := event
	for i, key := range l.keys {
		if next := at.Get(gjson.Escape(key)); next.Exists() {
			at = next
			continue
		}
		var known []string
		if at.IsObject() {
			at.ForEach(func(key, _ gjson.Result) bool {
				known = append(known, key.Str)
				return len(known) < 1000
			})
		}
		near := attachment.NearestOf(key, known)
		if near == "" {
			return ""
		}
		path := ""
		for _, key := range l.keys[:i] {
			path = Join(path, key)
		}
		return "; did you mean " + Join(path, near) + "?"
	}
	return ""
}

// values collects what lies at the path: plain values and objects.
func values(dst []gjson.Result, v gjson.Result, keys []string, depth int) []gjson.Result {
	switch {
	case v.IsArray() && depth < maxArrays:
		v.ForEach(func(_, element gjson.Result) bool {
			dst = values(dst, element, keys, depth+1)
			return true
		})
	case len(keys) == 0:
		dst = append(dst, v)
	case v.IsObject():
		v.ForEach(func(key, value gjson.Result) bool {
			if key.Str != keys[0] {
				return true
			}
			dst = values(dst, value, keys[1:], depth)
			return false
		})
	}
	return dst
}

// shorten cuts long JSON text at a character.
func shorten(text string) string {
	const most = 160
	if len(text) <= most {
		return text
	}
	return strings.ToValidUTF8(text[:most], "") + "…"
}
