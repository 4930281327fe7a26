package pattern_test

import (
	"strings"
	"testing"

	"vpnattach/shared/core/rules/pattern"
)

// running is an event with a value of each kind.
const running = `{
	"version": "0", "id": "1f8e", "detail-type": "Instance State Changed", "source": "com.example.compute",
	"account": "123456789012", "time": "2026-10-02T16:24:49Z", "region": "eu-central-1",
	"resources": ["arn:aws:ec2:eu-central-1:123456789012:instance/i-0a", "arn:aws:ec2:eu-central-1:123456789012:instance/i-0b"],
	"detail": {"c-count": 5, "d-count": 3, "x-limit": 301.8, "source-ip": "10.0.0.33", "source-ip6": "2001:db8::5",
		"instance-id": "i-0a1234", "state": "running", "ok": true, "empty": "", "none": null, "nothing": [], "hollow": {},
		"file": "C:\\dir\\a*b.PNG", "name": "Grüße", "account": 123456789012345678,
		"tags": ["blue", 7, null], "deep": [[["x"], "y"]]}
}`

func mustParse(tb testing.TB, text string) *pattern.Pattern {
	tb.Helper()
	p, problems := pattern.Parse(text)
	if len(problems) > 0 {
		tb.Fatalf("Parse(%s): %+v", text, problems)
	}
	return p
}

