package attachment_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"vpnattach/shared/core/attachment"
)

func TestMerge(t *testing.T) {
	t.Parallel()
	// What every change carries.
	const atOnce = `"LocalSubnet":"10.1.1.0/24,10.1.2.0/24","RemoteSubnet":"10.1.3.0/24,10.1.4.0/24","EffectImmediately":true`
	const always = `"LocalSubnet":"10.1.1.0/24,10.1.2.0/24","RemoteSubnet":"10.1.3.0/24,10.1.4.0/24","EffectImmediately":false`
	const dualAlways = `"LocalSubnet":"0.0.0.0/0","RemoteSubnet":"0.0.0.0/0","EffectImmediately":false`
	for _, c := range []struct {
		name, current, change string
		want                  string // members beyond the address; "" when nothing differs
		diff                  []string
	}{
		{name: "nothing differs", current: "single.json", change: change(`"Name":"site-a","EnableDpd":"true","IkeConfig":{"IkeLifetime":"86400"},"HealthCheckConfig":{"enable":"true","interval":3},"BgpConfig":{"LocalAsn":"0.45104"}`)},
		{name: "order of subnets", current: "single.json", change: change(`"RemoteSubnet":["10.1.4.0/24","10.1.3.9/24"]`)},
		{name: "effect alone", current: "single.json", change: change(`"EffectImmediately":true`), want: atOnce, diff: []string{"EffectImmediately: false -> true"}},
		{name: "effect as it is", current: "single.json", change: change(`"EffectImmediately":false`)},
		{name: "what no answer shows, with all that the change names", current: "single.json", change: change(`"Name":"site-a","IpsecConfig":{"IpsecLifetime":86400},"AutoConfigRoute":true`),
			want: `"Name":"site-a",` + always + `,"IpsecConfig":{"IpsecEncAlg":"aes","IpsecAuthAlg":"sha1","IpsecPfs":"group2","IpsecLifetime":86400},"AutoConfigRoute":true`,
			diff: []string{"AutoConfigRoute:  -> true"}},
		{name: "that, and a tunnel", current: "dual.json", change: change(`"AutoConfigRoute":false,"TunnelOptionsSpecification":[{"TunnelIndex":1,"EnableDpd":true}]`),
			want: dualAlways + `,"AutoConfigRoute":false,"TunnelOptionsSpecification":[{"TunnelIndex":1,"CustomerGatewayId":"cgw-site-b","EnableDpd":true,"EnableNatTraversal":true,"TunnelIkeConfig":{"Psk":"Vw5nQx8sZk3tHc7p","IkeVersion":"ikev2","IkeMode":"main","IkeEncAlg":"aes256","IkeAuthAlg":"sha256","IkePfs":"group14","IkeLifetime":28800,"LocalId":"47.21.13.1","RemoteId":"203.0.113.8"},"TunnelIpsecConfig":{"IpsecEncAlg":"aes256","IpsecAuthAlg":"sha256","IpsecPfs":"group14","IpsecLifetime":3600},"TunnelBgpConfig":{"LocalAsn":45104,"TunnelCidr":"169.254.10.0/30","LocalBgpIp":"169.254.10.1"}}]`,
			diff: []string{"AutoConfigRoute:  -> false"}},
		{name: "that, and an IKE object whose key is masked", current: "masked.json", change: change(`"AutoConfigRoute":true,"IkeConfig":{"IkePfs":"group2"}`),
			want: always + `,"AutoConfigRoute":true`, diff: []string{"AutoConfigRoute:  -> true"}},
		{name: "without effect alone", current: "single.json", change: change(`"RemoteCaCert":"c20y"`)},
		{name: "scalar", current: "single.json", change: change(`"Name":"new","EffectImmediately":true`),
			want: `"Name":"new",` + atOnce, diff: []string{"Name: site-a -> new", "EffectImmediately: false -> true"}},
		{name: "one side", current: "single.json", change: change(`"RemoteSubnet":"10.9.0.0/16"`),
			want: `"LocalSubnet":"10.1.1.0/24,10.1.2.0/24","RemoteSubnet":"10.9.0.0/16","EffectImmediately":false`, diff: []string{"RemoteSubnet: 10.1.3.0/24,10.1.4.0/24 -> 10.9.0.0/16"}},
		{name: "whole IKE object", current: "single.json", change: change(`"IkeConfig":{"IkePfs":"group14"}`),
			want: always + `,"IkeConfig":{"Psk":"Kq7mWz2RtX9vLb4s","IkeVersion":"ikev1","IkeMode":"main","IkeEncAlg":"aes","IkeAuthAlg":"sha1","IkePfs":"group14","IkeLifetime":86400,"LocalId":"47.21.12.1","RemoteId":"203.0.113.7"}`,
			diff: []string{"IkeConfig.IkePfs: group2 -> group14"}},
		{name: "new key over a masked one", current: "masked.json", change: change(`"IkeConfig":{` + goodPSK + `}`),
			want: always + `,"IkeConfig":{"Psk":"fYx3tQpL8sVw2NdKzR6mHb4c","IkeVersion":"ikev1","IkeMode":"main","IkeEncAlg":"aes","IkeAuthAlg":"sha1","IkePfs":"group2","IkeLifetime":86400,"LocalId":"47.21.12.1","RemoteId":"203.0.113.7"}`,
			diff: []string{"IkeConfig.Psk: *** -> ***"}},
		{name: "masked key is not sent", current: "masked.json", change: change(`"IkeConfig":{"IkePfs":"group14"}`),
			want: always + `,"IkeConfig":{"IkeVersion":"ikev1","IkeMode":"main","IkeEncAlg":"aes","IkeAuthAlg":"sha1","IkePfs":"group14","IkeLifetime":86400,"LocalId":"47.21.12.1","RemoteId":"203.0.113.7"}`,
			diff: []string{"IkeConfig.IkePfs: group2 -> group14"}},
		{name: "read-only members stay out", current: "single.json", change: change(`"BgpConfig":{"LocalAsn":65020},"HealthCheckConfig":{"retry":"5"}`),
			want: always + `,"BgpConfig":{"EnableBgp":true,"LocalAsn":65020,"TunnelCidr":"169.254.11.0/30","LocalBgpIp":"169.254.11.1"},"HealthCheckConfig":{"enable":true,"dip":"10.1.3.1","sip":"10.1.1.1","interval":3,"retry":5,"Policy":"revoke_route"}`,
			diff: []string{"BgpConfig.LocalAsn: 45104 -> 65020", "HealthCheckConfig.retry: 3 -> 5"}},
		{name: "tunnels the same", current: "dual.json", change: tunnels(`{"TunnelIndex":1,"EnableDpd":true,"TunnelIkeConfig":{"IkeLifetime":28800}}`, `{"TunnelId":"tun-two","TunnelBgpConfig":{"LocalAsn":45104}}`)},
		{name: "one tunnel differs", current: "dual.json", change: tunnels(`{"TunnelId":"tun-two","TunnelIpsecConfig":{"IpsecLifetime":1800}}`, `{"TunnelIndex":1,"EnableDpd":true}`),
			want: dualAlways + `,"TunnelOptionsSpecification":[{"TunnelIndex":2,"CustomerGatewayId":"cgw-site-b","EnableDpd":true,"EnableNatTraversal":true,"TunnelIkeConfig":{"Psk":"Jd4gTy6mPr9wBf2x","IkeVersion":"ikev2","IkeMode":"main","IkeEncAlg":"aes256","IkeAuthAlg":"sha256","IkePfs":"group14","IkeLifetime":28800,"LocalId":"47.21.13.2","RemoteId":"203.0.113.8"},"TunnelIpsecConfig":{"IpsecEncAlg":"aes256","IpsecAuthAlg":"sha256","IpsecPfs":"group14","IpsecLifetime":1800},"TunnelBgpConfig":{"LocalAsn":45104,"TunnelCidr":"169.254.20.0/30","LocalBgpIp":"169.254.20.1"}}]`,
			diff: []string{"TunnelOptionsSpecification[0].TunnelIpsecConfig.IpsecLifetime: 3600 -> 1800"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			patch, current := attachment.Parse(c.change, attachment.FromEvent), mustCurrent(t, c.current)
			send, differs := attachment.Merge(patch, current)
			if differs != (c.want != "") {
				t.Errorf("differs = %v", differs)
			}
			if c.want != "" {
				if got, want := string(send.AppendJSON(nil, true)), change(c.want); got != want {
					t.Errorf("\n got %s\nwant %s", got, want)
				}
			}
			var diff []string
			for _, d := range attachment.Diff(patch, current) {
				diff = append(diff, d.Path+": "+d.From+" -> "+d.To)
			}
			if !slices.Equal(diff, c.diff) {
				t.Errorf("diff %q, want %q", diff, c.diff)
			}
		})
	}
}

