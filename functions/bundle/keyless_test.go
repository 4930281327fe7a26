package bundle_test

import (
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tidwall/gjson"

	"vpnattach/shared/core/request"
	"vpnattach/shared/credentials"
	"vpnattach/shared/credentials/sts"
	"vpnattach/shared/credentials/ststest"
	"vpnattach/shared/outcome"
)

const (
	temporary = "STS.temporary" // id of the access key that the role gives
	audience  = "vpnattach"
	subject   = "arn:aws:iam::" + accountID + ":role/vpnattach-FunctionRole"
)

var role = credentials.Role{
	ProviderARN: "acs:ram::1135115445851111:oidc-provider/vpnattach", RoleARN: "acs:ram::1135115445851111:role/vpnattach", Audience: audience,
}

// securityTokens are both Security Token Services.
type securityTokens struct {
	aws     *ststest.AWS
	alibaba *ststest.Alibaba
	url     string // of Alibaba Cloud's
	key     request.Credentials
	tokens  []known // that AWS has given; under the world's mutex
}

// startSTS starts both. Alibaba Cloud's trusts the functions of this account.
func (h *harness) startSTS() {
	h.names[audience] = "OidcAudience"
	h.sts.aws = ststest.NewAWS(region, audience, subject)
	h.sts.aws.OnToken = func(token string) {
		h.mutex.Lock()
		defer h.mutex.Unlock()
		parts := strings.Split(token, ".")
		h.sts.tokens = append(h.sts.tokens, known{name: "token of AWS", value: token}, known{name: "signature of the token of AWS", value: parts[2]})
	}
	h.sts.alibaba = ststest.NewAlibaba(func() request.Credentials { return h.sts.key })
	issuer, server := httptest.NewServer(h.sts.aws), httptest.NewServer(h.sts.alibaba)
	h.Cleanup(issuer.Close)
	h.Cleanup(server.Close)
	h.sts.aws.Issuer, h.sts.url = issuer.URL, server.URL
	h.sts.alibaba.Trust(role, issuer.URL, subject)
}

// credentialsEnv is where a function gets the access key from.
func (h *harness) credentialsEnv(function string) []string {
	switch {
	case function == "ingest":
		return nil
	case h.setup.keyless:
		return []string{
			"CREDENTIALS_SECRET=", "ALIBABA_CLOUD_ROLE_ARN=" + role.RoleARN, "ALIBABA_CLOUD_OIDC_PROVIDER_ARN=" + role.ProviderARN,
			"OIDC_AUDIENCE=" + role.Audience, "STS_ENDPOINT=" + h.sts.url,
		}
	}
	return []string{"CREDENTIALS_SECRET=" + h.arns["CredentialsSecretArn"]}
}

// TestKeyless goes from a signed POST to the outcome event without a stored access key.
func TestKeyless(t *testing.T) {
	t.Parallel()
	for name, attachment := range map[string]string{"single": single, "dual": dual} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHarness(t, setup{keyless: true})
			h.mustPost("msg-1", h.newKeys(attachment))
			h.mustSettle(outcome.Settled, attachment, "msg-1")
			h.mustPost("msg-2", h.newKeys(attachment))
			h.mustSettle(outcome.Settled, attachment, "msg-2")
			sessions := []string{}
			for _, call := range h.sts.alibaba.Calls() {
				sessions = append(sessions, call.RoleSession)
				if call.Code != "" || call.Policy != sts.Policy {
					t.Errorf("got %+v", call)
				}
			}
			slices.Sort(sessions)
			if want := []string{"apply", "confirm"}; !slices.Equal(sessions, want) || h.sts.aws.Tokens() != 2 {
				t.Errorf("the role was taken by %q with %d tokens, want each function to take it once", sessions, h.sts.aws.Tokens())
			}
			for _, function := range []string{"apply", "confirm"} {
				if asked := h.requestsOf(function, "secretsmanager:GetSecretValue", "CredentialsSecretArn"); len(asked) != 0 {
					t.Errorf("%s has asked for a stored key", function)
				}
			}
			h.mutex.Lock()
			defer h.mutex.Unlock()
			for _, call := range h.calls {
				if call.AccessKeyID != temporary {
					t.Errorf("%s with the access key %s", call.Action, call.AccessKeyID)
				}
			}
		})
	}
}

// TestNotTrusted keeps a change as long as the role does not trust the function, with
// an alarm that says what to compare, and applies it then.
func TestNotTrusted(t *testing.T) {
	t.Parallel()
	h := newHarness(t, setup{keyless: true})
	h.sts.alibaba.Trust(role, h.sts.aws.Issuer, "arn:aws:iam::"+accountID+":role/another")
	id := h.emit(time.Now(), h.newKeys(single))
	h.deliver("ChangeQueue")
	if len(h.held["ChangeQueue"]) != 1 || len(h.take("DeadLetterQueue")) != 0 {
		t.Error("the change is not kept")
	}
	h.checkMetrics("apply", "Blocked", 1)
	if !slices.ContainsFunc(h.lines("apply"), func(line string) bool {
		return gjson.Get(line, "alarm").Bool() && gjson.Get(line, "code").Str == "AuthenticationFail.NoPermission" &&
			strings.Contains(gjson.Get(line, "remedy").Str, "oidc:sub") && gjson.Get(line, "eventId").Str == id
	}) {
		t.Errorf("no line of the log says what is wrong: %q", h.lines("apply"))
	}
	h.sts.alibaba.Trust(role, h.sts.aws.Issuer, subject)
	// The function takes the role again after ten seconds.
	for deadline := time.Now().Add(time.Minute); len(h.modified()) == 0; {
		if time.Now().After(deadline) {
			t.Fatal("the role is not taken again")
		}
		h.later("ChangeQueue")
		h.deliver("ChangeQueue")
		h.idle()
	}
	h.mustSettle(outcome.Settled, single, id)
}
