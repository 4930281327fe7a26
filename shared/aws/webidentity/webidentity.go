// Package webidentity gets tokens with which AWS itself says who the program is, for
// services elsewhere that trust the account as an OIDC provider.
//
//	tokens := webidentity.New(sts.NewFromConfig(config))
//	token, err := tokens.Get(ctx, "vpnattach")
//
// The account must have outbound web identity federation enabled, and the caller may
// sts:GetWebIdentityToken. The operation exists at regional endpoints only.
//
// Source: https://docs.aws.amazon.com/STS/latest/APIReference/API_GetWebIdentityToken.html
package webidentity

import (
	"cmp"
	"context"
	"errors"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	"vpnattach/shared/aws/retry"
	"vpnattach/shared/core/secret"
	"vpnattach/shared/outcome"
)

// What is asked for, and what a policy may therefore ask for as a condition.
const (
	Algorithm = "RS256"
	Seconds   = 300 // how long a token is valid
)

// STS is the operation of AWS STS that is used.
type STS interface {
	GetWebIdentityToken(context.Context, *sts.GetWebIdentityTokenInput, ...func(*sts.Options)) (*sts.GetWebIdentityTokenOutput, error)
}

// Tokens gets tokens. It is safe for concurrent use.
type Tokens struct{ sts STS }

// New returns what gets tokens from that service.
func New(sts STS) *Tokens { return &Tokens{sts} }

// Get returns a token for one audience, signed with RS256 and valid for five minutes.
// Its errors are [*Error].
func (t *Tokens) Get(ctx context.Context, audience string) (secret.Secret, error) {
	out, err := t.sts.GetWebIdentityToken(ctx, &sts.GetWebIdentityTokenInput{
		Audience: []string{audience}, SigningAlgorithm: aws.String(Algorithm), DurationSeconds: aws.Int32(Seconds),
	})
	if err != nil {
		return secret.Secret{}, &Error{retry.Of(err)}
	}
	if aws.ToString(out.WebIdentityToken) == "" {
		return secret.Secret{}, errors.New("sts:GetWebIdentityToken: the answer holds no token")
	}
	return secret.New(*out.WebIdentityToken), nil
}

// Error is a call that failed. It shows no message of the service but that of a
// denied access.
type Error struct{ cause *retry.Error }

// Error returns the operation and what [retry.Error] says.
func (e *Error) Error() string { return "sts:GetWebIdentityToken: " + e.cause.Error() }

// Unwrap returns the [*retry.Error], which also says whether access was denied.
func (e *Error) Unwrap() error { return e.cause }

// remedies are what to do about the codes that no retry mends.
var remedies = map[string]string{
	"OutboundWebIdentityFederationDisabledException": "Enable outbound web identity federation in the AWS account: aws iam enable-outbound-web-identity-federation.",
	"SessionDurationEscalationException":             "The function's session ends sooner than a token of five minutes would. It passes with the next session; if it does not, look at the session's length.",
	"JWTPayloadSizeExceededException":                "Take tags off the session of the role: they are part of the token, and it is too large.",
}

const remedy = "Do what the code says; `vpnattach trust` prints what has to be set up in the AWS account."

// Reason implements [outcome.Failure]: throttled and transient failures pass, and all
// others wait for a person.
func (e *Error) Reason() outcome.Reason {
	why := outcome.Reason{Code: cmp.Or(e.cause.Code, "GetWebIdentityToken"), Message: e.Error(), Class: outcome.ClassBlocked, Remedy: remedy}
	switch {
	case e.cause.Throttled():
		why.Class, why.Remedy = outcome.ClassThrottled, "Nothing: it is tried again later."
	case e.cause.Temporary || e.cause.Unwrap() != nil:
		why.Class, why.Remedy = outcome.ClassTransient, "Nothing: it is tried again. If it goes on, check the network, and that the region has an endpoint of AWS STS."
	case remedies[e.cause.Code] != "":
		why.Remedy = remedies[e.cause.Code]
	}
	return why
}
