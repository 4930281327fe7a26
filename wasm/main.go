// Program wasm is the core as a WASI reactor: one module for browsers, Node and
// every other host of WebAssembly. It is built with
//
//	GOOS=wasip1 GOARCH=wasm go build -buildmode=c-shared
//
// and then started by wasm/build, so that it has no _initialize that a host must call.
// It knows only text. A call is:
//
//	p = input(n)       room for n bytes
//	                   the host writes a JSON text in UTF-8 there
//	n = validate(n)    or another of the functions; the length of its result
//	p = output()       where the result is, until the next
//
// Each result is JSON, as the function of package api with that name says. What
// is wrong with the input is said in it, and so is a panic: its error has the code
// "internal". Nothing is read from the host but what is written to input: no clock, no
// randomness, no environment.
//
// The functions keep nothing but memory from call to call. Since input and output may hold keys,
// the input is overwritten before a function returns, and the result when the next is
// called; the host may overwrite it sooner. What a function has copied meanwhile lies
// in memory, unreachable, until other data takes its place: a host that needs it gone
// at once must let go of the module with its memory.
package main

import (
	"runtime"
	"unsafe"

	"vpnattach/shared/core/pipeline"
	"vpnattach/wasm/api"
)

// version is that of the npm package, which wasm/build sets.
var version string

// keep is how much memory for input stays between calls.
const keep = 1 << 20

var in, out []byte

// memory is what Validate and Build work in. To make it anew costs a seventh of a call.
var memory pipeline.Pipeline

// Input returns room for size bytes of input.
//
//go:wasmexport input
func Input(size uint32) unsafe.Pointer {
	if uint64(cap(in)) < uint64(size) || cap(in) > keep {
		in = make([]byte, max(size, 4096))
	}
	return unsafe.Pointer(unsafe.SliceData(in))
}

// Output returns where the result of the last call is.
//
//go:wasmexport output
func Output() unsafe.Pointer { return unsafe.Pointer(unsafe.SliceData(out)) }

// Validate is [api.Validate].
//
//go:wasmexport validate
func Validate(size uint32) uint32 { return callWith(api.ValidateWith, size) }

// Fix is [api.Fix].
//
//go:wasmexport fix
func Fix(size uint32) uint32 { return call(api.Fix, size) }

// Build is [api.Build].
//
//go:wasmexport build
func Build(size uint32) uint32 { return callWith(api.BuildWith, size) }

// Transform is [api.Transform].
//
//go:wasmexport transform
func Transform(size uint32) uint32 { return call(api.Transform, size) }

// Test is [api.Test].
//
//go:wasmexport test
func Test(size uint32) uint32 { return call(api.Test, size) }

// Diff is [api.Diff].
//
//go:wasmexport diff
func Diff(size uint32) uint32 { return call(api.Diff, size) }

// Sign is [api.Sign].
//
//go:wasmexport sign
func Sign(size uint32) uint32 { return call(api.Sign, size) }

// Snippet is [api.Snippet].
//
//go:wasmexport snippet
func Snippet(size uint32) uint32 { return call(api.Snippet, size) }

// Parameters is [api.Parameters].
//
//go:wasmexport parameters
func Parameters() uint32 {
	return call(func([]byte) []byte { return api.Parameters() }, 0)
}

// Version gives the version as a JSON string.
//
//go:wasmexport version
func Version() uint32 {
	return call(func([]byte) []byte { return []byte(`"` + version + `"`) }, 0)
}

// callWith is call for a function that works in memory.
func callWith(f func(*pipeline.Pipeline, []byte) []byte, size uint32) uint32 {
	return call(func(data []byte) []byte {
		defer memory.Forget()
		return f(&memory, data)
	}, size)
}

// call runs a function on the first size bytes of the input. It overwrites them, and
// the result before.
func call(f func([]byte) []byte, size uint32) (n uint32) {
	defer func() {
		clear(in[:min(uint64(size), uint64(len(in)))])
		if recover() != nil {
			memory = pipeline.Pipeline{}
			out = []byte(`{"error":{"code":"internal","message":"the core failed on this input","hint":"please report it, without keys"}}`)
			n = uint32(len(out))
		}
	}()
	clear(out)
	out = nil
	if uint64(size) > uint64(len(in)) {
		size = uint32(len(in))
	}
	out = f(in[:size])
	collect(int(size) + len(out))
	return uint32(len(out))
}

// unchecked is how much text may go in and out before memory is looked at.
const unchecked = 1 << 20

// text counts the bytes that went in and out since then.
var text int

// collect ends a garbage collection that has stalled. When the host's clock jumps during
// one, the runtime may think that it takes too long, and leave the rest to a monitor, which
// WebAssembly has none of: memory would grow with every call.
func collect(n int) {
	if text += n; text < unchecked {
		return
	}
	text = 0
	var m runtime.MemStats
	if runtime.ReadMemStats(&m); m.HeapAlloc > m.NextGC {
		runtime.GC()
	}
}

// main is never called: the module is a library.
func main() {}
