package event_test

import (
	"compress/gzip"
	"strconv"
	"strings"
	"testing"

	"vpnattach/shared/core/event"
)

// zip compresses a text.
func zip(s string) string {
	var out strings.Builder
	w := gzip.NewWriter(&out)
	if _, err := w.Write([]byte(s)); err != nil {
		panic(err)
	}
	if err := w.Close(); err != nil {
		panic(err)
	}
	return out.String()
}

// bytesOf lists the bytes of a header as Lambda writes them, with or without a sign.
func bytesOf(s string, signed bool) string {
	var list []string
	for _, c := range []byte(s) {
		n := int(c)
		if signed {
			n = int(int8(c))
		}
		list = append(list, strconv.Itoa(n))
	}
	return "[" + strings.Join(list, ",") + "]"
}

// TestForms opens the forms that hold several events, or one in a form of their own.
func TestForms(t *testing.T) {
	t.Parallel()
	const (
		second      = `{"RegionId":"cn-hangzhou","VpnConnectionId":"vco-b","Name":"b"}`
		eventBridge = `{"detail-type":"T","source":"s","id":"e1","time":"2026-11-02T09:30:00Z","detail":` + second + `}`
		cloudEvent  = `{"specversion":"1.0","id":"c1","source":"s","type":"t","data":` + second + `}`
	)
	record := func(value string) string {
		return `"topic":"vpn","partition":2,"offset":7,"timestamp":1793615400001,"timestampType":"CREATE_TIME","key":"dmNv","value":"` + base(value) + `"`
	}
	sqs := func(body string) string {
		return `{"Records":[{"eventSource":"aws:sqs","messageId":"m1","body":` + quote(body) + `}]}`
	}
	kinesis := func(data string) string {
		return `{"Records":[{"eventSource":"aws:kinesis","eventID":"k1","kinesis":{"data":"` + base(data) + `"}}]}`
	}
	for _, tt := range []struct {
		name, in string
		want     []string // kind, chain, id, source and data of each record
	}{
		{"array of changes", `[` + change + `,` + second + `]`, []string{"change||||" + change, "change||||" + second}},
		{"array of events", `[` + eventBridge + `,` + cloudEvent + `,{"a":1}]`, []string{"eventbridge|eventbridge|e1|s|" + second, "cloudevents|cloudevents|c1|s|" + second, `payload||||{"a":1}`}},
		{"array of text", `[` + quote(change) + `,` + quote(eventBridge) + `]`, []string{"change||||" + change, "eventbridge|eventbridge|e1|s|" + second}},
		{"array in a message", sqs(`[` + change + `,` + second + `,` + eventBridge + `]`), []string{"change|sqs|m1||" + change, "change|sqs|m1#00002||" + second, "eventbridge|sqs > eventbridge|e1|s|" + second}},
		{"array that a function failed on", `{"requestContext":{"requestId":"q1","functionArn":"arn:f"},"requestPayload":[` + change + `,` + second + `]}`, []string{"change|invocation|q1||" + change, "change|invocation|q1#00002||" + second}},
		{"lines", change + "\n" + second + "\r\n", []string{"change||||" + change, "change||||" + second}},
		{"lines behind a mark", "\ufeff" + change + "\n" + second, []string{"change||||" + change, "change||||" + second}},
		{"lines in a stream", kinesis(change + "\n" + second + "\n"), []string{"change|kinesis|k1||" + change, "change|kinesis|k1#00002||" + second}},
		{"documents in a message", sqs(change + eventBridge + second), []string{"change|sqs|m1||" + change, "eventbridge|sqs > eventbridge|e1|s|" + second, "change|sqs|m1#00003||" + second}},
		{"documents in a topic", `{"Type":"Notification","MessageId":"n1","TopicArn":"arn:t","Message":` + quote(change+" "+second) + `}`, []string{"change|sns|n1|arn:t|" + change, "change|sns|n1#00002|arn:t|" + second}},
		{"documents in a request", `{"httpMethod":"POST","requestContext":{"requestId":"r1"},"body":` + quote(change+"\n"+second) + `}`, []string{"change|api-gateway|r1|http|" + change, "change|api-gateway|r1#00002|http|" + second}},
		{"JSON in JSON", quote(change), []string{"change||||" + change}},
		{"JSON in JSON in a message", sqs(quote(eventBridge)), []string{"eventbridge|sqs > eventbridge|e1|s|" + second}},

		{"gzip", zip(change), []string{"change||||" + change}},
		{"gzip in a stream", kinesis(zip(eventBridge)), []string{"eventbridge|kinesis > eventbridge|e1|s|" + second}},
		{"gzip of lines", kinesis(zip(change + "\n" + second)), []string{"change|kinesis|k1||" + change, "change|kinesis|k1#00002||" + second}},
		{"gzip in a request", `{"httpMethod":"POST","requestContext":{"requestId":"r1"},"headers":{"content-encoding":"gzip"},"body":"` + base(zip(change)) + `","isBase64Encoded":true}`, []string{"change|api-gateway|r1|http|" + change}},
		{"gzip, as much as may be", zip(change + strings.Repeat(" ", event.MaxUnzipped-len(change))), []string{"change||||" + change}},

		{"MSK", `{"eventSource":"aws:kafka","eventSourceArn":"arn:k","records":{"vpn-2":[{` + record(change) + `}],"other-0":[{` + record(second) + `}]}}`,
			[]string{"change|kafka|vpn-2@7|arn:k|" + change, "change|kafka|vpn-2@7|arn:k|" + second}},
		{"Kafka of one's own", `{"eventSource":"SelfManagedKafka","bootstrapServers":"b:9092","records":{"vpn-2":[{` + record(eventBridge) + `}]}}`, []string{"eventbridge|kafka > eventbridge|e1|s|" + second}},
		{"Kafka by Pipes", `[{"eventSource":"SelfManagedKafka","bootstrapServers":"b:9092","eventSourceKey":"vpn-2",` + record(change) + `}]`, []string{"change|kafka|vpn-2@7|kafka:vpn|" + change}},
		{"Kafka, gzip", `[{"eventSource":"aws:kafka","eventSourceArn":"arn:k",` + record(zip(change)) + `}]`, []string{"change|kafka|vpn-2@7|arn:k|" + change}},
		{"Kafka, an object", `[{"eventSource":"aws:kafka","eventSourceArn":"arn:k","topic":"t","partition":0,"offset":0,"value":` + change + `}]`, []string{"change|kafka|t-0@0|arn:k|" + change}},
		{"Kafka, a tombstone", `[{"eventSource":"aws:kafka","eventSourceArn":"arn:k","topic":"t","partition":0,"offset":0,"value":null}]`, []string{"kafka|kafka|t-0@0|arn:k|"}},
		{"Kafka, a CloudEvent in headers", `[{"eventSource":"aws:kafka","eventSourceArn":"arn:k",` + record(change) + `,"headers":[{"ce_specversion":` + bytesOf("1.0", true) + `},{"ce_id":` + bytesOf("ä1", true) + `},{"ce_source":` + bytesOf("/ü", false) +
			`},{"ce_type":` + bytesOf("t", false) + `},{"Content-Type":` + bytesOf("application/json", false) + `},{"idempotency-key":[49]}]}]`, []string{"cloudevents|kafka > cloudevents|ä1|/ü|" + change}},

		{"ActiveMQ", `{"eventSource":"aws:mq","eventSourceArn":"arn:b","messages":[{"messageID":"ID:1","timestamp":1793615400001,"data":"` + base(change) + `"},{"messageID":"ID:2","data":"` + base(second) + `"}]}`, []string{"change|mq|ID:1|arn:b|" + change, "change|mq|ID:2|arn:b|" + second}},
		{"ActiveMQ by Pipes", `[{"eventSource":"aws:amq","eventSourceArn":"arn:b","messageID":"ID:1","data":"` + base(change) + `"}]`, []string{"change|mq|ID:1|arn:b|" + change}},
		{"RabbitMQ", `{"eventSource":"aws:rmq","eventSourceArn":"arn:b","rmqMessagesByQueue":{"q::/":[{"basicProperties":{"messageId":"r1","timestamp":"Jan 1, 1970, 12:33:41 AM"},"data":"` + base(change) + `"}]}}`, []string{"change|mq|r1|arn:b|" + change}},
		{"RabbitMQ without an id, with an event that has one", `{"eventSource":"aws:rmq","eventSourceArn":"arn:b","rmqMessagesByQueue":{"q::/":[{"basicProperties":{},"data":"` + base(eventBridge) + `"}]}}`, []string{"eventbridge|mq > eventbridge|e1|s|" + second}},

		{"Lattice 1", `{"raw_path":"/","method":"POST","headers":{"webhook-id":"w1"},"query_string_parameters":{},"body":"` + base(change) + `","is_base64_encoded":true}`, []string{"change|vpc-lattice|w1|http|" + change}},
		{"Lattice 2", `{"version":"2.0","path":"/","method":"POST","headers":{"webhook-id":["w1","w2"]},"body":` + quote(change) + `,"isBase64Encoded":false,"requestContext":{"targetGroupArn":"arn:y","timeEpoch":"1793615400001000"}}`, []string{"change|vpc-lattice|w1|http|" + change}},

		{"Scheduler", `{"id":"t1","detail-type":"Scheduled Event","source":"aws.scheduler","detail":"{}"}`, []string{"eventbridge|eventbridge|t1|aws.scheduler|{}"}},
		{"EventBridge detail as text", `{"id":"t1","detail-type":"T","source":"s","detail":` + quote(" "+change) + `}`, []string{"eventbridge|eventbridge|t1|s|" + change}},
		{"CloudEvent data as text", `{"specversion":"1.0","id":"c1","source":"s","type":"t","datacontenttype":"application/cloudevents+json","data":` + quote(change) + `}`, []string{"cloudevents|cloudevents|c1|s|" + change}},
		{"CloudEvent data as base64 of text", `{"specversion":"1.0","id":"c1","source":"s","type":"t","data_base64":"` + base(quote(change)) + `"}`, []string{"cloudevents|cloudevents|c1|s|" + change}},
		{"CloudEvent data that is plain text", `{"specversion":"1.0","id":"c1","source":"s","type":"t","data":"hello"}`, []string{"cloudevents|cloudevents|c1|s|"}},
	} {
		records, err := event.Open([]byte(tt.in), nil)
		if err != nil || len(records) != len(tt.want) {
			t.Errorf("%s: got %d records and %v, want %d", tt.name, len(records), err, len(tt.want))
			continue
		}
		for i, r := range records {
			if got := strings.Join([]string{r.Kind.String(), r.Via.String(), r.ID, r.Source, r.Data}, "|"); got != tt.want[i] || r.Refusal != nil || r.Idle {
				t.Errorf("%s: got  %s\nwant %s", tt.name, got, tt.want[i])
			}
			// What rules match holds the data as an object, however it came.
			if r.Data != "" && !strings.Contains(r.Event, r.Data) {
				t.Errorf("%s: got event %s", tt.name, r.Event)
			}
		}
	}
}

