package event_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"vpnattach/shared/core/event"
)

const (
	messages = `{"Records":[{"eventSource":"aws:sqs","eventSourceARN":"arn:q","messageId":"m1","messageAttributes":{"Source":{"stringValue":"a"}},"body":"{}"},{"eventSource":"aws:sqs","eventSourceARN":"arn:q","messageId":"m2","body":"{"}]}`
	topics   = `{"Records":[{"EventSource":"aws:sns","Sns":{"MessageId":"n1","TopicArn":"arn:t","Message":"{}"}}]}`
	streams  = `[{"eventSource":"aws:kinesis","eventSourceARN":"arn:k","sequenceNumber":"7","data":"e30="}]`
)

// TestReadDelivery: what has come, from where, and what of it can't be opened.
func TestReadDelivery(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, in         string
		kind             event.Kind
		partial, ordered bool
		units            []string // kind and name of the source, the unit's name, and the error's code and path
	}{
		{"messages", messages, event.SQS, true, false, []string{"sqs arn:q m1 ", "sqs arn:q m2 not-json Records[1].body"}},
		{"notification", topics, event.SNS, false, false, []string{"sns arn:t n1 "}},
		{"stream, by Pipes", streams, event.Kinesis, true, true, []string{"kinesis arn:k 7 "}},
		{"stream", `{"Records":[{"eventSource":"aws:kinesis","kinesis":{"sequenceNumber":"8","data":"%"}}]}`, event.Kinesis, true, true, []string{"kinesis  8 broken-envelope Records[0].kinesis.data"}},
		{"table", `{"Records":[{"eventSource":"aws:dynamodb","eventSourceARN":"arn:d","dynamodb":{"SequenceNumber":"9"}}]}`, event.DynamoDB, true, true, []string{"dynamodb arn:d 9 "}},
		{"records of two services", `[{"eventSource":"aws:sqs","messageId":"m1","body":"{}"},{"eventSource":"aws:sns","Sns":{}},null]`, event.SQS, true, false,
			[]string{"sqs  m1 ", "sqs   broken-envelope [1]", "sqs   broken-envelope [2]"}},
		{"event", ` {"detail-type":"T","source":"s","detail":1}`, event.EventBridge, false, false, []string{"eventbridge s  broken-envelope detail"}},
		{"other records", `{"Records":[{"eventSource":"aws:s3"}]}`, 0, false, false, []string{"   "}},
		{"no records", `{"Records":[]}`, 0, false, false, []string{"   broken-envelope Records"}},
		{"change", change, 0, false, false, []string{"   "}},
		{"not JSON", "hello", 0, false, false, []string{"   not-json "}},
		{"nothing", " \n", 0, false, false, []string{"   empty "}},
		{"too much", strings.Repeat(" ", event.MaxSize) + "{}", 0, false, false, []string{"   too-large "}},
	} {
		d := event.ReadDelivery([]byte(tt.in))
		if d.Request != nil || d.Kind != tt.kind || d.Partial != tt.partial || d.Ordered != tt.ordered || d.IsBatch() != (tt.kind != 0 && tt.kind != event.EventBridge) {
			t.Errorf("%s: got %+v", tt.name, d)
		}
		var units []string
		for i := range d.Units {
			u := &d.Units[i]
			says := ""
			if records, err := u.Open(); err != nil {
				e := mustError(t, err)
				says = string(e.Code) + " " + e.Path
			} else if len(records) != 1 {
				t.Errorf("%s: got %d records", tt.name, len(records))
			}
			units = append(units, fmt.Sprint(u.Source.Kind, " ", u.Source.Name, " ", u.Name, " ", says))
			if len(d.Units) == 1 && !d.IsBatch() && u.Body() != tt.in {
				t.Errorf("%s: got body %q", tt.name, u.Body())
			}
		}
		if !slices.Equal(units, tt.units) {
			t.Errorf("%s: got %q, want %q", tt.name, units, tt.units)
		}
	}
}