func TestMatch(t *testing.T) {
	t.Parallel()
	tests := []struct {
		pattern string
		want    bool
	}{
		// Exact values, several values, several fields.
		{`{"source": ["com.example.compute"]}`, true},
		{`{"source": ["com.example.Compute"]}`, false},
		{`{"source": ["other", "com.example.compute"], "region": ["eu-central-1"]}`, true},
		{`{"source": ["com.example.compute"], "region": ["eu-west-1"]}`, false},
		{`{"source": ["com.example.compute"], "absent": ["x"]}`, false},
		{`{"detail": {"state": ["initializing", "running"], "ok": [true]}}`, true},
		{`{"detail": {"ok": [false, "true"]}}`, false},
		{`{"detail": {"empty": [""]}}`, true},
		{`{"detail": {"none": [""]}}`, false},
		{`{"detail": {"none": [null]}}`, true},
		{`{"detail": {"empty": [null]}}`, false},
		{`{"detail": {"file": ["C:\\dir\\a*b.PNG"]}}`, true},
		{`{"detail": {"state": {"sub": ["running"]}}}`, false},
		{`{"detail": ["running"]}`, false},
		{`{"detail.state": ["running"]}`, false},

		// Numbers go by value; those that a double doesn't hold, by spelling.
		{`{"detail": {"c-count": [5]}}`, true},
		{`{"detail": {"c-count": [5.0]}}`, true},
		{`{"detail": {"c-count": [0.5e1]}}`, true},
		{`{"detail": {"c-count": ["5"]}}`, false},
		{`{"detail": {"account": [123456789012345678]}}`, true},
		{`{"detail": {"account": [123456789012345677]}}`, false},
		{`{"account": [123456789012]}`, false},

		// Arrays of plain values.
		{`{"resources": ["arn:aws:ec2:eu-central-1:123456789012:instance/i-0b", "z"]}`, true},
		{`{"resources": ["z"]}`, false},
		{`{"detail": {"tags": [7]}}`, true},
		{`{"detail": {"tags": [null]}}`, true},
		{`{"detail": {"tags": [8]}}`, false},
		{`{"detail": {"deep": ["x"]}}`, true},
		{`{"detail": {"nothing": ["x"]}}`, false},

		{`{"time": [{"prefix": "2026-10-02"}]}`, true},
		{`{"time": [{"prefix": "2026-10-03"}]}`, false},
		{`{"time": [{"prefix": ""}]}`, true},
		{`{"detail": {"c-count": [{"prefix": ""}]}}`, false},
		{`{"source": [{"prefix": {"equals-ignore-case": "COM.Example"}}]}`, true},
		{`{"detail": {"name": [{"prefix": {"equals-ignore-case": "gRÜß"}}]}}`, true},
		{`{"detail": {"name": [{"prefix": {"equals-ignore-case": "Grüßen"}}]}}`, false},
		{`{"detail": {"file": [{"suffix": ".PNG"}]}}`, true},
		{`{"detail": {"file": [{"suffix": ".png"}]}}`, false},
		{`{"detail": {"file": [{"suffix": {"equals-ignore-case": ".png"}}]}}`, true},
		{`{"detail": {"name": [{"suffix": {"equals-ignore-case": "ÜßE"}}]}}`, true},
		{`{"detail": {"empty": [{"suffix": {"equals-ignore-case": "x"}}]}}`, false},
		{`{"detail": {"state": [{"equals-ignore-case": "RUNning"}]}}`, true},
		{`{"detail": {"state": [{"equals-ignore-case": "RUNnin"}]}}`, false},
		{`{"detail": {"name": [{"equals-ignore-case": "GRÜßE"}]}}`, true},

		{`{"source": [{"wildcard": "com.*.compute"}]}`, true},
		{`{"source": [{"wildcard": "*"}]}`, true},
		{`{"source": [{"wildcard": "com*example*pute"}]}`, true},
		{`{"source": [{"wildcard": "com.example.compute"}]}`, true},
		{`{"source": [{"wildcard": "com.example.compute*"}]}`, true},
		{`{"source": [{"wildcard": "com.*.comput"}]}`, false},
		{`{"source": [{"wildcard": "com.example.compute*e"}]}`, false},
		{`{"source": [{"wildcard": "*example*example*"}]}`, false},
		{`{"detail": {"file": [{"wildcard": "C:\\\\dir\\\\*\\**.PNG"}]}}`, true},
		{`{"detail": {"file": [{"wildcard": "C:\\\\dir\\\\b\\**"}]}}`, false},
		{`{"detail": {"c-count": [{"wildcard": "*"}]}}`, false},

		// anything-but needs a value.
		{`{"detail": {"state": [{"anything-but": "initializing"}]}}`, true},
		{`{"detail": {"state": [{"anything-but": "running"}]}}`, false},
		{`{"detail": {"state": [{"anything-but": ["stopped", "running"]}]}}`, false},
		{`{"detail": {"state": [{"anything-but": ["stopped", "overloaded"]}]}}`, true},
		{`{"detail": {"x-limit": [{"anything-but": 123}]}}`, true},
		{`{"detail": {"x-limit": [{"anything-but": 3.018e2}]}}`, false},
		{`{"detail": {"x-limit": [{"anything-but": [100, 301.80]}]}}`, false},
		{`{"detail": {"x-limit": [{"anything-but": "301.8"}]}}`, true},
		{`{"detail": {"state": [{"anything-but": 5}]}}`, true},
		{`{"detail": {"missing": [{"anything-but": "x"}]}}`, false},
		{`{"detail": {"tags": [{"anything-but": "blue"}]}}`, true},
		{`{"detail": {"state": [{"anything-but": {"prefix": "init"}}]}}`, true},
		{`{"detail": {"state": [{"anything-but": {"prefix": ["init", "run"]}}]}}`, false},
		{`{"detail": {"instance-id": [{"anything-but": {"suffix": "1234"}}]}}`, false},
		{`{"detail": {"instance-id": [{"anything-but": {"suffix": ["12", "6789"]}}]}}`, true},
		{`{"detail": {"state": [{"anything-but": {"equals-ignore-case": "RUNNING"}}]}}`, false},
		{`{"detail": {"state": [{"anything-but": {"equals-ignore-case": ["Stopped", "OverLoaded"]}}]}}`, true},
		{`{"detail": {"state": [{"anything-but": {"wildcard": "r*g"}}]}}`, false},
		{`{"detail": {"state": [{"anything-but": {"wildcard": ["*/bin/*.jar", "*/bin/*.class"]}}]}}`, true},

		{`{"detail": {"c-count": [{"numeric": [">", 0, "<=", 5]}], "d-count": [{"numeric": ["<", 10]}], "x-limit": [{"numeric": ["=", 3.018e2]}]}}`, true},
		{`{"detail": {"c-count": [{"numeric": [">", 0, "<", 5]}]}}`, false},
		{`{"detail": {"c-count": [{"numeric": [">", 5]}]}}`, false},
		{`{"detail": {"c-count": [{"numeric": [">=", 5]}]}}`, true},
		{`{"detail": {"c-count": [{"numeric": ["<=", 4.999999]}]}}`, false},
		{`{"detail": {"c-count": [{"numeric": [">=", -5e9, "<", 5000000000]}]}}`, true},
		{`{"detail": {"state": [{"numeric": [">", 0]}]}}`, false},

		{`{"detail": {"source-ip": [{"cidr": "10.0.0.0/24"}]}}`, true},
		{`{"detail": {"source-ip": [{"cidr": "10.0.0.99/24"}]}}`, true},
		{`{"detail": {"source-ip": [{"cidr": "10.0.1.0/24"}]}}`, false},
		{`{"detail": {"source-ip": [{"cidr": "0.0.0.0/0"}]}}`, true},
		{`{"detail": {"source-ip": [{"cidr": "::/0"}]}}`, false},
		{`{"detail": {"source-ip6": [{"cidr": "2001:db8::/32"}]}}`, true},
		{`{"detail": {"source-ip6": [{"cidr": "2001:db9::/32"}]}}`, false},
		{`{"detail": {"state": [{"cidr": "10.0.0.0/24"}], "ok": [true]}}`, false},

		{`{"detail": {"c-count": [{"exists": true}]}}`, true},
		{`{"detail": {"c-count": [{"exists": false}]}}`, false},
		{`{"detail": {"missing": [{"exists": false}]}}`, true},
		{`{"detail": {"missing": [{"exists": true}]}}`, false},
		{`{"detail": {"none": [{"exists": true}]}}`, true},
		{`{"detail": [{"exists": false}]}`, true}, // an object is not a leaf
		{`{"detail": [{"exists": true}]}`, false},
		{`{"detail": {"nothing": [{"exists": false}], "hollow": [{"exists": false}]}}`, true},
		{`{"a": {"b": {"c": [{"exists": false}]}}}`, true},
		{`{"source": {"sub": [{"exists": false}]}}`, true},
		{`{"detail": {"state": [{"exists": false}, "running"]}}`, true},
		{`{"detail": {"missing": [{"exists": false}, "running"]}}`, true},
		{`{"detail": {"state": [{"exists": false}, "stopped"]}}`, false},

		// Conditions in one array are alternatives.
		{`{"detail": {"state": [{"prefix": "x"}, {"suffix": "ing"}, "y"]}}`, true},
		{`{"detail": {"c-count": [{"numeric": ["<", 1]}, {"numeric": [">", 4]}]}}`, true},

		{`{"source": ["com.example.compute"], "$or": [{"region": ["eu-west-1"]}, {"detail": {"state": ["running"]}}]}`, true},
		{`{"source": ["com.example.compute"], "$or": [{"region": ["eu-west-1"]}, {"detail": {"state": ["stopped"]}}]}`, false},
		{`{"source": ["other"], "$or": [{"region": ["eu-central-1"]}, {"detail": {"state": ["running"]}}]}`, false},
		{`{"detail": {"$or": [{"c-count": [{"numeric": [">", 5]}]}, {"d-count": [{"numeric": ["<", 10]}]}, {"x-limit": [{"numeric": ["=", 3.018e2]}]}]}}`, true},
		{`{"$or": [{"source": ["other"]}, {"region": ["eu-central-1"], "$or": [{"account": ["1"]}, {"id": ["1f8e"]}]}]}`, true},
		{`{"$or": [{"source": ["other"]}, {"region": ["eu-central-1"], "$or": [{"account": ["1"]}, {"id": ["2"]}]}]}`, false},
		{`{"$or": [{"source": ["com.example.compute"]}, {"region": ["x"]}], "detail": {"$or": [{"ok": [false]}, {"state": ["running"]}]}}`, true},
	}
	for _, tt := range tests {
		t.Run(tt.pattern, func(t *testing.T) {
			t.Parallel()
			p := mustParse(t, tt.pattern)
			if got := p.Match(running); got != tt.want {
				t.Errorf("Match = %v, want %v", got, tt.want)
			}
			if path, reason := p.Mismatch(running); (reason == "") != tt.want {
				t.Errorf("Mismatch = %q, %q, but Match = %v", path, reason, tt.want)
			}
		})
	}
}

