package main

import (
	"bytes"
	"encoding/binary"
	"errors"
	"slices"
)

// pclntab is what the Go runtime knows of functions. Sources: symtab.go and runtime2.go
// in the Go runtime, internal/abi/symtab.go, and pcln.go in the Go linker.
type pclntab struct {
	names     []byte // of functions
	files     []byte // which files belong together, and their names
	values    []byte // tables of what depends on the program counter, as a frame's size
	functions []byte // an index, and then each function
	data      []byte // what holds all over a function, as which words of a frame are pointers
	count     uint64 // of functions
}

// function is _func in the runtime. Values and data are of kinds that have indexes:
// PCDATA_… and FUNCDATA_….
type function struct {
	functionHeader
	values []uint32 // offsets in pclntab.values, or noValue
	data   []uint32 // offsets in pclntab.data, or noData
}

type functionHeader struct {
	Entry, Name, Args, DeferReturn uint32
	Frame, File, Line              uint32 // offsets in pclntab.values
	Values, Files, StartLine       uint32
	ID, Flag, _, Data              uint8
}

const (
	noValue = 0
	noData  = ^uint32(0)
)

var errTables = errors.New("the tables of functions are not as Go 1.26 writes them")

// moduledata is the start of what has that name in the runtime, pcHeader that of the
// tables.
type (
	moduledata struct {
		Header                                              uint64
		Names, FileIndex, Files, Values, Functions, Entries struct{ At, Len, Cap uint64 }
		Buckets                                             uint64
		_                                                   [20]uint64
		Data                                                uint64
	}
	pcHeader struct{ Magic, Count, _, _, Names, FileIndex, Files, Values, Functions uint64 }
)

// pcHeaderMagic is the version of the layout, and that the program counter counts by 1
// and pointers have 8 bytes.
const pcHeaderMagic = 0x0801_0000_fffffff1

func findTables(memory []byte) (t pclntab, err error) {
	var h pcHeader
	var m moduledata
	at, err := find(memory, &h, pcHeaderMagic)
	if err != nil {
		return t, err
	}
	if _, err := find(memory, &m, at, at+h.Names); err != nil {
		return t, err
	}
	end := m.Functions.At + m.Functions.Len
	inOrder := slices.IsSorted([]uint64{
		at, m.Names.At, m.FileIndex.At, m.Files.At, m.Values.At, m.Functions.At, end, m.Data, m.Buckets, uint64(len(memory)),
	})
	if !inOrder || at+h.FileIndex != m.FileIndex.At || at+h.Files != m.Files.At || at+h.Values != m.Values.At ||
		at+h.Functions != m.Functions.At || m.Entries.At != m.Functions.At || m.Entries.Len != h.Count+1 || h.Count >= m.Functions.Len/8 {
		return t, errTables
	}
	return pclntab{
		names:     memory[m.Names.At:m.FileIndex.At],
		files:     memory[m.FileIndex.At:m.Values.At],
		values:    memory[m.Values.At:m.Functions.At],
		functions: memory[m.Functions.At:end],
		data:      memory[m.Data:m.Buckets],
		count:     h.Count,
	}, nil
}

// find reads what begins with certain numbers, as must be so in one place only.
func find(memory []byte, into any, start ...uint64) (at uint64, err error) {
	var pattern []byte
	for _, n := range start {
		pattern = binary.LittleEndian.AppendUint64(pattern, n)
	}
	i := bytes.Index(memory, pattern)
	if i < 0 || bytes.Contains(memory[i+1:], pattern) {
		return 0, errTables
	}
	r := reader{rest: memory[i:]}
	r.decode(into)
	return uint64(i), r.err
}

// name returns the name of a function.
func (t pclntab) name(f function) (string, error) {
	if uint64(f.Name) < uint64(len(t.names)) {
		if name, _, ended := bytes.Cut(t.names[f.Name:], []byte{0}); ended {
			return string(name), nil
		}
	}
	return "", errTables
}

// indexSize is that of two numbers for each function, and one at the end.
func (t pclntab) indexSize() uint64 { return 8*t.count + 4 }

// read returns the functions. Each begins where the one before ends, or a few bytes after.
func (t pclntab) read() ([]function, error) {
	all := make([]function, t.count)
	index, r := reader{rest: t.functions}, reader{rest: t.functions}
	r.take(t.indexSize())
	for i := range all {
		var entry struct{ Entry, At uint32 }
		index.decode(&entry)
		gap := int64(entry.At) - int64(len(t.functions)-len(r.rest))
		if gap < 0 || gap >= 8 {
			return nil, errTables
		}
		r.take(uint64(gap))
		f := &all[i]
		r.decode(&f.functionHeader)
		if f.Entry != entry.Entry || uint64(f.Values) > uint64(len(r.rest)) {
			return nil, errTables
		}
		f.values, f.data = make([]uint32, f.Values), make([]uint32, f.Data)
		r.decode(f.values)
		r.decode(f.data)
	}
	if len(bytes.Trim(r.rest, "\x00")) > 0 {
		return nil, errTables
	}
	return all, r.err
}

// write replaces the functions. Each begins where the one before ends.
func (t pclntab) write(all []function) {
	table := slices.Clone(t.functions[:t.indexSize()])
	for i, f := range all {
		binary.LittleEndian.PutUint32(table[8*i+4:], uint32(len(table)))
		f.Values, f.Data = uint32(len(f.values)), uint8(len(f.data))
		for _, part := range []any{f.functionHeader, f.values, f.data} {
			table, _ = binary.Append(table, binary.LittleEndian, part) // all have a fixed size
		}
	}
	replace(t.functions, table)
}

// replace writes a table where a longer one was.
func replace(old, table []byte) { clear(old[copy(old, table):]) }
