package ingest_test

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tidwall/gjson"

	"vpnattach/functions/ingest"
	"vpnattach/shared/message"
	"vpnattach/shared/webhook"
)

// TestSignatures is about who is let in, and that the answer to all others is one.
func TestSignatures(t *testing.T) {
	t.Parallel()
	var refused string
	for _, tt := range []struct {
		name    string
		payload func(*world) string
		status  int64
		log     string
	}{
		{"first secret", func(w *world) string { return w.post(firstSecret, "w1", w.now, change) }, 202, ""},
		{"second secret", func(w *world) string { return w.post(secondSecret, "w1", w.now, change) }, 202, ""},
		{"five minutes ago", func(w *world) string { return w.post(firstSecret, "w1", w.now.Add(-5*time.Minute), change) }, 202, ""},
		{"five minutes ahead", func(w *world) string { return w.post(firstSecret, "w1", w.now.Add(5*time.Minute), change) }, 202, ""},
		{"one of several signatures", func(w *world) string {
			good := gjson.Get(w.event("w1", change), "headers.webhook-signature").Str
			return w.event("w1", change, "webhook-signature", "v1a,x v1,AAAA "+good)
		}, 202, ""},
		{"headers in capitals", func(w *world) string { return strings.ReplaceAll(w.event("w1", change), "webhook-", "WEBHOOK-") }, 202, ""},
		{"longer ago", func(w *world) string { return w.post(firstSecret, "w1", w.now.Add(-301*time.Second), change) }, 401, "more than five minutes"},
		{"further ahead", func(w *world) string { return w.post(firstSecret, "w1", w.now.Add(301*time.Second), change) }, 401, "more than five minutes"},
		{"other secret", func(w *world) string { return w.post(foreign, "w1", w.now, change) }, 401, "no secret fits"},
		{"empty secret", func(w *world) string { return w.post("whsec_", "w1", w.now, change) }, 401, "no secret fits"},
		{"other body", func(w *world) string {
			return strings.Replace(w.event("w1", change), base64.StdEncoding.EncodeToString([]byte(change)), base64.StdEncoding.EncodeToString([]byte(change+" ")), 1)
		}, 401, "no secret fits"},
		{"other id", func(w *world) string { return w.event("w1", change, "webhook-id", "w2") }, 401, "no secret fits"},
		{"other time", func(w *world) string {
			return w.event("w1", change, "webhook-timestamp", strconv.FormatInt(w.now.Unix()-1, 10))
		}, 401, "no secret fits"},
		{"unknown version", func(w *world) string {
			good := gjson.Get(w.event("w1", change), "headers.webhook-signature").Str
			return w.event("w1", change, "webhook-signature", "v2"+good[2:])
		}, 401, "no secret fits"},
		{"no id", func(w *world) string { return w.event("w1", change, "webhook-id", "") }, 401, "missing"},
		{"no time", func(w *world) string { return w.event("w1", change, "webhook-timestamp", "") }, 401, "missing"},
		{"no signature", func(w *world) string { return w.event("w1", change, "webhook-signature", "") }, 401, "missing"},
		{"a time that is none", func(w *world) string { return w.event("w1", change, "webhook-timestamp", "soon") }, 401, "can't be read"},
		{"the end of time", func(w *world) string {
			return w.event("w1", change, "webhook-timestamp", "9223372036854775807")
		}, 401, "no secret fits"},
		{"nothing signed", func(w *world) string { return mustRead(w.tb, "apigateway-v1") }, 401, "missing"},
		{"not signed, and no event", func(w *world) string { return w.event("w1", "hello", "webhook-signature", "v1,AAAA") }, 401, "no secret fits"},
	} {
		w := newWorld(t, nil)
		answer := w.mustInvoke(tt.payload(w))
		content := body(t, answer, tt.status)
		if tt.status == 202 {
			if len(w.sent) != 1 {
				t.Errorf("%s: got %q", tt.name, w.changes())
			}
			continue
		}
		if refused == "" {
			refused = content.Raw
		}
		if content.Raw != refused || len(w.sent)+len(w.letters)+len(w.seen) != 0 || gjson.Get(answer, "headers.WWW-Authenticate").Str == "" {
			t.Errorf("%s: got %s and %q", tt.name, answer, w.changes())
		}
		if w.counts != (ingest.Counts{Unsigned: 1}) || !strings.Contains(w.log.String(), tt.log) {
			t.Errorf("%s: got counts %+v and log %s", tt.name, w.counts, w.log.String())
		}
	}
}

