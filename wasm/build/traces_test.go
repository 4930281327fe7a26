package main

import (
	"bytes"
	"encoding/binary"
	"slices"
	"strings"
	"testing"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/imports/wasi_snapshot_preview1"
)

// mustLoad returns the memory of a module before anything runs in it.
func mustLoad(t *testing.T, code []byte) []byte {
	t.Helper()
	runtime := wazero.NewRuntimeWithConfig(t.Context(), wazero.NewRuntimeConfigInterpreter())
	wasi_snapshot_preview1.MustInstantiate(t.Context(), runtime)
	instance, err := runtime.InstantiateWithConfig(t.Context(), code, wazero.NewModuleConfig().WithStartFunctions())
	if err != nil {
		t.Fatal(err)
	}
	memory, err := memoryOf(instance)
	if err != nil {
		t.Fatal(err)
	}
	memory = bytes.Clone(memory)
	if err := runtime.Close(t.Context()); err != nil {
		t.Error(err)
	}
	return memory
}

func mustReadTables(t *testing.T, memory []byte) (pclntab, []function) {
	t.Helper()
	tables, err := findTables(memory)
	if err != nil {
		t.Fatal(err)
	}
	all, err := tables.read()
	if err != nil {
		t.Fatal(err)
	}
	return tables, all
}

// TestWithoutTraces compares the tables before and after: what the garbage collector,
// stacks that grow, and panics need is the same, and names are gone.
func TestWithoutTraces(t *testing.T) {
	t.Parallel()
	code, err := compiledCore()
	if err != nil {
		t.Fatal(err)
	}
	memory := mustLoad(t, code)
	before, all := mustReadTables(t, bytes.Clone(memory))
	if err := withoutTraces(memory); err != nil {
		t.Fatal(err)
	}
	after, short := mustReadTables(t, memory)
	if len(all) < 2000 || len(short) != len(all) {
		t.Fatalf("got %d functions, want all of the %d", len(short), len(all))
	}

	var valueStarts, dataStarts []uint32
	for _, f := range all {
		valueStarts = append(append(valueStarts, f.Frame, f.File, f.Line), f.values...)
		dataStarts = append(dataStarts, f.data...)
	}
	slices.Sort(valueStarts)
	slices.Sort(dataStarts)
	// part is what begins at an offset of a table.
	part := func(table []byte, starts []uint32, from uint32) []byte {
		next, _ := slices.BinarySearch(starts, from+1)
		if next == len(starts) || starts[next] == noData {
			return table[from:]
		}
		return table[from:starts[next]]
	}
	at := func(offsets []uint32, kind int, none uint32) uint32 {
		if kind < len(offsets) {
			return offsets[kind]
		}
		return none
	}
	for i, was := range all {
		f := short[i]
		name, err := before.name(was)
		if err != nil {
			t.Fatal(err)
		}
		if f.Entry != was.Entry || f.Args != was.Args || f.DeferReturn != was.DeferReturn || f.ID != was.ID || f.Flag != was.Flag {
			t.Errorf("%s: got %+v, want %+v", name, f, was)
		}
		same := func(what string, got, want, none uint32, gotTable, wantTable []byte, starts []uint32) {
			if (got == none) != (want == none) {
				t.Errorf("%s: %s: got offset %d for %d", name, what, got, want)
			} else if want != none && !bytes.HasPrefix(gotTable[got:], part(wantTable, starts, want)) {
				t.Errorf("%s: %s is another", name, what)
			}
		}
		same("the frame's size", f.Frame, was.Frame, noValue, after.values, before.values, valueStarts)
		same("the index of maps of pointers", at(f.values, 1, noValue), at(was.values, 1, noValue), noValue, after.values, before.values, valueStarts)
		for _, kind := range []int{0, 1, 2, 4} { // arguments, locals, objects in the stack, deferred calls
			same("what it refers to", at(f.data, kind, noData), at(was.data, kind, noData), noData, after.data, before.data, dataStarts)
		}
	}
}

