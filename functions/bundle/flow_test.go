package bundle_test

import (
	"strings"
	"testing"
	"time"

	"github.com/tidwall/gjson"

	"vpnattach/shared/core/attachment"
	"vpnattach/shared/outcome"
)

const (
	single = "vco-localsingle"
	dual   = "vco-localdual"
)

// singleKey is a change document for the attachment with one tunnel.
func singleKey(psk string) string {
	return encode(map[string]any{"RegionId": "cn-hangzhou", "VpnConnectionId": single, "EffectImmediately": true, "IkeConfig": map[string]string{"Psk": psk}})
}

// dualKeys is one for both tunnels of the dual-tunnel attachment.
func dualKeys(first, second string) string {
	tunnel := func(index int, psk string) map[string]any {
		return map[string]any{"TunnelIndex": index, "TunnelIkeConfig": map[string]string{"Psk": psk}}
	}
	return encode(map[string]any{"RegionId": "cn-hangzhou", "VpnConnectionId": dual, "TunnelOptionsSpecification": []any{tunnel(1, first), tunnel(2, second)}})
}

// newKeys is a change document with new keys for all tunnels of an attachment.
func (h *harness) newKeys(vpnConnectionID string) string {
	if vpnConnectionID == dual {
		return dualKeys(h.newChangeKey("first key"), h.newChangeKey("second key"))
	}
	return singleKey(h.newChangeKey("key"))
}

// named is a change document that sets the name.
func named(vpnConnectionID, name string) string {
	return encode(map[string]string{"RegionId": "cn-hangzhou", "VpnConnectionId": vpnConnectionID, "Name": name})
}

// checkKey compares a key that the attachment has with what it should be, without
// showing either.
func (h *harness) checkKey(vpnConnectionID, field, want string) {
	h.Helper()
	if h.describe(vpnConnectionID, field) != want {
		h.Errorf("%s of %s is not the new key", field, vpnConnectionID)
	}
}

// TestWebhook goes from a signed POST to the outcome event.
func TestWebhook(t *testing.T) {
	t.Parallel()
	t.Run("single", func(t *testing.T) {
		t.Parallel()
		h := newHarness(t, setup{})
		key := h.newChangeKey("pre-shared key")
		answer := gjson.Parse(h.mustPost("msg-1", singleKey(key)).Body)
		if got := answer.Get("changes.#").Int(); got != 1 || answer.Get("changes.0.eventId").Str != "msg-1" || answer.Get("changes.0.vpnConnectionId").Str != single {
			t.Fatalf("got answer %s", answer)
		}
		o := h.mustSettle(outcome.Settled, single, "msg-1")
		if len(o.Tunnels) != 0 || o.State != "attached" || o.Negotiation != "ipsec_sa_established" || o.RequestID == "" || o.SettleMillis < 1 || o.Fields["IkeConfig.Psk"] != outcome.Settled {
			t.Errorf("got outcome %+v", o)
		}
		h.checkKey(single, "IkeConfig.Psk", key)
		h.checkMetrics("ingest", "Accepted", 1)
		h.checkMetrics("apply", "Applied", 1)
		h.checkMetrics("confirm", "Settled", 1)
		if got := h.metric("confirm", "SettleTime"); got <= 0 {
			t.Errorf("got a settle time of %v ms", got)
		}
		h.checkColdStarts()
	})
	t.Run("dual", func(t *testing.T) {
		t.Parallel()
		h := newHarness(t, setup{})
		first, second := h.newChangeKey("first key"), h.newChangeKey("second key")
		h.mustPost("msg-1", dualKeys(first, second))
		o := h.mustSettle(outcome.Settled, dual, "msg-1")
		for _, function := range functions {
			if len(o.TraceIDs) != 1 || !strings.HasPrefix(o.TraceIDs[0], "1-") || !strings.Contains(strings.Join(h.lines(function), ""), o.TraceIDs[0]) {
				t.Errorf("the trace %q of the outcome is not in the log of %s", o.TraceIDs, function)
			}
		}
		if len(o.Tunnels) != 2 || o.Tunnels[1].Index != 2 || o.Tunnels[1].State != "active" {
			t.Errorf("got outcome %+v", o)
		}
		h.checkKey(dual, "Tunnel.1.TunnelIkeConfig.Psk", first)
		h.checkKey(dual, "Tunnel.2.TunnelIkeConfig.Psk", second)
		if got := len(h.modified()); got != 1 {
			t.Errorf("got %d calls of Modify, want both tunnels in one", got)
		}
	})
}

