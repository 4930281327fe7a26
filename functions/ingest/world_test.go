package ingest_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/lambdacontext"
	"github.com/rs/zerolog"
	webhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"
	"github.com/tidwall/gjson"

	"vpnattach/events"
	"vpnattach/functions/ingest"
	"vpnattach/shared/core/rules"
	"vpnattach/shared/message"
	"vpnattach/shared/webhook"
)

const (
	firstSecret  = "whsec_Zmlyc3QtZmlyc3QtZmlyc3QtZmlyc3QtZmlyc3Q="
	secondSecret = "c2Vjb25kLXNlY29uZC1zZWNvbmQtc2Vjb25kLXNlY29uZA=="
	foreign      = "Zm9yZWlnbi1mb3JlaWduLWZvcmVpZ24tZm9yZWlnbg=="

	change = `{"RegionId":"cn-hangzhou","VpnConnectionId":"vco-localsingle","Name":"site-a"}`
	broken = `{"RegionId":"cn-hangzhou","VpnConnectionId":"vco-localsingle","Nmae":"site-a"}`
)

var start = time.Date(2026, 11, 2, 14, 0, 0, 0, time.UTC)

// world is a handler with all that is around it.
type world struct {
	tb      testing.TB
	handler *ingest.Handler
	now     time.Time
	senders string // the text of the secret

	sent    []message.Change // in the queue, each once
	sends   int              // calls of Send
	letters map[string]ingest.DeadLetter
	seen    map[string]time.Time
	taken   map[string]bool // webhooks
	counts  ingest.Counts   // of the last invocation
	log     bytes.Buffer

	// fails says whether a port fails, by its name and what it is told.
	fails func(port string, about []message.Change) error
}

var errPort = errors.New("not now")

func newWorld(tb testing.TB, edit func(*ingest.Config)) *world {
	tb.Helper()
	w := &world{
		tb: tb, now: start, senders: firstSecret + "\n" + secondSecret, taken: map[string]bool{},
		letters: map[string]ingest.DeadLetter{}, seen: map[string]time.Time{},
		fails: func(string, []message.Change) error { return nil },
	}
	config := ingest.Config{
		Rules: allRules(), Sources: []string{"*"}, Now: func() time.Time { return w.now },
		Log: zerolog.New(&w.log).Level(zerolog.DebugLevel),
		Send: func(_ context.Context, messages []message.Change) error {
			w.sends++
			if err := w.fails("send", messages); err != nil {
				return err
			}
			for _, m := range messages {
				known := false
				for _, other := range w.sent {
					known = known || other.DeduplicationID() == m.DeduplicationID()
				}
				if !known {
					w.sent = append(w.sent, m)
				}
			}
			return nil
		},
		DeadLetter: func(_ context.Context, d ingest.DeadLetter) error {
			w.letters[d.ID] = d
			return w.fails("dead letter", nil)
		},
		FirstSeen: func(_ context.Context, id string, t time.Time) (time.Time, error) {
			if err := w.fails("first seen", nil); err != nil {
				return time.Time{}, err
			}
			if _, known := w.seen[id]; !known {
				w.seen[id] = t
			}
			return w.seen[id], nil
		},
		Senders: func(context.Context) (*webhook.Senders, error) {
			return webhook.Parse(w.senders), w.fails("webhook", nil)
		},
		Remember: func(_ context.Context, id string) error {
			if err := w.fails("remember", nil); err != nil {
				return err
			}
			w.taken[id] = true
			return nil
		},
		Known:  func(_ context.Context, id string) (bool, error) { return w.taken[id], w.fails("known", nil) },
		Report: func(_ context.Context, c ingest.Counts) { w.counts = c },
	}
	if edit != nil {
		edit(&config)
	}
	var err error
	if w.handler, err = ingest.New(config); err != nil {
		tb.Fatal(err)
	}
	return w
}