func TestMatchArraysOfObjects(t *testing.T) {
	t.Parallel()
	const people = `{"staff": [{"first": "Ada", "last": "Lind"}, {"first": "Bo", "last": "Maier"}]}`
	tests := []struct {
		name, pattern, event string
		want                 bool
	}{
		{"any element", `{"staff": {"first": ["Bo"]}}`, people, true},
		{"same element", `{"staff": {"first": ["Bo"], "last": ["Maier"]}}`, people, true},
		{"different elements", `{"staff": {"first": ["Bo"], "last": ["Lind"]}}`, people, false},
		{"arrays in arrays", `{"staff": {"first": ["Bo"], "last": ["Maier"]}}`,
			`{"staff": [[{"first": "Ada"}], [{"first": "Bo", "last": "Lind"}, {"first": "Bo", "last": "Maier"}]]}`, true},
		{"different arrays in an array", `{"staff": {"first": ["Bo"], "last": ["Lind"]}}`,
			`{"staff": [[{"first": "Bo"}], [{"last": "Lind"}]]}`, false},
		{"inner arrays", `{"u": {"t": {"k": ["color"], "v": ["blue"]}}}`,
			`{"u": [{"t": [{"k": "size", "v": "blue"}, {"k": "color", "v": "red"}]}, {"t": [{"k": "color", "v": "blue"}]}]}`, true},
		{"inner arrays split", `{"u": {"t": {"k": ["color"], "v": ["blue"]}}}`,
			`{"u": [{"t": [{"k": "color"}]}, {"t": [{"v": "blue"}]}]}`, false},
		{"sibling arrays are free", `{"d": {"a": {"x": [1]}, "b": {"y": [2]}}}`,
			`{"d": {"a": [{"x": 0}, {"x": 1}], "b": [{"y": 2}]}}`, true},
		{"$or does not loosen the element", `{"d": {"a": [1]}, "$or": [{"d": {"b": [2]}}, {"e": [3]}]}`,
			`{"d": [{"a": 1}, {"b": 2}]}`, false},
		{"$or in the element", `{"d": {"a": [1], "$or": [{"b": [2]}, {"c": [3]}]}}`,
			`{"d": [{"a": 1}, {"a": 1, "c": 3}]}`, true},
		{"anything-but in the element", `{"u": {"s": [{"anything-but": "banned"}], "n": [{"exists": true}]}}`,
			`{"u": [{"n": "a", "s": "banned"}, {"n": "b", "s": "active"}]}`, true},
		{"mixed array", `{"a": {"b": [1]}}`, `{"a": ["x", {"b": 1}, 2]}`, true},
		{"value and object at one key", `{"a": ["x"], "$or": [{"a": {"b": [1]}}, {"c": [1]}]}`, `{"a": ["x", {"b": 1}]}`, true},
		{"empty array", `{"a": {"b": [{"exists": true}]}}`, `{"a": []}`, false},
		{"absent from an empty array", `{"a": {"b": [{"exists": false}]}}`, `{"a": []}`, true},
		{"absent from all elements", `{"a": {"b": [{"exists": false}]}}`, `{"a": [{"c": 1}, {"c": 2}]}`, true},
		{"absent from some elements", `{"a": {"b": [{"exists": false}]}}`, `{"a": [{"b": 1}, {"c": 2}]}`, false},
		{"absent, a sibling before chooses", `{"a": {"b": [1], "c": [{"exists": false}]}}`, `{"a": [{"c": 1}, {"b": 1}]}`, true},
		{"absent, a sibling after doesn't", `{"a": {"b": [{"exists": false}], "c": [1]}}`, `{"a": [{"b": 1}, {"c": 1}]}`, false},
		{"absent deeper", `{"a": {"b": {"x": [{"exists": false}]}}}`, `{"a": [{"b": {"y": 1}}, {"b": [{"x": [[]]}]}]}`, true},
		{"present deeper", `{"a": {"b": {"x": [{"exists": false}]}}}`, `{"a": [{"b": {"y": 1}}, {"b": [{"x": [[2]]}]}]}`, false},
		{"escaped key", `{"a\"b": {"c.d": [1]}}`, `{"a\u0022b": {"c.d": 1}}`, true},
		{"first of repeated keys", `{"a": [2]}`, `{"a": 1, "a": 2}`, false},
		{"no object", `{"a": [{"exists": false}]}`, `[{"a": 1}]`, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			p := mustParse(t, tt.pattern)
			if got := p.Match(tt.event); got != tt.want {
				t.Errorf("Match = %v, want %v", got, tt.want)
			}
			if path, reason := p.Mismatch(tt.event); (reason == "") != tt.want {
				t.Errorf("Mismatch = %q, %q, but Match = %v", path, reason, tt.want)
			}
		})
	}
}

