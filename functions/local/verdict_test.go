package main

import (
	"encoding/json"
	"errors"
	"io/fs"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"context"

	"github.com/tidwall/gjson"

	"vpnattach/events"
	"vpnattach/functions/ingest"
	"vpnattach/shared/core/event"
	"vpnattach/shared/core/finding"
	"vpnattach/shared/core/rules"
	"vpnattach/shared/message"
	"vpnattach/wasm/api"
)

// verdict is what is said of a document: it is refused, with the codes of the errors, it
// asks for a change, or for nothing.
type verdict struct {
	Verdict string
	Codes   []string
}

func (v verdict) String() string { return v.Verdict + " " + strings.Join(v.Codes, " ") }

func newVerdict(changes int, codes map[string]bool) verdict {
	v := verdict{"nothing", slices.Sorted(maps.Keys(codes))}
	switch {
	case len(codes) > 0:
		v.Verdict = "refused"
	case changes > 0:
		v.Verdict = "change"
	}
	return v
}

// verdictOf reads it from results as the program and the module write them.
func verdictOf(results gjson.Result) verdict {
	codes, changes := map[string]bool{}, 0
	for _, r := range results.Array() {
		for _, f := range r.Get(`findings.#(severity=="error")#.rule`).Array() {
			codes[f.Str] = true
		}
		if r.Get("change").Exists() {
			changes++
		}
	}
	return newVerdict(changes, codes)
}

// document is a sample event, or one that is odd.
type document struct {
	Name      string
	Text      string
	Base64    []byte
	verdict          // without rules
	WithRules string // the verdict with rules that don't match, where it is another one
}

func (d *document) text() string { return d.Text + string(d.Base64) }

// documents are the odd ones, with what is to be said of them, and the samples.
func documents(t *testing.T) (all []document) {
	t.Helper()
	data, err := os.ReadFile("testdata/verdicts.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(data, &all); err != nil {
		t.Fatal(err)
	}
	names, err := fs.Glob(events.Files, "*.json")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		text, err := fs.ReadFile(events.Files, name)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, document{Name: name, Text: string(text)})
	}
	return all
}

// TestOneVerdict: validate, build, explain, the function and serve, and the module of the
// npm package and the page say the same of every document, with rules and without. The
// server's own test compares it with the function.
func TestOneVerdict(t *testing.T) {
	t.Parallel()
	const ruleFile = "psk-rotated.json"
	text, err := fs.ReadFile(events.Files, "rules/"+ruleFile)
	if err != nil {
		t.Fatal(err)
	}
	set, findings := rules.Load(text)
	if set == nil {
		t.Fatal(findings)
	}
	for _, d := range documents(t) {
		for _, withRules := range []bool{false, true} {
			name := d.Name
			var set *rules.Set
			flags, ruleText := []string(nil), json.RawMessage("null")
			if withRules {
				name += ", with rules"
				flags, ruleText = []string{"--rules", sample("rules/" + ruleFile)}, text
				set, _ = rules.Load(text)
			}
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				said := map[string]verdict{
					"validate": byProgram(t, d.text(), append([]string{"validate", "-", "--json"}, flags...)...),
					"build":    byProgram(t, d.text(), append([]string{"build", "-"}, flags...)...),
					"module":   byModule(t, d.text(), ruleText),
					"function": byFunction(t, set, d.text()),
				}
				if len(d.Base64) > 0 {
					delete(said, "module") // which takes text
				}
				want := said["validate"]
				if d.Verdict != "" {
					want = d.verdict
					if withRules && d.WithRules != "" {
						want = verdict{Verdict: d.WithRules}
					}
				}
				for entry, got := range said {
					if got.String() != want.String() {
						t.Errorf("%s: got %s, want %s", entry, got, want)
					}
				}
				if withRules {
					code, _, _ := execute(nil, d.text(), append([]string{"explain", "-"}, flags...)...)
					if (code == exitError) != (want.Verdict == "refused") {
						t.Errorf("explain: exit code %d, want %s", code, want)
					}
				}
			})
		}
	}
}

// byProgram runs a command that prints results as JSON, and checks its exit code.
func byProgram(t *testing.T, document string, args ...string) verdict {
	t.Helper()
	env := map[string]string{"ALIBABA_CLOUD_ACCESS_KEY_ID": "testid", "ALIBABA_CLOUD_ACCESS_KEY_SECRET": "testsecret"}
	code, out, errOut := execute(env, document, args...)
	v := verdictOf(gjson.Parse(out))
	if problem := gjson.Get(out, "0.error.code"); problem.Exists() { // it can't be opened
		if v = newVerdict(0, map[string]bool{problem.Str: true}); !strings.Contains(errOut, "("+problem.Str+")") {
			t.Errorf("%s: standard error lacks %s: %s", args[0], problem.Str, errOut)
		}
	}
	if (code == exitError) != (v.Verdict == "refused") || code == exitUsage {
		t.Errorf("%s: exit code %d, but %s", args[0], code, v)
	}
	return v
}

func byModule(t *testing.T, document string, ruleText json.RawMessage) verdict {
	t.Helper()
	in, err := json.Marshal(map[string]any{"event": document, "rules": ruleText, "time": "2026-12-01T00:00:00Z"})
	if err != nil {
		t.Fatal(err)
	}
	out := gjson.ParseBytes(api.Transform(in))
	if code := out.Get("error.code"); code.Exists() {
		return newVerdict(0, map[string]bool{code.Str: true})
	}
	v := verdictOf(out.Get("results"))
	// The form of the page, and validate of the package, take change documents alone.
	if results := out.Get("results").Array(); len(results) == 1 && results[0].Get("kind").Str == "change" && results[0].Get("via").Str == "" && strings.HasPrefix(document, "{") {
		in, err := json.Marshal(map[string]any{"change": document})
		if err != nil {
			t.Fatal(err)
		}
		if got := verdictOf(gjson.Parse("[" + string(api.Validate(in)) + "]")); !slices.Equal(got.Codes, v.Codes) {
			t.Errorf("validate of the package: got %s, want %s", got, v)
		}
	}
	return v
}

// byFunction gives the document to ingest as serve does.
func byFunction(t *testing.T, set *rules.Set, document string) verdict {
	t.Helper()
	handler, err := ingest.New(ingest.Config{
		Rules: set, AnySource: true, MaxBody: event.MaxSize, Now: func() time.Time { return time.Date(2026, 12, 1, 0, 0, 0, 0, time.UTC) },
		Send:       func(context.Context, []message.Change) error { return nil },
		DeadLetter: func(context.Context, ingest.DeadLetter) error { return nil },
		FirstSeen:  func(_ context.Context, _ string, at time.Time) (time.Time, error) { return at, nil },
	})
	if err != nil {
		t.Fatal(err)
	}
	units, err := handler.Take(t.Context(), maps.All(map[string]string{}), []byte(document))
	codes, changes := map[string]bool{}, 0
	var opening *event.Error
	if errors.As(err, &opening) {
		codes[string(opening.Code)] = true
	} else if err != nil {
		t.Fatal(err)
	}
	for _, u := range units {
		for _, r := range u.Results {
			for _, f := range r.Findings {
				if f.Severity == finding.Error {
					codes[f.Check] = true
				}
			}
			if r.ChangeID != "" {
				changes++
			}
		}
	}
	return newVerdict(changes, codes)
}
