package apply

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/rs/zerolog"

	"vpnattach/shared/aws/invoke"
	"vpnattach/shared/outcome"
)

// Handler applies batches of changes. It is safe for concurrent use.
type Handler struct {
	config Config
	calls  calls
	recent recent
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
	groups, decided := map[string][]*change{}, decisions{}
	for i := range batch.Records {
		c := newChange(&batch.Records[i])
		decided[c] = h.decode(ctx, c)
		name, ok := c.record.Attributes["MessageGroupId"]
		if !ok {
			name = c.vpnConnectionID()
		}
		if groups[name] == nil {
			names = append(names, name)
		}
		groups[name] = append(groups[name], c)
	}
	response := events.SQSEventResponse{BatchItemFailures: []events.SQSBatchItemFailure{}}
	work, cancel := invoke.WithMargin(ctx, h.config.Margin/3)
	defer cancel()
	for i, name := range names {
		its, end := withShare(work, len(names)-i)
		for _, id := range h.group(its, ctx, groups[name], decided) {
			response.BatchItemFailures = append(response.BatchItemFailures, events.SQSBatchItemFailure{ItemIdentifier: id})
		}
		end()
	}
	return response, nil
}

// withShare returns a context with an equal share of the remaining time, so that a
// group that hangs leaves time for the others.
func withShare(ctx context.Context, of int) (context.Context, context.CancelFunc) {
	if deadline, ok := ctx.Deadline(); ok {
		return context.WithTimeout(ctx, time.Until(deadline)/time.Duration(of))
	}
	return context.WithCancel(ctx)
}

// decode decides on a record without its attachment; one that makes the program panic
// is deferred.
func (h *Handler) decode(ctx context.Context, c *change) (d decision) {
	err := invoke.Recover(func() error { d = c.decode(h.config.Now(), h.config.Peer); return nil })
	if err != nil {
		invoke.Failed(h.log(ctx, zerolog.ErrorLevel, c), err, "decode")
		return byError(err)
	}
	return d
}

// group handles the records of one FIFO group, in their order, and returns the ids
// of those that go back. last is the context of the invocation itself.
func (h *Handler) group(ctx, last context.Context, changes []*change, decided decisions) (back []string) {
	calls := h.calls.take(changes)
	for _, c := range decided.open(changes) {
		if decided[c].status != "" {
			continue // decided together with an earlier one
		}
		key, credentials := c.message.Key(), c.message.Credentials
		same := slices.DeleteFunc(decided.open(changes), func(other *change) bool {
			return other.message.Key() != key || other.message.Credentials != credentials
		})
		t := &target{Handler: h, service: h.config.Service, key: key, credentials: credentials, calls: calls}
		maps.Copy(decided, t.decide(ctx, same))
	}
	var receipts []string
	var wait time.Duration
	for _, c := range changes {
		d := h.carryOut(ctx, last, c, decided[c], len(back) > 0)
		if d.status == outcome.Deferred || len(back) > 0 {
			back = append(back, c.record.MessageId)
			receipts = append(receipts, c.record.ReceiptHandle)
			wait = max(wait, d.backOff(c.received))
			h.calls.keep(c, calls[c])
		}
	}
	if len(receipts) > 0 && h.config.Visibility != nil {
		last, cancel := invoke.WithMargin(last, h.config.Margin/6)
		defer cancel()
		_ = h.guard(last, "change the visibility", changes, func() error { return h.config.Visibility(last, receipts, wait) })
	}
	return back
}

// carryOut carries a decision out: it publishes the outcome, sends the dead letter and
// reports. behind says that a record before it in its group goes back to the queue. A
// failure changes the decision, which is returned.
func (h *Handler) carryOut(ctx, last context.Context, c *change, d decision, behind bool) decision {
	if behind {
		d = d.requeueBehind()
	}
	if err := h.publish(ctx, c, d); err != nil {
		d = d.deferred(outcome.ReasonOf(err))
	}
	d = h.deadLetter(ctx, c, d)
	if expired, ok := d.expire(c, h.config.Now(), h.config.MaxAge); ok {
		// The obstacle may have used up the time, or be the bus itself.
		late, cancel := invoke.WithMargin(last, h.config.Margin/3)
		defer cancel()
		d = h.deadLetter(late, c, expired)
		_ = h.publish(late, c, d)
	}
	h.report(ctx, c, d)
	return d
}

// publish publishes the outcome of a change that confirm does not see.
func (h *Handler) publish(ctx context.Context, c *change, d decision) error {
	o, ok := c.published(d, h.config.Now(), h.config.Plan)
	if !ok || h.config.Publish == nil {
		return nil
	}
	return h.guard(ctx, "publish the outcome", []*change{c}, func() error { return h.config.Publish(ctx, o) })
}

// deadLetter sends a rejected record to the dead letters; if that fails, the record
// goes back to the queue.
func (h *Handler) deadLetter(ctx context.Context, c *change, d decision) decision {
	if d.status != outcome.Rejected {
		return d
	}
	letter := c.deadLetter(d, h.config.Now())
	if err := h.guard(ctx, "keep the dead letter", []*change{c}, func() error { return h.config.DeadLetter(ctx, letter) }); err != nil {
		return d.deferred(outcome.ReasonOf(err))
	}
	return d
}

// guard calls one of the functions of the configuration, and logs when it fails.
func (h *Handler) guard(ctx context.Context, what string, about []*change, call func() error) error {
	if err := invoke.Recover(call); err != nil {
		invoke.Failed(h.log(ctx, zerolog.ErrorLevel, about...), err, what)
		return fmt.Errorf("%s: %w", what, err)
	}
	return nil
}

// report logs and reports the outcome of a record.
func (h *Handler) report(ctx context.Context, c *change, d decision) {
	o := c.outcome(d)
	alarm := o.Error != nil && o.Error.Class.Handling().Alarm
	level := zerolog.InfoLevel
	switch {
	case alarm:
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
		line.Bool("alarm", alarm)
	}
	line.Msg("outcome")
	if h.config.Report != nil {
		_ = h.guard(ctx, "report the outcome", []*change{c}, func() error { h.config.Report(ctx, o); return nil })
	}
}

// log starts a line with the ids of the invocation, the events and the attachment.
func (h *Handler) log(ctx context.Context, level zerolog.Level, about ...*change) *zerolog.Event {
	line := invoke.Line(ctx, h.config.Log, level)
	if len(about) == 1 {
		line.Str("eventId", about[0].message.EventID)
	} else {
		ids := make([]string, len(about))
		for i, c := range about {
			ids[i] = c.message.EventID
		}
		line.Strs("eventIds", ids)
	}
	return line.Str("vpnConnectionId", about[0].vpnConnectionID())
}
