package emulator_test

import (
	"maps"
	"reflect"
	"strings"
	"testing"
	"time"

	"vpnattach/shared/emulator"
)

const (
	up        = "ipsec_sa_established"
	phase1    = "ike_sa_not_established"
	phase2    = "ipsec_sa_not_established"
	tunnelTwo = "tun-localdual2"
)

// The peer's values decide the status of a tunnel and its diagnosis.
func TestNegotiation(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name                                      string
		peer                                      emulator.Peer
		with                                      params // a change of the attachment
		status, severity, code, ours, theirs, log string
	}{
		{name: "agrees", peer: emulator.Peer{Wants: map[string]string{"Psk": "local-dual-key-2", "IkeEncAlg": "aes256", "LocalSubnet": "10.20.1.0/24,10.20.0.0/24",
			"RemoteId": "198.51.100.2", "LocalId": "203.0.113.3", "EnableNatTraversal": "true", "IkeMode": "aggressive"}}, status: up, severity: "Normal"},
		{name: "silent", peer: emulator.Peer{Silent: true}, status: phase1, severity: "Warn", code: "Phase1NegotiationTimeout", log: "phase1 negotiation failed due to time up"},
		{name: "key", peer: wants("Psk", "other-key"), status: phase1, severity: "Critical", code: "PskMismatch", log: "mismatch of preshared secrets (local-dual-key-2)"},
		{name: "version", peer: wants("IkeVersion", "ikev1"), status: phase1, severity: "Critical", code: "IkeVersionMismatch", ours: "ikev2", theirs: "ikev1"},
		{name: "hash", peer: wants("IkeAuthAlg", "sha1"), status: phase1, severity: "Critical", code: "AuthenticationAlgorithmMismatch", ours: "sha256", theirs: "sha1"},
		{name: "group", peer: wants("IkePfs", "group2"), status: phase1, severity: "Critical", code: "DhGroupMismatch", ours: "group14", theirs: "group2"},
		{name: "identity", peer: wants("RemoteId", "vpn.example.com"), status: phase1, severity: "Critical", code: "PeerIdMismatch", ours: "198.51.100.2", theirs: "vpn.example.com"},
		{name: "NAT traversal", peer: wants("EnableNatTraversal", "false"), status: phase1, severity: "Critical", code: "NatTMismatch", ours: "true", theirs: "false"},
		{name: "cipher of phase 2", peer: wants("IpsecEncAlg", "aes"), status: phase2, severity: "Critical", code: "EncryptionAlgorithmMismatch", ours: "aes256", theirs: "aes"},
		{name: "perfect forward secrecy", peer: wants("IpsecPfs", "disabled"), status: phase2, severity: "Critical", code: "PfsMismatch", ours: "group14", theirs: "disabled"},
		{name: "subnets", peer: wants("RemoteSubnet", "192.168.0.0/16"), status: phase2, severity: "Critical", code: "TrafficSelectorMismatch", ours: "192.168.20.0/24", theirs: "192.168.0.0/16"},
		{name: "lifetime", peer: wants("IpsecLifetime", "28800"), status: up, severity: "Warn", code: "LifetimeMismatch", ours: "3600", theirs: "28800"},
		{name: "a changed key", peer: wants("Psk", "local-dual-key-2"), with: tunnel2IKE("Psk", "new"), status: phase1, severity: "Critical", code: "PskMismatch"},
		{name: "a key that follows", peer: wants("Psk", "new"), with: tunnel2IKE("Psk", "new"), status: up, severity: "Normal"},
		{name: "another gateway's address", with: tunnel2IKE("RemoteId", "198.51.100.1"), status: phase1, severity: "Critical", code: "PeerIdMismatch", ours: "198.51.100.1", theirs: "198.51.100.2"},
		{name: "a placeholder as LocalId", with: tunnel2IKE("LocalId", "leftId-not-exist"), status: phase1, severity: "Critical", code: "PeerIdMismatch", ours: "leftId-not-exist"},
		{name: "mode of ikev1", peer: wants("IkeMode", "aggressive"), with: tunnel2IKE("IkeVersion", "ikev1"), status: phase1, severity: "Critical", code: "NegotiationModeMismatch", ours: "main", theirs: "aggressive"},
		{name: "not begun", with: params{"EffectImmediately": "false"}, status: phase1, severity: "Warn", code: "NoExceptionFound"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			h := start(t, emulator.Config{Partial: emulator.PartialKeep})
			if err := h.SetPeer(tunnelTwo, tt.peer); err != nil {
				t.Fatal(err)
			}
			if len(tt.with) > 0 {
				h.modify(dual.with(tt.with))
			}
			d := h.describe(dual)
			if got := d.tunnel(1)["Status"]; got != tt.status {
				t.Errorf("Status of the tunnel: got %v, want %s", got, tt.status)
			}
			if got := d.text("Status"); got != tt.status {
				t.Errorf("Status: got %s, want %s", got, tt.status)
			}
			if got, want := d.tunnel(1)["TunnelBgpConfig"].(map[string]any)["BgpStatus"] == "success", tt.status == up; got != want {
				t.Errorf("BGP is up: got %v, want %v", got, want)
			}
			a := h.must("DiagnoseVpnConnections", params{"RegionId": "cn-hangzhou", "TunnelIds.1": tunnelTwo})
			got := a.fields["VpnConnections"].([]any)[0].(map[string]any)
			log, _ := got["SourceLog"].(string)
			if !strings.Contains(log, tt.log) {
				t.Errorf("SourceLog: got %q, want one with %q", log, tt.log)
			}
			delete(got, "SourceLog")
			want := map[string]any{"VpnConnectionId": "vco-localdual", "TunnelId": tunnelTwo, "Severity": tt.severity}
			if tt.code != "" {
				if got["FailedReason"] == "" {
					t.Error("FailedReason is empty")
				}
				maps.Copy(want, map[string]any{"FailedReasonCode": tt.code, "FailedReason": got["FailedReason"], "FailedTime": 1795507200000.0,
					"MismatchLocalParam": tt.ours, "MismatchRemoteParam": tt.theirs})
			}
			if !reflect.DeepEqual(got, want) {
				t.Errorf("got  %v\nwant %v", got, want)
			}
		})
	}
}

