package server

import (
	"context"
	"fmt"
	"maps"
	"strconv"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-lambda-go/lambdacontext"

	"vpnattach/functions/apply"
	"vpnattach/functions/local/store"
	"vpnattach/shared/aws/invoke"
	"vpnattach/shared/core/attachment"
	"vpnattach/shared/core/jsontext"
	"vpnattach/shared/core/secret"
	"vpnattach/shared/message"
	"vpnattach/shared/outcome"
)

// firstCheck is how long after a change confirm looks at it for the first time.
const firstCheck = time.Second

// delivery is where a batch for apply comes from, and where its outcomes go to.
type delivery struct {
	keys    map[string]string  // of the changes, by message id
	queued  bool               // it comes from our own queue, so what is deferred comes again
	planned map[string]Outcome // set in the mode plan: takes the outcomes, by message id
}

// deliveryKey is the context's key for the delivery.
type deliveryKey struct{}

func (m *Machine) applyBatch(batch []store.Message) []string {
	d := delivery{keys: make(map[string]string, len(batch)), queued: true}
	for _, message := range batch {
		d.keys[message.ID] = message.Key
	}
	return m.handle(context.WithValue(m.work, deliveryKey{}, &d), "apply", batch, m.applyLocked)
}

// applyInvoked is apply as the Invoke API offers it.
func (m *Machine) applyInvoked(ctx context.Context, batch events.SQSEvent) (events.SQSEventResponse, error) {
	d := delivery{keys: make(map[string]string, len(batch.Records))}
	for i := range batch.Records {
		record := &batch.Records[i]
		d.keys[record.MessageId] = record.MessageId
		if message, err := message.DecodeChange(record.Body); err == nil {
			d.keys[record.MessageId] = message.DeduplicationID()
		}
	}
	if m.config.Plan {
		d.planned = map[string]Outcome{}
		defer func() { m.logFailure(m.notePlanned(maps.Values(d.planned))) }()
	}
	return m.applyLocked(context.WithValue(ctx, deliveryKey{}, &d), batch)
}

func (m *Machine) confirmBatch(batch []store.Message) []string {
	return m.handle(m.work, "confirm", batch, m.confirm.Handle)
}

// handle gives a batch to a function, as Lambda does, and returns the IDs that it
// wants to see again.
func (m *Machine) handle(ctx context.Context, name string, batch []store.Message, function func(context.Context, events.SQSEvent) (events.SQSEventResponse, error)) (failed []string) {
	defer func() {
		if err := invoke.Panicked(recover()); err != nil {
			m.log.Error().Err(err).Str("function", name).Msg("the batch comes again")
			failed = ids(batch)
		}
	}()
	ctx, cancel := context.WithTimeout(lambdacontext.NewContext(ctx, &lambdacontext.LambdaContext{AwsRequestID: newID()}), invokeTimeout)
	defer cancel()
	response, err := function(ctx, sqsEvent(name, batch))
	if err != nil {
		m.log.Error().Err(err).Str("function", name).Msg("the batch comes again")
		return ids(batch)
	}
	for _, f := range response.BatchItemFailures {
		failed = append(failed, f.ItemIdentifier)
	}
	return failed
}

func ids(batch []store.Message) []string {
	var all []string
	for _, message := range batch {
		all = append(all, message.ID)
	}
	return all
}

// sqsEvent writes a batch as SQS hands it to Lambda.
func sqsEvent(name string, batch []store.Message) events.SQSEvent {
	var event events.SQSEvent
	for _, message := range batch {
		event.Records = append(event.Records, events.SQSMessage{
			MessageId: message.ID, ReceiptHandle: message.ID, Body: message.Body,
			EventSource: "aws:sqs", EventSourceARN: "arn:aws:sqs:local:000000000000:" + name + ".fifo",
			Attributes: map[string]string{
				"MessageGroupId": message.Group, "MessageDeduplicationId": message.Key,
				"SequenceNumber":          message.ID,
				"ApproximateReceiveCount": strconv.Itoa(message.Received),
				"SentTimestamp":           strconv.FormatInt(message.Sent.UnixMilli(), 10),
			},
		})
	}
	return event
}

