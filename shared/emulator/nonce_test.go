package emulator

import (
	"fmt"
	"testing"
	"time"
)

// A nonce is remembered as long as its request would be accepted, and no longer.
func TestNoncesAreForgotten(t *testing.T) {
	t.Parallel()
	n, now := nonces{}, time.Date(2026, 11, 24, 8, 0, 30, 0, time.UTC)
	const rate = 10 // a minute
	for minute := range 100 {
		for i := range rate {
			at := now.Add(time.Duration(i%3-1) * maxSkew) // as late, now and early as can be
			nonce := fmt.Sprint(minute, "/", i)
			if !n.use(nonce, at, now) {
				t.Fatalf("%s: new, and refused", nonce)
			}
			if last := at.Add(maxSkew); n.use(nonce, at, last) {
				t.Fatalf("%s: taken again while its request is", nonce)
			}
		}
		now = now.Add(time.Minute)
		n.use("last of the minute", now, now)
	}
	kept := 0
	for _, used := range n {
		kept += len(used)
	}
	if most := (2*15 + 2) * (rate + 1); kept == 0 || kept > most {
		t.Errorf("got %d nonces kept, want at most %d", kept, most)
	}
}
