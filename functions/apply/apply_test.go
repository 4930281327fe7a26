package apply_test

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/tidwall/gjson"

	"vpnattach/functions/apply"
	"vpnattach/shared/core/attachment"
	"vpnattach/shared/core/secret"
	"vpnattach/shared/emulator"
	"vpnattach/shared/ledger"
	"vpnattach/shared/message"
	"vpnattach/shared/outcome"
	"vpnattach/shared/vpc"
)

func TestApplied(t *testing.T) {
	t.Parallel()
	s := newFixture(t, singleAttachment)
	expect(t, "statuses", s.run(t, at(t, "e1", 0, singleAttachment, `{"IkeConfig":{"Psk":"brand-new-key-0001"},"Name":"x"}`)), "applied")
	expect(t, "calls", s.calls, "[Describe Modify]")
	o := s.outcomes[0]
	text, err := json.Marshal(o)
	if err != nil {
		t.Fatal(err)
	}
	const want = `{"eventId":"e1","vpnConnectionId":"vco-localsingle","status":"applied","requestId":"REQUEST","clientToken":"token",` +
		`"parameters":{"ClientToken":"token","EffectImmediately":"true","IkeConfig":"{\"Psk\":\"***\",\"IkeVersion\":\"ikev2\",\"IkeMode\":\"main\",\"IkeEncAlg\":\"aes256\",` +
		`\"IkeAuthAlg\":\"sha256\",\"IkePfs\":\"group14\",\"IkeLifetime\":28800,\"LocalId\":\"203.0.113.1\",\"RemoteId\":\"198.51.100.1\"}",` +
		`"LocalSubnet":"10.10.0.0/24,10.10.1.0/24","Name":"x","RegionId":"cn-hangzhou","RemoteSubnet":"192.168.10.0/24",` +
		`"VpnConnectionId":"vco-localsingle"},"findings":[],"error":null}`
	expect(t, "outcome", string(text), want)
	entry, _ := s.store.Load(t.Context(), ledger.Key{RegionID: "cn-hangzhou", VpnConnectionID: singleAttachment})
	stamp := ledger.Stamp{Time: start, EventID: "e1"}
	expect(t, "ledger", entry.Fields, map[string]ledger.Stamp{"Name": stamp, "IkeConfig.Psk": stamp})
	call := entry.Call
	expect(t, "call", fmt.Sprint(call.Number, call.Sent, len(call.Asked), call.Asked["Name"], call.Asked["IkeConfig.Psk"]),
		fmt.Sprint(1, start, 13, digests(s.DigestKey, "x", "localsingle"), digests(s.DigestKey, "brand-new-key-0001", "local-single-key")))
	expect(t, "version: before the call and after it", entry.Version, 2)

	m := s.confirms[0]
	expect(t, "asked", m.Asked, []message.Asked{{Field: "Name", Stamp: stamp, Value: "x"},
		{Field: "IkeConfig.Psk", Stamp: stamp, Digest: message.Digest(s.DigestKey, "brand-new-key-0001")}})
	expect(t, "the negotiation before", m.Before, []string{outcome.Established})

	s.calls = nil
	expect(t, "a replay", s.run(t, at(t, "e1", 0, singleAttachment, `{"IkeConfig":{"Psk":"brand-new-key-0001"},"Name":"x"}`)), "unchanged")
	expect(t, "calls of a replay: the ledger has it all", s.calls, "[]")
	expect(t, "confirm messages", len(s.confirms), 1)
}

// digests are what the ledger has of a value that was asked for and the one before it.
func digests(key secret.Secret, asked, before string) string {
	return message.Digest(key, asked)[:16] + message.Digest(key, before)[:16]
}

func TestUnchangedIsRecorded(t *testing.T) {
	t.Parallel()
	s := newFixture(t, singleAttachment)
	expect(t, "statuses", s.run(t, at(t, "e1", 0, singleAttachment, `{"Name":"localsingle","EffectImmediately":true}`)), "unchanged")
	expect(t, "calls", s.calls, "[Describe]")
	expect(t, "confirm messages", len(s.confirms), 1)
	expect(t, "an older event", s.run(t, at(t, "e0", 1, singleAttachment, `{"Name":"older"}`)), "unchanged")
}

