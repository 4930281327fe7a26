package retry_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"vpnattach/shared/aws/retry"
)

const said = "quotes n3w-pre-shared-key"

// answer is an error as the SDK returns it.
func answer(code string, status int) error {
	return &smithy.OperationError{ServiceID: "SQS", OperationName: "SendMessageBatch", Err: &awshttp.ResponseError{
		RequestID: "R-1",
		ResponseError: &smithyhttp.ResponseError{
			Response: &smithyhttp.Response{Response: &http.Response{StatusCode: status}},
			Err:      &smithy.GenericAPIError{Code: code, Message: said},
		},
	}}
}

func operation(err error) error {
	return &smithy.OperationError{ServiceID: "SQS", OperationName: "SendMessageBatch", Err: err}
}

func TestOf(t *testing.T) {
	t.Parallel()
	refused := &net.OpError{Op: "dial", Net: "tcp", Err: errors.New("connection refused")}
	tests := []struct {
		name      string
		err       error
		want      string
		temporary bool
		is        error
	}{
		{"refused", answer("InvalidParameterValue", 400), "InvalidParameterValue (HTTP 400, request id R-1)", false, nil},
		{"failed", answer("InternalError", 500), "InternalError (HTTP 500, request id R-1)", true, nil},
		{"throttled", answer("ThrottlingException", 400), "ThrottlingException (HTTP 400, request id R-1)", true, nil},
		{"the key's service throttled", answer("KmsThrottled", 400), "KmsThrottled (HTTP 400, request id R-1)", true, nil},
		{"denied", answer("AccessDeniedException", 400), "AccessDeniedException: " + said + " (HTTP 400, request id R-1)", false, nil},
		{"not reached", operation(&smithyhttp.RequestSendError{Err: &url.Error{Op: "Post", URL: "http://host/?" + said, Err: refused}}), "dial tcp: connection refused", true, nil},
		{"no credentials", operation(errors.New("no credentials")), "no credentials", false, nil},
		{"canceled", operation(fmt.Errorf("send: %w", context.Canceled)), "send: context canceled", false, context.Canceled},
		{"late", operation(fmt.Errorf("send: %w", context.DeadlineExceeded)), "send: context deadline exceeded", false, context.DeadlineExceeded},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got := retry.Of(tt.err)
			if got.Error() != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
			if tt.is != nil && !errors.Is(got, tt.is) {
				t.Errorf("%v is not %v", got, tt.is)
			}
			if tt.is == nil && got.Temporary != tt.temporary {
				t.Errorf("temporary: got %v, want %v", got.Temporary, tt.temporary)
			}
			var inner smithy.APIError
			if errors.As(got, &inner) {
				t.Error("the SDK's error can still be reached")
			}
		})
	}
}

func TestIsDenied(t *testing.T) {
	t.Parallel()
	for code, want := range map[string]bool{
		"AccessDenied": true, "AccessDeniedException": true, "KMS.DisabledException": true, "KmsAccessDenied": true,
		"KMS.ThrottlingException": false, "KmsThrottled": false, "InternalError": false, "": false,
	} {
		if got := retry.IsDenied(code); got != want {
			t.Errorf("%q: got %v, want %v", code, got, want)
		}
	}
}

func TestPause(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var got []string
		for attempt := range 8 {
			begun := time.Now()
			if !retry.Pause(t.Context(), attempt) {
				t.Errorf("attempt %d: got false", attempt)
			}
			got = append(got, time.Since(begun).String())
		}
		if want := "100ms 200ms 400ms 800ms 1.6s 3.2s 3.2s 3.2s"; strings.Join(got, " ") != want {
			t.Errorf("got %v, want %s", got, want)
		}
		ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
		defer cancel()
		begun := time.Now()
		if retry.Pause(ctx, 0) || time.Since(begun) != 0 {
			t.Errorf("before the end: waited %v", time.Since(begun))
		}
		ctx, cancel = context.WithCancel(t.Context())
		go cancel()
		if retry.Pause(ctx, 60) || time.Since(begun) != 0 {
			t.Errorf("canceled: waited %v", time.Since(begun))
		}
	})
}
