package api_test

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"vpnattach/shared/core/event"
	"vpnattach/shared/core/finding"
	"vpnattach/wasm/api"
)

// root is the project's folder, which the cases name their files from; testdata holds
// the cases and what is wanted of each.
const (
	root     = "../.."
	testdata = root + "/shared/core/pipeline/testdata"
)

// goldenCase is a row of cases.json: the input of Transform, with files in
// place of JSON. The wanted output is want/NAME.json.
type goldenCase struct {
	Name    string          `json:"name"`
	Event   string          `json:"event"`   // file
	Inline  json.RawMessage `json:"inline"`  // or the event itself
	Rules   string          `json:"rules"`   // file
	Current string          `json:"current"` // file
	Options json.RawMessage `json:"options"` // further members of the input
}

func mustRead(tb testing.TB, path string) []byte {
	tb.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		tb.Fatal(err)
	}
	return data
}

func mustCases(tb testing.TB) []goldenCase {
	tb.Helper()
	var cases []goldenCase
	if err := json.Unmarshal(mustRead(tb, filepath.Join(testdata, "cases.json")), &cases); err != nil {
		tb.Fatal(err)
	}
	return cases
}

// input puts the files of a case together as Transform takes them.
func (c *goldenCase) input(tb testing.TB) []byte {
	tb.Helper()
	members := map[string]json.RawMessage{}
	defaults := `{"time":"2026-11-03T00:00:00Z","nonce":"3156853299f313e23d1673dc12e1703d","reveal":true,` +
		`"credentials":{"accessKeyId":"testid","accessKeySecret":"testsecret"}}`
	for _, options := range []json.RawMessage{json.RawMessage(defaults), c.Options} {
		if options == nil {
			continue
		}
		if err := json.Unmarshal(options, &members); err != nil {
			tb.Fatal(err)
		}
	}
	for key, file := range map[string]string{"event": c.Event, "rules": c.Rules, "current": c.Current} {
		if file != "" {
			members[key] = mustRead(tb, filepath.Join(root, file))
		}
	}
	if c.Inline != nil {
		members["event"] = c.Inline
	}
	data, err := json.Marshal(members)
	if err != nil {
		tb.Fatal(err)
	}
	return data
}

