package confirm

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/rs/zerolog"

	"vpnattach/shared/aws/invoke"
	"vpnattach/shared/core/attachment"
	"vpnattach/shared/core/secret"
	"vpnattach/shared/ledger"
	"vpnattach/shared/message"
	"vpnattach/shared/outcome"
	"vpnattach/shared/vpc"
)

// unreadableTime is how long after the deadline an attachment that can't be read is asked
// for again: nothing is known of it, and an outage of the service or a key that is not
// accepted says nothing about the change.
const unreadableTime = 24 * time.Hour

// Handler confirms what apply has sent. It is safe for concurrent use.
type Handler struct{ config Config }

// New fills in the defaults. It fails for what [Config.Validate] refuses.
func New(config Config) (*Handler, error) {
	if err := config.Validate(); err != nil {
		return nil, err
	}
	if config.Margin == 0 {
		config.Margin = 2 * time.Second
	}
	if config.Now == nil {
		config.Now = time.Now
	}
	return &Handler{config}, nil
}

// Handle checks each attachment of the batch. Records that could be neither decided nor
// sent again are in the answer; it never returns an error.
func (h *Handler) Handle(ctx context.Context, batch events.SQSEvent) (events.SQSEventResponse, error) {
	response := events.SQSEventResponse{BatchItemFailures: []events.SQSBatchItemFailure{}}
	work, cancel := invoke.WithMargin(ctx, h.config.Margin)
	defer cancel()
	kept := map[time.Duration][]string{} // receipts by back-off
	for i := range batch.Records {
		record := &batch.Records[i]
		var m message.Check
		err := invoke.Recover(func() (err error) {
			if m, err = message.DecodeCheck(record.Body); err != nil {
				return err // after maxReceiveCount the queue moves it to the failed ones
			}
			return h.check(work, m)
		})
		if err != nil {
			invoke.Failed(h.log(ctx, zerolog.ErrorLevel, m).Str("messageId", record.MessageId), err, "confirm")
			response.BatchItemFailures = append(response.BatchItemFailures, events.SQSBatchItemFailure{ItemIdentifier: record.MessageId})
			after := backOff(record, err)
			kept[after] = append(kept[after], record.ReceiptHandle)
		}
	}
	if n := len(response.BatchItemFailures); n > 0 {
		h.keep(ctx, kept)
		if h.config.Report != nil {
			h.config.Report(ctx, n)
		}
	}
	return response, nil
}

// backOff is how long a record stays invisible after an error.
func backOff(record *events.SQSMessage, err error) time.Duration {
	received, parse := strconv.Atoi(record.Attributes["ApproximateReceiveCount"])
	if parse != nil {
		received = 1
	}
	return outcome.ClassOf(err).Handling().BackOff(received)
}

// keep changes the visibility timeout of records.
func (h *Handler) keep(ctx context.Context, receipts map[time.Duration][]string) {
	if h.config.Visibility == nil {
		return
	}
	ctx, cancel := invoke.WithMargin(ctx, h.config.Margin/4)
	defer cancel()
	for after, some := range receipts {
		if err := invoke.Recover(func() error { return h.config.Visibility(ctx, some, after) }); err != nil {
			invoke.Failed(invoke.Line(ctx, h.config.Log, zerolog.ErrorLevel), err, "change the visibility")
		}
	}
}