func TestMatchManyFields(t *testing.T) {
	t.Parallel()
	var wanted, event strings.Builder
	for i := range 40 {
		key := `"k` + strings.Repeat("x", i) + `": `
		wanted.WriteString(key + `[1], `)
		event.WriteString(key + `1, `)
	}
	p := mustParse(t, "{"+wanted.String()+`"last": [1]}`)
	if !p.Match("{" + event.String() + `"last": 1}`) {
		t.Error("all fields present: no match")
	}
	if p.Match("{" + event.String() + `"other": 1}`) {
		t.Error("one field absent: match")
	}
}

func TestDeepEvent(t *testing.T) {
	t.Parallel()
	event := `{"a": ` + strings.Repeat("[", 5000) + `1` + strings.Repeat("]", 5000) + `}`
	if mustParse(t, `{"a": [1]}`).Match(event) {
		t.Error("a value below 5000 arrays is found")
	}
	if path, _ := mustParse(t, `{"a": {"b": [1]}}`).Mismatch(event); path != "a.b" {
		t.Errorf("Mismatch path = %q, want a.b", path)
	}
}

func TestMismatch(t *testing.T) {
	t.Parallel()
	tests := []struct{ pattern, path, reason string }{
		{`{"source": ["aws.ec2"], "region": ["x"]}`, "source", `wants ["aws.ec2"], but the event has "com.example.compute"`},
		{`{"source": ["com.example.compute"], "detail": {"state": [ {"prefix": "stop"} ]}}`, "detail.state",
			`wants [{"prefix":"stop"}], but the event has "running"`},
		{`{"detail": {"missing": ["x"]}}`, "detail.missing", `wants ["x"], but the event has nothing there`},
		{`{"detail": {"c-count": ["5"]}}`, "detail.c-count", `wants ["5"], but the event has a number`},
		{`{"detail": {"ok": ["true"]}}`, "detail.ok", `wants ["true"], but the event has true`},
		{`{"detail": {"hollow": [1]}}`, "detail.hollow", `wants [1], but the event has an object`},
		{`{"detail": {"tags": ["red"]}}`, "detail.tags", `wants ["red"], but the event has "blue" and a number and null`},
		{`{"detail": {"a.b": ["red"]}}`, `detail["a.b"]`, `wants ["red"], but the event has nothing there`},
		{`{"$or": [{"source": ["x"]}, {"region": ["eu-central-1"], "id": ["7"]}]}`, "$or[1].id", `wants ["7"], but the event has "1f8e"`},
		{`{"detail": {"c-count": [{"exists": false}]}}`, "detail.c-count", `wants [{"exists":false}], but the event has a number`},
	}
	for _, tt := range tests {
		t.Run(tt.pattern, func(t *testing.T) {
			t.Parallel()
			path, reason := mustParse(t, tt.pattern).Mismatch(running)
			if path != tt.path || reason != tt.reason {
				t.Errorf("got  %s: %s\nwant %s: %s", path, reason, tt.path, tt.reason)
			}
		})
	}
	_, reason := mustParse(t, `{"a": {"b": [1], "c": [2]}}`).Mismatch(`{"a": [{"b": 1}, {"c": 2}]}`)
	if want := "wants [2], which holds only in another element of the array than the fields before it"; reason != want {
		t.Errorf("got  %s\nwant %s", reason, want)
	}
	if _, reason := mustParse(t, `{"a": [1]}`).Mismatch(`7`); reason != "the event is not a JSON object" {
		t.Errorf("got %s", reason)
	}
	long := mustParse(t, `{"a": ["`+strings.Repeat("ü", 200)+`"]}`)
	if _, reason := long.Mismatch(`{}`); !strings.Contains(reason, "ü…") || len(reason) > 250 {
		t.Errorf("got %s", reason)
	}
}

