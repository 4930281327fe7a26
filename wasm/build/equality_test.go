package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
	"github.com/tetratelabs/wazero/imports/wasi_snapshot_preview1"

	core "vpnattach/wasm/api"
)

const root = "../.."

// module is the running module, as a host of WebAssembly sees it.
type module struct{ api.Module }

// The core is compiled and started once for all tests, since the race detector makes
// that slow.
var (
	cache        = wazero.NewCompilationCache()
	compiledCore = sync.OnceValues(func() ([]byte, error) { return compile(context.Background(), root, workspace, flags...) })
	startedCore  = sync.OnceValues(func() ([]byte, error) {
		code, err := compiledCore()
		if err != nil {
			return nil, err
		}
		return started(context.Background(), code)
	})
)

// mustStart builds the module and starts it.
func mustStart(t *testing.T) module {
	t.Helper()
	code, err := startedCore()
	if err != nil {
		t.Fatal(err)
	}
	// The garbage collector needs a clock that goes.
	return mustInstantiate(t, code, wazero.NewModuleConfig().WithSysNanotime())
}

// mustInstantiate starts a module on a host that is configured so.
func mustInstantiate(t *testing.T, code []byte, host wazero.ModuleConfig) module {
	t.Helper()
	// Go keeps a result until a file that the test itself has looked at changes.
	mustRead(t, "wasm/main.go")
	mustRead(t, "wasm/pretty/pretty.go")
	ctx := t.Context()
	runtime := wazero.NewRuntimeWithConfig(ctx, wazero.NewRuntimeConfig().WithCompilationCache(cache))
	t.Cleanup(func() {
		if err := runtime.Close(context.Background()); err != nil {
			t.Error(err)
		}
	})
	wasi_snapshot_preview1.MustInstantiate(ctx, runtime)
	host = host.WithStartFunctions(initialize).WithRandSource(rand.Reader).WithStderr(os.Stderr)
	m, err := runtime.InstantiateWithConfig(ctx, code, host)
	if err != nil {
		t.Fatal(err)
	}
	return module{m}
}

func (m module) invoke(t *testing.T, name string, args ...uint64) uint32 {
	t.Helper()
	results, err := m.ExportedFunction(name).Call(t.Context(), args...)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return uint32(results[0])
}

// call calls a function of the module as its documentation says.
func (m module) call(t *testing.T, name string, input []byte) string {
	t.Helper()
	var args []uint64
	if m.ExportedFunction(name).Definition().ParamTypes() != nil {
		at := m.invoke(t, "input", uint64(len(input)))
		if !m.Memory().Write(at, input) {
			t.Fatalf("%s: no room for %d bytes", name, len(input))
		}
		args = []uint64{uint64(len(input))}
	}
	size := m.invoke(t, name, args...)
	out, ok := m.Memory().Read(m.invoke(t, "output"), size)
	if !ok {
		t.Fatalf("%s: the result is not in memory", name)
	}
	return string(out)
}

// native are the functions that the module exports.
var native = map[string]func([]byte) []byte{
	"validate": core.Validate, "fix": core.Fix, "build": core.Build, "transform": core.Transform, "test": core.Test, "diff": core.Diff,
	"sign": core.Sign, "snippet": core.Snippet,
	"parameters": func([]byte) []byte { return core.Parameters() },
}

func mustRead(t *testing.T, file string) []byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(root, file))
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// mustInputs returns the golden cases of package pipeline as input of api.Transform, by name.
func mustInputs(t *testing.T) map[string][]byte {
	t.Helper()
	var cases []struct {
		Name, Event, Rules, Current string
		Inline, Options             json.RawMessage
	}
	if err := json.Unmarshal(mustRead(t, "shared/core/pipeline/testdata/cases.json"), &cases); err != nil {
		t.Fatal(err)
	}
	inputs := map[string][]byte{}
	for _, c := range cases {
		members := map[string]json.RawMessage{
			"time": json.RawMessage(`"2026-11-03T00:00:00Z"`), "nonce": json.RawMessage(`"3156853299f313e23d1673dc12e1703d"`),
			"reveal": json.RawMessage("true"), "credentials": json.RawMessage(`{"accessKeyId":"testid","accessKeySecret":"testsecret"}`),
		}
		if c.Options != nil {
			if err := json.Unmarshal(c.Options, &members); err != nil {
				t.Fatal(err)
			}
		}
		for key, file := range map[string]string{"event": c.Event, "rules": c.Rules, "current": c.Current} {
			if file != "" {
				members[key] = mustRead(t, file)
			}
		}
		if c.Inline != nil {
			members["event"] = c.Inline
		}
		input, err := json.Marshal(members)
		if err != nil {
			t.Fatal(err)
		}
		inputs[c.Name] = input
	}
	return inputs
}

