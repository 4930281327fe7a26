package confirm_test

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"reflect"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-lambda-go/lambdacontext"
	"github.com/rs/zerolog"

	"vpnattach/functions/confirm"
	"vpnattach/shared/core/attachment"
	"vpnattach/shared/core/secret"
	"vpnattach/shared/ledger"
	"vpnattach/shared/message"
	"vpnattach/shared/outcome"
	"vpnattach/shared/vpc"
)

var (
	start = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	key   = secret.New("digest-key-of-test")
	stamp = ledger.Stamp{Time: start, EventID: "e1"}
)

const (
	single = `{"VpnConnectionId":"vco-1","State":"attached","Status":"ipsec_sa_established","Name":"x","IkeConfig":{"Psk":"key-in-effect-1","IkeLifetime":3600}}`
	dual   = `{"VpnConnectionId":"vco-1","State":"attached","TunnelOptionsSpecification":{"TunnelOptions":[
		{"TunnelIndex":1,"State":"active","Status":"ipsec_sa_established","EnableDpd":"true"},
		{"TunnelIndex":2,"State":"active","Status":"ike_sa_not_established"}]}}`
)

// fixture is a handler with fakes for all that it calls.
type fixture struct {
	confirm.Config
	answer string
	failed error
	hangs  bool                // Describe answers when the context ends
	causes []outcome.Diagnosis // what Diagnose answers
	unable error               // its error
	mute   bool                // it answers when the context ends
	asked  int                 // how often it was called
	store  ledger.Memory
	again  []message.Check
	delays []time.Duration
	told   []outcome.Outcome
	log    bytes.Buffer
}

func newFixture(answer string) *fixture {
	s := &fixture{answer: answer}
	s.Config = confirm.Config{
		Service: s, Ledger: &s.store, DigestKey: key, Now: func() time.Time { return start }, Log: zerolog.New(&s.log).Level(zerolog.DebugLevel),
		Again: func(_ context.Context, m message.Check, delay time.Duration) error {
			s.again, s.delays = append(s.again, m), append(s.delays, delay)
			return nil
		},
		Publish: func(_ context.Context, o outcome.Outcome) error { s.told = append(s.told, o); return nil },
	}
	return s
}

func (s *fixture) Describe(ctx context.Context, _, _ string) (*attachment.Current, error) {
	if s.hangs {
		<-ctx.Done()
		return nil, ctx.Err()
	}
	if s.failed != nil {
		return nil, s.failed
	}
	return attachment.ParseCurrent(s.answer)
}

func (s *fixture) Diagnose(ctx context.Context, _ string, current *attachment.Current) ([]outcome.Diagnosis, error) {
	s.asked++
	if s.mute {
		<-ctx.Done()
		return nil, ctx.Err()
	}
	if current.VpnConnectionID != "vco-1" {
		return nil, errors.New("another attachment")
	}
	return s.causes, s.unable
}

func (s *fixture) run(t *testing.T, bodies ...string) events.SQSEventResponse {
	t.Helper()
	handler, err := confirm.New(s.Config)
	if err != nil {
		t.Fatal(err)
	}
	var batch events.SQSEvent
	for _, body := range bodies {
		batch.Records = append(batch.Records, events.SQSMessage{MessageId: "m" + string(rune('0'+len(batch.Records))), Body: body})
	}
	ctx := lambdacontext.NewContext(t.Context(), &lambdacontext.LambdaContext{AwsRequestID: "invocation-1"})
	response, err := handler.Handle(ctx, batch)
	if err != nil {
		t.Fatal(err)
	}
	return response
}

