package event_test

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"maps"
	"reflect"
	"strconv"
	"strings"
	"testing"
	"time"

	"vpnattach/shared/core/event"
	"vpnattach/shared/core/finding"
)

const change = `{"VpnConnectionId":"vco-localsingle","RegionId":"cn-hangzhou"}`

func TestOpen(t *testing.T) {
	t.Parallel()
	eventBridge := `{"id":"e1","detail-type":"T","source":"s","time":"2026-11-02T09:30:00+01:00","detail":` + change + `}`
	for _, tt := range []struct {
		name, in              string
		kind                  event.Kind
		via, id, source, time string
		data                  string
	}{
		{"change with space around it", "\n " + change + "\t", event.Change, "", "", "", "", change},
		{"key written with an escape", `{"\u0049keConfig":{}}`, event.Change, "", "", "", "", `{"\u0049keConfig":{}}`},
		{"payload", `{"a":1}`, event.Payload, "", "", "", "", `{"a":1}`},
		{"payload's id is not an event id", `{"id":"site-a","timestamp":1793615400}`,
			event.Payload, "", "", "", "2026-11-02T10:30:00Z", `{"id":"site-a","timestamp":1793615400}`},
		{"payload's timestamp that is not a time at all", `{"timestamp":{"a":1}}`, event.Payload, "", "", "", "", `{"timestamp":{"a":1}}`},
		{"other Records are a payload", `{"Records":[{"eventSource":"aws:s3"}]}`,
			event.Payload, "", "", "", "", `{"Records":[{"eventSource":"aws:s3"}]}`},
		{"time with an offset", eventBridge, event.EventBridge, "eventbridge", "e1", "s", "2026-11-02T08:30:00Z", change},
		{"first of two equal keys", `{"detail-type":"T","source":"s","source":"x","detail":{},"detail":1}`,
			event.EventBridge, "eventbridge", "", "s", "", `{}`},
		{"outer id and time where the inner has none", `{"Type":"Notification","MessageId":"m1","TopicArn":"arn:t","Timestamp":"2026-11-02T09:30:00.5Z","Message":` +
			quote(`{"detail-type":"T","source":"s","detail":{}}`) + `}`,
			event.EventBridge, "sns > eventbridge", "m1", "s", "2026-11-02T09:30:00.5Z", `{}`},
		{"CloudTrail without its own time", `{"id":"e1","detail-type":"AWS API Call via CloudTrail","source":"aws.ec2","time":"2026-11-02T09:30:00Z","detail":{"eventTime":null}}`,
			event.EventBridge, "eventbridge", "e1", "aws.ec2", "2026-11-02T09:30:00Z", `{"eventTime":null}`},
		{"eventTime outside CloudTrail", `{"id":"e1","detail-type":"T","source":"s","time":"2026-11-02T09:30:00Z","detail":{"eventTime":"x","eventID":"y"}}`,
			event.EventBridge, "eventbridge", "e1", "s", "2026-11-02T09:30:00Z", `{"eventTime":"x","eventID":"y"}`},
		{"CloudEvent without data", `{"specversion":"1.0","id":"1","source":"s","type":"t"}`, event.CloudEvents, "cloudevents", "1", "s", "", ""},
		{"CloudEvent whose data is a list", `{"specversion":"1.0","id":"1","source":"s","type":"t","data":[1]}`, event.CloudEvents, "cloudevents", "1", "s", "", ""},
		{"Pipes: SQS", `[{"messageId":"m1","body":` + quote(change) + `,"eventSource":"aws:sqs","eventSourceARN":"arn:q"}]`,
			event.Change, "sqs", "m1", "arn:q", "", change},
		{"Pipes: Kinesis", `[{"eventSource":"aws:kinesis","eventID":"k1","approximateArrivalTimestamp":1545084650.987,"data":"` + base(change) + `"}]`,
			event.Change, "kinesis", "k1", "", "2018-12-17T22:10:50.987Z", change},
		{"DynamoDB: removed", `{"Records":[{"eventSource":"aws:dynamodb","eventID":"d1","eventName":"REMOVE","dynamodb":{"ApproximateCreationDateTime":1.480642020E9,"OldImage":{"a":{"S":"x"}}}}]}`,
			event.DynamoDB, "dynamodb", "d1", "", "2016-12-02T01:27:00Z", ""},
		{"DynamoDB through Kinesis", `{"eventSource":"aws:dynamodb","eventID":"d1","dynamodb":{"ApproximateCreationDateTime":1637016270453123,"NewImage":{"n":{"N":"1"}}}}`,
			event.DynamoDB, "dynamodb", "d1", "", "2021-11-15T22:44:30.453123Z", `{"n":1}`},
		{"DynamoDB: every type", `{"eventSource":"aws:dynamodb","dynamodb":{"NewImage":{"s\"":{"S":"a\nb"},"n":{"N":"-1.50E+3"},"t":{"BOOL":true},"z":{"NULL":true},` +
			`"m":{"M":{}},"l":{"L":[{"S":"a"},{"L":[]}]},"ss":{"SS":["a","b"]},"ns":{"NS":["1","2"]},"b":{"B":"AQ=="},"bs":{"BS":["AQ=="]}}}}`,
			event.DynamoDB, "dynamodb", "", "", "",
			`{"s\"":"a\nb","n":-1.50E+3,"t":true,"z":null,"m":{},"l":["a",[]],"ss":["a","b"],"ns":[1,2],"b":"AQ==","bs":["AQ=="]}`},
		{"load balancer with lists of headers", `{"requestContext":{"elb":{}},"httpMethod":"POST","multiValueHeaders":{"Webhook-Id":["w1","w2"],"WEBHOOK-TIMESTAMP":["1793615400"]},"body":` + quote(change) + `}`,
			event.Change, "alb", "w1", "http", "2026-11-02T10:30:00Z", change},
		{"failed invocation", `{"requestContext":{"requestId":"q1","functionArn":"arn:f","condition":"RetriesExhausted"},"requestPayload":` + eventBridge + `,"responsePayload":{}}`,
			event.EventBridge, "invocation > eventbridge", "e1", "s", "2026-11-02T08:30:00Z", change},
		{"failed invocation by Pipes", `{"requestContext":{"requestId":"q1","functionArn":"arn:f"},"requestPayload":[{"messageId":"m1","body":` + quote(change) + `,"eventSource":"aws:sqs"}]}`,
			event.Change, "invocation > sqs", "m1", "", "", change},
		{"request without headers", `{"httpMethod":"POST","requestContext":{"requestId":"r1","requestTimeEpoch":1793615400001},"headers":null,"multiValueHeaders":null,"body":` + quote(change) + `}`,
			event.Change, "api-gateway", "r1", "http", "2026-11-02T10:30:00.001Z", change},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			records, err := event.Open([]byte(tt.in), nil)
			if err != nil {
				t.Fatal(err)
			}
			if len(records) != 1 {
				t.Fatalf("got %d records, want 1", len(records))
			}
			r := records[0]
			got := []any{r.Kind, r.Via.String(), r.ID, r.Source, r.Data}
			want := []any{tt.kind, tt.via, tt.id, tt.source, tt.data}
			if !reflect.DeepEqual(got, want) {
				t.Errorf("got %q\nwant %q", got, want)
			}
			if tt.time == "" != r.Time.IsZero() || tt.time != "" && r.Time != mustTime(t, tt.time) {
				t.Errorf("got time %v, want %s", r.Time, tt.time)
			}
		})
	}
}

