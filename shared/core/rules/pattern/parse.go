package pattern

import (
	"slices"
	"strconv"
	"strings"

	"github.com/tidwall/gjson"

	"vpnattach/shared/core/finding"
)

// Problem is one thing wrong with a pattern.
type Problem struct {
	Path    string // where in the pattern: "detail.x[0].numeric"; empty for all of it
	Message string // what is wrong, one sentence
	Hint    string // what to do about it; may be empty
	Never   bool   // the form is right, but no event can match
}

const (
	// maxAlternatives is EventBridge's own limit for the combinations of "$or".
	maxAlternatives = 1000
	maxNesting      = 64

	or = "$or"
)

// reserved are the names that EventBridge refuses as fields inside "$or".
var reserved = []string{
	"exactly", "equals-ignore-case", "prefix", "suffix", "anything-but", "exists", "wildcard", "numeric", "cidr",
	"=", "<", "<=", ">", ">=", "regex", "not-wildcard", "not-equals-ignore-case",
	"date-after", "date-on-or-after", "date-before", "date-on-or-before", "in-date-range",
	"ip-address-in-range", "ip-address-not-in-range",
}

// Parse reads a pattern, a JSON object. It refuses what EventBridge refuses and what
// can never match; then the Pattern is nil and the problems are all there are, in
// the order of the text.
func Parse(json string) (*Pattern, []Problem) {
	if !gjson.Valid(json) {
		return nil, []Problem{{Message: "the pattern is not valid JSON"}}
	}
	root := gjson.Parse(json)
	if !root.IsObject() {
		return nil, []Problem{{
			Message: "a pattern is a JSON object, not " + TypeName(root),
			Hint:    `write it in the shape of the event: {"source": ["com.example.inventory"]}`,
		}}
	}
	var p parser
	alternatives := p.object([][]*leaf{nil}, root, "", nil, false)
	if len(p.problems) > 0 {
		return nil, p.problems
	}
	pattern := &Pattern{alternatives: alternatives}
	for _, leaves := range alternatives {
		pattern.trees = append(pattern.trees, tree(leaves))
	}
	return pattern, nil
}

type parser struct {
	problems []Problem
	leaves   int
}

func (p *parser) problem(path, message, hint string) {
	p.problems = append(p.problems, Problem{Path: path, Message: message, Hint: hint})
}

// object adds the fields of v to each of the alternatives so far.
func (p *parser) object(alternatives [][]*leaf, v gjson.Result, path string, keys []string, insideOr bool) [][]*leaf {
	if len(keys) >= maxNesting {
		p.problem(path, "the pattern is nested more than "+strconv.Itoa(maxNesting)+" levels deep", "")
		return alternatives
	}
	var seen []string
	v.ForEach(func(key, value gjson.Result) bool {
		at := Join(path, key.Str)
		switch {
		case slices.Contains(seen, key.Str):
			p.problem(at, "the key "+named(key.Str)+" appears twice", "list all values in one array")
		case key.Str == or:
			alternatives = p.or(alternatives, value, at, keys)
		case insideOr && slices.Contains(reserved, key.Str):
			p.problem(at, "EventBridge reserves the name "+Quote(key.Str)+" inside $or",
				"each alternative of $or names fields of the event, and conditions stand in an array below a field")
		case value.IsObject():
			alternatives = p.object(alternatives, value, at, append(slices.Clone(keys), key.Str), insideOr)
		case value.IsArray():
			alternatives = p.field(alternatives, value, at, append(slices.Clone(keys), key.Str))
		default:
			p.problem(at, "a field of a pattern takes an array of values or an object of fields, not "+TypeName(value),
				"put the value into an array: ["+shorten(value.Raw)+"]")
		}
		seen = append(seen, key.Str)
		return true
	})
	if len(seen) == 0 {
		p.problem(path, "an object of a pattern must not be empty",
			`leave it out, or ask for a field below it: {"name": [{"exists": true}]}`)
	}
	return alternatives
}

