// Package invoke wraps the work of every function: a margin of time for the answer, a
// panic that becomes an error, and lines of the log with the id of the invocation.
// It calls nothing of AWS, so the functions run anywhere.
//
//	work, cancel := invoke.WithMargin(ctx, time.Second)
//	defer cancel()
//	err := invoke.Recover(func() error { return apply(work) })
package invoke

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"runtime/debug"
	"time"

	"github.com/aws/aws-lambda-go/lambdacontext"
	"github.com/rs/zerolog"

	"vpnattach/shared/outcome"
)

// WithMargin returns a context that ends that much before the deadline of ctx, if it
// has one.
func WithMargin(ctx context.Context, margin time.Duration) (context.Context, context.CancelFunc) {
	if deadline, ok := ctx.Deadline(); ok {
		return context.WithDeadline(ctx, deadline.Add(-margin))
	}
	return context.WithCancel(ctx)
}

// Line starts a line of the log, with the time and the id of the invocation.
func Line(ctx context.Context, log zerolog.Logger, level zerolog.Level) *zerolog.Event {
	line := log.WithLevel(level).Timestamp()
	if lambda, ok := lambdacontext.FromContext(ctx); ok {
		line.Str("requestId", lambda.AwsRequestID)
	}
	return line
}

// Failed writes a line with an error; what is its message, such as "decode".
func Failed(line *zerolog.Event, err error, what string) {
	if known := (*Panic)(nil); errors.As(err, &known) {
		line.Bytes("stack", known.stack)
	}
	line.Err(err).Msg(what)
}

// Panic is a panic as an error. Its value may hold a secret, so only its type is
// shown, and the text of a [runtime.Error].
type Panic struct {
	text  string
	stack []byte
}

// Error returns "panic: " with the value's type, or the text of the runtime's error.
func (p *Panic) Error() string { return p.text }

// Reason implements [outcome.Failure].
func (p *Panic) Reason() outcome.Reason {
	return outcome.Reason{Code: "panic", Message: p.text, Class: outcome.ClassTransient,
		Remedy: "Report this as a defect of the program; the change is tried again."}
}

// Panicked turns the result of recover() into an error, a [*Panic]; nil stays nil.
func Panicked(cause any) error {
	switch known := cause.(type) {
	case nil:
		return nil
	case runtime.Error:
		return &Panic{"panic: " + known.Error(), debug.Stack()}
	}
	return &Panic{fmt.Sprintf("panic: %T", cause), debug.Stack()}
}

// Recover returns the error of a call, or its panic.
func Recover(call func() error) (err error) {
	defer func() {
		if panicked := Panicked(recover()); panicked != nil {
			err = panicked
		}
	}()
	return call()
}