// TestSequence: the number of a stream or of a FIFO queue counts for the record that it
// was given to, and not for an event in it that has an id of its own.
func TestSequence(t *testing.T) {
	t.Parallel()
	const number = "49590338271490256608559692538361571095921575989136588898"
	dynamo := func(id, number string) string {
		return `{"eventSource":"aws:dynamodb","eventID":"` + id + `","eventSourceARN":"arn:t","dynamodb":{"SequenceNumber":` + number + `,"NewImage":{"n":{"N":"1"}}}}`
	}
	kinesis := func(data string) string {
		return `{"Records":[{"eventSource":"aws:kinesis","eventID":"k1","eventSourceARN":"arn:s","kinesis":{"sequenceNumber":"` + number + `","data":"` + base(data) + `"}}]}`
	}
	fifo := func(body string) string {
		return `{"Records":[{"eventSource":"aws:sqs","messageId":"m1","eventSourceARN":"arn:q.fifo","attributes":{"SequenceNumber":"18849496460467696128"},"body":` + quote(body) + `}]}`
	}
	const (
		named     = `{"detail-type":"T","source":"s","id":"e1","detail":{}}`
		anonymous = `{"detail-type":"T","source":"s","detail":{}}`
		request   = `{"httpMethod":"POST","requestContext":{"requestId":"r1"},"body":"{}"}`
	)
	for _, tt := range []struct{ name, in, id, way, sequence string }{
		{"DynamoDB", `{"Records":[` + dynamo("d1", `"0012"`) + `]}`, "d1", "arn:t", "12"},
		{"DynamoDB, zero", dynamo("d1", `"000"`), "d1", "", ""},
		{"DynamoDB, a number and no text", dynamo("d1", `12`), "d1", "", ""},
		{"DynamoDB, no number", dynamo("d1", `"1e9"`), "d1", "", ""},
		{"DynamoDB, endless", dynamo("d1", `"`+strings.Repeat("1", 130)+`"`), "d1", "", ""},
		{"DynamoDB through Kinesis", kinesis(dynamo("d1", `null`)), "d1", "", ""},
		{"Kinesis", kinesis(change), "k1", "arn:s", number},
		{"Kinesis, a payload with a time", kinesis(`{"timestamp":1793615400}`), "k1", "arn:s", number},
		{"Kinesis, a source without an id", kinesis(anonymous), "k1", "arn:s", number},
		{"Kinesis, an event with an id", kinesis(named), "e1", "", ""},
		{"Kinesis by Pipes", `[{"eventSource":"aws:kinesis","eventID":"k1","eventSourceARN":"arn:s","sequenceNumber":"7","data":"` + base(change) + `"}]`, "k1", "arn:s", "7"},
		{"SQS FIFO", fifo(change), "m1", "arn:q.fifo", "18849496460467696128"},
		{"SQS FIFO, an event with an id", fifo(named), "e1", "", ""},
		{"SQS FIFO, a request with an id", fifo(request), "r1", "", ""},
		{"SQS FIFO, a record of a stream", fifo(kinesis(change)), "k1", "arn:s", number},
		{"SQS", `{"Records":[{"eventSource":"aws:sqs","messageId":"m1","attributes":{"SentTimestamp":"1"},"body":` + quote(change) + `}]}`, "m1", "", ""},
		{"failed invocation", `{"requestContext":{"requestId":"q1","functionArn":"arn:f"},"requestPayload":` + kinesis(change) + `}`, "k1", "arn:s", number},
	} {
		records, err := event.Open([]byte(tt.in), nil)
		if err != nil || len(records) != 1 {
			t.Errorf("%s: got %d records, %v", tt.name, len(records), err)
			continue
		}
		if r := records[0]; r.ID != tt.id || r.Series != tt.way || r.Sequence != tt.sequence {
			t.Errorf("%s: got %q by %q with %q, want %q by %q with %q", tt.name, r.ID, r.Series, r.Sequence, tt.id, tt.way, tt.sequence)
		}
	}
}

