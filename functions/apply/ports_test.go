package apply_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/lambdacontext"

	"vpnattach/functions/apply"
	"vpnattach/shared/core/attachment"
	"vpnattach/shared/core/pipeline"
	"vpnattach/shared/core/secret"
	"vpnattach/shared/ledger"
	"vpnattach/shared/message"
	"vpnattach/shared/outcome"
	"vpnattach/shared/vpc"
)

const byReference = `{"IkeConfig":{"Psk":"{{resolve:secretsmanager:vpn/site:SecretString:psk}}"}}`

func TestReferences(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name    string
		value   string
		err     error
		want    string // status and code
		fetched int
	}{
		{"resolved", "resolved-key-00001", nil, "applied ", 1},
		{"not now", "", errors.New("throttled"), "deferred interrupted", 1},
		{"not allowed", "", fmt.Errorf("%w: vpn/site", secret.ErrDenied), "deferred secret-denied", 1},
		{"never", "", fmt.Errorf("no such secret: %w", secret.ErrUnresolvable), "rejected reference-unresolvable", 1},
		{"empty", "", nil, "rejected reference-unresolvable", 1},
		{"no key", "a key with blanks", nil, "rejected contains-blank", 1},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s, fetched := newFixture(t, singleAttachment), 0
			s.Resolve = func(_ context.Context, r secret.Reference) (secret.Secret, error) {
				fetched++
				expect(t, "reference", r, secret.Reference{Service: "secretsmanager", ID: "vpn/site", Key: "psk"})
				return secret.New(tt.value), tt.err
			}
			got := s.run(t, at(t, "e1", 0, singleAttachment, byReference)) + " "
			if s.outcomes[0].Error != nil {
				got += s.outcomes[0].Error.Code
			}
			expect(t, "outcome", got, tt.want)
			expect(t, "fetched", fetched, tt.fetched)
			if tt.value != "" && strings.Contains(s.log.String(), tt.value) {
				t.Error("the log shows the secret")
			}
		})
	}
	// Without the name of a key the whole secret would be the key.
	for _, tt := range []struct{ reference, value, want, hint string }{
		{"secretsmanager:vpn/site", `{"psk":"SECRET-VALUE-0001"}`, "rejected reference-needs-key-name", "write {{resolve:secretsmanager:vpn/site:SecretString:psk}}"},
		{"secretsmanager:vpn/site:SecretString::AWSPREVIOUS", " {\"psk\": \"SECRET-VALUE-0001\"}\n", "rejected reference-needs-key-name", "write {{resolve:secretsmanager:vpn/site:SecretString:psk:AWSPREVIOUS}}"},
		{"secretsmanager:arn:aws:secretsmanager:eu-central-1:123456789012:secret:vpn/site-AbCdEf", `{"user":"SECRET-VALUE-0001","psk":12345678901234567890,"more":{}}`, "rejected reference-needs-key-name",
			"write {{resolve:secretsmanager:arn:aws:secretsmanager:eu-central-1:123456789012:secret:vpn/site-AbCdEf:SecretString:MEMBER}} with one of the secret's members: user, psk"},
		{"secretsmanager:vpn/site", `{"keys":["SECRET-VALUE-0001"]}`, "rejected reference-needs-key-name", "no member that could be one"},
		{"ssm-secure:vpn-site", `{"psk":"SECRET-VALUE-0001"}`, "rejected reference-needs-key-name", "store the key alone in the parameter"},
		{"secretsmanager:vpn/site:SecretString:psk", `{"psk":"SECRET-VALUE-0001"}`, "rejected psk-not-a-key", "its member psk"},
		{"secretsmanager:vpn/site", `"SECRET-VALUE-0001"`, "rejected psk-not-a-key", "without the quotes"},
		{"secretsmanager:vpn/site", "-----BEGIN PRIVATE KEY-----\nSECRET-VALUE-0001", "rejected psk-not-a-key", "short text"},
		{"secretsmanager:vpn/site", "eyJwc2siOiJTRUNSRVQtVkFMVUUtMDAwMSJ9", "rejected psk-not-a-key", "decode it"},
		{"secretsmanager:vpn/site", "{SECRET-VALUE-0001}", "applied ", ""},
	} {
		s := newFixture(t, singleAttachment)
		s.Resolve = func(context.Context, secret.Reference) (secret.Secret, error) { return secret.New(tt.value), nil }
		got, hint := s.run(t, at(t, "e1", 0, singleAttachment, `{"IkeConfig":{"Psk":"{{resolve:`+tt.reference+`}}"}}`))+" ", ""
		if o := s.outcomes[0]; o.Error != nil {
			got, hint = got+o.Error.Code, o.Error.Remedy
		}
		expect(t, tt.reference, got, tt.want)
		if !strings.Contains(hint, tt.hint) {
			t.Errorf("%s: got hint %q, want %q", tt.reference, hint, tt.hint)
		}
		if tt.hint != "" {
			expect(t, "calls of Modify", slices.Contains(s.calls, "Modify"), false)
		}
		told, err := json.Marshal(struct{ Outcomes, Letters any }{s.outcomes, s.letters})
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(s.log.String()+string(told), "SECRET-VALUE") {
			t.Errorf("%s: the secret is told", tt.reference)
		}
	}
	s := newFixture(t, singleAttachment)
	expect(t, "without Resolve", s.run(t, at(t, "e1", 0, singleAttachment, byReference)), "rejected")
	s.run(t, at(t, "e3", 0, singleAttachment, `{"IkeConfig":{"Psk":"a-newer-key-000001"}}`))
	expect(t, "when a newer key is there already", s.run(t, at(t, "e2", 1, singleAttachment, byReference)), "unchanged")
}