// TestMismatchShows holds what is shown of an event's value beside what the pattern wants:
// what could be one of the pattern's, and never a key.
func TestMismatchShows(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ conditions, value, want string }{
		{`["RotationSucceeded"]`, `"RotationFailed"`, `has "RotationFailed"`},
		{`["active"]`, `"planned"`, `has "planned"`},
		{`["vpn/site-b", {"suffix": ":secret:vpn/site-b-Qm7RtX"}]`, `"arn:aws:secretsmanager:eu-central-1:123456789012:secret:other"`, "has a text of 61 characters"},
		{`[{"suffix": ":secret:vpn/site-b-Qm7RtX"}]`, `"vpn/site-b"`, `has "vpn/site-b"; the pattern wants an ARN, and the event has a name: list both in the pattern`},
		{`["arn:aws:sns:eu-central-1:1:topic"]`, `"arn:aws:sns:eu-central-1:1:topik"`, `has "arn:aws:sns:eu-central-1:1:topik"`},
		{`["Updated"]`, `"updated"`, `has "updated"; it differs in upper and lower case only`},
		{`[5, {"numeric": [">", 7]}]`, `6`, `has 6`},
		{`["5"]`, `6`, `has a number`},
		{`[5]`, `60000000000000000`, `has a number`},
		{`["active"]`, `"fYx3tQpL8sVw2NdKzR6mHb4c"`, "has a text of 24 characters"},
		{`["active"]`, `"correct horse battery"`, "has a text of 21 characters"},
		{`[{"anything-but": ["fYx3tQpL8sVw2NdK"]}]`, `"fYx3tQpL8sVw2NdK"`, `has "fYx3tQpL8sVw2NdK"`},
		{`[{"wildcard": "site-*-key"}]`, `"Tr0ub4dor&3Abcd"`, "has a text of 15 characters"},
		{`["a"]`, `["b", "c", "d"]`, `has "b" and "c" and "d"`},
		{`["a"]`, `["b", "c", "d", "e"]`, "has 4 values there, none of which matches"},
		{`["a"]`, `null`, "has null"},
	} {
		_, reason := mustParse(t, `{"detail": {"x": `+tt.conditions+`}}`).Mismatch(`{"detail": {"x": ` + tt.value + `}}`)
		if !strings.Contains(reason, "but the event "+tt.want) {
			t.Errorf("%s and %s:\ngot  %s\nwant %s", tt.conditions, tt.value, reason, tt.want)
		}
	}
	for pattern, want := range map[string]string{
		`{"detail": {"requestParameter": {"secretId": ["x"]}}}`:  "nothing there; did you mean detail.requestParameters?",
		`{"detail": {"requestParameters": {"secretid": ["x"]}}}`: "nothing there; did you mean detail.requestParameters.secretId?",
		`{"detial": {"x": ["y"]}}`:                               "nothing there; did you mean detail?",
		`{"detail": {"nonsense": ["y"]}}`:                        "nothing there",
	} {
		if _, reason := mustParse(t, pattern).Mismatch(`{"detail": {"requestParameters": {"secretId": "z"}}}`); !strings.HasSuffix(reason, want) {
			t.Errorf("%s: got %s, want %s", pattern, reason, want)
		}
	}
}

