package bundle_test

import (
	"context"
	"encoding/json"
	"strconv"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
	"github.com/tidwall/gjson"
)

// mappings are the event source mappings of template.yaml: which function gets the
// messages of a queue, ten at a time, with ReportBatchItemFailures.
var mappings = map[string]string{"ChangeQueue": "apply", "ConfirmQueue": "confirm", "EventQueue": "ingest"}

// deliver makes one round of an event source mapping: receive a batch, invoke the
// function, delete what it has not reported as failed. The others stay invisible until
// [harness.later]; the groups of a FIFO queue wait behind it. It returns how many messages
// the batch had.
func (h *harness) deliver(queue string) int {
	h.Helper()
	batch := h.receive(queue)
	if len(batch) == 0 {
		return 0
	}
	answer, err := h.functions[mappings[queue]].Invoke(h.Context(), []byte(encode(h.event(queue, batch))))
	left := map[string]bool{}
	if err != nil { // the function has failed, and with it the whole batch
		h.show("error of "+mappings[queue], err.Error())
		for i := range batch {
			left[*batch[i].MessageId] = true
		}
	} else {
		h.show("answer of "+mappings[queue], string(answer))
		left = h.failures(answer, batch)
	}
	h.finish(queue, batch, left)
	return len(batch)
}

// receive receives up to ten messages of a queue, and records their public parts.
func (h *harness) receive(queue string) []types.Message {
	h.Helper()
	out, err := h.sqs.ReceiveMessage(h.Context(), &sqs.ReceiveMessageInput{
		QueueUrl: aws.String(h.urls[queue]), MaxNumberOfMessages: 10,
		MessageAttributeNames: []string{"All"}, MessageSystemAttributeNames: []types.MessageSystemAttributeName{"All"},
	})
	if err != nil {
		h.Fatal(err)
	}
	for i := range out.Messages {
		h.see(queue, &out.Messages[i])
	}
	return out.Messages
}

// see records the attributes of a message, and its body where it must hold no secret.
func (h *harness) see(queue string, m *types.Message) {
	h.show("attributes in "+queue, encode(m.Attributes)+encode(m.MessageAttributes))
	switch queue {
	case "ConfirmQueue", "Outcomes", "Results":
		h.show("body in "+queue, *m.Body)
	case "FailedEventQueue":
		if !gjson.Get(*m.Body, "requestPayload").Exists() { // what Lambda keeps is as it came
			h.show("body in "+queue, *m.Body)
		}
	case "ChangeQueue":
		h.mutex.Lock()
		h.bodies = append(h.bodies, *m.Body)
		h.mutex.Unlock()
	}
}

// event is the payload of an invocation by the mapping, see
// https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html
func (h *harness) event(queue string, batch []types.Message) events.SQSEvent {
	var event events.SQSEvent
	for i := range batch {
		m := &batch[i]
		record := events.SQSMessage{
			MessageId: *m.MessageId, ReceiptHandle: *m.ReceiptHandle, Body: *m.Body, Attributes: map[string]string{},
			Md5OfBody: aws.ToString(m.MD5OfBody), Md5OfMessageAttributes: aws.ToString(m.MD5OfMessageAttributes),
			EventSource: "aws:sqs", EventSourceARN: h.arns[queue], AWSRegion: region,
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
// can't read, or that names no message of the batch, counts as failure of all.
func (h *harness) failures(answer []byte, batch []types.Message) map[string]bool {
	h.Helper()
	var response events.SQSEventResponse
	if err := json.Unmarshal(answer, &response); err != nil {
		h.Fatalf("the answer is not a batch response: %v", err)
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
		h.Fatalf("the answer names messages that are not in the batch")
	}
	return left
}

// finish deletes the messages of a batch that have not failed. The others stay invisible,
// so that none comes back by the clock.
func (h *harness) finish(queue string, batch []types.Message, left map[string]bool) {
	h.Helper()
	gone := &sqs.DeleteMessageBatchInput{QueueUrl: aws.String(h.urls[queue])}
	var kept []string
	for i := range batch {
		if left[*batch[i].MessageId] {
			kept = append(kept, *batch[i].ReceiptHandle)
			continue
		}
		gone.Entries = append(gone.Entries, types.DeleteMessageBatchRequestEntry{Id: aws.String(strconv.Itoa(i)), ReceiptHandle: batch[i].ReceiptHandle})
	}
	if len(gone.Entries) > 0 {
		if out, err := h.sqs.DeleteMessageBatch(h.Context(), gone); err != nil || len(out.Failed) > 0 {
			h.Fatalf("delete messages: %v", err)
		}
	}
	h.changeVisibility(queue, kept, 3600)
	h.held[queue] = append(h.held[queue], kept...)
}

// later makes all invisible messages of a queue visible, as time does.
func (h *harness) later(queue string) {
	h.Helper()
	h.changeVisibility(queue, h.held[queue], 0)
	h.held[queue] = nil
}

func (h *harness) changeVisibility(queue string, receipts []string, seconds int32) {
	h.Helper()
	for _, receipt := range receipts {
		if _, err := h.sqs.ChangeMessageVisibility(h.Context(), &sqs.ChangeMessageVisibilityInput{
			QueueUrl: aws.String(h.urls[queue]), ReceiptHandle: &receipt, VisibilityTimeout: seconds,
		}); err != nil {
			h.Fatal(err)
		}
	}
}

// take receives and deletes all messages of a queue.
func (h *harness) take(queue string) (messages []types.Message) {
	h.Helper()
	for {
		batch := h.receive(queue)
		if len(batch) == 0 {
			return messages
		}
		h.finish(queue, batch, nil)
		messages = append(messages, batch...)
	}
}

// move moves all messages from one queue to another, as aws sqs start-message-move-task
// does.
func (h *harness) move(from, to string) {
	h.Helper()
	for _, m := range h.take(from) {
		in := &sqs.SendMessageInput{QueueUrl: aws.String(h.urls[to]), MessageBody: m.Body, MessageAttributes: m.MessageAttributes}
		if group := m.Attributes["MessageGroupId"]; group != "" {
			in.MessageGroupId, in.MessageDeduplicationId = &group, aws.String(m.Attributes["MessageDeduplicationId"])
		}
		if _, err := h.sqs.SendMessage(h.Context(), in); err != nil {
			h.Fatal(err)
		}
	}
}

// drain records the messages of a queue at the end of a test.
func (h *harness) drain(queue string) {
	for {
		out, err := h.sqs.ReceiveMessage(context.Background(), &sqs.ReceiveMessageInput{
			QueueUrl: aws.String(h.urls[queue]), MaxNumberOfMessages: 10, VisibilityTimeout: 3600,
			MessageAttributeNames: []string{"All"}, MessageSystemAttributeNames: []types.MessageSystemAttributeName{"All"},
		})
		if err != nil {
			h.Fatal(err)
		}
		if len(out.Messages) == 0 {
			return
		}
		for i := range out.Messages {
			h.see(queue, &out.Messages[i])
		}
	}
}
