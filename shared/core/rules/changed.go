package rules

import (
	"strconv"

	"github.com/tidwall/gjson"

	"vpnattach/shared/core/rules/pattern"
)

// changed is the comparison of an object as it was with the object as it is, such as
// NetBox's snapshots.prechange and snapshots.postchange.
type changed struct {
	before, after *query
	fields        []*query // within both; nil: all
}

var changedKeys = []string{"before", "after", "fields"}

func (l *loader) changed(v gjson.Result, path string) *changed {
	if !v.IsObject() {
		l.wrongType(path, `an object with the paths "before" and "after"`, v)
		return nil
	}
	var c changed
	l.members(v, path, changedKeys, func(key string, value gjson.Result, at string) {
		switch key {
		case "before":
			c.before = l.query(value, at)
		case "after":
			c.after = l.query(value, at)
		case "fields":
			if !value.IsArray() || len(value.Array()) == 0 {
				l.wrongType(at, "an array with at least one path", value)
				return
			}
			for i, item := range value.Array() {
				if q := l.query(item, at+"["+strconv.Itoa(i)+"]"); q != nil {
					c.fields = append(c.fields, q)
				}
			}
		}
	})
	for _, key := range changedKeys[:2] {
		if !v.Get(key).Exists() {
			l.add(incomplete, path, path+" has no "+key, `name the object before and after the change: {"before": "snapshots.prechange", "after": "snapshots.postchange"}`)
		}
	}
	return &c
}

// look reads a path, null included; from the whole event once for all elements.
func (f *finder) look(q *query, element string) gjson.Result {
	if !q.whole {
		return gjson.Get(element, q.path)
	}
	v, known := f.seen[q]
	if !known {
		v = gjson.Get(f.event, q.path)
		if f.seen == nil {
			f.seen = map[*query]gjson.Result{}
		}
		f.seen[q] = v
	}
	return v
}

// whole reports whether both sides are of the whole event, and so the same for each of
// its elements.
func (c *changed) whole() bool { return c.before.whole && c.after.whole }

// changed reports whether the event, or its element, tells of a change. What neither
// side has is an error: a path that is misspelt would never tell of one.
func (a *applier) changed(c *changed) bool {
	before, after := a.look(c.before, a.element), a.look(c.after, a.element)
	if !before.Exists() && !after.Exists() && !(c.before.optional && c.after.optional) {
		a.findsNothing(c.before, ".changed.before", "changed, and nor does "+pattern.Quote(c.after.text))
		return false
	}
	if len(c.fields) == 0 {
		return !same(before, after, 0)
	}
	differs := false
	for i, q := range c.fields {
		was, is := before.Get(q.path), after.Get(q.path)
		if !was.Exists() && !is.Exists() && !q.optional && !a.findings.Full(pathFindsNothing) {
			a.addHinted(pathFindsNothing, ".changed.fields["+strconv.Itoa(i)+"]", "the path "+pattern.Quote(q.text)+" finds nothing before or after the change", nearIn(q, after, before))
		}
		differs = differs || !same(was, is, 0)
	}
	return differs
}

func nearIn(q *query, sides ...gjson.Result) (r remedy) {
	for _, side := range sides {
		meant, has := nearPath(side.Raw, q.path)
		if meant != "" {
			return meantPath("did you mean ", meant, "?")
		}
		if r.hint == "" && side.IsObject() {
			r.hint = has
		}
	}
	return r
}

// unchanged says in words that nothing differs.
func (c *changed) unchanged() string {
	says := "wants a difference between " + pattern.Quote(c.before.text) + " and " + pattern.Quote(c.after.text)
	for i, q := range c.fields {
		if i == 0 {
			says += " in "
		} else {
			says += " or "
		}
		says += pattern.Quote(q.text)
	}
	return says + ", but the event has the same in both"
}

// maxSame is how deep values are compared; deeper ones count as different.
const maxSame = 64

// same reports whether two values mean the same as JSON: the order of keys does not
// count, and nothing is null.
func same(a, b gjson.Result, depth int) bool {
	switch {
	case a.Type != b.Type || depth > maxSame:
		return false
	case a.Type == gjson.Null:
		return true
	case a.Type == gjson.String:
		return a.Str == b.Str
	case a.Type != gjson.JSON || a.Raw == b.Raw:
		return a.Raw == b.Raw || a.Type == gjson.Number && a.Num == b.Num && len(a.Raw) < 16 && len(b.Raw) < 16
	case a.IsArray() && b.IsArray():
		one, other := a.Array(), b.Array()
		equal := len(one) == len(other)
		for i := 0; equal && i < len(one); i++ {
			equal = same(one[i], other[i], depth+1)
		}
		return equal
	case a.IsObject() && b.IsObject():
		one, other := sorted(a), sorted(b)
		for i, j := 0, 0; ; i, j = i+1, j+1 {
			i, j = one.next(i), other.next(j)
			if i == len(one.order) || j == len(other.order) {
				return i == len(one.order) && j == len(other.order)
			}
			x, y := one.order[i], other.order[j]
			if one.keys[x] != other.keys[y] || !same(one.values[x], other.values[y], depth+1) {
				return false
			}
		}
	}
	return false
}

// next returns the first place from i on in the order of keys that has a value. Of equal
// keys the first counts, as it does for paths.
func (m *sortedMembers) next(i int) int {
	for ; i < len(m.order); i++ {
		repeated := i > 0 && m.keys[m.order[i]] == m.keys[m.order[i-1]]
		if !repeated && m.values[m.order[i]].Type != gjson.Null {
			break
		}
	}
	return i
}
