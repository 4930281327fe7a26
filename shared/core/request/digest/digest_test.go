package digest_test

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha1"
	"crypto/sha256"
	"hash"
	"testing"

	"vpnattach/shared/core/request/digest"
)

// compare writes the message in two parts, sums twice, and once more after Reset.
func compare(t *testing.T, name string, got, want hash.Hash, message []byte, cut int) {
	t.Helper()
	for range 2 {
		got.Reset()
		want.Reset()
		for _, part := range [][]byte{message[:cut], message[cut:]} {
			if n, err := got.Write(part); n != len(part) || err != nil {
				t.Fatalf("%s: Write gives %d, %v", name, n, err)
			}
			want.Write(part)
			if a, b := got.Sum([]byte("x")), want.Sum([]byte("x")); !bytes.Equal(a, b) {
				t.Fatalf("%s of %d bytes, cut at %d: got %x, want %x", name, len(message), cut, a, b)
			}
		}
	}
	if got.Size() != want.Size() || got.BlockSize() != want.BlockSize() {
		t.Errorf("%s: got sizes %d, %d", name, got.Size(), got.BlockSize())
	}
}

func all(t *testing.T, key, message []byte, cut int) {
	t.Helper()
	compare(t, "SHA-256", digest.New256(), sha256.New(), message, cut)
	compare(t, "SHA-1", digest.New1(), sha1.New(), message, cut)
	compare(t, "HMAC-SHA-256", digest.NewHMAC(digest.New256, key), hmac.New(sha256.New, key), message, cut)
	compare(t, "HMAC-SHA-1", digest.NewHMAC(digest.New1, key), hmac.New(sha1.New, key), message, cut)
	if got, want := digest.Sum256(message), sha256.Sum256(message); got != want {
		t.Errorf("Sum256 of %d bytes: got %x, want %x", len(message), got, want)
	}
}

// Every length around the ends of blocks, of messages and of keys.
func TestLengths(t *testing.T) {
	t.Parallel()
	text := bytes.Repeat([]byte("0123456789abcdef-"), 20)
	for n := range 200 {
		all(t, text[:n], text[n:2*n/2+n/2], 0)
		all(t, text[:n%130], text[:n], n/3)
	}
}

func FuzzDigest(f *testing.F) {
	f.Add([]byte("key"), []byte("message"), 3)
	f.Add([]byte{}, bytes.Repeat([]byte{0xff}, 119), 64)
	f.Fuzz(func(t *testing.T, key, message []byte, cut int) {
		all(t, key, message, min(max(cut, 0), len(message)))
	})
}
