package main

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
	"github.com/tetratelabs/wazero/imports/wasi_snapshot_preview1"
)

// started returns the module as it is once _initialize has run: memory and globals
// begin with what they hold then, and its own _initialize does nothing. So what every
// host would wait for is done once, here. It comes out the same on every machine,
// since wazero's clocks and randomness, which the Go runtime asks for, are not real.
// So the seed of the runtime's hashes is no secret, but the same on every host. That
// does no harm as long as no map of the core takes its keys from an input, since then
// nobody can make them collide.
func started(ctx context.Context, code []byte) (_ []byte, err error) {
	sections, err := split(code)
	if err != nil {
		return nil, err
	}
	opened, err := sections.exportGlobals()
	if err != nil {
		return nil, err
	}
	runtime := wazero.NewRuntimeWithConfig(ctx, wazero.NewRuntimeConfigInterpreter())
	defer func() { err = errors.Join(err, runtime.Close(ctx)) }()
	if _, err := wasi_snapshot_preview1.Instantiate(ctx, runtime); err != nil {
		return nil, err
	}
	instance, err := runtime.InstantiateWithConfig(ctx, opened.join(), wazero.NewModuleConfig().WithStartFunctions())
	if err != nil {
		return nil, err
	}
	memory, err := memoryOf(instance)
	if err != nil {
		return nil, err
	}
	if err := withoutTraces(memory); err != nil {
		return nil, err
	}
	start := instance.ExportedFunction(initialize)
	if start == nil {
		return nil, errMalformed
	}
	if _, err := start.Call(ctx); err != nil {
		return nil, err
	}
	return sections.at(instance)
}

const initialize = "_initialize"

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

// The sections that matter here, and the codes within them. Source:
// https://webassembly.github.io/spec/core/binary/modules.html
const (
	importSection, memorySection, globalSection, exportSection, codeSection, dataSection = 2, 5, 6, 7, 10, 11

	functionKind, globalKind      = 0, 3
	i32Const, i64Const, endOfCode = 0x41, 0x42, 0x0b
)

const header = "\x00asm\x01\x00\x00\x00"

var errMalformed = errors.New("the module is not as the Go linker writes it")

// section is the content of a section, without its id and length.
type section struct {
	id   byte
	body []byte
}

type sections []section

func split(code []byte) (all sections, err error) {
	r := reader{rest: code}
	if string(r.take(uint64(len(header)))) != header {
		return nil, errMalformed
	}
	for len(r.rest) > 0 {
		id := r.byte()
		all = append(all, section{id, r.take(r.number())})
	}
	return all, r.err
}

func (all sections) join() []byte {
	out := []byte(header)
	for _, s := range all {
		out = appendSized(append(out, s.id), s.body)
	}
	return out
}

func (all sections) get(id byte) *reader {
	for _, s := range all {
		if s.id == id {
			return &reader{rest: s.body}
		}
	}
	return &reader{}
}

// with returns the sections with some replaced.
func (all sections) with(bodies map[byte][]byte) sections {
	changed := make(sections, len(all))
	for i, s := range all {
		if body, ok := bodies[s.id]; ok {
			s.body = body
		}
		changed[i] = s
	}
	return changed
}

// exportGlobals makes the globals readable from outside.
func (all sections) exportGlobals() (sections, error) {
	globals, exports := all.get(globalSection), all.get(exportSection)
	n := globals.number()
	body := binary.AppendUvarint(nil, exports.number()+n)
	body = append(body, exports.rest...)
	for i := range n {
		body = appendSized(body, []byte(globalName(i)))
		body = binary.AppendUvarint(append(body, globalKind), i)
	}
	return all.with(map[byte][]byte{exportSection: body}), errors.Join(globals.err, exports.err)
}

func globalName(i uint64) string { return fmt.Sprint("global ", i) }

// at returns the module that begins as the instance is.
func (all sections) at(instance api.Module) ([]byte, error) {
	memory, err := memoryOf(instance)
	if err != nil {
		return nil, err
	}
	globals, err := all.globals(instance)
	if err != nil {
		return nil, err
	}
	counted := findBuckets(memory)
	code, err := all.withInitialize(counted.code())
	if err != nil {
		return nil, err
	}
	memory = counted.cleared(memory)
	return all.with(map[byte][]byte{
		memorySection: binary.AppendUvarint([]byte{1, 0}, uint64(len(memory)>>16)),
		globalSection: globals,
		codeSection:   code,
		dataSection:   data(memory),
	}).join(), nil
}

// globals writes the section of globals with the values that they have.
func (all sections) globals(instance api.Module) ([]byte, error) {
	r := all.get(globalSection)
	n := r.number()
	body := binary.AppendUvarint(nil, n)
	for i := range n {
		body = append(body, r.take(2)...) // its type, and that it may change
		value := instance.ExportedGlobal(globalName(i)).Get()
		switch op := r.byte(); op {
		case i32Const:
			body = appendSigned(append(body, op), int64(int32(value)))
		case i64Const:
			body = appendSigned(append(body, op), int64(value))
		default:
			return nil, errMalformed
		}
		if r.number(); r.byte() != endOfCode {
			return nil, errMalformed
		}
		body = append(body, endOfCode)
	}
	return body, r.err
}

// withInitialize writes the section of code with another body of _initialize.
func (all sections) withInitialize(initializer []byte) ([]byte, error) {
	at, err := all.function(initialize)
	if err != nil {
		return nil, err
	}
	r := all.get(codeSection)
	n := r.number()
	body := binary.AppendUvarint(nil, n)
	for i := range n {
		function := r.take(r.number())
		if i == at {
			function = initializer
		}
		body = appendSized(body, function)
	}
	return body, r.err
}

// function returns the index of an exported function among those with code.
func (all sections) function(name string) (uint64, error) {
	imports := all.get(importSection)
	imported := imports.number() // the Go linker imports nothing but functions
	r := all.get(exportSection)
	for range r.number() {
		found := string(r.take(r.number()))
		kind, index := r.byte(), r.number()
		if found == name && kind == functionKind && index >= imported {
			return index - imported, r.err
		}
	}
	return 0, errors.Join(errMalformed, r.err, imports.err)
}

// leastGap is how many zeroes end a piece of data. A piece of its own costs ten bytes.
const leastGap = 32

// data writes the section of data that makes up the memory.
func data(memory []byte) []byte {
	var pieces uint64
	var body []byte
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
		pieces++
		body = appendSigned(append(body, 0, i32Const), int64(int32(from)))
		body = appendSized(append(body, endOfCode), memory[from:to])
		from = to
	}
	return append(binary.AppendUvarint(nil, pieces), body...)
}

func appendSized(dst, body []byte) []byte {
	return append(binary.AppendUvarint(dst, uint64(len(body))), body...)
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

// decode reads numbers of a fixed size.
func (r *reader) decode(into any) {
	if _, err := binary.Decode(r.take(uint64(binary.Size(into))), binary.LittleEndian, into); err != nil {
		r.err = errMalformed
	}
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