// TestGolden runs every case and compares with what is wanted; UPDATE=1 writes it.
func TestGolden(t *testing.T) {
	t.Parallel()
	for _, c := range mustCases(t) {
		t.Run(c.Name, func(t *testing.T) {
			t.Parallel()
			var got bytes.Buffer
			if err := json.Indent(&got, api.Transform(c.input(t)), "", "  "); err != nil {
				t.Fatalf("the output is not JSON: %v", err)
			}
			got.WriteByte('\n')
			path := filepath.Join(testdata, "want", c.Name+".json")
			if os.Getenv("UPDATE") != "" {
				if err := os.WriteFile(path, got.Bytes(), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			if want := mustRead(t, path); !bytes.Equal(got.Bytes(), want) {
				t.Errorf("\n got %s\nwant %s\nUPDATE=1 go test writes it anew", got.Bytes(), want)
			}
		})
	}
}

// TestEverySampleIsACase keeps the samples, their cases and their wanted outputs
// together.
func TestEverySampleIsACase(t *testing.T) {
	t.Parallel()
	used, wanted := map[string]bool{}, map[string]bool{}
	for _, c := range mustCases(t) {
		used[c.Event], used[c.Rules], wanted[c.Name+".json"] = true, true, true
	}
	for _, pattern := range []string{"events/*.json", "events/rules/*.json"} {
		files, err := filepath.Glob(filepath.Join(root, pattern))
		if err != nil || len(files) == 0 {
			t.Fatalf("%s: %d files, %v", pattern, len(files), err)
		}
		for _, file := range files {
			name, err := filepath.Rel(root, file)
			if err != nil {
				t.Fatal(err)
			}
			if !used[filepath.ToSlash(name)] {
				t.Errorf("%s is in no case", name)
			}
		}
	}
	files, err := os.ReadDir(filepath.Join(testdata, "want"))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		if !wanted[file.Name()] {
			t.Errorf("want/%s belongs to no case", file.Name())
		}
	}
}

// TestRedacted runs every case without reveal: no key of any sample comes out, and
// no signature.
func TestRedacted(t *testing.T) {
	t.Parallel()
	keys := 0
	for _, c := range mustCases(t) {
		c.Options = json.RawMessage(strings.Replace(orObject(c.Options), "{", `{"reveal":false,"explain":true,`, 1))
		c.Options = json.RawMessage(strings.Replace(string(c.Options), ",}", "}", 1))
		shown := string(api.Transform(c.input(t)))
		for _, key := range pskOf(string(mustRead(t, filepath.Join(testdata, "want", c.Name+".json")))) {
			keys++
			if strings.Contains(shown, key) {
				t.Errorf("%s: a key comes out: %s", c.Name, shown)
			}
		}
		if strings.Contains(shown, "Signature=") || strings.Contains(shown, "testsecret") {
			t.Errorf("%s: credentials come out: %s", c.Name, shown)
		}
	}
	if keys == 0 {
		t.Error("no case holds a key")
	}
}

func orObject(options json.RawMessage) string {
	if options == nil {
		return "{}"
	}
	return string(options)
}

// pskOf returns the keys in revealed output, dynamic references left out.
func pskOf(revealed string) []string {
	var keys []string
	for _, part := range strings.Split(revealed, `"Psk": "`)[1:] {
		if key, _, _ := strings.Cut(part, `"`); !strings.HasPrefix(key, "{{") && key != "" {
			keys = append(keys, key)
		}
	}
	return keys
}

var errorCases = []struct{ name, input, want string }{
	{"no JSON", `{`, `{"error":{"code":"input-invalid","message":"the input is not JSON (line 1, column 2): expected `},
	{"no object", `[]`, `{"error":{"code":"input-invalid","message":"the input is not a JSON object"}}`},
	{"no event", `{}`, `{"error":{"code":"input-invalid","path":"event","message":"event is required"}}`},
	{"unknown member", `{"event":{},"now":1}`, `"code":"input-invalid","path":"now"`},
	{"broken event", `{"event":"{"}`, `"code":"not-json"`},
	{"bad time", `{"event":{},"time":"yesterday"}`, `"path":"time"`},
	{"bad peer", `{"event":{},"peer":"acme"}`, `"path":"peer"`},
	{"bad signature", `{"event":{},"signature":"v2"}`, `"path":"signature"`},
	{"bad current", `{"event":{},"current":{}}`, `"code":"current-invalid"`},
	{"bad rules", `{"event":{},"rules":{"rules":[{}]}}`, `"code":"rules-invalid"`},
	{"unknown payload", `{"event":{"hello":"world"}}`, `"rule":"unknown-event"`},
	{"no text", `{"event":""}`, `"code":"empty"`},
	{"long event", `{"event":"` + strings.Repeat(" ", event.MaxSize+1) + `"}`, `"code":"too-large"`},
	{"deep event", `{"event":"` + strings.Repeat("[", event.MaxDepth+1) + `"}`, `"code":"too-deep"`},
	{"broken envelope", `{"event":{"detail-type":"T","source":"s","detail":1}}`, `"code":"broken-envelope"`},
	{"time of an envelope", `{"event":{"detail-type":"T","source":"s","detail":{},"time":"soon"}}`, `"code":"bad-time"`},
	{"form", `{"event":{"httpMethod":"POST","requestContext":{},"headers":{"content-type":"application/x-www-form-urlencoded"},"body":"{}"}}`, `"code":"content-type"`},
	{"long id", `{"event":{"specversion":"1.0","id":"` + strings.Repeat("i", event.MaxName+1) + `","source":"s","type":"t"}}`, `"code":"event-name-too-long"`},
	{"lost payload", `{"event":{"requestContext":{"functionArn":"arn:f"},"responseContext":{}}}`, `"code":"payload-lost"`},
}

func TestTransformErrors(t *testing.T) {
	t.Parallel()
	for _, c := range errorCases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			got := string(api.Transform([]byte(c.input)))
			if !json.Valid([]byte(got)) || !strings.Contains(got, c.want) {
				t.Errorf("got %s, want %s", got, c.want)
			}
		})
	}
}

// TestEveryCheckIsBrought: each check of events, of packages pipeline and api is in
// what a case gives.
func TestEveryCheckIsBrought(t *testing.T) {
	t.Parallel()
	var all []byte
	for _, c := range errorCases {
		all = append(all, api.Transform([]byte(c.input))...)
	}
	for _, c := range callCases {
		all = append(all, c.call([]byte(c.input))...)
	}
	for _, c := range mustCases(t) {
		all = append(all, api.Transform(c.input(t))...)
	}
	n := 0
	for _, check := range finding.All() {
		if check.Part != finding.Event && check.Part != finding.NoResult || check.ID == "internal" { // which no input brings
			continue
		}
		if n++; !bytes.Contains(all, []byte(`"rule":"`+check.ID+`"`)) && !bytes.Contains(all, []byte(`"code":"`+check.ID+`"`)) {
			t.Errorf("no case brings %s", check.ID)
		}
	}
	if n == 0 {
		t.Error("no check is declared")
	}
}

// TestVia: the way that the host names decides, and by default the event's own.
func TestVia(t *testing.T) {
	t.Parallel()
	event := `{"version":"0","id":"e","detail-type":"Site","source":"com.example","account":"1","time":"2026-11-02T09:30:00Z","region":"r","resources":[],"detail":{}}`
	rule := `{"rules":[{"name":"r","via":["bus"],"match":{"source":["com.example"]},"with":{"RegionId":"cn-hangzhou","VpnConnectionId":"vco-localsingle","Name":"n"}}]}`
	for via, want := range map[string]bool{"": true, `"bus"`: true, `"webhook"`: false, `"webhook:partner"`: false, `"arn:aws:sqs:r:1:q"`: false} {
		input := `{"event":` + event + `,"rules":` + rule + `,"explain":true`
		if via != "" {
			input += `,"via":` + via
		}
		got := string(api.Transform([]byte(input + "}")))
		if strings.Contains(got, `"change"`) != want || strings.Contains(got, "but the event comes by") == want {
			t.Errorf("via %s: got %s", via, got)
		}
	}
}
