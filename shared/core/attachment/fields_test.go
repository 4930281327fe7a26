package attachment_test

import (
	"slices"
	"testing"

	"vpnattach/shared/core/attachment"
)

func TestFields(t *testing.T) {
	t.Parallel()
	c := attachment.Parse(`{"RegionId":"r","VpnConnectionId":"v","ClientToken":"t","EffectImmediately":true,"AutoConfigRoute":true,"RemoteCaCert":"c","OwnerAccount":"o",
		"BgpConfig":{"LocalBgpIp":"169.254.11.1","TunnelCidr":"169.254.11.0/30"},"IkeConfig":{"Psk":"secret-1"},"Name":"n",
		"TunnelOptionsSpecification":[{"TunnelIndex":2,"EnableDpd":true},{"TunnelIndex":1,"TunnelIkeConfig":{"IkeVersion":"ikev2"}}]}`, attachment.FromEvent)
	var got []string
	copied := new(attachment.Change)
	for _, f := range c.Fields() {
		got = append(got, f.Name())
		if again, ok := attachment.FieldNamed(f.Name()); !ok || again != f {
			t.Errorf("FieldNamed(%s): got %v, %v", f.Name(), again, ok)
		}
		if _, ok := attachment.Lookup(f.Name()); !ok {
			t.Errorf("Lookup does not know %s", f.Name())
		}
		copied.Set(f, c.Get(f))
	}
	want := []string{"Name", "EffectImmediately", "AutoConfigRoute", "IkeConfig.Psk", "BgpConfig.TunnelCidr", "BgpConfig.LocalBgpIp", "Tunnel.2.EnableDpd", "Tunnel.1.TunnelIkeConfig.IkeVersion"}
	if !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	copied.TakeAlong(c)
	text := string(copied.AppendJSON(nil, true))
	const wantText = `{"Name":"n","EffectImmediately":true,"IkeConfig":{"Psk":"secret-1"},` +
		`"BgpConfig":{"TunnelCidr":"169.254.11.0/30","LocalBgpIp":"169.254.11.1"},"AutoConfigRoute":true,"RemoteCaCert":"c","TunnelOptionsSpecification":[{"TunnelIndex":2,"EnableDpd":true},` +
		`{"TunnelIndex":1,"TunnelIkeConfig":{"IkeVersion":"ikev2"}}],"OwnerAccount":"o"}`
	if text != wantText {
		t.Errorf("got  %s\nwant %s", text, wantText)
	}
	for _, name := range []string{"", "RegionId", "RemoteCaCert", "Tunnel.1.TunnelIndex", "Tunnel.3.EnableDpd", "IkeConfig"} {
		if f, ok := attachment.FieldNamed(name); ok {
			t.Errorf("FieldNamed(%q): got %s", name, f.Name())
		}
	}
}

func TestPartners(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"BgpConfig.TunnelCidr": "BgpConfig.LocalBgpIp", "Tunnel.2.TunnelBgpConfig.LocalBgpIp": "Tunnel.2.TunnelBgpConfig.TunnelCidr",
		"HealthCheckConfig.sip": "HealthCheckConfig.dip", "Name": "", "BgpConfig.LocalAsn": "",
	} {
		f, ok := attachment.FieldNamed(name)
		got := ""
		for _, other := range f.Partners() {
			got += other.Name()
		}
		if !ok || got != want {
			t.Errorf("%s: got %q, %v, want %q", name, got, ok, want)
		}
	}
	for pair, want := range map[[2]string]bool{
		{"169.254.10.0/30", "169.254.10.2"}: true, {"169.254.10.1/30", "169.254.10.3"}: true, {"169.254.10.0/30", "169.254.10.4"}: false,
		{"", "169.254.10.4"}: true, {"169.254.10.0/30", ""}: true,
	} {
		for _, object := range []string{"BgpConfig.", "Tunnel.2.TunnelBgpConfig."} {
			var c attachment.Change
			for i, name := range []string{"TunnelCidr", "LocalBgpIp"} {
				f, _ := attachment.FieldNamed(object + name)
				if pair[i] != "" {
					c.Set(f, attachment.NewValue(pair[i]))
				}
				if i == 1 && c.Fits(f) != want {
					t.Errorf("%s%v: got %v", object, pair, !want)
				}
			}
		}
	}
}

