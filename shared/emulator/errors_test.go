package emulator_test

import (
	"strings"
	"testing"
	"time"

	"vpnattach/shared/core/secret"
	"vpnattach/shared/emulator"
)

// pageCodes is the API page's table of error codes.
const pageCodes = `
400 VpnConnection.Configuring
400 VpnConnection.FinancialLocked
400 InvalidName
400 VpnRouteEntry.AlreadyExists
400 VpnRouteEntry.Conflict
400 NotSupportVpnConnectionParameter.IpsecPfs
400 NotSupportVpnConnectionParameter.IpsecAuthAlg
400 VpnRouteEntry.BackupRoute
400 VpnRouteEntry.InvalidWeight
400 MissingParameter.TunnelCidr
400 OperationUnsupported.EnableBgp
400 MissingParam.CustomerGatewayAsn
400 IllegalParam.LocalAsn
400 IllegalParam.BgpConfig
400 IllegalParam.TunnelCidr
400 InvalidLocalBgpIp.Malformed
400 IllegalParam.LocalBgpIp
400 IllegalParam.LocalSubnet
400 IllegalParam.RemoteSubnet
400 CustomerGateway.ConflictRouteEntry
400 IllegalParam.NetworkType
400 InvalidTunnelCidr.Malformed
400 InvalidVpnGatewayInstanceId.NotFound
400 Resource.QuotaFull
400 CreateDbrRoutesQuotaFull.QuotaFull
400 CreatePbrRoutesQuotaFull.QuotaFull
403 Forbbiden.SubUser
403 Forbidden
404 InvalidVpnConnectionInstanceId.NotFound`

// provocation is a Modify that is answered with one error code.
type provocation struct {
	code      string
	to        params // the attachment; vco-localsingle by default
	with      params
	condition string                 // the attachment is in this state
	denial    *emulator.Denial       // the account lacks a permission
	before    func(*harness, params) // what happens first
	message   string                 // what the message has to hold
	config    func(*emulator.Config) // how the emulator is set
}

var (
	newSubnets  = params{"LocalSubnet": "10.99.0.0/24", "RemoteSubnet": "192.168.99.0/24"}
	destination = params{"LocalSubnet": "0.0.0.0/0", "RemoteSubnet": "0.0.0.0/0"}
)

func bgp(members string) params { return params{"BgpConfig": "{" + members + "}"} }

