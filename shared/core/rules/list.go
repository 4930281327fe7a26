package rules

import (
	"strconv"
	"strings"

	"github.com/tidwall/gjson"

	"vpnattach/shared/core/finding"
	"vpnattach/shared/core/rules/pattern"
)

// listing is a path that gathers a value of each element of a list, such as
// networks.#.prefix. gjson leaves out the elements that lack the value, so that a list
// would come out shorter than it is.
type listing struct {
	list string   // path of the list: "networks"
	item string   // path of the value within an element: "prefix"
	next *listing // of item, if that gathers, too
}

// gathers reads a path that is one of a listing; nil for any other.
func gathers(path string) *listing {
	start, depth := 0, 0
	for i := 0; i < len(path); i++ {
		switch path[i] {
		case '\\':
			i++
		case '"':
			if i = closingQuote(path, i); i < 0 {
				return nil
			}
		case '(', '[', '{':
			depth++
		case ')', ']', '}':
			depth--
		case '.', '|':
			if depth > 0 {
				continue
			}
			before, part := strings.TrimRight(path[:start], ".|"), path[start:i]
			if path[i] == '.' && (part == "#" || strings.HasPrefix(part, "#(") && strings.HasSuffix(part, ")#")) {
				l := &listing{list: path[:i], item: path[i+1:]}
				if part == "#" {
					l.list = before
				}
				if l.list == "" {
					l.list = "@this"
				}
				if end := topLevel(l.item, '|'); end >= 0 { // what follows is of the whole list
					l.item = l.item[:end]
				}
				l.next = gathers(l.item)
				return l
			}
			start = i + 1
		}
	}
	return nil
}

// topLevel returns where the byte first is outside of quotes and brackets, or -1.
func topLevel(path string, c byte) int {
	depth := 0
	for i := 0; i < len(path); i++ {
		switch path[i] {
		case '\\':
			i++
		case '"':
			if i = closingQuote(path, i); i < 0 {
				return -1
			}
		case '(', '[', '{':
			depth++
		case ')', ']', '}':
			depth--
		case c:
			if depth == 0 {
				return i
			}
		}
	}
	return -1
}

// hole names the first element that lacks the value, or has null or empty text for it;
// "" when there is none.
func (l *listing) hole(text string) (where string) {
	i, list := 0, gjson.Get(text, l.list)
	if !list.IsArray() {
		return ""
	}
	list.ForEach(func(_, element gjson.Result) bool {
		v := gjson.Get(element.Raw, l.item)
		switch {
		case v.Type == gjson.Null || v.Raw == `""`:
			where = "element " + strconv.Itoa(i)
		case l.next != nil:
			if inner := l.next.hole(element.Raw); inner != "" {
				where = "element " + strconv.Itoa(i) + ", " + inner
			}
		}
		i++
		return where == ""
	})
	return where
}

var listHasHole = finding.Declare(finding.Check{
	ID: "list-has-hole", Severity: finding.Error, Part: finding.RuleMatch,
	Title: "An element of a list lacks the value that a path gathers, so the list would be too short.",
	Why:   "A path such as networks.#.prefix passes over elements without a prefix. A list of networks that lacks one takes that network off the tunnel.",
	Hint:  "have the event name the value in each element, or choose the elements that have it",
	Ref:   refPath,
})

// hole adds that a list has a hole, with the path that chooses the elements without one.
func (a *applier) hole(q *query, v *found, path string) {
	hint := ""
	if l := q.list; l.next == nil && !strings.HasSuffix(l.list, "#") && l.list != "@this" && strings.IndexFunc(l.item, notInName) < 0 {
		hint = "have the event name " + l.item + " in each element, or choose the elements that have it: " + l.list + `.#(` + l.item + `!="")#.` + l.item
	}
	a.addHinted(listHasHole, path, "the path "+pattern.Quote(q.text)+" finds nothing in "+v.hole, remedy{hint: hint})
}
