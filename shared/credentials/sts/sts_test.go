package sts_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"vpnattach/shared/core/request"
	"vpnattach/shared/core/secret"
	"vpnattach/shared/credentials"
	"vpnattach/shared/credentials/sts"
	"vpnattach/shared/credentials/ststest"
	"vpnattach/shared/outcome"
)

const (
	subject    = "arn:aws:iam::123456789012:role/apply"
	keySecret  = "temporary-s3cret"
	tokenOfKey = "security-t0ken"
)

var role = credentials.Role{
	ProviderARN: "acs:ram::1135:oidc-provider/vpnattach", RoleARN: "acs:ram::1135:role/vpnattach", Audience: "vpnattach",
}

func issue() request.Credentials {
	return request.Credentials{AccessKeyID: "STS.1", AccessKeySecret: secret.New(keySecret), SecurityToken: secret.New(tokenOfKey)}
}

// services are both stand-ins, which trust each other.
func services(t *testing.T) (*ststest.AWS, *ststest.Alibaba, *sts.Client) {
	t.Helper()
	aws, alibaba := ststest.NewAWS("eu-central-1", role.Audience, subject), ststest.NewAlibaba(issue)
	issuer, endpoint := httptest.NewServer(aws), httptest.NewServer(alibaba)
	t.Cleanup(issuer.Close)
	t.Cleanup(endpoint.Close)
	aws.Issuer = issuer.URL
	alibaba.Trust(role, aws.Issuer, subject)
	return aws, alibaba, mustNew(t, sts.Config{Endpoint: endpoint.URL, SessionName: "vpnattach apply"})
}

func mustNew(t *testing.T, config sts.Config) *sts.Client {
	t.Helper()
	client, err := sts.New(config)
	if err != nil {
		t.Fatal(err)
	}
	return client
}

func TestAssumeRoleWithOIDC(t *testing.T) {
	t.Parallel()
	aws, alibaba, client := services(t)
	session, err := client.AssumeRoleWithOIDC(t.Context(), role, secret.New(aws.Sign(nil)))
	if err != nil {
		t.Fatal(err)
	}
	key := session.Credentials
	if key.AccessKeyID != "STS.1" || key.AccessKeySecret.Reveal() != keySecret || key.SecurityToken.Reveal() != tokenOfKey {
		t.Error("got another key")
	}
	if lasts := time.Until(session.Expires); lasts < 59*time.Minute || lasts > time.Hour {
		t.Errorf("it lasts %v", lasts)
	}
	want := ststest.Call{Policy: sts.Policy, RoleSession: "vpnattach-apply", Duration: time.Hour, RoleARN: role.RoleARN, ProviderARN: role.ProviderARN}
	if got := alibaba.Calls(); len(got) != 1 || got[0] != want {
		t.Errorf("got %+v", got)
	}
}