// TestDelivered: the time of the event itself, or that of a delivery.
func TestDelivered(t *testing.T) {
	t.Parallel()
	request := func(headers, body string) string {
		return `{"httpMethod":"POST","requestContext":{"requestId":"r1","requestTimeEpoch":1793615400001},"headers":` + headers + `,"body":` + quote(body) + `}`
	}
	sqs := func(body string) string {
		return `{"Records":[{"eventSource":"aws:sqs","messageId":"m1","attributes":{"SentTimestamp":"1793615400001"},"body":` + quote(body) + `}]}`
	}
	kinesis := func(data string) string {
		return `{"Records":[{"eventSource":"aws:kinesis","eventID":"k1","kinesis":{"approximateArrivalTimestamp":1793615400,"data":"` + base(data) + `"}}]}`
	}
	failed := func(payload string) string {
		return `{"version":"1.0","timestamp":"2026-11-02T10:30:00.001Z","requestContext":{"requestId":"q1","functionArn":"arn:f"},"requestPayload":` + payload + `}`
	}
	const (
		webhook   = `{"webhook-id":"w1","webhook-timestamp":"1793615400"}`
		timed     = `{"detail-type":"T","source":"s","id":"e1","time":"2026-11-02T09:30:00Z","detail":{}}`
		untimed   = `{"detail-type":"T","source":"s","id":"e1","detail":{}}`
		anonymous = `{"detail-type":"T","source":"s","detail":{}}`
		trail     = `{"detail-type":"T via CloudTrail","source":"s","id":"e1","time":"2026-11-02T09:31:00Z","detail":{"eventID":"t1","eventTime":"2026-11-02T09:30:00Z"}}`
	)
	for _, tt := range []struct {
		name, in, id, time string
		delivered          bool
	}{
		{"bare change", change, "", "", false},
		{"event", timed, "e1", "09:30:00", false},
		{"event without time", untimed, "e1", "", false},
		{"CloudTrail", trail, "t1", "09:30:00", false},
		{"CloudTrail without its own time", strings.Replace(trail, "eventTime", "x", 1), "t1", "09:31:00", true},
		{"queue", sqs(change), "m1", "10:30:00.001", true},
		{"event in a queue", sqs(timed), "e1", "09:30:00", false},
		{"event without time in a queue", sqs(untimed), "e1", "10:30:00.001", true},
		{"stream", kinesis(change), "k1", "10:30:00", false},
		{"event without id in a stream", kinesis(anonymous), "k1", "10:30:00", false},
		{"event without time in a stream", kinesis(untimed), "e1", "10:30:00", true},
		{"request", request(`{}`, change), "r1", "10:30:00.001", true},
		{"request without a time", `{"httpMethod":"POST","requestContext":{},"headers":{"idempotency-key":"k"},"body":` + quote(change) + `}`, "k", "", false},
		{"webhook", request(webhook, change), "w1", "10:30:00", true},
		{"webhook with an event", request(webhook, timed), "e1", "09:30:00", false},
		{"webhook with an event without time", request(webhook, untimed), "e1", "10:30:00", true},
		{"webhook with a payload", request(webhook, `{"timestamp":"2026-11-02T09:30:00Z"}`), "w1", "09:30:00", false},
		{"webhook with a payload of no time", request(webhook, `{"timestamp":"soon"}`), "w1", "10:30:00", true},
		{"failed event", failed(timed), "e1", "09:30:00", false},
		{"failed change in a queue", sqs(failed(change)), "q1", "10:30:00.001", true},
		{"failed record", failed(kinesis(change)), "k1", "10:30:00", false},
	} {
		r := mustOpen(t, tt.in)[0]
		want := ""
		if tt.time != "" {
			want = "2026-11-02T" + tt.time + "Z"
		}
		if got := r.Time.Format(time.RFC3339Nano); r.Time.IsZero() != (want == "") || want != "" && got != want {
			t.Errorf("%s: got time %s, want %s", tt.name, got, want)
		}
		if r.ID != tt.id || r.Delivered != tt.delivered {
			t.Errorf("%s: got id %s and delivered %v, want %s and %v", tt.name, r.ID, r.Delivered, tt.id, tt.delivered)
		}
	}
}

