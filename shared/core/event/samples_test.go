package event_test

import (
	"encoding/base64"
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"strconv"
	"strings"
	"testing"
	"time"

	"vpnattach/shared/core/event"
)

const samples = "../../../events"

// sample is what opening one record of a file in events/ must give. Data is the
// way to the record's data through the file, decoded without this package: a key
// or an index, "json" to read a text as JSON, "base64" to decode it.
type sample struct {
	file         string
	kind         event.Kind
	via          string
	id, at, from string
	data         string
	change       bool
}

const (
	queue  = "arn:aws:sqs:eu-central-1:123456789012:vpn-changes"
	custom = "com.example.vpn"
)

var sampleRecords = []sample{
	{"activemq", event.Change, "mq", "ID:b-9bcfa592-1.mq.eu-central-1.amazonaws.com-37557-1793627000000-4:1:1:1:1", "13:45:00",
		"arn:aws:mq:eu-central-1:123456789012:broker:network:b-9bcfa592-423a-4942-879d-eb284b418fc8", "messages 0 data base64 json", true},
	{"alb", event.Change, "alb", "change-2026-11-02-0012", "", "http", "body json", true},
	{"apigateway-v1", event.Change, "api-gateway", "change-2026-11-02-0007", "11:30:00.125", "http", "body json", true},
	{"apigateway-v2", event.Change, "http-api", "8e03978e-40d5-43e8-bc93-6894a57f9324", "11:45:00.042", "http", "body json", true},
	{"bare-dual", event.Change, "", "", "", "", "", true},
	{"bare-single", event.Change, "", "", "", "", "", true},
	{"cloudevents-aliyun", event.CloudEvents, "cloudevents", "45ef4dbe-7c35-447a-bd93-fab0c1d2e3f4", "12:45:00.042", custom, "data", true},
	{"cloudevents-binary", event.CloudEvents, "http-api > cloudevents", "A234-1234-1235", "13:00:00.5", "/network/cn-hangzhou/site-a", "body json", true},
	{"cloudevents-structured", event.CloudEvents, "cloudevents", "A234-1234-1234", "12:30:00", "/network/cn-hangzhou/site-a", "data", true},
	{"dynamodb", event.DynamoDB, "dynamodb", "c4ca4238a0b923820dcc509a6f75849b", "13:30:00",
		"arn:aws:dynamodb:eu-central-1:123456789012:table/vpn-attachments/stream/2026-10-01T08:00:00.000", "Records 0 dynamodb NewImage item", true},
	{"eventbridge-dual", event.EventBridge, "eventbridge", "f5bbd6a3-7f0c-4f0d-9d53-2f7c2a1c9b10", "09:45:00", custom, "detail", true},
	{"eventbridge-psk", event.EventBridge, "eventbridge", "6a7e8feb-b491-4cf7-a9f1-bf3703467718", "09:30:00", custom, "detail", true},
	{"function-url", event.Change, "function-url", "msg_2KWPBgLlAfxdpx2AI54pPJ85f4W", "11:59:59", "http", "body base64 json", true},
	{"inventory-sites", event.EventBridge, "eventbridge", "0b5c6f7e-52b7-4d3e-8d8e-6f1d5a8c2e44", "10:15:00", "com.example.inventory", "detail", false},
	{"kafka", event.Change, "kafka", "vpn-changes-0@15", "13:30:00.25",
		"arn:aws:kafka:eu-central-1:123456789012:cluster/network/3f2b6c1e-7d0a-4c55-9b1e-2a6d8c4f0e11-4", "records vpn-changes-0 0 value base64 json", true},
	{"pipes-template", event.EventBridge, "eventbridge", "0d9b8c7a-1f2e-4a3b-8c4d-5e6f708192a3", "13:20:00", custom, "0 detail", true},
	{"pipes-template", event.EventBridge, "eventbridge", "1e0c9d8b-2a3f-4b4c-9d5e-6f70819203b4", "13:20:01", custom, "1 detail", true},
	{"vpc-lattice", event.Change, "vpc-lattice", "change-2026-11-02-0031", "14:00:00", "http", "body json", true},
	{"kinesis", event.EventBridge, "kinesis > eventbridge", "3f0c0b52-4f7e-4a53-9a35-1f2d3c4b5a69", "13:15:00", custom, "Records 0 kinesis data base64 json detail", true},
	{"cloudtrail-putsecretvalue", event.EventBridge, "eventbridge", "b2a9c1de-5f4e-4d3c-8b2a-1f0e9d8c7b6a", "10:30:04", "aws.secretsmanager", "detail", false},
	{"nautobot-prefix", event.Payload, "", "", "09:40:12.318845", "", "", false},
	{"netbox-ikepolicy", event.Payload, "", "", "09:20:31.004417", "", "", false},
	{"netbox-prefix", event.Payload, "", "", "09:31:55.770203", "", "", false},
	{"netbox-tunnel", event.Payload, "", "", "09:14:07.512034", "", "", false},
	{"parameterstore-change", event.EventBridge, "eventbridge", "9547ef2d-3b7e-4057-b6cb-5fdf09ee7c8f", "10:12:04", "aws.ssm", "detail", false},
	{"secretsmanager-rotation", event.EventBridge, "eventbridge", "638c6d2d-e098-4100-a3e0-a4b7b87e5b92", "10:00:03", "aws.secretsmanager", "detail", false},
	{"sns-change", event.Change, "sns", "0f7b6e0e-4b5d-5c8e-9a55-37c6a8f7c1d2", "11:15:00.25", "arn:aws:sns:eu-central-1:123456789012:vpn-changes", "Records 0 Sns Message json", true},
	{"sqs-change", event.Change, "sqs", "19dd0b57-b21e-4ac1-bd88-01bbb068cb78", "11:00:00", queue, "Records 0 body json", true},
	{"sqs-eventbridge", event.EventBridge, "sqs > eventbridge", "7bf73129-1428-4cd3-a780-95db273d1602", "10:30:00", custom, "Records 0 body json detail", true},
	{"sqs-eventbridge", event.EventBridge, "sqs > eventbridge", "1c1d2e7a-3a5b-4f57-8b34-0a0b43e5a6c9", "10:30:02", custom, "Records 1 body json detail", true},
	{"sqs-sns-eventbridge", event.EventBridge, "sqs > sns > eventbridge", "b0a1c2d3-60a6-4d0f-a7dc-1f5e3a1c0de5", "10:45:00", custom, "Records 0 body json Message json detail", true},
	{"webhook-payload", event.Payload, "function-url", "msg_2KWPBgLlAfxdpx2AI54pPJ85f4X", "13:45:00", "http", "body json", false},
}

