package rules

import (
	"strconv"
	"strings"

	"github.com/tidwall/gjson"

	"vpnattach/shared/core/attachment"
	"vpnattach/shared/core/jsontext"
	"vpnattach/shared/core/rules/pattern"
	"vpnattach/shared/core/secret"
)

// Explanation says what one rule makes of an event.
type Explanation struct {
	Rule     string
	Matched  bool
	Path     string  // when not matched: the field of the pattern that failed, "detail.state"; "via", "changed"
	Reason   string  // when not matched: what it wants and what the event has
	Elements int     // what each found; -1 when the rule has none or it found no array
	Given    []Given // when matched: what constants and paths gave, in the order of the change document; of the first hundred elements
}

// Given is one value that a rule gives, or fails to give.
type Given struct {
	Parameter string // as the rule names it; "each", "time" and "version" for the rule's own paths
	Element   int    // index into the array of each; -1 without
	From      string // the path as written; empty for a constant
	Found     bool
	Value     string // JSON; a secret shows "***", a dynamic reference of a rule itself
	Word      string // JSON: what the event has, where the rule's map made Value of it
}

// Explain tells for every rule, in the order of the file, whether the event matches
// and why not, and what its paths find. The event is as for [Set.Apply].
func (s *Set) Explain(event Event) []Explanation {
	explanations := make([]Explanation, 0, len(s.rules))
	for i := range s.rules {
		if r := &s.rules[i]; s.takes(r, event.way()) {
			explanations = append(explanations, r.explain(event.Text))
		} else {
			explanations = append(explanations, Explanation{Rule: r.name, Elements: -1, Path: "via", Reason: r.viaMismatch(event.way())})
		}
	}
	return explanations
}

// explained is of how many elements an explanation tells what the paths gave.
const explained = 100

func (r *rule) explain(event string) Explanation {
	e := Explanation{Rule: r.name, Elements: -1}
	if e.Path, e.Reason = r.match.Mismatch(event); e.Reason != "" {
		return e
	}
	f := &applier{finder: finder{event: event}, rule: r}
	if r.each == nil {
		f.element = event
		if r.changed != nil && !f.changed(r.changed) && f.findings.Count() == 0 {
			e.Path, e.Reason = "changed", r.changed.unchanged()
			return e
		}
		e.Matched = true
		e.element(f, -1)
		return e
	}
	e.Matched = true
	list := f.find(r.each, event).Result
	each := Given{Parameter: "each", Element: -1, From: r.each.text, Found: list.Exists()}
	if !list.IsArray() {
		if each.Found {
			each.Value = pattern.Quote(pattern.TypeName(list))
		}
		e.Given = append(e.Given, each)
		return e
	}
	elements := list.Array()
	e.Elements, each.Value = len(elements), `"1 element"`
	if e.Elements != 1 {
		each.Value = pattern.Quote(strconv.Itoa(e.Elements) + " elements")
	}
	e.Given = append(e.Given, each)
	for i, element := range elements[:min(len(elements), explained)] {
		f.element = element.Raw
		if r.changed != nil {
			differs := f.changed(r.changed)
			e.Given = append(e.Given, Given{Parameter: "changed", Element: i, From: r.changed.before.text + ", " + r.changed.after.text, Found: differs})
			if !differs {
				continue
			}
			e.Given[len(e.Given)-1].Value = pattern.Quote("a difference")
		}
		e.element(f, i)
	}
	return e
}

// element adds what the rule's values come to for one element.
func (e *Explanation) element(f *applier, index int) {
	r, element := f.rule, f.element
	if r.time != nil {
		v := f.find(r.time, element).Result
		given := Given{Parameter: "time", Element: index, From: r.time.text, Found: v.Exists()}
		if _, err := parseTime(v); err == nil {
			given.Value = v.Raw
		} else if given.Found {
			given.Value = pattern.Quote(pattern.TypeName(v) + " that is not a time")
		}
		e.Given = append(e.Given, given)
	}
	if r.version != nil {
		v := f.find(r.version, element).Result
		given := Given{Parameter: "version", Element: index, From: r.version.text, Found: v.Exists()}
		if text := v.String(); isVersion(text) {
			given.Value = pattern.Quote(text)
		} else if given.Found {
			given.Value = pattern.Quote(pattern.TypeName(v) + " that is not the version of a secret")
		}
		e.Given = append(e.Given, given)
	}
	for _, as := range r.assignments {
		given := Given{Parameter: as.name, Element: index}
		v := gjson.ParseBytes(as.constant)
		hole := false
		if as.from != nil {
			found := f.find(as.from, element)
			given.From, v, hole = as.from.text, found.Result, found.hole != ""
		}
		if given.Found = v.Exists() && !hole; given.Found {
			given.Value = string(appendRedacted(nil, as.parameter, v, as.from == nil))
		}
		if given.Found && as.words != nil {
			if value, ok := f.mapped(as, v); ok && value != v.Raw {
				given.Word = given.Value
				given.Value = string(appendRedacted(nil, as.parameter, gjson.Parse(value), false))
			}
		}
		e.Given = append(e.Given, given)
	}
}

