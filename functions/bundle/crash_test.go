package bundle_test

import (
	"sync"
	"testing"
	"time"

	"vpnattach/shared/emulator"
	"vpnattach/shared/outcome"
)

// TestCrash kills the process of a function at a certain point of an invocation. Its
// batch is delivered again, to a new process, with the same result.
func TestCrash(t *testing.T) {
	t.Parallel()
	onAWS := func(function, action, resource string) func(*harness, func()) {
		return func(h *harness, crash func()) {
			on(h, &h.after, func(r *awsCall) {
				if r.is(function, action, resource) {
					crash()
				}
			})
		}
	}
	onVPC := func(action string) func(*harness, func()) {
		return func(h *harness, crash func()) {
			on(h, &h.onCall, func(c *emulator.Call) {
				if c.Action == action {
					crash()
				}
			})
		}
	}
	for _, tt := range []struct {
		name, function, attachment string
		at                         func(h *harness, crash func())
	}{
		{"ingest, with the change sent", "ingest", single, onAWS("ingest", "sqs:SendMessage", "ChangeQueue")},
		{"apply, with the ledger read", "apply", dual, onAWS("apply", "dynamodb:GetItem", "LedgerTable")},
		{"apply, with the attachment described", "apply", single, onVPC("DescribeVpnConnection")},
		{"apply, with one tunnel modified", "apply", single, onVPC(modify)},
		{"apply, with two tunnels modified", "apply", dual, onVPC(modify)},
		{"apply, with the confirmation queued", "apply", dual, onAWS("apply", "sqs:SendMessage", "ConfirmQueue")},
		{"apply, with the ledger written", "apply", single, onAWS("apply", "dynamodb:PutItem", "LedgerTable")},
		{"confirm, with the ledger read", "confirm", dual, onAWS("confirm", "dynamodb:GetItem", "LedgerTable")},
		{"confirm, with the outcome published", "confirm", single, onAWS("confirm", "events:PutEvents", "EventBus")},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			h := newHarness(t, setup{})
			tt.at(h, sync.OnceFunc(h.functions[tt.function].Kill))
			id := h.emit(time.Now(), h.newKeys(tt.attachment))
			told := h.settle()
			if len(told) == 0 || len(told) > 2 {
				t.Errorf("got %d outcomes", len(told))
			}
			for _, o := range told {
				if o.Status != outcome.Settled || o.VpnConnectionID != tt.attachment || len(o.EventIDs) != 1 || o.EventIDs[0] != id {
					t.Errorf("got outcome %+v", o)
				}
			}
			if got := len(h.modified()); got != 1 {
				t.Errorf("got %d effects, want 1", got)
			}
			for name, f := range h.functions {
				want := 1
				if name == tt.function {
					want = 2
				}
				if got := f.Started(); got != want {
					t.Errorf("%s: got %d processes, want %d", name, got, want)
				}
			}
		})
	}
}
