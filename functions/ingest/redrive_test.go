package ingest_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/tidwall/gjson"

	"vpnattach/functions/ingest"
)

const (
	eventQueue = "arn:aws:sqs:eu-central-1:123456789012:events"
	topic      = "arn:aws:sns:eu-central-1:123456789012:events"
)

// moved is a message in the queue of events, with attributes as a move keeps them.
func moved(body string, attributes ...string) string {
	all := map[string]any{}
	for i := 0; i < len(attributes); i += 2 {
		all[attributes[i]] = map[string]string{"stringValue": attributes[i+1], "dataType": "String"}
	}
	return strings.Replace(sqs(body), `"messageId"`, `"messageAttributes":`+encode(all)+`,"messageId"`, 1)
}

// failed is what Lambda sends to the failure destination.
func failed(payload string) string {
	return `{"version":"1.0","timestamp":"2026-11-02T13:59:00Z","requestContext":{"requestId":"invocation-1","functionArn":"arn:f","condition":"RetriesExhausted"},"requestPayload":` + payload + `}`
}

// notification is what SNS puts into a queue.
func notification(message string) string {
	return `{"Type":"Notification","MessageId":"n1","TopicArn":"` + topic + `","Timestamp":"2026-11-02T13:00:00Z","Message":` + encode(message) + `}`
}

// TestRedrive is about the source that a message in the queue of events has.
func TestRedrive(t *testing.T) {
	t.Parallel()
	event := eventBridge("com.example.vpn", change)
	two := `{"Records":[` + gjson.Get(sns(change), "Records.0").Raw + `,` + strings.ReplaceAll(gjson.Get(sns(change), "Records.0").Raw, topic, topic+"-2") + `]}`
	for _, tt := range []struct {
		name, payload, source string
	}{
		{"refused by ingest", moved(change, "Source", "com.example.vpn"), "com.example.vpn"},
		{"refused by ingest, as Lambda's failure", moved(failed(event), "Source", "invoke"), "invoke"},
		{"refused by ingest, with the queue's own name in it", moved(sqs(change), "Source", "arn:aws:sqs:eu-central-1:123456789012:orders"), "arn:aws:sqs:eu-central-1:123456789012:orders"},
		{"EventBridge failed", moved(failed(event)), "com.example.vpn"},
		{"EventBridge failed, with space around it", moved("\n " + failed(event) + " "), "com.example.vpn"},
		{"EventBridge failed, under another's name", moved(failed(eventBridge("invoke", change))), "eventbridge:invoke"},
		{"topic failed", moved(failed(sns(change))), topic},
		{"topics failed", moved(failed(two)), "unknown"},
		{"direct failed", moved(failed(change)), "invoke"},
		{"direct with a queue's records failed", moved(failed(sqs(change))), eventQueue},
		{"direct with redriven records failed", moved(failed(moved(change, "Source", "com.example.vpn"))), eventQueue},
		{"undelivered by EventBridge", moved(event, "RULE_ARN", "arn:aws:events:eu-central-1:123456789012:rule/r", "ERROR_CODE", "NO_PERMISSIONS"), "com.example.vpn"},
		{"undelivered by EventBridge, under another's name", moved(eventBridge("webhook", change), "RULE_ARN", "arn:r"), "eventbridge:webhook"},
		{"undelivered by SNS", moved(notification(change)), topic},
		{"sent there", moved(change), eventQueue},
		{"sent there, with an empty source", moved(change, "Source", ""), eventQueue},
		{"event sent there", moved(event), eventQueue},
		{"topic's record sent there", moved(sns(change)), eventQueue},
		{"failure beside records sent there", moved(`{"Records":` + gjson.Get(sqs(change), "Records").Raw + `,` + failed(event)[1:]), eventQueue},
		{"to another queue", strings.ReplaceAll(moved(change, "Source", "com.example.vpn"), ":events", ":other"), "arn:aws:sqs:eu-central-1:123456789012:other"},
		{"failure to another queue", strings.ReplaceAll(moved(failed(event)), ":events", ":other"), "arn:aws:sqs:eu-central-1:123456789012:other"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			// A listed prefix does not cover the queue that events are moved to.
			if tt.source == eventQueue {
				open := newWorld(t, func(c *ingest.Config) { c.Redrive, c.Sources = eventQueue, []string{"arn:aws:sqs:*"} })
				if open.mustInvoke(tt.payload); len(open.sent) != 0 {
					t.Errorf("got %q", open.changes())
				}
			}
			others := slices.DeleteFunc([]string{"com.example.vpn", "invoke", eventQueue, topic, topic + "-2", "webhook", "eventbridge"}, func(s string) bool { return s == tt.source })
			w := newWorld(t, func(c *ingest.Config) { c.Redrive, c.Sources = eventQueue, others })
			w.mustInvoke(tt.payload)
			if len(w.sent) != 0 || len(w.letters) != 1 {
				t.Fatalf("got %q and %d dead letters, want it refused", w.changes(), len(w.letters))
			}
			for _, letter := range w.letters {
				if letter.Source != tt.source || letter.Reason.Code != "source-not-listed" {
					t.Errorf("got source %q and reason %s, want %q", letter.Source, letter.Reason.Code, tt.source)
				}
			}
			if tt.source == "unknown" {
				return // which is nobody's name
			}
			listed := newWorld(t, func(c *ingest.Config) { c.Redrive, c.Sources = eventQueue, []string{tt.source} })
			listed.mustInvoke(tt.payload)
			if len(listed.sent) != 1 {
				t.Errorf("got %q, want it taken", listed.changes())
			}
		})
	}
}