func TestPlan(t *testing.T) {
	t.Parallel()
	s := newFixture(t, singleAttachment)
	s.Config.Plan = true
	got := s.run(t, at(t, "e1", 0, singleAttachment, `{"IkeConfig":{"Psk":"planned-key-000001"},"EnableDpd":true,"Name":"x"}`),
		at(t, "e2", 1, singleAttachment, `{"EnableDpd":true}`), at(t, "e3", 2, singleAttachment, `{"Nam":"x"}`))
	expect(t, "statuses", got, "planned unchanged rejected")
	expect(t, "differences", s.outcomes[0].Differences,
		[]attachment.Difference{{Path: "Name", From: "localsingle", To: "x"}, {Path: "IkeConfig.Psk", From: "***", To: "***"}})
	expect(t, "calls", s.calls, "[Describe]")
	expect(t, "messages", len(s.confirms), 0)
	expect(t, "letters, for what is rejected is of use later", len(s.letters), 1)
	entry, _ := s.store.Load(t.Context(), ledger.Key{RegionID: "cn-hangzhou", VpnConnectionID: singleAttachment})
	expect(t, "ledger", entry, ledger.Entry{})
}

func TestDeadline(t *testing.T) {
	t.Parallel()
	s := newFixture(t, singleAttachment)
	s.Margin = time.Hour
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	expect(t, "within the margin", s.runWith(t, ctx, at(t, "e1", 0, singleAttachment, `{"Name":"x"}`)), "deferred")
	expect(t, "calls", len(s.calls), 0)
	expect(t, "reason", s.outcomes[0].Error.Code+": "+s.outcomes[0].Error.Message, "interrupted: there was no time left to try the change")

	// An attempt that took all the time tells more than that time is up.
	for _, call := range []string{"Describe", "Modify"} {
		s = newFixture(t, singleAttachment)
		ctx, cancel := context.WithCancel(t.Context())
		fail := func() error {
			cancel()
			return &vpc.Error{Class: outcome.ClassTransient, Row: "no answer", Message: "time was up", Remedy: "check the network"}
		}
		if s.modify = fail; call == "Describe" {
			s.describe = func() (*attachment.Current, error) { return nil, fail() }
		}
		expect(t, call, s.runWith(t, ctx, at(t, "e1", 0, singleAttachment, `{"Name":"x"}`)), "deferred")
		expect(t, call, *s.outcomes[0].Error, outcome.Reason{Code: "no answer", Message: "time was up", Remedy: "check the network", Class: outcome.ClassTransient})
	}
}