func (h *Handler) check(ctx context.Context, m message.Check) error {
	entry, err := h.config.Ledger.Load(ctx, ledger.Key{RegionID: m.RegionID, VpnConnectionID: m.VpnConnectionID})
	if err != nil {
		return fmt.Errorf("read the ledger: %w", err)
	}
	if superseded(&m, entry) {
		return h.publish(ctx, &m, overtaken(&m))
	}
	service, err := h.service(ctx, &m)
	var current *attachment.Current
	if err == nil {
		current, err = service.Describe(ctx, m.RegionID, m.VpnConnectionID)
	}
	if ctx.Err() != nil {
		// Not a fault of the attachment; and a message that is also sent again would be
		// there twice.
		return ctx.Err()
	}
	o := compare(&m, entry, current, err, h.config.DigestKey)
	now := h.config.Now()
	if m.Within > 0 && m.Deadline.Sub(now) > m.Within {
		m.Deadline = now.Add(m.Within) // the clock was ahead
	}
	unreadable := err != nil && outcome.ClassOf(err) != outcome.ClassRejected
	if o.Status == outcome.Drifted || o.Status == outcome.Failed && (err == nil || unreadable) && o.State != "deleted" {
		switch {
		case now.Before(m.Deadline):
			return h.again(ctx, m, m.Deadline.Sub(now))
		case unreadable && now.Before(m.Deadline.Add(unreadableTime)):
			return fmt.Errorf("read the attachment: %w", err) // which raises an alarm
		}
	}
	awaited := down(&m, &o, current)
	if len(awaited) > 0 && rank[o.Status] < rank[outcome.Drifted] {
		if m.Settled.IsZero() || m.Settled.After(now) {
			m.Settled, m.Attempts = now.UTC(), 0
		}
		until := m.Settled.Add(negotiationTime)
		if m.BothEnds {
			until = m.Deadline
		}
		if now.Before(until) && now.Before(m.Deadline) {
			return h.again(ctx, m, min(until.Sub(now), m.Deadline.Sub(now)))
		}
	}
	if len(awaited) > 0 || current != nil && current.State != "deleted" && rank[o.Status] >= rank[outcome.Drifted] {
		o.Diagnoses = diagnose(ctx, service, m.RegionID, current, awaited)
		if ctx.Err() != nil {
			return ctx.Err()
		}
	}
	if unreadable {
		o.Reason.Remedy = "Fix what the message names, and check the attachment yourself: this was the last attempt."
	}
	return h.publish(ctx, &m, o)
}

// publish publishes the outcome, and writes it to the log.
func (h *Handler) publish(ctx context.Context, m *message.Check, o outcome.Outcome) error {
	ids, now := m.ChangeIDs, h.config.Now()
	if len(ids) == 0 { // in messages of before
		ids = m.EventIDs
	}
	o.ID, o.Time = outcome.NewID(o.Status, o.Reason, ids), now.UTC()
	if !m.Sent.IsZero() {
		settled := now
		if !m.Settled.IsZero() {
			settled = m.Settled
		}
		o.SettleMillis = max(settled.Sub(m.Sent).Milliseconds(), 1)
	}
	if err := h.config.Publish(ctx, o); err != nil {
		return fmt.Errorf("publish the outcome: %w", err)
	}
	level := zerolog.InfoLevel
	if o.Status == outcome.Drifted || o.Status == outcome.Failed || len(o.Diagnoses) > 0 {
		level = zerolog.WarnLevel
	}
	line := h.log(ctx, level, *m).Str("status", string(o.Status)).Str("state", o.State)
	if o.Reason != nil {
		line.Str("code", o.Reason.Code).Str("error", o.Reason.Message).Str("remedy", o.Reason.Remedy)
	}
	if len(o.Diagnoses) > 0 {
		line.Interface("diagnoses", o.Diagnoses)
	}
	line.Msg("outcome")
	return nil
}

// service has the credentials that the attachment was changed with.
func (h *Handler) service(ctx context.Context, m *message.Check) (Service, error) {
	if m.Credentials == "" || h.config.Profile == nil {
		return h.config.Service, nil
	}
	service, err := h.config.Profile(ctx, m.Credentials)
	if err != nil {
		return nil, &vpc.Error{Code: "credentials-unknown", Message: err.Error(), Class: outcome.ClassBlocked}
	}
	return service, nil
}

// again sends the message again: soon at first, then less often, and once at the
// deadline. What has taken that long already is given as long again.
func (h *Handler) again(ctx context.Context, m message.Check, remaining time.Duration) error {
	delay, since := time.Second<<min(m.Attempts, 6), m.Sent
	if !m.Settled.IsZero() {
		since = m.Settled
	}
	if elapsed := h.config.Now().Sub(since); !since.IsZero() {
		delay = max(delay, elapsed.Truncate(time.Second))
	}
	delay = min(delay, time.Minute, max(remaining, time.Second))
	m.Attempts++
	if err := h.config.Again(ctx, m, delay); err != nil {
		return fmt.Errorf("look again: %w", err)
	}
	h.log(ctx, zerolog.DebugLevel, m).Dur("delay", delay).Msg("again")
	return nil
}