var provocations = []provocation{
	{code: "VpnConnection.Configuring", with: params{"Name": "b"},
		config: func(c *emulator.Config) { c.UpdateTime = time.Minute },
		before: func(h *harness, p params) { h.modify(p.with(params{"Name": "a"})) }},
	{code: "VpnConnection.Configuring", condition: "VpnConnection.Configuring", with: params{"Name": "b"}},
	{code: "VpnConnection.FinancialLocked", condition: "VpnConnection.FinancialLocked", with: params{"Name": "b"}},
	{code: "InvalidName", with: params{"Name": "https://example.com"}},
	{code: "InvalidName", with: params{"Name": ""}},
	{code: "InvalidName", with: params{"Name": strings.Repeat("é", 101)}},
	{code: "VpnRouteEntry.AlreadyExists", condition: "VpnRouteEntry.AlreadyExists", with: newSubnets},
	{code: "VpnRouteEntry.Conflict", condition: "VpnRouteEntry.Conflict", with: newSubnets},
	{code: "VpnRouteEntry.BackupRoute", condition: "VpnRouteEntry.BackupRoute", with: newSubnets},
	{code: "VpnRouteEntry.InvalidWeight", condition: "VpnRouteEntry.InvalidWeight", with: newSubnets},
	{code: "CreateDbrRoutesQuotaFull.QuotaFull", condition: "CreateDbrRoutesQuotaFull.QuotaFull", with: destination},
	{code: "CreatePbrRoutesQuotaFull.QuotaFull", condition: "CreatePbrRoutesQuotaFull.QuotaFull", with: newSubnets},
	{code: "CustomerGateway.ConflictRouteEntry", condition: "CustomerGateway.ConflictRouteEntry", with: params{"CustomerGatewayId": "cgw-local2"}},
	{code: "InvalidVpnGatewayInstanceId.NotFound", condition: "InvalidVpnGatewayInstanceId.NotFound", with: params{"Name": "b"}},
	{code: "Resource.QuotaFull", condition: "Resource.QuotaFull", with: params{"Name": "b"}},
	{code: "OperationUnsupported.EnableBgp", condition: "OperationUnsupported.EnableBgp",
		with: bgp(`"EnableBgp":"true","TunnelCidr":"169.254.11.0/30","LocalBgpIp":"169.254.11.1"`)},
	{code: "OperationUnsupported.EnableBgp", condition: "OperationUnsupported.EnableBgp", to: dual, with: params{"EnableTunnelsBgp": "true"}},
	{code: "NotSupportVpnConnectionParameter.IpsecPfs", with: params{"IpsecConfig": `{"IpsecPfs":"group24"}`}},
	{code: "NotSupportVpnConnectionParameter.IpsecAuthAlg", with: params{"IpsecConfig": `{"IpsecAuthAlg":"sm3"}`}},
	{code: "NotSupportVpnConnectionParameter.IpsecPfs", to: dual, with: params{"TunnelOptionsSpecification.1.TunnelIpsecConfig.IpsecPfs": "none"}},
	{code: "MissingParameter.TunnelCidr", with: bgp(`"EnableBgp":"true"`)},
	{code: "MissingParameter.TunnelCidr", to: dual, with: params{"TunnelOptionsSpecification.1.TunnelIndex": "1"},
		config: func(c *emulator.Config) { c.Partial = emulator.PartialReset }},
	{code: "MissingParameter.TunnelCidr", to: dual, with: params{"EnableTunnelsBgp": "true"}, // both tunnels need it
		before: func(h *harness, p params) {
			h.modify(p.with(params{"EnableTunnelsBgp": "false", "TunnelOptionsSpecification.1.TunnelIndex": "2",
				"TunnelOptionsSpecification.1.TunnelBgpConfig.TunnelCidr": "", "TunnelOptionsSpecification.1.TunnelBgpConfig.LocalBgpIp": ""}))
		}},
	{code: "MissingParam.CustomerGatewayAsn", before: func(h *harness, p params) {
		g := h.must("CreateCustomerGateway", params{"RegionId": "cn-hangzhou", "IpAddress": "198.51.100.9"})
		p["CustomerGatewayId"] = g.text("CustomerGatewayId")
	}},
	{code: "IllegalParam.LocalAsn", with: bgp(`"EnableBgp":true,"LocalAsn":0`)},
	{code: "IllegalParam.LocalAsn", with: bgp(`"LocalAsn":"65536.1"`)},
	{code: "IllegalParam.LocalAsn", to: dual, with: params{"TunnelOptionsSpecification.1.TunnelBgpConfig.LocalAsn": "4294967296"}},
	{code: "IllegalParam.BgpConfig", with: bgp(`"EnableBgp":"yes"`)},
	{code: "IllegalParam.BgpConfig", with: params{"BgpConfig": `{"EnableBgp":`}},
	{code: "IllegalParam.BgpConfig", with: params{"BgpConfig": `{"EnableBgp":["true"]}`}},
	{code: "IllegalParam.BgpConfig", with: params{"BgpConfig": `null`}},
	{code: "IllegalParam.TunnelCidr", with: bgp(`"TunnelCidr":"169.254.11.0/29"`)},
	{code: "IllegalParam.TunnelCidr", with: bgp(`"TunnelCidr":"10.0.0.0/30"`)},
	{code: "IllegalParam.TunnelCidr", with: bgp(`"TunnelCidr":"169.254.6.0/30"`)},
	{code: "IllegalParam.TunnelCidr", to: dual, with: params{
		"TunnelOptionsSpecification.1.TunnelIndex": "1", "TunnelOptionsSpecification.1.TunnelBgpConfig.TunnelCidr": "169.254.21.0/30",
		"TunnelOptionsSpecification.1.TunnelBgpConfig.LocalBgpIp": "169.254.21.2"}},
	{code: "InvalidTunnelCidr.Malformed", with: bgp(`"TunnelCidr":"169.254.11.0"`)},
	{code: "InvalidLocalBgpIp.Malformed", with: bgp(`"TunnelCidr":"169.254.11.0/30","LocalBgpIp":"169.254.11"`)},
	{code: "IllegalParam.LocalBgpIp", with: bgp(`"TunnelCidr":"169.254.11.0/30","LocalBgpIp":"169.254.11.5"`)},
	{code: "IllegalParam.LocalBgpIp", with: bgp(`"LocalBgpIp":"169.254.11.1"`)},
	{code: "IllegalParam.LocalBgpIp", with: bgp(`"EnableBgp":"true","TunnelCidr":"169.254.11.0/30"`)},
	{code: "IllegalParam.LocalSubnet", with: params{"LocalSubnet": "10.0.0.0/33"}, message: "(10.0.0.0/33)"},
	{code: "IllegalParam.LocalSubnet", with: params{"LocalSubnet": "10.0.0.0/24, 10.0.1.0/24"}},
	{code: "IllegalParam.RemoteSubnet", with: params{"RemoteSubnet": "fd00::/8"}, message: "(fd00::/8)"},
	{code: "IllegalParam.NetworkType", with: params{"NetworkType": "private"}, message: "(private)"},
	{code: "IllegalParam.NetworkType", with: params{"NetworkType": "vpc"}, message: "(vpc)"},
	{code: "Forbbiden.SubUser", denial: &emulator.Denial{Code: "Forbbiden.SubUser"}},
	{code: "Forbidden", denial: &emulator.Denial{Action: "ModifyVpnAttachmentAttribute", VpnConnectionID: "vco-localsingle", Code: "Forbidden"}},
	{code: "InvalidVpnConnectionInstanceId.NotFound", to: params{"RegionId": "cn-hangzhou", "VpnConnectionId": "vco-none"}},
	{code: "InvalidVpnConnectionInstanceId.NotFound", to: params{"RegionId": "cn-shanghai", "VpnConnectionId": "vco-localsingle"}},

	// Codes that the page does not list.
	{code: "Forbidden.RAM", denial: &emulator.Denial{Action: "ModifyVpnAttachmentAttribute"}},
	{code: "MissingRegionId", to: params{"VpnConnectionId": "vco-localsingle"}},
	{code: "MissingVpnConnectionId", to: params{"RegionId": "cn-hangzhou"}},
	{code: "InvalidRegionId.NotFound", to: params{"RegionId": "cn-nowhere", "VpnConnectionId": "vco-localsingle"}},
	{code: "MissingRemoteSubnet", with: params{"LocalSubnet": "10.0.0.0/24"}, config: func(c *emulator.Config) { c.RequireSubnets = true }},
	{code: "UnsupportedParameter", with: params{"EnableTunnelsBgp": "false"}, message: "EnableTunnelsBgp"},
	{code: "UnsupportedParameter", with: params{"TunnelOptionsSpecification.1.EnableDpd": "true"}, message: "TunnelOptionsSpecification"},
	{code: "UnsupportedParameter", to: dual, with: params{"IkeConfig": "{}"}, message: "IkeConfig"},
	{code: "UnsupportedParameter", to: dual, with: params{"EnableDpd": "true"}, message: "EnableDpd"},
	{code: "InvalidCustomerGatewayInstanceId.NotFound", with: params{"CustomerGatewayId": "cgw-none"}},
	{code: "IllegalParam.Psk", with: params{"IkeConfig": `{"Psk":"two words"}`}},
	{code: "IllegalParam.Psk", with: params{"IkeConfig": `{"Psk":"` + strings.Repeat("k", 101) + `"}`}},
	{code: "IllegalParam.IkePfs", with: params{"IkeConfig": `{"IkePfs":"disabled"}`}},
	{code: "IllegalParam.IkeLifetime", with: params{"IkeConfig": `{"IkeLifetime":86401}`}},
	{code: "IllegalParam.LocalId", with: params{"IkeConfig": `{"LocalId":"a b"}`}},
	{code: "IllegalParam.IkeConfig", with: params{"IkeConfig": `{} {}`}},
	{code: "IllegalParam.HealthCheckConfig", with: params{"HealthCheckConfig": `{"interval":"often"}`}},
	{code: "IllegalParam.EnableDpd", with: params{"EnableDpd": "True"}},
	{code: "IllegalParam.EffectImmediately", with: params{"EffectImmediately": "1"}},
	{code: "IllegalParam.ClientToken", with: params{"ClientToken": "tökén"}},
	{code: "IllegalParam.Role", to: dual, with: params{"TunnelOptionsSpecification.1.Role": "slave"}},
	{code: "IllegalParam.Role", to: dual, with: params{"TunnelOptionsSpecification.1.Role": "leader"}},
	{code: "IllegalParam.TunnelIndex", to: dual, with: params{"TunnelOptionsSpecification.1.TunnelIndex": "3"}},
	{code: "IllegalParam.TunnelIndex", to: dual, with: params{"TunnelOptionsSpecification.1.TunnelIndex": "0"}},
	{code: "IllegalParam.TunnelId", to: dual, with: params{"TunnelOptionsSpecification.1.TunnelId": "tun-none"}},
	{code: "IllegalParam.TunnelId", to: dual, with: params{
		"TunnelOptionsSpecification.1.TunnelId": "tun-localdual1", "TunnelOptionsSpecification.1.TunnelIndex": "2"}},
	{code: "IllegalParam.TunnelOptionsSpecification", to: dual, with: params{"TunnelOptionsSpecification.0.TunnelIndex": "1"}},
}

