package apply_test

import (
	"context"
	"encoding/json"
	"errors"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"vpnattach/functions/apply"
	"vpnattach/shared/attachment"
	"vpnattach/shared/outcome"
	"vpnattach/shared/vpc"
)

// TestPublished: what confirm will not hear of is published, and nothing else.
func TestPublished(t *testing.T) {
	t.Parallel()
	s := newStage(t, singleAttachment)
	var told []outcome.Outcome
	var failed error
	s.Publish = func(_ context.Context, o outcome.Outcome) error { told = append(told, o); return failed }
	name := func(id string, age int, change string) string {
		told = nil
		got := s.run(t, at(t, id, age, singleAttachment, change))
		for _, o := range told {
			got += " " + string(o.Status)
			if o.VpnConnectionID != singleAttachment || o.RegionID != "cn-hangzhou" || len(o.EventIDs) != 1 || o.EventIDs[0] != id || !o.Time.Equal(start) {
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
	expect(t, "nobody can be told", name("e8", 0, `{"Nam":"x"}`), "deferred rejected")
	expect(t, "dead letters", len(s.letters), letters)
	failed = nil
	expect(t, "once they can", name("e8", 0, `{"Nam":"x"}`), "rejected rejected")
	expect(t, "dead letters then", len(s.letters), letters+1)
	s.Config.Plan = true
	expect(t, "planned", name("e9", 0, `{"Name":"planned"}`), "planned planned")
	if d := told[0].Differences; len(d) != 1 || d[0].To != "planned" {
		t.Errorf("got %+v", d)
	}
}

func TestProfiles(t *testing.T) {
	t.Parallel()
	s, other := newStage(t, singleAttachment), newStage(t, singleAttachment)
	record := func(id, profile string, age int, change string) events.SQSMessage {
		r := at(t, id, age, singleAttachment, change)
		m, err := apply.Decode(r.Body)
		if err != nil {
			t.Fatal(err)
		}
		m.Credentials = profile
		if r, err = m.Record(r.MessageId, r.ReceiptHandle, 1); err != nil {
			t.Fatal(err)
		}
		return r
	}
	expect(t, "without profiles", s.run(t, record("e1", "other", 9, `{"Name":"a"}`)), "rejected")
	expect(t, "why", s.outcomes[0].Error.Code, "credentials-unknown")
	s.Profile = func(name string) (apply.Service, error) {
		if name != "other" {
			return nil, errors.New("not among them")
		}
		return other, nil
	}
	expect(t, "unknown", s.run(t, record("e2", "another", 8, `{"Name":"b"}`)), "rejected")
	expect(t, "known", s.run(t, record("e3", "other", 7, `{"Name":"c"}`)), "applied")
	expect(t, "calls", len(other.sent), 1)
	expect(t, "calls of the default", len(s.sent), 0)
	expect(t, "asked to confirm with", s.confirms[0].Credentials, "other")
	expect(t, "default", s.run(t, record("e4", "", 6, `{"Name":"d"}`)), "applied")
	expect(t, "calls of the default then", len(s.sent), 1)
	both := s.run(t, record("e5", "other", 5, `{"Name":"e"}`), record("e6", "", 4, `{"EnableDpd":false}`), record("e7", "other", 3, `{"Name":"f"}`))
	expect(t, "two in one batch", both, "unchanged applied applied")
	expect(t, "sent with the other", strings.Contains(other.sent[1], `"Name":"f"`), true)
}

// TestMaxAge: what a queue would soon forget becomes a dead letter that says what was
// in the way.
func TestMaxAge(t *testing.T) {
	t.Parallel()
	s := newStage(t, singleAttachment)
	s.MaxAge = time.Hour
	s.describe = func() (*attachment.Current, error) {
		return nil, &vpc.Error{Code: "InvalidAccessKeyId.NotFound", Message: "no such key", Remedy: "Use another key.", Class: vpc.Blocked}
	}
	record := func(id string, age time.Duration) events.SQSMessage {
		r := at(t, id, 0, singleAttachment, `{"Name":"x"}`)
		r.Attributes["SentTimestamp"] = strconv.FormatInt(start.Add(-age).UnixMilli(), 10)
		return r
	}
	expect(t, "both", s.run(t, record("old", time.Hour+time.Second), record("young", time.Hour)), "rejected deferred")
	expect(t, "dead letters", len(s.letters), 1)
	reason := s.letters[0].Reason
	expect(t, "reason", reason.Code+": "+reason.Message+" | "+reason.Remedy,
		"too-old: it has waited in the queue for 1h0m0s; the last obstacle was InvalidAccessKeyId.NotFound: no such key | Use another key. Then redrive the dead letter.")
}