// TestNoSecret: nothing is ever taken unsigned.
func TestNoSecret(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name    string
		senders func(context.Context) (*webhook.Senders, error)
	}{
		{"no port", nil},
		{"none", func(context.Context) (*webhook.Senders, error) { return nil, nil }},
		{"unusable", func(context.Context) (*webhook.Senders, error) {
			return webhook.Parse("whsec_ c2hvcnQ= no-base64-at-all,-but-long-enough"), nil
		}},
	} {
		w := newWorld(t, func(c *ingest.Config) { c.Senders = tt.senders })
		for _, key := range []string{"", "c2hvcnQ=", firstSecret} {
			content := body(t, w.mustInvoke(w.post(key, "w1", w.now, change)), 503)
			lines := strings.Split(strings.TrimSpace(w.log.String()), "\n")
			taken := gjson.Parse(lines[len(lines)-1])
			if w.counts != (ingest.Counts{NoSecret: 1}) || len(w.letters) != 0 || taken.Get("noSecret").Int() != 1 || taken.Get("level").Str != "warn" {
				t.Errorf("%s: got %+v, %d dead letters and %s", tt.name, w.counts, len(w.letters), taken)
			}
			if len(w.sent) != 0 || !strings.HasSuffix(content.Get("type").Str, ":no-webhook-secret") || !strings.Contains(w.log.String(), "remedy") {
				t.Errorf("%s: got %s and %s", tt.name, content, w.log.String())
			}
		}
		if tt.name == "unusable" && strings.Contains(w.log.String(), "base64-at-all") {
			t.Errorf("the log shows a secret: %s", w.log.String())
		}
	}
	w := newWorld(t, nil)
	w.fails = func(port string, _ []message.Change) error {
		if port == "webhook" {
			return errPort
		}
		return nil
	}
	answer := w.mustInvoke(w.event("w1", change))
	if body(t, answer, 503); gjson.Get(answer, "headers.Retry-After").Str == "" || len(w.sent) != 0 {
		t.Errorf("got %s", answer)
	}
}