func TestPanicStaysInItsGroup(t *testing.T) {
	t.Parallel()
	s := newFixture(t, singleAttachment)
	s.modify = func() error {
		if strings.Contains(s.sent[len(s.sent)-1], "boom") {
			panic("value with a secret")
		}
		return nil
	}
	got := s.run(t, at(t, "e1", 0, "vco-other", `{"Name":"boom"}`), at(t, "e2", 0, singleAttachment, `{"Name":"x"}`), at(t, "e3", 0, "vco-other", `{"Name":"boom"}`))
	expect(t, "statuses", got, "deferred deferred applied")
	if log := s.log.String(); !strings.Contains(log, "panic: string") || strings.Contains(log, "with a secret") {
		t.Errorf("got log %s", log)
	}
}

func TestPortsThatFail(t *testing.T) {
	t.Parallel()
	no := errors.New("no")
	s := newFixture(t, singleAttachment)
	s.Confirm = func(context.Context, message.Check) error { return no }
	record := at(t, "e1", 0, singleAttachment, `{"Name":"x"}`)
	expect(t, "confirm", s.run(t, record), "deferred")
	expect(t, "calls", s.calls, "[Describe Modify]")
	entry, _ := s.store.Load(t.Context(), ledger.Key{RegionID: "cn-hangzhou", VpnConnectionID: singleAttachment})
	expect(t, "fields in the ledger", len(entry.Fields), 0)

	s = newFixture(t, singleAttachment)
	s.Config.DeadLetter = func(context.Context, []apply.DeadLetter) []error { return []error{no} }
	expect(t, "dead letter", s.run(t, at(t, "e1", 0, singleAttachment, `{"Nam":"x"}`), record), "deferred applied")
}

func TestClientToken(t *testing.T) {
	t.Parallel()
	// What makes the token is the same in each call, delivery and process, and another
	// for other events.
	record := at(t, "e1", 0, singleAttachment, `{"Name":"x"}`)
	s := newFixture(t, singleAttachment)
	s.modify = func() error { return &vpc.Error{Class: outcome.ClassTokenMismatch} }
	s.run(t, record)
	s.run(t, record)
	expect(t, "calls", len(s.ids), 8)
	for _, ids := range s.ids {
		expect(t, "ids", ids, `["e1" "" "" request 1]`)
	}
	older := at(t, "e0", 1, singleAttachment, `{"Name":"older"}`)
	s.run(t, record, older)
	expect(t, "ids of two", s.ids[8], `["e1" "" "" "e0" "" "" request 2]`)
	// Sent again after another request, as a crash that cuts a batch anew makes it, it is
	// one more request: the token of the first has been used up.
	s.run(t, older)
	expect(t, "the older of them alone", s.ids[12], `["e0" "" "" request 3]`)
	s.run(t, record, older)
	expect(t, "ids of two, the older of which has been sent alone", s.ids[16], `["e1" "" "" "e0" "" "" request 4]`)

	// A token of the sender's own counts, in a repetition too, until the service says that
	// it stands for another request. A success is taken as it is.
	own := at(t, "e1", 0, singleAttachment, `{"Name":"x","ClientToken":"mine"}`)
	s = newFixture(t, singleAttachment)
	s.modify = func() error { return &vpc.Error{Class: outcome.ClassTransient} }
	s.run(t, own)
	s.modify = func() error {
		s.modify = func() error { return nil }
		return &vpc.Error{Class: outcome.ClassTokenMismatch}
	}
	own.Attributes["ApproximateReceiveCount"] = "2"
	expect(t, "own token", s.run(t, own), "applied")
	for i, sent := range s.sent {
		if mine := strings.Contains(sent, `"ClientToken":"mine"`); mine != (i < 5) || len(s.sent) != 6 {
			t.Errorf("call %d: got %s", i, sent)
		}
	}
}

