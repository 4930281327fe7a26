package pattern

import (
	"strconv"
	"strings"

	"github.com/tidwall/gjson"
)

// Mismatch tells why the event doesn't match: the first field in the text of the
// pattern that, together with those before it, doesn't hold, and in words what it
// wants and what the event has there. Of the alternatives of "$or" it takes the one
// that got furthest. Values of the event are not shown, since they may be secret;
// those of its top-level source and detail-type are. When the event matches, both
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

// seen says what the event has where the leaf looks.
func (l *leaf) seen(event gjson.Result) string {
	found := values(nil, event, l.keys, 0)
	switch {
	case len(found) == 0:
		return "nothing there"
	case len(found) > 1:
		return strconv.Itoa(len(found)) + " values there, none of which matches"
	case len(l.keys) == 1 && (l.keys[0] == "source" || l.keys[0] == "detail-type") && found[0].Type == gjson.String:
		return shorten(found[0].Raw)
	}
	switch v := found[0]; v.Type {
	case gjson.String:
		return "a string"
	case gjson.Number:
		return "a number"
	case gjson.JSON:
		return "an object"
	default:
		return v.Raw
	}
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