func TestErrorCodes(t *testing.T) {
	t.Parallel()
	status := map[string]int{}
	for _, p := range provocations {
		t.Run(p.code, func(t *testing.T) {
			config := emulator.Config{}
			if p.config != nil {
				p.config(&config)
			}
			h := start(t, config)
			to := p.to
			if to == nil {
				to = single
			}
			request := to.with(p.with)
			if p.before != nil {
				p.before(h, request)
			}
			if p.condition != "" {
				if err := h.SetCondition(request["VpnConnectionId"], p.condition); err != nil {
					t.Fatal(err)
				}
			}
			if p.denial != nil {
				h.SetAccount(emulator.Account{AccessKeyID: "local", Secret: secret.New("local-secret"), Deny: []emulator.Denial{*p.denial}})
			}
			untouched := string(h.Describe("vco-localsingle")) + string(h.Describe("vco-localdual")) + string(h.Describe("vco-localfree"))
			a := h.refused(p.code, "ModifyVpnAttachmentAttribute", request)
			if !strings.Contains(a.text("Message"), p.message) || a.text("Message") == "" {
				t.Errorf("message: got %q, want one with %q", a.text("Message"), p.message)
			}
			for _, name := range []string{"RequestId", "HostId", "Recommend"} {
				if a.text(name) == "" {
					t.Errorf("the error has no %s: %s", name, a.raw)
				}
			}
			if page := h.get200(a.text("Recommend")); !strings.HasPrefix(page, p.code+" (HTTP ") {
				t.Errorf("%s: got page %q", a.text("Recommend"), page)
			}
			if got := string(h.Describe("vco-localsingle")) + string(h.Describe("vco-localdual")) + string(h.Describe("vco-localfree")); got != untouched {
				t.Error("a refused request had an effect")
			}
			status[p.code] = a.status
		})
	}
	for line := range strings.Lines(strings.TrimSpace(pageCodes)) {
		var want int
		line = strings.TrimSpace(line)
		code := line[4:]
		for _, digit := range line[:3] {
			want = want*10 + int(digit-'0')
		}
		if got := status[code]; got != want {
			t.Errorf("%s: got status %d, want %d", code, got, want)
		}
	}
}