// TestNamesGone looks for names of the sources.
func TestNamesGone(t *testing.T) {
	t.Parallel()
	code, err := compiledCore()
	if err != nil {
		t.Fatal(err)
	}
	module, err := startedCore()
	if err != nil {
		t.Fatal(err)
	}
	tables, _ := mustReadTables(t, mustLoad(t, code))
	named := func(code []byte) (n int) {
		texts := map[string]bool{}
		for text := range bytes.SplitSeq(code, []byte{0}) {
			texts[string(text)] = true
		}
		for name := range bytes.SplitSeq(slices.Concat(tables.names, tables.files), []byte{0}) {
			if bytes.Contains(name, []byte(".")) && texts[string(name)] {
				n++
			}
		}
		return n
	}
	if before, after := named(code), named(module); before < 2000 || after != 0 {
		t.Errorf("the module names %d functions and files, of %d before", after, before)
	}
}

func TestShortName(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"runtime.bgsweep":          "runtime.(*T).f",
		"runtime.(*plainError).f":  "runtime.(*T).f",
		"net/netip.(*Addr).String": "p.(*T).f",
		"reflect.methodValueCall":  "reflect.methodValueCall",
		"reflect.makeFuncStub":     "reflect.makeFuncStub",
		"reflect.rtypeOf":          "",
		"time.Now":                 "",
		"":                         "",
	} {
		if got := shortName(name); got != want {
			t.Errorf("%s: got %q, want %q", name, got, want)
		}
	}
}

// TestRuntime lets the Go runtime look functions up, before and after.
func TestRuntime(t *testing.T) {
	t.Parallel()
	code := mustCompileReactor(t)
	again, err := started(t.Context(), code)
	if err != nil {
		t.Fatal(err)
	}
	for name, code := range map[string][]byte{"before": code, "after": again} {
		var stderr bytes.Buffer
		runtime := wazero.NewRuntime(t.Context())
		wasi_snapshot_preview1.MustInstantiate(t.Context(), runtime)
		config := wazero.NewModuleConfig().WithStartFunctions(initialize).WithSysNanotime().WithStderr(&stderr)
		instance, err := runtime.InstantiateWithConfig(t.Context(), code, config)
		if err != nil {
			t.Fatal(err)
		}
		m := module{instance}
		if got := int32(m.invoke(t, "collections", 5000)); got < 2 {
			t.Errorf("%s: got %d garbage collections without a loss, want some", name, got)
		}
		if got := m.invoke(t, "recovers"); got != 4 {
			t.Errorf("%s: %d of 4 panics are recovered as they must be", name, got)
		}
		if got := m.invoke(t, "goroutines"); got != 1 {
			t.Errorf("%s: got %d goroutines beside those of the runtime, want 1", name, got)
		}
		if _, err := m.ExportedFunction("deadlock").Call(t.Context()); err == nil {
			t.Errorf("%s: no error after a deadlock", name)
		}
		if got := stderr.String(); !strings.HasPrefix(got, "fatal error: all goroutines are asleep - deadlock!\n\ngoroutine ") {
			t.Errorf("%s: got %s, want to read that it is a deadlock", name, got)
		}
		if err := runtime.Close(t.Context()); err != nil {
			t.Error(err)
		}
	}
}

// TestDamagedTables changes a number, which then is not what the others say.
func TestDamagedTables(t *testing.T) {
	t.Parallel()
	memory := mustLoad(t, mustCompileReactor(t))
	header := bytes.Index(memory, binary.LittleEndian.AppendUint64(nil, pcHeaderMagic))
	tables, _ := mustReadTables(t, memory)
	functions := header + int(binary.LittleEndian.Uint64(memory[header+64:]))
	first := functions + int(binary.LittleEndian.Uint32(memory[functions+4:]))
	if err := withoutTraces(bytes.Clone(memory)); err != nil || tables.count == 0 {
		t.Fatal(err)
	}
	for name, at := range map[string]int{
		"magic": header, "size of pointers": header + 7, "count": header + 8,
		"names": header + 32, "index of files": header + 40, "files": header + 48, "values": header + 56, "functions": header + 64,
		"entry in the index": functions, "place of the second function": functions + 12,
		"entry": first, "name": first + 7, "frame": first + 19, "line": first + 27, "count of values": first + 28, "count of data": first + 43,
	} {
		damaged := bytes.Clone(memory)
		damaged[at] ^= 0x40
		if err := withoutTraces(damaged); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	for name, damaged := range map[string][]byte{
		"empty": nil, "no tables": make([]byte, 1<<16), "cut off": memory[:functions], "twice": append(bytes.Clone(memory), memory...),
	} {
		if err := withoutTraces(damaged); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}
