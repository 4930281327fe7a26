package ingest_test

import (
	"crypto/sha512"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tidwall/gjson"

	"vpnattach/functions/ingest"
	"vpnattach/shared/core/attachment"
	"vpnattach/shared/core/event"
	"vpnattach/shared/core/finding"
	"vpnattach/shared/message"
)

// TestSamples takes every sample event, HTTP requests with a good signature.
func TestSamples(t *testing.T) {
	t.Parallel()
	wants := map[string][]string{
		"activemq":                  {"ID:b-9bcfa592-1.mq.eu-central-1.amazonaws.com-37557-1793627000000-4:1:1:1:1 13:45:00 #-1 vco-localsingle"},
		"alb":                       {"msg-905 14:00:00 #-1 vco-localsingle"},
		"apigateway-v1":             {"msg-2299 14:00:00 #-1 vco-localsingle"},
		"apigateway-v2":             {"msg-1284 14:00:00 #-1 vco-localsingle"},
		"bare-dual":                 {"invocation-1 14:00:00 #-1 vco-localdual"},
		"bare-single":               {"invocation-1 14:00:00 #-1 vco-localsingle"},
		"cloudevents-aliyun":        {"45ef4dbe-7c35-447a-bd93-fab0c1d2e3f4 12:45:00.042 #-1 vco-localdual"},
		"cloudevents-binary":        {"msg-1434 14:00:00 #-1 vco-localsingle"},
		"cloudevents-structured":    {"A234-1234-1234 12:30:00 #-1 vco-localsingle"},
		"cloudtrail-putsecretvalue": {"b2a9c1de-5f4e-4d3c-8b2a-1f0e9d8c7b6a 10:30:04 tunnel-1-psk-put#-1 vco-localdual"},
		"dynamodb":                  {"c4ca4238a0b923820dcc509a6f75849b 13:30:00 #-1 vco-localsingle"},
		"eventbridge-dual":          {"f5bbd6a3-7f0c-4f0d-9d53-2f7c2a1c9b10 09:45:00 #-1 vco-localdual"},
		"eventbridge-psk":           {"6a7e8feb-b491-4cf7-a9f1-bf3703467718 09:30:00 #-1 vco-localsingle"},
		"function-url":              {"msg-1468 14:00:00 #-1 vco-localsingle"},
		"inventory-sites":           {"0b5c6f7e-52b7-4d3e-8d8e-6f1d5a8c2e44 10:15:00 sites-from-inventory#0 vco-p0w5112fgnl2ihlmf0000", "0b5c6f7e-52b7-4d3e-8d8e-6f1d5a8c2e44 10:15:00 sites-from-inventory#1 vco-p0w5112fgnl2ihlmf0001"},
		"kafka":                     {"vpn-changes-0@15 13:30:00.25 #-1 vco-localsingle"},
		"kinesis":                   {"3f0c0b52-4f7e-4a53-9a35-1f2d3c4b5a69 13:15:00 #-1 vco-localsingle"},
		"nautobot-prefix":           {"sha256: 09:40:12.318 nautobot-prefix#-1 vco-localfree"},
		"netbox-ikepolicy":          {"sha256: 09:20:31.004 netbox-ike-tunnel-1#-1 vco-localdual"},
		"netbox-prefix":             {"sha256: 09:31:55.77 netbox-prefix#-1 vco-localsingle"},
		"netbox-tunnel":             {"sha256: 09:14:07.512 netbox-tunnel#-1 vco-localdual"},
		"parameterstore-change":     {"9547ef2d-3b7e-4057-b6cb-5fdf09ee7c8f 10:12:04 tunnel-1-psk-stored#-1 vco-localdual"},
		"pipes-template":            {"0d9b8c7a-1f2e-4a3b-8c4d-5e6f708192a3 13:20:00 #-1 vco-localsingle", "1e0c9d8b-2a3f-4b4c-9d5e-6f70819203b4 13:20:01 #-1 vco-localdual"},
		"secretsmanager-rotation":   {"638c6d2d-e098-4100-a3e0-a4b7b87e5b92 10:00:03 tunnel-1-psk-rotated#-1 vco-p0w5112fgnl2ihlmf0000"},
		"sns-change":                {"0f7b6e0e-4b5d-5c8e-9a55-37c6a8f7c1d2 11:15:00.25 #-1 vco-localsingle"},
		"sqs-change":                {"19dd0b57-b21e-4ac1-bd88-01bbb068cb78 11:00:00 #-1 vco-localsingle"},
		"sqs-eventbridge":           {"7bf73129-1428-4cd3-a780-95db273d1602 10:30:00 #-1 vco-localsingle", "1c1d2e7a-3a5b-4f57-8b34-0a0b43e5a6c9 10:30:02 #-1 vco-localsingle"},
		"sqs-sns-eventbridge":       {"b0a1c2d3-60a6-4d0f-a7dc-1f5e3a1c0de5 10:45:00 #-1 vco-localdual"},
		"vpc-lattice":               {"msg-1177 14:00:00 #-1 vco-localsingle"},
		"webhook-payload":           {"msg-1458 13:45:00 networks-from-webhook#-1 vco-localsingle"},
	}
	files, err := filepath.Glob("../../events/*.json")
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
			w := newWorld(t, nil)
			sample := mustRead(t, name)
			http := gjson.Get(sample, "requestContext").Exists()
			if http {
				sample = w.resign(sample)
			}
			if sender, _, _ := strings.Cut(name, "-"); sender == "netbox" || sender == "nautobot" {
				http, w.senders = true, `{"`+sender+`":"sender-signs-with-this-secret"}`
				sample = to("/webhooks/"+sender, map[string]string{"X-Hook-Signature": mac(sha512.New, "sender-signs-with-this-secret", sample)}, sample)
			}
			answer := gjson.Parse(w.mustInvoke(sample))
			got := w.changes()
			for i := range got {
				if id, rest, _ := strings.Cut(got[i], " "); strings.HasPrefix(id, "sha256:") {
					got[i] = "sha256: " + rest
				}
			}
			if !slices.Equal(got, wants[name]) {
				t.Errorf("got %q, want %q", got, wants[name])
			}
			if want := (ingest.Counts{Accepted: len(wants[name])}); w.counts != want {
				t.Errorf("got counts %+v, want %+v", w.counts, want)
			}
			// The answer is in the form that each source wants.
			switch entry := gjson.Get(w.log.String(), "entry").Str; entry {
			case "sqs", "kinesis", "dynamodb":
				if got := answer.Raw; got != `{"batchItemFailures":[]}` {
					t.Errorf("got %s", got)
				}
				return
			case "http":
				if !http {
					t.Errorf("taken for HTTP")
				}
				if got := answer.Get("statusDescription").Str; name == "alb" != (got == "202 Accepted") {
					t.Errorf("got status description %q", got)
				}
				answer = body(t, answer.Raw, 202)
			case "eventbridge", "sns", "invoke", "kafka", "mq":
			default:
				t.Errorf("got entry %q", entry)
			}
			for i, change := range answer.Get("changes").Array() {
				m := w.sent[i]
				got := []string{change.Get("changeId").Str, change.Get("eventId").Str, change.Get("rule").Str, change.Get("element").Raw, change.Get("regionId").Str, change.Get("vpnConnectionId").Str, change.Get("findings.#(severity==\"error\")").Raw}
				want := []string{m.DeduplicationID(), m.EventID, m.Rule, gjson.Get(encode(m), "element").Raw, m.RegionID, m.VpnConnectionID, ""}
				if m.Element == 0 {
					want[3] = "0"
				}
				if !slices.Equal(got, want) || !change.Get("findings").IsArray() {
					t.Errorf("got change %q, want %q", got, want)
				}
			}
		})
	}
}

