// Package retry classifies failed calls of AWS services: whether a retry can help, and
// what of the error may be shown.
//
//	for attempt := 0; ; attempt++ {
//		out, err := api.PutEvents(ctx, in)
//		if err == nil {
//			return out, nil
//		}
//		failed := retry.Of(err)
//		if !failed.Temporary || !retry.Pause(ctx, attempt) {
//			return nil, failed
//		}
//	}
//
// The SDK retries a call itself, three attempts in all. Retries here come on top, since
// a service can be unavailable for longer, and since batches fail in parts, which the
// SDK counts as success.
package retry

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/smithy-go"
	smithytime "github.com/aws/smithy-go/time"
)

const (
	firstPause   = 100 * time.Millisecond
	longestPause = 3200 * time.Millisecond
)

// Pause waits before another attempt: 100 ms after the first one, which has number
// 0, then twice as long each time, up to 3.2 seconds. It returns false, at once, when
// the context has ended or will have ended by then.
func Pause(ctx context.Context, attempt int) bool {
	pause := longestPause
	if attempt < 5 {
		pause = firstPause << attempt
	}
	if end, limited := ctx.Deadline(); limited && time.Until(end) <= pause {
		return false
	}
	return smithytime.SleepWithContext(ctx, pause) == nil
}

// Error is a failed call, as it may be shown. The service's message is part of its
// text only when it denies access, where it names the missing permission: other
// messages can quote what was sent.
type Error struct {
	Code      string // of the service; empty without an answer
	Temporary bool   // a retry may succeed: throttled, failed, or no response
	text      string
	cause     error
}

// Error returns code, status and request id, or why no response came.
func (e *Error) Error() string { return e.text }

// Unwrap returns the context's error, if that was the reason. The SDK's own error is
// not wrapped, since it holds the response.
func (e *Error) Unwrap() error { return e.cause }

// IsDenied reports whether the caller lacks a permission, see [IsDenied].
func (e *Error) IsDenied() bool { return IsDenied(e.Code) }

// Throttled reports whether there were too many calls.
func (e *Error) Throttled() bool {
	_, listed := retry.DefaultThrottleErrorCodes[e.Code]
	return listed || isThrottled(e.Code)
}

// IsDenied reports whether a code says that the caller lacks a permission, or can't
// use the key that the data is encrypted with. A person has to fix that.
func IsDenied(code string) bool {
	return strings.Contains(code, "AccessDenied") || !isThrottled(code) && (strings.HasPrefix(code, "KMS.") || strings.HasPrefix(code, "Kms"))
}

func isThrottled(code string) bool { return strings.Contains(code, "Throttl") }

var retryable = retry.IsErrorRetryables(retry.DefaultRetryables)

// Of describes an error that a call of the SDK returned. It must not be nil.
func Of(err error) *Error {
	e := &Error{Temporary: retryable.IsErrorRetryable(err) == aws.TrueTernary}
	for _, end := range []error{context.Canceled, context.DeadlineExceeded} {
		if errors.Is(err, end) {
			e.cause = end
		}
	}
	var answer smithy.APIError
	if !errors.As(err, &answer) {
		e.text = withoutResponse(err)
		return e
	}
	e.Code = answer.ErrorCode()
	e.Temporary = e.Temporary || isThrottled(e.Code)
	e.text = e.Code
	if IsDenied(e.Code) {
		e.text += ": " + answer.ErrorMessage()
	}
	var response *awshttp.ResponseError
	if errors.As(err, &response) {
		e.text += fmt.Sprintf(" (HTTP %d, request id %s)", response.HTTPStatusCode(), response.ServiceRequestID())
	}
	return e
}

// withoutResponse returns the text of an error that is not the service's, without the
// SDK's outermost wrapper and without the URL of a network error.
func withoutResponse(err error) string {
	var network *url.Error
	if errors.As(err, &network) {
		return network.Err.Error()
	}
	var operation *smithy.OperationError
	if errors.As(err, &operation) {
		err = operation.Err
	}
	return err.Error()
}
