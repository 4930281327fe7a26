package rules

import (
	"strings"

	"github.com/tidwall/gjson"

	"vpnattach/shared/core/attachment"
	"vpnattach/shared/core/finding"
	"vpnattach/shared/core/rules/pattern"
)

// remedy is what to do about a path that finds nothing: in words, and as what to write
// where a path of the event is most likely meant.
type remedy struct {
	hint string
	fix  finding.Fix
}

// meantPath is the remedy that names another path.
func meantPath(say, path, end string) remedy {
	return remedy{say + pattern.Quote(path) + end, finding.Fix{Value: string(gjson.AppendJSONString(nil, path))}}
}

// near says which path was most likely meant by one that finds nothing, or what the
// event has where it ends; it is empty when it can't be said.
func (a *applier) near(q *query) remedy {
	text := a.element
	if q.whole {
		text = a.Text
	}
	prefix := ""
	if q.whole {
		prefix = "$."
	}
	meant, has := nearPath(text, q.path)
	switch {
	case meant != "":
		return meantPath("did you mean ", prefix+meant, "?")
	case !q.whole && a.index >= 0 && gjson.Get(a.Text, q.path).Exists():
		return meantPath("it is outside of the element: write ", "$."+q.path, "")
	case has != "":
		return remedy{hint: has + `; end the path in "?" if the value may be absent`}
	}
	return remedy{}
}

// nearPath walks the plain beginning of a path until a name is not there. It returns the
// path with the nearest names that are, if that finds something; else what is there.
func nearPath(text, path string) (meant, has string) {
	at, walked := gjson.Parse(text), ""
	parts := plainParts(path)
	for i, part := range parts {
		key := gjson.Escape(part)
		if next := at.Get(key); next.Exists() {
			at, walked = next, join(walked, key)
			continue
		}
		rest := path[lengthOf(parts[:i+1]):]
		if at.Type == gjson.String && gjson.Valid(at.Str) && strings.ContainsAny(at.Str, "{[") {
			if meant = walked + ".@fromstr." + key + rest; gjson.Get(text, meant).Exists() {
				return meant, ""
			}
		}
		if near := attachment.NearestOf(part, keysOf(at)); near != "" && near != part {
			meant = join(walked, gjson.Escape(near)) + rest
			if gjson.Get(text, meant).Exists() {
				return meant, ""
			}
			if deeper, _ := nearPath(text, meant); deeper != "" {
				return deeper, ""
			}
		}
		return "", whatIs(at, walked)
	}
	if at.Type == gjson.Null && walked != "" {
		return "", walked + " is null"
	}
	return "", ""
}

// plainParts returns the names at the beginning of a path that only name keys.
func plainParts(path string) (parts []string) {
	for rest := path; ; {
		part, more, found := strings.Cut(rest, ".")
		if part == "" || strings.ContainsAny(part, `\*?|#@!{}[]()=<>%"~:`) {
			return parts
		}
		parts = append(parts, part)
		if !found {
			return parts
		}
		rest = more
	}
}

// lengthOf returns how long the parts are as the beginning of a path.
func lengthOf(parts []string) int { return len(strings.Join(parts, ".")) }

func keysOf(v gjson.Result) (keys []string) {
	if !v.IsObject() {
		return nil
	}
	v.ForEach(func(key, _ gjson.Result) bool {
		keys = append(keys, key.Str)
		return len(keys) < 1000
	})
	return keys
}

// whatIs says what an event has at a path, in the names of members, never in values.
func whatIs(v gjson.Result, path string) string {
	if path == "" {
		path = "the event"
	}
	if !v.IsObject() {
		return path + " is " + pattern.TypeName(v)
	}
	keys := keysOf(v)
	more := ""
	if len(keys) > 8 {
		keys, more = keys[:8], ", …"
	}
	for i, key := range keys {
		keys[i] = finding.Name(key)
	}
	if len(keys) == 0 {
		return path + " is empty"
	}
	return path + " has " + strings.Join(keys, ", ") + more
}
