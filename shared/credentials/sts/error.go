package sts

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net/url"

	"github.com/tidwall/gjson"

	"vpnattach/shared/core/secret"
	"vpnattach/shared/outcome"
)

// Error is a call that failed. None of its texts holds a token or a key.
type Error struct {
	Code      string // of the service; empty when it gave none, or no answer came
	Message   string // of the service, or what happened; the table's meaning where that can't be shown
	RequestID string
	Status    int // of HTTP; 0 without an answer

	Row    string // the name of the row of [Codes] that the rest comes from
	Class  outcome.Class
	Remedy string // what a person can do about it, in plain words

	cause error
}

// Error returns operation, code, message, status and request id in one line.
func (e *Error) Error() string {
	text := action + ": "
	if e.Code != "" {
		text += e.Code + ": "
	}
	text += e.Message
	if e.Status != 0 {
		text += fmt.Sprintf(" (HTTP %d", e.Status)
		if e.RequestID != "" {
			text += ", request id " + e.RequestID
		}
		text += ")"
	}
	return text
}

// Reason implements [outcome.Failure]. Its code is the row's name where the service gave
// none.
func (e *Error) Reason() outcome.Reason {
	return outcome.Reason{Code: cmp.Or(e.Code, e.Row), Message: e.Error(), Remedy: e.Remedy, Class: e.Class}
}

// Unwrap returns the end of the context, if that was the reason.
func (e *Error) Unwrap() error { return e.cause }

// call is one call under way.
type call struct{ secrets secret.List }

func (c *call) fail(row Code, message string) *Error {
	return &Error{Message: cmp.Or(message, row.Meaning), Row: row.Name, Class: row.Class, Remedy: row.Remedy}
}

// noResponse is the error for a request without an answer.
func (c *call) noResponse(ctx context.Context, err error) *Error {
	row := rowNoAnswer
	var untrusted *tls.CertificateVerificationError
	if errors.As(err, &untrusted) {
		row = rowNoTrust
	}
	var inURL *url.Error
	if errors.As(err, &inURL) {
		err = inURL.Err
	}
	e := c.fail(row, c.secrets.SafeText(err.Error()))
	e.cause = ctx.Err()
	return e
}

// refused is the error for an answer that is not one with a key.
func (c *call) refused(status int, answer []byte) *Error {
	said := func(name string) string {
		if !gjson.ValidBytes(answer) {
			return ""
		}
		return gjson.GetBytes(answer, name).String()
	}
	code := c.secrets.SafeID(said("Code"), 128)
	e := c.fail(lookUp(code, status), c.secrets.SafeText(said("Message")))
	e.Code, e.RequestID, e.Status = code, c.secrets.SafeID(said("RequestId"), 64), status
	return e
}
