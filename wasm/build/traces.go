package main

import (
	"slices"
	"strings"
)

// What only a traceback asks for, and nobody sees, is a tenth of the module. It is said
// here which that is, and where the Go runtime shows it.

// Beside files and lines, these are the kinds of values and data that are left out. Any
// other stays, as one that another Go adds.
var (
	// Unsafe points are for preemption by signals, which WebAssembly has not: see
	// preemptMSupported in os_wasm.go. The others belong to the kinds of data below.
	tracedValues = []int{0, 2, 3} // unsafe points, which function is inlined, which arguments live

	// Without inlined functions, newInlineUnwinder in symtabinl.go goes on with the one
	// around them. Beside tracebacks, it makes a difference to gorecover in panic.go, which
	// counts functions; but one that recovers is never inlined: see ORECOVER in
	// cmd/compile/internal/inline. printArgs in traceback.go prints no argument without
	// their layout. What a wrapper wraps is for the execution tracer: tracestack.go.
	tracedData = []int{3, 5, 6, 7} // inlined functions, arguments, which of them live, wrappers
)

// withoutTraces takes it out of a memory in which the runtime has not been started, so
// that the start checks what is left, and nothing remembers where it was.
func withoutTraces(memory []byte) error {
	t, err := findTables(memory)
	if err != nil {
		return err
	}
	functions, err := t.read()
	if err != nil {
		return err
	}
	var values, data, keptValues, keptData []uint32
	names := []byte{0}
	offsets := map[string]uint32{"": 0}
	for i := range functions {
		f := &functions[i]
		name, err := t.name(*f)
		if err != nil {
			return err
		}
		name = shortName(name)
		if _, ok := offsets[name]; !ok {
			offsets[name] = uint32(len(names))
			names = append(append(names, name...), 0)
		}
		f.Name = offsets[name]

		values = append(append(values, f.Frame, f.File, f.Line), f.values...)
		data = append(data, f.data...)
		f.File, f.Line, f.Files, f.StartLine = noValue, noValue, 0, 0 // "?", line 0: funcline1 in symtab.go
		f.values = without(tracedValues, f.values, noValue)
		f.data = without(tracedData, f.data, noData)
		keptValues = append(append(keptValues, f.Frame), f.values...)
		keptData = append(keptData, f.data...)
	}
	movedValues, err := pack(t.values, values, keptValues, noValue)
	if err != nil {
		return err
	}
	movedData, err := pack(t.data, data, keptData, noData)
	if err != nil {
		return err
	}
	for i := range functions {
		f := &functions[i]
		f.Frame = movedValues[f.Frame]
		for j := range f.values {
			f.values[j] = movedValues[f.values[j]]
		}
		for j := range f.data {
			f.data[j] = movedData[f.data[j]]
		}
	}
	t.write(functions)
	replace(t.names, names)
	clear(t.files)
	return nil
}

// shortName returns as much of a function's name as makes a difference beyond printing.
func shortName(name string) string {
	switch {
	case strings.HasPrefix(name, "runtime."): // isSystemGoroutine in traceback.go
		return "runtime.(*T).f"
	case name == "reflect.makeFuncStub", name == "reflect.methodValueCall": // argMapInternal in stkframe.go
		return name
	case strings.Contains(name, ".(*"): // panicwrap in error.go
		return "p.(*T).f"
	}
	return ""
}

// without returns offsets with none for some kinds. None at the end needs no offset.
func without(kinds []int, offsets []uint32, none uint32) []uint32 {
	for _, kind := range kinds {
		if kind < len(offsets) {
			offsets[kind] = none
		}
	}
	for len(offsets) > 0 && offsets[len(offsets)-1] == none {
		offsets = offsets[:len(offsets)-1]
	}
	return offsets
}

// pack moves the parts of a table that are kept to its start, and returns where each is.
// A part ends where the next begins. They stay aligned, since the linker puts those that
// need the most first.
func pack(table []byte, parts, kept []uint32, none uint32) (moved map[uint32]uint32, err error) {
	parts = slices.DeleteFunc(parts, func(offset uint32) bool { return offset == none })
	slices.Sort(parts)
	parts = append(slices.Compact(parts), uint32(len(table)))
	if !slices.IsSorted(parts) {
		return nil, errTables
	}
	moved = map[uint32]uint32{}
	for _, offset := range kept {
		moved[offset] = none
	}
	packed := slices.Clone(table[:parts[0]])
	for i, offset := range parts[:len(parts)-1] {
		if _, ok := moved[offset]; ok {
			moved[offset] = uint32(len(packed))
			packed = append(packed, table[offset:parts[i+1]]...)
		}
	}
	replace(table, packed)
	return moved, nil
}