// TestEventBridge goes from an event on the bus to the outcome event.
func TestEventBridge(t *testing.T) {
	t.Parallel()
	t.Run("single", func(t *testing.T) {
		t.Parallel()
		h := newHarness(t, setup{})
		key := h.newChangeKey("pre-shared key")
		id := h.emit(time.Now(), singleKey(key))
		h.mustSettle(outcome.Settled, single, id)
		h.checkKey(single, "IkeConfig.Psk", key)
	})
	t.Run("dual", func(t *testing.T) {
		t.Parallel()
		h := newHarness(t, setup{})
		first, second := h.newChangeKey("first key"), h.newChangeKey("second key")
		id := h.emit(time.Now(), dualKeys(first, second))
		h.mustSettle(outcome.Settled, dual, id)
		h.checkKey(dual, "Tunnel.1.TunnelIkeConfig.Psk", first)
		h.checkKey(dual, "Tunnel.2.TunnelIkeConfig.Psk", second)
	})
	t.Run("older event", func(t *testing.T) {
		t.Parallel()
		h := newHarness(t, setup{})
		now := time.Now()
		h.emit(now, named(single, "newer"))
		h.mustSettle(outcome.Settled, single)
		h.emit(now.Add(-time.Minute), named(single, "older"))
		h.mustSettle(outcome.Superseded, single)
		if got := h.describe(single, "Name"); got != "newer" {
			t.Errorf("got name %q", got)
		}
		h.checkMetrics("apply", "StaleFields", 1)
	})
}

// TestInMotion has confirm check an attachment that is still being changed.
func TestInMotion(t *testing.T) {
	t.Parallel()
	h := newHarness(t, setup{})
	id := h.emit(time.Now(), h.newKeys(dual))
	h.deliver("ChangeQueue")
	for range 3 {
		h.deliver("ConfirmQueue")
	}
	if list := h.outcomes(); len(list) != 0 {
		t.Errorf("got outcomes %+v", list)
	}
	delays := []int64{}
	for _, function := range []string{"apply", "confirm"} {
		for _, sent := range h.requestsOf(function, "sqs:SendMessage", "ConfirmQueue") {
			delays = append(delays, sent.Get("Entries.0.DelaySeconds").Int())
		}
	}
	for i, want := range []int64{5, 1, 2, 4} { // or as long as it has taken so far
		if len(delays) != 4 || delays[i] < want || delays[i] > 60 {
			t.Errorf("got delays of %d s, want %d or more", delays, want)
			break
		}
	}
	h.mustSettle(outcome.Settled, dual, id)
}

// TestDrift edits an attachment by hand between a change and its confirmation, whose
// deadline is at once.
func TestDrift(t *testing.T) {
	t.Parallel()
	h := newHarness(t, setup{confirmWithin: "1ms"})
	id := h.emit(time.Now(), named(single, "by-event"))
	h.deliver("ChangeQueue")
	h.ahead.Add(int64(updateTime))
	h.edit(named(single, "by-hand"))
	if o := h.mustSettle(outcome.Drifted, single, id); o.Fields["Name"] != outcome.Drifted {
		t.Errorf("got outcome %+v", o)
	}
	if got := h.describe(single, "Name"); got != "by-hand" {
		t.Errorf("got name %q, want the edit to stay", got)
	}
	h.checkMetrics("confirm", "Drifted", 1)
}

// edit changes an attachment as a person does, and waits until it is in effect.
func (h *harness) edit(document string) {
	h.Helper()
	var change attachment.Change
	change.Parse(document, attachment.FromEvent)
	if _, err := h.observer.Modify(h.Context(), &change, []string{"by hand"}); err != nil {
		h.Fatal(err)
	}
	h.ahead.Add(int64(updateTime))
}

// checkMetrics compares the sum of a function's metric.
func (h *harness) checkMetrics(function, name string, want float64) {
	h.Helper()
	if got := h.metric(function, name); got != want {
		h.Errorf("%s %s: got %v, want %v", function, name, got, want)
	}
}

// checkColdStarts checks that each process has marked its first invocation, and only
// that.
func (h *harness) checkColdStarts() {
	h.Helper()
	for _, name := range functions {
		cold, all := 0, 0
		for _, line := range h.lines(name) {
			if mark := gjson.Get(line, "coldStart"); mark.Exists() {
				all++
				if mark.Bool() {
					cold++
				}
				if gjson.Get(line, "requestId").Str == "" {
					h.Errorf("%s: no request id in %s", name, line)
				}
			}
		}
		if cold != h.functions[name].Started() || all == 0 {
			h.Errorf("%s: got %d cold starts in %d invocations, want %d", name, cold, all, h.functions[name].Started())
		}
	}
}