// A key that the service draws is one that the device does not have, until a change gives
// the key.
func TestNegotiationOfDrawnKey(t *testing.T) {
	t.Parallel()
	bgp := params{"EffectImmediately": "true", "TunnelOptionsSpecification.1.TunnelBgpConfig.TunnelCidr": "169.254.21.0/30", "TunnelOptionsSpecification.1.TunnelBgpConfig.LocalBgpIp": "169.254.21.1"}
	for partial, lost := range map[emulator.Partial]string{emulator.PartialKeep: up, emulator.PartialObjects: up, emulator.PartialReset: phase1} {
		h := start(t, emulator.Config{Partial: partial})
		status := func() any { return h.describe(dual).tunnel(1)["Status"] }
		steps := []struct {
			with params
			want string
		}{{tunnel2IKE("IkeLifetime", "7200"), lost}, {tunnel2IKE("Psk", "new"), up}, {tunnel2IKE("Psk", "new"), up}}
		for i, step := range steps {
			h.modify(dual.with(step.with).with(bgp))
			if got := status(); got != step.want {
				t.Errorf("%s, change %d: got %v, want %s", partial, i+1, got, step.want)
			}
		}
	}
	h := start(t, emulator.Config{Partial: emulator.PartialReset})
	h.modify(dual.with(tunnel2IKE("IkeLifetime", "7200")).with(bgp))
	drawn := h.describe(dual).tunnel(1)["TunnelIkeConfig"].(map[string]any)["Psk"].(string)
	h.modify(dual.with(tunnel2IKE("Psk", drawn)).with(bgp))
	if got := h.describe(dual).tunnel(1)["Status"]; got != phase1 {
		t.Errorf("the drawn key sent again: got %v", got)
	}
	if err := h.SetPeer(tunnelTwo, wants("Psk", drawn)); err != nil {
		t.Fatal(err)
	}
	if got := h.describe(dual).tunnel(1)["Status"]; got != up {
		t.Errorf("the drawn key at the device: got %v", got)
	}
}

// A change of one tunnel leaves the other one up; one of what both have does not.
func TestOtherTunnel(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		with   params
		spared bool
	}{
		"a key":                  {tunnel2IKE("Psk", "new"), true},
		"a key, and the name":    {tunnel2IKE("Psk", "new").with(params{"Name": "a"}), true},
		"the name":               {params{"Name": "a"}, false},
		"a key, and a subnet":    {tunnel2IKE("Psk", "new").with(params{"RemoteSubnet": "192.168.99.0/24"}), false},
		"a key, and negotiation": {tunnel2IKE("Psk", "new").with(params{"EffectImmediately": "false"}), false},
		"keys of both": {tunnel2IKE("Psk", "new").with(params{
			"TunnelOptionsSpecification.2.TunnelIndex": "1", "TunnelOptionsSpecification.2.TunnelIkeConfig.Psk": "new"}), false},
	} {
		h := start(t, emulator.Config{Partial: emulator.PartialKeep, UpdateTime: time.Minute})
		h.modify(dual.with(tt.with))
		d := h.describe(dual)
		status, state := phase1, "updating"
		if tt.spared {
			status, state = up, "active"
		}
		if other := d.tunnel(0); other["Status"] != status || other["State"] != state {
			t.Errorf("%s: the other tunnel is %v and %v", name, other["State"], other["Status"])
		}
		if its := d.tunnel(1); its["Status"] != phase1 || its["State"] != "updating" || d.text("State") != "updating" {
			t.Errorf("%s: the tunnel is %v and %v", name, its["State"], its["Status"])
		}
		h.clock.Advance(time.Minute)
		if other := h.describe(dual).tunnel(0); tt.spared && other["Status"] != up || other["State"] != "active" {
			t.Errorf("%s: afterwards the other tunnel is %v and %v", name, other["State"], other["Status"])
		}
	}
}

