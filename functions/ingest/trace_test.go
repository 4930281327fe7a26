package ingest_test

import (
	"context"
	"strconv"
	"strings"
	"testing"
)

// TestTrace: a change belongs to the trace of its own event, else of the request or the
// message, else of the invocation.
func TestTrace(t *testing.T) {
	t.Parallel()
	const (
		own        = "4bf92f3577b34da6a3ce929d0e0e4736"
		parent     = "00-" + own + "-00f067aa0ba902b7-01"
		xray       = "1-5759e988-bd862e3fe1be46a994272793"
		invocation = "1-67891233-abcdef012345678912345678"
	)
	cloudEvent := `{"specversion":"1.0","id":"c1","source":"/s","type":"t","traceparent":"` + parent + `","data":` + change + `}`
	sqs := func(body string) string {
		return `{"Records":[{"messageId":"m1","body":` + strconv.Quote(body) + `,"attributes":{"AWSTraceHeader":"Root=` + xray + `;Sampled=1"},"eventSource":"aws:sqs","eventSourceARN":"arn:aws:sqs:eu-central-1:123456789012:events"}]}`
	}
	w := newWorld(t, nil)
	for _, tt := range []struct{ name, payload, want string }{
		{"CloudEvent in a message", sqs(cloudEvent), own},
		{"message", sqs(change), xray},
		{"request with traceparent", w.event("w1", change, "traceparent", parent, "x-amzn-trace-id", "Root="+xray), own},
		{"request through a gateway", w.event("w2", change, "traceparent", "no", "x-amzn-trace-id", "Root="+xray), xray},
		{"request without", w.event("w3", change), invocation},
		{"invocation", change, invocation},
	} {
		w.sent = nil
		w.log.Reset()
		//lint:ignore SA1029 The key is that of aws-lambda-go.
		ctx := context.WithValue(t.Context(), "x-amzn-trace-id", "Root="+invocation+";Sampled=0")
		if _, err := w.handler.Invoke(ctx, []byte(tt.payload)); err != nil || len(w.sent) != 1 {
			t.Fatalf("%s: got %v, %q", tt.name, err, w.changes())
		}
		if got := w.sent[0].TraceID; got != tt.want || !strings.Contains(w.log.String(), `"traceIds":["`+tt.want+`"]`) {
			t.Errorf("%s: got %q, want %q, log %s", tt.name, got, tt.want, w.log.String())
		}
	}
}
