package bundle_test

import (
	"encoding/json"
	"fmt"
	"os"
	"strconv"
	"testing"
	"time"
)

// TestThousand takes many events through the built programs and moto, and prints what
// make simulate does of its day, which has it take 1,000. It takes 30 by default, since
// each of them costs some calls of moto.
func TestThousand(t *testing.T) {
	t.Parallel()
	n := 30
	if text := os.Getenv("SIMULATE"); text != "" {
		var err error
		if n, err = strconv.Atoi(text); err != nil {
			t.Fatalf("SIMULATE: %v", err)
		}
	}
	h := newHarness(t, setup{})
	var taking, applying, confirming time.Duration
	told := map[string]int{} // outcomes by event
	// A queue of moto looks at all its messages for each call, so none is left to grow.
	const atOnce = 60
	newest := time.Now()
	for first := 0; first < n; first += atOnce {
		measured(&taking, func() {
			for i := first; i < min(first+atOnce, n); i++ {
				detail := named([]string{single, dual, "vco-localfree"}[i%3], fmt.Sprintf("name-%d", i))
				at := newest.Add(time.Duration(i-n) * time.Second) // one a second, until now
				h.invoke(encode(map[string]any{
					"version": "0", "id": fmt.Sprintf("event-%d", i), "detail-type": "VPN Attachment Change", "source": "com.example.vpn", "account": accountID,
					"time": at.UTC(), "region": region, "resources": []string{}, "detail": json.RawMessage(detail),
				}))
			}
		})
		measured(&applying, func() { h.empty("ChangeQueue") })
		measured(&confirming, func() { h.empty("ConfirmQueue") })
		for _, o := range h.outcomes() {
			for _, id := range o.EventIDs {
				told[id]++
			}
		}
	}
	for i := range n {
		if id := fmt.Sprintf("event-%d", i); told[id] != 1 {
			t.Errorf("%s: %d outcomes", id, told[id])
		}
	}
	for i, attachment := range []string{single, dual, "vco-localfree"} {
		last := (n-1-i)/3*3 + i
		if got, want := h.describe(attachment, "Name"), fmt.Sprintf("name-%d", last); got != want {
			t.Errorf("%s: got name %q, want %q", attachment, got, want)
		}
	}
	calls, modified := len(h.calls), len(h.modified())
	fmt.Printf("the built programs, with moto: %d events, each with its outcome\n  taken in %v (%.0f a second), applied in %v, confirmed in %v\n  calls of the API %d, of which Modify %d; %.2f for each event\n",
		n, taking.Round(time.Second), float64(n)/taking.Seconds(), applying.Round(time.Second), confirming.Round(time.Second), calls, modified, float64(calls)/float64(n))
}

// measured adds how long a call takes.
func measured(sum *time.Duration, call func()) {
	begun := time.Now()
	call()
	*sum += time.Since(begun)
}

// empty delivers a queue until nothing is left in it.
func (h *harness) empty(queue string) {
	h.Helper()
	for h.deliver(queue) > 0 || len(h.held[queue]) > 0 {
		h.ahead.Add(int64(updateTime))
		h.later(queue)
	}
}
