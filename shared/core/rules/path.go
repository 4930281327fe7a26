package rules

import (
	"slices"
	"strings"

	"github.com/tidwall/gjson"
)

// query is a path of a rule, read.
type query struct {
	text     string // as written
	path     string // for gjson
	whole    bool   // from the whole event, whatever each says
	optional bool
	modified bool     // what it finds may not be JSON
	list     *listing // when it gathers the values of a list's elements
}

var modifiers = []string{"this", "reverse", "flatten", "join", "keys", "values", "tostr", "fromstr", "valid", "ugly", "group"}

// parseQuery reads a path; the problem says why it can't.
func parseQuery(text string) (q query, problem string) {
	q.text, q.path = text, text
	if rest, ok := strings.CutSuffix(text, "?"); ok && (len(rest)-len(strings.TrimRight(rest, `\`)))%2 == 0 {
		q.optional, q.path = true, rest
	}
	if q.path == "$" {
		return q, `"$" alone is not a path; the whole event is "$.@this"`
	}
	q.path, q.whole = strings.CutPrefix(q.path, "$.")
	q.modified = strings.Contains(q.path, "@")
	q.list = gathers(q.path)
	return q, checkPath(q.path)
}

// found is what a path finds. It doesn't exist when there is nothing, null or text that
// is not JSON; for an optional path also when there is empty text or an empty list.
type found struct {
	gjson.Result
	reference bool   // it holds a dynamic reference
	hole      string // the element of which a list lacks the value: "element 2"
}

// finder reads paths from one event and its elements. What is read from the whole
// event is the same for each element, so it is read once.
type finder struct {
	event string
	whole map[*query]found
	seen  map[*query]gjson.Result // as whole, for comparisons
}

// find reads the path from the element or the event.
func (f *finder) find(q *query, element string) found {
	if !q.whole {
		return read(q, element)
	}
	v, known := f.whole[q]
	if !known {
		v = read(q, f.event)
		if f.whole == nil {
			f.whole = map[*query]found{}
		}
		f.whole[q] = v
	}
	return v
}

func read(q *query, text string) found {
	r := gjson.Get(text, q.path)
	if r.Type == gjson.Null || r.Raw == "" || q.modified && !gjson.Valid(r.Raw) {
		return found{}
	}
	if q.list != nil {
		if hole := q.list.hole(text); hole != "" {
			return found{Result: r, hole: hole}
		}
	}
	if q.optional && (r.Raw == `""` || isEmptyList(r.Raw)) {
		return found{}
	}
	return found{Result: r, reference: holdsReference(r, 0)}
}

func isEmptyList(json string) bool {
	return json[0] == '[' && strings.TrimLeft(json[1:], " \t\r\n") == "]"
}

// checkPath says what is wrong with a gjson path, as far as gjson would silently
// find nothing or more than meant.
func checkPath(path string) string {
	switch {
	case path == "":
		return "the path is empty"
	case strings.HasPrefix(path, ".."):
		return "a path for JSON lines (..) can't be used here"
	}
	var open []byte // the brackets that are still to be closed
	start := true   // at the first character of a component
	for i := 0; i < len(path); i++ {
		c := path[i]
		inQuery := len(open) > 0 && open[len(open)-1] == ')'
		switch c {
		case '\\':
			if i++; i == len(path) {
				return "the path ends in a backslash"
			}
			start = false
		case '"':
			end := closingQuote(path, i)
			if end < 0 {
				return "a quotation mark is not closed"
			}
			i, start = end, false
		case '(', '[', '{':
			open = append(open, map[byte]byte{'(': ')', '[': ']', '{': '}'}[c])
			start = true
		case ')', ']', '}':
			if len(open) == 0 || open[len(open)-1] != c {
				return "the brackets are not balanced"
			}
			open, start = open[:len(open)-1], false
		case '.', '|':
			if start && len(open) == 0 {
				return "a part of the path is empty"
			}
			start = true
		case ',', ':':
			start = len(open) > 0
		case '@':
			if start {
				end := i + 1
				for end < len(path) && path[end]|0x20 >= 'a' && path[end]|0x20 <= 'z' {
					end++
				}
				if name := path[i+1 : end]; !slices.Contains(modifiers, name) {
					return "unknown modifier @" + name
				}
				i = end - 1
			}
			start = false
		case '!':
			if start && !inQuery {
				return "a path can't hold a literal (!)"
			}
			start = false
		default:
			start = false
		}
	}
	switch {
	case len(open) > 0:
		return "the brackets are not balanced"
	case start:
		return "a part of the path is empty"
	}
	return ""
}

func closingQuote(s string, i int) int {
	for i++; i < len(s); i++ {
		switch s[i] {
		case '\\':
			i++
		case '"':
			return i
		}
	}
	return -1
}