// The device at the other end can be another one at each request.
func TestLivePeer(t *testing.T) {
	t.Parallel()
	key := "local-dual-key-2"
	h := start(t, emulator.Config{Peer: func(tunnel string) (emulator.Peer, bool) {
		return wants("Psk", key), tunnel == tunnelTwo
	}})
	if err := h.SetPeer("tun-localdual1", emulator.Peer{Silent: true}); err != nil {
		t.Fatal(err)
	}
	for _, status := range []string{up, phase1} {
		d := h.describe(dual)
		if d.tunnel(0)["Status"] != phase1 || d.tunnel(1)["Status"] != status {
			t.Errorf("got %v and %v", d.tunnel(0)["Status"], d.tunnel(1)["Status"])
		}
		key = "another"
	}
}

func wants(name, value string) emulator.Peer {
	return emulator.Peer{Wants: map[string]string{name: value}}
}

func tunnel2IKE(name, value string) params {
	return params{"TunnelOptionsSpecification.1.TunnelIndex": "2", "TunnelOptionsSpecification.1.TunnelIkeConfig." + name: value}
}

func TestDiagnose(t *testing.T) {
	t.Parallel()
	kept := store{}
	config := emulator.Config{UpdateTime: time.Minute, MaskKeys: true, Save: kept.save}
	h := start(t, config)
	if err := h.SetPeer("vco-localsingle", wants("Psk", "other")); err != nil {
		t.Fatal(err)
	}
	region := params{"RegionId": "cn-hangzhou"}
	for _, tt := range []struct {
		code string
		with params
	}{
		{"MissingVpnConnectionIds", nil},
		{"MissingVpnConnectionIds", params{"VpnConnectionId": "vco-localsingle"}},
		{"InvalidVpnConnectionInstanceId.NotFound", params{"VpnConnectionIds.1": "vco-none"}},
		{"InvalidVpnConnectionInstanceId.NotFound", params{"RegionId": "cn-beijing", "VpnConnectionIds.1": "vco-localsingle"}},
		{"UnsupportedParameter", params{"VpnConnectionIds.1": "vco-localdual"}},
		{"IllegalParam.TunnelIds", params{"TunnelIds.1": "tun-none"}},
		{"IllegalParam.TunnelIds", params{"TunnelIds.1": ""}},
		{"IllegalParam.PageSize", params{"TunnelIds.1": tunnelTwo, "PageSize": "0"}},
	} {
		h.refused(tt.code, "DiagnoseVpnConnections", region.with(tt.with))
	}
	config.State = maps.Clone(kept)
	for _, h := range []*harness{h, start(t, config)} { // a restart keeps the peer
		a := h.must("DiagnoseVpnConnections", region.with(params{"VpnConnectionIds.1": "vco-localfree", "VpnConnectionIds.2": "vco-localsingle", "TunnelIds.1": tunnelTwo}))
		all := a.fields["VpnConnections"].([]any)
		if len(all) != 3 || a.fields["TotalCount"] != 3.0 {
			t.Fatalf("got %s", a.raw)
		}
		for i, want := range []string{"Normal", "Critical", "Normal"} {
			if got := all[i].(map[string]any)["Severity"]; got != want {
				t.Errorf("%d: got %v, want %s", i, got, want)
			}
		}
		if log := all[1].(map[string]any)["SourceLog"].(string); strings.Contains(log, "local-single-key") || !strings.Contains(log, "loca****") {
			t.Errorf("masked log: got %q", log)
		}
		second := h.must("DiagnoseVpnConnections", region.with(params{"VpnConnectionIds.1": "vco-localfree", "VpnConnectionIds.2": "vco-localsingle", "PageSize": "1", "PageNumber": "2"}))
		if got := ids(second.fields["VpnConnections"], "VpnConnectionId"); len(got) != 1 || got[0] != "vco-localsingle" {
			t.Errorf("second page: got %v", got)
		}
	}
	h.modify(single.with(params{"Name": "a"}))
	a := h.must("DiagnoseVpnConnections", region.with(params{"VpnConnectionIds.1": "vco-localsingle"}))
	if got := ids(a.fields["VpnConnections"], "FailedReasonCode"); got[0] != "NoExceptionFound" {
		t.Errorf("while updating: got %v", got)
	}
	for _, tt := range []struct {
		tunnel string
		peer   emulator.Peer
	}{
		{"vco-localdual", emulator.Peer{}}, {"", emulator.Peer{}}, {tunnelTwo, wants("Colour", "blue")}, {tunnelTwo, wants("LocalSubnet", "here")},
	} {
		if h.SetPeer(tt.tunnel, tt.peer) == nil {
			t.Errorf("%q %v was accepted", tt.tunnel, tt.peer)
		}
	}
}