// or multiplies the alternatives so far by those that v lists.
func (p *parser) or(alternatives [][]*leaf, v gjson.Result, path string, keys []string) [][]*leaf {
	branches := v.Array()
	if !v.IsArray() || len(branches) < 2 {
		p.problem(path, "$or takes an array of at least two objects.", `write {"$or": [{"a": [1]}, {"b": [2]}]}`)
		return alternatives
	}
	var result [][]*leaf
	for i, branch := range branches {
		at := element(path, i)
		if !branch.IsObject() {
			p.problem(at, "an alternative of $or is an object, not "+TypeName(branch), "")
			continue
		}
		result = append(result, p.object(slices.Clone(alternatives), branch, at, keys, true)...)
		if !p.few(len(result), path) {
			return alternatives
		}
	}
	return result
}

func (p *parser) few(alternatives int, path string) bool {
	if alternatives <= maxAlternatives {
		return true
	}
	p.problem(path, "the alternatives of the pattern make more than "+strconv.Itoa(maxAlternatives)+" combinations",
		"use several values in one array instead of $or, or several rules")
	return false
}

// field adds the conditions listed in v on the value at keys. Since absence and
// presence are judged differently in arrays, a field that allows both becomes two
// alternatives.
func (p *parser) field(alternatives [][]*leaf, v gjson.Result, path string, keys []string) [][]*leaf {
	p.leaves++
	present := &leaf{order: p.leaves, path: path, keys: keys, text: v.Get("@ugly").Raw}
	absent := *present
	absent.absent = true
	elements := v.Array()
	if len(elements) == 0 {
		p.problem(path, "the array of conditions must not be empty", `to ask only that the field is there, write [{"exists": true}]`)
	}
	wanted := 0
	for i, v := range elements {
		c, missing, ok := p.condition(v, element(path, i))
		switch {
		case missing:
			wanted |= 2
		case ok:
			wanted |= 1
			present.conditions = append(present.conditions, c)
		}
	}
	var result [][]*leaf
	for _, leaves := range alternatives {
		if slices.ContainsFunc(leaves, func(l *leaf) bool { return slices.Equal(l.keys, keys) }) {
			p.problem(path, "the field has conditions both inside and outside of $or, of which EventBridge keeps only the later ones",
				"put the conditions on one field into one array, or into every alternative")
			return alternatives
		}
		if wanted&1 != 0 {
			result = append(result, append(slices.Clip(leaves), present))
		}
		if wanted&2 != 0 {
			result = append(result, append(slices.Clip(leaves), &absent))
		}
	}
	if wanted == 0 || !p.few(len(result), path) {
		return alternatives
	}
	return result
}

// anyBefore reports whether one of the paths sorts before the given one, both
// written with dots, the order in which EventBridge judges fields.
func anyBefore(paths [][]string, path []string) bool {
	dotted := strings.Join(path, ".")
	return slices.ContainsFunc(paths, func(other []string) bool { return strings.Join(other, ".") < dotted })
}

// Join appends a key to a path into a JSON text, in the form that a Problem shows:
// "a.b", `a["b.c"]`.
func Join(path, key string) string {
	if name := finding.Name(key); name != key {
		return path + "[" + name + "]"
	}
	for i := range len(key) {
		c := key[i]
		if c != '_' && c != '-' && c != '$' && (c < '0' || c > '9') && (c|0x20 < 'a' || c|0x20 > 'z') {
			return path + "[" + Quote(key) + "]"
		}
	}
	switch {
	case path == "":
		return key
	}
	return path + "." + key
}

func element(path string, i int) string { return path + "[" + strconv.Itoa(i) + "]" }

// Quote returns s as a JSON string.
func Quote(s string) string { return string(gjson.AppendJSONString(nil, s)) }

// named returns a name in quotes, as far as [finding.Name] shows it.
func named(name string) string {
	if shown := finding.Name(name); shown != name {
		return shown
	}
	return Quote(name)
}

// TypeName names the JSON type of v with its article.
func TypeName(v gjson.Result) string {
	switch {
	case v.IsObject():
		return "an object"
	case v.IsArray():
		return "an array"
	case v.Type == gjson.String:
		return "a string"
	case v.Type == gjson.Number:
		return "a number"
	}
	return v.Raw
}