func TestParseRefuses(t *testing.T) {
	t.Parallel()
	tests := []struct {
		pattern string
		want    string // path: the message's beginning; several problems joined by "; "
	}{
		{`{"a": [1]`, ": the pattern is not valid JSON"},
		{`["a"]`, ": a pattern is a JSON object, not an array"},
		{`{}`, ": an object of a pattern must not be empty"},
		{`{"a": {}}`, "a: an object of a pattern must not be empty"},
		{`{"a": []}`, "a: the array of conditions must not be empty"},
		{`{"a": "x", "b": 1, "c": null}`, "a: a field of a pattern takes an array; b: a field of a pattern takes; c: a field of a pattern"},
		{`{"a": [[1]]}`, "a[0]: a condition is a value or an object"},
		{`{"a": [1], "a": [2]}`, `a: the key "a" appears twice`},
		{`{"a": [{}]}`, "a[0]: a condition has exactly one operator, not 0"},
		{`{"a": [{"prefix": "x", "suffix": "y"}]}`, "a[0]: a condition has exactly one operator, not 2"},
		{`{"a": ["x", {"regex": "x"}]}`, `a[1].regex: unknown operator "regex"`},
		{`{"a": [{"exactly": "x"}]}`, `a[0].exactly: unknown operator`},
		{`{"a": [{"prefix": 1}]}`, "a[0].prefix: prefix takes a string, not a number"},
		{`{"a": [{"suffix": ["x"]}]}`, "a[0].suffix: suffix takes a string, not an array"},
		{`{"a": [{"prefix": {"wildcard": "x"}}]}`, "a[0].prefix.wildcard: prefix can be combined with equals-ignore-case only"},
		{`{"a": [{"suffix": {"equals-ignore-case": true}}]}`, "a[0].suffix.equals-ignore-case: suffix takes a string, not true"},
		{`{"a": [{"suffix": {}}]}`, "a[0].suffix: a condition has exactly one operator"},
		{`{"a": [{"equals-ignore-case": 5}]}`, "a[0].equals-ignore-case: equals-ignore-case takes a string"},
		{`{"a": [{"wildcard": "a**b"}]}`, "a[0].wildcard: two asterisks in a row"},
		{`{"a": [{"wildcard": "**"}]}`, "a[0].wildcard: two asterisks in a row"},
		{`{"a": [{"wildcard": "a\\b"}]}`, "a[0].wildcard: a backslash can stand"},
		{`{"a": [{"wildcard": "a\\"}]}`, "a[0].wildcard: a backslash can stand"},
		{`{"a": [{"exists": "true"}]}`, "a[0].exists: exists takes true or false, not a string"},
		{`{"a": [{"cidr": "10.0.0.0"}]}`, "a[0].cidr: cidr takes an IPv4 or IPv6 network"},
		{`{"a": [{"cidr": "10.0.0.0/33"}]}`, "a[0].cidr: cidr takes an IPv4 or IPv6 network"},
		{`{"a": [{"cidr": "10.0.0.1/32"}]}`, "a[0].cidr: EventBridge refuses a network of one address"},
		{`{"a": [{"cidr": "::1/128"}]}`, "a[0].cidr: EventBridge refuses a network of one address"},
		{`{"a": [{"anything-but": null}]}`, "a[0].anything-but: anything-but takes strings and numbers, not null"},
		{`{"a": [{"anything-but": [true]}]}`, "a[0].anything-but[0]: anything-but takes strings and numbers, not true"},
		{`{"a": [{"anything-but": []}]}`, "a[0].anything-but: the list must not be empty"},
		{`{"a": [{"anything-but": ["x", 1]}]}`, "a[0].anything-but[1]: a list of anything-but holds strings only or numbers only"},
		{`{"a": [{"anything-but": {"numeric": [">", 1]}}]}`, `a[0].anything-but.numeric: anything-but has no operator`},
		{`{"a": [{"anything-but": {}}]}`, "a[0].anything-but: a condition has exactly one operator, not 0"},
		{`{"a": [{"anything-but": {"prefix": ["x", 1]}}]}`, "a[0].anything-but.prefix[1]: prefix takes a string"},
		{`{"a": [{"anything-but": {"suffix": []}}]}`, "a[0].anything-but.suffix: the list must not be empty"},
		{`{"a": [{"anything-but": {"wildcard": "**"}}]}`, "a[0].anything-but.wildcard: two asterisks"},
		{`{"a": [{"anything-but": {"prefix": ""}}]}`, "!a[0].anything-but.prefix: every string has the empty prefix"},
		{`{"a": [{"numeric": 5}]}`, "a[0].numeric: numeric takes an array"},
		{`{"a": [{"numeric": []}]}`, "a[0].numeric: numeric takes an array"},
		{`{"a": [{"numeric": [">", 1, "<"]}]}`, "a[0].numeric: numeric takes an array"},
		{`{"a": [{"numeric": [1, ">"]}]}`, "a[0].numeric[0]: expected a comparison"},
		{`{"a": [{"numeric": [">", "1"]}]}`, "a[0].numeric[1]: expected a number, not a string"},
		{`{"a": [{"numeric": ["==", 1]}]}`, `a[0].numeric[0]: unknown comparison "=="`},
		{`{"a": [{"numeric": ["<", 5, ">", 1]}]}`, "a[0].numeric[0]: a range is a lower bound"},
		{`{"a": [{"numeric": [">", 1, "=", 5]}]}`, "a[0].numeric[2]: a range is a lower bound"},
		{`{"a": [{"numeric": [">", 5000000001]}]}`, "a[0].numeric[1]: the number is outside"},
		{`{"a": [{"numeric": ["<", 1.234567890123456]}]}`, "a[0].numeric[1]: the number has more than 15 digits"},
		{`{"detail": {"x": [{"numeric": [">", 5, "<", 3]}]}}`, "!detail.x[0].numeric: no number lies in this range"},
		{`{"detail": {"x": [{"numeric": [">=", 5, "<=", 5]}]}}`, "!detail.x[0].numeric: no number lies in this range"},
		{`{"$or": {"a": [1]}}`, "$or: $or takes an array of at least two objects"},
		{`{"$or": [{"a": [1]}]}`, "$or: $or takes an array of at least two objects"},
		{`{"$or": [{"a": [1]}, 5]}`, "$or[1]: an alternative of $or is an object, not a number"},
		{`{"$or": [{"a": [1]}, {}]}`, "$or[1]: an object of a pattern must not be empty"},
		{`{"$or": [{"numeric": [1]}, {"b": {"prefix": [2]}}]}`, "$or[0].numeric: EventBridge reserves; $or[1].b.prefix: EventBridge reserves"},
		{`{"a": [1], "$or": [{"a": [2]}, {"b": [1]}]}`, "$or[0].a: the field has conditions both inside and outside of $or"},
		{`{"a b": {"": [{}]}}`, `[(3 characters)][""][0]: a condition has exactly one operator`},
		{`{"a": [{"x": 1}], "b": [], "c": {"d": [{"exists": 1}]}}`, "a[0].x: unknown operator; b: the array; c.d[0].exists: exists takes"},
		{strings.Repeat(`{"a":`, 70) + `[1]` + strings.Repeat(`}`, 70), "a" + strings.Repeat(".a", 63) + ": the pattern is nested more than 64 levels"},
	}
	for _, tt := range tests {
		t.Run(tt.pattern, func(t *testing.T) {
			t.Parallel()
			p, problems := pattern.Parse(tt.pattern)
			if p != nil {
				t.Error("there is a Pattern")
			}
			want := strings.Split(tt.want, "; ")
			if len(problems) != len(want) {
				t.Fatalf("got %d problems, want %d: %+v", len(problems), len(want), problems)
			}
			for i, problem := range problems {
				got := problem.Path + ": " + problem.Message
				if problem.Never {
					got = "!" + got
				}
				if !strings.HasPrefix(got, want[i]) {
					t.Errorf("got  %s\nwant %s", got, want[i])
				}
			}
		})
	}
}