// A condition affects only the changes that meet it.
func TestConditionsLetOtherChangesThrough(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		condition string
		with      params
	}{
		{"VpnRouteEntry.Conflict", params{"Name": "b"}},
		{"CreateDbrRoutesQuotaFull.QuotaFull", newSubnets},
		{"CreatePbrRoutesQuotaFull.QuotaFull", destination},
		{"OperationUnsupported.EnableBgp", params{"Name": "b"}},
		{"OperationUnsupported.EnableBgp", bgp(`"EnableBgp":"false"`)},
		{"CustomerGateway.ConflictRouteEntry", params{"EnableDpd": "false"}},
	} {
		h := start(t, emulator.Config{})
		if err := h.SetCondition("vco-localsingle", tt.condition); err != nil {
			t.Fatal(err)
		}
		h.modify(single.with(tt.with))
	}
	h := start(t, emulator.Config{})
	if err := h.SetCondition("vco-localsingle", "VpnConnection.FinancialLocked"); err != nil {
		t.Fatal(err)
	}
	if got, want := h.describe(single).text("State"), "financialLocked"; got != want {
		t.Errorf("State: got %s, want %s", got, want)
	}
	if err := h.SetCondition("vco-localsingle", ""); err != nil {
		t.Fatal(err)
	}
	h.modify(single.with(params{"Name": "b"}))
	if h.SetCondition("vco-localsingle", "InvalidName") == nil || h.SetCondition("vco-none", "") == nil {
		t.Error("an unknown condition or attachment was accepted")
	}
}
