package apply_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/rs/zerolog"

	"vpnattach/functions/apply"
	"vpnattach/shared/core/attachment"
	"vpnattach/shared/core/request"
	"vpnattach/shared/core/secret"
	"vpnattach/shared/emulator"
	"vpnattach/shared/ledger"
	"vpnattach/shared/message"
	"vpnattach/shared/outcome"
	"vpnattach/shared/vpc"
)

// fixture is a handler with fakes for all that it calls.
type fixture struct {
	apply.Config
	store    ledger.Memory
	describe func() (*attachment.Current, error)
	modify   func() error
	sent     []string   // the parameters of each Modify, keys in clear
	ids      [][]string // of each Modify
	calls    []string   // in order
	letters  []apply.DeadLetter
	confirms []message.Check
	outcomes []apply.Outcome
	waits    []time.Duration
	log      bytes.Buffer
}

// newFixture returns a fixture with one of the emulator's first attachments.
func newFixture(t *testing.T, id string) *fixture {
	t.Helper()
	s := &fixture{describe: func() (*attachment.Current, error) { return current(t, id) }, modify: func() error { return nil }}
	s.Config = apply.Config{
		Service: s, Ledger: &s.store, DigestKey: secret.New("digest-key"), Log: zerolog.New(&s.log),
		Now:     func() time.Time { return start },
		Confirm: func(_ context.Context, m message.Check) error { s.confirms = append(s.confirms, m); return nil },
		DeadLetter: func(_ context.Context, all []apply.DeadLetter) []error {
			s.letters = append(s.letters, all...)
			return nil
		},
		Visibility: func(_ context.Context, receipts []string, after time.Duration) error {
			s.waits = append(s.waits, after)
			return nil
		},
		Report: func(_ context.Context, o apply.Outcome) { s.outcomes = append(s.outcomes, o) },
	}
	return s
}

// minutes lets six minutes pass whenever the clock is read, so that nothing that was sent
// is waited for. It is for fixtures whose Describe always shows the same.
func (s *fixture) minutes() {
	now := start
	s.Now = func() time.Time { now = now.Add(6 * time.Minute); return now }
}

func (s *fixture) Describe(context.Context, string, string) (*attachment.Current, error) {
	s.calls = append(s.calls, "Describe")
	return s.describe()
}

func (s *fixture) Modify(_ context.Context, send *attachment.Change, ids []string) (vpc.Answer, error) {
	s.calls = append(s.calls, "Modify")
	s.sent = append(s.sent, string(request.AppendParameters(nil, send, "", true)))
	s.ids = append(s.ids, ids)
	return vpc.Answer{RequestID: "REQUEST", ClientToken: "token"}, s.modify()
}

// current is what the emulator describes, with parts of the answer replaced.
func current(t *testing.T, id string, replace ...string) (*attachment.Current, error) {
	t.Helper()
	api, err := emulator.New(emulator.Config{})
	if err != nil {
		t.Fatal(err)
	}
	return attachment.ParseCurrent(strings.NewReplacer(replace...).Replace(string(api.Describe(id))))
}

// at makes a record whose event is so many seconds old.
func at(t *testing.T, id string, age int, attachment, change string) events.SQSMessage {
	t.Helper()
	change = fmt.Sprintf(`{"RegionId":"cn-hangzhou","VpnConnectionId":%q,%s`, attachment, strings.TrimPrefix(change, "{"))
	m := message.Change{EventID: id, Time: start.Add(-time.Duration(age) * time.Second), Element: -1,
		RegionID: "cn-hangzhou", VpnConnectionID: attachment, Change: json.RawMessage(change)}
	if strings.Contains(change, "{{resolve") {
		m.Rule = "by-reference"
	}
	r, err := m.Record("message-"+id, "receipt-"+id, 1)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// run handles one batch and returns the statuses, in the order of the reports.
func (s *fixture) run(t *testing.T, records ...events.SQSMessage) string {
	t.Helper()
	return s.runWith(t, context.Background(), records...)
}

func (s *fixture) runWith(t *testing.T, ctx context.Context, records ...events.SQSMessage) string {
	t.Helper()
	handler, err := apply.New(s.Config)
	if err != nil {
		t.Fatal(err)
	}
	s.outcomes = nil
	response, err := handler.Handle(ctx, events.SQSEvent{Records: records})
	if err != nil {
		t.Fatal(err)
	}
	var failed, statuses []string
	for _, f := range response.BatchItemFailures {
		failed = append(failed, f.ItemIdentifier)
	}
	for _, o := range s.outcomes {
		statuses = append(statuses, string(o.Status))
		if back := slices.Contains(failed, o.MessageID); back != (o.Status == outcome.Deferred) && len(failed) == 0 {
			t.Errorf("%s is %s, and goes back: %v", o.MessageID, o.Status, back)
		}
	}
	return strings.Join(statuses, " ")
}

func expect(t *testing.T, what string, got, want any) {
	t.Helper()
	if got, want := fmt.Sprint(got), fmt.Sprint(want); got != want {
		t.Errorf("%s: got %s, want %s", what, got, want)
	}
}
