package apply_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"vpnattach/functions/apply"
	"vpnattach/shared/core/attachment"
	"vpnattach/shared/core/secret"
	"vpnattach/shared/message"
	"vpnattach/shared/outcome"
	"vpnattach/shared/vpc"
)

// TestPublished: only outcomes that confirm does not see are published.
func TestPublished(t *testing.T) {
	t.Parallel()
	s := newFixture(t, singleAttachment)
	var told []outcome.Outcome
	var failed error
	s.Publish = func(_ context.Context, all []outcome.Outcome) []error {
		told = append(told, all...)
		return slices.Repeat([]error{failed}, len(all))
	}
	now := start
	s.Now = func() time.Time { return now }
	name := func(id string, age int, change string) string {
		told, now = nil, now.Add(6*time.Minute) // Describe always shows the same
		got := s.run(t, at(t, id, age, singleAttachment, change))
		for _, o := range told {
			got += " " + string(o.Status)
			if o.VpnConnectionID != singleAttachment || o.RegionID != "cn-hangzhou" || len(o.EventIDs) != 1 || o.EventIDs[0] != id || !o.Time.Equal(now) {
				t.Errorf("%s: got %+v", id, o)
			}
		}
		return got
	}
	expect(t, "applied", name("e5", 1, `{"Name":"newer"}`), "applied")
	expect(t, "done already", name("e5", 1, `{"Name":"newer"}`), "unchanged")
	expect(t, "older", name("e4", 2, `{"Name":"older"}`), "unchanged superseded")
	expect(t, "older in part", name("e6", 3, `{"Name":"older","EnableDpd":false}`), "applied")
	expect(t, "invalid", name("e7", 0, `{"Nam":"x","IkeConfig":{"Psk":"never-shown-key-1"}}`), "rejected rejected")
	if text, err := json.Marshal(told); err != nil || !strings.Contains(string(text), `"code":"unknown-parameter"`) || strings.Contains(string(text), "never-shown") {
		t.Errorf("got %s, %v", text, err)
	}
	failed = errors.New("no bus")
	letters := len(s.letters)
	expect(t, "Publish fails", name("e8", 0, `{"Nam":"x"}`), "deferred rejected")
	expect(t, "dead letters", len(s.letters), letters+1)
	failed = nil
	expect(t, "Publish works again", name("e8", 0, `{"Nam":"x"}`), "rejected rejected")
	expect(t, "dead letters then, by another process", len(s.letters), letters+2)
	s.Config.Plan = true
	expect(t, "planned", name("e9", 0, `{"Name":"planned"}`), "planned planned")
	if d := told[0].Differences; len(d) != 1 || d[0].To != "planned" {
		t.Errorf("got %+v", d)
	}
	expect(t, "planned, and so already", name("e10", 0, `{"Name":"localsingle"}`), "unchanged planned")
	expect(t, "planned, and older in part", name("e3", 3, `{"Name":"older","EnableNatTraversal":true}`), "unchanged planned")
	expect(t, "planned, and older", name("e2", 3, `{"Name":"older"}`), "unchanged superseded")
}

