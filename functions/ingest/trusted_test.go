package ingest_test

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-lambda-go/lambdacontext"

	"vpnattach/functions/ingest"
	"vpnattach/shared/core/event"
	"vpnattach/shared/message"
)

// TestTake: what is posted by a trusted sender, without a signature.
func TestTake(t *testing.T) {
	t.Parallel()
	gateway := func(id, body string) string {
		return `{"requestContext":{"requestId":"` + id + `","http":{"method":"POST"}},"headers":{},"body":` + encode(body) + `}`
	}
	nameless := strings.Replace(sqs(change), "eventSourceARN", "x", 1)
	for _, tt := range []struct {
		name, body string
		headers    map[string]string
		units      []string // name, whether it is rejected, its events and whether they are taken
		unopened   string   // code and path of the error
		sent       []string
		letters    int
		counts     ingest.Counts
	}{
		{"change", change, map[string]string{"Idempotency-Key": "k1"}, []string{"invocation-1 false k1=true"}, "", []string{"k1 14:00:00 #-1 vco-localsingle"}, 0, ingest.Counts{Accepted: 1}},
		{"event", eventBridge("aws.ssm", change), nil, []string{"invocation-1 false eb-1=true"}, "", []string{"eb-1 13:30:00 #-1 vco-localsingle"}, 0, ingest.Counts{Accepted: 1}},
		{"not for us", `{"type":"site.opened"}`, nil, []string{"invocation-1 false invocation-1=false"}, "", nil, 0, ingest.Counts{Ignored: 1}},
		{"broken change", broken, nil, []string{"invocation-1 true invocation-1=false"}, "", nil, 0, ingest.Counts{Rejected: 1}},
		{"events of which one is broken", "[" + cloudEvent("c1", "s", change) + "," + cloudEvent("c2", "s", broken) + "]", nil,
			[]string{"invocation-1 true c1=true c2=false"}, "", nil, 0, ingest.Counts{Rejected: 1}},
		{"not JSON", "hello", nil, nil, "not-json ", nil, 0, ingest.Counts{Rejected: 1}},
		{"batch", sqs(change, "{", broken), nil, []string{"m1 false m1=true", "m2 true =false", "m3 true m3=false"}, "", []string{"m1 13:00:00 #-1 vco-localsingle"}, 2, ingest.Counts{Accepted: 1, Rejected: 2}},
		{"queue without a name", nameless, nil, []string{"m1 false m1=true"}, "", []string{"m1 13:00:00 #-1 vco-localsingle"}, 0, ingest.Counts{Accepted: 1}},
		{"request", gateway("g1", change), nil, []string{"g1 false g1=true"}, "", []string{"g1 14:00:00 #-1 vco-localsingle"}, 0, ingest.Counts{Accepted: 1}},
		{"request in AWS's name", gateway("g1", eventBridge("aws.ssm", change)), nil, []string{"g1 true eb-1=false"}, "", nil, 0, ingest.Counts{Rejected: 1}},
		{"broken request", gateway("g1", "{"), nil, nil, "not-json ", nil, 0, ingest.Counts{Rejected: 1}},
		{"request of another method", httpAPI("GET", nil, ""), nil, nil, "method-not-allowed ", nil, 0, ingest.Counts{Rejected: 1}},
		{"request in a queue", sqs(gateway("g1", change)), nil, []string{"m1 true =false"}, "", nil, 1, ingest.Counts{Rejected: 1}},
	} {
		w := newWorld(t, func(c *ingest.Config) { c.Sources, c.AnySource, c.Senders = nil, true, nil })
		ctx := lambdacontext.NewContext(t.Context(), &lambdacontext.LambdaContext{AwsRequestID: "invocation-1"})
		take := func() ([]ingest.Taken, error) { return w.handler.Take(ctx, maps.All(tt.headers), []byte(tt.body)) }
		all, err := take()
		var unopened *event.Error
		if errors.As(err, &unopened); (err != nil) != (tt.unopened != "") || err != nil && string(unopened.Code)+" "+unopened.Path != tt.unopened {
			t.Errorf("%s: got error %v, want %s", tt.name, err, tt.unopened)
		}
		var units []string
		for _, u := range all {
			says := fmt.Sprint(u.Name, " ", u.Rejected)
			for _, c := range u.Results {
				says += fmt.Sprint(" ", c.EventID, "=", c.ChangeID != "")
			}
			units = append(units, says)
			if _, kept := w.letters[u.Letter]; kept != (u.Letter != "") {
				t.Errorf("%s: there is no dead letter %s", tt.name, u.Letter)
			}
		}
		if got := w.changes(); !slices.Equal(units, tt.units) || !slices.Equal(got, tt.sent) || len(w.letters) != tt.letters || w.counts != tt.counts {
			t.Errorf("%s: got %q, %q in the queue, %d dead letters and %+v, want %q, %q, %d and %+v", tt.name, units, got, len(w.letters), w.counts, tt.units, tt.sent, tt.letters, tt.counts)
		}

		// What is not all taken comes again.
		w.fails = func(string, []message.Change) error { return errPort }
		if _, err := take(); len(tt.sent)+tt.letters > 0 && (err == nil || errors.As(err, &unopened)) {
			t.Errorf("%s: got %v when nothing works", tt.name, err)
		}
	}
}