// TestUntrusted: whatever is wrong with the trust is told by its code, blocks, and is
// told without the token.
func TestUntrusted(t *testing.T) {
	t.Parallel()
	now := time.Now()
	with := func(name string, value any) func(*ststest.AWS) string {
		return func(a *ststest.AWS) string { return a.Sign(map[string]any{name: value}) }
	}
	const token = "AuthenticationFail.OIDCToken."
	for _, tt := range []struct {
		name, want string
		token      func(*ststest.AWS) string
		role       credentials.Role
	}{
		{"expired", token + "Expired", with("exp", now.Add(-time.Second).Unix()), role},
		{"issued long ago", token + "Expired", with("iat", now.Add(-13*time.Hour).Unix()), role},
		{"from the future", token + "Invalid", with("iat", now.Add(time.Hour).Unix()), role},
		{"not yet valid", token + "Invalid", with("nbf", now.Add(time.Hour).Unix()), role},
		{"without an end", token + "Invalid", with("exp", nil), role},
		{"for another audience", token + "AudienceNotMatch", with("aud", "somebody"), role},
		{"of another issuer", token + "IssuerNotMatch", with("iss", "https://example.com"), role},
		{"of another subject", "AuthenticationFail.NoPermission", with("sub", "arn:aws:iam::123456789012:role/other"), role},
		{"changed", token + "Invalid", func(a *ststest.AWS) string {
			parts := strings.Split(a.Sign(nil), ".")
			return parts[0] + "." + parts[1] + "." + strings.Split(a.Sign(nil), ".")[2]
		}, role},
		{"by a key that is not published", token + "Invalid", func(a *ststest.AWS) string {
			other := ststest.NewAWS(a.Region, a.Audience, a.Subject)
			other.NewKey()
			other.Issuer = a.Issuer
			return other.Sign(nil)
		}, role},
		{"by another algorithm", token + "Invalid", func(a *ststest.AWS) string {
			return a.SignAs(map[string]string{"alg": "none"}, map[string]any{"iss": a.Issuer})
		}, role},
		{"not a token", token + "Invalid", func(*ststest.AWS) string { return "a.secret.text" }, role},
		{"no such provider", "AuthenticationFail.NoPermission", with("x", 1), credentials.Role{ProviderARN: "acs:ram::1:oidc-provider/x", RoleARN: role.RoleARN}},
		{"no such role", "EntityNotExist.Role", with("x", 1), credentials.Role{ProviderARN: role.ProviderARN, RoleARN: "acs:ram::1:role/x"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			aws, alibaba, client := services(t)
			text := tt.token(aws)
			_, err := client.AssumeRoleWithOIDC(t.Context(), tt.role, secret.New(text))
			got := mustBeError(t, err, text)
			if got.Code != tt.want || got.Class != outcome.ClassBlocked || got.Remedy == "" || got.RequestID == "" {
				t.Errorf("got %+v", got)
			}
			if calls := alibaba.Calls(); len(calls) != 1 || calls[0].Code != tt.want {
				t.Errorf("got %+v", calls)
			}
		})
	}
}

// mustBeError checks that no text of the error holds a secret.
func mustBeError(t *testing.T, err error, secrets ...string) *sts.Error {
	t.Helper()
	var known *sts.Error
	if !errors.As(err, &known) {
		t.Fatalf("got %v", err)
	}
	text := fmt.Sprintf("%v %+v %#v %+v", err, err, err, known.Reason())
	for _, private := range append(secrets, keySecret, tokenOfKey) {
		if strings.Contains(text, private) {
			t.Error("the error shows a secret")
		}
	}
	return known
}

func TestAnswers(t *testing.T) {
	t.Parallel()
	const token = "a-t0ken.of.aws"
	whole := `{"Credentials":{"AccessKeyId":"a","AccessKeySecret":"` + keySecret + `","SecurityToken":"` + tokenOfKey + `","Expiration":%q}}`
	for _, tt := range []struct {
		name, body string
		status     int
		class      outcome.Class
		want       string // part of the error
	}{
		{"throttled", `{"Code":"Throttling.User","Message":"Request was denied due to user flow control."}`, 400, outcome.ClassThrottled, "flow control. (HTTP 400)"},
		{"throttled by status", "", 429, outcome.ClassThrottled, "Too many calls"},
		{"out of service", `{"Code":"ServiceUnavailable","Message":"m"}`, 503, outcome.ClassTransient, "ServiceUnavailable: m"},
		{"a proxy fails", "<html>", 502, outcome.ClassTransient, "or a proxy in between"},
		{"a new code", `{"Code":"Entirely.New","Message":"It is so."}`, 400, outcome.ClassBlocked, "Entirely.New: It is so."},
		{"a new code of a failure", `{"Code":"Entirely.New"}`, 500, outcome.ClassTransient, "Entirely.New"},
		{"a new code of the token", `{"Code":"AuthenticationFail.OIDCToken.New","Message":"m"}`, 400, outcome.ClassBlocked, "AuthenticationFail.OIDCToken.New"},
		{"the token in the message", `{"Code":"Entirely.New","Message":"not ` + token + `"}`, 400, outcome.ClassBlocked, "not documented"},
		{"the token for a code", `{"Code":"` + token + `","Message":"m"}`, 400, outcome.ClassBlocked, "AssumeRoleWithOIDC: m"},
		{"a redirect", "", 302, outcome.ClassBlocked, "HTTP 302"},
		{"not JSON", "fine", 200, outcome.ClassBlocked, "not one of AssumeRoleWithOIDC"},
		{"no key", `{"Credentials":{}}`, 200, outcome.ClassBlocked, "not one of AssumeRoleWithOIDC"},
		{"no time", fmt.Sprintf(whole, "soon"), 200, outcome.ClassBlocked, "not one of AssumeRoleWithOIDC"},
		{"an error that reports success", `{"Code":"EntityNotExist.Role"}`, 200, outcome.ClassBlocked, "EntityNotExist.Role"},
		{"a key", fmt.Sprintf(whole, "2026-11-03T01:00:00Z"), 200, "", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if strings.Contains(r.URL.String(), token) {
					t.Error("the token is in the URL")
				}
				w.Header().Set("Location", "/elsewhere")
				w.WriteHeader(tt.status)
				_, _ = io.WriteString(w, tt.body)
			}))
			defer server.Close()
			session, err := mustNew(t, sts.Config{Endpoint: server.URL}).AssumeRoleWithOIDC(t.Context(), role, secret.New(token))
			if tt.want == "" {
				if err != nil || session.Expires.Format(time.RFC3339) != "2026-11-03T01:00:00Z" {
					t.Errorf("got %v, %v", session.Expires, err)
				}
				return
			}
			if got := mustBeError(t, err, token); got.Class != tt.class || !strings.Contains(got.Error(), tt.want) {
				t.Errorf("got %s: %v", got.Class, got)
			}
		})
	}
}