func TestProfiles(t *testing.T) {
	t.Parallel()
	s, other := newFixture(t, singleAttachment), newFixture(t, singleAttachment)
	s.minutes()
	record := func(id, profile string, age int, change string) events.SQSMessage {
		r := at(t, id, age, singleAttachment, change)
		m, err := message.DecodeChange(r.Body)
		if err != nil {
			t.Fatal(err)
		}
		m.Credentials = profile
		if r, err = m.Record(r.MessageId, r.ReceiptHandle, 1); err != nil {
			t.Fatal(err)
		}
		return r
	}
	expect(t, "without profiles", s.run(t, record("e1", "other", 9, `{"Name":"a"}`)), "deferred")
	expect(t, "why", s.outcomes[0].Error.Code, "credentials-unknown")
	expect(t, "class", s.outcomes[0].Error.Class, outcome.ClassBlocked)
	expect(t, "waits", s.waits, "[5s]")
	s.Profile = func(_ context.Context, name string) (apply.Service, error) {
		if name != "other" {
			return nil, errors.New("not among them")
		}
		return other, nil
	}
	expect(t, "unknown", s.run(t, record("e2", "another", 8, `{"Name":"b"}`)), "deferred")
	expect(t, "known", s.run(t, record("e3", "other", 7, `{"Name":"c"}`)), "applied")
	expect(t, "calls", len(other.sent), 1)
	expect(t, "calls of the default", len(s.sent), 0)
	expect(t, "asked to confirm with", s.confirms[0].Credentials, "other")
	expect(t, "default", s.run(t, record("e4", "", 6, `{"Name":"d"}`)), "applied")
	expect(t, "calls of the default then", len(s.sent), 1)
	both := s.run(t, record("e5", "other", 5, `{"Name":"e"}`), record("e6", "", 4, `{"EnableDpd":false}`), record("e7", "other", 3, `{"Name":"f"}`))
	expect(t, "two in one batch", both, "unchanged applied applied")
	expect(t, "sent with the other", strings.Contains(other.sent[1], `"Name":"f"`) && !strings.Contains(other.sent[1], "EnableDpd"), true)
	expect(t, "sent with the default", len(s.sent) == 2 && strings.Contains(s.sent[1], `"EnableDpd":"false"`) && !strings.Contains(s.sent[1], "Name"), true)
}

// TestMaxAge: a change that the queue would soon remove becomes a dead letter with the
// last obstacle.
func TestMaxAge(t *testing.T) {
	t.Parallel()
	s := newFixture(t, singleAttachment)
	s.MaxAge = time.Hour
	s.describe = func() (*attachment.Current, error) {
		return nil, &vpc.Error{Code: "InvalidAccessKeyId.NotFound", Message: "no such key", Remedy: "Use another key.", Class: outcome.ClassBlocked}
	}
	record := func(id string, age time.Duration) events.SQSMessage {
		r := at(t, id, 0, singleAttachment, `{"Name":"x"}`)
		r.Attributes["SentTimestamp"] = strconv.FormatInt(start.Add(-age).UnixMilli(), 10)
		return r
	}
	expect(t, "both", s.run(t, record("old", time.Hour+time.Second), record("young", time.Hour)), "rejected deferred")
	expect(t, "waited, for an alarm", fmt.Sprint(s.outcomes[0].Waited, s.outcomes[1].Waited), "0s 1h0m0s")
	expect(t, "dead letters", len(s.letters), 1)
	reason := s.letters[0].Reason
	expect(t, "reason", reason.Code+": "+reason.Message+" | "+reason.Remedy,
		"too-old: it has waited in the queue for 1h0m0s; the last obstacle was InvalidAccessKeyId.NotFound: no such key | Use another key. Then redrive the dead letter.")
}

// TestExpired: only a deferred change gets too old, and it becomes a dead letter even if
// the bus fails.
func TestExpired(t *testing.T) {
	t.Parallel()
	s := newFixture(t, singleAttachment)
	s.MaxAge = time.Hour
	s.Publish = func(context.Context, []outcome.Outcome) []error { return []error{errors.New("no bus")} }
	old := func(id, change string) events.SQSMessage {
		r := at(t, id, 0, singleAttachment, change)
		r.Attributes["SentTimestamp"] = strconv.FormatInt(start.Add(-2*time.Hour).UnixMilli(), 10)
		return r
	}
	expect(t, "applied nevertheless", s.run(t, old("e1", `{"Name":"x"}`)), "applied")
	expect(t, "letters", len(s.letters), 0)
	expect(t, "invalid, and Publish fails", s.run(t, old("e2", `{"Nam":"x"}`)), "rejected")
	expect(t, "letters then", len(s.letters), 1)
	expect(t, "the letter's message", s.letters[0].MessageID, "message-e2")
}

// TestStale: the outcome says how many fields newer events own.
func TestStale(t *testing.T) {
	t.Parallel()
	s := newFixture(t, singleAttachment)
	s.minutes()
	s.run(t, at(t, "e2", 1, singleAttachment, `{"Name":"newer"}`))
	s.run(t, at(t, "e1", 2, singleAttachment, `{"Name":"older","EnableDpd":false}`))
	expect(t, "stale fields", s.outcomes[0].Stale, 1)
}

