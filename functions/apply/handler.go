package apply

import (
	"context"
	"crypto/rand"
	"fmt"
	"runtime"
	"runtime/debug"
	"slices"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-lambda-go/lambdacontext"
	"github.com/rs/zerolog"

	"vpnattach/shared/outcome"
)

// Handler applies batches of changes. It is safe for concurrent use.
type Handler struct {
	config Config
	calls  calls
}

// New fills in the defaults. It fails for what [Config.Validate] refuses.
func New(config Config) (*Handler, error) {
	if err := config.Validate(); err != nil {
		return nil, err
	}
	if config.Margin == 0 {
		config.Margin = 3 * time.Second
	}
	if config.ConfirmWithin == 0 {
		config.ConfirmWithin = 10 * time.Minute
	}
	if config.Now == nil {
		config.Now = time.Now
	}
	return &Handler{config: config}, nil
}

// Handle applies a batch from a FIFO queue, whose event source mapping has to have
// ReportBatchItemFailures. Records that go back to the queue are in the answer;
// it never returns an error.
func (h *Handler) Handle(ctx context.Context, batch events.SQSEvent) (events.SQSEventResponse, error) {
	var names []string
	groups := map[string][]*change{}
	for i := range batch.Records {
		record := &batch.Records[i]
		c := h.decode(ctx, record)
		name, ok := record.Attributes["MessageGroupId"]
		if !ok {
			name = c.outcome.VpnConnectionID
		}
		if groups[name] == nil {
			names = append(names, name)
		}
		groups[name] = append(groups[name], c)
	}
	response := events.SQSEventResponse{BatchItemFailures: []events.SQSBatchItemFailure{}}
	work, cancel := before(ctx, h.config.Margin/3)
	defer cancel()
	for i, name := range names {
		share, end := part(work, len(names)-i)
		for _, id := range h.group(share, ctx, groups[name]) {
			response.BatchItemFailures = append(response.BatchItemFailures, events.SQSBatchItemFailure{ItemIdentifier: id})
		}
		end()
	}
	return response, nil
}

// part is a context with the time of one of those that have to share what is left, so
// that one that hangs leaves time for the others.
func part(ctx context.Context, of int) (context.Context, context.CancelFunc) {
	if deadline, ok := ctx.Deadline(); ok {
		return context.WithTimeout(ctx, time.Until(deadline)/time.Duration(of))
	}
	return context.WithCancel(ctx)
}

// decode makes the change of a record; one that makes the program panic is kept
// back.
func (h *Handler) decode(ctx context.Context, record *events.SQSMessage) (c *change) {
	defer func() {
		if cause := recover(); cause != nil {
			c = &change{record: record, received: 1, outcome: Outcome{MessageID: record.MessageId}}
			c.postpone(h.panicked(ctx, cause, c))
		}
	}()
	return newChange(record, h.config.Now(), h.config.Peer)
}

// before ends a context that much earlier.
func before(ctx context.Context, margin time.Duration) (context.Context, context.CancelFunc) {
	if deadline, ok := ctx.Deadline(); ok {
		return context.WithDeadline(ctx, deadline.Add(-margin))
	}
	return context.WithCancel(ctx)
}

// group handles the records of one FIFO group, in their order, and returns the ids
// of those that go back. last is the context of the invocation itself.
func (h *Handler) group(ctx, last context.Context, changes []*change) (failed []string) {
	var wait time.Duration
	for _, c := range changes {
		c.call = h.calls.take(c)
	}
	for _, c := range changes {
		if c.done {
			continue
		}
		key, credentials := c.message.Key(), c.message.Credentials
		same := slices.DeleteFunc(slices.Clone(changes), func(other *change) bool {
			return other.done || other.message.Key() != key || other.message.Credentials != credentials
		})
		g := &group{config: &h.config, service: h.config.Service, key: key, credentials: credentials, delivery: rand.Text()}
		h.run(ctx, g, same)
		wait = max(wait, g.wait)
	}
	var receipts []string
	for _, c := range changes {
		if len(failed) > 0 && c.outcome.Status != outcome.Deferred {
			follow(c)
		}
		if err := h.publish(ctx, c); err != nil {
			c.postpone(outcome.ReasonOf(err))
		}
		h.bury(ctx, c)
		if c.expire(h.config.Now(), h.config.MaxAge) {
			// What kept it until now may have used up the time, or be the bus itself.
			late, cancel := before(last, h.config.Margin/3)
			h.bury(late, c)
			_ = h.publish(late, c)
			cancel()
		}
		if c.outcome.Status == outcome.Deferred || len(failed) > 0 {
			failed = append(failed, c.record.MessageId)
			receipts = append(receipts, c.record.ReceiptHandle)
			wait = max(wait, backOff(c.why(), c.received, 0))
			h.calls.keep(c)
		}
		h.report(ctx, c)
	}
	if len(receipts) > 0 && h.config.Visibility != nil {
		last, cancel := before(last, h.config.Margin/6)
		defer cancel()
		_ = h.guard(last, "change the visibility", changes, func() error { return h.config.Visibility(last, receipts, wait) })
	}
	return failed
}

