package bundle_test

import (
	"strings"
	"sync"
	"testing"
	"time"

	"vpnattach/shared/emulator"
	"vpnattach/shared/outcome"
)

// TestTunnelDown changes the key of a tunnel whose other end keeps the one from before:
// the outcome says why it is down.
func TestTunnelDown(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		attachment, tunnel, key string
		index                   int
	}{
		{single, single, "local-single-key", 0},
		{dual, "tun-localdual2", "local-dual-key-2", 2},
	} {
		t.Run(tt.attachment, func(t *testing.T) {
			t.Parallel()
			h := newHarness(t, setup{confirmWithin: "1ms"})
			h.newSecret("key from before", tt.key)
			h.must(h.api.SetPeer(tt.tunnel, emulator.Peer{Wants: map[string]string{"Psk": tt.key}}))
			id := h.emit(time.Now(), h.newKeys(tt.attachment))
			h.deliver("ChangeQueue")
			h.ahead.Add(int64(updateTime))
			o := h.mustSettle(outcome.Settled, tt.attachment, id)
			if len(o.Diagnoses) != 1 || !o.Down() {
				t.Fatalf("got outcome %+v", o)
			}
			d := o.Diagnoses[0]
			if d.Tunnel != tt.index || d.Code != "PskMismatch" || d.Severity != "Critical" || d.Cause == "" || d.Remedy == "" || d.Ours+d.Theirs != "" || d.Since.IsZero() {
				t.Errorf("got %+v", d)
			}
			if got := h.called("DiagnoseVpnConnections"); got != 1 {
				t.Errorf("the service was asked %d times", got)
			}
			h.checkMetrics("confirm", "TunnelDown", 1)
			if !strings.Contains(strings.Join(h.lines("confirm"), ""), d.Remedy) {
				t.Error("the log does not say what to do")
			}
		})
	}
}

// TestTunnelDownAfterCrash: apply dies when the key has been changed, and the process after
// it knows that this was done, and that the tunnel was up before.
func TestTunnelDownAfterCrash(t *testing.T) {
	t.Parallel()
	h := newHarness(t, setup{confirmWithin: "1ms"})
	h.newSecret("key from before", "local-single-key")
	h.must(h.api.SetPeer(single, emulator.Peer{Wants: map[string]string{"Psk": "local-single-key"}}))
	crash := sync.OnceFunc(h.functions["apply"].Kill)
	on(h, &h.onCall, func(c *emulator.Call) {
		if c.Action == modify {
			crash()
		}
	})
	id := h.emit(time.Now(), h.newKeys(single))
	h.deliver("ChangeQueue")
	h.later("ChangeQueue")
	h.ahead.Add(int64(updateTime))
	o := h.mustSettle(outcome.Settled, single, id)
	if len(o.Diagnoses) != 1 || o.Diagnoses[0].Code != "PskMismatch" || !o.Down() || o.RequestID != "" || o.SettleMillis < 1 {
		t.Errorf("got outcome %+v", o)
	}
	if h.functions["apply"].Started() != 2 || len(h.modified()) != 1 {
		t.Errorf("apply was started %d times, and changed the attachment %d times", h.functions["apply"].Started(), len(h.modified()))
	}
}

// TestDriftIsDiagnosed asks why after drift, too, and goes on without the permission.
func TestDriftIsDiagnosed(t *testing.T) {
	t.Parallel()
	for code, want := range map[string]string{"": "TrafficSelectorMismatch", "Forbidden.RAM": "Forbidden.RAM"} {
		t.Run(want, func(t *testing.T) {
			t.Parallel()
			h := newHarness(t, setup{confirmWithin: "1ms"})
			h.must(h.api.SetPeer("tun-localdual2", emulator.Peer{Wants: map[string]string{"RemoteSubnet": "192.168.21.0/24"}}))
			id := h.emit(time.Now(), named(dual, "by-event"))
			h.deliver("ChangeQueue")
			h.ahead.Add(int64(updateTime))
			h.edit(named(dual, "by-hand"))
			if code != "" {
				h.must(h.api.InjectFaults(emulator.Fault{Action: "DiagnoseVpnConnections", Code: code}))
			}
			o := h.mustSettle(outcome.Drifted, dual, id)
			if len(o.Diagnoses) != 1 || o.Diagnoses[0].Code != want || !o.Down() {
				t.Fatalf("got outcome %+v", o)
			}
			if d := o.Diagnoses[0]; code == "" && (d.Ours != "192.168.20.0/24" || d.Theirs != "192.168.21.0/24") ||
				code != "" && !strings.Contains(d.Remedy, "vpc:DiagnoseVpnConnections") {
				t.Errorf("got %+v", d)
			}
		})
	}
}

// called counts the calls of an action of the VPC API.
func (h *harness) called(action string) (n int) {
	h.mutex.Lock()
	defer h.mutex.Unlock()
	for _, c := range h.calls {
		if c.Action == action {
			n++
		}
	}
	return n
}