func TestResolve(t *testing.T) {
	t.Parallel()
	dual := mustCurrent(t, "dual.json")
	first, second := dual.Tunnels[0].ID, dual.Tunnels[1].ID
	tests := []struct {
		name, items, want string // want: empty when it can't be resolved
	}{
		{"by id", `[{"TunnelId":"` + second + `","EnableDpd":true}]`, `[{"TunnelIndex":2,"EnableDpd":true}]`},
		{"by both", `[{"TunnelId":"` + first + `","TunnelIndex":1,"EnableDpd":true}]`, `[{"TunnelIndex":1,"EnableDpd":true}]`},
		{"that do not fit", `[{"TunnelId":"` + first + `","TunnelIndex":2,"EnableDpd":true}]`, ""},
		{"by an unknown id", `[{"TunnelId":"tun-x","EnableDpd":true}]`, ""},
		{"one twice", `[{"TunnelId":"` + first + `","EnableDpd":true},{"TunnelIndex":1,"EnableDpd":false}]`, ""},
		{"by nothing", `[{"EnableDpd":true}]`, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			c := attachment.Parse(`{"TunnelOptionsSpecification":`+tt.items+`}`, attachment.FromEvent)
			resolved, ok := c.Resolve(dual)
			got := ""
			if ok {
				got = string(resolved.AppendJSON(nil, true))
			}
			want := tt.want
			if want != "" {
				want = `{"TunnelOptionsSpecification":` + want + `}`
			}
			if got != want {
				t.Errorf("got %q, want %q", got, want)
			}
		})
	}
}

func TestShows(t *testing.T) {
	t.Parallel()
	parse := func(answer string) *attachment.Current {
		current, err := attachment.ParseCurrent(answer)
		if err != nil {
			t.Fatal(err)
		}
		return current
	}
	current := parse(`{"State":"attached","VpnConnectionId":"v","LocalSubnet":"10.0.0.0/8,10.1.0.0/16","IkeConfig":{"Psk":"1234****","IkeLifetime":3600},
		"TunnelOptionsSpecification":{"TunnelOptions":[{"TunnelIndex":1,"TunnelIkeConfig":{"Psk":"clear-key"}},{"EnableDpd":"false"}]}}`)
	for _, tt := range []struct {
		name, value string
		same, known bool
	}{
		{"LocalSubnet", "10.1.0.0/16,10.0.0.0/8", true, true},
		{"LocalSubnet", "10.0.0.0/8", false, true},
		{"IkeConfig.IkeLifetime", "3600", true, true},
		{"IkeConfig.Psk", "1234", false, false},
		{"Tunnel.1.TunnelIkeConfig.Psk", "clear-key", true, true},
		{"Tunnel.1.TunnelIkeConfig.Psk", "another", false, true},
		{"Tunnel.2.TunnelIkeConfig.Psk", "clear-key", false, false},
		{"Tunnel.2.EnableDpd", "false", true, true},
		{"Name", "x", false, true},
		{"AutoConfigRoute", "true", false, false},
	} {
		f, _ := attachment.FieldNamed(tt.name)
		if same, known := current.Shows(f, tt.value); same != tt.same || known != tt.known {
			t.Errorf("%s is %s: got %v, %v, want %v, %v", tt.name, tt.value, same, known, tt.same, tt.known)
		}
	}
	for state, want := range map[string]bool{"attached": true, "init": true, "active": true, "updating": false, "deleted": false, "financialLocked": false} {
		if got := parse(`{"VpnConnectionId":"v","State":"` + state + `"}`).Settled(); got != want {
			t.Errorf("%s is settled: got %v, want %v", state, got, want)
		}
	}
	tunnels := `{"VpnConnectionId":"v","State":"attached","TunnelOptionsSpecification":[{"TunnelIndex":1,"State":"active"},{"TunnelIndex":2,"State":"updating"}]}`
	if parse(tunnels).Settled() {
		t.Error("a tunnel that is updating is settled")
	}
}