// TestEquality runs the same input natively and in the module, which must give the
// same bytes.
func TestEquality(t *testing.T) {
	t.Parallel()
	m := mustStart(t)
	same := func(t *testing.T, name string, input []byte) string {
		t.Helper()
		got, want := m.call(t, name, input), string(native[name](input))
		if got != want {
			t.Errorf("%s of %.300s\n   module %s\n   native %s", name, input, got, want)
		}
		return got
	}
	for name, input := range mustInputs(t) {
		t.Run("golden/"+name, func(t *testing.T) {
			var got bytes.Buffer
			if err := json.Indent(&got, []byte(same(t, "transform", input)), "", "  "); err != nil {
				t.Fatal(err)
			}
			got.WriteByte('\n')
			if want := mustRead(t, "shared/core/pipeline/testdata/want/"+name+".json"); !bytes.Equal(got.Bytes(), want) {
				t.Errorf("\n got %s\nwant %s", got.Bytes(), want)
			}
		})
	}

	change := string(mustRead(t, "events/bare-single.json"))
	dual := string(mustRead(t, "events/bare-dual.json"))
	current := string(mustRead(t, "shared/core/attachment/testdata/current/single.json"))
	const keys = `"credentials":{"accessKeyId":"testid","accessKeySecret":"testsecret"},"time":"2026-11-03T00:00:00Z","nonce":"n"`
	for _, c := range []struct{ call, input, want string }{
		{"validate", `{"change":` + change + `}`, `{"findings":[`},
		{"validate", `{"change":` + dual + `,"peer":"aws"}`, `{"findings":[`},
		{"validate", `{"change":"{"}`, `"json-invalid"`},
		{"build", `{"change":` + change + `,"reveal":true,` + keys + `}`, `Signature=`},
		{"build", `{"change":` + dual + `,"redact":true}`, `Signature=***`},
		{"diff", `{"change":` + change + `,"current":` + current + `}`, `"differences":[`},
		{"sign", `{"parameters":` + change + `,` + keys + `}`, `"authorization":"ACS3-HMAC-SHA256`},
		{"sign", `{"parameters":` + change + `,` + keys + `,"signature":"v1"}`, `Signature=`},
		{"snippet", `{"change":` + change + `,"language":"curl","reveal":true,` + keys + `}`, `{"text":"curl`},
		{"snippet", `{"change":` + dual + `,"language":"terraform"}`, `{"text":"`},
		{"parameters", ``, `"TunnelOptionsSpecification"`},
		// Wrong input is an error, and never stops the module.
		{"validate", ``, `"input-invalid"`},
		{"build", `{"change":1,"what":1}`, `"path":"what"`},
		{"transform", "{\"event\":\"\xff\"}", `"error"`},
		{"transform", `{"event":` + strings.Repeat("[", 1<<20), `"error"`},
		{"transform", `{"event":"` + strings.Repeat("[", 1<<20) + `"}`, `"too-deep"`},
		{"transform", `{"event":{},"rules":"` + strings.Repeat("[", 1<<20) + `"}`, `"rules-invalid"`},
		{"diff", `{"change":{},"current":"` + strings.Repeat("[", 1<<20) + `"}`, `"current-invalid"`},
	} {
		if got := same(t, c.call, []byte(c.input)); !strings.Contains(got, c.want) {
			t.Errorf("%s of %.200s: got %.500s, want %s", c.call, c.input, got, c.want)
		}
	}
	if version, err := packageVersion(root); err != nil || m.call(t, "version", nil) != `"`+version+`"` {
		t.Errorf("the module's version is %s, that of the npm package %s, %v", m.call(t, "version", nil), version, err)
	}
	t.Run("forgets", func(t *testing.T) { testForgets(t, m) })
	// A length that the host never asked room for reads nothing beyond the input.
	if got := m.invoke(t, "validate", 1<<30); got == 0 {
		t.Error("no result for a length that is too large")
	}
}

// TestLoad runs large inputs between the golden ones, so that memory is collected over and
// over: otherwise it would grow by far more than it may.
func TestLoad(t *testing.T) {
	t.Parallel()
	m := mustStart(t)
	same := func(input []byte, want string) {
		t.Helper()
		if got := m.call(t, "transform", input); got != want {
			t.Fatalf("%.300s\n got %s\nwant %s", input, got, want)
		}
	}
	large := []byte(`{"event":{"a":[` + strings.Repeat(`{"b":[[["c"]]]},`, 1<<15) + `1]}}`)
	want := string(native["transform"](large))
	for _, input := range mustInputs(t) {
		same(input, string(native["transform"](input)))
		same(large, want)
	}
	if size := m.Memory().Size(); size > 64<<20 {
		t.Errorf("got %d bytes of memory", size)
	}
}

// testForgets looks for a key where the host wrote it and where it read it.
func testForgets(t *testing.T, m module) {
	const key = "9fK2aBq7Wz4LmX1cV8tR"
	input := []byte(`{"change":{"RegionId":"cn-hangzhou","VpnConnectionId":"vco-1","IkeConfig":{"Psk":"` + key + `"}},"reveal":true}`)
	given := m.invoke(t, "input", uint64(len(input)))
	if !m.Memory().Write(given, input) {
		t.Fatal("no room for the input")
	}
	size := m.invoke(t, "build", uint64(len(input)))
	made := m.invoke(t, "output")
	read := func(at, size uint32) string {
		data, ok := m.Memory().Read(at, size)
		if !ok {
			t.Fatalf("no memory from %d to %d", at, at+size)
		}
		return string(data)
	}
	if got := read(made, size); !strings.Contains(got, key) {
		t.Fatalf("got %s, want a result with the key", got)
	}
	if got := read(given, uint32(len(input))); strings.Trim(got, "\x00") != "" {
		t.Errorf("the input is left: %q", got)
	}
	m.call(t, "version", nil)
	if got := read(made, size); strings.Contains(got, key) {
		t.Errorf("after the next call, the result is left: %q", got)
	}
}
