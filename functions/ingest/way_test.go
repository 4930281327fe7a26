package ingest_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"vpnattach/functions/ingest"
	"vpnattach/shared/message"
)

// ruleBy makes a change of every event of com.example.internal that comes by the ways.
func ruleBy(name, via string) string {
	if via != "" {
		via = `"via":` + via + `,`
	}
	return `{"name":"` + name + `",` + via + `"match":{"source":["com.example.internal"]},"with":{"RegionId":"cn-hangzhou","VpnConnectionId":"vco-` + name + `","Name":"n"}}`
}

// TestWays: what an event says of its source does not count where a rule names a way.
func TestWays(t *testing.T) {
	t.Parallel()
	rules := `{"rules":[` + strings.Join([]string{
		ruleBy("bus", `["bus"]`), ruleBy("hook", `["webhook"]`), ruleBy("partner", `["webhook:partner"]`), ruleBy("queue", `["arn:aws:sqs:*"]`),
		ruleBy("invoke", `["invoke"]`), ruleBy("local", `["local"]`), ruleBy("silent", ""),
	}, ",") + `]}`
	inner := eventBridge("com.example.internal", `{"a":1}`)
	event := cloudEvent("c1", "com.example.internal", `{}`)
	for _, tt := range []struct {
		name string
		in   func(w *world) string
		want []string
	}{
		{"from the bus", func(*world) string { return inner }, []string{"bus", "silent"}},
		{"from the bus by way of a queue", func(*world) string { return sqs(inner) }, []string{"queue", "silent"}},
		{"the bus's text by webhook", func(w *world) string { return w.event("w1", inner) }, []string{"hook"}},
		{"a CloudEvent by webhook", func(w *world) string { return w.event("w1", event) }, []string{"hook"}},
		{"attributes beside a webhook", func(w *world) string {
			return w.event("w1", `{"x":1}`, "ce-specversion", "1.0", "ce-id", "c1", "ce-source", "com.example.internal", "ce-type", "t")
		}, nil},
		{"by hand", func(*world) string { return event }, []string{"invoke", "silent"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, func(c *ingest.Config) { c.Rules = mustRules(t, rules) })
			w.mustInvoke(tt.in(w))
			var got []string
			for _, m := range w.sent {
				got = append(got, m.Rule)
			}
			if !slices.Equal(got, tt.want) {
				t.Errorf("got changes by %q, want %q; %s", got, tt.want, w.log.String())
			}
		})
	}
}

// TestNamedWebhook: a signing secret with a name tells its sender from others.
func TestNamedWebhook(t *testing.T) {
	t.Parallel()
	rules := `{"rules":[` + ruleBy("any", `["webhook"]`) + "," + ruleBy("partner", `["webhook:partner"]`) + "," + ruleBy("other", `["webhook:other"]`) + `]}`
	w := newWorld(t, func(c *ingest.Config) { c.Rules = mustRules(t, rules) })
	w.senders = secondSecret + " partner=" + firstSecret
	w.mustInvoke(w.event("w1", cloudEvent("c1", "com.example.internal", `{}`)))
	var got []string
	for _, m := range w.sent {
		got = append(got, m.Rule)
	}
	if want := []string{"any", "partner"}; !slices.Equal(got, want) {
		t.Errorf("got changes by %q, want %q", got, want)
	}
}

// TestUnsignedHeaders: a webhook that is sent again with attributes of a CloudEvent
// beside it is the same event, with the same time.
func TestUnsignedHeaders(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(c *ingest.Config) { c.Sources = []string{"webhook"} })
	w.mustInvoke(w.event("w1", change))
	want := w.changes()
	for i, at := range []time.Duration{-time.Hour, 299 * time.Second, 301 * time.Second} {
		w.mustInvoke(w.event("w1", change, "ce-specversion", "1.0", "ce-id", fmt.Sprint("forged", i), "ce-source", "com.example.inventory",
			"ce-type", "x", "ce-time", w.now.Add(at).Format(time.RFC3339)))
		if got := w.changes(); !slices.Equal(got, want) || w.counts != (ingest.Counts{Repeated: 1}) {
			t.Errorf("at %v: got %q and %+v, want %q", at, got, w.counts, want)
		}
	}
}

// TestBounds: neither the answer nor a dead letter grows with the number of findings
// or changes.
func TestBounds(t *testing.T) {
	t.Parallel()
	flood := `{"RegionId":"cn-hangzhou","VpnConnectionId":"vco-localfree",` + strings.Repeat(`"Name":"n",`, 9000) + `"Name":"n"}`
	unknown := `{"RegionId":"cn-hangzhou","VpnConnectionId":"vco-localfree"`
	for i := range 9000 {
		unknown += fmt.Sprintf(`,"Nam%c%c":1`, 'a'+i%26, 'a'+i/26%26)
	}
	unknown += "}"
	elements := `{"type":"sites","sites":[` + strings.Repeat(`{"id":"v"},`, 9000) + `{"id":"v"}]}`
	broken := `{"type":"sites","sites":[` + strings.Repeat(`{},`, 9000) + `{"id":"v"}]}`
	rule := mustRules(t, `{"rules":[{"name":"all","match":{"type":["sites"]},"each":"sites","from":{"VpnConnectionId":"id"},"with":{"RegionId":"cn-hangzhou","Name":"n"}}]}`)
	for name, body := range map[string]string{
		"repetitions": flood, "unknown names": unknown, "elements": elements, "broken elements": broken,
		"warnings, then an error": strings.Replace(elements, `{"id":"v"}]`, `{"id":""}]`, 1),
		"long id":                 cloudEvent(strings.Repeat("i", 200_000), "s", change), "long attachment": strings.Replace(change, "vco-localsingle", strings.Repeat("v", 200_000), 1),
	} {
		w := newWorld(t, func(c *ingest.Config) {
			c.Rules, c.MaxBody = rule, 1<<20
			c.Send = func(context.Context, []message.Change) error { return nil }
		})
		most := max(2*len(body), 256<<10)
		for entry, event := range map[string]string{"webhook": w.event("w1", body), "queue": sqs(body), "invoke": body} {
			answer := w.mustInvoke(event)
			if len(answer) > most {
				t.Errorf("%s by %s: the answer has %d bytes for %d", name, entry, len(answer), len(body))
			}
			if accepted := name == "elements"; (w.counts.Accepted > 0) != accepted || (w.counts.Rejected > 0) == accepted {
				t.Errorf("%s by %s: got %+v", name, entry, w.counts)
			}
		}
		for _, letter := range w.letters {
			if n := len(encode(letter)) - len(letter.Body); n > most || letter.Reason.Code == "" {
				t.Errorf("%s: the dead letter has %d bytes beside its body, and the reason %q", name, n, letter.Reason.Code)
			}
		}
		if n := w.log.Len(); n > 256<<10 {
			t.Errorf("%s: %d bytes of log", name, n)
		}
	}
}
