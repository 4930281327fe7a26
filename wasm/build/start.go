package main

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
	"github.com/tetratelabs/wazero/imports/wasi_snapshot_preview1"
)

const initialize = "_initialize"

// started returns the module as it is once _initialize has run: memory and globals begin
// with what they hold then, and there is no _initialize any more. So what every host would
// wait for is done once, here. It comes out the same on every machine, since wazero's
// clocks and randomness, which the Go runtime asks for, are not real. So the seed of the
// runtime's hashes is not a secret, but the same on every host. That does no harm as long as
// no map of the core takes its keys from an input, since then an input can not make them
// collide.
func started(ctx context.Context, code []byte) (_ []byte, err error) {
	w, err := parse(code)
	if err != nil {
		return nil, err
	}
	runtime := wazero.NewRuntimeWithConfig(ctx, wazero.NewRuntimeConfigInterpreter())
	defer func() { err = errors.Join(err, runtime.Close(ctx)) }()
	if _, err := wasi_snapshot_preview1.Instantiate(ctx, runtime); err != nil {
		return nil, err
	}
	// The clock stands, just above 0, so that no host's is behind it.
	host := wazero.NewModuleConfig().WithStartFunctions().WithNanotime(func() int64 { return 1 }, 1)
	instance, err := runtime.InstantiateWithConfig(ctx, w.readable(), host)
	if err != nil {
		return nil, err
	}
	start := instance.ExportedFunction(initialize)
	if start == nil {
		return nil, errMalformed
	}
	if _, err := start.Call(ctx); err != nil {
		return nil, err
	}
	return w.at(instance)
}

// memoryOf returns the memory itself, no copy.
func memoryOf(instance api.Module) ([]byte, error) {
	memory := instance.Memory()
	if memory == nil {
		return nil, errMalformed
	}
	all, ok := memory.Read(0, memory.Size())
	if !ok {
		return nil, errors.New("the memory can't be read")
	}
	return all, nil
}

// What is known of the module is WebAssembly's binary format. Source:
// https://webassembly.github.io/spec/core/binary/modules.html
const (
	header = "\x00asm\x01\x00\x00\x00"

	memorySection, globalSection, exportSection, dataSection = 5, 6, 7, 11

	globalKind                    = 3
	i32Const, i64Const, endOfCode = 0x41, 0x42, 0x0b
)

var errMalformed = errors.New("the module is not as the Go linker writes it")

// section is the content of a section, without its id and length.
type section struct {
	id   byte
	body []byte
}

// wasm is a module: all its sections, and the entries of two of them.
type wasm struct {
	sections         []section
	exports, globals [][]byte
}

func parse(code []byte) (w wasm, err error) {
	r := &reader{rest: code}
	if string(r.take(uint64(len(header)))) != header {
		return w, errMalformed
	}
	for len(r.rest) > 0 {
		s := section{r.byte(), r.take(r.number())}
		w.sections = append(w.sections, s)
		switch s.id {
		case exportSection:
			w.exports, err = entries(s.body, export)
		case globalSection:
			w.globals, err = entries(s.body, global)
		}
		if err != nil {
			return w, err
		}
	}
	return w, r.err
}

// entries returns the entries of a section; skip reads one of them.
func entries(body []byte, skip func(*reader)) (all [][]byte, err error) {
	r := &reader{rest: body}
	for n := r.number(); n > 0 && r.err == nil; n-- {
		entry := r.rest
		skip(r)
		all = append(all, entry[:len(entry)-len(r.rest)])
	}
	return all, r.err
}

// with returns the module with other entries in some sections.
func (w wasm) with(changed map[byte][][]byte) []byte {
	out := []byte(header)
	for _, s := range w.sections {
		if entries, ok := changed[s.id]; ok {
			s.body = append(binary.AppendUvarint(nil, uint64(len(entries))), slices.Concat(entries...)...)
		}
		out = append(append(out, s.id), sized(s.body)...)
	}
	return out
}

// readable returns the module with all globals exported.
func (w wasm) readable() []byte {
	exports := slices.Clone(w.exports)
	for i := range w.globals {
		exports = append(exports, binary.AppendUvarint(append(sized([]byte(globalName(i))), globalKind), uint64(i)))
	}
	return w.with(map[byte][][]byte{exportSection: exports})
}

func globalName(i int) string { return fmt.Sprint("global ", i) }

// at returns the module that begins as the instance is, which is one of readable.
func (w wasm) at(instance api.Module) ([]byte, error) {
	memory, err := memoryOf(instance)
	if err != nil {
		return nil, err
	}
	var globals, exports [][]byte
	for i, g := range w.globals {
		globals = append(globals, withValue(g, instance.ExportedGlobal(globalName(i)).Get()))
	}
	for _, e := range w.exports {
		if !bytes.HasPrefix(e, sized([]byte(initialize))) {
			exports = append(exports, e)
		}
	}
	return w.with(map[byte][][]byte{
		memorySection: {binary.AppendUvarint([]byte{0}, uint64(len(memory)>>16))}, // no maximum
		globalSection: globals,
		exportSection: exports,
		dataSection:   data(memory),
	}), nil
}

// export reads a name, a kind and an index.
func export(r *reader) {
	r.take(r.number())
	r.byte()
	r.number()
}

// global reads a type, whether the global may change, and its value, a constant.
func global(r *reader) {
	r.take(2)
	op := r.byte()
	r.number()
	if op != i32Const && op != i64Const || r.byte() != endOfCode {
		r.err = errMalformed
	}
}

// withValue returns a global with another value.
func withValue(global []byte, value uint64) []byte {
	n := int64(value)
	if global[2] == i32Const {
		n = int64(int32(value))
	}
	return append(appendSigned(slices.Clone(global[:3]), n), endOfCode)
}

// leastGap is how many zeroes end a piece of data. A piece of its own costs ten bytes.
const leastGap = 32

// data returns the pieces of data that make up the memory.
func data(memory []byte) (pieces [][]byte) {
	for from := 0; from < len(memory); {
		if memory[from] == 0 {
			from++
			continue
		}
		to := from + 1 // behind the last byte that is not zero
		for at := to; at < len(memory) && at < to+leastGap; at++ {
			if memory[at] != 0 {
				to = at + 1
			}
		}
		place := append(appendSigned([]byte{0, i32Const}, int64(int32(from))), endOfCode)
		pieces = append(pieces, append(place, sized(memory[from:to])...))
		from = to
	}
	return pieces
}

// sized returns bytes or a name with the length before it.
func sized(body []byte) []byte {
	return append(binary.AppendUvarint(nil, uint64(len(body))), body...)
}

// appendSigned appends a number in signed LEB128.
func appendSigned(dst []byte, n int64) []byte {
	for n < -64 || n > 63 {
		dst = append(dst, byte(n)|0x80)
		n >>= 7
	}
	return append(dst, byte(n)&0x7f)
}

// reader reads a part of a module. What comes after an error is empty.
type reader struct {
	rest []byte
	err  error
}

func (r *reader) take(n uint64) []byte {
	if n > uint64(len(r.rest)) {
		r.rest, r.err = nil, errMalformed
		return nil
	}
	taken := r.rest[:n]
	r.rest = r.rest[n:]
	return taken
}

func (r *reader) byte() byte {
	if b := r.take(1); len(b) == 1 {
		return b[0]
	}
	return 0
}

func (r *reader) number() uint64 {
	n, size := binary.Uvarint(r.rest)
	if size <= 0 {
		r.rest, r.err = nil, errMalformed
		return 0
	}
	r.rest = r.rest[size:]
	return n
}