// The two shapes of the service's answers are the same configuration.
func TestCurrentShapes(t *testing.T) {
	t.Parallel()
	described, modified := mustCurrent(t, "dual.json"), mustCurrent(t, "dual-modify-response.json")
	got := string(modified.Config().AppendJSON(nil, true))
	want := string(described.Config().AppendJSON(nil, true))
	if got != want {
		t.Errorf("\n got %s\nwant %s", got, want)
	}
	if described.Tunnels[1].ID != "tun-two" || described.Tunnels[1].PeerASN != "65010" || described.State != "attached" {
		t.Errorf("read-only members: %+v", described.Tunnels)
	}
}

func TestParseCurrentErrors(t *testing.T) {
	t.Parallel()
	for _, answer := range []string{``, `{`, `[]`, `{"Code":"Forbidden"}`} {
		if _, err := attachment.ParseCurrent(answer); err == nil {
			t.Errorf("no error for %q", answer)
		}
	}
}

// A change without secrets shown holds none, and is a change document again.
func TestAppendJSON(t *testing.T) {
	t.Parallel()
	current := mustCurrent(t, "dual.json")
	hidden := string(current.Config().AppendJSON(nil, false))
	for _, key := range []string{"Vw5nQx8sZk3tHc7p", "Jd4gTy6mPr9wBf2x"} {
		if strings.Contains(hidden, key) {
			t.Errorf("the redacted form holds a key: %s", hidden)
		}
	}
	shown := string(current.Config().AppendJSON(nil, true))
	for _, key := range []string{"Vw5nQx8sZk3tHc7p", "Jd4gTy6mPr9wBf2x"} {
		if !strings.Contains(shown, key) {
			t.Error("a tunnel's key is missing")
		}
	}
	again := string(attachment.Parse(shown, attachment.FromEvent).AppendJSON(nil, true))
	if again != shown {
		t.Errorf("\n got %s\nwant %s", again, shown)
	}
}