// TestUnitOrigin: where a message came from before it was moved to its queue.
func TestUnitOrigin(t *testing.T) {
	t.Parallel()
	failed := func(payload string) string {
		return `{"requestContext":{"functionArn":"arn:f"},"requestPayload":` + payload + `}`
	}
	const eventBridge = `{"detail-type":"T","source":"s","detail":{}}`
	for _, tt := range []struct {
		name, body string
		attributes string
		want       event.Source
		known      bool
	}{
		{"message", change, "", event.Source{}, false},
		{"event", eventBridge, "", event.Source{}, false},
		{"event that a rule could not deliver", eventBridge, `"RULE_ARN":{"stringValue":"arn:r"}`, event.Source{Kind: event.EventBridge, Name: "s"}, true},
		{"notification", `{"Type":"Notification","TopicArn":"arn:t","Message":"{}"}`, "", event.Source{Kind: event.SNS, Name: "arn:t"}, true},
		{"topic's record", topics, "", event.Source{}, false},
		{"failed event", failed(eventBridge), "", event.Source{Kind: event.EventBridge, Name: "s"}, true},
		{"failed change", failed(change), "", event.Source{}, true},
		{"failed records", failed(topics), "", event.Source{Kind: event.SNS, Name: "arn:t"}, true},
		{"failed records of two topics", failed(strings.Replace(topics, `[`, `[{"EventSource":"aws:sns","Sns":{"TopicArn":"arn:u","Message":"{}"}},`, 1)), "", event.Source{Kind: event.SNS}, true},
	} {
		d := event.ReadDelivery([]byte(`{"Records":[{"eventSource":"aws:sqs","messageAttributes":{` + tt.attributes + `},"body":` + quote("\n "+tt.body) + `}]}`))
		records, err := d.Units[0].Open()
		if err != nil {
			t.Fatal(err)
		}
		if got, known := d.Units[0].Origin(records); got != tt.want || known != tt.known {
			t.Errorf("%s: got %+v and %v, want %+v and %v", tt.name, got, known, tt.want, tt.known)
		}
	}
	d := event.ReadDelivery([]byte(messages))
	if got := d.Units[0].Attribute("Source"); got != "a" || d.Units[1].Attribute("Source") != "" {
		t.Errorf("got attribute %q", got)
	}
	if _, known := d.Units[1].Origin(nil); known {
		t.Error("the origin of what can't be opened is known")
	}
	record := string(d.Units[0].Body())
	again := event.ReadDelivery([]byte(`[{"eventSource":"aws:sqs","body":` + quote(record) + `}]`))
	if got := again.Units[0].Body(); got != record {
		t.Errorf("a record that was sent again is kept as %s", got)
	}
}

// TestRequest is about HTTP requests as gateways hand them on.
func TestRequest(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, in     string
		kind         event.Kind
		method       string
		lists        bool
		headers      string
		body, refuse string
	}{
		{"REST API", `{"httpMethod":"POST","requestContext":{},"headers":{"A":"1"},"multiValueHeaders":{"A":["1"]},"body":"x"}`, event.APIGateway, "POST", false, "A=1;", "x", ""},
		{"HTTP API", `{"requestContext":{"http":{"method":"PUT"}},"headers":{"a":"1","b":"2"},"body":"eA==","isBase64Encoded":true}`, event.HTTPAPI, "PUT", false, "a=1;b=2;", "x", ""},
		{"function URL", `{"requestContext":{"domainName":"x.lambda-url.eu","http":{"method":"POST"}}}`, event.FunctionURL, "POST", false, "", "", ""},
		{"load balancer", `{"httpMethod":"POST","requestContext":{"elb":{}},"headers":{},"multiValueHeaders":{"a":["1","2"],"b":[]},"body":"x"}`, event.ALB, "POST", true, "a=1;b=;", "x", ""},
		{"just so large", `{"httpMethod":"POST","requestContext":{},"body":"12345678"}`, event.APIGateway, "POST", false, "", "12345678", ""},
		{"too large", `{"httpMethod":"POST","requestContext":{},"body":"123456789"}`, event.APIGateway, "POST", false, "", "", "too-large"},
		{"too large in base64", `{"httpMethod":"POST","requestContext":{},"body":"` + base("1234567890abc") + `","isBase64Encoded":true}`, event.APIGateway, "POST", false, "", "", "too-large"},
		{"not in base64", `{"httpMethod":"POST","requestContext":{},"body":"%","isBase64Encoded":true}`, event.APIGateway, "POST", false, "", "", "broken-envelope"},
		{"not text", `{"httpMethod":"POST","requestContext":{},"body":{}}`, event.APIGateway, "POST", false, "", "", "broken-envelope"},
	} {
		d := event.ReadDelivery([]byte(tt.in))
		if d.Request == nil || len(d.Units) != 0 || d.Kind != tt.kind {
			t.Fatalf("%s: got %+v", tt.name, d)
		}
		r, headers := d.Request, ""
		for name, text := range r.Headers {
			headers += name + "=" + text + ";"
		}
		body, err := r.Body(8)
		var refused *event.Error
		if errors.As(err, &refused); string(body) != tt.body || (tt.refuse != "") != (refused != nil) || refused != nil && string(refused.Code) != tt.refuse {
			t.Errorf("%s: got body %q and %v", tt.name, body, err)
		}
		if r.Kind != tt.kind || r.Method != tt.method || r.Lists != tt.lists || headers != tt.headers {
			t.Errorf("%s: got %s %s, lists %v, headers %s", tt.name, r.Kind, r.Method, r.Lists, headers)
		}
	}
	for _, in := range []string{messages, change, `{"httpMethod":"POST"}`, `{"requestContext":{"functionArn":"f"}}`, `[]`, ``} {
		if d := event.ReadDelivery([]byte(in)); d.Request != nil {
			t.Errorf("%s is taken for an HTTP request", in)
		}
	}
}