// TestBeforeTheCall: how the tunnels were before a call, and that it was made, is known to
// the delivery that asks for the confirmation, even if another process has made it.
func TestBeforeTheCall(t *testing.T) {
	t.Parallel()
	const down = "ike_sa_not_established"
	for name, spoil := range map[string]func(*fixture){
		"the function ends after the call": func(s *fixture) {
			confirm := s.Confirm
			s.Confirm = func(context.Context, message.Check) error { s.Confirm = confirm; return errors.New("the end") }
		},
		"no answer": func(s *fixture) {
			modify := s.modify
			s.modify = func() error {
				return errors.Join(modify(), &vpc.Error{Class: outcome.ClassTransient, RetryAfter: time.Minute})
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newFixture(t, singleAttachment)
			s.modify = func() error {
				s.describe = func() (*attachment.Current, error) {
					return current(t, singleAttachment, `"localsingle"`, `"x"`, outcome.Established, down)
				}
				return nil
			}
			spoil(s)
			expect(t, "first delivery", s.run(t, at(t, "e1", 1, singleAttachment, `{"Name":"x"}`)), "deferred")
			s.Now = func() time.Time { return start.Add(time.Minute) }
			expect(t, "second delivery", s.run(t, at(t, "e1", 1, singleAttachment, `{"Name":"x"}`)), "unchanged")
			expect(t, "another event asks for the same", s.run(t, at(t, "e2", 0, singleAttachment, `{"Name":"x"}`)), "unchanged")
			expect(t, "calls", len(s.sent), 1)
			expect(t, "confirm messages", len(s.confirms), 2)
			expect(t, "before the call", s.confirms[0].Before, []string{outcome.Established})
			expect(t, "when it was made", s.confirms[0].Sent, start)
			expect(t, "before the other event", s.confirms[1].Before, []string{down})
			expect(t, "nothing was sent for it", s.confirms[1].Sent.IsZero(), true)
		})
	}
}

// TestAutoConfigRoute: what no answer shows is sent until the ledger has it, the same
// request each time, and never again.
func TestAutoConfigRoute(t *testing.T) {
	t.Parallel()
	s := newFixture(t, singleAttachment)
	record := at(t, "e1", 1, singleAttachment, `{"AutoConfigRoute":false,"Name":"x"}`)
	s.modify = func() error {
		s.describe = func() (*attachment.Current, error) { return current(t, singleAttachment, `"localsingle"`, `"x"`) }
		if len(s.sent) < 2 {
			return &vpc.Error{Class: outcome.ClassTransient}
		}
		return nil
	}
	expect(t, "a lost answer", s.run(t, record), "applied")
	expect(t, "calls", len(s.sent), 2)
	expect(t, "the second", s.sent[1], s.sent[0])
	expect(t, "again", s.run(t, record), "unchanged")
	expect(t, "older", s.run(t, at(t, "e0", 2, singleAttachment, `{"AutoConfigRoute":true}`)), "unchanged")
	expect(t, "calls", len(s.sent), 2)
	expect(t, "asked", s.confirms[0].Asked[1].Field, "AutoConfigRoute")
}

