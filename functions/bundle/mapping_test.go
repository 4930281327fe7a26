package bundle_test

import (
	"context"
	"encoding/json"
	"strconv"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
)

// mappings are the event source mappings of template.yaml: which function gets the
// messages of a queue, ten at a time, with ReportBatchItemFailures.
var mappings = map[string]string{"ChangeQueue": "apply", "ConfirmQueue": "confirm", "EventQueue": "ingest"}

// deliver plays one round of an event source mapping: receive a batch, invoke the
// function, delete what it has not reported as failed. What is left stays hidden until
// [world.later]; the groups of a FIFO queue wait behind it. It returns how many messages
// the batch had.
func (w *world) deliver(queue string) int {
	w.Helper()
	batch := w.receive(queue)
	if len(batch) == 0 {
		return 0
	}
	answer, err := w.functions[mappings[queue]].Invoke(w.Context(), []byte(encode(w.event(queue, batch))))
	left := map[string]bool{}
	if err != nil { // the function has failed, and with it the whole batch
		w.show("error of "+mappings[queue], err.Error())
		for i := range batch {
			left[*batch[i].MessageId] = true
		}
	} else {
		w.show("answer of "+mappings[queue], string(answer))
		left = w.failures(answer, batch)
	}
	w.finish(queue, batch, left)
	return len(batch)
}

// receive receives up to ten messages of a queue, and notes what can be seen of them.
func (w *world) receive(queue string) []types.Message {
	w.Helper()
	out, err := w.sqs.ReceiveMessage(w.Context(), &sqs.ReceiveMessageInput{
		QueueUrl: aws.String(w.urls[queue]), MaxNumberOfMessages: 10,
		MessageAttributeNames: []string{"All"}, MessageSystemAttributeNames: []types.MessageSystemAttributeName{"All"},
	})
	if err != nil {
		w.Fatal(err)
	}
	for i := range out.Messages {
		w.see(queue, &out.Messages[i])
	}
	return out.Messages
}

// see notes the attributes of a message, and its body where it may hold no secret.
func (w *world) see(queue string, m *types.Message) {
	w.show("attributes in "+queue, encode(m.Attributes)+encode(m.MessageAttributes))
	switch queue {
	case "ConfirmQueue", "Outcomes":
		w.show("body in "+queue, *m.Body)
	case "ChangeQueue":
		w.mutex.Lock()
		w.bodies = append(w.bodies, *m.Body)
		w.mutex.Unlock()
	}
}

// event is the payload of an invocation by the mapping, see
// https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html
func (w *world) event(queue string, batch []types.Message) events.SQSEvent {
	var event events.SQSEvent
	for i := range batch {
		m := &batch[i]
		record := events.SQSMessage{
			MessageId: *m.MessageId, ReceiptHandle: *m.ReceiptHandle, Body: *m.Body, Attributes: map[string]string{},
			Md5OfBody: aws.ToString(m.MD5OfBody), Md5OfMessageAttributes: aws.ToString(m.MD5OfMessageAttributes),
			EventSource: "aws:sqs", EventSourceARN: w.arns[queue], AWSRegion: region,
			MessageAttributes: map[string]events.SQSMessageAttribute{},
		}
		for name, value := range m.Attributes {
			record.Attributes[name] = value
		}
		for name, value := range m.MessageAttributes {
			record.MessageAttributes[name] = events.SQSMessageAttribute{
				StringValue: value.StringValue, BinaryValue: value.BinaryValue, DataType: aws.ToString(value.DataType),
				StringListValues: []string{}, BinaryListValues: [][]byte{},
			}
		}
		event.Records = append(event.Records, record)
	}
	return event
}

// failures are the messages that the function has reported. An answer that Lambda
// can't read, or that names none of the batch, counts as failure of all.
func (w *world) failures(answer []byte, batch []types.Message) map[string]bool {
	w.Helper()
	var response events.SQSEventResponse
	if err := json.Unmarshal(answer, &response); err != nil {
		w.Fatalf("the answer is none for a batch: %v", err)
	}
	left := map[string]bool{}
	for _, failed := range response.BatchItemFailures {
		left[failed.ItemIdentifier] = true
	}
	known := 0
	for i := range batch {
		if left[*batch[i].MessageId] {
			known++
		}
	}
	if known != len(left) {
		w.Fatalf("the answer names messages that are not in the batch")
	}
	return left
}

// finish deletes the messages of a batch, but for those that are left. These it keeps
// hidden, so that none comes back by the clock.
func (w *world) finish(queue string, batch []types.Message, left map[string]bool) {
	w.Helper()
	gone := &sqs.DeleteMessageBatchInput{QueueUrl: aws.String(w.urls[queue])}
	var kept []string
	for i := range batch {
		if left[*batch[i].MessageId] {
			kept = append(kept, *batch[i].ReceiptHandle)
			continue
		}
		gone.Entries = append(gone.Entries, types.DeleteMessageBatchRequestEntry{Id: aws.String(strconv.Itoa(i)), ReceiptHandle: batch[i].ReceiptHandle})
	}
	if len(gone.Entries) > 0 {
		if out, err := w.sqs.DeleteMessageBatch(w.Context(), gone); err != nil || len(out.Failed) > 0 {
			w.Fatalf("delete messages: %v", err)
		}
	}
	w.hide(queue, kept, 3600)
	w.held[queue] = append(w.held[queue], kept...)
}

// later lets so much time pass in a queue that all that is hidden can be received.
func (w *world) later(queue string) {
	w.Helper()
	w.hide(queue, w.held[queue], 0)
	w.held[queue] = nil
}

func (w *world) hide(queue string, receipts []string, seconds int32) {
	w.Helper()
	for _, receipt := range receipts {
		if _, err := w.sqs.ChangeMessageVisibility(w.Context(), &sqs.ChangeMessageVisibilityInput{
			QueueUrl: aws.String(w.urls[queue]), ReceiptHandle: &receipt, VisibilityTimeout: seconds,
		}); err != nil {
			w.Fatal(err)
		}
	}
}

// take receives all that is in a queue and deletes it.
func (w *world) take(queue string) (messages []types.Message) {
	w.Helper()
	for {
		batch := w.receive(queue)
		if len(batch) == 0 {
			return messages
		}
		w.finish(queue, batch, nil)
		messages = append(messages, batch...)
	}
}

// move moves all messages from one queue to another, as aws sqs start-message-move-task
// does.
func (w *world) move(from, to string) {
	w.Helper()
	for _, m := range w.take(from) {
		in := &sqs.SendMessageInput{QueueUrl: aws.String(w.urls[to]), MessageBody: m.Body, MessageAttributes: m.MessageAttributes}
		if group := m.Attributes["MessageGroupId"]; group != "" {
			in.MessageGroupId, in.MessageDeduplicationId = &group, aws.String(m.Attributes["MessageDeduplicationId"])
		}
		if _, err := w.sqs.SendMessage(w.Context(), in); err != nil {
			w.Fatal(err)
		}
	}
}

// drain notes what is in a queue at the end of a test.
func (w *world) drain(queue string) {
	for {
		out, err := w.sqs.ReceiveMessage(context.Background(), &sqs.ReceiveMessageInput{
			QueueUrl: aws.String(w.urls[queue]), MaxNumberOfMessages: 10, VisibilityTimeout: 3600,
			MessageAttributeNames: []string{"All"}, MessageSystemAttributeNames: []types.MessageSystemAttributeName{"All"},
		})
		if err != nil {
			w.Fatal(err)
		}
		if len(out.Messages) == 0 {
			return
		}
		for i := range out.Messages {
			w.see(queue, &out.Messages[i])
		}
	}
}