// allRules are those of the samples that are not change documents.
var allRules = sync.OnceValue(func() *rules.Set {
	var list []string
	for _, name := range []string{"webhook-payload", "sites-from-inventory", "psk-rotated", "psk-put", "tunnel-psk-stored", "netbox", "nautobot"} {
		file, err := events.Files.ReadFile("rules/" + name + ".json")
		if err != nil {
			panic(err)
		}
		list = append(list, strings.Trim(strings.Replace(gjson.GetBytes(file, "rules").Raw, `["bus"]`, `["bus", "webhook"]`, 1), "[] \n"))
	}
	set, _ := rules.Load([]byte(`{"rules":[` + strings.Join(list, ",") + `]}`))
	return set
})

func mustRules(tb testing.TB, file string) *rules.Set {
	tb.Helper()
	set, findings := rules.Load([]byte(file))
	if set == nil {
		tb.Fatal(findings)
	}
	return set
}

func mustRead(tb testing.TB, name string) string {
	tb.Helper()
	data, err := events.Files.ReadFile(name + ".json")
	if err != nil {
		tb.Fatal(err)
	}
	return string(data)
}

// invoke calls the function as Lambda does.
func (w *world) invoke(payload string) (string, error) {
	w.counts = ingest.Counts{}
	ctx := lambdacontext.NewContext(w.tb.Context(), &lambdacontext.LambdaContext{AwsRequestID: "invocation-1"})
	answer, err := w.handler.Invoke(ctx, []byte(payload))
	return string(answer), err
}

func (w *world) mustInvoke(payload string) string {
	w.tb.Helper()
	answer, err := w.invoke(payload)
	if err != nil {
		w.tb.Fatal(err)
	}
	return answer
}

// changes are the messages in the queue: event id, time, rule, element, attachment.
func (w *world) changes() []string {
	list := []string{}
	for _, m := range w.sent {
		list = append(list, fmt.Sprintf("%s %s %s#%d %s", m.EventID, m.Time.Format("15:04:05.999"), m.Rule, m.Element, m.VpnConnectionID))
	}
	return list
}

// shown is all that anybody may see: logs, and the dead letters but for their bodies.
func (w *world) shown() string {
	text := w.log.String()
	for _, d := range w.letters {
		d.Body = ""
		text += encode(d) + fmt.Sprintf("%+v", d)
	}
	return text
}

func encode(v any) string {
	text, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return string(text)
}

// post is a request through an HTTP API, signed with the secret.
func (w *world) post(key, id string, at time.Time, body string, headers ...string) string {
	hook, err := webhooks.NewWebhook(key)
	if err != nil {
		w.tb.Fatal(err)
	}
	signature, err := hook.Sign(id, at, []byte(body))
	if err != nil {
		w.tb.Fatal(err)
	}
	all := map[string]string{
		"content-type": "application/json", webhooks.HeaderWebhookID: id,
		webhooks.HeaderWebhookTimestamp: strconv.FormatInt(at.Unix(), 10), webhooks.HeaderWebhookSignature: signature,
	}
	for i := 0; i < len(headers); i += 2 {
		if all[headers[i]] = headers[i+1]; headers[i+1] == "" {
			delete(all, headers[i])
		}
	}
	return httpAPI("POST", all, body)
}

// event is a signed request that is good.
func (w *world) event(id, body string, headers ...string) string {
	return w.post(firstSecret, id, w.now, body, headers...)
}

func httpAPI(method string, headers map[string]string, body string) string {
	return encode(map[string]any{
		"version": "2.0", "headers": headers, "body": base64.StdEncoding.EncodeToString([]byte(body)), "isBase64Encoded": true,
		"requestContext": map[string]any{"requestId": "gateway-1", "timeEpoch": start.UnixMilli() + 17, "http": map[string]string{"method": method}},
	})
}

