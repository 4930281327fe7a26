//go:build !wasip1

package request

import (
	"fmt"
	"io"
)

// Format writes method, host and action for every verb of package fmt, since the
// rest holds secrets.
func (r Request) Format(f fmt.State, _ rune) {
	_, _ = io.WriteString(f, r.summary())
}
