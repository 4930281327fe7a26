// Package digest has SHA-256, SHA-1 and HMAC for the WebAssembly build alone. There
// package crypto brings its certified module, a random source and package os along,
// which are 70 kB of the compressed module and of no use to a signature. Everywhere
// else package crypto is used, and a test compares the two.
//
// Sources: FIPS 180-4, RFC 2104.
package digest

import (
	"encoding/binary"
	"hash"
	"math/bits"
)

const blockSize = 64

// block takes one block of the message into the state.
type block func(state *[8]uint32, p []byte)

// digest is a hash in progress.
type digest struct {
	state, start [8]uint32
	size         int // bytes of the sum
	block        block
	rest         [blockSize]byte
	n            int    // bytes in rest
	length       uint64 // bytes of the message
}

// New256 returns a new SHA-256.
func New256() hash.Hash {
	d := &digest{size: 32, block: block256, start: [8]uint32{0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19}}
	d.Reset()
	return d
}

// New1 returns a new SHA-1, which the V1 signature is made with.
func New1() hash.Hash {
	d := &digest{size: 20, block: block1, start: [8]uint32{0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0}}
	d.Reset()
	return d
}

// Sum256 returns the SHA-256 of the message.
func Sum256(message []byte) (sum [32]byte) {
	d := New256()
	d.Write(message)
	d.Sum(sum[:0])
	return sum
}

func (d *digest) Size() int      { return d.size }
func (d *digest) BlockSize() int { return blockSize }

func (d *digest) Reset() { d.state, d.n, d.length = d.start, 0, 0 }

func (d *digest) Write(p []byte) (int, error) {
	written := len(p)
	d.length += uint64(written)
	if d.n > 0 {
		k := copy(d.rest[d.n:], p)
		d.n, p = d.n+k, p[k:]
		if d.n < blockSize {
			return written, nil
		}
		d.block(&d.state, d.rest[:])
	}
	for ; len(p) >= blockSize; p = p[blockSize:] {
		d.block(&d.state, p[:blockSize])
	}
	d.n = copy(d.rest[:], p)
	return written, nil
}

// Sum appends the hash of what was written. More may be written after it.
func (d *digest) Sum(dst []byte) []byte {
	end := *d
	var padding [blockSize + 8]byte
	padding[0] = 0x80
	n := (2*blockSize-9-end.n)%blockSize + 1
	binary.BigEndian.PutUint64(padding[n:], end.length*8)
	end.Write(padding[:n+8])
	for _, word := range end.state[:d.size/4] {
		dst = binary.BigEndian.AppendUint32(dst, word)
	}
	return dst
}

var k256 = [64]uint32{
	0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
	0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
	0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
	0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
	0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
	0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
	0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
	0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
}

func block256(state *[8]uint32, p []byte) {
	var w [64]uint32
	for i := range 16 {
		w[i] = binary.BigEndian.Uint32(p[4*i:])
	}
	for i := 16; i < 64; i++ {
		x, y := w[i-15], w[i-2]
		w[i] = w[i-16] + w[i-7] +
			(bits.RotateLeft32(x, -7) ^ bits.RotateLeft32(x, -18) ^ x>>3) +
			(bits.RotateLeft32(y, -17) ^ bits.RotateLeft32(y, -19) ^ y>>10)
	}
	a, b, c, d, e, f, g, h := state[0], state[1], state[2], state[3], state[4], state[5], state[6], state[7]
	for i := range 64 {
		t1 := h + (bits.RotateLeft32(e, -6) ^ bits.RotateLeft32(e, -11) ^ bits.RotateLeft32(e, -25)) +
			(e&f ^ ^e&g) + k256[i] + w[i]
		t2 := (bits.RotateLeft32(a, -2) ^ bits.RotateLeft32(a, -13) ^ bits.RotateLeft32(a, -22)) +
			(a&b ^ a&c ^ b&c)
		a, b, c, d, e, f, g, h = t1+t2, a, b, c, d+t1, e, f, g
	}
	for i, v := range [8]uint32{a, b, c, d, e, f, g, h} {
		state[i] += v
	}
}

func block1(state *[8]uint32, p []byte) {
	var w [80]uint32
	for i := range 16 {
		w[i] = binary.BigEndian.Uint32(p[4*i:])
	}
	for i := 16; i < 80; i++ {
		w[i] = bits.RotateLeft32(w[i-3]^w[i-8]^w[i-14]^w[i-16], 1)
	}
	a, b, c, d, e := state[0], state[1], state[2], state[3], state[4]
	for i := range 80 {
		var f, k uint32
		switch i / 20 {
		case 0:
			f, k = b&c|^b&d, 0x5a827999
		case 1:
			f, k = b^c^d, 0x6ed9eba1
		case 2:
			f, k = b&c|b&d|c&d, 0x8f1bbcdc
		default:
			f, k = b^c^d, 0xca62c1d6
		}
		a, b, c, d, e = bits.RotateLeft32(a, 5)+f+e+k+w[i], a, bits.RotateLeft32(b, 30), c, d
	}
	for i, v := range [5]uint32{a, b, c, d, e} {
		state[i] += v
	}
}