func TestParseLimitsCombinations(t *testing.T) {
	t.Parallel()
	level := func(name string) string {
		var b strings.Builder
		for i := range 10 {
			b.WriteString(`{"` + name + strings.Repeat("x", i) + `": [1]}, `)
		}
		return `"` + name + `": {"$or": [` + strings.TrimSuffix(b.String(), ", ") + `]}`
	}
	mustParse(t, `{`+level("a")+`,`+level("b")+`,`+level("c")+`}`)
	_, problems := pattern.Parse(`{` + level("a") + `,` + level("b") + `,` + level("c") + `,` + level("d") + `}`)
	if len(problems) != 1 || problems[0].Path != "d.$or" || !strings.Contains(problems[0].Message, "1000 combinations") {
		t.Errorf("got %+v", problems)
	}
}

func TestMatchDoesNotAllocate(t *testing.T) {
	p := mustParse(t, `{"source": ["com.example.compute"], "detail": {"state": [{"anything-but": ["x", "y"]}],
		"source-ip": [{"cidr": "10.0.0.0/8"}], "c-count": [{"numeric": [">", 0]}], "tags": [{"wildcard": "b*e"}],
		"missing": [{"exists": false}]}}`)
	event := strings.ReplaceAll(running, `\\`, "") // an escape is what a string is copied for
	if got := testing.AllocsPerRun(100, func() {
		if !p.Match(event) {
			t.Error("no match")
		}
	}); got > 0 {
		t.Errorf("Match allocates %v times", got)
	}
}