// TestSpreadUnits: the records of a delivery that names its service once are units, and
// each can be sent again by itself.
func TestSpreadUnits(t *testing.T) {
	t.Parallel()
	for _, in := range []string{
		`{"eventSource":"aws:kafka","eventSourceArn":"arn:k","records":{"vpn-0":[{"topic":"vpn","partition":0,"offset":1,"timestamp":1793615400001,"value":"` + base(change) + `"},{"topic":"vpn","partition":0,"offset":2,"value":"%"}]}}`,
		`{"eventSource":"SelfManagedKafka","records":{"vpn-0":[{"topic":"vpn","partition":0,"offset":1,"value":"` + base(change) + `"},{"topic":"vpn","partition":0,"offset":2,"value":"%"}]}}`,
		`{"eventSource":"aws:mq","eventSourceArn":"arn:b","messages":[{"messageID":"ID:1","data":"` + base(change) + `"},{"messageID":"ID:2","data":"%"}]}`,
		`{"eventSource":"aws:rmq","eventSourceArn":"arn:b","rmqMessagesByQueue":{"q::/":[{"basicProperties":{"messageId":"r1"},"data":"` + base(change) + `"}],"p::/":[{"basicProperties":{"messageId":"r2"},"data":"%"}]}}`,
	} {
		d := event.ReadDelivery([]byte(in))
		if len(d.Units) != 2 || !d.IsBatch() || d.Partial || !d.Ordered {
			t.Fatalf("%s: got %+v", in, d)
		}
		records, err := d.Units[0].Open()
		if err != nil || len(records) != 1 || d.Units[0].Name == "" || d.Units[0].Name == d.Units[1].Name {
			t.Fatalf("%s: got %d records, %v, %q", in, len(records), err, d.Units[0].Name)
		}
		if _, err := d.Units[1].Open(); err == nil {
			t.Errorf("%s: the second is opened", in)
		}
		if r := records[0]; r.Way != d.Units[0].Source.Way() || r.Source != d.Units[0].Source.Name {
			t.Errorf("%s: got way %q and source %q of %+v", in, r.Way, r.Source, d.Units[0].Source)
		}
		again, err := event.Open([]byte(d.Units[0].Body()), nil)
		if err != nil || again[0].ID != records[0].ID || again[0].Source != records[0].Source || again[0].Data != change || again[0].Sequence != records[0].Sequence {
			t.Errorf("%s: sent again it is %+v, %v", in, again, err)
		}
	}
}