func ask(t *testing.T, left time.Duration, asked ...message.Asked) string {
	t.Helper()
	m := message.Check{RegionID: "r", VpnConnectionID: "vco-1", RequestID: "R", EventIDs: []string{"e1"}, Asked: asked, Deadline: start.Add(left)}
	text, err := m.Encode()
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func value(name, text string) message.Asked {
	return message.Asked{Field: name, Stamp: stamp, Value: text}
}

func psk(text string) message.Asked {
	return message.Asked{Field: "IkeConfig.Psk", Stamp: stamp, Digest: message.Digest(key, text)}
}

func TestOutcomes(t *testing.T) {
	t.Parallel()
	masked := strings.Replace(single, "key-in-effect-1", "key-****", 1)
	updating := strings.Replace(single, "attached", "updating", 1)
	tests := []struct {
		name, answer string
		asked        []message.Asked
		newer        string // a field that a newer event owns
		err          error
		want         outcome.Status // at the deadline; when the attachment can't be read a day later
		waits        bool           // before the deadline it looks again
	}{
		{"as asked", single, []message.Asked{value("Name", "x"), value("IkeConfig.IkeLifetime", "3600"), psk("key-in-effect-1")}, "", nil, outcome.Settled, false},
		{"a tunnel as asked", dual, []message.Asked{value("Tunnel.1.EnableDpd", "true")}, "", nil, outcome.Settled, false},
		{"a masked key that was left out", masked, []message.Asked{value("IkeConfig.IkeLifetime", "3600"), {Field: "IkeConfig.Psk", Stamp: stamp}}, "", nil, outcome.Unverified, false},
		{"a key that was left out, shown since", single, []message.Asked{{Field: "IkeConfig.Psk", Stamp: stamp}}, "", nil, outcome.Unverified, false},
		{"nothing asked", single, nil, "", nil, outcome.Settled, false},
		{"another value", single, []message.Asked{value("Name", "y")}, "", nil, outcome.Drifted, true},
		{"another key", single, []message.Asked{psk("key-that-was-asked")}, "", nil, outcome.Drifted, true},
		{"a masked key", masked, []message.Asked{value("Name", "x"), psk("key-in-effect-1")}, "", nil, outcome.Unverified, false},
		{"a masked key and another value", masked, []message.Asked{psk("key-in-effect-1"), value("Name", "y")}, "", nil, outcome.Drifted, true},
		{"a field with a newer owner", single, []message.Asked{value("Name", "y")}, "Name", nil, outcome.Superseded, false},
		{"one of two fields with a newer owner", single, []message.Asked{value("Name", "y"), psk("key-in-effect-1")}, "Name", nil, outcome.Settled, false},
		{"what no answer shows", single, []message.Asked{value("Name", "x"), value("AutoConfigRoute", "true")}, "", nil, outcome.Unverified, false},
		{"what no answer shows, and another value", single, []message.Asked{value("AutoConfigRoute", "true"), value("EffectImmediately", "true")}, "", nil, outcome.Drifted, true},
		{"a field that is not known", single, []message.Asked{value("NoSuchField", "y")}, "", nil, outcome.Unverified, false},
		{"in motion", updating, []message.Asked{value("Name", "x")}, "", nil, outcome.Failed, true},
		{"deleted", strings.Replace(single, "attached", "deleted", 1), []message.Asked{value("Name", "x")}, "", nil, outcome.Failed, false},
		{"gone", "", nil, "", &vpc.Error{Class: outcome.ClassRejected, Code: "InvalidVpnConnectionInstanceId.NotFound"}, outcome.Failed, false},
		{"throttled", "", nil, "", &vpc.Error{Class: outcome.ClassThrottled}, outcome.Failed, true},
		{"no answer", "", nil, "", errors.New("no answer"), outcome.Failed, true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			for _, left := range []time.Duration{0, time.Minute, -24 * time.Hour} {
				s := newFixture(tt.answer)
				s.failed = tt.err
				if tt.newer != "" {
					entry := ledger.Entry{Fields: map[string]ledger.Stamp{tt.newer: {Time: start, EventID: "e2"}}}
					if err := s.store.Save(t.Context(), ledger.Key{RegionID: "r", VpnConnectionID: "vco-1"}, entry); err != nil {
						t.Fatal(err)
					}
				}
				response := s.run(t, ask(t, left, tt.asked...))
				kept := tt.waits && tt.err != nil && left == 0
				if kept != (len(response.BatchItemFailures) == 1) {
					t.Errorf("with %v left: got failures %v", left, response.BatchItemFailures)
				}
				if kept {
					if len(s.again)+len(s.told) > 0 {
						t.Errorf("it is kept, and looks again %v, tells %v", s.again, s.told)
					}
					continue
				}
				if waits := tt.waits && left > 0; waits != (len(s.again) == 1) || waits == (len(s.told) == 1) {
					t.Fatalf("with %v left: looks again %v, tells %v", left, s.again, s.told)
				}
				if len(s.told) == 1 && s.told[0].SettleMillis != 0 {
					t.Errorf("nothing was sent, and settled after %d ms", s.told[0].SettleMillis)
				}
				if len(s.told) == 1 && s.told[0].Status != tt.want {
					t.Errorf("got %+v, want %s", s.told[0], tt.want)
				}
				if strings.Contains(s.log.String(), "key-in-effect") {
					t.Error("the log shows a key")
				}
			}
		})
	}
}