func TestSamples(t *testing.T) {
	t.Parallel()
	wants := map[string][]sample{}
	for _, s := range sampleRecords {
		wants[s.file] = append(wants[s.file], s)
	}
	files, err := filepath.Glob(filepath.Join(samples, "*.json"))
	if err != nil {
		t.Fatal(err)
	}
	if len(files) != len(wants) {
		t.Errorf("events/ has %d files, the table has %d", len(files), len(wants))
	}
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".json")
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			data := mustRead(t, name)
			records, err := event.Open(data, nil)
			if err != nil {
				t.Fatal(err)
			}
			if got, want := len(records), len(wants[name]); got != want {
				t.Fatalf("got %d records, want %d", got, want)
			}
			for i, r := range records {
				checkSample(t, data, r, wants[name][i])
			}
		})
	}
}

func checkSample(t *testing.T, data []byte, r event.Record, want sample) {
	t.Helper()
	var at time.Time
	if want.at != "" {
		at = mustTime(t, "2026-11-02T"+want.at+"Z")
	}
	if r.Kind != want.kind || r.Via.String() != want.via {
		t.Errorf("got kind %v via %q, want %v via %q", r.Kind, r.Via, want.kind, want.via)
	}
	if r.ID != want.id || r.Source != want.from {
		t.Errorf("got id %q of source %q, want %q of %q", r.ID, r.Source, want.id, want.from)
	}
	if r.Time != at {
		t.Errorf("got time %v, want %v", r.Time, at)
	}
	if got := r.IsChange(); got != want.change {
		t.Errorf("IsChange: got %v, want %v", got, want.change)
	}
	if got, want := mustJSON(t, r.Data), follow(t, mustJSON(t, string(data)), want.data); !reflect.DeepEqual(got, want) {
		t.Errorf("data: got %v, want %v", got, want)
	}
	mustJSON(t, r.Event)
}

// follow goes a sample's way to its data with encoding/json.
func follow(t *testing.T, v any, way string) any {
	t.Helper()
	for _, step := range strings.Fields(way) {
		switch step {
		case "json":
			v = mustJSON(t, v.(string))
		case "base64":
			decoded, err := base64.StdEncoding.DecodeString(v.(string))
			if err != nil {
				t.Fatal(err)
			}
			v = string(decoded)
		case "item":
			v = plainItem(v)
		default:
			if list, ok := v.([]any); ok {
				i, err := strconv.Atoi(step)
				if err != nil {
					t.Fatal(err)
				}
				v = list[i]
			} else {
				v = v.(map[string]any)[step]
			}
		}
	}
	return v
}

// plainItem turns attribute values of DynamoDB into what they stand for.
func plainItem(v any) map[string]any {
	plain := map[string]any{}
	for name, attribute := range v.(map[string]any) {
		plain[name] = plainAttribute(attribute)
	}
	return plain
}

func plainAttribute(v any) any {
	for kind, inner := range v.(map[string]any) {
		switch kind {
		case "M":
			return plainItem(inner)
		case "L":
			list := []any{}
			for _, element := range inner.([]any) {
				list = append(list, plainAttribute(element))
			}
			return list
		case "N":
			return json.Number(inner.(string))
		default:
			return inner
		}
	}
	return nil
}

func mustRead(tb testing.TB, name string) []byte {
	tb.Helper()
	data, err := os.ReadFile(filepath.Join(samples, name+".json"))
	if err != nil {
		tb.Fatal(err)
	}
	return data
}

func mustJSON(tb testing.TB, s string) (v any) {
	tb.Helper()
	d := json.NewDecoder(strings.NewReader(s))
	d.UseNumber()
	if err := d.Decode(&v); err != nil {
		tb.Fatalf("%v in %s", err, s)
	}
	return v
}

func mustTime(tb testing.TB, s string) time.Time {
	tb.Helper()
	at, err := time.Parse(time.RFC3339, s)
	if err != nil {
		tb.Fatal(err)
	}
	return at
}
