package server_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/tidwall/gjson"

	"vpnattach/functions/local/server"
	"vpnattach/shared/core/attachment"
)

// TestAttachments: the page can show what the VPC API says, but for the keys.
func TestAttachments(t *testing.T) {
	t.Parallel()
	r := start(t, stateDir(t), nil)
	response, list := r.do(http.MethodGet, r.events+"/attachments", "")
	if response.StatusCode != http.StatusOK || gjson.Get(list, "attachments.#").Int() != 3 {
		t.Fatalf("HTTP %d: %s", response.StatusCode, list)
	}
	const rotated = "AttachmentTestKey2026NotASecret"
	r.one(`{"RegionId":"cn-hangzhou","VpnConnectionId":"vco-localsingle","IkeConfig":{"Psk":"` + rotated + `"}}`)
	for _, a := range gjson.Get(list, "attachments").Array() {
		id := a.Get("vpnConnectionId").Str
		response, text := r.do(http.MethodGet, r.events+"/attachments/"+a.Get("regionId").Str+"/"+id, "")
		if response.StatusCode != http.StatusOK {
			t.Fatalf("%s: HTTP %d: %s", id, response.StatusCode, text)
		}
		current, err := attachment.ParseCurrent(text)
		if err != nil || current.VpnConnectionID != id || current.Dual != a.Get("dual").Bool() || current.State == "" {
			t.Errorf("%s: %v, read as %+v", id, err, current)
		}
		if current.Dual && (current.Tunnels[1].ID == "" || current.Tunnels[1].Status == "") {
			t.Errorf("%s: the second tunnel is %+v", id, current.Tunnels[1])
		}
		keys := 0
		for _, key := range append(gjson.Get(text, "TunnelOptionsSpecification.#.TunnelIkeConfig.Psk").Array(), gjson.Get(text, "IkeConfig.Psk")) {
			if key.Exists() && key.Str != "***" {
				t.Errorf("%s: a key is shown", id)
			}
			if key.Exists() {
				keys++
			}
		}
		if keys == 0 {
			t.Errorf("%s: nothing says that there is a key", id)
		}
	}
	if strings.Contains(r.emitted.String(), rotated) {
		t.Error("an answer has the key")
	}
	response, text := r.do(http.MethodGet, r.events+"/attachments/cn-hangzhou/vco-none", "")
	if response.StatusCode != http.StatusBadRequest || !strings.HasPrefix(gjson.Get(text, "error.code").Str, "InvalidVpnConnectionInstanceId") || gjson.Get(text, "error.hint").Str != "Check VpnConnectionId and RegionId, and whose access key is used." {
		t.Errorf("HTTP %d: %s", response.StatusCode, text)
	}
	for _, header := range [][]string{{"Origin", "https://example.com"}, {"Sec-Fetch-Site", "cross-site"}, {"Host", "example.com"}} {
		for _, path := range []string{"/attachments", "/attachments/cn-hangzhou/vco-localsingle", "/service.js"} {
			if response, _ := r.do(http.MethodGet, r.events+path, "", header...); response.StatusCode != http.StatusForbidden {
				t.Errorf("%s with %v: HTTP %d", path, header, response.StatusCode)
			}
		}
	}
}

// TestService: the page knows by a script what it may send to, and what that would do.
func TestService(t *testing.T) {
	t.Parallel()
	emulated := start(t, stateDir(t), nil)
	other := start(t, stateDir(t), func(c *server.Config) { c.VPCEndpoint, c.Plan = emulated.vpc, true })
	host := strings.TrimPrefix(emulated.vpc, "http://")
	for _, c := range []struct {
		r    *running
		want string
	}{
		{emulated, `export const service = {"emulator":true,"endpoint":"","plan":false}` + "\n"},
		{other, `export const service = {"emulator":false,"endpoint":"` + host + `","plan":true}` + "\n"},
	} {
		response, text := c.r.do(http.MethodGet, c.r.events+"/service.js", "")
		if text != c.want || response.Header.Get("Content-Type") != "text/javascript; charset=utf-8" || response.Header.Get("Cache-Control") != "no-store" {
			t.Errorf("got %s with %v", text, response.Header)
		}
	}
	if _, list := other.do(http.MethodGet, other.events+"/attachments", ""); list != `{"attachments":[]}`+"\n" {
		t.Errorf("of another API it lists %s", list)
	}
	if _, text := other.do(http.MethodGet, other.events+"/attachments/cn-hangzhou/vco-localsingle", ""); gjson.Get(text, "VpnConnectionId").Str != "vco-localsingle" {
		t.Errorf("of another API it describes %s", text)
	}
}
