package rules

import (
	"slices"
	"strings"

	"github.com/tidwall/gjson"

	"vpnattach/shared/core/attachment"
	"vpnattach/shared/core/finding"
	"vpnattach/shared/core/rules/pattern"
)

// words are what an event's words for a parameter's value are in the API's.
type words struct {
	table []word // nil: the vocabulary of other tools
}

type word struct {
	text  string // the event's
	value string // JSON
}

// common is the vocabulary that the core has; see [attachment.Parameter.Meant].
const common = "common"

var mapInvalid = finding.Declare(finding.Check{
	ID: "rule-map", Severity: finding.Error, Part: finding.RuleFile,
	Title: "A rule's map names a parameter that from does not give, or that has no words to map.",
	Why:   "A map that is never used is a misspelt one, and the event’s words would go on as they are.",
	Hint:  `name parameters of from: "map": {"IkeConfig.IkeEncAlg": "common", "RegionId": {"fra": "eu-central-1"}}`,
})

// words reads the rule's map: "common" for all that from gives, or a table or "common"
// by parameter.
func (l *loader) words(v gjson.Result, path string, r *rule) {
	if v.Type == gjson.String && v.Str == common {
		used := false
		for _, as := range r.assignments {
			if as.from != nil && hasWords(as.parameter) {
				as.words, used = &words{}, true
			}
		}
		if !used {
			l.add(mapInvalid, path, "from gives no parameter for which other tools have words", "")
		}
		return
	}
	if !v.IsObject() {
		l.wrongType(path, `an object of parameters, or "common"`, v)
		return
	}
	l.members(v, path, nil, func(name string, table gjson.Result, at string) {
		i := slices.IndexFunc(r.assignments, func(as *assignment) bool { return as.name == name && as.from != nil })
		if i < 0 {
			var given []string
			for _, as := range r.assignments {
				if as.from != nil {
					given = append(given, as.name)
				}
			}
			l.addNear(mapInvalid, at, "from gives no "+named(name), attachment.NearestOf(name, given), "")
			return
		}
		as := r.assignments[i]
		switch p := as.parameter; {
		case table.Type == gjson.String && table.Str == common:
			if !hasWords(p) {
				l.add(mapInvalid, at, "other tools have no words of their own for "+name, "give a table: {\"word\": \"value\"}")
				return
			}
			as.words = &words{}
		case p.Secret:
			l.add(mapInvalid, at, name+" is a secret, and keys are not words", "")
		case p.Kind == attachment.Object || p.Kind == attachment.Array:
			l.add(mapInvalid, at, name+" is "+p.Kind.String()+", which has no words of its own", "give its fields in from, each by its path")
		case !table.IsObject():
			l.wrongType(at, `an object of words, or "common"`, table)
		default:
			as.words = l.table(table, at, p)
		}
	})
}

// table reads the words of one parameter.
func (l *loader) table(v gjson.Result, path string, p *attachment.Parameter) *words {
	w := &words{}
	l.members(v, path, nil, func(text string, value gjson.Result, at string) {
		switch {
		case value.Type == gjson.JSON || value.Type == gjson.Null:
			l.wrongType(at, "a text, a number, true or false", value)
		case holdsReference(value, 0):
			l.add(referenceMisplaced, at, at+" holds a dynamic reference, which only with can", "")
		case len(p.Enum) > 0 && !slices.Contains(p.Enum, value.String()):
			l.add(mapInvalid, at, at+" is not a value of "+p.Name, "one of "+strings.Join(p.Enum, ", "))
		default:
			w.table = append(w.table, word{text, value.Raw})
		}
	})
	if len(v.Map()) == 0 {
		l.add(mapInvalid, path, path+" has no words", "")
	}
	return w
}

// hasWords reports whether the vocabulary of other tools has words for the parameter, or
// for one of its fields.
func hasWords(p *attachment.Parameter) bool {
	return p.HasWords() || slices.ContainsFunc(p.Fields, func(f attachment.Parameter) bool { return hasWords(&f) })
}

var mapLacksWord = finding.Declare(finding.Check{
	ID: "map-lacks-word", Severity: finding.Error, Part: finding.RuleMatch,
	Title: "A rule's map has no entry for the word of an event.",
	Why:   "The word means something in the system that sent it. Passed on as it is, it would be refused, or mean something else.",
	Hint:  "add the word to the rule's map",
})

// mapped returns the value in the API's words. It is false when the table lacks the
// word; those of a list are looked up one by one.
func (a *applier) mapped(as *assignment, v gjson.Result) (string, bool) {
	if as.words.table == nil {
		return inCommon(as.parameter, v), true
	}
	if !v.IsArray() {
		return a.lookUp(as, v)
	}
	list, ok := []byte{'['}, true
	v.ForEach(func(_, item gjson.Result) bool {
		if len(list) > 1 {
			list = append(list, ',')
		}
		value, found := a.lookUp(as, item)
		list, ok = append(list, value...), ok && found
		return true
	})
	return string(append(list, ']')), ok
}

func (a *applier) lookUp(as *assignment, v gjson.Result) (string, bool) {
	text := v.String()
	if value := as.words.find(text); value != "" {
		return value, true
	}
	if slices.Contains(as.parameter.Enum, text) {
		return v.Raw, true
	}
	if a.findings.Full(mapLacksWord) {
		return "", false
	}
	var known []string
	for _, w := range as.words.table {
		known = append(known, w.text)
	}
	hint, near := "", attachment.NearestOf(text, known)
	if near != "" {
		hint = "did you mean " + pattern.Quote(near) + "? Else add the word to the rule's map"
	}
	shown := as.parameter.Quote(text)
	if v.Type == gjson.JSON {
		shown = pattern.TypeName(v)
	} else if near != "" {
		shown = finding.Quote(text, true)
	}
	a.addHinted(mapLacksWord, as.at[len(a.rule.path):], "the map of "+as.name+" has no entry for "+shown, remedy{hint: hint})
	return "", false
}

func (w *words) find(text string) string {
	for i := range w.table {
		if w.table[i].text == text {
			return w.table[i].value
		}
	}
	return ""
}

// inCommon returns the value with the words of other tools replaced, in the fields of
// an object too. What the vocabulary doesn't have stays as it is, for validation to judge.
func inCommon(p *attachment.Parameter, v gjson.Result) string {
	switch {
	case len(p.Fields) == 0:
		if v.Type == gjson.JSON {
			return v.Raw
		}
		if value := p.Meant(v.String()); value != "" {
			return value
		}
		return v.Raw
	case v.IsArray():
		list := []byte{'['}
		v.ForEach(func(_, item gjson.Result) bool {
			if len(list) > 1 {
				list = append(list, ',')
			}
			list = append(list, inCommon(p, item)...)
			return true
		})
		return string(append(list, ']'))
	case v.Type == gjson.String && gjson.Valid(v.Str) && gjson.Parse(v.Str).IsObject():
		return inCommon(p, gjson.Parse(v.Str))
	case !v.IsObject():
		return v.Raw
	}
	object := []byte{'{'}
	v.ForEach(func(key, value gjson.Result) bool {
		if len(object) > 1 {
			object = append(object, ',')
		}
		object = append(append(object, key.Raw...), ':')
		if f := fieldNamed(p, key.Str); f != nil {
			object = append(object, inCommon(f, value)...)
		} else {
			object = append(object, value.Raw...)
		}
		return true
	})
	return string(append(object, '}'))
}