func TestOutcomeEvent(t *testing.T) {
	t.Parallel()
	s := newFixture(dual)
	message, err := message.DecodeCheck(ask(t, 0, value("Tunnel.1.EnableDpd", "true"), value("Name", "y")))
	if err != nil {
		t.Fatal(err)
	}
	message.Sent = start.Add(-2500 * time.Millisecond)
	body, err := message.Encode()
	if err != nil {
		t.Fatal(err)
	}
	s.run(t, body)
	got, err := json.Marshal(s.told[0])
	if err != nil {
		t.Fatal(err)
	}
	const want = `{"id":"2c1d2f7d0017843b639dbd70aeb5a811","regionId":"r","vpnConnectionId":"vco-1","requestId":"R","eventIds":["e1"],"status":"drifted","time":"2026-03-01T12:00:00Z",` +
		`"fields":{"Name":"drifted","Tunnel.1.EnableDpd":"settled"},"state":"attached",` +
		`"tunnels":[{"index":1,"state":"active","negotiation":"ipsec_sa_established"},{"index":2,"state":"active","negotiation":"ike_sa_not_established"}],"settleMillis":2500}`
	if string(got) != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	var line struct {
		RequestID, VpnConnectionID, Status string
		EventIDs                           []string
	}
	if err := json.Unmarshal(s.log.Bytes(), &line); err != nil {
		t.Fatal(err)
	}
	if line.RequestID != "invocation-1" || line.VpnConnectionID != "vco-1" || line.Status != "drifted" || !reflect.DeepEqual(line.EventIDs, []string{"e1"}) {
		t.Errorf("got log %s", s.log.String())
	}
}

func TestProfile(t *testing.T) {
	t.Parallel()
	s := newFixture("{}") // no answer of its own
	s.Profile = func(_ context.Context, name string) (confirm.Service, error) {
		if name != "other" {
			return nil, errors.New("no such profile")
		}
		return newFixture(single), nil
	}
	for profile, want := range map[string]outcome.Status{"other": outcome.Settled, "another": outcome.Failed} {
		m := message.Check{RegionID: "r", VpnConnectionID: "vco-1", Credentials: profile, Deadline: start.Add(-24 * time.Hour)}
		body, err := m.Encode()
		if err != nil {
			t.Fatal(err)
		}
		s.told = nil
		if s.run(t, body); len(s.told) != 1 || s.told[0].Status != want {
			t.Errorf("%s: got %+v, want %s", profile, s.told, want)
		}
		if why := s.told[0].Reason; want == outcome.Failed && (why.Code != "credentials-unknown" || strings.Contains(why.Remedy, "Nothing")) {
			t.Errorf("got %+v, and it is not retried", why)
		}
	}
}

func TestDelaysGrowUpToTheDeadline(t *testing.T) {
	t.Parallel()
	s := newFixture(single)
	body := ask(t, 100*time.Second, value("Name", "y"))
	now := start
	s.Now = func() time.Time { return now }
	for len(s.told) == 0 {
		s.run(t, body)
		if n := len(s.delays); len(s.told) == 0 {
			now = now.Add(s.delays[n-1])
			text, err := s.again[n-1].Encode()
			if err != nil {
				t.Fatal(err)
			}
			body = text
		}
	}
	want := []time.Duration{1, 2, 4, 8, 16, 32, 37}
	for i := range want {
		want[i] *= time.Second
	}
	if !reflect.DeepEqual(s.delays, want) {
		t.Errorf("got %v, want %v", s.delays, want)
	}
}

// TestRepetition: an outcome that is published again has the same id, and another outcome of
// the same changes another one.
func TestRepetition(t *testing.T) {
	t.Parallel()
	s := newFixture(single)
	told := func(changes []string, asked ...message.Asked) string {
		m, err := message.DecodeCheck(ask(t, 0, asked...))
		if err != nil {
			t.Fatal(err)
		}
		m.ChangeIDs = changes
		body, err := m.Encode()
		if err != nil {
			t.Fatal(err)
		}
		s.run(t, body)
		return s.told[len(s.told)-1].ID
	}
	first := told([]string{"c1", "c2"}, value("Name", "x"))
	if again := told([]string{"c2", "c1"}, value("Name", "x")); again != first || first == "" {
		t.Errorf("got %q, and %q again", first, again)
	}
	if drifted, other := told([]string{"c1", "c2"}, value("Name", "y")), told([]string{"c1"}, value("Name", "x")); drifted == first || other == first {
		t.Errorf("got %q for what drifted and %q for another change, like %q", drifted, other, first)
	}
}

