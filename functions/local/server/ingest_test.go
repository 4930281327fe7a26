package server_test

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io/fs"
	"maps"
	"net/http"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/lambdacontext"
	webhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"
	"github.com/tidwall/gjson"

	samples "vpnattach/events"
	"vpnattach/functions/ingest"
	"vpnattach/functions/local/server"
	"vpnattach/functions/local/store"
	opening "vpnattach/shared/core/event"
	"vpnattach/shared/core/rules"
	"vpnattach/shared/message"
	"vpnattach/shared/webhook"
)

// sqs is a batch of messages m1, m2, … with these bodies.
func sqs(bodies ...string) string {
	var records []map[string]any
	for i, body := range bodies {
		records = append(records, map[string]any{
			"messageId": "m" + strconv.Itoa(i+1), "body": body, "eventSource": "aws:sqs", "eventSourceARN": "arn:aws:sqs:eu-central-1:123456789012:events",
			"attributes": map[string]string{"SentTimestamp": "1793615400000"},
		})
	}
	text, err := json.Marshal(map[string]any{"Records": records})
	if err != nil {
		panic(err)
	}
	return string(text)
}

const bare = `{"RegionId":"cn-hangzhou","VpnConnectionId":"vco-localsingle","Name":"bare"}`

// invokeIngest calls ingest through the Invoke API.
func (r *running) invokeIngest(payload string) gjson.Result {
	r.t.Helper()
	response, answer := r.do(http.MethodPost, r.events+"/2015-03-31/functions/ingest/invocations", payload)
	if response.StatusCode != http.StatusOK || response.Header.Get("X-Amz-Function-Error") != "" {
		r.t.Errorf("invoke: HTTP %d: %s", response.StatusCode, answer)
	}
	return gjson.Parse(answer)
}

func (r *running) deadLetters() []gjson.Result {
	r.t.Helper()
	_, answer := r.do(http.MethodGet, r.events+"/dead-letters", "")
	return gjson.Get(answer, "deadLetters").Array()
}

// TestBatch: of a batch the good messages are applied, and the broken one is rejected
// with its place, answered or kept.
func TestBatch(t *testing.T) {
	t.Parallel()
	batch := sqs(bare, "{not json", strings.Replace(bare, `"Name"`, `"Nmae"`, 1), `{"specversion":"1.0","id":"c1","source":"/s","type":"t","data":{"x":1}}`, strings.Replace(bare, "single", "dual", 1))
	check := func(r *running, id, status, code, path string) {
		t.Helper()
		o := r.until(id, is(status))
		if o.Get("error.code").Str != code || path != "" && !o.Get(`findings.#(path=="`+path+`")`).Exists() {
			t.Errorf("%s: got %s", id, o)
		}
	}
	for name, send := range map[string]func(*running){
		"posted": func(r *running) {
			all := r.post(batch)
			var got []string
			for _, o := range all {
				got = append(got, o.Get("eventId").Str+" "+o.Get("status").Str)
			}
			if want := []string{"m1 applied", "m2 rejected", "m3 rejected", "c1 ignored", "m5 applied"}; !slices.Equal(got, want) {
				t.Errorf("got %q, want %q", got, want)
			}
		},
		"invoked": func(r *running) {
			if got := r.invokeIngest(batch).Raw; got != `{"batchItemFailures":[]}` {
				t.Errorf("got %s", got)
			}
		},
	} {
		r := start(t, stateDir(t), nil)
		send(r)
		check(r, "m1", "applied", "", "")
		check(r, "m2", "rejected", "not-json", "Records[1].body")
		check(r, "m3", "rejected", "unknown-parameter", "Nmae")
		check(r, "m5", "applied", "", "")
		var letters []string
		for _, letter := range r.deadLetters() {
			letters = append(letters, letter.Get("eventId").Str+" "+letter.Get("reason.code").Str)
			if o := r.outcomesOf(letter.Get("eventId").Str); len(o) != 1 || o[0].Get("changeId").Str != letter.Get("id").Str {
				t.Errorf("%s: the dead letter is not that of the outcome %v", name, o)
			}
		}
		slices.Sort(letters)
		if want := []string{"m2 not-json", "m3 unknown-parameter"}; !slices.Equal(letters, want) {
			t.Errorf("%s: got dead letters %q, want %q", name, letters, want)
		}
	}
}