// putOff is apply's way to say when a record comes again.
func (m *Machine) putOff(_ context.Context, receipts []string, after time.Duration) error {
	for _, receipt := range receipts {
		m.changes.Delay(receipt, after) // one that is not ours came through the Invoke API
	}
	return nil
}

// report is apply's way to tell the outcome of a record.
func (m *Machine) report(ctx context.Context, o apply.Outcome) {
	d := ctx.Value(deliveryKey{}).(*delivery)
	key := d.keys[o.MessageID]
	outcome := Outcome{
		ChangeID: key, EventID: o.EventID, VpnConnectionID: o.VpnConnectionID, Status: o.Status, RequestID: o.RequestID,
		ClientToken: o.ClientToken, Parameters: o.Parameters, Findings: o.Findings.AppendJSON(nil), Error: o.Error,
	}
	if len(o.Differences) > 0 {
		outcome.Differences = jsontext.AppendList(nil, o.Differences, func(dst []byte, d *attachment.Difference) []byte { return d.AppendJSON(dst) })
	}
	if d.planned != nil {
		outcome.Plan = true
		outcome.fill()
		d.planned[o.MessageID] = outcome
		return
	}
	m.logFailure(m.state.Update(func(tx *store.Tx) error { return m.note(tx, key, &outcome, d.queued) }))
	m.config.Report(outcome)
	m.tell(key, outcome)
}

// note keeps an outcome that apply has reported.
func (m *Machine) note(tx *store.Tx, key string, o *Outcome, queued bool) error {
	if o.Status == outcome.Applied || o.Status == outcome.Unchanged {
		if err := tx.Delete(deadLetterBucket, key); err != nil {
			return err
		}
	}
	known, _, err := m.outcomes.get(tx, key)
	switch {
	case err != nil:
		return err
	case known.Outcome.Status == outcome.Applied && o.Status == outcome.Unchanged:
		return nil // it was delivered again after a crash, and found done
	case o.Status == outcome.Deferred && !queued:
		return nil // its sender has to bring it again
	}
	o.Confirmed = known.Outcome.Confirmed
	return m.outcomes.put(tx, key, *o)
}

// resolve is apply's way to a secret that a rule refers to.
func resolve(context.Context, secret.Reference) (secret.Secret, error) {
	return secret.Secret{}, fmt.Errorf("%w: one machine can't resolve a reference, which is for the functions in the cloud; give the key itself, in the rule's with or in a change document", secret.ErrUnresolvable)
}

// check is apply's way to ask for confirmation.
func (m *Machine) check(ctx context.Context, message message.Check) error {
	return m.checkAgain(ctx, message, firstCheck)
}

// checkAgain puts a message for confirm on its queue. Every one is a group of its
// own: none has to wait for another.
func (m *Machine) checkAgain(_ context.Context, message message.Check, delay time.Duration) error {
	body, err := message.Encode()
	if err != nil {
		return err
	}
	return m.state.Update(func(tx *store.Tx) error {
		id := newID()
		_, err := m.checks.Send(tx, store.Message{Group: id, Key: id, Body: body, Due: time.Now().Add(delay).UTC()})
		return err
	})
}

// confirmed is confirm's way to publish an outcome: it is added to those of the
// events that it is about.
func (m *Machine) confirmed(_ context.Context, o outcome.Outcome) error {
	var changed []Outcome
	err := m.state.Update(func(tx *store.Tx) error {
		changed = nil
		for _, eventID := range o.EventIDs {
			for _, r := range m.outcomes.of(eventID) {
				current, ok, err := m.outcomes.get(tx, r.Key)
				switch {
				case err != nil:
					return err
				case !ok || current.Outcome.VpnConnectionID != o.VpnConnectionID || current.Outcome.Plan,
					// Another change of the same event; one that is deferred may have been
					// sent together with others that are not.
					current.Outcome.Status == outcome.Rejected:
					continue
				}
				current.Outcome.Confirmed = &o
				if err := m.outcomes.put(tx, r.Key, current.Outcome); err != nil {
					return err
				}
				changed = append(changed, current.Outcome)
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("keep the outcome: %w", err)
	}
	for _, outcome := range changed {
		m.config.Report(outcome)
	}
	return nil
}