// TestClockSetBack: a deadline of when the clock was ahead is as far away as it was then.
func TestClockSetBack(t *testing.T) {
	t.Parallel()
	for _, within := range []time.Duration{0, 10 * time.Minute} {
		s := newFixture(single)
		m, err := message.DecodeCheck(ask(t, 24*time.Hour, value("Name", "y")))
		if err != nil {
			t.Fatal(err)
		}
		m.Within = within
		body, err := m.Encode()
		if err != nil {
			t.Fatal(err)
		}
		want := start.Add(cmp.Or(within, 24*time.Hour))
		if s.run(t, body); len(s.again) != 1 || !s.again[0].Deadline.Equal(want) {
			t.Errorf("got %+v, want the deadline %v", s.again, want)
		}
	}
}

func TestFailures(t *testing.T) {
	t.Parallel()
	no := errors.New("no")
	good := ask(t, 0, value("Name", "x"))
	s := newFixture(single)
	s.Publish = func(context.Context, outcome.Outcome) error { return no }
	if got := s.run(t, good).BatchItemFailures; len(got) != 1 || got[0].ItemIdentifier != "m0" {
		t.Errorf("publish: got %v", got)
	}
	s = newFixture(single)
	s.Again = func(context.Context, message.Check, time.Duration) error { panic("secret") }
	got := s.run(t, ask(t, time.Minute, value("Name", "y")), good).BatchItemFailures
	if len(got) != 1 || got[0].ItemIdentifier != "m0" || len(s.told) != 1 || strings.Contains(s.log.String(), `secret"`) {
		t.Errorf("again: got %v, %s", got, s.log.String())
	}
	s = newFixture(single)
	if got := s.run(t, "{", `{"regionId":"r"}`).BatchItemFailures; len(got) != 2 || strings.Count(s.log.String(), `"level":"error"`) != 2 {
		t.Errorf("not a message: got %v, %s", got, s.log.String())
	}
}

// TestKept: what could not be decided is counted, and comes again after the back-off of
// its class.
func TestKept(t *testing.T) {
	t.Parallel()
	s := newFixture(single)
	var kept []int
	waits := map[string]time.Duration{}
	s.Report = func(_ context.Context, n int) { kept = append(kept, n) }
	s.Visibility = func(_ context.Context, receipts []string, after time.Duration) error {
		for _, r := range receipts {
			waits[r] = after
		}
		return errors.New("no")
	}
	s.Publish = func(_ context.Context, o outcome.Outcome) error {
		switch o.EventIDs[0] {
		case "denied":
			return denied{}
		case "failed":
			return errors.New("no")
		}
		return nil
	}
	handler, err := confirm.New(s.Config)
	if err != nil {
		t.Fatal(err)
	}
	record := func(id string, received int) events.SQSMessage {
		m := message.Check{RegionID: "r", VpnConnectionID: "vco-1", EventIDs: []string{id}, Deadline: start}
		body, err := m.Encode()
		if err != nil {
			t.Fatal(err)
		}
		return events.SQSMessage{MessageId: id, ReceiptHandle: id + strconv.Itoa(received), Body: body, Attributes: map[string]string{"ApproximateReceiveCount": strconv.Itoa(received)}}
	}
	response, err := handler.Handle(t.Context(), events.SQSEvent{Records: []events.SQSMessage{
		record("denied", 1), record("told", 1), record("failed", 1), record("denied", 20), record("failed", 20), record("failed", 31), {MessageId: "m", ReceiptHandle: "broken", Body: "{"},
	}})
	if err != nil || len(response.BatchItemFailures) != 6 || !reflect.DeepEqual(kept, []int{6}) {
		t.Errorf("got %v, %v, kept %v", response, err, kept)
	}
	want := map[string]time.Duration{
		"denied1": 5 * time.Second, "denied20": 15 * time.Minute, "failed1": time.Second, "failed20": time.Minute, "failed31": 15 * time.Minute, "broken": time.Second,
	}
	if !reflect.DeepEqual(waits, want) {
		t.Errorf("got %v, want %v", waits, want)
	}
	if _, err := handler.Handle(t.Context(), events.SQSEvent{Records: []events.SQSMessage{record("told", 2)}}); err != nil || len(kept) != 1 {
		t.Errorf("got %v, kept %v of a batch that has been decided", err, kept)
	}
}

