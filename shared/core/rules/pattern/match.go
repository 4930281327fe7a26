package pattern

import "github.com/tidwall/gjson"

// maxArrays is how deep arrays of the event may lie in arrays before the search
// goes no further; it keeps the stack small whatever an event holds.
const maxArrays = 64

// Pattern is a parsed event pattern. It doesn't change; any number of goroutines may
// use it.
type Pattern struct {
	alternatives [][]*leaf // the pattern without "$or": one of these must hold
	trees        []*node   // the same as trees
}

// leaf is one field of the pattern with its conditions.
type leaf struct {
	order      int      // its place in the text of the pattern
	path       string   // where it is in the text of the pattern
	keys       []string // where its value is in the event
	text       string   // the array of conditions as written
	absent     bool     // there must be no value; else one of conditions must hold
	conditions []condition
}

// node is one level of a pattern: the conditions on the value itself, and on what
// lies below its keys.
type node struct {
	here   []*leaf
	fields []field
	wanted bool       // something below fields must be there
	early  [][]string // paths below fields that no element of an array may have
}

type field struct {
	key  string
	node *node
}

// Match reports whether the event, a JSON object, matches. The event must be valid
// JSON; of anything else the answer means nothing. Match allocates nothing, strings
// with escapes excepted.
func (p *Pattern) Match(event string) bool {
	v := gjson.Parse(event)
	if !v.IsObject() {
		return false
	}
	for _, tree := range p.trees {
		if tree.below(v, 0) {
			return true
		}
	}
	return false
}

// match judges v, which may be missing, by the conditions on it and below it.
func (n *node) match(v gjson.Result, depth int) bool {
	for _, l := range n.here {
		if !l.holds(v, depth) {
			return false
		}
	}
	return len(n.fields) == 0 || n.below(v, depth)
}

// below judges v by the fields of n alone.
func (n *node) below(v gjson.Result, depth int) bool {
	switch {
	case v.IsObject():
		return n.object(v, depth)
	case v.IsArray() && depth < maxArrays:
		for _, keys := range n.early {
			if occurs(v, keys, depth) {
				return false
			}
		}
		if !n.wanted {
			return true
		}
		found := false
		v.ForEach(func(_, element gjson.Result) bool {
			found = element.Type == gjson.JSON && n.below(element, depth+1)
			return !found
		})
		return found
	}
	return !n.wanted
}

// object walks the object v once and judges each field of n that it has, then
// those that it has not.
func (n *node) object(v gjson.Result, depth int) bool {
	var few [32]bool
	seen := few[:]
	if len(n.fields) > len(few) {
		seen = make([]bool, len(n.fields))
	}
	left, ok := len(n.fields), true
	v.ForEach(func(key, value gjson.Result) bool {
		for i := range n.fields {
			if !seen[i] && n.fields[i].key == key.Str {
				seen[i] = true
				left--
				ok = n.fields[i].node.match(value, depth)
				break
			}
		}
		return ok && left > 0
	})
	for i := 0; ok && left > 0 && i < len(n.fields); i++ {
		ok = seen[i] || n.fields[i].node.match(gjson.Result{}, depth)
	}
	return ok
}

// holds reports whether v, or a plain value in the array v, fulfils the leaf.
func (l *leaf) holds(v gjson.Result, depth int) bool {
	if l.absent {
		return !hasValue(v, depth)
	}
	if v.Type != gjson.JSON {
		if v.Raw == "" {
			return false
		}
		for i := range l.conditions {
			if l.conditions[i].holds(v) {
				return true
			}
		}
		return false
	}
	found := false
	if v.IsArray() && depth < maxArrays {
		v.ForEach(func(_, element gjson.Result) bool {
			found = l.holds(element, depth+1)
			return !found
		})
	}
	return found
}

// hasValue reports whether v is a plain value or an array with one.
func hasValue(v gjson.Result, depth int) bool {
	if v.Type != gjson.JSON {
		return v.Raw != ""
	}
	found := false
	if v.IsArray() && depth < maxArrays {
		v.ForEach(func(_, element gjson.Result) bool {
			found = hasValue(element, depth+1)
			return !found
		})
	}
	return found
}

// occurs reports whether there is a plain value at the path, in any element of the
// arrays on the way.
func occurs(v gjson.Result, keys []string, depth int) bool {
	if len(keys) == 0 {
		return hasValue(v, depth)
	}
	found := false
	switch {
	case v.IsObject():
		v.ForEach(func(key, value gjson.Result) bool {
			if key.Str != keys[0] {
				return true
			}
			found = occurs(value, keys[1:], depth)
			return false
		})
	case v.IsArray() && depth < maxArrays:
		v.ForEach(func(_, element gjson.Result) bool {
			found = element.Type == gjson.JSON && occurs(element, keys, depth+1)
			return !found
		})
	}
	return found
}

// tree arranges leaves, all of which must hold, by their keys.
func tree(leaves []*leaf) *node {
	root := &node{}
	for _, l := range leaves {
		n := root
		for _, key := range l.keys {
			n = n.child(key)
		}
		n.here = append(n.here, l)
	}
	root.settle()
	return root
}

func (n *node) child(key string) *node {
	for i := range n.fields {
		if n.fields[i].key == key {
			return n.fields[i].node
		}
	}
	child := &node{}
	n.fields = append(n.fields, field{key, child})
	return child
}

// settle fills wanted and early of n and of the nodes below, and returns the paths
// below n's own place that must be there and that must not, its own place included
// as the empty path.
func (n *node) settle() (present, absent [][]string) {
	for _, f := range n.fields {
		fieldPresent, fieldAbsent := f.node.settle()
		present = append(present, prefixed(f.key, fieldPresent)...)
		absent = append(absent, prefixed(f.key, fieldAbsent)...)
	}
	n.wanted = len(present) > 0
	for _, path := range absent {
		if !anyBefore(present, path) {
			n.early = append(n.early, path)
		}
	}
	for _, l := range n.here {
		if l.absent {
			absent = append(absent, nil)
		} else {
			present = append(present, nil)
		}
	}
	return present, absent
}

func prefixed(key string, paths [][]string) [][]string {
	for i, path := range paths {
		paths[i] = append([]string{key}, path...)
	}
	return paths
}