func FuzzPattern(f *testing.F) {
	f.Add(`{"source": ["com.example.compute"]}`, running)
	f.Add(`{"a": {"b": [{"exists": false}, {"wildcard": "a*b\\*"}]}, "$or": [{"c": [{"cidr": "::/1"}]}, {"d": [{"numeric": [">", 1, "<", 2]}]}]}`, `{"a": [{"b": 1}, [{"c": "::1"}]]}`)
	f.Add(`{"a": [{"anything-but": {"suffix": ["x"]}}, {"prefix": {"equals-ignore-case": "ÄÖ"}}]}`, `{"a": ["äö", null, 1e400, {}]}`)
	f.Fuzz(func(t *testing.T, text, event string) {
		p, problems := pattern.Parse(text)
		if (p == nil) != (len(problems) > 0) {
			t.Fatalf("Parse: pattern %v, problems %+v", p, problems)
		}
		if p == nil {
			return
		}
		got := p.Match(event)
		if again := p.Match(event); again != got {
			t.Fatalf("Match = %v, then %v", got, again)
		}
		if path, reason := p.Mismatch(event); (reason == "") != got {
			t.Fatalf("Match = %v, but Mismatch = %q, %q", got, path, reason)
		}
	})
}

func BenchmarkMatch(b *testing.B) {
	p := mustParse(b, `{"source": ["com.example.compute"], "detail-type": ["Instance State Changed"], "detail": {"state": [{"prefix": "run"}], "tags": ["blue"]}}`)
	b.ReportAllocs()
	b.SetBytes(int64(len(running)))
	for b.Loop() {
		if !p.Match(running) {
			b.Fatal("no match")
		}
	}
}
