//go:build !wasip1

// What the WebAssembly module has no use for, since it prints nothing, and which
// would be a tenth of it.

package secret

import (
	"crypto/subtle"
	"fmt"
	"io"
)

// Equal compares two secrets in a time that depends on their lengths only.
func (s Secret) Equal(other Secret) bool {
	return subtle.ConstantTimeCompare([]byte(s.Reveal()), []byte(other.Reveal())) == 1
}

// Format writes [Redacted] for every verb and flag of package fmt.
func (s Secret) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, Redacted) }
