package ingest

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-lambda-go/lambdacontext"

	"vpnattach/shared/core/event"
	"vpnattach/shared/core/pipeline"
	"vpnattach/shared/message"
)

// take judges the units of a delivery, puts what is refused among the dead letters,
// and sends the others. Of a stream all comes again from the first that can't be done,
// so it stops there.
func (in *invocation) take(ctx context.Context, delivery *event.Delivery) []*document {
	var all, ready []*document
	for i := range delivery.Units {
		d := &document{unit: &delivery.Units[i], name: delivery.Units[i].Name}
		if lambda, ok := lambdacontext.FromContext(ctx); ok && !delivery.IsBatch() {
			d.name = lambda.AwsRequestID
		}
		all = append(all, d)
	}
	for _, d := range all {
		d.err = in.guard(ctx, "take the event", func() error { return in.prepare(ctx, d) })
		if d.err == nil && len(d.messages) > 0 && !d.rejected {
			ready = append(ready, d)
		}
		d.done = d.err == nil && (d.rejected || len(d.messages) == 0)
		if d.err != nil && delivery.Ordered {
			break
		}
	}
	in.send(ctx, ready, delivery.Ordered)
	for _, d := range all {
		in.count(d)
	}
	return all
}

// prepare judges a unit and gives its changes their times, or puts it among the dead
// letters.
func (in *invocation) prepare(ctx context.Context, d *document) error {
	records, err := d.unit.Open()
	if err != nil && !d.refuse(err) {
		return err
	}
	d.source = in.sourceOf(d.unit, records)
	d.via = wayOf(d.source)
	if err := in.judge(ctx, d, records); err != nil {
		return err
	}
	if d.rejected {
		in.refused(ctx, d)
		if err := in.config.DeadLetter(ctx, d.letter(in.now)); err != nil {
			return fmt.Errorf("keep the dead letter: %w", err)
		}
		d.kept = true
		return nil
	}
	return in.remember(ctx, d)
}

// remember gives each change whose time is that of a delivery the time at which its
// event was first seen.
func (in *invocation) remember(ctx context.Context, d *document) error {
	for i := range d.messages {
		m := &d.messages[i]
		if m.first == "" {
			continue
		}
		if i > 0 && d.messages[i-1].first == m.first {
			m.Time = d.messages[i-1].Time
			continue
		}
		t, err := in.config.FirstSeen(ctx, m.first, m.Time)
		if err != nil {
			return fmt.Errorf("look up when the event was first seen: %w", err)
		}
		if !t.After(in.now.Add(pipeline.FutureLimit)) { // else the clock was ahead then
			m.Time = t.UTC()
		}
	}
	return nil
}

// send puts the changes of all documents into the queue; when that fails, those of
// each, so that one does not hold up the others, unless they are ordered.
func (in *invocation) send(ctx context.Context, documents []*document, ordered bool) {
	if len(documents) == 0 {
		return
	}
	err := in.sendAll(ctx, documents)
	for _, d := range documents {
		if err != nil && len(documents) > 1 {
			d.err = in.sendAll(ctx, []*document{d})
		} else {
			d.err = err
		}
		d.done = d.err == nil
		if !d.done && ordered {
			return
		}
	}
}

func (in *invocation) sendAll(ctx context.Context, documents []*document) error {
	var messages []message.Change
	for _, d := range documents {
		for i := range d.messages {
			messages = append(messages, d.messages[i].Change)
		}
	}
	return in.guard(ctx, "send the changes", func() error { return in.config.Send(ctx, messages) })
}

// count adds how a document ended.
func (in *invocation) count(d *document) {
	switch {
	case !d.done:
		in.counts.Kept++
	case d.rejected:
		in.counts.Rejected++
	default:
		in.counts.Accepted += len(d.messages)
		in.counts.Ignored += d.ignored
	}
}

// failures answers which records have to come again: of a stream the first, with all
// that follow. Without its name only an error brings a record back, and with it all.
func (in *invocation) failures(delivery *event.Delivery, documents []*document) ([]byte, error) {
	response := events.SQSEventResponse{BatchItemFailures: []events.SQSBatchItemFailure{}}
	for _, d := range documents {
		if d.done {
			continue
		}
		if d.name == "" {
			return nil, fmt.Errorf("a record of %s without an id has to come again: %w", in.entry, d.err)
		}
		response.BatchItemFailures = append(response.BatchItemFailures, events.SQSBatchItemFailure{ItemIdentifier: d.name})
		if delivery.Ordered {
			break
		}
	}
	return json.Marshal(response)
}
