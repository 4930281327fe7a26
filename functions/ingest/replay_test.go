package ingest_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tidwall/gjson"

	"vpnattach/functions/ingest"
	"vpnattach/shared/message"
)

// TestReplay: an event that comes again, whenever, has the same change id and the same
// time.
func TestReplay(t *testing.T) {
	t.Parallel()
	const hour = time.Hour
	payload := gjson.Get(mustRead(t, "webhook-payload"), "body").Str
	for _, tt := range []struct {
		name    string
		deliver func(w *world, attempt int) string
		want    string
		seen    int
	}{
		{"webhook, tried again under its id", func(w *world, _ int) string { return w.event("w1", change) }, "w1 14:00:00", 1},
		{"webhook whose payload has a time", func(w *world, _ int) string { return w.event("w1", payload) }, "w1 13:45:00", 0},
		{"webhook with an event", func(w *world, n int) string {
			return w.event(strings.Repeat("w", n+1), eventBridge("com.example.vpn", change))
		}, "eb-1 13:30:00", 0},
		{"webhook with an event without a time", func(w *world, n int) string {
			return w.event(strings.Repeat("w", n+1), strings.Replace(eventBridge("com.example.vpn", change), `"time"`, `"t"`, 1))
		}, "eb-1 14:00:00", 1},
		{"queue, an event without a time", func(_ *world, n int) string {
			sent := start.Add(time.Duration(n) * hour)
			old, again := start.Add(-hour).UnixMilli(), sent.UnixMilli()
			return strings.ReplaceAll(sqs(strings.Replace(eventBridge("com.example.vpn", change), `"time"`, `"t"`, 1)), encode(encode(old)), encode(encode(again)))
		}, "eb-1 14:00:00", 1},
		{"direct, tried again by Lambda", func(*world, int) string { return change }, "invocation-1 14:00:00", 1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, nil)
			var all []message.Change
			w.fails = func(port string, about []message.Change) error {
				if port == "send" {
					all = append(all, about...)
				}
				return nil
			}
			var answers []string
			for attempt := range 4 {
				clear(w.taken) // what is forgotten is the same event still
				answers = append(answers, w.mustInvoke(tt.deliver(w, attempt)))
				w.now = w.now.Add(hour)
			}
			for i, m := range all {
				if m.DeduplicationID() != all[0].DeduplicationID() || m.Stamp() != all[0].Stamp() || answers[i] != answers[0] {
					t.Errorf("attempt %d: got %+v and %s, want %+v and %s", i, m.Stamp(), answers[i], all[0].Stamp(), answers[0])
				}
			}
			if len(all) != 4 || len(w.seen) != tt.seen || !strings.HasPrefix(w.changes()[0], tt.want) {
				t.Errorf("got %q of %d messages and %d ids remembered, want %q and %d", w.changes(), len(all), len(w.seen), tt.want, tt.seen)
			}
		})
	}
}

// TestDifferentEvents: what is not the same event is not taken for one.
func TestDifferentEvents(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	untimed := func(source string) string {
		return strings.Replace(eventBridge(source, change), `"time"`, `"t"`, 1)
	}
	w.mustInvoke(untimed("a"))
	w.now = w.now.Add(time.Second)
	w.mustInvoke(untimed("b")) // the same id of another source
	w.now = w.now.Add(time.Second)
	w.mustInvoke(w.event("eb-1", change))
	want := []string{"eb-1 14:00:00 #-1 vco-localsingle", "eb-1 14:00:01 #-1 vco-localsingle", "eb-1 14:00:02 #-1 vco-localsingle"}
	if got := w.changes(); !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

// TestSeenOnce: an event with several changes asks once, and one that is refused
// leaves nothing behind.
func TestSeenOnce(t *testing.T) {
	t.Parallel()
	calls := 0
	w := newWorld(t, func(c *ingest.Config) {
		c.Rules = mustRules(t, `{"rules":[{"name":"all","match":{"type":["sites"]},"each":"sites","from":{"VpnConnectionId":"id","Name":"name"},"with":{"RegionId":"cn-hangzhou"}},
			{"name":"timed","match":{"type":["sites"]},"from":{"VpnConnectionId":"sites.0.id"},"with":{"RegionId":"cn-hangzhou","Name":"x"},"time":"at"}]}`)
	})
	w.fails = func(port string, _ []message.Change) error {
		if port == "first seen" {
			calls++
		}
		return nil
	}
	event := `{"type":"sites","at":"2026-11-02T12:00:00Z","sites":[{"id":"vco-a","name":"one"},{"id":"vco-b","name":"two"}]}`
	w.mustInvoke(w.event("w1", strings.Replace(event, `"two"`, `2.5`, 1)))
	if calls != 0 || len(w.sent) != 0 {
		t.Errorf("got %d calls and %q for an invalid event", calls, w.changes())
	}
	w.mustInvoke(w.event("w2", event))
	want := []string{"w2 14:00:00 all#0 vco-a", "w2 14:00:00 all#1 vco-b", "w2 12:00:00 timed#-1 vco-a"}
	if got := w.changes(); calls != 1 || !slices.Equal(got, want) {
		t.Errorf("got %d calls and %q, want 1 and %q", calls, got, want)
	}
}
