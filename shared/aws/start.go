package aws

import (
	"context"
	"os"
	"strings"
	"sync/atomic"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/rs/zerolog"

	"vpnattach/shared/aws/invoke"
)

// Start handles invocations until Lambda ends the program. handler is what
// [lambda.NewHandler] takes. With wrong settings the program exits at once, with a
// line of the log for each problem.
func (a *Account) Start(handler any) {
	a.Log.Debug().Timestamp().Strs("variables", a.Names()).Msg("settings")
	if err := a.Err(); err != nil {
		for problem := range strings.Lines(err.Error()) {
			a.Log.Error().Timestamp().Str("problem", strings.TrimSpace(problem)).Msg("the function's settings are wrong")
		}
		os.Exit(1)
	}
	lambda.Start(&invocations{Handler: lambda.NewHandler(handler), account: a})
}

// Check adds a problem when a part of the function could not be set up.
func (a *Account) Check(what string, err error) {
	if err != nil {
		a.Bad(what, err.Error())
	}
}

// invocations wraps a handler: each invocation has a line of the log, and its metrics
// are flushed.
type invocations struct {
	lambda.Handler
	account *Account
	warm    atomic.Bool
}

// Invoke implements [lambda.Handler].
func (i *invocations) Invoke(ctx context.Context, payload []byte) ([]byte, error) {
	cold := !i.warm.Swap(true)
	begun := time.Now()
	answer, err := i.Handler.Invoke(ctx, payload)
	level := zerolog.InfoLevel
	if err != nil {
		level = zerolog.ErrorLevel
	}
	invoke.Line(ctx, i.account.Log, level).Err(err).Bool("coldStart", cold).Int("bytes", len(payload)).Dur("took", time.Since(begun)).Msg("invocation")
	if err := i.account.Metrics.Flush(); err != nil {
		i.account.Log.Error().Timestamp().Err(err).Msg("write the metrics")
	}
	return answer, err
}
