package apply

import (
	"context"
	"fmt"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/rs/zerolog"

	"vpnattach/shared/aws/invoke"
	"vpnattach/shared/outcome"
)

// Handler applies batches of changes. It is safe for concurrent use.
type Handler struct {
	config  Config
	earlier earlier
}

// New fills in the defaults. It fails for what [Config.Validate] refuses.
func New(config Config) (*Handler, error) {
	if err := config.Validate(); err != nil {
		return nil, err
	}
	if config.Margin == 0 {
		config.Margin = 3 * time.Second
	}
	if config.Lag == 0 {
		config.Lag = staleLimit
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
func (h *Handler) Handle(ctx context.Context, event events.SQSEvent) (events.SQSEventResponse, error) {
	b := &batch{Handler: h, decided: decisions{}}
	index := map[string]int{}
	for i := range event.Records {
		c := newChange(&event.Records[i])
		b.decided[c] = h.decode(ctx, c)
		name, ok := c.record.Attributes["MessageGroupId"]
		if !ok {
			name = c.vpnConnectionID()
		}
		n, known := index[name]
		if !known {
			n = len(b.groups)
			index[name], b.groups = n, append(b.groups, nil)
		}
		b.groups[n] = append(b.groups[n], c)
		b.all = append(b.all, c)
	}
	b.calls, b.kept = h.earlier.take(b.all)
	work, cancel := invoke.WithMargin(ctx, h.config.Margin)
	defer cancel()
	for i, changes := range b.groups {
		its, end := withShare(work, len(b.groups)-i)
		b.decide(its, changes)
		end()
	}
	response := events.SQSEventResponse{BatchItemFailures: []events.SQSBatchItemFailure{}}
	for _, id := range b.carryOut(ctx) {
		response.BatchItemFailures = append(response.BatchItemFailures, events.SQSBatchItemFailure{ItemIdentifier: id})
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
	if o.Status == outcome.Deferred {
		o.Waited = c.waited(h.config.Now())
	}
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
		if id := about[0].message.TraceID; id != "" {
			line.Str("traceId", id)
		}
	} else {
		ids := make([]string, len(about))
		for i, c := range about {
			ids[i] = c.message.EventID
		}
		line.Strs("eventIds", ids)
	}
	return line.Str("vpnConnectionId", about[0].vpnConnectionID())
}
