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
	begun := time.Now()
	for i := range n {
		detail := named([]string{single, dual, "vco-localfree"}[i%3], fmt.Sprintf("name-%d", i))
		at := begun.Add(time.Duration(i-n) * time.Second) // one a second, until now
		h.invoke(encode(map[string]any{
			"version": "0", "id": fmt.Sprintf("event-%d", i), "detail-type": "VPN Attachment Change", "source": "com.example.vpn", "account": accountID,
			"time": at.UTC(), "region": region, "resources": []string{}, "detail": json.RawMessage(detail),
		}))
	}
	taken := time.Since(begun)
	for h.deliver("ChangeQueue") > 0 || len(h.held["ChangeQueue"]) > 0 {
		h.ahead.Add(int64(updateTime))
		h.later("ChangeQueue")
	}
	applied := time.Since(begun)
	for h.deliver("ConfirmQueue") > 0 || len(h.held["ConfirmQueue"]) > 0 {
		h.ahead.Add(int64(updateTime))
		h.later("ConfirmQueue")
	}
	told := h.outcomes()
	for i, attachment := range []string{single, dual, "vco-localfree"} {
		last := (n-1-i)/3*3 + i
		if got, want := h.describe(attachment, "Name"), fmt.Sprintf("name-%d", last); got != want {
			t.Errorf("%s: got name %q, want %q", attachment, got, want)
		}
	}
	calls, modified := len(h.calls), len(h.modified())
	fmt.Printf("the built programs, with moto: %d events\n  taken in %v (%.0f a second), applied within %v, outcomes %d within %v\n  calls of the API %d, of which Modify %d; %.2f for each event\n",
		n, taken.Round(time.Second), float64(n)/taken.Seconds(), applied.Round(time.Second), len(told), time.Since(begun).Round(time.Second), calls, modified, float64(calls)/float64(n))
}