// TestNoRedrive: without such a queue no message says what its source is.
func TestNoRedrive(t *testing.T) {
	t.Parallel()
	for name, payload := range map[string]string{
		"queue":                 moved(change, "Source", "com.example.vpn"),
		"queue without a name":  strings.Replace(moved(change, "Source", "com.example.vpn"), "eventSourceARN", "x", 1),
		"failure, without name": strings.Replace(moved(failed(eventBridge("com.example.vpn", change))), "eventSourceARN", "x", 1),
	} {
		w := newWorld(t, func(c *ingest.Config) { c.Sources = []string{"com.example.vpn"} })
		w.mustInvoke(payload)
		if len(w.sent) != 0 || !strings.Contains(w.log.String(), "source-not-listed") {
			t.Errorf("%s: got %q", name, w.changes())
		}
	}
}

// TestRedriveAgain: a dead letter that is moved stays refused for its source, however
// often, until that is listed; and then it is what it was.
func TestRedriveAgain(t *testing.T) {
	t.Parallel()
	for name, payload := range map[string]string{
		"EventBridge": eventBridge("com.example.vpn", change), "SNS": sns(change), "SQS": strings.ReplaceAll(sqs(change), ":events", ":other"),
		"Kinesis": kinesis(change), "DynamoDB": mustRead(t, "dynamodb"), "direct": change, "failure": moved(failed(eventBridge("com.example.vpn", change))),
	} {
		w := newWorld(t, func(c *ingest.Config) { c.Redrive, c.Sources = eventQueue, []string{eventQueue, "webhook"} })
		first := ""
		var letter ingest.DeadLetter
		for attempt := range 3 {
			clear(w.letters)
			w.mustInvoke(payload)
			for _, letter = range w.letters {
			}
			if attempt == 0 {
				first = letter.Source
			}
			if len(w.sent) != 0 || len(w.letters) != 1 || letter.Source != first || letter.Reason.Code != "source-not-listed" {
				t.Errorf("%s, attempt %d: got %q and %+v", name, attempt, w.changes(), w.letters)
			}
			payload = moved(letter.Body, "Id", letter.ID, "Source", letter.Source)
		}
		listed := newWorld(t, func(c *ingest.Config) { c.Redrive, c.Sources = eventQueue, []string{first} })
		if listed.mustInvoke(payload); len(listed.sent) != 1 {
			t.Errorf("%s: got %q", name, listed.changes())
		}
	}
}

// TestKeyNotKept: a failed event holds no key, and is refused when it is tried again
// without it, whatever is listed by then.
func TestKeyNotKept(t *testing.T) {
	t.Parallel()
	document := strings.Replace(change, `"Name"`, `"IkeConfig":{"Psk":"`+key+`"},"Name"`, 1)
	for name, payload := range map[string]string{
		"EventBridge": eventBridge("com.example.vpn", document), "SNS": sns(document), "SQS": strings.ReplaceAll(sqs(document), ":events", ":other"),
		"Kinesis": kinesis(document), "direct": document, "failure": moved(failed(eventBridge("com.example.vpn", document))), "cut off": strings.ReplaceAll(sqs(document[:100]), ":events", ":other"),
	} {
		w := newWorld(t, func(c *ingest.Config) { c.Redrive, c.Sources = eventQueue, nil })
		w.mustInvoke(payload)
		if len(w.letters) != 1 {
			t.Fatalf("%s: got %+v", name, w.letters)
		}
		for _, letter := range w.letters {
			if strings.Contains(encode(letter), key) {
				t.Errorf("%s: the key is in the dead letter: %s", name, letter.Body)
			}
			again := newWorld(t, func(c *ingest.Config) { c.Redrive, c.Sources = eventQueue, []string{"*", letter.Source} })
			again.mustInvoke(moved(letter.Body, "Id", letter.ID, "Source", letter.Source))
			if len(again.sent) != 0 || len(again.letters) != 1 {
				t.Errorf("%s, tried again: got %q", name, again.changes())
			}
			for _, refused := range again.letters {
				if code := refused.Reason.Code; (code != "psk-is-a-mask") != (name == "cut off") {
					t.Errorf("%s, tried again: got %s", name, code)
				}
			}
		}
	}
}

