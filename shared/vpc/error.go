package vpc

import (
	"cmp"
	"context"
	"crypto/tls"
	"encoding/xml"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/tidwall/gjson"

	"vpnattach/shared/outcome"
)

// KeyRefused reports whether a call failed because the service does not accept the
// access key, its signature or its security token: another key may be in force by now.
func KeyRefused(err error) bool {
	var known *Error
	if !errors.As(err, &known) {
		return false
	}
	switch known.Row {
	case "InvalidAccessKeyId.NotFound", "InvalidAccessKeyId.Inactive", "InvalidAccessKeyId*", "MissingSecurityToken",
		"InvalidSecurityToken*", "SignatureDoesNotMatch", "HTTP 401":
		return true
	}
	return false
}

// Error is a call that failed. None of its texts holds a secret or a query string.
type Error struct {
	Action    string // "ModifyVpnAttachmentAttribute", "DescribeVpnConnection" or "DiagnoseVpnConnections"
	Code      string // of the service; empty when it gave none, or no answer came
	Message   string // of the service, or what happened; the table's meaning where that can't be shown
	RequestID string
	Status    int // of HTTP; 0 without an answer

	Row        string // the name of the row of [Codes] that the rest comes from; empty when what gives the keys has said it
	Class      outcome.Class
	Remedy     string        // what a person can do about it
	RetryAfter time.Duration // how long to wait at least before the next call; 0: not said

	cause error
}

// Error returns action, code, status, message and request id in one line.
func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString(e.Action + ": ")
	if e.Code != "" {
		b.WriteString(e.Code + ": ")
	}
	b.WriteString(e.Message)
	separator := " ("
	if e.Status != 0 {
		fmt.Fprintf(&b, "%sHTTP %d", separator, e.Status)
		separator = ", "
	}
	if e.RequestID != "" {
		b.WriteString(separator + "request id " + e.RequestID)
		separator = ", "
	}
	if separator == ", " {
		b.WriteByte(')')
	}
	return b.String()
}

// Reason implements [outcome.Failure]. Its code is the row's name where the service gave
// none.
func (e *Error) Reason() outcome.Reason {
	return outcome.Reason{Code: cmp.Or(e.Code, e.Row), Message: e.Message, Remedy: e.Remedy, Class: e.Class}
}

// Unwrap returns the end of the context, or why there was nothing to send; nil
// after an answer, and for network errors, whose texts can quote what was sent.
func (e *Error) Unwrap() error { return e.cause }

func (c *call) fail(row Code, message string) *Error {
	if message == "" {
		message = row.Meaning
	}
	return &Error{Action: c.action, Message: message, Row: row.Name, Class: row.Class, Remedy: row.Remedy}
}

// unsent is the error for a request that was not sent.
func (c *call) unsent(row Code, cause error) *Error {
	e := c.fail(row, cause.Error())
	e.cause = cause
	return e
}

// noKey is the error for a call without an access key. The source of the keys may know
// better than [Codes] what that means.
func (c *call) noKey(cause error) *Error {
	e := c.unsent(rowNoKey, cause)
	if known, ok := errors.AsType[outcome.Failure](cause); ok {
		why := known.Reason()
		e.Row, e.Code, e.Class, e.Remedy = "", why.Code, why.Class, why.Remedy
	}
	return e
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
		err = inURL.Err // without the URL, which holds the query
	}
	e := c.fail(row, c.secrets.SafeText(err.Error()))
	e.cause = ctx.Err()
	return e
}

// unexpectedResponse is the error for an answer that reports success but is not one of
// the API.
func (c *call) unexpectedResponse(what string) *Error {
	e := c.fail(byName["HTTP 2xx"], what)
	e.Status = http.StatusOK
	return e
}

// refused is the error for an answer that reports one.
func (c *call) refused(response *http.Response, reported fault) *Error {
	code := c.secrets.SafeID(reported.code, maxCode)
	row := lookUp(code, reported.message, response.StatusCode)
	e := c.fail(row, c.secrets.SafeText(reported.message))
	e.Code, e.RequestID, e.Status = code, c.secrets.SafeID(reported.requestID, maxRequestID), response.StatusCode
	if row.Class == outcome.ClassThrottled {
		e.RetryAfter = retryAfter(response.Header)
	}
	return e
}

// fault is an error as the service words it.
type fault struct{ code, message, requestID string }

// readFault reads any of the documented shapes: JSON, JSON with lower-case names
// and XML, whatever the content type says. Anything else gives the zero fault.
func readFault(answer string) fault {
	answer = strings.TrimSpace(answer)
	if strings.HasPrefix(answer, "<") {
		var body struct {
			XMLName   xml.Name `xml:"Error"`
			Code      string
			Message   string
			RequestID string `xml:"RequestId"`
		}
		if xml.Unmarshal([]byte(answer), &body) != nil {
			return fault{}
		}
		return fault{strings.TrimSpace(body.Code), strings.TrimSpace(body.Message), strings.TrimSpace(body.RequestID)}
	}
	if !gjson.Valid(answer) {
		return fault{}
	}
	either := func(name, lower string) string {
		if value := gjson.Get(answer, name); value.Exists() {
			return value.String()
		}
		return gjson.Get(answer, lower).String()
	}
	return fault{either("Code", "code"), either("Message", "message"), either("RequestId", "requestId")}
}

// longestWait bounds what a header can ask for.
const longestWait = time.Hour

// retryAfter returns the longest TimeLeft, in milliseconds, of the headers
// x-ratelimit-user-api and x-ratelimit-user: "Limit:1,Remain:0,TimeLeft:2000,Reset:1234".
// Source: the official SDK, alibabacloud-go/darabonba-openapi v2.
func retryAfter(header http.Header) time.Duration {
	var longest time.Duration
	for _, name := range [...]string{"x-ratelimit-user-api", "x-ratelimit-user"} {
		for part := range strings.SplitSeq(header.Get(name), ",") {
			key, value, _ := strings.Cut(part, ":")
			if strings.TrimSpace(key) != "TimeLeft" {
				continue
			}
			if millis, err := strconv.Atoi(strings.TrimSpace(value)); err == nil && millis > 0 {
				wait := longestWait
				if millis < int(longestWait/time.Millisecond) {
					wait = time.Duration(millis) * time.Millisecond
				}
				longest = max(longest, wait)
			}
		}
	}
	return longest
}
