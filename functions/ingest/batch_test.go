package ingest_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tidwall/gjson"

	"vpnattach/functions/ingest"
	"vpnattach/shared/message"
	"vpnattach/shared/outcome"
)

// TestBatches is about the records that come again.
func TestBatches(t *testing.T) {
	t.Parallel()
	third := strings.Replace(change, "site-a", "poison", 1)
	poison := func(m message.Change) bool { return strings.Contains(string(m.Change), "poison") }
	sendFails := func(port string, about []message.Change) error {
		if port == "send" && slices.ContainsFunc(about, poison) {
			return errPort
		}
		return nil
	}
	portFails := func(name string) func(string, []message.Change) error {
		return func(port string, _ []message.Change) error {
			if port == name {
				return errPort
			}
			return nil
		}
	}
	panics := func(port string, about []message.Change) error {
		if sendFails(port, about) != nil {
			var none []int
			_ = none[len(about)]
		}
		return nil
	}
	other := `{"type":"site.opened"}`
	for _, tt := range []struct {
		name    string
		payload string
		fails   func(string, []message.Change) error
		failed  []string // ids in the answer
		sent    int
		letters int
		counts  ingest.Counts
	}{
		{"all good", sqs(change, change, change), nil, nil, 3, 0, ingest.Counts{Accepted: 3}},
		{"one invalid", sqs(change, broken, change), nil, nil, 2, 1, ingest.Counts{Accepted: 2, Rejected: 1}},
		{"one no JSON", sqs(change, "hello", change), nil, nil, 2, 1, ingest.Counts{Accepted: 2, Rejected: 1}},
		{"one not for us", sqs(change, other), nil, nil, 1, 0, ingest.Counts{Accepted: 1, Ignored: 1}},
		{"none for us", sqs(other, other), portFails("send"), nil, 0, 0, ingest.Counts{Ignored: 2}},
		{"one can't be sent", sqs(change, third, change), sendFails, []string{"m2"}, 2, 0, ingest.Counts{Accepted: 2, Kept: 1}},
		{"one makes the port panic", sqs(change, third, change), panics, []string{"m2"}, 2, 0, ingest.Counts{Accepted: 2, Kept: 1}},
		{"none can be sent", sqs(change, broken, change), portFails("send"), []string{"m1", "m3"}, 0, 1, ingest.Counts{Rejected: 1, Kept: 2}},
		{"no memory", sqs(change, eventBridge("com.example.vpn", change)), portFails("first seen"), []string{"m1"}, 1, 0, ingest.Counts{Accepted: 1, Kept: 1}},
		{"no dead letters", sqs(change, broken, change), portFails("dead letter"), []string{"m2"}, 2, 1, ingest.Counts{Accepted: 2, Kept: 1}},

		{"stream", kinesis(change, broken, change), nil, nil, 2, 1, ingest.Counts{Accepted: 2, Rejected: 1}},
		{"stream, one can't be sent", kinesis(change, third, change), sendFails, []string{"2"}, 1, 0, ingest.Counts{Accepted: 1, Kept: 2}},
		{"stream, no dead letters", kinesis(change, broken, change, broken), portFails("dead letter"), []string{"2"}, 1, 1, ingest.Counts{Accepted: 1, Kept: 3}},
		{"stream, none can be sent", kinesis(other, change, broken, change), portFails("send"), []string{"2"}, 0, 1, ingest.Counts{Ignored: 1, Rejected: 1, Kept: 2}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, nil)
			if tt.fails != nil {
				w.fails = tt.fails
			}
			answer := gjson.Parse(w.mustInvoke(tt.payload))
			var failed []string
			for _, id := range answer.Get("batchItemFailures.#.itemIdentifier").Array() {
				failed = append(failed, id.Str)
			}
			if !slices.Equal(failed, tt.failed) || !answer.Get("batchItemFailures").IsArray() {
				t.Errorf("got %s, want %q", answer, tt.failed)
			}
			if len(w.sent) != tt.sent || len(w.letters) != tt.letters || w.counts != tt.counts {
				t.Errorf("got %q, %d letters and %+v; want %d, %d and %+v", w.changes(), len(w.letters), w.counts, tt.sent, tt.letters, tt.counts)
			}

			// Once nothing fails, what came again is done, and nothing is there twice.
			w.fails = func(string, []message.Change) error { return nil }
			w.mustInvoke(tt.payload)
			untroubled := newWorld(t, nil)
			untroubled.mustInvoke(tt.payload)
			got, want := w.changes(), untroubled.changes()
			slices.Sort(got)
			slices.Sort(want)
			if !slices.Equal(got, want) || len(w.letters) != len(untroubled.letters) {
				t.Errorf("got %q and %d letters in the end, want %q and %d", got, len(w.letters), want, len(untroubled.letters))
			}
		})
	}
}