// TestTogether: an event of which one change has an error is refused as a whole, as in
// the cloud, and says so of each change.
func TestTogether(t *testing.T) {
	t.Parallel()
	set, findings := rules.Load([]byte(`{"rules":[{"name":"all","match":{"type":["sites"]},"each":"sites","from":{"VpnConnectionId":"id","Name":"name"},"with":{"RegionId":"cn-hangzhou"}}]}`))
	if set == nil {
		t.Fatal(findings)
	}
	r := start(t, stateDir(t), func(c *server.Config) { c.Rules = set })
	all := r.post(`{"type":"sites","sites":[{"id":"vco-localsingle","name":"one"},{"id":"vco-localdual","name":2.5}]}`)
	if len(all) != 2 || all[0].Get("error.code").Str != "event-refused" || all[0].Get("vpnConnectionId").Str != "vco-localsingle" ||
		all[1].Get("error.code").Str != "wrong-type" || all[0].Get("status").Str+all[1].Get("status").Str != "rejectedrejected" {
		t.Errorf("got %v", all)
	}
	if letters := r.deadLetters(); len(letters) != 0 {
		t.Errorf("its sender has the answer, but there is %v", letters)
	}
}

// TestRefusedEvent: what ingest refuses without a sender who waits for it is kept,
// until it is taken after all.
func TestRefusedEvent(t *testing.T) {
	t.Parallel()
	dir := stateDir(t)
	r := start(t, dir, nil)
	event := gjson.Get(mustRead(t, "webhook-payload.json"), "body").Str
	if event == "" {
		event = mustRead(t, "webhook-payload.json")
	}
	r.invokeIngest(event)
	r.invokeIngest(`{"detail-type":"T","source":"s","detail":1}`)
	letters := r.deadLetters()
	if len(letters) != 2 {
		t.Fatalf("got %v", letters)
	}
	redrive := func(code string) string {
		for _, letter := range r.deadLetters() {
			if letter.Get("reason.code").Str == code {
				_, answer := r.do(http.MethodPost, r.events+"/dead-letters/"+letter.Get("id").Str+"/redrive", "")
				return gjson.Get(answer, "outcomes.0.status").Str
			}
		}
		return "no " + code
	}
	if got := redrive("unknown-event"); got != "rejected" || len(r.deadLetters()) != 2 {
		t.Errorf("got %s while the reason lasts, and %v", got, r.deadLetters())
	}
	r.stop()
	r = start(t, dir, func(c *server.Config) { c.Rules = mustRules(t, "webhook-payload.json") })
	if got := redrive("unknown-event"); got != "applied" || len(r.deadLetters()) != 1 {
		t.Errorf("got %s, and %v", got, r.deadLetters())
	}
}

// TestFirstSeen: an event without a time has that at which its id was first seen, also
// after a restart, so it does not undo what came since.
func TestFirstSeen(t *testing.T) {
	t.Parallel()
	dir := stateDir(t)
	r := start(t, dir, nil)
	r.condition("vco-localsingle", "InvalidVpnGatewayInstanceId.NotFound")
	if o := r.one(bare, "Idempotency-Key", "k1"); o.Get("status").Str != "rejected" {
		t.Fatalf("got %s", o)
	}
	r.condition("vco-localsingle", "")
	if o := r.one(strings.Replace(bare, `"bare"`, `"later"`, 1)); o.Get("status").Str != "applied" {
		t.Fatalf("got %s", o)
	}
	r.stop()
	r = start(t, dir, nil)
	if o := r.one(bare, "Idempotency-Key", "k1"); o.Get("status").Str != "unchanged" {
		t.Errorf("got %s", o)
	}
}