// TestLag: while Describe shows the attachment as it was before a call, nothing is
// merged with that and nothing counts as done, by another process too; after five minutes,
// or after 20 seconds where it shows something new, it has been edited.
func TestLag(t *testing.T) {
	t.Parallel()
	s := newFixture(t, singleAttachment)
	now := start
	s.Now = func() time.Time { return now }
	expect(t, "first", s.run(t, at(t, "e1", 9, singleAttachment, `{"RemoteSubnet":"10.2.9.9/16,10.1.0.0/16"}`)), "applied")
	back := at(t, "e2", 8, singleAttachment, `{"RemoteSubnet":"192.168.10.0/24"}`)
	expect(t, "back again", s.run(t, back), "deferred")
	expect(t, "reason", s.outcomes[0].Error.Code, "describe-lags")
	expect(t, "the first again", s.run(t, at(t, "e1", 9, singleAttachment, `{"RemoteSubnet":"10.2.9.9/16,10.1.0.0/16"}`)), "unchanged")
	expect(t, "calls", len(s.sent), 1)
	now = start.Add(5*time.Minute - 1)
	expect(t, "as before the call, nearly five minutes later", s.run(t, back), "deferred")
	now = start.Add(-20 * time.Second)
	expect(t, "the clock is set back", s.run(t, back), "unchanged")
	s.store = ledger.Memory{}
	now = start
	s.run(t, at(t, "e1", 9, singleAttachment, `{"RemoteSubnet":"10.2.9.9/16,10.1.0.0/16"}`))
	now = start.Add(5 * time.Minute)
	expect(t, "five minutes later", s.run(t, back), "unchanged")
	now = start
	s.store = ledger.Memory{}
	s.run(t, at(t, "e1", 9, singleAttachment, `{"RemoteSubnet":"10.2.9.9/16,10.1.0.0/16"}`))
	shown := s.describe
	s.describe = func() (*attachment.Current, error) {
		return current(t, singleAttachment, `"192.168.10.0/24"`, `"192.168.99.0/24"`)
	}
	expect(t, "edited", s.run(t, back), "deferred")
	now = start.Add(20 * time.Second)
	expect(t, "edited, 20 seconds later", s.run(t, back), "applied")
	s.describe = shown
	now = start
	s.describe = func() (*attachment.Current, error) {
		return current(t, singleAttachment, `"192.168.10.0/24"`, `"10.1.0.0/16,10.2.0.0/16"`)
	}
	s.store = ledger.Memory{}
	expect(t, "first", s.run(t, at(t, "e1", 9, singleAttachment, `{"RemoteSubnet":"10.2.9.9/16,10.1.0.0/16","Name":"x"}`)), "applied")
	s.describe = func() (*attachment.Current, error) {
		return current(t, singleAttachment, `"192.168.10.0/24"`, `"10.1.0.0/16,10.2.0.0/16"`, `"localsingle"`, `"x"`)
	}
	expect(t, "shown", s.run(t, back), "applied")
}

func TestLog(t *testing.T) {
	t.Parallel()
	s := newFixture(t, singleAttachment)
	ctx := lambdacontext.NewContext(t.Context(), &lambdacontext.LambdaContext{AwsRequestID: "invocation-1"})
	s.runWith(t, ctx, at(t, "e1", 0, singleAttachment, `{"Name":"x"}`), at(t, "e2", 0, singleAttachment, `{"Nam":"x"}`))
	lines := strings.Split(strings.TrimSpace(s.log.String()), "\n")
	expect(t, "lines", len(lines), 2)
	for i, line := range lines {
		var got struct{ RequestID, EventID, VpnConnectionID, Time, Status, Level string }
		if err := json.Unmarshal([]byte(line), &got); err != nil {
			t.Fatal(err)
		}
		if got.RequestID != "invocation-1" || got.EventID != fmt.Sprintf("e%d", i+1) || got.VpnConnectionID != singleAttachment || got.Time == "" {
			t.Errorf("got %s", line)
		}
	}
}

