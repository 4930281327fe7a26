package attachment_test

import (
	"strings"
	"testing"

	"vpnattach/shared/core/attachment"
)

// TestWrongPlace: a key that stands where something else belongs is told by its length.
func TestWrongPlace(t *testing.T) {
	t.Parallel()
	for _, key := range []string{"Tr0ub4dorKeyAbcd1234", "QmFzZTY0S2V5Kw==", "deadbeefdeadbeef", "a1b2c3d4", "12345678901234567", "pre-shared-key-17", strings.Repeat("k", 300)} {
		for _, members := range []string{
			`"RemoteSubnet":"KEY"`, `"LocalSubnet":["KEY"]`, `"HealthCheckConfig":{"dip":"KEY"}`, `"BgpConfig":{"LocalBgpIp":"KEY","TunnelCidr":"KEY"}`,
			`"IkeConfig":{"IkePfs":"KEY","IkeAuthAlg":"KEY","IkeLifetime":"KEY"}`, `"NetworkType":"KEY"`, `"CustomerGatewayId":"KEY***"`,
			`"TunnelOptionsSpecification":[{"TunnelId":"KEY***","EnableDpd":true}]`,
		} {
			expectUntold(t, change(strings.ReplaceAll(members, "KEY", key)), key)
		}
		expectUntold(t, `{"RegionId":"`+key+`!","VpnConnectionId":"`+key+`"}`, key)
	}
	for _, key := range []string{"K9K9K9K9", "Tr0ub4dorKeyAbcd1234", "fYx3tQpL8sVw2NdKzR6mHb4c", strings.Repeat("k", 41), "QmFzZTY0S2V5Kw==", "with a blank", "line\\nend"} {
		for _, members := range []string{`"KEY":1`, `"IkeConfig":{"KEY":"x"}`, `"TunnelOptionsSpecification":[{"TunnelIndex":1,"KEY":true}]`} {
			expectUntold(t, change(strings.ReplaceAll(members, "KEY", key)), key)
		}
	}
}

func expectUntold(t *testing.T, document, key string) {
	t.Helper()
	found := attachment.Validate(attachment.Parse(document, attachment.FromEvent), nil, "")
	if !found.HasError() {
		t.Errorf("%s: no error", document)
	}
	if text := string(found.AppendJSON(nil)); strings.Contains(text, key) {
		t.Errorf("%s: got %s", document, text)
	}
}

// TestNearMisses: what looks like a value of the parameter is shown.
func TestNearMisses(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ document, shown string }{
		{change(`"RemoteSubnet":"10.0.0.256/24"`), `"10.0.0.256/24"`},
		{change(`"RemoteSubnet":"10.0.0.0/33"`), `"10.0.0.0/33"`},
		{change(`"HealthCheckConfig":{"dip":"fe80::1%x"}`), "a text of 9 characters"},
		{change(`"HealthCheckConfig":{"dip":"2001:db8::1"}`), `"2001:db8::1"`},
		{change(`"IkeConfig":{"IkePfs":"group3"}`), `"group3"`},
		{change(`"IkeConfig":{"IkeAuthAlg":"SHA-256"}`), `"SHA-256"`},
		{change(`"IkeConfig":{"IkeLifetime":864001}`), "IkeLifetime is 864001, not"},
		{`{"RegionId":"EU_Central-1","VpnConnectionId":"vco-1"}`, `"EU_Central-1"`},
		{`{"RegionId":"cn-hangzhou","VpnConnectionId":"vpn-123abc"}`, `"vpn-123abc"`},
		{change(`"CustomerGatewayId":"cgw-p0w2****"`), `"cgw-p0w2****"`},
		{change(`"PreSharedKey":"x"`), "unknown parameter PreSharedKey"},
		{change(`"IkeConfig":{"x-amz-1":1}`), "IkeConfig has no field x-amz-1"},
		{change(`"` + strings.Repeat("k", 300) + `":1`), "unknown parameter (300 characters)"},
	} {
		found := attachment.Validate(attachment.Parse(tt.document, attachment.FromEvent), nil, "")
		var text strings.Builder
		for _, f := range found {
			text.WriteString(f.Path + ": " + f.Message + "\n")
		}
		if !strings.Contains(text.String(), tt.shown) {
			t.Errorf("%s: got %s", tt.document, text.String())
		}
	}
}