// TestRequests is the contract of HTTP, by status.
func TestRequests(t *testing.T) {
	t.Parallel()
	batch := func(events ...string) string { return "[" + strings.Join(events, ",") + "]" }
	large := `{"RegionId":"cn-hangzhou","VpnConnectionId":"vco-localsingle","Name":"` + strings.Repeat("x", 2000) + `"}`
	binary := []string{"ce-specversion", "1.0", "ce-id", "c1", "ce-source", "com.example.vpn", "ce-type", "com.example.change", "ce-time", "2026-11-02T13:45:00Z"}
	for _, tt := range []struct {
		name    string
		payload func(*world) string
		status  int64
		want    []string          // changes in the queue
		says    map[string]string // paths in the body and what is there
	}{
		{"change", func(w *world) string { return w.event("w1", change) }, 202, []string{"w1 14:00:00 #-1 vco-localsingle"}, nil},
		{"no content type", func(w *world) string { return w.event("w1", change, "content-type", "") }, 202, []string{"w1 14:00:00 #-1 vco-localsingle"}, nil},
		{"structured", func(w *world) string {
			return w.event("w1", cloudEvent("c1", "com.example.vpn", change), "content-type", "application/cloudevents+json; charset=utf-8")
		}, 202, []string{"c1 13:45:00 #-1 vco-localsingle"}, nil},
		{"binary: what is not signed does not count", func(w *world) string { return w.event("w1", change, binary...) }, 202, []string{"w1 14:00:00 #-1 vco-localsingle"}, nil},
		{"batch", func(w *world) string {
			return w.event("w1", batch(cloudEvent("c1", "s", change), cloudEvent("c2", "s", strings.Replace(change, "single", "dual", 1))), "content-type", "application/cloudevents-batch+json")
		}, 202, []string{"c1 13:45:00 #-1 vco-localsingle", "c2 13:45:00 #-1 vco-localdual"}, map[string]string{"changes.#": "2", "changes.1.eventId": "c2"}},
		{"EventBridge event", func(w *world) string { return w.event("w1", eventBridge("com.example.vpn", change)) }, 202, []string{"eb-1 13:30:00 #-1 vco-localsingle"}, nil},
		{"warnings", func(w *world) string {
			return w.event("w1", strings.Replace(change, `"Name":"site-a"`, `"IkeConfig":{"IkeEncAlg":"des"}`, 1))
		},
			202, []string{"w1 14:00:00 #-1 vco-localsingle"}, map[string]string{"changes.0.findings.0.rule": "*", "changes.0.findings.0.severity": "*"}},
		{"not for us", func(w *world) string { return w.event("w1", `{"type":"site.opened"}`) }, 202, nil,
			map[string]string{"changes": "[]", "findings.0.rule": "event-not-for-us", "findings.0.severity": "info", "findings.0.eventId": "w1"}},

		{"other method", func(w *world) string { return httpAPI("GET", nil, "") }, 405, nil, nil},
		{"other method of a REST API", func(w *world) string { return strings.Replace(mustRead(w.tb, "apigateway-v1"), `"POST"`, `"PUT"`, 1) }, 405, nil, nil},
		{"too large", func(w *world) string { return w.event("w1", large) }, 413, nil, nil},
		{"too large, as it is", func(w *world) string {
			return encode(map[string]any{"requestContext": map[string]any{}, "httpMethod": "POST", "body": large})
		}, 413, nil, nil},
		{"form", func(w *world) string {
			return w.event("w1", change, "content-type", "application/x-www-form-urlencoded")
		}, 415, nil, nil},
		{"text", func(w *world) string { return w.event("w1", change, "content-type", "text/plain") }, 415, nil, nil},
		{"binary of text", func(w *world) string { return w.event("w1", change, append(binary, "content-type", "text/plain")...) }, 415, nil, nil},

		{"broken base64", func(w *world) string {
			return encode(map[string]any{"requestContext": map[string]any{}, "httpMethod": "POST", "body": "%%%", "isBase64Encoded": true})
		}, 400, nil, map[string]string{"findings": ""}},
		{"empty", func(w *world) string { return w.event("w1", "") }, 400, nil, map[string]string{"findings.0.rule": "empty"}},
		{"no JSON", func(w *world) string { return w.event("w1", `{"a":`) }, 400, nil, map[string]string{"findings.0.rule": "not-json", "findings.0.severity": "error"}},
		{"invalid", func(w *world) string { return w.event("w1", broken) }, 400, nil,
			map[string]string{"findings.0.rule": "*", "findings.0.path": "Nmae", "findings.0.eventId": "w1", "findings.0.vpnConnectionId": "vco-localsingle", "findings.0.hint": "*"}},
		{"one of a batch is invalid", func(w *world) string {
			return w.event("w1", batch(cloudEvent("c1", "s", change), cloudEvent("c2", "s", broken), cloudEvent("c3", "s", change), cloudEvent("c4", "s", broken)))
		}, 400, nil, map[string]string{"findings.#": "2", "findings.0.eventId": "c2", "findings.1.eventId": "c4"}},
		{"one element is invalid", func(w *world) string {
			return w.event("w1", strings.Replace(mustRead(w.tb, "inventory-sites"), "vco-p0w5112fgnl2ihlmf0001", "vco-p0w5112fgnl2ihlmf0009", 1))
		}, 400, nil, map[string]string{"findings.#": "1", "findings.0.rule": "attachment-not-allowed"}},
		{"from the future", func(w *world) string {
			return w.event("w1", strings.Replace(eventBridge("com.example.vpn", change), "13:30:00Z", "14:05:01Z", 1))
		}, 400, nil, map[string]string{"findings.0.rule": "event-in-future"}},
		{"before 1970", func(w *world) string {
			return w.event("w1", strings.Replace(eventBridge("com.example.vpn", change), "2026-", "1969-", 1))
		}, 400, nil, map[string]string{"findings.0.rule": "bad-time", "findings.0.path": "time"}},
		{"payload of no time", func(w *world) string {
			return w.event("w1", strings.Replace(gjson.Get(mustRead(w.tb, "webhook-payload"), "body").Str, "2026-11-02T13:45:00Z", "soon", 1))
		}, 400, nil, map[string]string{"findings.0.rule": "time-unreadable"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, func(c *ingest.Config) { c.MaxBody = 1500 })
			answer := w.mustInvoke(tt.payload(w))
			content := body(t, answer, tt.status)
			if got := w.changes(); !slices.Equal(got, tt.want) {
				t.Errorf("got %q, want %q", got, tt.want)
			}
			for path, want := range tt.says {
				if got := content.Get(path).String(); got != want && (want != "*" || got == "") {
					t.Errorf("got %s %q, want %q in %s", path, got, want, content)
				}
			}
			if got := len(content.Get("changes").Array()); got != len(tt.want) {
				t.Errorf("got %d changes in the answer, want %d", got, len(tt.want))
			}
			if len(w.letters) != 0 {
				t.Error("an HTTP request is among the dead letters")
			}
			wants := ingest.Counts{Accepted: len(tt.want), Rejected: 1}
			if tt.status == 202 {
				wants.Rejected, wants.Ignored = 0, len(content.Get("findings").Array())
			}
			if w.counts != wants {
				t.Errorf("got counts %+v, want %+v", w.counts, wants)
			}
			if allow := gjson.Get(answer, "headers.Allow").Str; (allow == "POST") != (tt.status == 405) {
				t.Errorf("got Allow %q", allow)
			}
		})
	}
}