// TestDenied: a missing permission blocks the change, whichever service refuses it.
func TestDenied(t *testing.T) {
	t.Parallel()
	s := newFixture(t, singleAttachment)
	s.Confirm = func(context.Context, message.Check) error { return denied{} }
	expect(t, "outcome", s.run(t, at(t, "e1", 0, singleAttachment, `{"Name":"x"}`)), "deferred")
	expect(t, "why", s.outcomes[0].Error.Code+" "+string(s.outcomes[0].Error.Class), "permission-missing blocked")
	expect(t, "waits", s.waits, "[5s]")
}

type denied struct{}

func (denied) Error() string  { return "not authorized to perform: sqs:SendMessage" }
func (denied) IsDenied() bool { return true }

// TestNoPortOutlastsTheInvocation: whatever hangs, there is time to return the failures
// and to change their visibility.
func TestNoPortOutlastsTheInvocation(t *testing.T) {
	t.Parallel()
	hang := func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() }
	for what, spoil := range map[string]func(*fixture){
		"describe": func(s *fixture) { s.Service = hanging{} },
		"confirm":  func(s *fixture) { s.Confirm = func(ctx context.Context, _ message.Check) error { return hang(ctx) } },
		"publish": func(s *fixture) {
			s.Publish = func(ctx context.Context, all []outcome.Outcome) []error {
				return slices.Repeat([]error{hang(ctx)}, len(all))
			}
		},
		"letters": func(s *fixture) {
			s.DeadLetter = func(ctx context.Context, all []apply.DeadLetter) []error {
				return slices.Repeat([]error{hang(ctx)}, len(all))
			}
		},
		"resolve": func(s *fixture) {
			s.Resolve = func(ctx context.Context, _ secret.Reference) (secret.Secret, error) {
				return secret.Secret{}, hang(ctx)
			}
		},
		"visibility": func(s *fixture) {
			s.Service = hanging{}
			s.Visibility = func(ctx context.Context, _ []string, _ time.Duration) error { return hang(ctx) }
		},
	} {
		synctest.Test(t, func(t *testing.T) {
			s := newFixture(t, singleAttachment)
			spoil(s)
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			got := s.runWith(t, ctx, at(t, "e1", 2, singleAttachment, byReference), at(t, "e2", 1, singleAttachment, `{"Nam":"x"}`),
				at(t, "e3", 0, dualAttachment, `{"Name":"x"}`))
			if ctx.Err() != nil {
				t.Errorf("%s: it takes longer than the invocation, and ends as %s", what, got)
			}
		})
	}
}

// hanging is a service that does not answer.
type hanging struct{}

func (hanging) Describe(ctx context.Context, _, _ string) (*attachment.Current, error) {
	<-ctx.Done()
	return nil, ctx.Err()
}

func (hanging) Modify(ctx context.Context, _ *attachment.Change, _ []string) (vpc.Answer, error) {
	<-ctx.Done()
	return vpc.Answer{}, ctx.Err()
}

// TestOneThatHangs leaves time for the changes of the others in its batch.
func TestOneThatHangs(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newFixture(t, dualAttachment)
		s.Publish = func(ctx context.Context, _ []outcome.Outcome) []error { <-ctx.Done(); return []error{ctx.Err()} }
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		got := s.runWith(t, ctx, at(t, "e1", 1, singleAttachment, `{"Nam":"x"}`), at(t, "e2", 0, dualAttachment, `{"Name":"x"}`))
		expect(t, "statuses", got, "deferred applied")
		expect(t, "letters, which come before the bus", len(s.letters), 1)

		// And what is too old becomes a dead letter even then, here in another process.
		s.MaxAge = time.Hour
		old := at(t, "e1", 1, singleAttachment, `{"Nam":"x"}`)
		old.Attributes["SentTimestamp"] = strconv.FormatInt(start.Add(-2*time.Hour).UnixMilli(), 10)
		expect(t, "old", s.runWith(t, ctx, old), "rejected")
		expect(t, "letters", len(s.letters), 2)
	})
}

