package pipeline_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
	"time"

	"vpnattach/shared/core/event"
	"vpnattach/shared/core/pipeline"
	"vpnattach/shared/core/request"
	"vpnattach/shared/core/rules"
	"vpnattach/shared/core/secret"
)

// root is the project's folder, which the cases name their files from.
const root = "../../.."

func mustRead(tb testing.TB, path string) []byte {
	tb.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		tb.Fatal(err)
	}
	return data
}

// The hot path: an SQS message that holds an EventBridge event whose detail is a
// change document, to a signed request.
func hotEvent(tb testing.TB) []byte {
	tb.Helper()
	return mustRead(tb, "testdata/hot.json")
}

func hotOptions() *pipeline.Options {
	return &pipeline.Options{
		Credentials: request.Credentials{AccessKeyID: "testid", AccessKeySecret: secret.New("testsecret")},
		Time:        time.Date(2026, 11, 3, 0, 0, 0, 0, time.UTC),
		Nonce:       func() string { return "3156853299f313e23d1673dc12e1703d" },
	}
}

func TestHotPathAllocations(t *testing.T) {
	data, o := hotEvent(t), hotOptions()
	var p pipeline.Pipeline
	requests := 0
	run := func() {
		if err := p.Run(data, o, func(r *pipeline.Result) {
			if r.Request != nil && len(r.Findings) == 0 {
				requests++
			}
		}); err != nil {
			t.Fatal(err)
		}
	}
	const most = 12
	if n := testing.AllocsPerRun(100, run); n > most {
		t.Errorf("%v allocations, more than %d", n, most)
	}
	if requests == 0 {
		t.Error("no request without findings")
	}
}

func BenchmarkRun(b *testing.B) {
	data, o := hotEvent(b), hotOptions()
	var p pipeline.Pipeline
	b.SetBytes(int64(len(data)))
	b.ReportAllocs()
	for b.Loop() {
		if err := p.Run(data, o, func(*pipeline.Result) {}); err != nil {
			b.Fatal(err)
		}
	}
}

// FuzzRun: whatever the event and the rule file, the output is JSON and nothing
// panics.
func FuzzRun(f *testing.F) {
	var cases []struct {
		Event, Rules string
		Inline       json.RawMessage
	}
	if err := json.Unmarshal(mustRead(f, "testdata/cases.json"), &cases); err != nil {
		f.Fatal(err)
	}
	for _, c := range cases {
		event, rules := c.Inline, json.RawMessage("null")
		if c.Event != "" {
			event = mustRead(f, filepath.Join(root, c.Event))
		}
		if c.Rules != "" {
			rules = mustRead(f, filepath.Join(root, c.Rules))
		}
		f.Add([]byte(event), []byte(rules))
	}
	f.Fuzz(func(t *testing.T, data, file []byte) {
		o := hotOptions()
		if len(data) > event.MaxSize {
			return
		}
		o.Rules, _ = rules.Load(file)
		var p pipeline.Pipeline
		called := false
		err := p.Run(data, o, func(r *pipeline.Result) {
			called = true
			if out := r.AppendJSON(nil, true); !json.Valid(out) {
				t.Fatalf("the result is not JSON: %s", out)
			}
		})
		if (err == nil) != called {
			t.Fatalf("error %v, but called is %v", err, called)
		}
	})
}
