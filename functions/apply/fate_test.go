package apply_test

import (
	"context"
	"encoding/json"
	"errors"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"vpnattach/functions/apply"
	"vpnattach/shared/ledger"
	"vpnattach/shared/message"
	"vpnattach/shared/outcome"
	"vpnattach/shared/vpc"
)

// awaited makes a record whose sender waits for its fate.
func awaited(t *testing.T, id string, age int, change string) (events.SQSMessage, string) {
	t.Helper()
	m := message.Change{EventID: id, Time: start.Add(-time.Duration(age) * time.Second), Element: -1, Fate: true,
		RegionID: "cn-hangzhou", VpnConnectionID: "vco-localsingle", Change: json.RawMessage(change)}
	r, err := m.Record("message-"+id, "receipt-"+id, 1)
	if err != nil {
		t.Fatal(err)
	}
	return r, m.DeduplicationID()
}

// A change that somebody waits for has its fate recorded, once it has one.
func TestFate(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		change string
		set    func(*fixture)
		want   outcome.Status // none: the change goes back
		code   string
	}{
		"applied":   {`{"Name":"other"}`, func(*fixture) {}, outcome.Applied, ""},
		"unchanged": {`{"EnableDpd":true}`, func(*fixture) {}, outcome.Unchanged, ""},
		"superseded": {`{"Name":"other"}`, func(s *fixture) {
			newer := map[string]ledger.Stamp{"Name": {Time: start, EventID: "newer"}}
			_, _ = ledger.Record(t.Context(), &s.store, ledger.Key{RegionID: "cn-hangzhou", VpnConnectionID: "vco-localsingle"}, ledger.Entry{}, newer)
		}, outcome.Superseded, ""},
		"rejected": {`{"IkeConfig":{"IkePfs":"group3"}}`, func(*fixture) {}, outcome.Rejected, "value-not-allowed"},
		"planned":  {`{"Name":"other"}`, func(s *fixture) { s.Plan = true }, outcome.Planned, ""},
		"busy": {`{"Name":"other"}`, func(s *fixture) {
			s.modify = func() error { return &vpc.Error{Code: "VpnTask.CONFLICT", Class: outcome.ClassBusy} }
		}, "", ""},
		"rejected, and no dead letter": {`{"IkeConfig":{"IkePfs":"group3"}}`, func(s *fixture) {
			s.DeadLetter = func(context.Context, []apply.DeadLetter) []error { return []error{errors.New("no")} }
		}, "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newFixture(t, "vco-localsingle")
			got := map[string]ledger.Fate{}
			var until time.Time
			s.Fate = func(_ context.Context, id string, fate ledger.Fate) error { got[id] = fate; return nil }
			s.Waiting = func(_ context.Context, _ ledger.Key, t time.Time) error { until = t; return nil }
			tt.set(s)
			record, id := awaited(t, "e", 1, tt.change)
			s.run(t, record, at(t, "f", 1, "vco-localdual", `{"Name":"f"}`))
			fate, known := got[id]
			if known != (tt.want != "") || fate.Status != tt.want || (fate.Reason != nil) != (tt.code != "") || fate.Reason != nil && fate.Reason.Code != tt.code || len(got) > 1 {
				t.Errorf("got %+v, reason %+v, want %s", fate, fate.Reason, tt.want)
			}
			if wait := tt.want == ""; wait != until.After(start) {
				t.Errorf("waits until %v", until)
			}
		})
	}
}

// A change whose fate could not be recorded comes again, and has one then.
func TestFateLost(t *testing.T) {
	t.Parallel()
	s := newFixture(t, "vco-localsingle")
	var fates []outcome.Status
	s.Fate = func(_ context.Context, _ string, fate ledger.Fate) error {
		if fates = append(fates, fate.Status); len(fates) == 1 {
			return errors.New("no")
		}
		return nil
	}
	record, _ := awaited(t, "e", 1, `{"Name":"other"}`)
	if got := s.run(t, record); got != "deferred" {
		t.Errorf("got %s", got)
	}
	if got := s.run(t, record); got == "deferred" || len(fates) != 2 {
		t.Errorf("got %s, %v the second time", got, fates)
	}
}