// TestSources is about who may send change documents.
func TestSources(t *testing.T) {
	t.Parallel()
	queue := sqs(change)
	for _, tt := range []struct {
		name    string
		sources []string
		payload func(*world) string
		want    bool
	}{
		{"webhook", []string{"webhook"}, func(w *world) string { return w.event("w1", change) }, true},
		{"webhook, others listed", []string{"com.example.vpn", "invoke", "http", "arn:*"}, func(w *world) string { return w.event("w1", change) }, false},
		{"webhook that names a source listed", []string{"com.example.vpn"}, func(w *world) string { return w.event("w1", eventBridge("com.example.vpn", change)) }, false},
		{"CloudEvent that names a source listed", []string{"com.example.vpn"}, func(w *world) string { return w.event("w1", cloudEvent("c1", "com.example.vpn", change)) }, false},
		{"EventBridge", []string{"com.example.vpn"}, func(*world) string { return eventBridge("com.example.vpn", change) }, true},
		{"EventBridge, by prefix", []string{"x", "com.example.*"}, func(*world) string { return eventBridge("com.example.vpn", change) }, true},
		{"EventBridge, no prefix", []string{"com.example"}, func(*world) string { return eventBridge("com.example.vpn", change) }, false},
		{"EventBridge, nothing listed", nil, func(*world) string { return eventBridge("com.example.vpn", change) }, false},
		{"EventBridge as a webhook", []string{"webhook"}, func(*world) string { return eventBridge("webhook", change) }, false},
		{"EventBridge as an invocation", []string{"invoke"}, func(*world) string { return eventBridge("invoke", change) }, false},
		{"EventBridge as a queue", []string{"arn:aws:sqs:*"}, func(*world) string { return eventBridge("arn:aws:sqs:eu-central-1:123456789012:events", change) }, false},
		{"queue", []string{"arn:aws:sqs:eu-central-1:123456789012:events"}, func(*world) string { return queue }, true},
		{"queue, event of a source listed", []string{"com.example.vpn"}, func(*world) string { return sqs(eventBridge("com.example.vpn", change)) }, false},
		{"queue without a name", []string{"*"}, func(*world) string { return strings.Replace(queue, "eventSourceARN", "x", 1) }, false},
		{"topic", []string{"arn:aws:sns:*"}, func(*world) string { return sns(change) }, true},
		{"topic in a queue", []string{"arn:aws:sns:*"}, func(*world) string {
			return sqs(`{"Type":"Notification","TopicArn":"arn:aws:sns:eu-central-1:123456789012:events","Message":` + encode(change) + `}`)
		}, false},
		{"stream", []string{"arn:aws:kinesis:eu-central-1:123456789012:stream/events"}, func(*world) string { return kinesis(change) }, true},
		{"table", []string{"arn:aws:dynamodb:eu-central-1:123456789012:table/vpn-attachments/stream/*"}, func(w *world) string { return mustRead(w.tb, "dynamodb") }, true},
		{"direct", []string{"invoke"}, func(*world) string { return change }, true},
		{"direct CloudEvent", []string{"invoke"}, func(*world) string { return cloudEvent("c1", "com.example.vpn", change) }, true},
		{"direct, others listed", []string{"webhook", "com.*"}, func(*world) string { return change }, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, func(c *ingest.Config) { c.Sources = tt.sources })
			answer := w.mustInvoke(tt.payload(w))
			if got := len(w.sent) == 1; got != tt.want {
				t.Fatalf("got %v accepted, want %v: %s", w.changes(), tt.want, answer)
			}
			if tt.want {
				return
			}
			if gjson.Get(answer, "statusCode").Exists() {
				found := body(t, answer, 400).Get("findings.0")
				if found.Get("rule").Str != "source-not-listed" || found.Get("hint").Str == "" {
					t.Errorf("got finding %s", found)
				}
				return
			}
			for _, letter := range w.letters {
				if letter.Reason.Code != "source-not-listed" || letter.Reason.Remedy == "" {
					t.Errorf("got reason %+v", letter.Reason)
				}
			}
			if len(w.letters) != 1 {
				t.Errorf("got %d dead letters", len(w.letters))
			}
		})
	}
}