func TestOpenErrors(t *testing.T) {
	t.Parallel()
	sqs := func(body string) string {
		return `{"Records":[{"eventSource":"aws:sqs","body":` + quote(change) + `},{"eventSource":"aws:sqs","body":` + body + `}]}`
	}
	request := func(contentType, body string) string {
		return `{"httpMethod":"POST","requestContext":{},"headers":{"Content-Type":` + quote(contentType) + `},"body":` + quote(body) + `}`
	}
	table := func(image string) string {
		return `{"Records":[{"eventSource":"aws:dynamodb","dynamodb":{"NewImage":` + image + `}}]}`
	}
	kafka := func(record string) string {
		return `{"eventSource":"aws:kafka","records":{"t-0":[{"topic":"t","partition":0,"offset":1,` + record + `}]}}`
	}
	cloudEvent := func(rest string) string { return `{"specversion":"1.0","id":"1","source":"s","type":"t"` + rest + `}` }
	deep := change
	for range event.MaxEnvelopes + 1 {
		deep = `{"Type":"Notification","TopicArn":"t","Message":` + quote(deep) + `}`
	}
	seen := map[event.Code]bool{}
	for _, tt := range []struct {
		name, in   string
		code       event.Code
		path, says string
	}{
		{"nothing", "", event.Empty, "", "empty"},
		{"white space", " \n", event.Empty, "", "empty"},
		{"array", `[1,2,3]`, event.UnknownEvent, "[0]", "a number"},
		{"array in an array", `[` + change + `,[` + change + `]]`, event.UnknownEvent, "[1]", "an array of 1"},
		{"array with text", `[` + change + `,"a"]`, event.UnknownEvent, "[1]", "a JSON string"},
		{"array of too many", `[` + strings.Repeat(`{},`, event.MaxParts) + `{}]`, event.TooLarge, "", "more than 10000"},
		{"array with a broken event", `[` + change + `,{"detail-type":"T","source":"s","detail":1}]`, event.BrokenEnvelope, "[1].detail", "a number"},
		{"text in JSON in JSON", quote(quote(change)), event.UnknownEvent, "", "a JSON string"},
		{"empty array", `[ ]`, event.UnknownEvent, "", "an empty array"},
		{"number", `-1`, event.UnknownEvent, "", "a number"},
		{"text", `"a"`, event.UnknownEvent, "", "a JSON string"},
		{"null", `null`, event.UnknownEvent, "", "null"},
		{"boolean", `true`, event.UnknownEvent, "", "a boolean"},
		{"cut off", change[:20], event.NotJSON, "", "(line 1, column 21): expected the rest of a string, but the text is cut off"},
		{"behind an empty line", "\n {\"a\" 1}", event.NotJSON, "", "not JSON (line 2, column 7): expected a colon"},
		{"trailing comma", `{"a":1,}`, event.NotJSON, "", "not JSON (line 1, column 8): expected a key in double quotes"},
		{"document and text", `{} x`, event.NotJSON, "", "(line 1, column 4): expected the end of the text"},
		{"documents with commas", `{},{}`, event.NotJSON, "", "(line 1, column 3): expected the end of the text"},
		{"broken second document", "{}\n{\"a\":}", event.NotJSON, "", "(line 2, column 6): expected a value"},
		{"cut off second document", "{}\n{\"a\":1", event.NotJSON, "", "but the text is cut off"},
		{"second document of a list", "{}\n[]", event.NotJSON, "", "(line 2, column 1): expected the end of the text"},
		{"third document of a number", "{}\n{}\n7", event.UnknownEvent, "[2]", "a number"},
		{"too many documents", strings.Repeat("{}", event.MaxParts+1), event.TooLarge, "", "more than 10000"},
		{"second document without UTF-8", "{}{\"a\":\"\xff\"}", event.NotJSON, "", "(line 1, column 9): expected UTF-8 text"},
		{"zstd", "\x28\xb5\x2f\xfd\x04", event.NotJSON, "", "zstd"},
		{"no UTF-8", "{\"a\":\"\xff\"}", event.NotJSON, "", "(line 1, column 7): expected UTF-8 text"},
		{"XML", "<a/>", event.NotJSON, "", "XML or HTML"},
		{"nothing but a byte order mark", "\ufeff ", event.Empty, "", "is empty"},
		{"UTF-16", "\xff\xfe{\x00}\x00", event.NotJSON, "", "not UTF-16"},
		{"too deep", strings.Repeat(`{"a":`, event.MaxDepth+1), event.TooDeep, "", "deeper than 64"},
		{"too large", strings.Repeat(" ", event.MaxSize+1), event.TooLarge, "", "6291457 bytes"},
		{"too many envelopes", deep, event.TooDeep, strings.TrimSuffix(strings.Repeat("Message.", event.MaxEnvelopes), "."), "more than 8 envelopes"},

		{"no Records", `{"Records":[ ]}`, event.BrokenEnvelope, "Records", "empty array"},
		{"mixed Records", `{"Records":[{"eventSource":"aws:sqs","body":"{}"},{"eventSource":"aws:sns"}]}`, event.BrokenEnvelope, "Records[1]", "another eventSource"},
		{"mixed with others", `{"Records":[{"eventSource":"aws:s3"},{"eventSource":"aws:sqs","body":"{}"}]}`, event.BrokenEnvelope, "Records[1]", "another eventSource"},
		{"record that is not an object", `{"Records":[{"eventSource":"aws:sqs","body":"{}"},1]}`, event.BrokenEnvelope, "Records[1]", "another eventSource"},
		{"SQS without body", `{"Records":[{"eventSource":"aws:sqs"}]}`, event.BrokenEnvelope, "Records[0].body", "missing"},
		{"SQS body that is an object", sqs(`{}`), event.BrokenEnvelope, "Records[1].body", "an empty JSON object"},
		{"SQS body that is text", sqs(`"hello"`), event.NotJSON, "Records[1].body", "(line 1, column 1): expected a value"},
		{"SQS body in base64", sqs(quote(base(change))), event.NotJSON, "Records[1].body", "base64"},
		{"SQS body that is a list", sqs(`"[1]"`), event.UnknownEvent, "Records[1].body[0]", "a number"},
		{"SQS time", `[{"eventSource":"aws:sqs","body":"{}","attributes":{"SentTimestamp":"soon"}}]`, event.BadTime, "[0].attributes.SentTimestamp", "is not a time"},
		{"SNS without Sns", `{"Records":[{"EventSource":"aws:sns"}]}`, event.BrokenEnvelope, "Records[0].Sns", "missing"},
		{"SNS without Message", `{"Records":[{"EventSource":"aws:sns","Sns":{}}]}`, event.BrokenEnvelope, "Records[0].Sns.Message", "missing"},
		{"SNS in SQS", sqs(quote(`{"Type":"Notification","TopicArn":"t","Message":"x"}`)), event.NotJSON, "Records[1].body.Message", "a value"},
		{"SNS subscription", `{"Type":"SubscriptionConfirmation","TopicArn":"t","Message":"x"}`, event.UnknownEvent, "", "subscription"},
		{"Kinesis data", `{"Records":[{"eventSource":"aws:kinesis","kinesis":{"data":"%"}}]}`, event.BrokenEnvelope, "Records[0].kinesis.data", "is not base64"},
		{"Kinesis without data", `{"Records":[{"eventSource":"aws:kinesis","kinesis":{}}]}`, event.BrokenEnvelope, "Records[0].kinesis.data", "missing"},
		{"Kinesis aggregated", `[{"eventSource":"aws:kinesis","data":"84mawgo="}]`, event.BrokenEnvelope, "[0].data", "Kinesis Producer Library"},
		{"Kinesis in damaged gzip", `[{"eventSource":"aws:kinesis","data":"H4sI"}]`, event.NotJSON, "[0].data", "gzip that is cut off"},
		{"gzip without its end", zip(change)[:20], event.NotJSON, "", "cut off or damaged"},
		{"gzip within gzip", zip(zip(change)), event.TooDeep, "", "gzip within gzip"},
		{"gzip of too much", zip(strings.Repeat(" ", event.MaxUnzipped) + "1"), event.TooLarge, "", "gzip of more than 1048576 bytes"},
		{"gzip of nothing", zip(" "), event.Empty, "", "is empty"},
		{"SQS body in base64 of gzip", sqs(quote(base(zip(change)))), event.NotJSON, "Records[1].body", "base64 of gzip"},
		{"Kafka value", kafka(`"value":"%"`), event.BrokenEnvelope, "records.t-0[0].value", "is not base64"},
		{"Kafka value of Avro", kafka(`"value":"` + base("\x00\x00\x00\x00\x05\x02") + `"`), event.NotJSON, "records.t-0[0].value", "schema registry"},
		{"Kafka value of text", kafka(`"value":"` + base("hello") + `"`), event.NotJSON, "records.t-0[0].value", "a value"},
		{"Kafka time", kafka(`"timestamp":"soon","value":"e30="`), event.BadTime, "records.t-0[0].timestamp", "is not a time"},
		{"Kafka record of a number", `{"eventSource":"aws:kafka","records":{"t-0":[7]}}`, event.BrokenEnvelope, "records.t-0[0]", "another eventSource"},
		{"Kafka without records", `{"eventSource":"aws:kafka","records":{}}`, event.BrokenEnvelope, "records", "no records"},
		{"Kafka CloudEvent without id", kafka(`"value":"e30=","headers":[{"ce_specversion":[49,46,48]}]`), event.BrokenEnvelope, "records.t-0[0].ce-id", "missing"},
		{"ActiveMQ data", `{"eventSource":"aws:mq","messages":[{"messageID":"m","data":7}]}`, event.BrokenEnvelope, "messages[0].data", "a number"},
		{"ActiveMQ map message", `{"eventSource":"aws:mq","messages":[{"messageID":"m"}]}`, event.BrokenEnvelope, "messages[0].data", "missing"},
		{"ActiveMQ without messages", `{"eventSource":"aws:amq","messages":[]}`, event.BrokenEnvelope, "messages", "no records"},
		{"RabbitMQ without id", `{"eventSource":"aws:rmq","rmqMessagesByQueue":{"q::/":[{"basicProperties":{"messageId":null},"data":"` + base(change) + `"}]}}`, event.BrokenEnvelope, "rmqMessagesByQueue.q::/[0]", "without an id"},
		{"DynamoDB without dynamodb", `{"Records":[{"eventSource":"aws:dynamodb"}]}`, event.BrokenEnvelope, "Records[0].dynamodb", "missing"},
		{"DynamoDB plain image", table(`{"a":{"b":"c"}}`), event.BrokenEnvelope, "Records[0].dynamodb.NewImage.a", "is not an attribute value"},
		{"DynamoDB two types", table(`{"a":{"S":"b","N":"1"}}`), event.BrokenEnvelope, "Records[0].dynamodb.NewImage.a", "keys S, N"},
		{"DynamoDB number", table(`{"a":{"L":[{"N":"1"},{"N":"01"}]}}`), event.BrokenEnvelope, "Records[0].dynamodb.NewImage.a[1]", "is not a number"},
		{"DynamoDB number with space", table(`{"a":{"NS":["1 "]}}`), event.BrokenEnvelope, "Records[0].dynamodb.NewImage.a[0]", "is not a number"},

		{"EventBridge detail", `{"detail-type":"T","source":"s","detail":"a"}`, event.BrokenEnvelope, "detail", "a JSON string"},
		{"EventBridge detail of broken text", `{"detail-type":"T","source":"s","detail":"{"}`, event.NotJSON, "detail", "cut off"},
		{"EventBridge detail of a list", `{"detail-type":"T","source":"s","detail":"[]"}`, event.BrokenEnvelope, "detail", "an empty array"},
		{"CloudEvent data of broken text", cloudEvent(`,"data":"{\"a\" 1}"`), event.NotJSON, "data", "expected a colon"},
		{"EventBridge time", `{"detail-type":"T","source":"s","detail":{},"time":"2026-11-02 09:30"}`, event.BadTime, "time", "has no offset"},
		{"CloudTrail time", `{"detail-type":"AWS API Call via CloudTrail","source":"s","detail":{"eventTime":true}}`, event.BadTime, "detail.eventTime", "is not a time"},
		{"CloudEvents version", `{"specversion":"0.3","id":"1","source":"s","type":"t"}`, event.BrokenEnvelope, "specversion", "another version"},
		{"CloudEvent without id", `{"specversion":"1.0","source":"s","type":"t"}`, event.BrokenEnvelope, "id", "missing"},
		{"CloudEvent of text", cloudEvent(`,"datacontenttype":"text/plain","data":"x"`), event.ContentType, "datacontenttype", "text/plain"},
		{"CloudEvent with data twice", cloudEvent(`,"data":{},"data_base64":"e30="`), event.BrokenEnvelope, "data_base64", "beside data"},
		{"CloudEvent with broken data", cloudEvent(`,"data_base64":"ew=="`), event.NotJSON, "data_base64", "cut off"},
		{"CloudEvent in a batch", `[` + cloudEvent("") + `,` + cloudEvent(`,"time":1e99`) + `]`, event.BadTime, "[1].time", "is not a time"},

		{"request without body", request("application/json", ""), event.Empty, "body", "empty"},
		{"compressed request", `{"httpMethod":"POST","requestContext":{},"headers":{"Content-Encoding":"br"},"body":"/w==","isBase64Encoded":true}`, event.ContentType, "body", "compressed by br"},
		{"Lattice without body", `{"method":"POST","raw_path":"/","headers":{}}`, event.Empty, "body", "empty"},
		{"Lattice body", `{"method":"POST","raw_path":"/","body":"%","is_base64_encoded":true}`, event.BrokenEnvelope, "body", "is not base64"},
		{"form", request("application/x-www-form-urlencoded", change), event.ContentType, "body", "application/x-www-form-urlencoded"},
		{"request with text", request("text/csv; charset=utf-8", "a,b"), event.ContentType, "body", "the content type is text/csv, not JSON"},
		{"JSON under another content type", request("text/plain; charset=UTF-8", change), event.ContentType, "body", "the content type is text/plain, not JSON"},
		{"request with a strange content type", request("a b", "a,b"), event.ContentType, "body", "the content type is unreadable, not JSON"},
		{"failed invocation", `{"requestContext":{"functionArn":"arn:f"},"requestPayload":"x"}`, event.BrokenEnvelope, "requestPayload", "a JSON string"},
		{"failed invocation with a broken event", `{"requestContext":{"functionArn":"arn:f"},"requestPayload":{"detail-type":"T","source":"s","detail":1}}`, event.BrokenEnvelope, "requestPayload.detail", "a number"},
		{"failed invocation with an array", `{"requestContext":{"functionArn":"arn:f"},"requestPayload":[]}`, event.UnknownEvent, "requestPayload", "an empty array"},
		{"failed invocation without payload", `{"requestContext":{"functionArn":"arn:f"},"responseContext":{}}`, event.PayloadLost, "", "without its payload"},
		{"failed stream", sqs(quote(`{"requestContext":{"functionArn":"arn:f"},"KinesisBatchInfo":{"shardId":"shardId-01","startSequenceNumber":"12","endSequenceNumber":"34","streamArn":"arn:aws:kinesis:r:1:stream/s"}}`)),
			event.PayloadLost, "Records[1].body", "of shard shardId-01 from sequence number 12 to 34 of arn:aws:kinesis:r:1:stream/s"},
		{"failed table", `{"requestContext":{"functionArn":"arn:f"},"KinesisBatchInfo":null,"DDBStreamBatchInfo":{"shardId":"shardId-01","startSequenceNumber":"12","endSequenceNumber":"34","streamArn":"arn:aws:dynamodb:r:1:table/t.a_b-c/stream/2026-11-02T13:37:16.991"}}`,
			event.PayloadLost, "", "of shard shardId-01 from sequence number 12 to 34 of arn:aws:dynamodb:r:1:table/t.a_b-c/stream/2026-11-02T13:37:16.991"},
		{"failed pipe", `{"context":{"partnerResourceArn":"arn:p"},"KinesisBatchInfo":{"shardId":"shardId-01"}}`, event.PayloadLost, "", "shard shardId-01 from sequence number (startSequenceNumber is missing or can't be read)"},
		{"failed stream with other text", `{"requestContext":{"functionArn":"arn:f"},"KinesisBatchInfo":{"shardId":"s3cret","startSequenceNumber":"shardId-1","endSequenceNumber":{},"streamArn":"arn:s3 cret"}}`, event.PayloadLost, "",
			"of shard (shardId is missing or can't be read) from sequence number (startSequenceNumber is missing or can't be read) to (endSequenceNumber is missing or can't be read) of (streamArn is missing or can't be read)"},
		{"long id", `{"specversion":"1.0","id":"` + strings.Repeat("i", event.MaxName+1) + `","source":"s","type":"t"}`, event.NameTooLong, "", "513 bytes"},
		{"long source", `{"detail-type":"T","source":"` + strings.Repeat("s", event.MaxName+1) + `","detail":{}}`, event.NameTooLong, "", "513"},
		{"long id of a webhook", `{"httpMethod":"POST","requestContext":{},"headers":{"webhook-id":"` + strings.Repeat("i", event.MaxName+1) + `"},"body":"{}"}`, event.NameTooLong, "", "513"},
		{"long id of a message", `{"Records":[{"eventSource":"aws:sqs","messageId":"` + strings.Repeat("i", event.MaxName+1) + `","body":"{}"}]}`, event.NameTooLong, "", "513"},
		{"failed stream with long text", `{"requestContext":{"functionArn":"arn:f"},"KinesisBatchInfo":{"shardId":"shardId-` + strings.Repeat("1", 512) + `"}}`, event.PayloadLost, "", "shard (shardId is missing"},
		{"failed invocation at no time", `{"timestamp":"x","requestContext":{"functionArn":"arn:f"},"requestPayload":{}}`, event.BadTime, "timestamp", "is not a time"},

		{"request with base64", `{"httpMethod":"POST","requestContext":{},"body":"x","isBase64Encoded":true}`, event.BrokenEnvelope, "body", "is not base64"},
		{"request with an object", `{"httpMethod":"POST","requestContext":{},"body":{}}`, event.BrokenEnvelope, "body", "an empty JSON object"},
		{"request time", `{"httpMethod":"POST","requestContext":{"requestTimeEpoch":"x"},"body":"{}"}`, event.BadTime, "requestContext.timeEpoch", "is not a time"},
		{"webhook time", `{"httpMethod":"POST","requestContext":{},"headers":{"webhook-timestamp":"x"},"body":"{}"}`, event.BadTime, "webhook-timestamp", "is not a time"},
	} {
		seen[tt.code] = true
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			dst := []event.Record{{ID: "kept"}}
			records, err := event.Open([]byte(tt.in), dst)
			e := mustError(t, err)
			if e.Code != tt.code || e.Path != tt.path || !strings.Contains(e.Message, tt.says) {
				t.Errorf("got %s at %q: %s\nwant %s at %q: … %s …", e.Code, e.Path, e.Message, tt.code, tt.path, tt.says)
			}
			if len(records) != 1 || records[0].ID != "kept" {
				t.Errorf("got records %v, want dst as it came", records)
			}
		})
	}
	// No other package that this test is linked with has such checks.
	for _, check := range finding.All() {
		if check.Part == finding.NoResult && !seen[event.Code(check.ID)] {
			t.Errorf("no case brings %s", check.ID)
		}
	}
}

