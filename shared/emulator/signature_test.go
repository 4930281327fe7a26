package emulator_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"vpnattach/shared/core/secret"
	"vpnattach/shared/emulator"
)

// hard is a name whose characters every encoding step has to keep.
const hard = `a b*c~d+e/中&=%"`

// Each signature, method and place of the parameters gets the same change done.
func TestSignedRequests(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name          string
		v1, get, form bool
		token         string
	}{
		{name: "V3 POST query"}, {name: "V3 POST form", form: true}, {name: "V3 GET", get: true}, {name: "V3 STS", token: "sts-token"},
		{name: "V1 POST query", v1: true}, {name: "V1 POST form", v1: true, form: true}, {name: "V1 GET", v1: true, get: true},
		{name: "V1 STS", v1: true, token: "sts-token"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			h := start(t, emulator.Config{Accounts: []emulator.Account{
				{AccessKeyID: "local", Secret: secret.New("local-secret"), SecurityToken: secret.New(tt.token)}}})
			h.v1, h.get, h.form, h.token = tt.v1, tt.get, tt.form, tt.token
			h.modify(single.with(params{"Name": hard}))
			if got := h.describe(single).text("Name"); got != hard {
				t.Errorf("Name: got %q, want %q", got, hard)
			}
			if !tt.get {
				h.modify(dual.with(params{
					"TunnelOptionsSpecification.2.TunnelIndex": "2", "TunnelOptionsSpecification.2.TunnelIkeConfig.Psk": "p@ss&word",
					"TunnelOptionsSpecification.2.TunnelBgpConfig.TunnelCidr": "169.254.40.0/30", "TunnelOptionsSpecification.2.TunnelBgpConfig.LocalBgpIp": "169.254.40.2"}))
				ike := h.describe(dual).tunnel(1)["TunnelIkeConfig"].(map[string]any)
				if got, want := ike["Psk"], "p@ss&word"; got != want {
					t.Errorf("Psk: got %q, want %q", got, want)
				}
			}
		})
	}
}

