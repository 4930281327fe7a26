package apply_test

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"vpnattach/functions/apply"
	"vpnattach/shared/core/attachment"
	"vpnattach/shared/core/finding"
	"vpnattach/shared/emulator"
	"vpnattach/shared/ledger"
	"vpnattach/shared/message"
	"vpnattach/shared/outcome"
)

// site is apply on an emulated service, for one change after another.
type site struct {
	api      *emulator.Server
	handler  *apply.Handler
	now      time.Time
	outcomes []apply.Outcome
	confirms []message.Check
}

func newSite(t *testing.T, of emulator.Config, omitMasked bool) *site {
	t.Helper()
	s := &site{now: start}
	of.Now, of.Accounts = func() time.Time { return s.now }, []emulator.Account{{AccessKeyID: accessKey.AccessKeyID, Secret: accessKey.AccessKeySecret}}
	var err error
	if s.api, err = emulator.New(of); err != nil {
		t.Fatal(err)
	}
	client, err := newClient(s.api, of.Now)
	if err != nil {
		t.Fatal(err)
	}
	s.handler, err = apply.New(apply.Config{
		Service: client, Ledger: new(ledger.Memory), Now: of.Now, DigestKey: digestKey, OmitMasked: omitMasked,
		Confirm:    func(_ context.Context, m message.Check) error { s.confirms = append(s.confirms, m); return nil },
		DeadLetter: func(_ context.Context, all []apply.DeadLetter) []error { return make([]error, len(all)) },
		Report:     func(_ context.Context, o apply.Outcome) { s.outcomes = append(s.outcomes, o) },
	})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// apply applies a change document, an event of its own, and returns the outcome.
func (s *site) apply(t *testing.T, id, change string) apply.Outcome {
	t.Helper()
	s.now = s.now.Add(time.Minute)
	m := message.Change{EventID: fmt.Sprint("e", len(s.outcomes)), Time: s.now, Element: -1, RegionID: "cn-hangzhou", VpnConnectionID: id, Change: json.RawMessage(change)}
	record, err := m.Record(m.EventID, m.EventID, 1)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.handler.Handle(t.Context(), events.SQSEvent{Records: []events.SQSMessage{record}}); err != nil {
		t.Fatal(err)
	}
	return s.outcomes[len(s.outcomes)-1]
}

// shows is the configuration of the attachment, without what follows from its gateways.
func (s *site) shows(id string) map[string]string {
	shown := flatten(s.api.Describe(id))
	maps.DeleteFunc(shown, func(name, _ string) bool { return strings.HasSuffix(name, ".PeerAsn") })
	return shown
}

// differences lists where two configurations differ.
func differences(got, want map[string]string) (all []string) {
	for _, name := range slices.Sorted(maps.Keys(want)) {
		if got[name] != want[name] {
			all = append(all, fmt.Sprintf("%s is %q, want %q", name, got[name], want[name]))
		}
	}
	return all
}

// asked is what a change document asks for, by the names of the answer.
func asked(t *testing.T, document string) map[string]string {
	t.Helper()
	c, want := attachment.Parse(document, attachment.FromEvent), map[string]string{}
	for _, field := range c.Fields() {
		value := c.Get(field).Text()
		if field.Parameter().Kind == attachment.Subnets {
			blocks := strings.Split(value, ",")
			slices.Sort(blocks)
			value = strings.Join(blocks, ",")
		}
		want[shownAs(field.Name())] = value
	}
	return want
}

// What the acceptance tests of Terraform's provider send, as events: each is in effect, and
// all else is as it was, whatever the service does with what is left out.
func TestTerraformPayloads(t *testing.T) {
	t.Parallel()
	data, err := os.ReadFile("../../shared/emulator/testdata/terraform.json")
	if err != nil {
		t.Fatal(err)
	}
	var cases []struct {
		Name, Connection string
		Create           map[string]any
		Steps            []map[string]any
	}
	if err := json.Unmarshal(data, &cases); err != nil {
		t.Fatal(err)
	}
	if len(cases) < 5 {
		t.Fatalf("%d cases", len(cases))
	}
	for _, tt := range cases {
		for _, partial := range partials {
			for _, masked := range []bool{false, true} {
				omit := masked && partial != emulator.PartialReset
				if masked && !omit {
					continue
				}
				t.Run(fmt.Sprintf("%s %s masked %v", tt.Name, partial, masked), func(t *testing.T) {
					t.Parallel()
					s, id, steps := newSite(t, emulator.Config{Partial: partial, MaskKeys: masked}, omit), tt.Connection, tt.Steps
					if tt.Create != nil { // on an attachment that is there
						id, steps = dualAttachment, append([]map[string]any{tt.Create}, tt.Steps...)
					}
					for i, step := range steps {
						step = maps.Clone(step)
						delete(step, "NetworkType") // which can't change
						step["RegionId"], step["VpnConnectionId"] = "cn-hangzhou", id
						document, err := json.Marshal(step)
						if err != nil {
							t.Fatal(err)
						}
						want := s.shows(id)
						maps.Copy(want, asked(t, string(document)))
						o := s.apply(t, id, string(document))
						if o.Status != outcome.Applied && o.Status != outcome.Unchanged {
							t.Errorf("step %d is %s: %+v", i, o.Status, o.Error)
						}
						for _, d := range differences(s.shows(id), want) {
							t.Errorf("step %d: %s", i, d)
						}
					}
				})
			}
		}
	}
}

// A rotated key is all that changes when the configuration is known; so is a field of
// phase 1 whose key is masked and left out, unless the service resets what is left out:
// then the key is lost, which the finding says, and no answer shows.
func TestMaskedKeys(t *testing.T) {
	t.Parallel()
	const key = "model-key-one-0001"
	for _, tt := range []struct{ id, rotate, change, field, key, path string }{
		{singleAttachment, `{"IkeConfig":{"Psk":"` + key + `"}}`, `{"IkeConfig":{"IkeLifetime":3600}}`, "IkeConfig.IkeLifetime", "IkeConfig.Psk", "IkeConfig"},
		{dualAttachment, `{"TunnelOptionsSpecification":[{"TunnelIndex":2,"TunnelIkeConfig":{"Psk":"` + key + `"}}]}`,
			`{"TunnelOptionsSpecification":[{"TunnelId":"tun-localdual2","TunnelIkeConfig":{"IkeLifetime":3600}}]}`,
			"Tunnel.2.TunnelIkeConfig.IkeLifetime", "Tunnel.2.TunnelIkeConfig.Psk", "TunnelOptionsSpecification[0].TunnelIkeConfig"},
		{dualAttachment, `{"TunnelOptionsSpecification":[{"TunnelIndex":1,"TunnelIkeConfig":{"Psk":"` + key + `"}}]}`,
			`{"TunnelOptionsSpecification":[{"TunnelIndex":1,"TunnelIpsecConfig":{"IpsecLifetime":7200}}]}`,
			"Tunnel.1.TunnelIpsecConfig.IpsecLifetime", "Tunnel.1.TunnelIkeConfig.Psk", "TunnelOptionsSpecification[0].TunnelIkeConfig"},
	} {
		for _, partial := range partials {
			for _, masked := range []bool{false, true} {
				for _, omit := range []bool{false, true} {
					name := fmt.Sprintf("%s %s, masked %v, omitted %v", tt.field, partial, masked, omit)
					s := newSite(t, emulator.Config{Partial: partial, MaskKeys: masked}, omit)
					want := s.shows(tt.id)
					want[shownAs(tt.key)] = key
					if o := s.apply(t, tt.id, tt.rotate); o.Status != outcome.Applied || len(differences(s.shows(tt.id), want)) > 0 {
						t.Errorf("%s: rotated: %s, %v", name, o.Status, differences(s.shows(tt.id), want))
					}
					o := s.apply(t, tt.id, tt.change)
					if masked && !omit {
						if o.Status != outcome.Rejected || o.Error.Code != "psk-unknown" || len(differences(s.shows(tt.id), want)) > 0 {
							t.Errorf("%s: %s, %+v", name, o.Status, o.Error)
						}
						continue
					}
					for shown, value := range asked(t, strings.Replace(tt.change, `"TunnelId":"tun-localdual2"`, `"TunnelIndex":2`, 1)) {
						want[shown] = value
					}
					warned := slices.IndexFunc(o.Findings, func(f finding.Finding) bool { return f.Check == "psk-left-out" && f.Path == tt.path })
					last := s.confirms[len(s.confirms)-1].Asked
					unverified := slices.ContainsFunc(last, func(a message.Asked) bool { return a.Field == tt.key && a.Digest == "" && a.Value == "" })
					if o.Status != outcome.Applied || (warned >= 0) != masked || unverified != masked {
						t.Errorf("%s: %s, warned %v, unverified %v", name, o.Status, warned >= 0, unverified)
					}
					if masked && !strings.Contains(o.Findings[warned].Message, "it is lost") {
						t.Errorf("%s: got %s", name, o.Findings[warned].Message)
					}
					found := differences(s.shows(tt.id), want)
					lost := masked && partial == emulator.PartialReset
					if !lost && len(found) > 0 || lost && (len(found) != 1 || !strings.HasPrefix(found[0], shownAs(tt.key))) {
						t.Errorf("%s: %v", name, found)
					}
				}
			}
		}
	}
}
