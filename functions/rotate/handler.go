package rotate

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/rs/zerolog"

	"vpnattach/shared/aws/invoke"
	"vpnattach/shared/aws/secrets"
	"vpnattach/shared/core/secret"
	"vpnattach/shared/ledger"
)

// Handler takes the steps of rotations. It is safe for concurrent use.
type Handler struct{ config Config }

// New fills in the defaults. It fails for what [Config.Validate] refuses.
func New(config Config) (*Handler, error) {
	if err := config.Validate(); err != nil {
		return nil, err
	}
	preset := func(d *time.Duration, value time.Duration) {
		if *d == 0 {
			*d = value
		}
	}
	preset(&config.ApplyWithin, 5*time.Minute)
	preset(&config.TestWithin, 10*time.Minute)
	preset(&config.Lag, time.Minute)
	preset(&config.AbandonAfter, 20*time.Minute)
	preset(&config.Margin, 5*time.Second)
	if config.Draw == nil {
		config.Draw = func() (secret.Secret, error) { return draw(rand.Read) }
	}
	if config.Wait == nil {
		config.Wait = wait
	}
	if config.Now == nil {
		config.Now = time.Now
	}
	return &Handler{config}, nil
}

// wait waits, unless the context ends before that.
func wait(ctx context.Context, d time.Duration) error {
	if end, limited := ctx.Deadline(); limited && time.Until(end) <= d {
		return context.DeadlineExceeded
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Handle takes one step. The error of a step that fails is an [*Error]; it says what has
// been touched, if anything, and what to do.
func (h *Handler) Handle(ctx context.Context, event Event) (Result, error) {
	work, cancel := invoke.WithMargin(ctx, h.config.Margin)
	defer cancel()
	if event.Step == Watch {
		return h.watch(ctx, work)
	}
	return h.step(ctx, work, event.Step, event.SecretID, event.ClientRequestToken)
}

// step takes a step for one secret, and reports what has come of it. The report has the
// margin of time that the work has not.
func (h *Handler) step(ctx, work context.Context, step, secretID, version string) (result Result, err error) {
	r := &rotation{Handler: h, step: step, secret: secrets.Described{ARN: secretID}, version: version}
	err = invoke.Recover(func() error { return r.take(work) })
	// Of one that goes forward, the next step comes at once, or somebody has to wait for it.
	if r.claimed && r.record.Phase != "" && r.record.Phase != ledger.Forward && !isOvertaken(err) {
		r.release(ctx)
	}
	if err == nil {
		return r.complete(Result{Status: cmp.Or(r.done, Done)}), nil
	}
	f := failed(step, err)
	// Something may have been touched before. What the watch can't go on with, nobody else
	// does, so that it is not to wait for.
	stuck := f.status == Refused || f.status == Waiting && step == Watch && !isOvertaken(f)
	if stuck && r.record.Phase != "" && !r.others() {
		f = differ(&failure{reason: f.reason, diagnoses: f.diagnoses})
	}
	if step == Follow && f.status == Waiting && r.record.Phase == "" && !isOvertaken(f) { // the peer has its key, and the watch knows nothing of it
		f = differ(&failure{reason: f.reason})
		f.reason.Remedy += " If the log shows no later attempt that worked, invoke the function with the step follow."
	}
	result = r.complete(f.result())
	if err := h.publish(ctx, result); err != nil {
		invoke.Failed(h.line(ctx, zerolog.ErrorLevel, &result), err, "publish the result")
	}
	return result, &Error{result}
}

// take takes the step.
func (r *rotation) take(ctx context.Context) error {
	steps := map[string]func(context.Context) error{
		Create: r.create, Set: r.set, Test: r.test, Finish: r.finish, Follow: r.follow, Plan: r.plan, Watch: r.goOn,
	}
	take, known := steps[r.step]
	if !known {
		return refused("step-unknown", fmt.Sprintf("%q is not a step", r.step), "Invoke the function with createSecret, setSecret, testSecret, finishSecret, follow, watch or plan as Step.")
	}
	if err := r.open(ctx); err != nil {
		return err
	}
	if r.config.Plan && r.step != Plan {
		if slices.Contains([]string{Create, Set, Test, Finish}, r.step) {
			if done, err := r.isDone(); done || err != nil {
				return err
			}
		}
		if err := r.plan(ctx); err != nil {
			return err
		}
		return refused("planned", "the mode is plan: every condition holds, and nothing was changed", "Set the mode apply, and rotate again.")
	}
	return take(ctx)
}

// publish logs, reports and publishes a result.
func (h *Handler) publish(ctx context.Context, result Result) error {
	level := zerolog.InfoLevel
	switch result.Status {
	case KeysDiffer:
		level = zerolog.ErrorLevel
	case Refused, TakenBack, Waiting:
		level = zerolog.WarnLevel
	}
	line := h.line(ctx, level, &result)
	if why := result.Reason; why != nil {
		line.Str("code", why.Code).Str("error", why.Message).Str("remedy", why.Remedy)
	}
	if len(result.Diagnoses) > 0 {
		line.Interface("diagnoses", result.Diagnoses)
	}
	line.Interface("ends", result.Ends).Bool("alarm", result.Status == KeysDiffer).Msg("rotation")
	if h.config.Report != nil {
		if err := invoke.Recover(func() error { h.config.Report(ctx, result); return nil }); err != nil {
			return err
		}
	}
	if h.config.Publish == nil {
		return nil
	}
	return invoke.Recover(func() error { return h.config.Publish(ctx, result) })
}

func (h *Handler) line(ctx context.Context, level zerolog.Level, result *Result) *zerolog.Event {
	return invoke.Line(ctx, h.config.Log, level).Str("secretId", result.SecretID).Str("versionId", result.VersionID).
		Str("step", result.Step).Str("status", string(result.Status))
}

// watch goes on with the rotations that no call works on.
func (h *Handler) watch(ctx, work context.Context) (Result, error) {
	all, err := h.config.Store.LoadRotations(work)
	if err != nil {
		return Result{}, fmt.Errorf("watch: read the rotations: %w", err)
	}
	var due []string
	for _, arn := range slices.Sorted(maps.Keys(all.Open)) {
		touched := all.Open[arn].Touched
		// A time far ahead of now is that of a clock that has been set back since.
		if idle := h.config.Now().Sub(touched); touched.IsZero() || idle < -h.config.Lag || idle >= h.config.AbandonAfter {
			due = append(due, arn)
		}
	}
	var errs []error
	for i, arn := range due {
		its, end := withShare(work, len(due)-i)
		if _, err := h.step(ctx, its, Watch, arn, all.Open[arn].Version); err != nil {
			errs = append(errs, err)
		}
		end()
	}
	return Result{Step: Watch, Time: h.config.Now().UTC()}, errors.Join(errs...)
}

// withShare returns a context with an equal share of the remaining time, so that one
// rotation that hangs leaves time for the others.
func withShare(ctx context.Context, of int) (context.Context, context.CancelFunc) {
	if deadline, ok := ctx.Deadline(); ok {
		return context.WithTimeout(ctx, time.Until(deadline)/time.Duration(of))
	}
	return context.WithCancel(ctx)
}
