package sts

import (
	"net/http"
	"slices"
	"strings"

	"vpnattach/shared/outcome"
)

// Code is one row of the table of failures.
type Code struct {
	// Name is a code as the service spells it; with a * at an end, the codes that begin
	// so, or hold that. Failures without a code of the table have rows of their own:
	// "HTTP 5xx", "no answer" and the like.
	Name    string
	Class   outcome.Class
	Meaning string // what the failure says
	Remedy  string // what to do about it
	Source  string // one of the constants From…
}

// The sources of the table.
const (
	FromRRSA   = "the table of errors in Container Service's page on RRSA, whose pods make the same call"
	FromSDK    = "the integration tests of the official credentials SDKs"
	FromIMS    = "the API that keeps OIDC providers (IMS)"
	FromCommon = "the common error codes of Alibaba Cloud's APIs"
	FromClient = "this client"
)

// Codes returns the table. A code is looked up by its whole name first, then by the
// patterns in their order here, then by the HTTP status. What is not in it is blocked:
// no change is to blame for how the trust is set up.
func Codes() []Code { return slices.Clone(codes) }

const (
	retried = "Nothing: it is tried again."
	printed = " `vpnattach trust` prints both."
)

var codes = []Code{
	{"AuthenticationFail.OIDCToken.Expired", outcome.ClassBlocked, "The OIDC token had expired when it came.",
		"Set the clock of this machine; a token file must be renewed by what writes it.", FromRRSA},
	{"AuthenticationFail.OIDCToken.AudienceNotMatch", outcome.ClassBlocked, "The OIDC token is for another audience than the provider's client ids.",
		"Add the profile's audience to the client ids of the OIDC provider, or correct it in the profile.", FromRRSA},
	{"AuthenticationFail.OIDCToken.IssuerNotMatch", outcome.ClassBlocked, "The OIDC token comes from another issuer than the OIDC provider has.",
		"Give the OIDC provider the issuer of this AWS account, which aws iam get-outbound-web-identity-federation-info tells.", FromRRSA},
	{"AuthenticationFail.OIDCToken.IssuerConfigurationBroken", outcome.ClassBlocked, "The service could not get the issuer's keys.",
		"Check that outbound web identity federation is enabled in the AWS account, and that the OIDC provider has its issuer.", FromRRSA},
	{"AuthenticationFail.OIDCToken.PublicKeyFingerprintMismatch", outcome.ClassBlocked, "The certificate of the issuer has another fingerprint than the OIDC provider expects.",
		"Add the fingerprint of the issuer's present CA certificate to the OIDC provider; `vpnattach trust` prints how to get it.", FromSDK},
	{"AuthenticationFail.OIDCToken.Invalid", outcome.ClassBlocked, "The OIDC token is not valid.",
		"Check that the profile names the OIDC provider of this AWS account; a token file must hold the token alone.", FromSDK},
	{"AuthenticationFail.NoPermission", outcome.ClassBlocked, "The OIDC provider is not registered, or the role does not trust what is in the token.",
		"Compare the profile's provider, and the role's conditions oidc:iss, oidc:aud and oidc:sub, with the token's." + printed, FromRRSA},
	{"AuthenticationFail*", outcome.ClassBlocked, "The service does not accept the OIDC token.",
		"Compare the OIDC provider and the role's trust policy with the profile." + printed, FromRRSA},
	{"EntityNotExist.Role", outcome.ClassBlocked, "The role does not exist.", "Create the role, or correct it in the profile.", FromRRSA},
	{"EntityNotExist.OIDCProvider", outcome.ClassBlocked, "The OIDC provider does not exist.", "Create the OIDC provider, or correct it in the profile.", FromIMS},

	{"*Throttling*", outcome.ClassThrottled, "Too many calls.", "Nothing: it is tried again later.", FromRRSA},
	{"InternalError", outcome.ClassTransient, "The service failed.", retried, FromCommon},
	{"ServiceUnavailable", outcome.ClassTransient, "The service is not available.", retried, FromCommon},

	{"HTTP 2xx", outcome.ClassBlocked, "The answer reports success, but is not one of AssumeRoleWithOIDC.", "Check the endpoint and any proxy in between.", FromClient},
	{"HTTP 429", outcome.ClassThrottled, "Too many calls.", "Nothing: it is tried again later.", FromClient},
	{"HTTP 5xx", outcome.ClassTransient, "The service, or a proxy in between, failed.", retried, FromClient},
	{"HTTP other", outcome.ClassBlocked, "The service refuses the request with a code that is not documented.",
		"Do what the message says; check the endpoint and any proxy in between.", FromClient},
	rowNoAnswer, rowNoTrust, rowNoToken,
}

var (
	rowNoAnswer = Code{"no answer", outcome.ClassTransient, "The connection failed, or time was up before the answer came.",
		retried + " If it goes on, check the network and the endpoint.", FromClient}
	rowNoTrust = Code{"no trust", outcome.ClassBlocked, "The endpoint's TLS certificate is not trusted.",
		"Check the endpoint, the clock, and the certificates that this machine trusts.", FromClient}
	rowNoToken = Code{"no token", outcome.ClassBlocked, "There is no usable OIDC token to take the role with.",
		"Give a token of 4 to 20,000 characters, with nothing before or after it.", FromClient}
)

// Explain returns the row of a code, or of the pattern that fits it.
func Explain(code string) (row Code, known bool) {
	for _, fits := range []func(*Code) bool{
		func(c *Code) bool { return c.Name == code },
		func(c *Code) bool { return c.covers(code) },
	} {
		for i := range codes {
			if fits(&codes[i]) {
				return codes[i], true
			}
		}
	}
	return row, false
}

// lookUp returns the row for an answer; code is empty when it has none.
func lookUp(code string, status int) Code {
	row, known := Explain(code)
	if !known {
		row, _ = Explain(byStatus(status))
	}
	return row
}

func byStatus(status int) string {
	switch {
	case status/100 == 2:
		return "HTTP 2xx"
	case status == http.StatusTooManyRequests:
		return "HTTP 429"
	case status/100 == 5:
		return "HTTP 5xx"
	}
	return "HTTP other"
}

// covers reports whether the row is a pattern that fits the code.
func (c *Code) covers(code string) bool {
	part, pattern := strings.CutSuffix(c.Name, "*")
	if !pattern {
		return false
	}
	if inside, anywhere := strings.CutPrefix(part, "*"); anywhere {
		return strings.Contains(code, inside)
	}
	return strings.HasPrefix(code, part)
}