// compare compares what was asked with the current configuration. failed is the error
// of Describe.
func compare(m *message.Check, entry ledger.Entry, current *attachment.Current, failed error, key secret.Secret) outcome.Outcome {
	o := outcome.Outcome{
		RegionID: m.RegionID, VpnConnectionID: m.VpnConnectionID, RequestID: m.RequestID, EventIDs: m.EventIDs, TraceIDs: m.TraceIDs,
		Status: outcome.Settled, Fields: map[string]outcome.Status{},
	}
	fail := func(why *outcome.Reason) outcome.Outcome {
		o.Status, o.Reason = outcome.Failed, why
		return o
	}
	if failed != nil {
		return fail(outcome.ReasonOf(failed))
	}
	o.State, o.Negotiation = current.State, current.Status
	for i, t := range current.Tunnels {
		if current.Dual {
			o.Tunnels = append(o.Tunnels, outcome.Tunnel{Index: i + 1, State: t.State, Negotiation: t.Status})
		}
	}
	if !current.Settled() {
		return fail(&outcome.Reason{Code: "in-motion", Class: outcome.ClassBusy,
			Message: "the attachment is " + current.State + " or one of its tunnels is being changed",
			Remedy:  "Check the attachment in the console: it did not settle in time."})
	}
	superseded := 0
	for _, asked := range m.Asked {
		status := field(asked, entry, current, key)
		o.Fields[asked.Field] = status
		if status == outcome.Superseded {
			superseded++
		}
		if rank[status] > rank[o.Status] {
			o.Status = status
		}
	}
	// As long as one field is the events' own, what they asked for has not been
	// superseded.
	if o.Status == outcome.Superseded && superseded < len(m.Asked) {
		o.Status = outcome.Settled
	}
	return o
}

// superseded reports whether newer events own all the fields, by the ledger: then the
// attachment need not be asked. It would be in motion for as long as they keep coming.
func superseded(m *message.Check, entry ledger.Entry) bool {
	return len(m.Asked) > 0 && !slices.ContainsFunc(m.Asked, func(asked message.Asked) bool {
		_, known := attachment.FieldNamed(asked.Field)
		return !known || entry.Fields[asked.Field].Compare(asked.Stamp) <= 0
	})
}

// overtaken is the outcome of what newer events own.
func overtaken(m *message.Check) outcome.Outcome {
	o := outcome.Outcome{
		RegionID: m.RegionID, VpnConnectionID: m.VpnConnectionID, RequestID: m.RequestID, EventIDs: m.EventIDs, TraceIDs: m.TraceIDs,
		Status: outcome.Superseded, Fields: map[string]outcome.Status{},
	}
	for _, asked := range m.Asked {
		o.Fields[asked.Field] = outcome.Superseded
	}
	return o
}

var rank = map[outcome.Status]int{outcome.Settled: 0, outcome.Superseded: 1, outcome.Unverified: 2, outcome.Drifted: 3, outcome.Failed: 4}

func field(asked message.Asked, entry ledger.Entry, current *attachment.Current, key secret.Secret) outcome.Status {
	f, known := attachment.FieldNamed(asked.Field)
	if !known {
		return outcome.Unverified
	}
	if entry.Fields[asked.Field].Compare(asked.Stamp) > 0 {
		return outcome.Superseded
	}
	value := asked.Value
	if f.Parameter().Secret {
		if asked.Digest == "" {
			return outcome.Unverified // a key that was left out, and may be lost
		}
		value = current.Value(f).Text()
		if message.Digest(key, value) != asked.Digest {
			value = "" // some other key
		}
	}
	switch same, shown := current.Shows(f, value); {
	case !shown:
		return outcome.Unverified
	case !same:
		return outcome.Drifted
	}
	return outcome.Settled
}

// log starts a line with the ids of the invocation, the events and the attachment.
func (h *Handler) log(ctx context.Context, level zerolog.Level, m message.Check) *zerolog.Event {
	line := invoke.Line(ctx, h.config.Log, level).Strs("eventIds", m.EventIDs).Str("vpnConnectionId", m.VpnConnectionID)
	if len(m.TraceIDs) > 0 {
		line.Strs("traceIds", m.TraceIDs)
	}
	return line
}