// TestTimestampUnread: a payload's timestamp that no rule asks for doesn't reject the
// change, which has the time at which the event was first seen.
func TestTimestampUnread(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(c *ingest.Config) {
		c.Rules = mustRules(t, `{"rules":[{"name":"site","match":{"kind":["site"]},"from":{"Name":"name"},"with":{"RegionId":"cn-hangzhou","VpnConnectionId":"vco-localsingle"}}]}`)
	})
	payload := `{"kind":"site","name":"site-a","timestamp":"2026-11-02T09:30:00"}`
	content := body(t, w.mustInvoke(w.event("w1", payload)), 202)
	w.now = w.now.Add(time.Minute)
	body(t, w.mustInvoke(w.event("w1", payload)), 202) // the sender's retry
	if got, want := w.changes(), []string{"w1 14:00:00 site#-1 vco-localsingle"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	if got := content.Get("changes.0.findings.0.rule").Str; got != "timestamp-unreadable" {
		t.Errorf("got %s", content)
	}
}

// TestForged: what comes over HTTP is not an event of AWS.
func TestForged(t *testing.T) {
	t.Parallel()
	detail := `{"eventSource":"secretsmanager.amazonaws.com","eventName":"RotationSucceeded"}`
	for _, tt := range []struct {
		name, body string
		forged     bool
	}{
		{"rotation", mustRead(t, "secretsmanager-rotation"), true},
		{"parameter", mustRead(t, "parameterstore-change"), true},
		{"in capitals", eventBridge("AWS.ssm", change), true},
		{"source twice", strings.Replace(eventBridge("com.example.vpn", change), `"source"`, `"source":"aws.ssm","source"`, 1), true},
		{"source twice, later", strings.Replace(eventBridge("com.example.vpn", change), `"time"`, `"source":"aws.ssm","time"`, 1), true},
		{"source in an array", `{"source":[["x"],["aws.ssm"]],"detail-type":["x"],"detail":{}}`, true},
		{"source with escapes", `{"\u0073ource":"\u0061ws.ssm"}`, true},
		{"CloudTrail", strings.Replace(eventBridge("com.example.vpn", change), "VPN Attachment Change", "AWS API Call via CloudTrail", 1), true},
		{"CloudTrail's detail", eventBridge("com.example.vpn", detail), true},
		{"CloudTrail's detail in an array", `{"source":"x","detail":[{},` + detail + `]}`, true},
		{"CloudTrail's record", detail, true},
		{"CloudTrail's records", `{"Records":[` + detail + `]}`, true},
		{"records of another service", `{"Records":[{"eventSource":"aws:s3"}]}`, true},
		{"CloudEvent", cloudEvent("c1", "aws.ssm", change), true},
		{"SQS", sqs(change), true},
		{"SNS", sns(change), true},
		{"SNS over HTTP", `{"Type":"Notification","TopicArn":"arn:t","Message":` + encode(change) + `}`, true},
		{"Kinesis", kinesis(change), true},
		{"DynamoDB", mustRead(t, "dynamodb"), true},
		{"Pipes", gjson.Get(sqs(change), "Records").Raw, true},
		{"API Gateway", mustRead(t, "apigateway-v1"), true},
		{"HTTP API", mustRead(t, "apigateway-v2"), true},
		{"function URL", mustRead(t, "function-url"), true},
		{"load balancer", mustRead(t, "alb"), true},
		{"failed invocation", `{"requestContext":{"functionArn":"f"},"requestPayload":` + eventBridge("com.example.vpn", change) + `}`, true},
		{"one of a batch", "[" + cloudEvent("c1", "x", change) + "," + cloudEvent("c2", "aws.ssm", change) + "]", true},
		{"own event", eventBridge("com.example.aws.vpn", change), false},
		{"own event about AWS", eventBridge("com.example.vpn", strings.Replace(change, "site-a", "aws.ssm", 1)), false},
	} {
		w := newWorld(t, nil)
		answer := w.mustInvoke(w.event("w1", tt.body))
		got := gjson.Get(gjson.Get(answer, "body").Str, `findings.#(rule=="source-forged").rule`).Exists()
		if got != tt.forged || len(w.sent) == 0 != tt.forged {
			t.Errorf("%s: got %s", tt.name, answer)
		}
	}
}