func TestFold(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, attachment string
		records          []string // each older than the one before
		statuses, sent   string   // sent: what the call has to hold
		not              string   // and what not
	}{
		{"the newest value of each field", singleAttachment, []string{`{"Name":"new"}`, `{"Name":"old","EnableDpd":false}`},
			"applied applied", `"EnableDpd":"false"`, `"old"`},
		{"a change whose fields are all superseded", singleAttachment, []string{`{"Name":"new"}`, `{"Name":"old"}`}, "applied unchanged", `"Name":"new"`, "old"},
		{"EffectImmediately of the newest", singleAttachment,
			[]string{`{"LocalSubnet":"10.10.0.0/24,10.10.1.0/24","EffectImmediately":false}`, `{"Name":"n","EffectImmediately":true}`},
			"applied applied", `"EffectImmediately":"false"`, `"true"`},
		{"EffectImmediately alone", singleAttachment, []string{`{"EffectImmediately":false}`}, "applied", `"EffectImmediately":"false"`, "IkeConfig"},
		{"EffectImmediately as it is", dualAttachment, []string{`{"Name":"n"}`}, "applied", `"EffectImmediately":"true"`, "Tunnel"},
		{"AutoConfigRoute with what is so already", singleAttachment, []string{`{"AutoConfigRoute":false,"Name":"localsingle"}`},
			"applied", `{"AutoConfigRoute":"false","EffectImmediately":"true","LocalSubnet":"10.10.0.0/24,10.10.1.0/24","Name":"localsingle"`, "IkeConfig"},
		{"tunnels by id and by index", dualAttachment, []string{
			`{"TunnelOptionsSpecification":[{"TunnelId":"tun-localdual2","EnableDpd":false}]}`,
			`{"TunnelOptionsSpecification":[{"TunnelIndex":2,"EnableDpd":true,"EnableNatTraversal":false}]}`},
			"applied applied", `"TunnelOptionsSpecification.1.EnableDpd":"false","TunnelOptionsSpecification.1.EnableNatTraversal":"false"`, "Specification.2"},
		{"a pair is superseded together where its rest does not fit", singleAttachment, []string{
			`{"BgpConfig":{"TunnelCidr":"169.254.10.0/30"},"Name":"n"}`, `{"BgpConfig":{"TunnelCidr":"169.254.44.0/30","LocalBgpIp":"169.254.44.1"}}`},
			"applied unchanged", `"Name":"n"`, "169.254.44"},
		{"the rest of a pair counts where it fits", singleAttachment, []string{
			`{"BgpConfig":{"TunnelCidr":"169.254.10.0/30"}}`, `{"BgpConfig":{"TunnelCidr":"169.254.10.0/30","LocalBgpIp":"169.254.10.2"}}`},
			"unchanged applied", "169.254.10.2", "169.254.10.1"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var records []events.SQSMessage
			for i, change := range tt.records {
				records = append(records, at(t, fmt.Sprintf("e%d", i), i, tt.attachment, change))
			}
			s := newFixture(t, tt.attachment)
			expect(t, "statuses", s.run(t, records...), tt.statuses)
			slices.Reverse(records)
			s2 := newFixture(t, tt.attachment)
			s2.run(t, records...)
			expect(t, "calls in another order", s2.sent, s.sent)
			if len(s.sent) != 1 || !strings.Contains(s.sent[0], tt.sent) || strings.Contains(s.sent[0], tt.not) {
				t.Errorf("got %s, want %s in it and not %s", s.sent, tt.sent, tt.not)
			}
		})
	}
}

