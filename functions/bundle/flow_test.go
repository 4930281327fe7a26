package bundle_test

import (
	"slices"
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

// dualKeys is one for both tunnels of the other.
func dualKeys(first, second string) string {
	tunnel := func(index int, psk string) map[string]any {
		return map[string]any{"TunnelIndex": index, "TunnelIkeConfig": map[string]string{"Psk": psk}}
	}
	return encode(map[string]any{"RegionId": "cn-hangzhou", "VpnConnectionId": dual, "TunnelOptionsSpecification": []any{tunnel(1, first), tunnel(2, second)}})
}

// newKeys is a change document with new keys for all tunnels of an attachment.
func (w *world) newKeys(vpnConnectionID string) string {
	if vpnConnectionID == dual {
		return dualKeys(w.newChangeKey("first key"), w.newChangeKey("second key"))
	}
	return singleKey(w.newChangeKey("key"))
}

// named is one that gives a name.
func named(vpnConnectionID, name string) string {
	return encode(map[string]string{"RegionId": "cn-hangzhou", "VpnConnectionId": vpnConnectionID, "Name": name})
}

// checkKey compares a key that the attachment has with what it should be, without
// showing either.
func (w *world) checkKey(vpnConnectionID, field, want string) {
	w.Helper()
	if w.describe(vpnConnectionID, field) != want {
		w.Errorf("%s of %s is not the new key", field, vpnConnectionID)
	}
}

// TestWebhook goes from a signed POST to the outcome event.
func TestWebhook(t *testing.T) {
	t.Parallel()
	t.Run("single", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t, setup{})
		key := w.newChangeKey("pre-shared key")
		answer := gjson.Parse(w.mustPost("msg-1", singleKey(key)).Body)
		if got := answer.Get("changes.#").Int(); got != 1 || answer.Get("changes.0.eventId").Str != "msg-1" || answer.Get("changes.0.vpnConnectionId").Str != single {
			t.Fatalf("got answer %s", answer)
		}
		o := w.mustSettle(outcome.Settled, single, "msg-1")
		if len(o.Tunnels) != 0 || o.State != "attached" || o.Negotiation != "ipsec_sa_established" || o.RequestID == "" || o.SettleMillis < 1 || o.Fields["IkeConfig.Psk"] != outcome.Settled {
			t.Errorf("got outcome %+v", o)
		}
		w.checkKey(single, "IkeConfig.Psk", key)
		w.checkMetrics("ingest", "Accepted", 1)
		w.checkMetrics("apply", "Applied", 1)
		w.checkMetrics("confirm", "Settled", 1)
		if got := w.metric("confirm", "SettleTime"); got <= 0 {
			t.Errorf("got a settle time of %v ms", got)
		}
		w.checkColdStarts()
	})
	t.Run("dual", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t, setup{})
		first, second := w.newChangeKey("first key"), w.newChangeKey("second key")
		w.mustPost("msg-1", dualKeys(first, second))
		o := w.mustSettle(outcome.Settled, dual, "msg-1")
		if len(o.Tunnels) != 2 || o.Tunnels[1].Index != 2 || o.Tunnels[1].State != "active" {
			t.Errorf("got outcome %+v", o)
		}
		w.checkKey(dual, "Tunnel.1.TunnelIkeConfig.Psk", first)
		w.checkKey(dual, "Tunnel.2.TunnelIkeConfig.Psk", second)
		if got := len(w.modified()); got != 1 {
			t.Errorf("got %d calls of Modify, want both tunnels in one", got)
		}
	})
}