// TestKafkaOrder: the offset orders the records of a partition.
func TestKafkaOrder(t *testing.T) {
	t.Parallel()
	r := mustOpen(t, `[{"eventSource":"aws:kafka","eventSourceArn":"arn:k","topic":"a-b","partition":3,"offset":41,"value":"`+base(change)+`"}]`)[0]
	if r.Series != "arn:k/a-b-3" || r.Sequence != "41" {
		t.Errorf("got %q %q", r.Series, r.Sequence)
	}
}

// TestRefusals: what is recognised and not opened says what it is and the way out; what
// asks for nothing is known, too.
func TestRefusals(t *testing.T) {
	t.Parallel()
	logs := func(kind string) string {
		return `{"messageType":"` + kind + `","owner":"1","logGroup":"g","logEvents":[{"id":"1","timestamp":1,"message":"x"}]}`
	}
	dynamo := func(view, name string) string {
		return `{"Records":[{"eventSource":"aws:dynamodb","eventName":"` + name + `","dynamodb":{"StreamViewType":"` + view + `","Keys":{"pk":{"S":"x"}}}}]}`
	}
	for _, tt := range []struct {
		name, in   string
		says, hint string // "" for an event that asks for nothing
		idle       bool
	}{
		{"S3", `{"Records":[{"eventSource":"aws:s3","s3":{"object":{"key":"k"}}}]}`, "a notification of Amazon S3 is not opened", "names an object", false},
		{"S3 in a queue", `{"Records":[{"eventSource":"aws:sqs","body":` + quote(`{"Records":[{"eventSource":"aws:s3"}]}`) + `}]}`, "Amazon S3", "names an object", false},
		{"S3, its test", `{"Service":"Amazon S3","Event":"s3:TestEvent","Time":"2026-11-02T09:30:00.000Z","Bucket":"b"}`, "", "", true},
		{"SES", `{"Records":[{"eventSource":"aws:ses","ses":{}}]}`, "an event of another service", "write a rule", false},
		{"DocumentDB", `{"eventSource":"aws:docdb","eventSourceArn":"arn:d","events":[]}`, "an event of another service", "write a rule", false},
		{"CodeCommit", `{"Records":[{"eventSource":"aws:codecommit"}]}`, "an event of another service", "write a rule", false},
		{"logs", `{"awslogs":{"data":"` + base(zip(logs("DATA_MESSAGE"))) + `"}}`, "a subscription of CloudWatch Logs", "EventBridge", false},
		{"logs, damaged", `{"awslogs":{"data":"H4sI"}}`, "a subscription of CloudWatch Logs", "EventBridge", false},
		{"logs, not base64", `{"awslogs":{"data":"%"}}`, "a subscription of CloudWatch Logs", "EventBridge", false},
		{"logs, a check", `{"awslogs":{"data":"` + base(zip(logs("CONTROL_MESSAGE"))) + `"}}`, "", "", true},
		{"logs in a stream", `{"Records":[{"eventSource":"aws:kinesis","kinesis":{"data":"` + base(zip(logs("DATA_MESSAGE"))) + `"}}]}`, "a subscription of CloudWatch Logs", "EventBridge", false},
		{"logs in a stream, a check", `{"Records":[{"eventSource":"aws:kinesis","kinesis":{"data":"` + base(zip(logs("CONTROL_MESSAGE"))) + `"}}]}`, "", "", true},
		{"WebSocket", `{"requestContext":{"connectionId":"c","eventType":"MESSAGE","routeKey":"$default"},"body":"{}"}`, "WebSocket", "HTTP API", false},
		{"Firehose", `{"invocationId":"i","deliveryStreamArn":"arn:f","records":[{"recordId":"1","data":"e30="}]}`, "Data Firehose", "Kinesis", false},
		{"keys only", dynamo("KEYS_ONLY", "MODIFY"), "a stream of the type KEYS_ONLY holds no new image", "NEW_IMAGE", false},
		{"old images", dynamo("OLD_IMAGE", "INSERT"), "a stream of the type OLD_IMAGE holds no new image", "NEW_IMAGE", false},
		{"CloudEvent of changes", `{"specversion":"1.0","id":"c1","source":"s","type":"t","data":[` + change + `,` + change + `]}`, "is an array of 2, not a JSON object", "an array of events", false},
		{"item removed", dynamo("KEYS_ONLY", "REMOVE"), "", "", false},
		{"item without an image", dynamo("NEW_IMAGE", "REMOVE"), "", "", false},
		{"payload with records", `{"Records":[{"eventSource":"my.own"}]}`, "", "", false},
	} {
		r := mustOpen(t, tt.in)[0]
		if r.Idle != tt.idle || (r.Refusal == nil) != (tt.says == "") {
			t.Errorf("%s: got refusal %v, idle %v", tt.name, r.Refusal, r.Idle)
		} else if e := r.Refusal; e != nil && (e.Code != event.NotOpened || !strings.Contains(e.Message, tt.says) || !strings.Contains(e.Hint, tt.hint)) {
			t.Errorf("%s: got %s: %s (%s)", tt.name, e.Code, e.Message, e.Hint)
		}
		if r.IsChange() {
			t.Errorf("%s is a change", tt.name)
		}
	}
}

// TestFormsAreWhole: each form says by what it is known, and what is taken or what to do.
func TestFormsAreWhole(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for _, f := range event.Forms() {
		if f.Name == "" || f.Shape == "" || seen[f.Name] || (f.Taken == "") == (f.Hint == "") {
			t.Errorf("got %s: %q, %q, %q", f.Name, f.Shape, f.Taken, f.Hint)
		}
		seen[f.Name] = true
	}
	if len(seen) < 20 {
		t.Errorf("got %d forms", len(seen))
	}
}
