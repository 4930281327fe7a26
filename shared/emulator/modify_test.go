package emulator_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"testing"
	"time"

	"vpnattach/shared/emulator"
)

// The forms of Describe and Modify, for one tunnel and for two.
func TestGoldenForms(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		file   string
		config emulator.Config
		ask    func(*harness) answer
	}{
		{"describe-single", emulator.Config{}, func(h *harness) answer { return h.describe(single) }},
		{"describe-dual", emulator.Config{}, func(h *harness) answer { return h.describe(dual) }},
		{"describe-free-masked", emulator.Config{MaskKeys: true}, func(h *harness) answer { return h.describe(free) }},
		{"modify-single", emulator.Config{}, func(h *harness) answer { return h.modify(single.with(params{"Name": "renamed"})) }},
		{"modify-dual", emulator.Config{MaskKeys: true}, func(h *harness) answer { return h.modify(dual.with(params{"Name": "renamed"})) }},
		{"attachments", emulator.Config{}, func(h *harness) answer {
			return h.must("DescribeVpnAttachments", params{"RegionId": "cn-hangzhou"})
		}},
		{"connections", emulator.Config{}, func(h *harness) answer {
			return h.must("DescribeVpnConnections", params{"RegionId": "cn-hangzhou", "VpnConnectionId": "vco-localsingle"})
		}},
		{"gateways", emulator.Config{}, func(h *harness) answer {
			return h.must("DescribeCustomerGateways", params{"RegionId": "cn-hangzhou"})
		}},
	} {
		a := tt.ask(start(t, tt.config))
		if id := a.text("RequestId"); !regexp.MustCompile(`^[0-9A-F]{8}(-[0-9A-F]{4}){3}-[0-9A-F]{12}$`).MatchString(id) {
			t.Errorf("%s: RequestId %q", tt.file, id)
		}
		delete(a.fields, "RequestId")
		got, err := json.MarshalIndent(a.fields, "", "  ")
		if err != nil {
			t.Fatal(err)
		}
		path := filepath.Join("testdata", tt.file+".json")
		if os.Getenv("UPDATE") != "" {
			if err := os.WriteFile(path, append(got, '\n'), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(append(got, '\n'), want) {
			t.Errorf("%s: got\n%s", tt.file, got)
		}
	}
}

// diff lists the members that a change altered, with their new values.
func diff(before, after map[string]any, path string, into map[string]any) {
	for name := range maps.Keys(after) {
		here := path + name
		switch b, a := before[name], after[name]; a := a.(type) {
		case map[string]any:
			b, _ := b.(map[string]any)
			diff(b, a, here+".", into)
		case []any:
			for i := range a {
				item, _ := a[i].(map[string]any)
				old := map[string]any{}
				if list, _ := b.([]any); i < len(list) {
					old, _ = list[i].(map[string]any)
				}
				diff(old, item, fmt.Sprintf("%s[%d].", here, i), into)
			}
		default:
			if !reflect.DeepEqual(a, b) && name != "RequestId" {
				into[here] = a
			}
		}
	}
}

// What one change alters, and nothing else.
func TestWhatModifyAlters(t *testing.T) {
	t.Parallel()
	tunnel1, tunnel2 := tunnelPath(0), tunnelPath(1)
	for _, tt := range []struct {
		name string
		to   params
		with params
		want map[string]any // with Partial objects
	}{
		{"nothing", single, nil, nil},
		{"name", single, params{"Name": "b"}, map[string]any{"Name": "b"}},
		{"one subnet, put into order", single, params{"LocalSubnet": "10.2.0.0/16,10.1.0.0/16"}, map[string]any{"LocalSubnet": "10.1.0.0/16,10.2.0.0/16"}},
		{"flags", single, params{"EnableDpd": "false", "EnableNatTraversal": "false"}, map[string]any{"EnableDpd": false, "EnableNatTraversal": false}},
		{"negotiation waits for traffic", free, params{"EffectImmediately": "false"}, map[string]any{
			"EffectImmediately": false, "Status": "ike_sa_not_established", "VpnBgpConfig.Status": "failed", "VcoHealthCheck.Status": "failed"}},
		{"partial IkeConfig resets the rest, but not the key", single, params{"IkeConfig": `{"IkeLifetime":3600,"RemoteId":null}`}, map[string]any{
			"IkeConfig.IkeLifetime": 3600.0, "IkeConfig.IkeVersion": "ikev1", "IkeConfig.IkeEncAlg": "aes",
			"IkeConfig.IkeAuthAlg": "md5", "IkeConfig.IkePfs": "group2", "IkeConfig.LocalId": "leftId-not-exist"}},
		{"an empty key is none", single, params{"IkeConfig": `{"Psk":"","IkeVersion":"ikev2","IkeEncAlg":"aes256","IkeAuthAlg":"sha256",` +
			`"IkePfs":"group14","IkeLifetime":28800,"LocalId":"203.0.113.1"}`}, nil},
		{"other case and older name are unknown", single, params{"IkeConfig": `{"Psk":"k","IkeVersion":"ikev2","IkeEncAlg":"aes256","IkeAuthAlg":"sha256",` +
			`"IkePfs":"group14","IkeLifetime":"28800","localId":"x","LocalIdIPsec":"y"}`},
			map[string]any{"IkeConfig.Psk": "k", "IkeConfig.LocalId": "leftId-not-exist"}},
		{"a masked key is a key", single, params{"IkeConfig": `{"Psk":"loca****","IkeVersion":"ikev2","IkeEncAlg":"aes256","IkeAuthAlg":"sha256",` +
			`"IkePfs":"group14","IkeLifetime":28800,"LocalId":"203.0.113.1"}`}, map[string]any{"IkeConfig.Psk": "loca****"}},
		{"partial IpsecConfig", single, params{"IpsecConfig": `{"IpsecPfs":"disabled"}`}, map[string]any{
			"IpsecConfig.IpsecPfs": "disabled", "IpsecConfig.IpsecEncAlg": "aes", "IpsecConfig.IpsecAuthAlg": "md5", "IpsecConfig.IpsecLifetime": 86400.0}},
		{"partial BgpConfig", single, params{"BgpConfig": `{"LocalAsn":"123.456"}`}, map[string]any{
			"VpnBgpConfig.LocalAsn": 8061384.0, "VpnBgpConfig.EnableBgp": "false", "VpnBgpConfig.TunnelCidr": "", "VpnBgpConfig.LocalBgpIp": "",
			"VpnBgpConfig.PeerBgpIp": "", "VpnBgpConfig.Status": "failed"}},
		{"other end of BGP", single, params{"BgpConfig": `{"EnableBgp":true,"LocalAsn":64512,"TunnelCidr":"169.254.10.0/30","LocalBgpIp":"169.254.10.2"}`},
			map[string]any{"VpnBgpConfig.LocalBgpIp": "169.254.10.2", "VpnBgpConfig.PeerBgpIp": "169.254.10.1"}},
		{"capital Enable is unknown", single, params{"HealthCheckConfig": `{"Enable":"true","dip":"1.2.3.4"}`}, map[string]any{
			"VcoHealthCheck.Enable": "false", "VcoHealthCheck.Dip": "1.2.3.4", "VcoHealthCheck.Sip": "", "VcoHealthCheck.Interval": 3.0,
			"VcoHealthCheck.Retry": 3.0, "VcoHealthCheck.Policy": "revoke_route", "VcoHealthCheck.Status": "failed"}},
		{"customer gateway", single, params{"CustomerGatewayId": "cgw-local2",
			"IkeConfig": `{"IkeVersion":"ikev2","IkeEncAlg":"aes256","IkeAuthAlg":"sha256","IkePfs":"group14","IkeLifetime":"28800","LocalId":"203.0.113.1"}`},
			map[string]any{"CustomerGatewayId": "cgw-local2", "IkeConfig.RemoteId": "198.51.100.2", "VpnBgpConfig.PeerAsn": 65002.0}},
		{"what Describe does not show", single, params{"RemoteCaCert": "x", "AutoConfigRoute": "false", "NetworkType": "public", "Colour": "blue"}, nil},
		{"customer gateway of a free attachment, whose RemoteId stays that of the old one", free, params{"CustomerGatewayId": "cgw-local1"}, map[string]any{
			"CustomerGatewayId": "cgw-local1", "VpnBgpConfig.PeerAsn": 65001.0,
			"Status": "ike_sa_not_established", "VpnBgpConfig.Status": "failed", "VcoHealthCheck.Status": "failed"}},
		{"the same customer gateway", free, params{"CustomerGatewayId": "cgw-local2"}, nil},
		{"RemoteId follows the customer gateway when it is left out of an object", dual, params{
			"TunnelOptionsSpecification.1.CustomerGatewayId": "cgw-local2", "TunnelOptionsSpecification.1.TunnelIkeConfig.IkeVersion": "ikev2",
			"TunnelOptionsSpecification.1.TunnelIkeConfig.IkeEncAlg": "aes256", "TunnelOptionsSpecification.1.TunnelIkeConfig.IkeAuthAlg": "sha256",
			"TunnelOptionsSpecification.1.TunnelIkeConfig.IkePfs": "group14", "TunnelOptionsSpecification.1.TunnelIkeConfig.IkeLifetime": "28800",
		}, map[string]any{
			tunnel1 + "CustomerGatewayId": "cgw-local2", tunnel1 + "TunnelIkeConfig.RemoteId": "198.51.100.2", tunnel1 + "TunnelBgpConfig.PeerAsn": "65002"}},
		{"roles change together", dual, params{"TunnelOptionsSpecification.1.Role": "slave", "TunnelOptionsSpecification.2.Role": "master"}, map[string]any{
			tunnel1 + "Role": "slave", tunnel2 + "Role": "master"}},
		{"tunnels that are not flattened", dual, params{"TunnelOptionsSpecification": `[{"TunnelIndex":1,"EnableDpd":false}]`}, nil},
		{"BGP of all tunnels", dual, params{"EnableTunnelsBgp": "false"}, map[string]any{"EnableTunnelsBgp": false,
			"TunnelOptionsSpecification.TunnelOptions[0].TunnelBgpConfig.BgpStatus": "failed", tunnel2 + "TunnelBgpConfig.BgpStatus": "failed"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			h := start(t, emulator.Config{})
			before := h.describe(tt.to)
			h.modify(tt.to.with(tt.with))
			h.altered(before, tt.want)
		})
	}
}

func tunnelPath(i int) string { return fmt.Sprintf("TunnelOptionsSpecification.TunnelOptions[%d].", i) }

// drawn stands for any key that the emulator has generated.
const drawn = "(drawn at random)"

// altered compares the attachment with what it was before.
func (h *harness) altered(before answer, want map[string]any) {
	h.t.Helper()
	got := map[string]any{}
	diff(before.fields, h.describe(params{"RegionId": "cn-hangzhou", "VpnConnectionId": before.text("VpnConnectionId")}).fields, "", got)
	for path, value := range got {
		if key, _ := value.(string); want[path] == drawn && len(key) == 16 {
			got[path] = drawn
		}
	}
	if len(got)+len(want) > 0 && !reflect.DeepEqual(got, want) {
		h.t.Errorf("got  %v\nwant %v", got, want)
	}
}

// What each behaviour does with what a change leaves out.
func TestPartial(t *testing.T) {
	t.Parallel()
	tunnel := tunnelPath(1)
	ikeDefaults := map[string]any{tunnel + "TunnelIkeConfig.IkeEncAlg": "aes", tunnel + "TunnelIkeConfig.IkeAuthAlg": "sha1",
		tunnel + "TunnelIkeConfig.IkePfs": "group2", tunnel + "TunnelIkeConfig.IkeLifetime": "86400"}
	ipsecDefaults := map[string]any{tunnel + "TunnelIpsecConfig.IpsecEncAlg": "aes", tunnel + "TunnelIpsecConfig.IpsecAuthAlg": "sha1",
		tunnel + "TunnelIpsecConfig.IpsecPfs": "group2", tunnel + "TunnelIpsecConfig.IpsecLifetime": "86400"}
	bgpChange := map[string]any{tunnel + "TunnelBgpConfig.TunnelCidr": "169.254.22.0/30",
		tunnel + "TunnelBgpConfig.LocalBgpIp": "169.254.22.1", tunnel + "TunnelBgpConfig.PeerBgpIp": "169.254.22.2"}
	down := map[string]any{"EffectImmediately": false, "Status": "ike_sa_not_established", "VpnBgpConfig.Status": "failed", "VcoHealthCheck.Status": "failed"}
	dualDown := map[string]any{"EffectImmediately": false, "Status": "ike_sa_not_established", "TunnelOptionsSpecification.TunnelOptions[0].Status": "ike_sa_not_established",
		tunnel + "Status": "ike_sa_not_established", "TunnelOptionsSpecification.TunnelOptions[0].TunnelBgpConfig.BgpStatus": "failed", tunnel + "TunnelBgpConfig.BgpStatus": "failed"}
	for _, tt := range []struct {
		name                 string
		to                   params
		with                 params
		keep, objects, reset []map[string]any // what differs afterwards
	}{
		{
			name: "EffectImmediately", to: single, with: params{"Name": "localsingle"},
			reset: []map[string]any{down},
		},
		{
			name: "single tunnel", to: single, with: params{"IkeConfig": `{"IkeLifetime":3600}`, "EffectImmediately": "true"},
			keep: []map[string]any{{"IkeConfig.IkeLifetime": 3600.0}},
			objects: []map[string]any{{"IkeConfig.IkeLifetime": 3600.0, "IkeConfig.IkeVersion": "ikev1", "IkeConfig.IkeEncAlg": "aes",
				"IkeConfig.IkeAuthAlg": "md5", "IkeConfig.IkePfs": "group2", "IkeConfig.LocalId": "leftId-not-exist"}},
			reset: []map[string]any{{"IkeConfig.IkeLifetime": 3600.0, "IkeConfig.IkeVersion": "ikev1", "IkeConfig.IkeEncAlg": "aes",
				"IkeConfig.IkeAuthAlg": "md5", "IkeConfig.IkePfs": "group2", "IkeConfig.LocalId": "leftId-not-exist", "IkeConfig.Psk": drawn,
				"Status": "ike_sa_not_established", "VpnBgpConfig.Status": "failed", "VcoHealthCheck.Status": "failed"}},
		},
		{
			name: "empty text is not left out", to: single, with: params{"IkeConfig": `{"Psk":"k","IkeVersion":"ikev2","IkeEncAlg":"aes256","IkeAuthAlg":"sha256",` +
				`"IkePfs":"group14","IkeLifetime":"28800","LocalId":""}`, "EffectImmediately": "true"},
			keep:    []map[string]any{{"IkeConfig.Psk": "k", "IkeConfig.LocalId": "leftId-not-exist"}},
			objects: []map[string]any{{"IkeConfig.Psk": "k", "IkeConfig.LocalId": "leftId-not-exist"}},
			reset:   []map[string]any{{"IkeConfig.Psk": "k", "IkeConfig.LocalId": "leftId-not-exist"}},
		},
		{
			name: "a tunnel", to: dual, with: params{
				"TunnelOptionsSpecification.1.TunnelId":                   "tun-localdual2",
				"TunnelOptionsSpecification.1.TunnelBgpConfig.TunnelCidr": "169.254.22.0/30",
				"TunnelOptionsSpecification.1.TunnelBgpConfig.LocalBgpIp": "169.254.22.1",
				"EffectImmediately": "true",
			},
			keep:    []map[string]any{bgpChange},
			objects: []map[string]any{bgpChange, {tunnel + "TunnelBgpConfig.LocalAsn": "45104"}},
			reset: []map[string]any{bgpChange, {tunnel + "TunnelBgpConfig.LocalAsn": "45104"}, ikeDefaults, ipsecDefaults,
				{tunnel + "TunnelIkeConfig.Psk": drawn, "Status": "ike_sa_not_established", tunnel + "Status": "ike_sa_not_established", tunnel + "TunnelBgpConfig.BgpStatus": "failed"}},
		},
		{
			name: "flags of a tunnel", to: dual, with: params{"TunnelOptionsSpecification.1.TunnelIndex": "2", "TunnelOptionsSpecification.1.EnableDpd": "false",
				"TunnelOptionsSpecification.1.TunnelBgpConfig.TunnelCidr": "169.254.21.0/30", "TunnelOptionsSpecification.1.TunnelBgpConfig.LocalBgpIp": "169.254.21.1",
				"TunnelOptionsSpecification.1.TunnelBgpConfig.LocalAsn": "64512"},
			keep:    []map[string]any{{tunnel + "EnableDpd": "false"}},
			objects: []map[string]any{{tunnel + "EnableDpd": "false"}},
			reset:   []map[string]any{{tunnel + "EnableDpd": "false", tunnel + "TunnelIkeConfig.Psk": drawn}, ikeDefaults, ipsecDefaults, dualDown},
		},
	} {
		for partial, want := range map[emulator.Partial][]map[string]any{
			emulator.PartialKeep: tt.keep, emulator.PartialObjects: tt.objects, emulator.PartialReset: tt.reset,
		} {
			t.Run(tt.name+" "+string(partial), func(t *testing.T) {
				t.Parallel()
				h := start(t, emulator.Config{Partial: partial})
				before := h.describe(tt.to)
				h.modify(tt.to.with(tt.with))
				all := map[string]any{}
				for _, part := range want {
					maps.Copy(all, part)
				}
				h.altered(before, all)
			})
		}
	}
	// A flag that an item leaves out.
	for partial, want := range map[emulator.Partial]string{emulator.PartialKeep: "false", emulator.PartialObjects: "true", "": "true", emulator.PartialReset: "true"} {
		h := start(t, emulator.Config{Partial: partial})
		h.modify(dual.with(params{"EnableTunnelsBgp": "false", "TunnelOptionsSpecification.1.EnableDpd": "false"}))
		h.modify(dual.with(params{"TunnelOptionsSpecification.1.EnableNatTraversal": "false"}))
		if got := h.describe(dual).tunnel(0)["EnableDpd"]; got != want {
			t.Errorf("%q: EnableDpd: got %v, want %s", partial, got, want)
		}
	}
	if _, err := emulator.New(emulator.Config{Partial: "some"}); err == nil {
		t.Error("an unknown behaviour was accepted")
	}
}

// HealthCheckConfig's members in capitals, as Terraform writes them.
func TestHealthCapitals(t *testing.T) {
	t.Parallel()
	h := start(t, emulator.Config{HealthCapitals: true})
	before := h.describe(single)
	h.modify(single.with(params{"HealthCheckConfig": `{"Enable":true,"Dip":"10.0.0.1","Sip":"192.168.1.1","Interval":10,"retry":7,"Retry":10,"Policy":"revoke_route"}`}))
	h.altered(before, map[string]any{"VcoHealthCheck.Dip": "10.0.0.1", "VcoHealthCheck.Sip": "192.168.1.1",
		"VcoHealthCheck.Interval": 10.0, "VcoHealthCheck.Retry": 7.0, "VcoHealthCheck.Policy": "revoke_route"})
}

// Generated keys differ.
func TestDrawnKeysDiffer(t *testing.T) {
	t.Parallel()
	h := start(t, emulator.Config{Partial: emulator.PartialReset})
	h.modify(single.with(params{"IkeConfig": `{}`}))
	first := h.describe(single).object("IkeConfig")["Psk"]
	h.modify(single.with(params{"IkeConfig": `{"Psk":""}`}))
	if second := h.describe(single).object("IkeConfig")["Psk"]; first == second {
		t.Error("the same key was drawn twice")
	}
}

// An item that names no tunnel means the one at its position.
func TestTunnelByPosition(t *testing.T) {
	t.Parallel()
	h := start(t, emulator.Config{})
	h.modify(dual.with(params{"EnableTunnelsBgp": "false", "TunnelOptionsSpecification.2.TunnelIkeConfig.Psk": "second"}))
	a := h.describe(dual)
	for i, want := range []string{"local-dual-key-1", "second"} {
		if got := a.tunnel(i)["TunnelIkeConfig"].(map[string]any)["Psk"]; got != want {
			t.Errorf("tunnel %d: got %v, want %s", i+1, got, want)
		}
	}
	h.refused("IllegalParam.TunnelOptionsSpecification", "ModifyVpnAttachmentAttribute", dual.with(params{
		"TunnelOptionsSpecification.1.TunnelIndex": "2", "TunnelOptionsSpecification.2.TunnelId": "tun-localdual2"}))
}

// A change is in effect only after UpdateTime.
func TestAsynchronous(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		to     params
		settle string
	}{{single, "attached"}, {dual, "attached"}, {free, "init"}} {
		h := start(t, emulator.Config{UpdateTime: 2 * time.Second})
		old := h.describe(tt.to)
		if got := old.text("State"); got != tt.settle {
			t.Fatalf("State: got %s, want %s", got, tt.settle)
		}
		if got := h.modify(tt.to.with(params{"Name": "a"})).text("Name"); got != "a" {
			t.Errorf("answer: got Name %q, want a", got)
		}
		for range 2 {
			during := h.describe(tt.to)
			if during.text("State") != "updating" || during.text("Name") != old.text("Name") || during.text("Status") != "ike_sa_not_established" {
				t.Errorf("while updating: got %s", during.raw)
			}
			if tunnel := during.tunnel(0); tunnel != nil && tunnel["State"] != "updating" {
				t.Errorf("while updating: got a tunnel that is %v", tunnel["State"])
			}
			h.refused("VpnConnection.Configuring", "ModifyVpnAttachmentAttribute", tt.to.with(params{"Name": "b"}))
			h.refused("VpnConnection.Configuring", "DeleteVpnAttachment", tt.to)
			h.clock.Advance(time.Second - time.Nanosecond)
		}
		h.clock.Advance(2 * time.Nanosecond)
		if after := h.describe(tt.to); after.text("State") != tt.settle || after.text("Name") != "a" {
			t.Errorf("after: got %s", after.raw)
		}
		h.modify(tt.to.with(params{"Name": "b"}))
		if got := h.describe(tt.to).text("Name"); got != "a" {
			t.Errorf("while updating again: got Name %q, want a", got)
		}
	}
}
