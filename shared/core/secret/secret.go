// Package secret holds values that must never be shown: pre-shared keys, access
// key secrets, security tokens.
//
//	key := secret.New("s3cr3t")
//	fmt.Println(key)          // ***
//	sign(key.Reveal())        // the only way to the value
//
// Every road that Go offers for printing a value leads to [Redacted]: fmt verbs,
// text and JSON marshalling, log/slog. A Secret inside a struct is safe as well,
// even in an unexported field, where fmt can call no method.
package secret

import (
	"unsafe"
)

// Redacted is what a Secret shows instead of its value.
const Redacted = "***"

// Secret is a text that never prints. The zero value is the empty secret.
//
// The text is held as a pointer to its bytes, not as a string, because fmt walks
// unexported struct fields by reflection without calling their methods: there it
// meets an address and a length, never the text.
type Secret struct {
	_    [0]func() // not comparable: == would compare addresses
	text *byte
	size int
}

// New makes a Secret of s. It copies nothing and allocates nothing.
func New(s string) Secret {
	return Secret{text: unsafe.StringData(s), size: len(s)}
}

// Reveal returns the value. Call it only where the value is used: to sign, to
// send, to compare.
func (s Secret) Reveal() string {
	if s.size == 0 {
		return ""
	}
	return unsafe.String(s.text, s.size)
}

// IsZero reports whether the secret is empty.
func (s Secret) IsZero() bool { return s.size == 0 }

// String returns [Redacted].
func (s Secret) String() string { return Redacted }

// MarshalText returns [Redacted]; with it the secret is also safe as a map key,
// in XML, and as an attribute of log/slog.
func (s Secret) MarshalText() ([]byte, error) { return []byte(Redacted), nil }

// MarshalJSON returns [Redacted] as a JSON string.
func (s Secret) MarshalJSON() ([]byte, error) { return []byte(`"` + Redacted + `"`), nil }