// TestMultiValueHeaders: a load balancer that sends lists wants lists.
func TestMultiValueHeaders(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	var request map[string]any
	if err := json.Unmarshal([]byte(w.resign(mustRead(t, "alb"))), &request); err != nil {
		t.Fatal(err)
	}
	lists := map[string][]string{}
	for name, value := range request["headers"].(map[string]any) {
		lists[name] = []string{value.(string), "second"}
	}
	request["multiValueHeaders"] = lists
	delete(request, "headers")
	answer := gjson.Parse(w.mustInvoke(encode(request)))
	if answer.Get("statusCode").Int() != 202 || answer.Get("headers").Exists() || answer.Get("multiValueHeaders.Content-Type.0").Str != "application/json" {
		t.Errorf("got %s", answer)
	}
}

// TestSlow: a sender has an answer before API Gateway gives up, whatever hangs.
func TestSlow(t *testing.T) {
	t.Parallel()
	for _, port := range []string{"webhook", "known", "first seen", "send", "remember"} {
		synctest.Test(t, func(t *testing.T) {
			hang := func(ctx context.Context, name string) error {
				if name != port {
					return nil
				}
				<-ctx.Done()
				return ctx.Err()
			}
			w := newWorld(t, func(c *ingest.Config) {
				c.Senders = func(ctx context.Context) (*webhook.Senders, error) {
					return webhook.Parse(firstSecret), hang(ctx, "webhook")
				}
				c.Known = func(ctx context.Context, _ string) (bool, error) { return false, hang(ctx, "known") }
				c.Remember = func(ctx context.Context, _ string) error { return hang(ctx, "remember") }
				c.FirstSeen = func(ctx context.Context, _ string, t time.Time) (time.Time, error) { return t, hang(ctx, "first seen") }
				c.Send = func(ctx context.Context, _ []message.Change) error { return hang(ctx, "send") }
			})
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			begun := time.Now()
			answer, err := w.handler.Invoke(ctx, []byte(w.event("w1", change)))
			if err != nil {
				t.Fatal(err)
			}
			if body(t, string(answer), 503); gjson.GetBytes(answer, "headers.Retry-After").Str == "" {
				t.Errorf("%s: got %s", port, answer)
			}
			if got := time.Since(begun); got != 20*time.Second { // by the bubble's clock
				t.Errorf("%s: got an answer after %v", port, got)
			}
		})
	}
}

// TestUnavailable: 202 only once all is in the queue.
func TestUnavailable(t *testing.T) {
	t.Parallel()
	for _, port := range []string{"send", "first seen", "known"} {
		for _, panics := range []bool{false, true} {
			w := newWorld(t, nil)
			failing := true
			w.fails = func(name string, _ []message.Change) error {
				if name == port && failing {
					if panics {
						panic("a value that may hold anything: s3cretS3cretS3cret")
					}
					return errPort
				}
				return nil
			}
			request := w.event("w1", change)
			answer := w.mustInvoke(request)
			if body(t, answer, 503); gjson.Get(answer, "headers.Retry-After").Str == "" || len(w.sent) != 0 || w.counts != (ingest.Counts{Kept: 1}) {
				t.Errorf("%s: got %s and counts %+v", port, answer, w.counts)
			}
			if strings.Contains(w.log.String()+answer, "s3cret") || strings.Contains(answer, errPort.Error()) {
				t.Errorf("%s: too much is told: %s", port, w.log.String())
			}
			failing = false
			body(t, w.mustInvoke(request), 202)
			if want := []string{"w1 14:00:00 #-1 vco-localsingle"}; !slices.Equal(w.changes(), want) {
				t.Errorf("%s: got %q, want %q", port, w.changes(), want)
			}
		}
	}
}