// TestAgain: what nobody can be told about one by one comes again as a whole, by an
// error, which names no value.
func TestAgain(t *testing.T) {
	t.Parallel()
	nameless := strings.Replace(sqs(change), `"messageId"`, `"x"`, 1)
	for name, payload := range map[string]string{
		"EventBridge": eventBridge("com.example.vpn", change), "SNS": sns(change), "direct": change,
		"a record without a name": nameless,
	} {
		w := newWorld(t, nil)
		failing := "send"
		w.fails = func(port string, _ []message.Change) error {
			if port == failing {
				return errPort
			}
			return nil
		}
		if answer, err := w.invoke(payload); err == nil || answer != "" || w.counts.Kept != 1 || strings.Contains(err.Error(), "vco-") {
			t.Errorf("%s: got %s and error %v", name, answer, err)
		}
		failing = ""
		w.now = w.now.Add(1000)
		w.mustInvoke(payload)
		failing = "send"
		if _, err := w.invoke(payload); err == nil {
			t.Errorf("%s: no error", name)
		}
		if len(w.sent) != 1 || w.sent[0].EventID == "" || w.sent[0].Time.After(start) {
			t.Errorf("%s: got %q", name, w.changes())
		}
	}
	for name, payload := range map[string]string{
		"EventBridge": eventBridge("com.example.vpn", broken), "SNS": sns(broken), "direct": broken, "no JSON": "{", "nothing": "",
	} {
		w := newWorld(t, nil)
		answer := w.mustInvoke(payload)
		if gjson.Get(answer, "changes").Raw != "[]" || !gjson.Get(answer, `findings.#(severity=="error")`).Exists() || len(w.letters) != 1 || len(w.sent) != 0 {
			t.Errorf("%s: got %s and %d dead letters", name, answer, len(w.letters))
		}
		w.fails = func(port string, _ []message.Change) error { return errPort }
		if _, err := w.invoke(payload); err == nil {
			t.Errorf("%s: no error although the dead letter is not kept", name)
		}
	}
}