// A change that is too large for a request is rejected, and the next one applied.
func TestTooLarge(t *testing.T) {
	t.Parallel()
	h, err := newHarness(new(ledger.Memory), 0, 0, false, false, false, emulator.PartialReset)
	if err != nil {
		t.Fatal(err)
	}
	var blocks []string
	for i := range 6000 {
		blocks = append(blocks, fmt.Sprintf("10.%d.%d.0/24", i/256, i%256))
	}
	h.outcomes = map[string]apply.Outcome{}
	response, err := h.handler.Handle(t.Context(), events.SQSEvent{Records: []events.SQSMessage{
		at(t, "e1", 1, singleAttachment, `{"LocalSubnet":"`+strings.Join(blocks, ",")+`"}`), at(t, "e2", 0, singleAttachment, `{"Name":"x"}`),
	}})
	if err != nil || len(response.BatchItemFailures) > 0 {
		t.Errorf("got %v, %v", response, err)
	}
	large, next := h.outcomes["message-e1"], h.outcomes["message-e2"]
	if large.Status != outcome.Rejected || large.Error == nil || large.Error.Code != "too large" || string(large.Parameters) != "{}" {
		t.Errorf("got %s %+v with %d bytes of parameters", large.Status, large.Error, len(large.Parameters))
	}
	expect(t, "the next", next.Status, "applied")
	expect(t, "dead letters", h.letters, map[string]bool{"e1": true})
}

// Each superseded field of a change has a finding, except where the newer change is the
// same one in an earlier delivery, or its duplicate.
func TestSuperseded(t *testing.T) {
	t.Parallel()
	s := newFixture(t, singleAttachment)
	s.minutes()
	older := at(t, "e1", 1, singleAttachment, `{"Name":"old","EnableDpd":false}`)
	newer := at(t, "e2", 0, singleAttachment, `{"Name":"new"}`)
	pair := at(t, "e3", 2, singleAttachment, `{"BgpConfig":{"TunnelCidr":"169.254.44.0/30","LocalBgpIp":"169.254.44.1"}}`)
	half := at(t, "e4", 0, singleAttachment, `{"BgpConfig":{"TunnelCidr":"169.254.10.0/30"}}`)
	const name, block, address = "info superseded-by-newer Name;", "info superseded-by-newer BgpConfig.TunnelCidr;", "info superseded-by-newer BgpConfig.LocalBgpIp;"
	for _, tt := range []struct {
		what    string
		plan    bool
		records []events.SQSMessage
		want    []string
	}{
		{"planned", true, []events.SQSMessage{older, newer}, []string{name, ""}},
		{"in one batch", false, []events.SQSMessage{older, newer, newer}, []string{name, "", ""}},
		{"done already", false, []events.SQSMessage{newer}, []string{""}},
		{"by the ledger", false, []events.SQSMessage{older}, []string{name}},
		{"a pair", false, []events.SQSMessage{pair, half}, []string{block + address, ""}},
	} {
		s.Config.Plan = tt.plan
		s.run(t, tt.records...)
		for i, want := range tt.want {
			got := ""
			for _, f := range s.outcomes[i].Findings {
				got += f.Severity.String() + " " + f.Check + " " + f.Path + ";"
			}
			expect(t, tt.what, got, want)
		}
	}
}

// What newer events own, or what is done already, is finished by the ledger alone, whatever
// the service does. It is asked where something is left, or which tunnel an id means.
func TestFinishedByStamps(t *testing.T) {
	t.Parallel()
	s := newFixture(t, dualAttachment)
	const tunnel = `{"TunnelOptionsSpecification":[{"TunnelIndex":2,"TunnelIkeConfig":{"Psk":"brand-new-key-0001"}}]}`
	newer := []events.SQSMessage{at(t, "e8", 0, dualAttachment, `{"Name":"new"}`), at(t, "e9", 0, dualAttachment, tunnel)}
	expect(t, "newer", s.run(t, newer...), "applied applied")
	s.describe = func() (*attachment.Current, error) { return nil, &vpc.Error{Class: outcome.ClassTransient} }
	for _, tt := range []struct {
		what    string
		records []events.SQSMessage
		want    string
		calls   int
	}{
		{"older, and the same again", []events.SQSMessage{at(t, "e1", 1, dualAttachment, `{"Name":"old"}`), newer[1], at(t, "e2", 2, dualAttachment, tunnel)}, "unchanged unchanged unchanged", 0},
		{"a field that nobody has changed", []events.SQSMessage{at(t, "e3", 1, dualAttachment, `{"Name":"old","RemoteSubnet":"10.7.0.0/24"}`)}, "deferred", 4},
		{"one of two is left", []events.SQSMessage{at(t, "e1", 1, dualAttachment, `{"Name":"old"}`), at(t, "e4", -1, dualAttachment, `{"Name":"newest"}`)}, "deferred deferred", 4},
		{"a tunnel's id", []events.SQSMessage{at(t, "e5", 1, dualAttachment, strings.Replace(tunnel, `"TunnelIndex":2`, `"TunnelId":"tun-localdual2"`, 1))}, "deferred", 4},
	} {
		s.calls = nil
		expect(t, tt.what, s.run(t, tt.records...), tt.want)
		expect(t, tt.what+": calls", len(s.calls), tt.calls)
	}
}

