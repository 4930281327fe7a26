package pattern_test

import (
	"encoding/json"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// The model is the definition in EventBridge's own terms: an event is a list of
// fields, each a path, a value and its place in the arrays above it; a pattern is
// judged path by path in sorted order, and no two fields of a match may lie in
// different elements of one array. It is slow and sees small events only.

type modelField struct {
	path   string
	value  any
	places map[int]int // array -> element
}

func flatten(fields []modelField, v any, path string, places map[int]int, arrays *int) []modelField {
	switch v := v.(type) {
	case map[string]any:
		for key, value := range v {
			fields = flatten(fields, value, strings.TrimPrefix(path+"."+key, "."), places, arrays)
		}
	case []any:
		*arrays++
		array := *arrays
		for i, item := range v {
			inner := places
			switch item.(type) {
			case map[string]any, []any:
				inner = map[int]int{array: i}
				for a, e := range places {
					inner[a] = e
				}
			}
			fields = flatten(fields, item, path, inner, arrays)
		}
	default:
		fields = append(fields, modelField{path, v, places})
	}
	return fields
}

// consistent merges two places, or reports that they exclude each other.
func consistent(a, b map[int]int) (map[int]int, bool) {
	both := map[int]int{}
	for array, element := range a {
		both[array] = element
	}
	for array, element := range b {
		if other, ok := both[array]; ok && other != element {
			return nil, false
		}
		both[array] = element
	}
	return both, true
}

// modelMatch judges the paths from the i-th on. A wanted value of nil is "exists": false.
func modelMatch(paths []string, wanted map[string]any, fields []modelField, i int, places map[int]int) bool {
	if i == len(paths) {
		return true
	}
	want := wanted[paths[i]]
	absent := true
	for _, f := range fields {
		merged, ok := consistent(places, f.places)
		if f.path != paths[i] || !ok {
			continue
		}
		absent = false
		if want != nil && f.value == want && modelMatch(paths, wanted, fields, i+1, merged) {
			return true
		}
	}
	return want == nil && absent && modelMatch(paths, wanted, fields, i+1, places)
}

func TestMatchAgainstModel(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(1, 2))
	keys := []string{"a", "b", "c"}
	var value func(depth int) any
	value = func(depth int) any {
		kind := random.IntN(6)
		switch {
		case depth == 0 || kind < 1:
			return float64(random.IntN(2) + 1)
		case kind < 4:
			object := map[string]any{}
			for range random.IntN(4) {
				object[keys[random.IntN(len(keys))]] = value(depth - 1)
			}
			return object
		default:
			array := make([]any, random.IntN(4))
			for i := range array {
				array[i] = value(depth - 1)
			}
			return array
		}
	}
	const rounds = 30000
	matched := 0
	for range rounds {
		event := map[string]any{"a": value(4), "b": value(3)}
		wanted, pattern := map[string]any{}, map[string]any{}
		for range random.IntN(3) + 1 {
			path := []string{keys[random.IntN(2)]}
			for random.IntN(3) > 0 && len(path) < 3 {
				path = append(path, keys[random.IntN(len(keys))])
			}
			at, free := pattern, true
			for _, key := range path[:len(path)-1] {
				next, ok := at[key].(map[string]any)
				if at[key] != nil && !ok {
					free = false
					break
				}
				if !ok {
					next = map[string]any{}
					at[key] = next
				}
				at = next
			}
			last := path[len(path)-1]
			if !free || at[last] != nil {
				continue
			}
			if random.IntN(3) == 0 {
				at[last] = []any{map[string]any{"exists": false}}
				wanted[strings.Join(path, ".")] = nil
			} else {
				n := float64(random.IntN(2) + 1)
				at[last] = []any{n}
				wanted[strings.Join(path, ".")] = n
			}
		}
		if len(wanted) == 0 {
			continue
		}
		var paths []string
		for path := range wanted {
			paths = append(paths, path)
		}
		slices.Sort(paths)
		arrays := 0
		want := modelMatch(paths, wanted, flatten(nil, event, "", nil, &arrays), 0, nil)
		text, _ := json.Marshal(prune(pattern))
		data, _ := json.Marshal(event)
		if got := mustParse(t, string(text)).Match(string(data)); got != want {
			t.Fatalf("pattern %s, event %s: Match = %v, the model says %v", text, data, got, want)
		}
		if want {
			matched++
		}
	}
	if matched < rounds/20 || matched > rounds*19/20 {
		t.Errorf("%d of %d rounds match: the generator is one-sided", matched, rounds)
	}
}

// prune takes away objects that were begun and stayed empty.
func prune(object map[string]any) map[string]any {
	for key, value := range object {
		if inner, ok := value.(map[string]any); ok && len(prune(inner)) == 0 {
			delete(object, key)
		}
	}
	return object
}