// TestEventBridge goes from an event on the bus to the outcome event.
func TestEventBridge(t *testing.T) {
	t.Parallel()
	t.Run("single", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t, setup{})
		key := w.newChangeKey("pre-shared key")
		id := w.emit(time.Now(), singleKey(key))
		w.mustSettle(outcome.Settled, single, id)
		w.checkKey(single, "IkeConfig.Psk", key)
	})
	t.Run("dual", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t, setup{})
		first, second := w.newChangeKey("first key"), w.newChangeKey("second key")
		id := w.emit(time.Now(), dualKeys(first, second))
		w.mustSettle(outcome.Settled, dual, id)
		w.checkKey(dual, "Tunnel.1.TunnelIkeConfig.Psk", first)
		w.checkKey(dual, "Tunnel.2.TunnelIkeConfig.Psk", second)
	})
	t.Run("older event", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t, setup{})
		now := time.Now()
		w.emit(now, named(single, "newer"))
		w.mustSettle(outcome.Settled, single)
		w.emit(now.Add(-time.Minute), named(single, "older"))
		w.mustSettle(outcome.Superseded, single)
		if got := w.describe(single, "Name"); got != "newer" {
			t.Errorf("got name %q", got)
		}
		w.checkMetrics("apply", "StaleFields", 1)
	})
}

// TestInMotion has confirm look at an attachment that has not come to rest.
func TestInMotion(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{})
	id := w.emit(time.Now(), w.newKeys(dual))
	w.deliver("ChangeQueue")
	for range 3 {
		w.deliver("ConfirmQueue")
	}
	if list := w.outcomes(); len(list) != 0 {
		t.Errorf("got outcomes %+v", list)
	}
	delays := []int64{}
	for _, function := range []string{"apply", "confirm"} {
		for _, sent := range w.asked(function, "sqs:SendMessage", "ConfirmQueue") {
			delays = append(delays, sent.Get("Entries.0.DelaySeconds").Int())
		}
	}
	if want := []int64{5, 1, 2, 4}; !slices.Equal(delays, want) {
		t.Errorf("got delays of %d s, want %d", delays, want)
	}
	w.mustSettle(outcome.Settled, dual, id)
}

// TestDrift edits an attachment by hand between a change and its confirmation, for which
// there is no time.
func TestDrift(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{confirmWithin: "1ms"})
	id := w.emit(time.Now(), named(single, "by-event"))
	w.deliver("ChangeQueue")
	w.ahead.Add(int64(updateTime))
	w.edit(named(single, "by-hand"))
	if o := w.mustSettle(outcome.Drifted, single, id); o.Fields["Name"] != outcome.Drifted {
		t.Errorf("got outcome %+v", o)
	}
	if got := w.describe(single, "Name"); got != "by-hand" {
		t.Errorf("got name %q, want the edit to stay", got)
	}
	w.checkMetrics("confirm", "Drifted", 1)
}

// edit changes an attachment as a person does, and waits until it is in effect.
func (w *world) edit(document string) {
	w.Helper()
	var change attachment.Change
	change.Parse(document, attachment.FromEvent)
	if _, err := w.observer.Modify(w.Context(), &change, []string{"by hand"}); err != nil {
		w.Fatal(err)
	}
	w.ahead.Add(int64(updateTime))
}

// checkMetrics compares the sum of a function's metric.
func (w *world) checkMetrics(function, name string, want float64) {
	w.Helper()
	if got := w.metric(function, name); got != want {
		w.Errorf("%s %s: got %v, want %v", function, name, got, want)
	}
}

// checkColdStarts checks that each process has marked its first invocation, and
// no other.
func (w *world) checkColdStarts() {
	w.Helper()
	for _, name := range functions {
		cold, all := 0, 0
		for _, line := range w.lines(name) {
			if mark := gjson.Get(line, "coldStart"); mark.Exists() {
				all++
				if mark.Bool() {
					cold++
				}
				if gjson.Get(line, "requestId").Str == "" {
					w.Errorf("%s: no request id in %s", name, line)
				}
			}
		}
		if cold != w.functions[name].Started() || all == 0 {
			w.Errorf("%s: got %d cold starts in %d invocations, want %d", name, cold, all, w.functions[name].Started())
		}
	}
}