// A payload whose timestamp can't be read is opened all the same: a rule may know
// better where its time is.
func TestPayloadWithBadTime(t *testing.T) {
	t.Parallel()
	r := mustOpen(t, `{"timestamp":"yesterday"}`)[0]
	if r.Kind != event.Payload || !r.Time.IsZero() {
		t.Errorf("got %s at %v", r.Kind, r.Time)
	}
	if e := mustError(t, r.BadTime); e.Code != event.BadTime || e.Path != "timestamp" {
		t.Errorf("got %v", e)
	}
}

// TestLostHints: what to do about it depends on who may still have the event.
func TestLostHints(t *testing.T) {
	t.Parallel()
	for in, says := range map[string]string{
		`{"requestContext":{"functionArn":"arn:f"}}`:      "have the event sent again",
		`{"KinesisBatchInfo":{"shardId":"shardId-01"}}`:   "until its retention ends: read them from there (aws kinesis get",
		`{"DDBStreamBatchInfo":{"shardId":"shardId-01"}}`: "for 24 hours: read them from there (aws dynamodbstreams get",
	} {
		_, err := event.Open([]byte(in), nil)
		if e := mustError(t, err); e.Code != event.PayloadLost || !strings.Contains(e.Hint, says) {
			t.Errorf("%s: got %s: %s", in, e.Code, e.Hint)
		}
	}
}