func TestSchemaIsUpToDate(t *testing.T) {
	t.Parallel()
	schema := attachment.Schema()
	if !json.Valid(schema) {
		t.Fatalf("the schema is not JSON: %s", schema)
	}
	compareGolden(t, "change.schema.json", indent(t, schema))
}

func TestLookup(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"RemoteSubnet": "RemoteSubnet", "IkeConfig": "IkeConfig", "IkeConfig.Psk": "Psk",
		"TunnelOptionsSpecification": "TunnelOptionsSpecification", "Tunnel.1.EnableDpd": "EnableDpd", "Tunnel.2.TunnelIkeConfig.Psk": "Psk",
		"Tunnel.3.EnableDpd": "", "Tunnel.1.TunnelIndex": "", "Tunnel.1": "", "IkeConfig.": "", "Psk": "", "": "", "Name.x": "",
	} {
		p, ok := attachment.Lookup(name)
		if p.Name != want || ok != (want != "") {
			t.Errorf("Lookup(%q) = %q, %v; want %q", name, p.Name, ok, want)
		}
	}
	for name, want := range map[string]string{
		"RemoteSubnets": "RemoteSubnet", "ikeconfig.psk": "IkeConfig.Psk", "Tunnel.1.TunnelIkeConfig.Pks": "Tunnel.1.TunnelIkeConfig.Psk",
		"TunnelOptionsSpecification.2.EnableDpd": "Tunnel.2.EnableDpd", "frobnicate": "",
	} {
		if got := attachment.Nearest(name); got != want {
			t.Errorf("Nearest(%q) = %q, want %q", name, got, want)
		}
	}
}