// Events with one id and one time have their order by the source, and the changes
// that a rule makes of one event by the number of the element.
func TestTies(t *testing.T) {
	t.Parallel()
	tied := func(source, rule string, element int, name string) events.SQSMessage {
		m := message.Change{EventID: "e1", Time: start, Source: source, Rule: rule, Element: element, RegionID: "cn-hangzhou", VpnConnectionID: singleAttachment,
			Change: json.RawMessage(`{"RegionId":"cn-hangzhou","VpnConnectionId":"vco-localsingle","Name":"` + name + `"}`)}
		r, err := m.Record("message-"+name, "receipt-"+name, 1)
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	for what, pair := range map[string][2]events.SQSMessage{
		"sources":  {tied("a", "", -1, "older"), tied("b", "", -1, "newer")},
		"elements": {tied("a", "r", 9, "older"), tied("a", "r", 10, "newer")},
	} {
		for _, batches := range [][][]events.SQSMessage{
			{{pair[0]}, {pair[1]}}, {{pair[1]}, {pair[0]}}, {{pair[0], pair[1]}}, {{pair[1], pair[0]}},
		} {
			s, name := newFixture(t, singleAttachment), ""
			s.modify = func() error {
				name = gjson.Get(s.sent[len(s.sent)-1], "Name").Str
				s.describe = func() (*attachment.Current, error) {
					return current(t, singleAttachment, `"localsingle"`, `"`+name+`"`)
				}
				return nil
			}
			for _, batch := range batches {
				s.run(t, batch...)
			}
			expect(t, what, name, "newer")
		}
	}
}

func TestErrors(t *testing.T) {
	t.Parallel()
	failed := func(class outcome.Class, wait time.Duration) error {
		return &vpc.Error{Action: "Modify", Code: "Some.Code", Message: "no", Class: class, Remedy: "do", RetryAfter: wait}
	}
	tests := []struct {
		class              outcome.Class
		retryAfter         time.Duration
		status             string
		wait               time.Duration
		modifies, describe int // calls until the end, when Modify or Describe fails for ever
	}{
		{outcome.ClassBusy, 0, "deferred", time.Second, 1, 1},
		{outcome.ClassThrottled, 7 * time.Second, "deferred", 7 * time.Second, 1, 1},
		{outcome.ClassTransient, 0, "deferred", time.Second, 4, 4},
		{outcome.ClassNonceUsed, 0, "deferred", time.Second, 4, 4},
		{outcome.ClassTokenMismatch, 0, "deferred", time.Second, 4, 4},
		{outcome.ClassBlocked, 0, "deferred", 5 * time.Second, 1, 1},
		{outcome.ClassRejected, 0, "rejected", 0, 1, 1},
	}
	for _, tt := range tests {
		t.Run(string(tt.class), func(t *testing.T) {
			t.Parallel()
			record := at(t, "e1", 0, singleAttachment, `{"Name":"x"}`)
			check := func(s *fixture, call string, calls int) {
				t.Helper()
				expect(t, call+": status", s.run(t, record), tt.status)
				expect(t, call+": calls", len(slices.DeleteFunc(slices.Clone(s.calls), func(c string) bool { return c != call })), calls)
				if o := s.outcomes[0]; o.Error == nil || *o.Error != (outcome.Reason{Code: "Some.Code", Message: "no", Remedy: "do", Class: tt.class}) {
					t.Errorf("%s: got error %+v", call, o.Error)
				}
				if tt.status == "rejected" {
					expect(t, call+": dead letters", len(s.letters), 1)
					expect(t, call+": reason", s.letters[0].Reason.Code, "Some.Code")
				} else {
					expect(t, call+": wait", s.waits, []time.Duration{tt.wait})
					expect(t, call+": dead letters", len(s.letters), 0)
				}
				entry, _ := s.store.Load(t.Context(), ledger.Key{RegionID: "cn-hangzhou", VpnConnectionID: singleAttachment})
				expect(t, call+": fields in the ledger", len(entry.Fields), 0)
				alarm := strings.Contains(s.log.String(), `"level":"error"`) && strings.Contains(s.log.String(), `"alarm":true`)
				expect(t, call+": alarm", alarm, tt.class == outcome.ClassBlocked)
			}
			s := newFixture(t, singleAttachment)
			s.modify = func() error { return failed(tt.class, tt.retryAfter) }
			check(s, "Modify", tt.modifies)
			s = newFixture(t, singleAttachment)
			s.describe = func() (*attachment.Current, error) { return nil, failed(tt.class, tt.retryAfter) }
			check(s, "Describe", tt.describe)
		})
	}
}

func TestStates(t *testing.T) {
	t.Parallel()
	for state, want := range map[string]string{
		"attached": "applied", "init": "applied", "active": "applied", "updating": "deferred in-motion", "attaching": "deferred in-motion",
		"detaching": "deferred in-motion", "provisioning": "deferred in-motion", "upgrading": "deferred in-motion",
		"financialLocked": "deferred VpnConnection.FinancialLocked", "deleted": "rejected deleted",
	} {
		s := newFixture(t, singleAttachment)
		s.describe = func() (*attachment.Current, error) {
			return current(t, singleAttachment, `"State":"attached"`, `"State":"`+state+`"`)
		}
		got := s.run(t, at(t, "e1", 0, singleAttachment, `{"Name":"x"}`))
		if s.outcomes[0].Error != nil {
			got += " " + s.outcomes[0].Error.Code
		}
		expect(t, state, got, want)
	}
	s := newFixture(t, dualAttachment)
	s.describe = func() (*attachment.Current, error) {
		return current(t, dualAttachment, `"State":"active"`, `"State":"updating"`)
	}
	expect(t, "a tunnel in motion", s.run(t, at(t, "e1", 0, dualAttachment, `{"Name":"x"}`)), "deferred")
}

// A call without an answer that shows in Describe counts as made, for the changes
// that it was sent for.
func TestNoResponse(t *testing.T) {
	t.Parallel()
	lost := func(s *fixture) {
		s.modify = func() error {
			s.describe = func() (*attachment.Current, error) { return current(t, singleAttachment, `"localsingle"`, `"x"`) }
			return &vpc.Error{Class: outcome.ClassTransient}
		}
	}
	records := []events.SQSMessage{at(t, "e1", 0, singleAttachment, `{"Name":"x"}`), at(t, "e2", 1, singleAttachment, `{"EnableDpd":true}`)}
	s := newFixture(t, singleAttachment)
	lost(s)
	expect(t, "the change had been made", s.run(t, records...), "applied unchanged")
	expect(t, "calls", s.calls, "[Describe Modify Describe]")
	o := s.outcomes[0]
	expect(t, "token", o.ClientToken, "token")
	expect(t, "parameters", gjson.GetBytes(o.Parameters, "Name").Str, "x")
	expect(t, "parameters of the other", string(s.outcomes[1].Parameters), "{}")

	s = newFixture(t, singleAttachment)
	s.modify = func() error {
		lost(s)
		return &vpc.Error{Class: outcome.ClassNonceUsed}
	}
	expect(t, "the first call was refused, the second is lost", s.run(t, records...), "applied unchanged")
	s = newFixture(t, singleAttachment)
	s.modify = func() error {
		s.describe = func() (*attachment.Current, error) { return current(t, singleAttachment, `"localsingle"`, `"x"`) }
		return &vpc.Error{Class: outcome.ClassNonceUsed}
	}
	expect(t, "refused, and the change was made by hand", s.run(t, records...), "unchanged unchanged")

	// Never answered, and then superseded.
	s = newFixture(t, singleAttachment)
	s.minutes()
	handler, err := apply.New(s.Config)
	if err != nil {
		t.Fatal(err)
	}
	s.modify = func() error { return &vpc.Error{Class: outcome.ClassTransient} }
	var statuses []outcome.Status
	for _, batch := range [][]events.SQSMessage{records[:1], {at(t, "e3", -1, singleAttachment, `{"Name":"newer"}`)}, records[:1]} {
		s.outcomes = nil
		if _, err := handler.Handle(t.Context(), events.SQSEvent{Records: batch}); err != nil {
			t.Fatal(err)
		}
		statuses = append(statuses, s.outcomes[0].Status)
		s.modify = func() error { return nil }
	}
	expect(t, "never made", statuses, "[deferred applied unchanged]")

	// It is known in the next delivery, too.
	moving := func() (*attachment.Current, error) {
		return current(t, singleAttachment, `"localsingle"`, `"x"`, `"State":"attached"`, `"State":"updating"`)
	}
	s = newFixture(t, singleAttachment)
	s.modify = func() error {
		s.describe = moving
		return &vpc.Error{Class: outcome.ClassTransient}
	}
	if handler, err = apply.New(s.Config); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"deferred deferred", "applied unchanged", "unchanged unchanged"} {
		s.outcomes = nil
		if _, err := handler.Handle(t.Context(), events.SQSEvent{Records: records}); err != nil {
			t.Fatal(err)
		}
		expect(t, "deliveries", string(s.outcomes[0].Status+" "+s.outcomes[1].Status), want)
		s.describe = func() (*attachment.Current, error) { return current(t, singleAttachment, `"localsingle"`, `"x"`) }
	}
}

