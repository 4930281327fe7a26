package ingest

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-lambda-go/events"
	"github.com/tidwall/gjson"

	"vpnattach/shared/core/event"
	"vpnattach/shared/core/jsontext"
	"vpnattach/shared/message"
)

// batch takes apart the records of a batch, as an event source mapping, SNS and
// EventBridge Pipes bring it, and returns the service that it is from. There are no
// documents when it is no such batch. redrive is [Config.Redrive].
func batch(doc jsontext.Value, redrive string) (service string, documents []*document) {
	list := doc
	if doc.IsObject() {
		list = doc.Get("Records")
	}
	service, known := strings.CutPrefix(eventSource(list.At(0)), "aws:")
	switch service {
	case event.SQS.String(), event.SNS.String(), event.Kinesis.String(), event.DynamoDB.String():
	default:
		known = false
	}
	if !known {
		return "", nil
	}
	for _, record := range list.Elements {
		d := &document{source: record.Get("eventSourceARN").Text(), text: record.Raw(), body: record.Raw()}
		switch service {
		case event.SQS.String():
			d.name = record.Get("messageId").Text()
			if redrive != "" && d.source == redrive {
				if d.source = attribute(record, "Source"); d.source == "" {
					d.source, d.moved = redrive, record
				}
			}
			// A dead letter that was sent again, and is refused again, stays as it is.
			if inner := record.Get("body").Text(); isRecord(inner) {
				d.body = inner
			}
		case event.SNS.String():
			topic := record.Get("Sns")
			d.source, d.name = topic.Get("TopicArn").Text(), topic.Get("MessageId").Text()
		case event.Kinesis.String():
			d.name = cmp.Or(record.Get("kinesis").Get("sequenceNumber").Text(), record.Get("sequenceNumber").Text())
		case event.DynamoDB.String():
			d.name = record.Get("dynamodb").Get("SequenceNumber").Text()
		}
		documents = append(documents, d)
	}
	return service, documents
}

// eventSource returns the service that a record is from.
func eventSource(record jsontext.Value) string {
	return cmp.Or(record.Get("eventSource").Text(), record.Get("EventSource").Text())
}

// isRecord reports whether a text is a record of a batch.
func isRecord(text string) bool {
	if !gjson.Valid(text) {
		return false
	}
	record := gjson.Parse(text)
	return strings.HasPrefix(cmp.Or(record.Get("eventSource").String(), record.Get("EventSource").String()), "aws:")
}

// named keeps the source of an EventBridge event, which is the sender's choice, apart
// from the names of other sources.
func named(source string) string {
	if source == Webhook || source == Direct || strings.HasPrefix(source, "arn:") {
		return event.EventBridge.String() + ":" + source
	}
	return source
}

// isStream reports whether the records of a service come again from one of them on.
func isStream(service string) bool {
	return service == event.Kinesis.String() || service == event.DynamoDB.String()
}

// take judges the documents, puts what is refused among the dead letters, and sends
// the others. Of a stream all comes again from the first that can't be done, so it
// stops there.
func (in *invocation) take(ctx context.Context, documents []*document) {
	var ready []*document
	for _, d := range documents {
		d.err = in.guard(ctx, "take the event", func() error { return in.prepare(ctx, d) })
		if d.err == nil && len(d.messages) > 0 && !d.rejected {
			ready = append(ready, d)
		}
		d.done = d.err == nil && (d.rejected || len(d.messages) == 0)
		if d.err != nil && isStream(in.entry) {
			break
		}
	}
	in.send(ctx, ready)
	for _, d := range documents {
		in.count(d)
	}
}

// prepare judges a document and gives its changes their times, or puts it among the
// dead letters.
func (in *invocation) prepare(ctx context.Context, d *document) error {
	records, err := event.Open([]byte(d.text), nil)
	if err != nil && !d.refuse(err) {
		return err
	}
	d.trace(records)
	if d.source == Webhook || slices.ContainsFunc(records, holdsRequest) {
		d.add("", "", found(notVerified, "an HTTP request is in the place of an event, and its signature can't be checked here"))
		records = nil
	}
	if err := in.judge(d, records); err != nil {
		return err
	}
	if d.rejected {
		in.refused(ctx, d)
		if err := in.config.DeadLetter(ctx, d.letter(in.now)); err != nil {
			return fmt.Errorf("keep the dead letter: %w", err)
		}
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
		m.Time = t.UTC()
	}
	return nil
}

// send puts the changes of all documents into the queue; when that fails, those of
// each, so that one does not hold up the others.
func (in *invocation) send(ctx context.Context, documents []*document) {
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
		if !d.done && isStream(in.entry) {
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

// count adds what became of a document.
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
func (in *invocation) failures(documents []*document) ([]byte, error) {
	response := events.SQSEventResponse{BatchItemFailures: []events.SQSBatchItemFailure{}}
	for _, d := range documents {
		if d.done {
			continue
		}
		if d.name == "" {
			return nil, fmt.Errorf("a record of %s without an id has to come again: %w", in.entry, d.err)
		}
		response.BatchItemFailures = append(response.BatchItemFailures, events.SQSBatchItemFailure{ItemIdentifier: d.name})
		if isStream(in.entry) {
			break
		}
	}
	return json.Marshal(response)
}
