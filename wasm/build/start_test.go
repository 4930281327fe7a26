package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/imports/wasi_snapshot_preview1"
)

// mustInitialize returns the memory and the globals after _initialize, before which
// prepare has changed the memory.
func mustInitialize(t *testing.T, code []byte, prepare func(memory []byte) error) (memory []byte, globals []uint64) {
	t.Helper()
	all, err := split(code)
	if err != nil {
		t.Fatal(err)
	}
	opened, err := all.exportGlobals()
	if err != nil {
		t.Fatal(err)
	}
	runtime := wazero.NewRuntimeWithConfig(t.Context(), wazero.NewRuntimeConfigInterpreter())
	wasi_snapshot_preview1.MustInstantiate(t.Context(), runtime)
	instance, err := runtime.InstantiateWithConfig(t.Context(), opened.join(), wazero.NewModuleConfig().WithStartFunctions())
	if err != nil {
		t.Fatal(err)
	}
	if memory, err = memoryOf(instance); err != nil {
		t.Fatal(err)
	}
	if err := prepare(memory); err != nil {
		t.Fatal(err)
	}
	if _, err := instance.ExportedFunction(initialize).Call(t.Context()); err != nil {
		t.Fatal(err)
	}
	for i := uint64(0); instance.ExportedGlobal(globalName(i)) != nil; i++ {
		globals = append(globals, instance.ExportedGlobal(globalName(i)).Get())
	}
	if memory, err = memoryOf(instance); err != nil {
		t.Fatal(err)
	}
	memory = bytes.Clone(memory)
	if err := runtime.Close(t.Context()); err != nil {
		t.Error(err)
	}
	return memory, globals
}

// TestStarted compares a module that starts with one that has been started before.
func TestStarted(t *testing.T) {
	t.Parallel()
	code := mustCompileReactor(t)
	again, err := started(t.Context(), code)
	if err != nil {
		t.Fatal(err)
	}
	same(t, code, again)
	if once, err := started(t.Context(), code); err != nil || !bytes.Equal(once, again) {
		t.Errorf("got another module than before (error %v)", err)
	}
}

// TestStartedCore does it with the module that is delivered, whose buckets are more.
func TestStartedCore(t *testing.T) {
	t.Parallel()
	code, err := compiledCore()
	if err != nil {
		t.Fatal(err)
	}
	again, err := startedCore()
	if err != nil {
		t.Fatal(err)
	}
	same(t, code, again)
}

func mustCompileReactor(t *testing.T) []byte {
	t.Helper()
	file := filepath.Join(t.TempDir(), "reactor.wasm")
	command := exec.CommandContext(t.Context(), "go", "build", "-buildmode=c-shared", "-o", file, ".")
	command.Dir = filepath.Join("testdata", "reactor")
	command.Env = append(os.Environ(), "GOOS=wasip1", "GOARCH=wasm", "GOFLAGS=")
	if out, err := command.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	code, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return code
}

// same compares what a module is after _initialize with what it was before it.
func same(t *testing.T, code, again []byte) {
	t.Helper()
	wantMemory, wantGlobals := mustInitialize(t, code, withoutTraces)
	gotMemory, gotGlobals := mustInitialize(t, again, func([]byte) error { return nil })
	if !bytes.Equal(gotMemory, wantMemory) {
		t.Error("the memory is not as _initialize leaves it")
	}
	if len(wantGlobals) == 0 || !slices.Equal(gotGlobals, wantGlobals) {
		t.Errorf("globals: got %d, want %d", gotGlobals, wantGlobals)
	}
	if len(again) >= len(code) {
		t.Errorf("got %d bytes, not fewer than %d", len(again), len(code))
	}
}

func TestStartedMalformed(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, code string }{
		{"empty", ""},
		{"text", "package main"},
		{"no sections", header},
		{"cut off", header + "\x07\x09\x01"},
		{"a length without end", header + "\x07\xff\xff"},
		{"no _initialize", header + "\x05\x03\x01\x00\x01\x06\x01\x00\x07\x0a\x01\x06memory\x02\x00\x0a\x01\x00\x0b\x01\x00"},
	} {
		if got, err := started(t.Context(), []byte(c.code)); err == nil {
			t.Errorf("%s: got %q, want an error", c.name, got)
		}
	}
}