// TestRulesNeedNoSource: what a rule makes of an event is the rule's matter.
func TestRulesNeedNoSource(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(c *ingest.Config) { c.Sources = nil })
	for _, name := range []string{"secretsmanager-rotation", "inventory-sites"} {
		w.mustInvoke(mustRead(t, name))
	}
	w.mustInvoke(w.resign(mustRead(t, "webhook-payload")))
	if len(w.sent) != 4 {
		t.Errorf("got %q", w.changes())
	}
}

func TestConfig(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, says string
		edit       func(*ingest.Config)
	}{
		{"send", "queue", func(c *ingest.Config) { c.Send = nil }},
		{"dead letters", "dead letters", func(c *ingest.Config) { c.DeadLetter = nil }},
		{"first seen", "memory", func(c *ingest.Config) { c.FirstSeen = nil }},
		{"webhooks taken", "memory", func(c *ingest.Config) { c.Known = nil }},
		{"peer", `"other"`, func(c *ingest.Config) { c.Peer = "other" }},
		{"redrive", `"https://`, func(c *ingest.Config) { c.Redrive = "https://sqs.eu-central-1.amazonaws.com/123456789012/events" }},
		{"limit", "limit", func(c *ingest.Config) { c.MaxBody = -1 }},
		{"empty source", `""`, func(c *ingest.Config) { c.Sources = []string{"a", ""} }},
		{"star inside", `"arn:*:events"`, func(c *ingest.Config) { c.Sources = []string{"arn:*:events"} }},
	} {
		var config ingest.Config
		newWorld(t, func(c *ingest.Config) { config = *c })
		tt.edit(&config)
		if _, err := ingest.New(config); err == nil || !strings.Contains(err.Error(), tt.says) {
			t.Errorf("%s: got %v", tt.name, err)
		}
	}
}

