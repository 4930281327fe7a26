package main

import (
	"bytes"
	"encoding/binary"
)

// buckets is the table in which the Go runtime looks a function up by its program
// counter. It has a bucket for every 4096 of those. In WebAssembly each function has
// 65536, however short it is, so 16 buckets in a row are the same, those of the next
// function have a number that is higher by one, and all that makes up a fifth of the
// module. Counting takes far less time than loading. Source: findfuncbucket in the Go
// runtime's symtab.go.
type buckets struct{ at, n int }

const (
	bucketSize  = 20 // the number of a function, and sixteen bytes that are zero
	perFunction = 16
)

// findBuckets finds those of the functions from number 1 on.
func findBuckets(memory []byte) buckets {
	start := append(bytes.Repeat(bucket(perFunction), perFunction), bucket(2*perFunction)...)
	b := buckets{at: bytes.Index(memory, start)}
	if b.at < 0 {
		return buckets{}
	}
	for rest := memory[b.at:]; bytes.HasPrefix(rest, bucket(b.n+perFunction)); rest = rest[bucketSize:] {
		b.n++
	}
	return b
}

// bucket is the one at an index, counted from function 0.
func bucket(index int) []byte {
	return append(binary.LittleEndian.AppendUint32(nil, uint32(index/perFunction)), make([]byte, bucketSize-4)...)
}

// cleared returns the memory without them.
func (b buckets) cleared(memory []byte) []byte {
	memory = bytes.Clone(memory)
	clear(memory[b.at : b.at+b.n*bucketSize])
	return memory
}

// code is the body of a function that writes them.
func (b buckets) code() []byte {
	if b.n == 0 {
		return []byte{0, endOfCode} // no locals
	}
	const (
		i32, nothing                     = 0x7f, 0x40
		get, tee, loop, branchIf         = 0x20, 0x22, 0x03, 0x0d
		add, multiply, shiftRight, below = 0x6a, 0x6c, 0x76, 0x49
		store                            = 0x36
	)
	code := []byte{1, 1, i32, // one local: the index of the bucket
		loop, nothing,
		get, 0, i32Const, bucketSize, multiply, // where to, from the first on
		get, 0, i32Const, 4, shiftRight, i32Const, 1, add, // the number of its function
		store, 2}
	code = binary.AppendUvarint(code, uint64(b.at))
	code = append(code, get, 0, i32Const, 1, add, tee, 0, i32Const)
	code = appendSigned(code, int64(b.n))
	return append(code, below, branchIf, 0, endOfCode, endOfCode)
}