// TestPatience: a change that is never done gets too old before the maxReceiveCount of
// the template.
func TestPatience(t *testing.T) {
	t.Parallel()
	for _, class := range []outcome.Class{outcome.ClassBusy, outcome.ClassThrottled, outcome.ClassTransient, outcome.ClassBlocked} {
		s := newFixture(t, singleAttachment)
		s.describe = func() (*attachment.Current, error) { return nil, &vpc.Error{Code: "Some.Code", Class: class} }
		var waited time.Duration
		for received := range 1000 {
			r := at(t, "e1", 0, singleAttachment, `{"Name":"x"}`)
			r.Attributes["ApproximateReceiveCount"] = strconv.Itoa(received + 1)
			s.waits = nil
			s.run(t, r)
			waited += s.waits[0]
		}
		if waited < 9*24*time.Hour+time.Hour {
			t.Errorf("%s: 1000 deliveries in %v", class, waited)
		}
	}
}

// TestPublishedWhenKept: no outcome says that a change is among the dead letters before
// it is, as long as it may still be applied.
func TestPublishedWhenKept(t *testing.T) {
	t.Parallel()
	s := newFixture(t, singleAttachment)
	s.minutes()
	var told []string
	s.Publish = func(_ context.Context, all []outcome.Outcome) []error {
		for _, o := range all {
			told = append(told, string(o.Status)+" "+o.EventIDs[0])
		}
		return nil
	}
	keep, down := s.DeadLetter, true
	s.DeadLetter = func(ctx context.Context, all []apply.DeadLetter) []error {
		if down {
			return slices.Repeat([]error{errors.New("no queue")}, len(all))
		}
		return keep(ctx, all)
	}
	refused := errors.New("")
	s.modify = func() error { return refused }
	refused = &vpc.Error{Code: "VpnRouteEntry.Conflict", Class: outcome.ClassRejected}
	record := at(t, "e1", 0, singleAttachment, `{"Name":"x"}`)
	for range 3 {
		expect(t, "while no dead letter can be kept", s.run(t, record), "deferred")
	}
	expect(t, "told then", len(told), 0)
	refused, down = nil, false
	expect(t, "once the service takes it", s.run(t, record), "applied")
	expect(t, "told of what was applied, which confirm does", len(told)+len(s.letters), 0)
	refused = &vpc.Error{Code: "VpnRouteEntry.Conflict", Class: outcome.ClassRejected}
	expect(t, "refused", s.run(t, at(t, "e2", 0, singleAttachment, `{"Name":"y"}`)), "rejected")
	expect(t, "told", told, "[rejected e2]")
	expect(t, "letters", len(s.letters), 1)
}

// TestPartialFailures: each record of a batch has the error of its own dead letter and
// outcome, and the outcome of one that goes back behind another is not published.
func TestPartialFailures(t *testing.T) {
	t.Parallel()
	no := errors.New("no")
	for name, tt := range map[string]struct {
		letters, outcomes []error
		want              string
		told              string
		kept              int
	}{
		"all":               {nil, nil, "rejected rejected rejected", "[e1 e2 e3]", 3},
		"a letter fails":    {[]error{nil, no, nil}, nil, "rejected deferred deferred", "[e1]", 3},
		"an outcome fails":  {nil, []error{nil, no, nil}, "rejected deferred deferred", "[e1 e2 e3]", 3},
		"no letter is kept": {[]error{no, no, no}, nil, "deferred deferred deferred", "[]", 3},
		"no outcome works":  {nil, []error{no, no, no}, "deferred deferred deferred", "[e1 e2 e3]", 3},
	} {
		s := newFixture(t, singleAttachment)
		calls, told := 0, []string{}
		s.DeadLetter = func(_ context.Context, all []apply.DeadLetter) []error {
			calls++
			s.letters = append(s.letters, all...)
			return tt.letters
		}
		s.Publish = func(_ context.Context, all []outcome.Outcome) []error {
			calls++
			for _, o := range all {
				told = append(told, o.EventIDs[0])
			}
			return tt.outcomes
		}
		got := s.run(t, at(t, "e1", 3, singleAttachment, `{"Nam":"x"}`), at(t, "e2", 2, singleAttachment, `{"Nam":"x"}`), at(t, "e3", 1, singleAttachment, `{"Nam":"x"}`))
		expect(t, name, got, tt.want)
		expect(t, name+": told", told, tt.told)
		expect(t, name+": letters", len(s.letters), tt.kept)
		if most := 2; calls > most {
			t.Errorf("%s: %d calls, want %d at most", name, calls, most)
		}
	}
}

