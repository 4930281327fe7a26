package invoke_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/lambdacontext"
	"github.com/rs/zerolog"
	"github.com/tidwall/gjson"

	"vpnattach/shared/aws/invoke"
	"vpnattach/shared/outcome"
)

func TestRecover(t *testing.T) {
	t.Parallel()
	failed := errors.New("failed")
	for _, tt := range []struct {
		name string
		call func() error
		want string
	}{
		{"nothing", func() error { return nil }, "<nil>"},
		{"an error", func() error { return failed }, "failed"},
		{"a value", func() error { panic("s3cret") }, "panic: string"},
		{"an error as a value", func() error { panic(errors.New("s3cret")) }, "panic: *errors.errorString"},
		{"the runtime", func() error { var none []int; return fmt.Errorf("%d", none[len("ab")]) }, "panic: runtime error: index out of range [2] with length 0"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			err := invoke.Recover(tt.call)
			if got := fmt.Sprint(err); got != tt.want {
				t.Errorf("got %s, want %s", got, tt.want)
			}
			var log bytes.Buffer
			invoke.Failed(invoke.Line(t.Context(), zerolog.New(&log), zerolog.ErrorLevel), err, "the call")
			panicked := strings.HasPrefix(tt.want, "panic")
			if stack := gjson.GetBytes(log.Bytes(), "stack").Str; strings.Contains(stack, "invoke_test.go") != panicked || strings.Contains(stack, "s3cret") {
				t.Errorf("got the line %s", log.String())
			}
			if panicked && outcome.ReasonOf(fmt.Errorf("the call: %w", err)).Code != "panic" {
				t.Errorf("got the reason %+v", outcome.ReasonOf(err))
			}
		})
	}
}

func TestWithMargin(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
	defer cancel()
	whole, _ := ctx.Deadline()
	work, end := invoke.WithMargin(ctx, time.Minute)
	defer end()
	if got, ok := work.Deadline(); !ok || whole.Sub(got) != time.Minute {
		t.Errorf("got %v before the deadline", whole.Sub(got))
	}
	work, end = invoke.WithMargin(t.Context(), time.Minute)
	if _, ok := work.Deadline(); ok {
		t.Error("a deadline from nowhere")
	}
	if end(); work.Err() == nil {
		t.Error("cancel does not end it")
	}
}

func TestLine(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	ctx := lambdacontext.NewContext(t.Context(), &lambdacontext.LambdaContext{AwsRequestID: "invocation-1"})
	invoke.Line(ctx, zerolog.New(&log), zerolog.WarnLevel).Msg("said")
	got := gjson.ParseBytes(log.Bytes())
	if got.Get("requestId").Str != "invocation-1" || got.Get("level").Str != "warn" || !got.Get("time").Exists() {
		t.Errorf("got %s", log.String())
	}
}
