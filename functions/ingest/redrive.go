package ingest

import (
	"cmp"
	"slices"
	"strings"

	"vpnattach/shared/core/event"
)

// sourceOf is the source of a unit, as in [Config.Sources]. What was moved to the
// queue [Config.Redrive] has the one that it had at first.
func (in *invocation) sourceOf(u *event.Unit, records []event.Record) string {
	source := sourceName(u.Source)
	if in.config.Redrive == "" || u.Source.Kind != event.SQS || source != in.config.Redrive {
		return source
	}
	switch refused := u.Attribute("Source"); {
	case len(refused) > event.MaxName:
		return unknown
	case refused != "":
		return refused
	}
	if origin, ok := u.Origin(records); ok {
		return cmp.Or(sourceName(origin), unknown)
	}
	return source
}

// unknown stands for a source that can't be told, so that a dead letter has a name for
// it that is never listed.
const unknown = "unknown"

// sourceName keeps the source of an EventBridge event, which is the sender's choice,
// apart from the names of other sources.
func sourceName(s event.Source) string {
	switch {
	case s.Kind == 0:
		return Direct
	case s.Kind == event.EventBridge && (isWebhook(s.Name) || s.Name == Direct || s.Name == unknown || isAddress(s.Name)):
		return event.EventBridge.String() + ":" + s.Name
	}
	return s.Name
}

// isAddress reports whether a source is the name that AWS has for a queue, a topic or a
// stream, or that of a topic of Kafka.
func isAddress(source string) bool {
	return strings.HasPrefix(source, "arn:") || strings.HasPrefix(source, event.KafkaPrefix)
}

// wayOf is the way by which the events of a source come: see [rules.Event].
func wayOf(source string) string {
	switch {
	case source == Direct:
		return event.WayInvoke
	case source == "" || source == unknown:
		return unknown
	case isAddress(source), isWebhook(source):
		return source
	}
	return event.WayBus
}

// isWebhook reports whether a source is that of signed HTTP requests.
func isWebhook(source string) bool {
	return source == Webhook || strings.HasPrefix(source, Webhook+":")
}

// holdsRequest reports whether an event comes out of an HTTP request as a gateway
// hands it on, in whatever else that may be.
func holdsRequest(r event.Record) bool {
	return slices.ContainsFunc(r.Via[:], event.Kind.IsGateway)
}