// TestRequestsElsewhere: an HTTP request is an event only where its signature is
// checked, so never in a message.
func TestRequestsElsewhere(t *testing.T) {
	t.Parallel()
	for _, sample := range []string{"apigateway-v1", "apigateway-v2", "function-url", "alb", "cloudevents-binary", "webhook-payload"} {
		for name, wrap := range map[string]func(string) string{
			"queue":          func(s string) string { return sqs(s) },
			"topic":          sns,
			"topic in queue": func(s string) string { return sqs(notification(s)) },
			"stream":         func(s string) string { return kinesis(s) },
			"failed":         func(s string) string { return moved(failed(s)) },
			"dead letter":    func(s string) string { return moved(s, "Source", "com.example.vpn") },
			"said to be one": func(s string) string { return moved(s, "Source", "webhook") },
		} {
			w := newWorld(t, func(c *ingest.Config) { c.Redrive = eventQueue })
			w.mustInvoke(wrap(w.resign(mustRead(t, sample))))
			if len(w.sent) != 0 || len(w.letters) != 1 {
				t.Errorf("%s, %s: got %q and %d dead letters", sample, name, w.changes(), len(w.letters))
			}
			for _, letter := range w.letters {
				if letter.Reason.Code != "request-not-verified" || letter.Reason.Remedy == "" {
					t.Errorf("%s, %s: got %+v", sample, name, letter.Reason)
				}
			}
		}
	}
	// Nor is what only says that it was one.
	w := newWorld(t, func(c *ingest.Config) { c.Redrive, c.Sources = eventQueue, []string{"webhook"} })
	w.mustInvoke(moved(change, "Source", "webhook"))
	w.mustInvoke(moved(mustRead(t, "secretsmanager-rotation"), "Source", "webhook"))
	if len(w.sent) != 0 || strings.Count(w.log.String(), `"code":"request-not-verified"`) != 2 {
		t.Errorf("got %q and %s", w.changes(), w.log.String())
	}
}

// TestLost: a failure that is told without what failed is not ignored.
func TestLost(t *testing.T) {
	t.Parallel()
	report := func(batch string) string {
		return `{"requestContext":{"requestId":"r","functionArn":"arn:f","condition":"RetryAttemptsExhausted","approximateInvokeCount":101},"version":"1.0","timestamp":"2026-11-02T13:59:00Z"` + batch + `}`
	}
	for _, tt := range []struct {
		name, body string
		says       []string
	}{
		{"stream", report(`,"KinesisBatchInfo":{"shardId":"shardId-000000000001","startSequenceNumber":"4711","endSequenceNumber":"4722","batchSize":12,"streamArn":"arn:aws:kinesis:eu-central-1:123456789012:stream/events"}`),
			[]string{"shardId-000000000001", "4711", "4722", "stream/events", "aws kinesis get-shard-iterator"}},
		{"table", report(`,"DDBStreamBatchInfo":{"shardId":"shardId-2","startSequenceNumber":"4711","endSequenceNumber":"4722","batchSize":12,"streamArn":"arn:aws:dynamodb:eu-central-1:123456789012:table/t/stream/x"}`),
			[]string{"shardId-2", "4711", "4722", "table/t", "aws dynamodbstreams get-shard-iterator"}},
		{"large payload", report(""), []string{"payload", "sent again"}},
	} {
		w := newWorld(t, func(c *ingest.Config) { c.Redrive = eventQueue })
		w.mustInvoke(moved(tt.body))
		if w.counts != (ingest.Counts{Rejected: 1}) || len(w.letters) != 1 || len(w.sent) != 0 {
			t.Errorf("%s: got %+v and %d dead letters", tt.name, w.counts, len(w.letters))
		}
		for _, letter := range w.letters {
			told := letter.Reason.Message + letter.Reason.Remedy
			if letter.Reason.Code != "payload-lost" || slices.ContainsFunc(tt.says, func(s string) bool { return !strings.Contains(told, s) }) {
				t.Errorf("%s: got %+v", tt.name, letter.Reason)
			}
			if gjson.Get(letter.Body, "body").Str != tt.body {
				t.Errorf("%s: got body %s", tt.name, letter.Body)
			}
		}
	}
}

// TestBodyLimit: a body of just as many bytes as it may have is taken, however base64
// rounds.
func TestBodyLimit(t *testing.T) {
	t.Parallel()
	for spaces := range 3 {
		w := newWorld(t, func(c *ingest.Config) { c.MaxBody = len(change) + spaces })
		text := change + strings.Repeat(" ", spaces)
		body(t, w.mustInvoke(w.event("w1", text)), 202)
		body(t, w.mustInvoke(w.event("w2", text+" ")), 413)
	}
}