// resign signs a sample of an HTTP request, whatever it came through.
func (w *world) resign(sample string) string {
	var request map[string]any
	if err := json.Unmarshal([]byte(sample), &request); err != nil {
		w.tb.Fatal(err)
	}
	body := request["body"].(string)
	if request["isBase64Encoded"] == true {
		decoded, err := base64.StdEncoding.DecodeString(body)
		if err != nil {
			w.tb.Fatal(err)
		}
		body = string(decoded)
	}
	signed := gjson.Parse(w.event("msg-"+strconv.Itoa(len(sample)), body)).Get("headers")
	headers := request["headers"].(map[string]any)
	for _, name := range []string{webhooks.HeaderWebhookID, webhooks.HeaderWebhookTimestamp, webhooks.HeaderWebhookSignature} {
		delete(headers, name)
		headers[strings.ToUpper(name)] = signed.Get(name).Str
	}
	return encode(request)
}

// sqs is a batch of messages m1, m2, … with these bodies.
func sqs(bodies ...string) string {
	var records []map[string]any
	for i, body := range bodies {
		records = append(records, map[string]any{
			"messageId": "m" + strconv.Itoa(i+1), "receiptHandle": "r", "body": body, "eventSource": "aws:sqs", "eventSourceARN": "arn:aws:sqs:eu-central-1:123456789012:events",
			"attributes": map[string]string{"SentTimestamp": strconv.FormatInt(start.Add(-time.Hour).UnixMilli(), 10)},
		})
	}
	return encode(map[string]any{"Records": records})
}

// kinesis is a batch of records with sequence numbers 1, 2, …
func kinesis(bodies ...string) string {
	var records []map[string]any
	for i, body := range bodies {
		number := strconv.Itoa(i + 1)
		records = append(records, map[string]any{
			"eventID": "shard:" + number, "eventSource": "aws:kinesis", "eventSourceARN": "arn:aws:kinesis:eu-central-1:123456789012:stream/events",
			"kinesis": map[string]any{
				"sequenceNumber": number, "approximateArrivalTimestamp": start.Add(-time.Hour).Unix(),
				"data": base64.StdEncoding.EncodeToString([]byte(body)),
			},
		})
	}
	return encode(map[string]any{"Records": records})
}

// sns is one notification.
func sns(message string) string {
	return encode(map[string]any{"Records": []map[string]any{{"EventSource": "aws:sns", "Sns": map[string]any{
		"Type": "Notification", "MessageId": "n1", "TopicArn": "arn:aws:sns:eu-central-1:123456789012:events", "Timestamp": "2026-11-02T13:00:00Z", "Message": message,
	}}}})
}

// eventBridge is an event with that source and detail.
func eventBridge(source, detail string) string {
	return `{"version":"0","id":"eb-1","detail-type":"VPN Attachment Change","source":` + encode(source) + `,"time":"2026-11-02T13:30:00Z","detail":` + detail + `}`
}

// cloudEvent is an event in structured form.
func cloudEvent(id, source, data string) string {
	return `{"specversion":"1.0","type":"com.example.change","id":` + encode(id) + `,"source":` + encode(source) + `,"time":"2026-11-02T13:45:00Z","data":` + data + `}`
}

// body is that of the answer to an HTTP request.
func body(t *testing.T, answer string, status int64) gjson.Result {
	t.Helper()
	if got := gjson.Get(answer, "statusCode").Int(); got != status {
		t.Fatalf("got status %d, want %d: %s", got, status, answer)
	}
	text := gjson.Get(answer, "body").Str
	if !gjson.Valid(text) {
		t.Fatalf("the body is not JSON: %s", text)
	}
	media := "application/json"
	if status != 202 {
		media = "application/problem+json"
		if problem := gjson.Parse(text); problem.Get("status").Int() != status || problem.Get("type").Str == "" || problem.Get("title").Str == "" || problem.Get("detail").Str == "" {
			t.Errorf("got problem %s", text)
		}
	}
	if got := gjson.Get(answer, "headers.Content-Type").Str; got != media {
		t.Errorf("got content type %q, want %q", got, media)
	}
	return gjson.Parse(text)
}
