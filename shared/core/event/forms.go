package event

import (
	"strings"

	"vpnattach/shared/core/finding"
)

// Form is a form of events that is recognised: one that is opened, or one that is named
// and refused. The reference lists all of them.
type Form struct {
	Name  string // such as "Amazon SQS"
	Shape string // by what it is recognised
	Taken string // what is taken of it; empty for a form that is refused
	Hint  string // the way out of one that is refused
	Ref   string // where it is documented

	// is recognises, among documents of no other shape, one that is refused, or that is
	// idle: that asks for nothing.
	is   func(v value, t *texts) bool
	idle bool
}

// Forms returns every form, in the order of the reference.
func Forms() []Form {
	all := []Form{
		{Name: "change document", Shape: "a JSON object with VpnConnectionId, TunnelOptionsSpecification, IkeConfig, IpsecConfig, BgpConfig, HealthCheckConfig, LocalSubnet or RemoteSubnet", Taken: "the change itself"},
		{Name: "payload", Shape: "any other JSON object", Taken: "what a rule makes of it"},
		{Name: "array of these", Shape: "a JSON array, such as EventBridge Pipes with an input template or an enrichment sends", Taken: "each element in turn, also JSON text in a string",
			Ref: "https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-pipes-input-transformation.html"},
		{Name: "several documents in one text", Shape: "JSON objects one behind the other, such as a line each", Taken: "each in turn"},
		{Name: "gzip", Shape: "the bytes 1f 8b at the beginning", Taken: "what is in it, once, up to 1 MiB"},
	}
	all = append(all, eventBridgeForm, cloudEventForm)
	all = append(all, recordForms...)
	all = append(all, requestForms...)
	all = append(all, invocationForm)
	return append(all, closed[:]...)
}

// NotOpened is the code of a [Record.Refusal].
var NotOpened = Code(finding.Declare(finding.Check{
	ID: "event-not-opened", Severity: finding.Error, Part: finding.Event,
	Title: "The event is recognised, but holds no change, or none that can be read from it.",
	Why:   "A change that stays in an event which is not opened is lost, and without this it would be lost in silence.",
	Fix:   "Send the change another way: the finding names the event and the way. Or write a rule that matches the event as it is.",
}).ID)

// closed are the forms that no rule needs to know to be recognised, and that are not
// opened. A rule may match them all the same.
var closed = [...]Form{logsForm, logsCheckForm, s3Form, s3TestForm, unknownServiceForm, webSocketForm, firehoseForm}

// recognise says why a document of no known shape that no rule matches is refused, or
// that it asks for nothing.
func recognise(v value, t *texts) (refusal *Error, idle bool) {
	for i := range closed {
		f := &closed[i]
		if !f.is(v, t) {
			continue
		}
		if f.idle {
			return nil, true
		}
		return newError(NotOpened, f.Name, " is not opened").hint(f.Hint), false
	}
	return nil, false
}

// firstRecord is the first of the Records of a service, or a record by itself.
func firstRecord(v value) value {
	if records := v.Get("Records"); records.IsArray() {
		return records.At(0)
	}
	return v
}

// unknownServiceForm is that of all other services that send records or events to Lambda.
var unknownServiceForm = Form{
	Name: "an event of another service", Shape: "Records, or an object, whose eventSource begins with aws:",
	Hint: "have the service send to EventBridge, SNS, SQS, Kinesis or DynamoDB what says the change, or write a rule that matches the event as it is",
	is:   func(v value, _ *texts) bool { return strings.HasPrefix(eventSource(firstRecord(v)), "aws:") },
}

// webSocketForm is that of a message that comes over a connection of an API Gateway.
var webSocketForm = Form{
	Name: "a message of an API Gateway WebSocket API", Shape: "requestContext with connectionId and eventType",
	Hint: "post the event to an HTTP API, a REST API or a function URL, where its signature can be checked",
	Ref:  "https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-websocket-api-integration-requests.html",
	is: func(v value, _ *texts) bool {
		context := v.Get("requestContext")
		return context.Get("connectionId").IsString() && context.Get("eventType").IsString()
	},
}

// firehoseForm is that of a transformation of Data Firehose, which has to give the records back.
var firehoseForm = Form{
	Name: "a transformation of Amazon Data Firehose", Shape: "deliveryStreamArn and records",
	Hint: "send the events to this function from Kinesis itself, beside the delivery stream",
	Ref:  "https://docs.aws.amazon.com/firehose/latest/dev/data-transformation.html",
	is: func(v value, _ *texts) bool {
		return v.Get("deliveryStreamArn").IsString() && v.Get("records").IsArray()
	},
}