// TestBehindIsNotPublished: a record that is invalid, but comes after one that goes back,
// has neither an outcome nor a dead letter, since it is validated again.
func TestBehindIsNotPublished(t *testing.T) {
	t.Parallel()
	s := newFixture(t, singleAttachment)
	s.Publish = func(_ context.Context, all []outcome.Outcome) []error { t.Errorf("told %v", all); return nil }
	s.describe = func() (*attachment.Current, error) {
		return nil, &vpc.Error{Code: "Some.Code", Class: outcome.ClassBusy}
	}
	expect(t, "statuses", s.run(t, at(t, "e1", 1, singleAttachment, `{"Name":"x"}`), at(t, "e2", 0, singleAttachment, `{"Nam":"x"}`)), "deferred deferred")
	expect(t, "letters", len(s.letters), 0)
}

// TestBatchIsPublishedAtOnce: the outcomes and dead letters of a batch are one call each,
// whatever groups they are of, and those of a record have one id in each delivery.
func TestBatchIsPublishedAtOnce(t *testing.T) {
	t.Parallel()
	s := newFixture(t, singleAttachment)
	s.run(t, at(t, "newest", 0, singleAttachment, `{"Name":"newest"}`))
	var calls [][]outcome.Outcome
	s.Publish = func(_ context.Context, all []outcome.Outcome) []error { calls = append(calls, all); return nil }
	letters := 0
	s.DeadLetter = func(_ context.Context, all []apply.DeadLetter) []error { letters++; return nil }
	var records []events.SQSMessage
	for i := range 8 {
		records = append(records, at(t, "e"+strconv.Itoa(i), 10-i, singleAttachment, `{"Name":"older"}`))
	}
	records = append(records, at(t, "e8", 0, dualAttachment, `{"Nam":"x"}`), at(t, "e9", 0, "vco-another", `{"Nam":"x"}`))
	for range 2 {
		s.run(t, records...)
	}
	if len(calls) != 2 || len(calls[0]) != 10 || letters != 2 {
		t.Fatalf("got %d calls for outcomes and %d for dead letters", len(calls), letters)
	}
	ids := map[string]bool{}
	for i, o := range calls[0] {
		ids[o.ID] = true
		expect(t, "id of "+o.EventIDs[0]+" again", calls[1][i].ID, o.ID)
	}
	expect(t, "ids", len(ids), 10)
}

// TestLetterIsKeptOnce: as long as its outcome can't be published, a record comes again
// and again, and has one dead letter all the same.
func TestLetterIsKeptOnce(t *testing.T) {
	t.Parallel()
	s := newFixture(t, singleAttachment)
	failed := errors.New("no bus")
	s.Publish = func(context.Context, []outcome.Outcome) []error { return []error{failed} }
	handler, err := apply.New(s.Config)
	if err != nil {
		t.Fatal(err)
	}
	deliver := func() (back int) {
		response, err := handler.Handle(t.Context(), events.SQSEvent{Records: []events.SQSMessage{at(t, "e1", 0, singleAttachment, `{"Nam":"x"}`)}})
		if err != nil {
			t.Fatal(err)
		}
		return len(response.BatchItemFailures)
	}
	for range 3 {
		expect(t, "back while Publish fails", deliver(), 1)
	}
	failed = nil
	expect(t, "back then", deliver(), 0)
	expect(t, "letters", len(s.letters), 1)
}
