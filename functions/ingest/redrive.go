package ingest

import (
	"cmp"
	"strings"

	"vpnattach/shared/core/event"
	"vpnattach/shared/core/jsontext"
)

// attribute is the text of a message's attribute.
func attribute(message jsontext.Value, name string) string {
	return message.Get("messageAttributes").Get(name).Get("stringValue").Text()
}

// trace finds the source of a message that was moved to [Config.Redrive] and that
// ingest has not refused before, so that no attribute names it. What AWS has put
// there is from where it came at first; anything else is from that queue.
func (d *document) trace(records []event.Record) {
	if !d.moved.Exists() || len(records) == 0 {
		return
	}
	body, fault := new(jsontext.Text).Parse(strings.Trim(d.moved.Get("body").Text(), " \n\t\r"))
	if fault != nil {
		return
	}
	// All records of a message are in the same envelope.
	switch records[0].Via[1] {
	case event.Invocation: // the failure destination
		d.source = sourceOf(body.Get("requestPayload"))
	case event.SNS: // the dead letters of a subscription
		if topic := body.Get("TopicArn").Text(); topic != "" {
			d.source = topic
		}
	case event.EventBridge: // the dead letters of a rule's target
		if attribute(d.moved, "RULE_ARN") != "" {
			d.source = named(body.Get("source").Text())
		}
	}
}

// unknown stands for a source that can't be told, so that a dead letter has a name for
// it that nobody lists.
const unknown = "unknown"

// sourceOf is the source of what the function was invoked with; unknown when there are
// several, or none.
func sourceOf(payload jsontext.Value) string {
	_, documents := batch(payload, "")
	if documents == nil {
		source, _ := origin(payload)
		return cmp.Or(source, unknown)
	}
	for _, d := range documents[1:] {
		if d.source != documents[0].source {
			return unknown
		}
	}
	return cmp.Or(documents[0].source, unknown)
}

// holdsRequest reports whether an event comes out of an HTTP request as a gateway
// hands it on, in whatever else that may be.
func holdsRequest(r event.Record) bool {
	for _, envelope := range r.Via {
		switch envelope {
		case event.APIGateway, event.HTTPAPI, event.FunctionURL, event.ALB:
			return true
		}
	}
	return false
}