type denied struct{}

func (denied) Error() string  { return "not authorized to perform: events:PutEvents" }
func (denied) IsDenied() bool { return true }

// TestNoTime: a message whose time is up is delivered again by the queue, and is not also
// sent again.
func TestNoTime(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newFixture(single)
		s.hangs = true
		handler, err := confirm.New(s.Config)
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		batch := events.SQSEvent{Records: []events.SQSMessage{{MessageId: "m0", Body: ask(t, time.Hour)}, {MessageId: "m1", Body: ask(t, time.Hour)}}}
		response, err := handler.Handle(ctx, batch)
		if err != nil || ctx.Err() != nil || len(response.BatchItemFailures) != 2 || len(s.again)+len(s.told) != 0 {
			t.Errorf("got %v, %v, %v, %d again, %d told", response, err, ctx.Err(), len(s.again), len(s.told))
		}
	})
}

func TestConfigValidate(t *testing.T) {
	t.Parallel()
	for what, spoil := range map[string]func(*confirm.Config){
		"service": func(c *confirm.Config) { c.Service = nil },
		"ledger":  func(c *confirm.Config) { c.Ledger = nil },
		"again":   func(c *confirm.Config) { c.Again = nil },
		"publish": func(c *confirm.Config) { c.Publish = nil },
		"digests": func(c *confirm.Config) { c.DigestKey = secret.Secret{} },
	} {
		s := newFixture(single)
		spoil(&s.Config)
		if _, err := confirm.New(s.Config); err == nil || !strings.Contains(err.Error(), what) {
			t.Errorf("without %s: got %v", what, err)
		}
	}
}

func TestDigest(t *testing.T) {
	t.Parallel()
	got := message.Digest(key, "a")
	if got == message.Digest(key, "b") || got == message.Digest(secret.New("other"), "a") || got != message.Digest(key, "a") || len(got) != 64 {
		t.Errorf("got %s", got)
	}
}

// TestSupersededWithoutCall: what newer events own is finished by their stamps, also
// while the attachment is in motion or can't be asked.
func TestSupersededWithoutCall(t *testing.T) {
	t.Parallel()
	s := newFixture(single)
	s.failed = errors.New("asked")
	entry := ledger.Entry{Fields: map[string]ledger.Stamp{"Name": {Time: start, EventID: "e2"}, "RemoteSubnet": {Time: start, EventID: "e2"}}}
	if err := s.store.Save(t.Context(), ledger.Key{RegionID: "r", VpnConnectionID: "vco-1"}, entry); err != nil {
		t.Fatal(err)
	}
	s.run(t, ask(t, time.Minute, value("Name", "y"), value("RemoteSubnet", "10.0.0.0/8")))
	if len(s.told) != 1 || s.told[0].Status != outcome.Superseded || len(s.told[0].Fields) != 2 || s.told[0].Fields["Name"] != outcome.Superseded || s.told[0].ID == "" {
		t.Errorf("got %+v", s.told)
	}
	s.run(t, ask(t, time.Minute, value("Name", "y"), value("LocalSubnet", "10.0.0.0/8")))
	if len(s.told) != 1 || len(s.again) != 1 {
		t.Errorf("a field of its own: got %+v", s.told)
	}
}

// TestDelaysFollowTheTimeTaken: what has taken long is looked at less often.
func TestDelaysFollowTheTimeTaken(t *testing.T) {
	t.Parallel()
	now := start.Add(5 * time.Second)
	s := newFixture(single)
	s.Now = func() time.Time { return now }
	m := message.Check{RegionID: "r", VpnConnectionID: "vco-1", Asked: []message.Asked{value("Name", "y")}, Sent: start, Deadline: start.Add(200 * time.Second)}
	for len(s.told) == 0 {
		body, err := m.Encode()
		if err != nil {
			t.Fatal(err)
		}
		if s.run(t, body); len(s.told) == 0 {
			m, now = s.again[len(s.again)-1], now.Add(s.delays[len(s.delays)-1])
		}
	}
	want := []time.Duration{5, 10, 20, 40, 60, 60}
	for i := range want {
		want[i] *= time.Second
	}
	if !reflect.DeepEqual(s.delays, want) {
		t.Errorf("got %v, want %v", s.delays, want)
	}
}
