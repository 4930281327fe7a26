package main

import (
	"bytes"
	"slices"
	"testing"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/imports/wasi_snapshot_preview1"
)

// mustInitialize returns the memory and the globals of a module that has been started,
// by _initialize if it has that.
func mustInitialize(t *testing.T, code []byte) (memory []byte, globals []uint64) {
	t.Helper()
	w, err := parse(code)
	if err != nil {
		t.Fatal(err)
	}
	runtime := wazero.NewRuntimeWithConfig(t.Context(), wazero.NewRuntimeConfig().WithCompilationCache(cache))
	wasi_snapshot_preview1.MustInstantiate(t.Context(), runtime)
	instance, err := runtime.InstantiateWithConfig(t.Context(), w.readable(), wazero.NewModuleConfig().WithStartFunctions(initialize).WithNanotime(func() int64 { return 1 }, 1))
	if err != nil {
		t.Fatal(err)
	}
	for i := range w.globals {
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
	code, err := compiledCore()
	if err != nil {
		t.Fatal(err)
	}
	again, err := startedCore()
	if err != nil {
		t.Fatal(err)
	}
	wantMemory, wantGlobals := mustInitialize(t, code)
	gotMemory, gotGlobals := mustInitialize(t, again)
	if !bytes.Equal(gotMemory, wantMemory) {
		t.Error("the memory is not as _initialize leaves it")
	}
	if len(wantGlobals) == 0 || !slices.Equal(gotGlobals, wantGlobals) {
		t.Errorf("globals: got %d, want %d", gotGlobals, wantGlobals)
	}
	if once, err := started(t.Context(), code); err != nil || !bytes.Equal(once, again) {
		t.Errorf("got another module than before (error %v)", err)
	}
	if _, err := started(t.Context(), again); err == nil {
		t.Error("no error for a module that has been started before")
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
		{"more exports than it has", header + "\x05\x03\x01\x00\x01\x06\x01\x00\x07\x05\xff\xff\xff\xff\x0f"},
		{"a global that is not a constant", header + "\x05\x03\x01\x00\x01\x06\x06\x01\x7f\x00\x23\x00\x0b\x07\x01\x00\x0a\x01\x00\x0b\x01\x00"},
		{"no _initialize", header + "\x05\x03\x01\x00\x01\x06\x01\x00\x07\x0a\x01\x06memory\x02\x00\x0a\x01\x00\x0b\x01\x00"},
	} {
		if got, err := started(t.Context(), []byte(c.code)); err == nil {
			t.Errorf("%s: got %q, want an error", c.name, got)
		}
	}
}