// TestDeadLetters: each says what is wrong, has one id for one record, and can be sent
// again.
func TestDeadLetters(t *testing.T) {
	t.Parallel()
	const unlisted = "com.example.vpn"
	for name, payload := range map[string]string{
		"EventBridge": eventBridge(unlisted, change), "SNS": sns(change), "SQS": sqs(change), "Kinesis": kinesis(change),
		"DynamoDB": mustRead(t, "dynamodb"), "direct": change, "CloudEvent in a queue": sqs(cloudEvent("c1", unlisted, change)),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, func(c *ingest.Config) { c.Sources = nil })
			w.mustInvoke(payload)
			w.mustInvoke(strings.Replace(payload, `"receiptHandle":"r"`, `"receiptHandle":"r2"`, 1))
			if len(w.letters) != 1 {
				t.Fatalf("got %d dead letters", len(w.letters))
			}
			var letter ingest.DeadLetter
			for id, d := range w.letters {
				if letter = d; id != d.ID || len(id) != 64 {
					t.Errorf("got id %q", d.ID)
				}
			}
			if letter.Source == "" || letter.Time != start || len(letter.EventIDs) != 1 || !letter.Findings.HasError() ||
				letter.Reason.Code != "source-not-listed" || letter.Reason.Message == "" || letter.Reason.Remedy == "" || letter.Reason.Class != outcome.ClassRejected {
				t.Errorf("got %+v", letter)
			}

			// Sent again to a queue that is listed, it is taken as what it was; refused again
			// it stays as it is.
			again := strings.Replace(sqs(letter.Body), `"eventSourceARN":"arn:aws:sqs:eu-central-1:123456789012:events"`, `"eventSourceARN":"arn:aws:sqs:eu-central-1:123456789012:again"`, 1)
			w.mustInvoke(again)
			var second ingest.DeadLetter
			for id, d := range w.letters {
				if id != letter.ID {
					second = d
				}
			}
			if second.ID == "" {
				t.Fatal("it was not refused again")
			}
			if isRecord := strings.Contains(letter.Body, "ventSource"); isRecord && second.Body != letter.Body {
				t.Errorf("got body %s, want %s", second.Body, letter.Body)
			}
			listed := newWorld(t, nil)
			listed.mustInvoke(payload)
			redriven := newWorld(t, func(c *ingest.Config) { c.Sources = []string{"arn:aws:sqs:eu-central-1:123456789012:again"} })
			redriven.mustInvoke(again)
			got, want := redriven.changes(), listed.changes()
			if name == "direct" { // it has no id and no time that could be kept
				got[0], want[0] = strings.TrimPrefix(got[0], "m1 13"), strings.TrimPrefix(want[0], "invocation-1 14")
			}
			if !slices.Equal(got, want) {
				t.Errorf("got %q, want %q", got, want)
			}
		})
	}
}

// TestFailedInvocation: what Lambda gave up can be sent again too.
func TestFailedInvocation(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(c *ingest.Config) { c.Sources = []string{"arn:aws:sqs:*"} })
	w.mustInvoke(sqs(failed(eventBridge("com.example.vpn", change))))
	w.mustInvoke(sqs(failed(sns(change))))
	w.mustInvoke(sqs(failed(change)))
	want := []string{"eb-1 13:30:00 #-1 vco-localsingle", "n1 13:00:00 #-1 vco-localsingle", "invocation-1 13:59:00 #-1 vco-localsingle"}
	if got := w.changes(); !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

// TestSends: a batch goes to the queue at once, and only a failure takes it apart.
func TestSends(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	w.mustInvoke(sqs(change, change, change))
	if w.sends != 1 {
		t.Errorf("got %d calls", w.sends)
	}
	w.mustInvoke(sqs(`{"type":"site.opened"}`))
	if w.sends != 1 {
		t.Error("nothing was sent")
	}
}

// TestMargin: what is called must be done before the invocation ends, so that there
// is an answer.
func TestMargin(t *testing.T) {
	t.Parallel()
	var got time.Time
	w := newWorld(t, func(c *ingest.Config) {
		c.Margin = 3 * time.Second
		c.Send = func(ctx context.Context, _ []message.Change) error {
			got, _ = ctx.Deadline()
			return nil
		}
	})
	deadline := time.Now().Add(time.Hour)
	ctx, cancel := context.WithDeadline(t.Context(), deadline)
	defer cancel()
	if _, err := w.handler.Invoke(ctx, []byte(change)); err != nil {
		t.Fatal(err)
	}
	if want := deadline.Add(-3 * time.Second); !got.Equal(want) {
		t.Errorf("got deadline %v, want %v", got, want)
	}
}

// TestWithoutLambda: without a request id, an event without an id is known by what
// it says.
func TestWithoutLambda(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	for _, payload := range []string{change, change, change + " "} {
		if _, err := w.handler.Invoke(t.Context(), []byte(payload)); err != nil {
			t.Fatal(err)
		}
	}
	if len(w.sent) != 2 || len(w.sent[0].EventID) != 64 || w.sent[0].EventID == w.sent[1].EventID {
		t.Errorf("got %q", w.changes())
	}
}

// TestReportPanics: a panic while counting does not spoil what is done.
func TestReportPanics(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(c *ingest.Config) { c.Report = func(context.Context, ingest.Counts) { panic("x") } })
	w.mustInvoke(sqs(change))
	if len(w.sent) != 1 {
		t.Errorf("got %q", w.changes())
	}
}
