package event

import (
	"strings"
	"time"

	"vpnattach/shared/core/jsontext"
)

// Limits of what [Open] takes.
const (
	MaxSize      = 6 << 20           // bytes of an event: what Lambda takes in one synchronous invocation
	MaxDepth     = jsontext.MaxDepth // objects and arrays inside each other, in each JSON text
	MaxEnvelopes = 8                 // envelopes inside each other
	MaxName      = 512               // bytes of an event's id, and of its source
)

// Record is one event out of its envelopes.
type Record struct {
	// ID identifies the event: eventID of a CloudTrail record, else id, messageId,
	// webhook-id, Idempotency-Key or requestId of the innermost envelope that has
	// one. Empty when none has. Like Source it is valid UTF-8: what is not is replaced
	// by U+FFFD.
	ID string
	// Time is the event's own time in UTC, from the innermost envelope that has
	// one. Zero when none has.
	Time time.Time
	// Delivered says that Time is that of a delivery and not of the event: that of an
	// HTTP request, of a message's way into a queue, of a failed invocation, or of an
	// envelope around the one that ID comes from. The same event has another when it
	// is delivered again.
	Delivered bool
	// Part tells several documents apart that came in one text, so that none is taken for
	// another that comes again: empty for the first, else such as "#0002". ID ends in it
	// unless the document has an id of its own.
	Part string
	// Refusal says why an event that is recognised can't be taken as it is, such as a
	// notification of S3, which holds no event. It counts when no rule matches the event.
	// Of a record of a batch that can't be opened it says why; see [OpenEach].
	Refusal *Error
	// Idle says that a recognised event asks for nothing by its nature, such as the test
	// message of S3.
	Idle bool
	// BadTime says why the timestamp of a payload can't be read, so that Time is that of
	// the envelopes around it. It matters only when no rule reads the time from elsewhere.
	BadTime *Error
	// Source is the source of an EventBridge event or a CloudEvent, the ARN of an
	// SNS topic, a queue or a stream, "http" for an HTTP request; the innermost
	// envelope that has one. Empty for a bare document.
	Source string
	// Sequence is the number, in decimal digits without leading zeros, that a stream or
	// a FIFO queue has given to the record that ID is the name of: a record of DynamoDB
	// or Kinesis, or a message of SQS, without an id of its own inside. Empty for any
	// other event, since numbers that are not the event's own say nothing about its order.
	Sequence string
	// Series is the ARN of the stream or queue that has given the Sequence; empty without one.
	Series string
	// Kind says what Event is: Change, Payload, EventBridge, CloudEvents, DynamoDB or, for a
	// record without a value, Kafka.
	Kind Kind
	// Via is the chain of envelopes that were opened, outermost first.
	Via Via
	// Way is the way by which the outermost envelope came, by what it says: the ARN of
	// the queue, stream or topic that it is a record of, [WayBus] or [WayWebhook]. Empty
	// when it is none of these. An HTTP request can say anything, so only what takes one
	// knows its way.
	Way string
	// Event is the JSON object that rules match on: the EventBridge event, the
	// CloudEvent in structured form, the record of the DynamoDB stream, the change
	// document or the payload.
	Event string
	// Data is the JSON object that may be a change document: detail of an
	// EventBridge event, data of a CloudEvent, the new image of a DynamoDB record
	// as plain JSON, else Event itself. Empty when it has none.
	Data string
	// Document is Data, checked and ready to be walked. It is void as soon as the
	// [Opener] opens another event.
	Document jsontext.Value
}

// event returns Event, to be walked.
func (r Record) event() value {
	v, _ := new(jsontext.Text).Parse(r.Event)
	return v
}

// IsChange reports whether Data is a change document: a JSON object with one of
// the keys VpnConnectionId, TunnelOptionsSpecification, IkeConfig, IpsecConfig,
// BgpConfig, HealthCheckConfig, LocalSubnet, RemoteSubnet.
func (r Record) IsChange() bool {
	switch r.Kind {
	case Change:
		return true
	case Payload:
		return false // opening it has looked for these keys
	}
	for key := range r.Document.Members {
		if isChangeKey(key) {
			return true
		}
	}
	return false
}

func isChangeKey(key string) bool {
	switch key {
	case "VpnConnectionId", "TunnelOptionsSpecification", "IkeConfig", "IpsecConfig",
		"BgpConfig", "HealthCheckConfig", "LocalSubnet", "RemoteSubnet":
		return true
	}
	return false
}

// Kind is a kind of document or envelope.
type Kind uint8

const (
	// Change is a bare change document.
	Change Kind = iota + 1
	// Payload is a JSON object of no known shape.
	Payload
	// EventBridge is an event of Amazon EventBridge.
	EventBridge
	// CloudEvents is an event in the form of CloudEvents 1.0.
	CloudEvents
	// DynamoDB is a record of a DynamoDB stream.
	DynamoDB
	// SQS is a message of an SQS queue.
	SQS
	// SNS is a notification of an SNS topic.
	SNS
	// Kinesis is a record of a Kinesis data stream.
	Kinesis
	// APIGateway is a request through an API Gateway REST API (payload format 1.0).
	APIGateway
	// HTTPAPI is a request through an API Gateway HTTP API (payload format 2.0).
	HTTPAPI
	// FunctionURL is a request to a Lambda function URL.
	FunctionURL
	// ALB is a request through an Application Load Balancer.
	ALB
	// Lattice is a request through a service of Amazon VPC Lattice.
	Lattice
	// Kafka is a record of a topic of Apache Kafka: of Amazon MSK, or of a cluster of one's own.
	Kafka
	// MQ is a message of Amazon MQ.
	MQ
	// HTTP is a plain HTTP request, see [OpenHTTP].
	HTTP
	// Invocation is what Lambda sends to a function's destination: the record of an
	// asynchronous invocation, with the event in it.
	Invocation
)

var kindNames = [...]string{
	Change: "change", Payload: "payload", EventBridge: "eventbridge", CloudEvents: "cloudevents",
	DynamoDB: "dynamodb", SQS: "sqs", SNS: "sns", Kinesis: "kinesis", APIGateway: "api-gateway",
	HTTPAPI: "http-api", FunctionURL: "function-url", ALB: "alb", HTTP: "http",
	Lattice: "vpc-lattice", Kafka: "kafka", MQ: "mq",
	Invocation: "invocation",
}

// IsGateway reports whether what hands on HTTP requests has sent it.
func (k Kind) IsGateway() bool {
	return k == APIGateway || k == HTTPAPI || k == FunctionURL || k == ALB || k == Lattice
}

// String returns a name such as "eventbridge" or "function-url".
func (k Kind) String() string {
	if int(k) >= len(kindNames) {
		return ""
	}
	return kindNames[k]
}

// Via is a chain of envelopes, outermost first; unused places are 0. A change
// document and a payload are not envelopes, so the Via of a bare document is zero.
type Via [MaxEnvelopes]Kind

// String returns the chain as text, such as "sqs > sns > eventbridge".
func (v Via) String() string {
	var names [MaxEnvelopes]string
	n := 0
	for ; n < len(v) && v[n] != 0; n++ {
		names[n] = v[n].String()
	}
	return strings.Join(names[:n], " > ")
}