func TestUnknown(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ in, says, hint string }{
		{`{}`, "this is not a known event: an empty JSON object", "rule"},
		{`{"a":1}`, "a JSON object with the key a", "rule"},
		{`{"a":1,"":2,"b\n":3}`, `a JSON object with the keys a, "", (2 characters)`, "rule"},
		{`{"1":0,"2":0,"3":0,"4":0,"5":0,"6":0,"7":0,"8":0,"9":0,"10":0}`, "the keys 1, 2, 3, 4, 5, 6, 7, 8 and 2 more", "rule"},
		{`{"` + strings.Repeat("k", 100) + `":0}`, "the key (100 characters)", "rule"},
		{`{"Records":[{"eventSource":"aws:s3"}]}`, "the key Records", "eventSource"},
		{`{"Type":"Notification","TopicArn":"t","Message":"{}"}`, "(inside sns)", "rule"},
	} {
		records, err := event.Open([]byte(tt.in), nil)
		if err != nil {
			t.Fatal(err)
		}
		e := event.Unknown(records[0])
		if e.Code != event.UnknownEvent || !strings.Contains(e.Message, tt.says) || !strings.Contains(e.Hint, tt.hint) {
			t.Errorf("%s: got %s: %s (%s)", tt.in, e.Code, e.Message, e.Hint)
		}
	}
}