func TestWithoutAnswer(t *testing.T) {
	t.Parallel()
	gone := httptest.NewServer(http.NotFoundHandler())
	gone.Close()
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	tls := httptest.NewTLSServer(http.NotFoundHandler())
	defer tls.Close()
	tls.Config.ErrorLog = nil
	for _, tt := range []struct {
		name, endpoint, token string
		ctx                   context.Context
		row                   string
		class                 outcome.Class
	}{
		{"nothing listens", gone.URL, "a-t0ken", t.Context(), "no answer", outcome.ClassTransient},
		{"ended", gone.URL, "a-t0ken", ended, "no answer", outcome.ClassTransient},
		{"not trusted", tls.URL, "a-t0ken", t.Context(), "no trust", outcome.ClassBlocked},
		{"no token", gone.URL, "", t.Context(), "no token", outcome.ClassBlocked},
		{"too long a token", gone.URL, strings.Repeat("a-t0ken", 3000), t.Context(), "no token", outcome.ClassBlocked},
	} {
		_, err := mustNew(t, sts.Config{Endpoint: tt.endpoint}).AssumeRoleWithOIDC(tt.ctx, role, secret.New(tt.token))
		if got := mustBeError(t, err, "a-t0ken"); got.Row != tt.row || got.Class != tt.class || got.Reason().Code != tt.row {
			t.Errorf("%s: got %+v", tt.name, got)
		}
		if tt.ctx == ended && !errors.Is(err, context.Canceled) {
			t.Errorf("got %v", err)
		}
	}
}

func TestEndpoint(t *testing.T) {
	t.Parallel()
	for region, want := range map[string]string{
		"": "https://sts.aliyuncs.com", "eu-central-1": "https://sts.eu-central-1.aliyuncs.com", "evil.example/": "", "-x": "",
	} {
		if got, err := sts.Endpoint(region); got != want || (err != nil) != (want == "") {
			t.Errorf("%s: got %q, %v", region, got, err)
		}
	}
	for _, bad := range []string{"sts.aliyuncs.com", "ftp://host", "https://host/path", "https://user@host", "https://host?x=1"} {
		if _, err := sts.New(sts.Config{Endpoint: bad}); err == nil {
			t.Errorf("%s is taken", bad)
		}
	}
}

// TestCodes: each row has all that a person needs, and none is for a change to answer.
func TestCodes(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for _, row := range sts.Codes() {
		if row.Meaning == "" || row.Remedy == "" || row.Source == "" || seen[row.Name] {
			t.Errorf("got %+v", row)
		}
		if handling := row.Class.Handling(); handling.DeadLetter || handling.HTTPStatus == 0 {
			t.Errorf("%s: got class %s", row.Name, row.Class)
		}
		seen[row.Name] = true
	}
}