// TestChecks brings a finding of each check of this package.
func TestChecks(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(c *ingest.Config) { c.Sources = []string{"webhook"} })
	var networks strings.Builder
	for i := range attachment.MaxChange / len("10.0.0.0/24,") {
		fmt.Fprintf(&networks, ",10.%d.%d.0/24", i/256, i%256)
	}
	large := strings.Replace(change, `"Name":"site-a`, `"LocalSubnet":"192.168.0.0/24","RemoteSubnet":"`+networks.String()[1:], 1)
	w.mustInvoke(eventBridge("com.example.vpn", change))
	w.mustInvoke(w.event("w1", eventBridge("aws.ssm", change)))
	w.mustInvoke(w.event(strings.Repeat("w", event.MaxName+1), change))
	w.mustInvoke(w.event("w2", large))
	w.mustInvoke(w.event("w3", strings.Replace(change, "vco-localsingle", strings.Repeat("v", 129), 1)))
	w.mustInvoke(sqs(mustRead(t, "apigateway-v2"), `{"requestContext":{"functionArn":"arn:f"}}`))
	if len(w.sent) != 0 {
		t.Errorf("got %q", w.changes())
	}
	w.mustInvoke(w.event("w4", change))
	w.mustInvoke(w.event("w4", change))
	n := 0
	for _, check := range finding.All() {
		if check.Part != finding.Delivery {
			continue
		}
		if n++; !strings.Contains(w.log.String(), `"code":"`+check.ID+`"`) {
			t.Errorf("%s: got %s", check.ID, w.log.String())
		}
	}
	if n == 0 {
		t.Error("no check is declared")
	}
}

// TestGroupNames: an id that the queue does not take for a group is refused here, since
// it would be tried for ever there.
func TestGroupNames(t *testing.T) {
	t.Parallel()
	for id, taken := range map[string]bool{
		"vco-localsingle": true, strings.Repeat("v", 128): true, strings.Repeat("v", 129): false, "vco-äöü": false, `vco-\u0001`: false, `vco-\u007f`: false,
	} {
		w := newWorld(t, func(c *ingest.Config) { c.Sources = []string{"webhook"} })
		w.mustInvoke(w.event("w1", strings.Replace(change, "vco-localsingle", id, 1)))
		if (len(w.sent) == 1) != taken {
			t.Errorf("%q: got %q", id, w.changes())
		}
	}
}