// TestPlanOfIngest: the mode plan keeps nothing of what ingest is invoked with either.
func TestPlanOfIngest(t *testing.T) {
	t.Parallel()
	dir := stateDir(t)
	r := start(t, dir, func(c *server.Config) { c.Plan = true })
	r.invokeIngest(sqs(bare, "{"))
	for id, status := range map[string]string{"m1": "planned", "m2": "rejected"} {
		if all := r.outcomesOf(id); len(all) != 1 || all[0].Get("status").Str != status || !all[0].Get("plan").Bool() {
			t.Errorf("%s: got %v", id, all)
		}
	}
	if letters := r.deadLetters(); len(letters) != 0 {
		t.Errorf("got %v", letters)
	}
	r.stop()
	r = start(t, dir, nil)
	if o := r.one(sqs(bare)); o.Get("status").Str != "applied" || o.Get("findings.#").Int() != 0 {
		t.Errorf("got %s", o)
	}
}

const webhookSecret = "whsec_Zmlyc3QtZmlyc3QtZmlyc3QtZmlyc3QtZmlyc3Q="

// signed is a sample of an HTTP request with a good signature.
func signed(t *testing.T, sample string) string {
	t.Helper()
	var request map[string]any
	if err := json.Unmarshal([]byte(sample), &request); err != nil {
		t.Fatal(err)
	}
	body := []byte(request["body"].(string))
	if request["isBase64Encoded"] == true {
		var err error
		if body, err = base64.StdEncoding.DecodeString(string(body)); err != nil {
			t.Fatal(err)
		}
	}
	hook, err := webhooks.NewWebhook(webhookSecret)
	if err != nil {
		t.Fatal(err)
	}
	id, now := "msg-"+strconv.Itoa(len(sample)), time.Now()
	signature, err := hook.Sign(id, now, body)
	if err != nil {
		t.Fatal(err)
	}
	headers := request["headers"].(map[string]any)
	maps.DeleteFunc(headers, func(name string, _ any) bool { return strings.HasPrefix(strings.ToLower(name), "webhook-") })
	headers["webhook-id"], headers["webhook-timestamp"], headers["webhook-signature"] = id, strconv.FormatInt(now.Unix(), 10), signature
	text, err := json.Marshal(request)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// decision is what has become of a payload.
type decision struct {
	changes []string // ids and times, or the places of those whose id is made up
	errors  []string // findings by rule and path
}

func (d *decision) sorted() string {
	slices.Sort(d.changes)
	slices.Sort(d.errors)
	return fmt.Sprintf("changes %q, errors %q", d.changes, slices.Compact(d.errors))
}

// note adds a change. Without an id of its own, an event has one by its delivery.
func (d *decision) note(m *message.Change, made bool) {
	if made {
		d.changes = append(d.changes, fmt.Sprint(m.Rule, "#", m.Element, " ", m.RegionID, " ", m.VpnConnectionID))
		return
	}
	at := m.Time.Format(time.RFC3339Nano)
	if time.Since(m.Time) < time.Hour {
		at = "now"
	}
	d.changes = append(d.changes, m.DeduplicationID()+" "+at)
}

// invoked is the decision of ingest as a function.
func invoked(t *testing.T, set *rules.Set, payload string, made bool) decision {
	t.Helper()
	var d decision
	handler, err := ingest.New(ingest.Config{
		Rules: set, Sources: []string{"*"},
		Send: func(_ context.Context, all []message.Change) error {
			for i := range all {
				d.note(&all[i], made)
			}
			return nil
		},
		DeadLetter: func(_ context.Context, letter ingest.DeadLetter) error {
			for _, f := range letter.Findings {
				if f.Severity.String() == "error" {
					d.errors = append(d.errors, f.Check+" "+f.Path)
				}
			}
			return nil
		},
		FirstSeen: func(_ context.Context, _ string, t time.Time) (time.Time, error) { return t, nil },
		Senders:   func(context.Context) (*webhook.Senders, error) { return webhook.Parse(webhookSecret), nil },
		Remember:  func(context.Context, string) error { return nil },
		Known:     func(context.Context, string) (bool, error) { return false, nil },
	})
	if err != nil {
		t.Fatal(err)
	}
	ctx := lambdacontext.NewContext(t.Context(), &lambdacontext.LambdaContext{AwsRequestID: "invocation-1"})
	answer, err := handler.Invoke(ctx, []byte(payload))
	if err != nil {
		t.Fatal(err)
	}
	if status := gjson.GetBytes(answer, "statusCode").Int(); status >= 400 {
		problem := gjson.Parse(gjson.GetBytes(answer, "body").Str)
		for _, f := range problem.Get(`findings.#(severity=="error")#`).Array() {
			d.errors = append(d.errors, f.Get("rule").Str+" "+f.Get("path").Str)
		}
		if len(d.errors) == 0 {
			kind := problem.Get("type").Str
			d.errors = append(d.errors, kind[strings.LastIndex(kind, ":")+1:]+" ")
		}
	}
	return d
}

// TestSameDecisions plays events through ingest as a function and through serve.
func TestSameDecisions(t *testing.T) {
	t.Parallel()
	event := named("e1", "2026-11-02T09:30:00Z", "vco-localsingle", "x")
	broken := strings.Replace(event, `"Name"`, `"Nmae"`, 1)
	untimed := strings.NewReplacer(`"time"`, `"t"`, `"e1"`, `"e2"`).Replace(event)
	payloads := map[string]string{
		"batch with broken messages":  sqs(event, "{", broken, bare, untimed, `{"hello":"world"}`, sqs(bare)),
		"broken":                      broken,
		"of the future":               strings.Replace(event, "2026-", "2099-", 1),
		"of no time":                  strings.Replace(event, "2026-", "1969-", 1),
		"without a time":              strings.Replace(untimed, `"e2"`, `"e3"`, 1),
		"long id":                     strings.Replace(event, `"e1"`, `"`+strings.Repeat("e", 600)+`"`, 1),
		"too large":                   strings.Replace(event, `"Name":"x"`, `"LocalSubnet":"10.0.0.0/24","RemoteSubnet":"10.1.0.0/24`+strings.Repeat(",10.1.0.0/24", 20_000)+`"`, 1),
		"not JSON":                    "hello",
		"nothing":                     "",
		"a number":                    "7",
		"no event":                    `{"hello":"world"}`,
		"broken envelope":             `{"detail-type":"T","source":"s","detail":1}`,
		"subscription":                `{"Type":"SubscriptionConfirmation","TopicArn":"t","Message":"x"}`,
		"lost payload":                `{"requestContext":{"functionArn":"arn:f"}}`,
		"request in a queue":          sqs(mustRead(t, "apigateway-v2.json")),
		"request in a failure":        `{"requestContext":{"functionArn":"arn:f"},"requestPayload":` + mustRead(t, "apigateway-v2.json") + `}`,
		"request with a broken event": signed(t, `{"requestContext":{"http":{"method":"POST"}},"headers":{},"body":"{"}`),
		"request of another method":   `{"requestContext":{"http":{"method":"GET"}},"headers":{},"body":""}`,
		"request with a form":         signed(t, `{"requestContext":{"http":{"method":"POST"}},"headers":{"content-type":"text/plain"},"body":"{}"}`),
		"request that is too large":   `{"requestContext":{"http":{"method":"POST"}},"headers":{},"body":"` + strings.Repeat("x", 300<<10) + `"}`,
		"request that says it is AWS": signed(t, `{"requestContext":{"http":{"method":"POST"}},"headers":{},"body":"{\"source\":\"aws.ssm\",\"detail-type\":\"T\",\"detail\":{}}"}`),
		"records of two services":     strings.Replace(strings.ReplaceAll(sqs(event, event), "e1", "e4"), `"aws:sqs"`, `"aws:kinesis"`, 1),
	}
	unnamed := map[string]bool{} // without an id of their own, or perhaps so
	odd, err := os.ReadFile("../testdata/verdicts.json")
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range gjson.ParseBytes(odd).Array() {
		// The function asks for the signature of a request.
		if text := d.Get("text").Str; text != "" && opening.ReadDelivery([]byte(text)).Request == nil {
			payloads[d.Get("name").Str], unnamed[d.Get("name").Str] = text, true
		}
	}
	names, err := fs.Glob(samples.Files, "*.json")
	if err != nil || len(names) == 0 {
		t.Fatal(names, err)
	}
	var list []string
	for _, name := range names {
		payloads[name] = mustRead(t, name)
		if gjson.Get(payloads[name], "requestContext").Exists() {
			payloads[name] = signed(t, payloads[name])
		}
	}
	for _, name := range []string{"webhook-payload", "sites-from-inventory", "psk-rotated", "psk-put", "tunnel-psk-stored"} {
		list = append(list, strings.Trim(gjson.Get(mustRead(t, "rules/"+name+".json"), "rules").Raw, "[] \n"))
	}
	set, findings := rules.Load([]byte(`{"rules":[` + strings.Join(list, ",") + `]}`))
	if set == nil {
		t.Fatal(findings)
	}
	for _, set := range []*rules.Set{set, nil} {
		dir := stateDir(t)
		// Nobody answers there, so what is taken stays in the queue.
		r := start(t, dir, func(c *server.Config) {
			c.Rules, c.VPCEndpoint, c.AnswerWithin = set, "http://127.0.0.1:9", time.Nanosecond
		})
		served, ids := map[string]*decision{}, map[string][]string{}
		for name, payload := range payloads {
			d := &decision{}
			served[name] = d
			response, answer := r.do(http.MethodPost, r.events+"/events", payload)
			if response.StatusCode != http.StatusOK && !gjson.Get(answer, "outcomes").Exists() {
				d.errors = append(d.errors, gjson.Get(answer, "error.code").Str+" "+gjson.Get(answer, "error.path").Str)
			}
			for _, o := range gjson.Get(answer, "outcomes").Array() {
				switch o.Get("status").Str {
				case "ignored":
				case "deferred":
					ids[name] = append(ids[name], o.Get("changeId").Str)
				case "rejected":
					if o.Get("error.code").Str == "reference-unresolvable" {
						ids[name] = append(ids[name], o.Get("changeId").Str)
					}
					for _, f := range o.Get(`findings.#(severity=="error")#`).Array() {
						d.errors = append(d.errors, f.Get("rule").Str+" "+f.Get("path").Str)
					}
				default:
					t.Errorf("%s: got %s", name, o)
				}
			}
		}
		r.stop()
		messages := kept(t, dir)
		for name, payload := range payloads {
			made := strings.HasPrefix(name, "bare-") || unnamed[name]
			for _, id := range ids[name] {
				m, ok := messages[id]
				if !ok {
					t.Errorf("%s: change %s is not in the queue", name, id)
				}
				served[name].note(&m, made)
			}
			want := invoked(t, set, payload, made)
			if got, want := served[name].sorted(), want.sorted(); got != want {
				t.Errorf("%s: with rules: %v\nserve:    %s\nfunction: %s", name, set != nil, got, want)
			}
		}
	}
}

// kept are the changes in the state, by their ids: in the queue, and the dead letters.
func kept(t *testing.T, dir string) map[string]message.Change {
	t.Helper()
	db, err := store.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	all := map[string]message.Change{}
	err = db.View(func(tx *store.Tx) error {
		for _, bucket := range []string{"queue/apply", "dead-letters"} {
			err := tx.Each(bucket, func(_ string, value []byte) error {
				if m, err := message.DecodeChange(gjson.GetBytes(value, "Body").Str); err == nil {
					all[m.DeduplicationID()] = m
				}
				return nil
			})
			if err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil || len(all) == 0 {
		t.Fatal(len(all), err)
	}
	return all
}
