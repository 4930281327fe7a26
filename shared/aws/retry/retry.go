// Package retry says what a failed call of an AWS service means: whether it is worth
// repeating, and what of it may be shown.
//
//	for attempt := 0; ; attempt++ {
//		out, err := api.PutEvents(ctx, in)
//		if err == nil {
//			return out, nil
//		}
//		failed := fault.Of(err)
//		if !failed.Temporary || !fault.Pause(ctx, attempt) {
//			return nil, failed
//		}
//	}
//
// The SDK repeats a call itself, three attempts in all; what is repeated here comes
// on top, since a service can be away for longer than that, and since batches fail
// in parts, which the SDK takes for success.
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
// 0, then twice as long each time, up to 3.2 seconds. It reports false, at once, when
// the context has ended or will have by then.
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
	Temporary bool   // the same call may succeed later: throttled, failed, not reached
	text      string
	cause     error
}

// Error returns code, status and request id, or why there was no answer.
func (e *Error) Error() string { return e.text }

// Unwrap returns the end of the context, if that was the reason. The SDK's own error
// is left behind, since it holds the answer.
func (e *Error) Unwrap() error { return e.cause }

// IsDenied reports whether the caller lacks a permission, see [IsDenied].
func (e *Error) IsDenied() bool { return IsDenied(e.Code) }

// IsDenied reports whether a code says that the caller lacks a permission, or can't
// use the key that the data is encrypted with. A person has to mend that.
func IsDenied(code string) bool {
	return strings.Contains(code, "AccessDenied") || !isThrottled(code) && (strings.HasPrefix(code, "KMS.") || strings.HasPrefix(code, "Kms"))
}

func isThrottled(code string) bool { return strings.Contains(code, "Throttl") }

var repeatable = retry.IsErrorRetryables(retry.DefaultRetryables)

// Of describes an error that a call of the SDK returned. It must not be nil.
func Of(err error) *Error {
	e := &Error{Temporary: repeatable.IsErrorRetryable(err) == aws.TrueTernary}
	for _, end := range []error{context.Canceled, context.DeadlineExceeded} {
		if errors.Is(err, end) {
			e.cause = end
		}
	}
	var answer smithy.APIError
	if !errors.As(err, &answer) {
		e.text = withoutAnswer(err)
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

// withoutAnswer returns the text of an error that is not the service's. Of the SDK's
// wrappings it leaves out the outermost, and of a network error the URL.
func withoutAnswer(err error) string {
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