// TestLongNames: neither an id nor a source may be so long that it fits nowhere.
func TestLongNames(t *testing.T) {
	t.Parallel()
	just := strings.Repeat("n", event.MaxName)
	for _, tt := range []struct {
		name, event string
		taken       bool
	}{
		{"just", cloudEvent(just, just, change), true},
		{"id", cloudEvent(just+"n", "s", change), false},
		{"source", cloudEvent("c1", just+"n", change), false},
		{"source of an event", eventBridge(just+"n", change), false},
	} {
		w := newWorld(t, nil)
		w.mustInvoke(sqs(tt.event))
		if got := strings.Contains(w.log.String(), "event-name-too-long"); got == tt.taken || (len(w.sent) == 1) != tt.taken {
			t.Errorf("%s: got %d changes and %s", tt.name, len(w.sent), w.log.String())
		}
	}
}

// TestLog: one line for each event and attachment with errors says how many there are,
// and one how the invocation ended.
func TestLog(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	worse := strings.Replace(strings.Replace(broken, "vco-localsingle", "vco-localdual", 1), `"Nmae"`, `"a":1,"b":2,"Nmae"`, 1)
	w.mustInvoke(w.event("w1", "["+cloudEvent("c1", "s", broken)+","+cloudEvent("c2", "s", worse)+","+cloudEvent("c3", "s", change)+"]"))
	var got []string
	for line := range strings.Lines(w.log.String()) {
		entry := gjson.Parse(line)
		got = append(got, fmt.Sprintf("%s %s %s", entry.Get("message").Str, entry.Get("eventId").Str, entry.Get("errors").Raw))
	}
	if want := []string{"refused c1 1", "refused c2 3", "taken  "}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

// TestSequence: records of a stream within one second, the unit of DynamoDB,
// keep the order of their numbers, in whatever order they come.
func TestSequence(t *testing.T) {
	t.Parallel()
	record := func(id, number string) string {
		return `{"eventSource":"aws:dynamodb","eventID":"` + id + `","eventSourceARN":"arn:aws:dynamodb:eu-central-1:1:table/t/stream/s","eventName":"MODIFY","dynamodb":{` +
			`"ApproximateCreationDateTime":1772371800,"SequenceNumber":"` + number + `","NewImage":{"RegionId":{"S":"cn-hangzhou"},"VpnConnectionId":{"S":"vco-1"},"Name":{"S":"x"}}}}`
	}
	w := newWorld(t, func(c *ingest.Config) { c.AnySource = true })
	w.mustInvoke(`{"Records":[` + record("a", "1000000000000000000000") + `,` + record("c", "999999999999999999999") + `,` + record("b", "1000000000000000000001") + `]}`)
	slices.SortFunc(w.sent, func(a, b message.Change) int { return a.Stamp().Compare(b.Stamp()) })
	if got := strings.Join(w.changes(), ", "); got != "c 13:30:00 #-1 vco-1, a 13:30:00 #-1 vco-1, b 13:30:00 #-1 vco-1" {
		t.Errorf("got %s", got)
	}
}

// TestFirstSeenByAnotherClock: a time that is still to come, since the clock has been
// set back, makes no change one of the future.
func TestFirstSeenByAnotherClock(t *testing.T) {
	t.Parallel()
	for ahead, want := range map[time.Duration]time.Time{24 * time.Hour: start, time.Minute: start.Add(time.Minute)} {
		before := newWorld(t, nil)
		before.now = start.Add(ahead)
		before.mustInvoke(change)
		w := newWorld(t, nil)
		w.seen = before.seen
		if w.mustInvoke(change); len(w.sent) != 1 || !w.sent[0].Time.Equal(want) {
			t.Errorf("seen %v ahead: got %v, want %v", ahead, w.changes(), want)
		}
	}
}
