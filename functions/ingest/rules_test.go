package ingest_test

import (
	"context"
	"strings"
	"testing"

	"vpnattach/functions/ingest"
	"vpnattach/shared/core/rules"
)

// TestRulesNow: rules that change count as they are when an event comes; until there are
// any, events come again.
func TestRulesNow(t *testing.T) {
	t.Parallel()
	var set *rules.Set
	w := newWorld(t, func(c *ingest.Config) {
		c.RulesNow = func(context.Context) (*rules.Set, error) {
			if set == nil {
				return nil, errPort
			}
			return set, nil
		}
	})
	const payload = `{"kind":"site","name":"site-a"}`
	if content := body(t, w.mustInvoke(w.event("w1", payload)), 503); !strings.Contains(content.Get("detail").Str, "rules can't be read") || w.counts.Kept != 1 {
		t.Errorf("got %s, %+v", content, w.counts)
	}
	if _, err := w.invoke(payload); err == nil || w.counts.Kept != 1 {
		t.Errorf("an invocation: got %v, %+v", err, w.counts)
	}
	batch := `{"Records":[{"messageId":"m1","body":"{\"kind\":\"site\"}","eventSource":"aws:sqs","eventSourceARN":"arn:aws:sqs:eu-central-1:123456789012:events"}]}`
	if got := w.mustInvoke(batch); !strings.Contains(got, `"itemIdentifier":"m1"`) || w.counts.Kept != 1 {
		t.Errorf("a batch: got %s, %+v", got, w.counts)
	}
	if len(w.sent)+len(w.letters) != 0 {
		t.Errorf("got %q, %d dead letters", w.changes(), len(w.letters))
	}
	for _, name := range []string{"first", "second"} {
		set = mustRules(t, `{"rules":[{"name":"`+name+`","match":{"kind":["site"]},"from":{"Name":"name"},"with":{"RegionId":"cn-hangzhou","VpnConnectionId":"vco-localsingle"}}]}`)
		body(t, w.mustInvoke(w.event("w-"+name, payload)), 202)
		if n := len(w.sent); n == 0 || w.sent[n-1].Rule != name {
			t.Errorf("%s: got %q", name, w.changes())
		}
	}
}