// attributes are headers of a CloudEvent with that many attributes beside the required
// ones.
func attributes(more int) map[string]string {
	headers := map[string]string{"ce-specversion": "1.0", "ce-id": "1", "ce-source": "s", "ce-type": "t"}
	for i := range more {
		headers["ce-x"+strconv.Itoa(i)] = "y"
	}
	return headers
}

// What becomes the structured form is written as it came, wherever it stands.
func TestCloudEventText(t *testing.T) {
	t.Parallel()
	const head = `"specversion":"1.0","id":"1","source":"s","type":"t"`
	const data = `{"n":9007199254740993,"n":1e400,"\u0061.b:c":[ -0.0 ]}`
	for _, tt := range []struct {
		name, in string
		headers  map[string]string
		want     string
	}{
		{name: "base64 first", in: `{"data_base64":"` + base(data) + `",` + head + `}`, want: `{` + head + `,"data":` + data + `}`},
		{name: "base64 between", in: `{"specversion":"1.0", "data_base64" : "` + base(" "+data+"\n") + `" , "id":"1","source":"s","type":"t"}`,
			want: `{"specversion":"1.0" , "id":"1","source":"s","type":"t","data":` + data + `}`},
		{name: "base64 with escapes in its key", in: `{` + head + `,"a\\":"\",","d\u0061ta_base64":"` + base(data) + `"}`, want: `{` + head + `,"a\\":"\",","data":` + data + `}`},
		{name: "base64 of something other than an object", in: `{` + head + `,"data_base64":"` + base("[1]") + `"}`, want: `{` + head + `,"data":[1]}`},
		{name: "attributes that look like places", headers: map[string]string{"ce-0": "zero", "ce-12": `"<a> & \"b\" \\"`, "ce-true": "1", "ce-type": "t", "ce-source": "s", "ce-specversion": "1.0", "ce-id": "1"},
			want: `{` + head + `,"0":"zero","12":"\u003ca\u003e \u0026 \"b\" \\","true":"1","datacontenttype":"application/json","data":` + data + `}`},
		{name: "the content type as it is", headers: map[string]string{"ce-type": "t", "ce-source": "s", "ce-specversion": "1.0", "ce-id": "1", "Content-Type": "application/vnd.x+json; charset=\"utf-8\""},
			want: `{` + head + `,"datacontenttype":"application/vnd.x+json; charset=\"utf-8\"","data":` + data + `}`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var records []event.Record
			if tt.headers == nil {
				records = mustOpen(t, tt.in)
			} else {
				var err error
				if records, err = event.OpenHTTP(maps.All(tt.headers), []byte("\t"+data+" "), nil); err != nil {
					t.Fatal(err)
				}
			}
			if got := records[0].Event; got != tt.want || records[0].Kind != event.CloudEvents {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
		})
	}
}