// follow lets a record go back together with one before it. What has been applied
// stays so, and will be found done; what was rejected will be judged again.
func follow(c *change) {
	if c.outcome.Status == outcome.Rejected {
		c.postpone(&outcome.Reason{Code: "in-order", Message: "a record before it in its group goes back to the queue: " + c.outcome.Error.Message,
			Class: outcome.ClassBusy, Remedy: "Nothing: the change is tried again."})
	}
}

// run decides on the changes. A panic postpones those that are not decided on.
func (h *Handler) run(ctx context.Context, g *group, changes []*change) {
	defer func() {
		if cause := recover(); cause != nil {
			g.postpone(changes, h.panicked(ctx, cause, changes...), 0)
		}
	}()
	g.run(ctx, changes)
}

// publish tells others of a record that confirm will not hear of.
func (h *Handler) publish(ctx context.Context, c *change) error {
	o, ok := c.published(h.config.Now(), h.config.Plan)
	if !ok || h.config.Publish == nil {
		return nil
	}
	return h.guard(ctx, "publish the outcome", []*change{c}, func() error { return h.config.Publish(ctx, o) })
}

// bury puts a rejected record among the dead letters; if that fails, it goes back.
func (h *Handler) bury(ctx context.Context, c *change) {
	if c.outcome.Status != outcome.Rejected {
		return
	}
	letter := DeadLetter{
		ID: c.record.MessageId, MessageID: c.record.MessageId, Message: c.message, Body: c.record.Body,
		Reason: *c.outcome.Error, Found: c.outcome.Findings, Time: h.config.Now().UTC(),
	}
	if c.message.EventID != "" {
		letter.ID = c.message.DeduplicationID()
	}
	if err := h.guard(ctx, "keep the dead letter", []*change{c}, func() error { return h.config.DeadLetter(ctx, letter) }); err != nil {
		c.postpone(outcome.ReasonOf(err))
	}
}

// guard calls one of the functions of the configuration, and logs when it fails.
func (h *Handler) guard(ctx context.Context, what string, about []*change, call func() error) (err error) {
	defer func() {
		if cause := recover(); cause != nil {
			err = fmt.Errorf("%s: %s", what, h.panicked(ctx, cause, about...).Message)
		}
	}()
	if err := call(); err != nil {
		h.log(ctx, zerolog.ErrorLevel, about...).Err(err).Msg(what)
		return fmt.Errorf("%s: %w", what, err)
	}
	return nil
}

// panicked logs a panic. Its value may hold anything, so only that of the runtime
// is shown.
func (h *Handler) panicked(ctx context.Context, cause any, about ...*change) *outcome.Reason {
	text := fmt.Sprintf("panic: %T", cause)
	if known, ok := cause.(runtime.Error); ok {
		text = "panic: " + known.Error()
	}
	h.log(ctx, zerolog.ErrorLevel, about...).Str("stack", string(debug.Stack())).Msg(text)
	return &outcome.Reason{Code: "panic", Message: text, Class: outcome.ClassTransient,
		Remedy: "Report this as a defect of the program; the change is tried again."}
}

// report tells what became of a record.
func (h *Handler) report(ctx context.Context, c *change) {
	o := &c.outcome
	if o.Status != outcome.Deferred {
		o.Stale = len(c.lost)
	}
	level := zerolog.InfoLevel
	switch {
	case o.Error != nil && o.Error.Class.Handling().Alarm:
		level = zerolog.ErrorLevel
	case o.Status == outcome.Rejected:
		level = zerolog.WarnLevel
	}
	line := h.log(ctx, level, c).Str("messageId", o.MessageID).Int("received", c.received).Str("status", string(o.Status))
	if o.RequestID != "" {
		line.Str("apiRequestId", o.RequestID)
	}
	if o.Error != nil {
		line.Str("code", o.Error.Code).Str("class", string(o.Error.Class)).Str("error", o.Error.Message).Str("remedy", o.Error.Remedy)
		line.Bool("alarm", o.Error.Class.Handling().Alarm)
	}
	line.Msg("outcome")
	if h.config.Report != nil {
		_ = h.guard(ctx, "report the outcome", []*change{c}, func() error { h.config.Report(ctx, *o); return nil })
	}
}

// log starts a line with the ids of the invocation, the events and the attachment.
func (h *Handler) log(ctx context.Context, level zerolog.Level, about ...*change) *zerolog.Event {
	line := h.config.Log.WithLevel(level).Timestamp()
	if lambda, ok := lambdacontext.FromContext(ctx); ok {
		line.Str("requestId", lambda.AwsRequestID)
	}
	if len(about) == 1 {
		line.Str("eventId", about[0].outcome.EventID)
	} else {
		ids := make([]string, len(about))
		for i, c := range about {
			ids[i] = c.outcome.EventID
		}
		line.Strs("eventIds", ids)
	}
	return line.Str("vpnConnectionId", about[0].outcome.VpnConnectionID)
}