// Each fault of a signature has its own code, in both versions.
func TestRefusedSignatures(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name   string
		v1, v3 bool // the versions that the case is about
		code   string
		status int
		setup  func(*harness)
		spoil  func(*http.Request)
	}{
		{"unknown key", true, true, "InvalidAccessKeyId.NotFound", 404, func(h *harness) { h.key = "unknown" }, nil},
		{"inactive key", true, true, "InvalidAccessKeyId.Inactive", 400, func(h *harness) {
			h.SetAccount(emulator.Account{AccessKeyID: "local", Secret: secret.New("local-secret"), Inactive: true})
		}, nil},
		{"wrong secret", true, true, "SignatureDoesNotMatch", 400, func(h *harness) { h.pass = "guess" }, nil},
		{"clock behind", true, true, "InvalidTimeStamp.Expired", 400, nil, nil},
		{"no security token", true, true, "MissingSecurityToken", 400, func(h *harness) {
			h.SetAccount(emulator.Account{AccessKeyID: "local", Secret: secret.New("local-secret"), SecurityToken: secret.New("t")})
		}, nil},
		{"wrong security token", true, true, "InvalidSecurityToken.MismatchWithAccessKey", 400, func(h *harness) { h.token = "other" }, nil},
		{"changed query", true, true, "SignatureDoesNotMatch", 400, nil, func(r *http.Request) { r.URL.RawQuery += "&Name=x" }},
		{"parameter twice", true, true, "InvalidParameter", 400, nil, func(r *http.Request) { r.URL.RawQuery += "&RegionId=cn-hangzhou" }},
		{"bad escape", true, true, "InvalidParameter", 400, nil, func(r *http.Request) { r.URL.RawQuery += "&a=%zz" }},
		{"other method", true, true, "UnsupportedHTTPMethod", 400, nil, func(r *http.Request) { r.Method = http.MethodPut }},
		{"other path", true, true, "InvalidApi.NotFound", 404, nil, func(r *http.Request) { r.URL.Path = "/api" }},
		{"GET signed as POST", true, true, "SignatureDoesNotMatch", 400, nil, func(r *http.Request) { r.Method = http.MethodGet }},
		{"no signature at all", false, true, "IncompleteSignature", 400, nil, func(r *http.Request) { r.Header.Del("Authorization") }},
		{"no nonce", false, true, "IncompleteSignature", 400, nil, func(r *http.Request) { r.Header.Del("x-acs-signature-nonce") }},
		{"bad date", false, true, "InvalidTimeStamp.Format", 400, nil, func(r *http.Request) { r.Header.Set("x-acs-date", "today") }},
		{"changed action", false, true, "SignatureDoesNotMatch", 400, nil, func(r *http.Request) { r.Header.Set("x-acs-action", "DescribeRegions") }},
		{"unsigned header", false, true, "IncompleteSignature", 400, nil, func(r *http.Request) { r.Header.Set("x-acs-extra", "1") }},
		{"wrong body hash", false, true, "SignatureDoesNotMatch", 400, nil, func(r *http.Request) {
			r.Header.Set("x-acs-content-sha256", strings.Repeat("0", 64))
		}},
		{"host not signed", false, true, "IncompleteSignature", 400, nil, func(r *http.Request) {
			r.Header.Set("Authorization", strings.Replace(r.Header.Get("Authorization"), "=host;", "=", 1))
		}},
		{"no Signature field", false, true, "IncompleteSignature", 400, nil, func(r *http.Request) {
			r.Header.Set("Authorization", strings.Replace(r.Header.Get("Authorization"), ",Signature=", ",Sign=", 1))
		}},
		{"other V1 method", true, false, "IncompleteSignature", 400, nil, func(r *http.Request) {
			r.URL.RawQuery = strings.Replace(r.URL.RawQuery, "HMAC-SHA1", "HMAC-SHA256", 1)
		}},
		{"bad timestamp", true, false, "InvalidTimeStamp.Format", 400, nil, func(r *http.Request) {
			r.URL.RawQuery = strings.Replace(r.URL.RawQuery, "Timestamp=2026", "Timestamp=26", 1)
		}},
		{"no V1 nonce", true, false, "IncompleteSignature", 400, nil, func(r *http.Request) {
			r.URL.RawQuery = strings.Replace(r.URL.RawQuery, "SignatureNonce", "Nonce", 1)
		}},
	} {
		for _, v1 := range []bool{true, false} {
			if v1 && !tt.v1 || !v1 && !tt.v3 {
				continue
			}
			t.Run(tt.name, func(t *testing.T) {
				t.Parallel()
				h := start(t, emulator.Config{})
				h.v1 = v1
				if tt.setup != nil {
					tt.setup(h)
				}
				req := h.request("DescribeVpnConnection", single)
				if tt.code == "InvalidTimeStamp.Expired" {
					h.clock.Advance(15*time.Minute + time.Second)
				}
				if tt.spoil != nil {
					tt.spoil(req)
				}
				a, err := send(req)
				if err != nil {
					t.Fatal(err)
				}
				if a.text("Code") != tt.code || a.status != tt.status {
					t.Errorf("got %d %s, want %d %s", a.status, a.raw, tt.status, tt.code)
				}
				if strings.Contains(string(a.raw), "local-secret") {
					t.Error("the answer holds the secret")
				}
			})
		}
	}
}

// A nonce works once, and is forgotten only when its request is too old anyway.
func TestNonceReplay(t *testing.T) {
	t.Parallel()
	for _, v1 := range []bool{true, false} {
		h := start(t, emulator.Config{})
		h.v1 = v1
		replay := func() string {
			req := h.request("DescribeVpnConnection", single)
			if _, err := send(req.Clone(t.Context())); err != nil {
				t.Fatal(err)
			}
			h.clock.Advance(14 * time.Minute)
			a, err := send(req.Clone(t.Context()))
			if err != nil {
				t.Fatal(err)
			}
			return a.text("Code")
		}
		for range 8 {
			if got, want := replay(), "SignatureNonceUsed"; got != want {
				t.Fatalf("V1 %v: got %q, want %s", v1, got, want)
			}
		}
		h.clock.Advance(24 * time.Hour)
		if got, want := replay(), "SignatureNonceUsed"; got != want {
			t.Errorf("after a day: got %q, want %s", got, want)
		}
	}
}

func TestUnknownActionAndVersion(t *testing.T) {
	t.Parallel()
	for _, v1 := range []bool{true, false} {
		h := start(t, emulator.Config{})
		h.v1 = v1
		h.refused("InvalidApi.NotFound", "DeleteEverything", single)
		h.refused("InvalidApi.NotFound", "", single)
		h.version = "2014-05-26"
		h.refused("InvalidApi.NotFound", "DescribeVpnConnection", single)
	}
}