// One rule must serve both modes of a CloudEvent, so they must give one Event.
func TestCloudEventModes(t *testing.T) {
	t.Parallel()
	want := `{"specversion":"1.0","id":"1","source":"s","type":"t","aliyunregionid":"cn-hangzhou","subject":"site \"a\" €","time":"2026-11-02T09:30:00Z",` +
		`"datacontenttype":"application/json","data":` + change + `}`
	headers := map[string]string{
		"Ce-Specversion": "1.0", "Ce-Id": "1", "CE-SOURCE": "s", "ce-type": "t", "ce-time": "2026-11-02T09:30:00Z",
		"ce-aliyunregionid": "cn-hangzhou", "ce-subject": `"site \"a\" %E2%82%AC"`,
		"Content-Type": "application/json", "ce-not-a-name": "x", "ce-data": "x", "ce-": "x",
	}
	text, err := json.Marshal(headers)
	if err != nil {
		t.Fatal(err)
	}
	gateway := `{"version":"2.0","requestContext":{"http":{}},"headers":` + string(text) + `,"body":` + quote(change) + `}`
	encoded := strings.Replace(want, `"data":`+change, `"data_base64":"`+base(change)+`"`, 1)

	fromHTTP, err := event.OpenHTTP(maps.All(headers), []byte(change), nil)
	if err != nil {
		t.Fatal(err)
	}
	for name, records := range map[string][]event.Record{
		"plain HTTP":  fromHTTP,
		"API Gateway": mustOpen(t, gateway),
		"structured":  mustOpen(t, want),
		"base64":      mustOpen(t, encoded),
		"batch":       mustOpen(t, "["+want+"]"),
	} {
		r := records[0]
		if r.Event != want || r.Data != change || r.ID != "1" || r.Kind != event.CloudEvents {
			t.Errorf("%s: got %+v\nwant event %s", name, r, want)
		}
	}
}

func TestOpenHTTP(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name    string
		headers map[string]string
		body    string
		id, via string
		err     event.Code
		path    string
	}{
		{name: "change", body: change, via: "http"},
		{name: "quoted key", headers: map[string]string{"Idempotency-Key": `"k1"`}, body: change, id: "k1", via: "http"},
		{name: "bytes that are not UTF-8", headers: map[string]string{"Idempotency-Key": "a\xff\xfeb\xc3"}, body: change, id: "a\uFFFDb\uFFFD", via: "http"},
		{name: "webhook id first", headers: map[string]string{"Idempotency-Key": "k1", "Webhook-Id": "w1"}, body: change, id: "w1", via: "http"},
		{name: "envelope", body: `[{"eventSource":"aws:sqs","messageId":"m1","body":` + quote(change) + `}]`, id: "m1", via: "http > sqs"},
		{name: "empty", err: event.Empty},
		{name: "form", headers: map[string]string{"Content-Type": "Multipart/Form-Data; boundary=x"}, body: change, err: event.ContentType},
		{name: "binary without id", headers: map[string]string{"ce-specversion": "1.0"}, body: change, err: event.BrokenEnvelope, path: "ce-id"},
		{name: "binary with text", headers: map[string]string{"ce-specversion": "1.0", "content-type": "text/plain"}, body: "x", err: event.ContentType},
		{name: "binary cut off", headers: map[string]string{"ce-specversion": "1.0"}, body: "{", err: event.NotJSON},
		{name: "binary with too many attributes", headers: attributes(253), err: event.BrokenEnvelope},
		{name: "binary with many attributes", headers: attributes(252), body: change, id: "1", via: "http > cloudevents"},
		{name: "too large", body: strings.Repeat(" ", event.MaxSize+1), err: event.TooLarge},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			records, err := event.OpenHTTP(maps.All(tt.headers), []byte(tt.body), nil)
			if tt.err != "" {
				if e := mustError(t, err); e.Code != tt.err || e.Path != tt.path {
					t.Errorf("got %s at %q: %v", e.Code, e.Path, e)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if r := records[0]; r.ID != tt.id || r.Via.String() != tt.via || r.Data != change || r.Source == "" && tt.via == "http" {
				t.Errorf("got %+v", r)
			}
		})
	}
}

// The one copy of an event in an SQS message is that of its unescaped body.
func TestOpenAllocations(t *testing.T) {
	message := []byte(`{"Records":[{"messageId":"m1","receiptHandle":"AQEB","body":` +
		quote(string(mustRead(t, "eventbridge-psk"))) + `,"attributes":{"SentTimestamp":"1793615400412"},"eventSource":"aws:sqs","eventSourceARN":"arn:q"}]}`)
	for _, tt := range []struct {
		name string
		in   []byte
		most float64
	}{
		{"bare", mustRead(t, "bare-single"), 0},
		{"eventbridge", mustRead(t, "eventbridge-psk"), 0},
		{"sqs", message, 1},
	} {
		dst := make([]event.Record, 0, 4)
		var opener event.Opener
		got := testing.AllocsPerRun(100, func() {
			records, err := opener.Open(tt.in, dst)
			if err != nil || !records[0].IsChange() {
				t.Fatal("not opened", err)
			}
		})
		if got > tt.most {
			t.Errorf("%s: got %v allocations, want at most %v", tt.name, got, tt.most)
		}
	}
}

func BenchmarkOpen(b *testing.B) {
	message := []byte(`{"Records":[{"messageId":"m1","receiptHandle":"AQEB","body":` +
		quote(string(mustRead(b, "eventbridge-dual"))) + `,"attributes":{"SentTimestamp":"1793615400412"},"eventSource":"aws:sqs","eventSourceARN":"arn:q"}]}`)
	dst := make([]event.Record, 0, 4)
	var opener event.Opener
	b.ReportAllocs()
	b.SetBytes(int64(len(message)))
	for b.Loop() {
		if _, err := opener.Open(message, dst); err != nil {
			b.Fatal(err)
		}
	}
}

func quote(s string) string {
	text, err := json.Marshal(s)
	if err != nil {
		panic(err)
	}
	return string(text)
}

func base(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) }

func mustOpen(tb testing.TB, s string) []event.Record {
	tb.Helper()
	records, err := event.Open([]byte(s), nil)
	if err != nil {
		tb.Fatal(err)
	}
	return records
}

func mustError(tb testing.TB, err error) *event.Error {
	tb.Helper()
	var e *event.Error
	if !errors.As(err, &e) {
		tb.Fatalf("got error %v, want an *event.Error", err)
	}
	return e
}