func TestOnlyTheFaultyAreRejected(t *testing.T) {
	t.Parallel()
	reject := func(s *fixture) func() error {
		return func() error {
			if strings.Contains(s.sent[len(s.sent)-1], "bad") {
				return &vpc.Error{Code: "InvalidName", Class: outcome.ClassRejected, Message: "no"}
			}
			return nil
		}
	}
	s := newFixture(t, singleAttachment)
	s.minutes()
	s.modify = reject(s)
	got := s.run(t, at(t, "e0", 0, singleAttachment, `{"EnableDpd":false}`), at(t, "e1", 1, singleAttachment, `{"Name":"bad"}`),
		at(t, "e2", 2, singleAttachment, `{"Name":"good"}`))
	expect(t, "statuses", got, "applied rejected applied")
	expect(t, "calls", len(s.sent), 4) // together, then each
	expect(t, "dead letters", len(s.letters), 1)

	// A change that a faulty one had superseded counts again.
	s = newFixture(t, singleAttachment)
	s.modify = reject(s)
	expect(t, "superseded by a faulty one", s.run(t, at(t, "e1", 0, singleAttachment, `{"Name":"bad"}`), at(t, "e2", 2, singleAttachment, `{"Name":"good"}`)), "rejected applied")

	// Changes that are not valid together, but each alone.
	s = newFixture(t, dualAttachment)
	tunnel := func(index int) string {
		return fmt.Sprintf(`{"TunnelOptionsSpecification":[{"TunnelIndex":%d,"TunnelBgpConfig":{"TunnelCidr":"169.254.40.0/30","LocalBgpIp":"169.254.40.1"}}]}`, index)
	}
	s.modify = func() error {
		s.describe = func() (*attachment.Current, error) {
			return current(t, dualAttachment, "169.254.20.0/30", "169.254.40.0/30", "169.254.20.1", "169.254.40.1")
		}
		return nil
	}
	expect(t, "together", s.run(t, at(t, "e0", 0, dualAttachment, tunnel(2)), at(t, "e1", 1, dualAttachment, tunnel(1))), "rejected applied")
	expect(t, "reason", s.letters[0].Reason.Code, "tunnel-cidr-same")
}