func indent(tb testing.TB, data []byte) []byte {
	tb.Helper()
	var value json.RawMessage = data
	out, err := json.MarshalIndent(value, "", "  ")
	if err != nil {
		tb.Fatal(err)
	}
	return append(out, '\n')
}

// compareGolden compares with a committed file; with UPDATE=1 it writes the file.
func compareGolden(tb testing.TB, name string, got []byte) {
	tb.Helper()
	path := filepath.Clean(name)
	if os.Getenv("UPDATE") != "" {
		if err := os.WriteFile(path, got, 0o644); err != nil {
			tb.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		tb.Fatal(err)
	}
	if string(got) != string(want) {
		tb.Errorf("%s is stale: run UPDATE=1 go test", name)
	}
}

// With OmitMasked a phase 1 whose key is masked goes out whole but for the key.
func TestMergeOmitsMaskedKeys(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, current, change, want string }{
		{"single", "masked.json", change(`"IkeConfig":{"IkePfs":"group14"}`),
			`"IkeConfig":{"IkeVersion":"ikev1","IkeMode":"main","IkeEncAlg":"aes","IkeAuthAlg":"sha1","IkePfs":"group14","IkeLifetime":86400,"LocalId":"47.21.12.1","RemoteId":"203.0.113.7"}`},
		{"single, with what no answer shows", "masked.json", change(`"AutoConfigRoute":true,"IkeConfig":{"IkePfs":"group2"}`),
			`"IkeConfig":{"IkeVersion":"ikev1","IkeMode":"main","IkeEncAlg":"aes","IkeAuthAlg":"sha1","IkePfs":"group2","IkeLifetime":86400,"LocalId":"47.21.12.1","RemoteId":"203.0.113.7"}`},
		{"single, with a key", "masked.json", change(`"IkeConfig":{` + goodPSK + `}`), `"IkeConfig":{` + goodPSK + `,"IkeVersion":"ikev1"`},
		{"tunnel", "dual-masked.json", tunnels(`{"TunnelIndex":2,"EnableDpd":false}`),
			`"EnableDpd":false,"EnableNatTraversal":true,"TunnelIkeConfig":{"IkeVersion":"ikev2","IkeMode":"main"`},
	} {
		current := mustCurrent(t, c.current)
		current.OmitMasked = true
		send, differs := attachment.Merge(attachment.Parse(c.change, attachment.FromEvent), current)
		if got := string(send.AppendJSON(nil, true)); !differs || !strings.Contains(got, c.want) || strings.Contains(got, "****") {
			t.Errorf("%s: got %s, want %s", c.name, got, c.want)
		}
	}
}

// A role, which is not documented, is sent only for a change that names it.
func TestMergeRole(t *testing.T) {
	t.Parallel()
	for item, sent := range map[string]bool{`{"TunnelIndex":1,"EnableDpd":false}`: false, `{"TunnelIndex":1,"Role":"slave"}`: true, `{"TunnelIndex":1,"Role":"master"}`: false} {
		send, _ := attachment.Merge(attachment.Parse(tunnels(item), attachment.FromEvent), mustCurrent(t, "dual.json"))
		if got := string(send.AppendJSON(nil, true)); strings.Contains(got, `"Role":"slave"`) != sent || strings.Contains(got, `"Role":"master"`) {
			t.Errorf("%s: got %s", item, got)
		}
	}
}
