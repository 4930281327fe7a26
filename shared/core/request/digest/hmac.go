package digest

import "hash"

// keyed is an HMAC in progress. Both hashes have taken their padded key in.
type keyed struct{ inner, outer, keyedInner, keyedOuter digest }

// NewHMAC returns a new HMAC of a hash of this package with the key.
func NewHMAC(h func() hash.Hash, key []byte) hash.Hash {
	if len(key) > blockSize {
		long := h()
		long.Write(key)
		key = long.Sum(nil)
	}
	var inner, outer [blockSize]byte
	copy(inner[:], key)
	copy(outer[:], key)
	for i := range blockSize {
		inner[i] ^= 0x36
		outer[i] ^= 0x5c
	}
	m := &keyed{}
	m.keyedInner, m.keyedOuter = *h().(*digest), *h().(*digest)
	m.keyedInner.Write(inner[:])
	m.keyedOuter.Write(outer[:])
	m.Reset()
	return m
}

func (m *keyed) Size() int                   { return m.inner.size }
func (m *keyed) BlockSize() int              { return blockSize }
func (m *keyed) Reset()                      { m.inner = m.keyedInner }
func (m *keyed) Write(p []byte) (int, error) { return m.inner.Write(p) }

func (m *keyed) Sum(dst []byte) []byte {
	var sum [32]byte
	m.outer = m.keyedOuter
	m.outer.Write(m.inner.Sum(sum[:0]))
	return m.outer.Sum(dst)
}