func TestNothingOvertakes(t *testing.T) {
	t.Parallel()
	s := newFixture(t, singleAttachment)
	s.modify = func() error {
		if strings.Contains(s.sent[len(s.sent)-1], "bad") {
			return &vpc.Error{Code: "InvalidName", Class: outcome.ClassRejected, Message: "no"}
		}
		s.describe = func() (*attachment.Current, error) {
			return current(t, singleAttachment, `"State":"attached"`, `"State":"updating"`)
		}
		return nil
	}
	// Taken apart, e2 is rejected, e1 is applied, and e0 has to wait. It is the first.
	got := s.run(t, at(t, "e0", 0, singleAttachment, `{"EnableDpd":false}`), at(t, "e1", 1, singleAttachment, `{"EnableNatTraversal":false}`),
		at(t, "e2", 2, singleAttachment, `{"Name":"bad"}`))
	expect(t, "statuses", got, "deferred applied deferred")
	expect(t, "dead letters", len(s.letters), 0)
	expect(t, "reason", s.outcomes[2].Error.Code, "in-order")
	expect(t, "changes of visibility", len(s.waits), 1)
}

func TestRefusedBeforeAnyCall(t *testing.T) {
	t.Parallel()
	good := at(t, "e1", 0, singleAttachment, `{"Name":"x"}`)
	with := func(old, new string) events.SQSMessage {
		r := good
		r.Body = strings.Replace(r.Body, old, new, 1)
		return r
	}
	for code, record := range map[string]events.SQSMessage{
		"message-invalid":    with(`{`, `[`),
		"event-in-future":    at(t, "e1", -301, singleAttachment, `{"Name":"x"}`),
		"unknown-parameter":  with(`"Name"`, `"Nam"`),
		"reference-in-event": with(`"Name":"x"`, `"IkeConfig":{"Psk":"{{resolve:secretsmanager:x}}"}`),
	} {
		s := newFixture(t, singleAttachment)
		expect(t, code, s.run(t, record), "rejected")
		expect(t, code+": calls", len(s.calls), 0)
		if len(s.letters) != 1 || s.letters[0].Reason.Code != code || s.letters[0].Body != record.Body || s.letters[0].ID == "" {
			t.Errorf("%s: got %+v", code, s.letters)
		}
	}
	s := newFixture(t, singleAttachment)
	expect(t, "five minutes ahead", s.run(t, at(t, "e1", -300, singleAttachment, `{"Name":"x"}`)), "applied")
}

