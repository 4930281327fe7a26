package ingest

import (
	"cmp"
	"context"
	"net/http"

	"github.com/tidwall/gjson"

	"vpnattach/shared/core/event"
	"vpnattach/shared/message"
)

// traceID is that of the trace that an event belongs to: its own, as a CloudEvent can
// have one, that of the request or message in which it came, or that of the invocation.
func (d *document) traceID(ctx context.Context, r *event.Record) string {
	header := d.trace
	if d.unit != nil {
		header = d.unit.Trace()
	}
	invocation, _ := ctx.Value("x-amzn-trace-id").(string) // where aws-lambda-go puts it
	return cmp.Or(message.TraceID(gjson.Get(r.Event, "traceparent").Str), message.TraceID(header), message.TraceID(invocation))
}

// traceOf is the header that names a request's trace: the sender's, or that of the gateway.
func traceOf(header http.Header) string {
	if parent := header.Get("traceparent"); message.TraceID(parent) != "" {
		return parent
	}
	return header.Get("X-Amzn-Trace-Id")
}
