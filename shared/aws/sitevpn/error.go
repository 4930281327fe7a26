package sitevpn

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"

	"github.com/aws/aws-sdk-go-v2/aws/protocol/ec2query"
	awsretry "github.com/aws/aws-sdk-go-v2/aws/retry"

	"vpnattach/shared/aws/retry"
	"vpnattach/shared/outcome"
)

// Error is a call that failed. None of its texts holds a key, though the service's own
// message may quote what was sent.
type Error struct {
	Action    string // such as ModifyVpnTunnelOptions
	Code      string // of the service, or in lower case what happened: no-response, not-sent, unexpected-response
	Message   string
	RequestID string
	Status    int // of HTTP; 0 without an answer

	Class  outcome.Class
	Remedy string

	cause error
}

// Error returns all of it but the remedy in one line.
func (e *Error) Error() string {
	text := "ec2:" + e.Action + ": " + e.Code
	if e.Message != "" {
		text += ": " + e.Message
	}
	switch {
	case e.RequestID != "":
		text += fmt.Sprintf(" (HTTP %d, request id %s)", e.Status, e.RequestID)
	case e.Status != 0:
		text += fmt.Sprintf(" (HTTP %d)", e.Status)
	}
	return text
}

// Reason implements [outcome.Failure].
func (e *Error) Reason() outcome.Reason {
	return outcome.Reason{Code: e.Code, Message: e.Error(), Remedy: e.Remedy, Class: e.Class}
}

// Unwrap returns the end of the context, if that was the reason.
func (e *Error) Unwrap() error { return e.cause }

const again = "Nothing: it is tried again."

// code is what an error code means.
type code struct {
	class  outcome.Class
	remedy string
}

var (
	allow  = code{outcome.ClassBlocked, "Allow the role of the function ec2:DescribeVpnConnections, ec2:GetActiveVpnTunnelStatus and ec2:ModifyVpnTunnelOptions for the connection."}
	renew  = code{outcome.ClassBlocked, "The credentials of the function are not accepted. If it goes on, look at its role and at the clock."}
	verify = code{outcome.ClassBlocked, "Look at the state of the AWS account."}
	later  = code{outcome.ClassBusy, "Nothing: one change of a connection is possible at a time. If it goes on, look at the connection's state."}
	failed = code{outcome.ClassTransient, again}
	slower = code{outcome.ClassThrottled, again}
	wrong  = code{outcome.ClassRejected, "Compare what the secret says of AWS's end with the connection."}
)

// codes are those that are not classed by their HTTP status. DryRunOperation is the
// success of a dry run.
// Source: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html
var codes = map[string]code{
	"IncorrectState":                    later,
	"InvalidVpnConnection.InvalidState": later,

	"UnauthorizedOperation":       allow,
	"OperationNotPermitted":       allow,
	"AuthFailure":                 renew,
	"ExpiredToken":                renew,
	"InvalidClientTokenId":        renew,
	"MissingAuthenticationToken":  renew,
	"RequestExpired":              renew,
	"SignatureDoesNotMatch":       renew,
	"UnrecognizedClientException": renew,
	"Blocked":                     verify,
	"OptInRequired":               verify,
	"PendingVerification":         verify,

	"InternalError":    failed,
	"InternalFailure":  failed,
	"RequestTimeout":   failed,
	"RequestCanceled":  failed,
	"Unavailable":      failed,
	"DryRunOperation":  wrong,
	"UnknownParameter": wrong,

	"InvalidVpnConnectionID":           {outcome.ClassRejected, "Correct aws.VpnConnectionId in the secret."},
	"InvalidVpnConnectionID.Malformed": {outcome.ClassRejected, "Correct aws.VpnConnectionId in the secret."},
	"InvalidVpnConnectionID.NotFound":  {outcome.ClassRejected, "Correct aws.VpnConnectionId or aws.Region in the secret: the account has no such connection in that region."},
	"InvalidParameterValue":            {outcome.ClassRejected, "Correct aws.OutsideIpAddress in the secret: it is the outside address of one of the connection's two tunnels."},
}

// lookUp classes an answer that reports an error.
func lookUp(name string, status int) code {
	known, listed := codes[name]
	_, throttled := awsretry.DefaultThrottleErrorCodes[name]
	switch {
	case listed:
		return known
	case throttled || status == http.StatusTooManyRequests:
		return slower
	case retry.IsDenied(name):
		return allow
	case status >= http.StatusInternalServerError || status < http.StatusBadRequest: // a redirect, too, is not the service's
		return failed
	case status == http.StatusUnauthorized || status == http.StatusForbidden:
		return allow
	}
	return wrong
}

// Longest code and request id of the service that are shown.
const (
	maxCode      = 100
	maxRequestID = 100
)

// refused is the error for an answer that reports one.
func (c *call) refused(status int, reported ec2query.ErrorComponents) *Error {
	e := &Error{
		Action: c.action, Code: cmp.Or(c.secrets.SafeID(reported.Code, maxCode), fmt.Sprintf("HTTP-%d", status)),
		Message: c.secrets.SafeText(reported.Message), RequestID: c.secrets.SafeID(reported.RequestID, maxRequestID), Status: status,
	}
	means := lookUp(e.Code, status)
	e.Class, e.Remedy = means.class, means.remedy
	return e
}

// noResponse is the error for a request without an answer.
func (c *call) noResponse(ctx context.Context, err error) *Error {
	var inURL *url.Error
	if errors.As(err, &inURL) {
		err = inURL.Err
	}
	return &Error{Action: c.action, Code: "no-response", Message: c.secrets.SafeText(err.Error()), Class: outcome.ClassTransient, Remedy: again, cause: ctx.Err()}
}

// unsent is the error for a request that could not be made.
func (c *call) unsent(ctx context.Context, err error) *Error {
	return &Error{Action: c.action, Code: "not-sent", Message: c.secrets.SafeText(err.Error()), Class: outcome.ClassBlocked, Remedy: renew.remedy, cause: ctx.Err()}
}

// unexpected is the error for an answer that is not one of the API.
func (c *call) unexpected(what string) *Error {
	return &Error{Action: c.action, Code: "unexpected-response", Message: what, Status: http.StatusOK, Class: outcome.ClassTransient, Remedy: again}
}