func TestMaskedKey(t *testing.T) {
	t.Parallel()
	masked := func() (*attachment.Current, error) {
		return current(t, singleAttachment, "local-single-key", "loca****")
	}
	s := newFixture(t, singleAttachment)
	s.minutes()
	s.describe = masked
	expect(t, "without a key", s.run(t, at(t, "e1", 0, singleAttachment, `{"IkeConfig":{"IkeVersion":"ikev1"}}`)), "rejected")
	expect(t, "reason", s.outcomes[0].Error.Code, "psk-unknown")
	expect(t, "another object", s.run(t, at(t, "e2", 0, singleAttachment, `{"IpsecConfig":{"IpsecLifetime":1800}}`)), "applied")
	expect(t, "with the same key", s.run(t, at(t, "e3", 0, singleAttachment, `{"IkeConfig":{"Psk":"local-single-key"}}`)), "applied")
	for _, sent := range s.sent {
		if strings.Contains(sent, "***") {
			t.Errorf("sent %s", sent)
		}
	}

	// A key that ends in asterisks is rejected, whatever the current one is.
	for _, tt := range []struct{ attachment, change string }{
		{singleAttachment, `{"IkeConfig":{"Psk":"some-other-key-01***"}}`},
		{dualAttachment, `{"TunnelOptionsSpecification":[{"TunnelId":"tun-localdual2","TunnelIkeConfig":{"Psk":"some-other-key-01****"}}]}`},
		{singleAttachment, byReference},
	} {
		s := newFixture(t, tt.attachment)
		s.Resolve = func(context.Context, secret.Reference) (secret.Secret, error) {
			return secret.New("some-other-key-01***"), nil
		}
		expect(t, tt.change, s.run(t, at(t, "e1", 0, tt.attachment, tt.change)), "rejected")
		expect(t, tt.change, s.outcomes[0].Error.Code, "psk-is-a-mask")
		expect(t, tt.change, len(s.sent), 0)
		if text := fmt.Sprint(s.outcomes, s.log.String()); strings.Contains(text, "some-other-key") {
			t.Errorf("the key shows in %s", text)
		}
	}
}
