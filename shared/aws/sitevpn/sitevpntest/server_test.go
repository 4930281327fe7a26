package sitevpntest_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"vpnattach/shared/aws/sitevpn/sitevpntest"
)

// TestRefused: what the API does not take, by requests that no client makes.
func TestRefused(t *testing.T) {
	t.Parallel()
	api := sitevpntest.New(sitevpntest.Config{Region: "eu-central-1"})
	api.Add(sitevpntest.Connection{ID: "vpn-1", Tunnels: [2]sitevpntest.Tunnel{{OutsideIP: "203.0.113.17", Key: "firstKey"}, {OutsideIP: "203.0.113.18", Key: "secondKey"}}})
	const describe = "Action=DescribeVpnConnections&Version=2016-11-15"
	signature := "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20261101/eu-central-1/ec2/aws4_request, SignedHeaders=host;x-amz-date;x-amz-security-token, Signature=" + strings.Repeat("0", 64)
	for _, tt := range []struct {
		name, url, body, signature, want string
	}{
		{"a list of all", "/", describe, signature, "<vpnConnectionId>vpn-1</vpnConnectionId>"},
		{"not signed", "/", describe, "", "AuthFailure"},
		{"signed for another region", "/", describe, strings.ReplaceAll(signature, "eu-central-1", "eu-west-1"), "AuthFailure"},
		{"signed for another service", "/", describe, strings.ReplaceAll(signature, "/ec2/", "/sts/"), "AuthFailure"},
		{"signed on another day", "/", describe, strings.ReplaceAll(signature, "20261101", "20261102"), "AuthFailure"},
		{"without the token signed", "/", describe, strings.ReplaceAll(signature, ";x-amz-security-token", ""), "AuthFailure"},
		{"in the URL", "/?" + describe, "", signature, "InvalidRequest"},
		{"another version", "/", strings.ReplaceAll(describe, "2016", "2015"), signature, "InvalidAction"},
		{"another action", "/", "Action=DeleteVpnConnection&Version=2016-11-15", signature, "InvalidAction"},
		{"a parameter that it does not know", "/", describe + "&VpnConnectionIds.1=vpn-1", signature, "UnknownParameter"},
		{"a parameter twice", "/", describe + "&DryRun=true&DryRun=true", signature, "UnknownParameter"},
		{"another connection", "/", describe + "&VpnConnectionId.1=vpn-2", signature, "InvalidVpnConnectionID.NotFound"},
		{"a status without a tunnel", "/", "Action=GetActiveVpnTunnelStatus&Version=2016-11-15&VpnConnectionId=vpn-1", signature, "MissingParameter"},
		{"the status of another tunnel", "/", "Action=GetActiveVpnTunnelStatus&Version=2016-11-15&VpnConnectionId=vpn-1&VpnTunnelOutsideIpAddress=203.0.113.19", signature, "InvalidParameterValue"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			request := httptest.NewRequest(http.MethodPost, tt.url, strings.NewReader(tt.body))
			request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			request.Header.Set("X-Amz-Date", "20261101T120000Z")
			request.Header.Set("X-Amz-Security-Token", "token")
			if tt.signature != "" {
				request.Header.Set("Authorization", tt.signature)
			}
			answer := httptest.NewRecorder()
			api.ServeHTTP(answer, request)
			text, _ := io.ReadAll(answer.Body)
			if !strings.Contains(string(text), tt.want) {
				t.Errorf("got %d %s, want %s", answer.Code, text, tt.want)
			}
		})
	}
}