func TestConfigValidate(t *testing.T) {
	t.Parallel()
	for what, spoil := range map[string]func(*apply.Config){
		"service":      func(c *apply.Config) { c.Service = nil },
		"ledger":       func(c *apply.Config) { c.Ledger = nil },
		"dead letters": func(c *apply.Config) { c.DeadLetter = nil },
		"digests":      func(c *apply.Config) { c.DigestKey = secret.Secret{} },
	} {
		s := newFixture(t, singleAttachment)
		spoil(&s.Config)
		if _, err := apply.New(s.Config); err == nil || !strings.Contains(err.Error(), what) {
			t.Errorf("without %s: got %v", what, err)
		}
	}
}

func TestMessage(t *testing.T) {
	t.Parallel()
	var p pipeline.Pipeline
	event := `{"id":"e-1","source":"com.example","time":"2026-03-01T11:59:00.25Z","detail-type":"x","detail":` +
		`{"RegionId":"cn-hangzhou","VpnConnectionId":"vco-localsingle","IkeConfig":"{\"Psk\":\"a-key-to-be-kept-1\"}"}}`
	var m message.Change
	err := p.Run([]byte(event), &pipeline.Options{}, func(r *pipeline.Result) {
		var err error
		if m, err = message.NewChange(r); err != nil {
			t.Fatal(err)
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	text, err := m.Encode()
	if err != nil {
		t.Fatal(err)
	}
	got, err := message.DecodeChange(text)
	if err != nil {
		t.Fatal(err)
	}
	expect(t, "decoded", got, m)
	expect(t, "change", string(m.Change), `{"RegionId":"cn-hangzhou","VpnConnectionId":"vco-localsingle","IkeConfig":{"Psk":"a-key-to-be-kept-1"}}`)
	expect(t, "stamp", m.Stamp(), ledger.Stamp{Time: time.Date(2026, 3, 1, 11, 59, 0, 25e7, time.UTC), EventID: "e-1", Source: "com.example"})

	ids := map[string]bool{m.DeduplicationID(): true}
	for _, spoil := range []func(*message.Change){
		func(m *message.Change) { m.Source += "x" }, func(m *message.Change) { m.EventID += "x" }, func(m *message.Change) { m.Rule = "x" },
		func(m *message.Change) { m.Element++ }, func(m *message.Change) { m.RegionID += "x" }, func(m *message.Change) { m.VpnConnectionID += "x" },
	} {
		other := m
		spoil(&other)
		ids[other.DeduplicationID()] = true
	}
	expect(t, "deduplication ids", len(ids), 7)
	for _, text := range []string{"", "[]", `{"eventId":"e"}`, strings.Replace(text, `"e-1"`, `""`, 1), strings.Replace(text, "vco-localsingle", "", 1),
		strings.Replace(text, "2026-03-01T11:59:00.25Z", "0000-01-01T00:00:00+23:59", 1)} {
		if _, err := message.DecodeChange(text); err == nil {
			t.Errorf("%q is accepted", text)
		}
	}
}

func FuzzHandle(f *testing.F) {
	f.Add(`{"eventId":"e","time":"2026-03-01T11:59:00Z","regionId":"cn-hangzhou","vpnConnectionId":"vco-localdual","change":{"TunnelOptionsSpecification":[{"TunnelId":"tun-localdual1","EnableDpd":false}]}}`)
	f.Add(`{"eventId":"e","time":"2026-03-01T11:59:00Z","rule":"r","regionId":"cn-hangzhou","vpnConnectionId":"vco-localdual","change":{"Name":"x","EffectImmediately":true}}`)
	f.Add(`{"eventId":"e","time":"2026-03-01T11:59:00Z","regionId":"r","vpnConnectionId":"v","change":null}`)
	f.Fuzz(func(t *testing.T, body string) {
		s := newFixture(t, dualAttachment)
		m := at(t, "e1", 0, dualAttachment, `{"Name":"x"}`)
		m.Body = body
		switch got := s.run(t, m); got {
		case "applied", "unchanged", "rejected":
		default:
			t.Errorf("got %q", got)
		}
	})
}