// appendRedacted appends the value of a parameter without its secrets. Fields that
// the parameter doesn't have count as secret, since a misspelt key is one, too.
func appendRedacted(dst []byte, p *attachment.Parameter, v gjson.Result, constant bool) []byte {
	isReference := false
	if constant {
		_, claims, err := secret.ParseReference(v.String())
		isReference = claims && err == nil
	}
	switch {
	case p == nil || p.Secret && !isReference || holdsReference(v, 0) && !constant:
		return append(dst, `"`+secret.Redacted+`"`...)
	case p.Kind == attachment.Object && v.Type == gjson.String && gjson.Parse(v.Str).IsObject() && gjson.Valid(v.Str):
		return appendRedacted(dst, p, gjson.Parse(v.Str), constant)
	case p.Kind == attachment.Array && v.IsArray():
		dst = append(dst, '[')
		for i, item := range v.Array() {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = appendRedactedFields(dst, p, item, constant)
		}
		return append(dst, ']')
	case p.Kind == attachment.Object:
		return appendRedactedFields(dst, p, v, constant)
	case v.Type == gjson.JSON && (!v.IsArray() || p.Kind != attachment.Subnets):
		return append(dst, `"`+secret.Redacted+`"`...) // not a value of this parameter, whatever it holds
	}
	return append(dst, strings.TrimSpace(v.Raw)...)
}

func appendRedactedFields(dst []byte, p *attachment.Parameter, v gjson.Result, constant bool) []byte {
	if !v.IsObject() {
		return append(dst, `"`+secret.Redacted+`"`...)
	}
	dst = append(dst, '{')
	first := true
	v.ForEach(func(key, value gjson.Result) bool {
		if !first {
			dst = append(dst, ',')
		}
		first = false
		dst = append(gjson.AppendJSONString(dst, key.Str), ':')
		dst = appendRedacted(dst, fieldNamed(p, key.Str), value, constant)
		return true
	})
	return append(dst, '}')
}

// AppendJSON appends the explanation as a JSON object:
// {"rule","matched","path","reason"} or {"rule","matched","elements","given":[{"parameter","element","from","found","value","word"}]},
// where elements, element, from, value and word are left out when empty.
func (e *Explanation) AppendJSON(dst []byte) []byte {
	dst = jsontext.AppendText(append(dst, '{'), "rule", e.Rule)
	dst = strconv.AppendBool(jsontext.AppendKey(dst, "matched"), e.Matched)
	if !e.Matched {
		dst = jsontext.AppendText(dst, "path", e.Path)
		return append(jsontext.AppendText(dst, "reason", e.Reason), '}')
	}
	if e.Elements >= 0 {
		dst = strconv.AppendInt(jsontext.AppendKey(dst, "elements"), int64(e.Elements), 10)
	}
	dst = jsontext.AppendKey(dst, "given")
	return append(jsontext.AppendList(dst, e.Given, func(dst []byte, g *Given) []byte { return g.appendJSON(dst) }), '}')
}

func (g *Given) appendJSON(dst []byte) []byte {
	dst = jsontext.AppendText(append(dst, '{'), "parameter", g.Parameter)
	if g.Element >= 0 {
		dst = strconv.AppendInt(jsontext.AppendKey(dst, "element"), int64(g.Element), 10)
	}
	dst = jsontext.AppendMember(dst, "from", g.From)
	dst = strconv.AppendBool(jsontext.AppendKey(dst, "found"), g.Found)
	if g.Value != "" {
		dst = append(jsontext.AppendKey(dst, "value"), g.Value...)
	}
	if g.Word != "" {
		dst = append(jsontext.AppendKey(dst, "word"), g.Word...)
	}
	return append(dst, '}')
}
