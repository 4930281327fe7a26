package bundle_test

import (
	"encoding/json"
	"errors"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	eventtypes "github.com/aws/aws-sdk-go-v2/service/eventbridge/types"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	webhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"
	"github.com/tidwall/gjson"

	samples "vpnattach/events"
	"vpnattach/functions/bundle/lambdatest"
)

// response is what API Gateway sends to the client.
type response struct {
	StatusCode int               `json:"statusCode"`
	Headers    map[string]string `json:"headers"`
	Body       string            `json:"body"`
}

// post posts a webhook through API Gateway, signed with the secret at that time.
func (h *harness) post(secret, id string, t time.Time, body string) response {
	h.Helper()
	hook, err := webhooks.NewWebhook(secret)
	if err != nil {
		h.Fatal(err)
	}
	signature, err := hook.Sign(id, t, []byte(body))
	if err != nil {
		h.Fatal(err)
	}
	var payload map[string]any
	h.decode(h.sample("apigateway-v2"), &payload)
	payload["body"] = body
	headers := payload["headers"].(map[string]any)
	delete(headers, "idempotency-key")
	headers["content-length"] = strconv.Itoa(len(body))
	headers[webhooks.HeaderWebhookID] = id
	headers[webhooks.HeaderWebhookTimestamp] = strconv.FormatInt(t.Unix(), 10)
	headers[webhooks.HeaderWebhookSignature] = signature
	answer, err := h.functions["ingest"].Invoke(h.Context(), []byte(encode(payload)))
	if err != nil {
		h.Fatal(err)
	}
	h.show("answer of ingest", string(answer))
	var r response
	h.decode(string(answer), &r)
	return r
}

// mustPost posts a webhook that has to be accepted.
func (h *harness) mustPost(id, body string) response {
	h.Helper()
	r := h.post(h.webhooks[1], id, time.Now(), body)
	if r.StatusCode != 202 {
		h.Fatalf("webhook %s: got %d %s", id, r.StatusCode, r.Body)
	}
	return r
}

// emit puts a change document on the bus as an event, and invokes ingest as the rule
// there says. It returns the event's id.
func (h *harness) emit(t time.Time, document string) string {
	h.Helper()
	return h.emitAs("com.example.vpn", "VPN Attachment Change", t, document)
}

// emitAs does so with any event.
func (h *harness) emitAs(source, detailType string, t time.Time, detail string) (id string) {
	h.Helper()
	out, err := h.events.PutEvents(h.Context(), &eventbridge.PutEventsInput{Entries: []eventtypes.PutEventsRequestEntry{{
		EventBusName: &h.bus, Source: &source, DetailType: &detailType, Detail: &detail, Time: &t,
	}}})
	if err != nil || out.FailedEntryCount > 0 {
		h.Fatalf("put an event: %v", err)
	}
	for _, m := range h.take("Invocations") {
		id = gjson.Get(*m.Body, "id").Str
		h.invoke(*m.Body)
	}
	return id
}

// invoke makes an asynchronous invocation of ingest: three attempts, and then the
// failure destination. It returns the function's answer, empty after a failure. See
// https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html
func (h *harness) invoke(payload string) string {
	h.Helper()
	const attempts = 3
	var failed *lambdatest.Error
	for range attempts {
		answer, err := h.functions["ingest"].Invoke(h.Context(), []byte(payload))
		if err == nil {
			h.show("answer of ingest", string(answer))
			return string(answer)
		}
		if !errors.As(err, &failed) {
			h.Fatal(err)
		}
		h.show("error of ingest", failed.Error())
	}
	record := encode(map[string]any{
		"version": "1.0", "timestamp": time.Now().UTC().Format("2006-01-02T15:04:05.000Z"),
		"requestContext": map[string]any{
			"requestId":   "e4b46cbf-b738-4880-a18c-df61200e0000",
			"functionArn": "arn:aws:lambda:" + region + ":" + accountID + ":function:ingest:$LATEST",
			"condition":   "RetriesExhausted", "approximateInvokeCount": attempts,
		},
		"requestPayload":  json.RawMessage(payload),
		"responseContext": map[string]any{"statusCode": 200, "executedVersion": "$LATEST", "functionError": "Unhandled"},
		"responsePayload": failed,
	})
	h.send("FailedEventQueue", record, "")
	return ""
}

// send sends a message to a queue, of a group when that is not empty.
func (h *harness) send(queue, body, group string) {
	h.Helper()
	in := &sqs.SendMessageInput{QueueUrl: aws.String(h.urls[queue]), MessageBody: &body}
	if group != "" {
		in.MessageGroupId, in.MessageDeduplicationId = &group, aws.String(newPrefix())
	}
	if _, err := h.sqs.SendMessage(h.Context(), in); err != nil {
		h.Fatal(err)
	}
}

// sample is one of the sample events.
func (h *harness) sample(name string) string {
	h.Helper()
	data, err := samples.Files.ReadFile(name + ".json")
	if err != nil {
		h.Fatal(err)
	}
	return string(data)
}

func (h *harness) decode(text string, into any) {
	h.Helper()
	if err := json.Unmarshal([]byte(text), into); err != nil {
		h.Fatal(err)
	}
}
