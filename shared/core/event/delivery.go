package event

import (
	"cmp"
	"strconv"
	"strings"
)

// Delivery is what one invocation of a function brings, before its events are opened.
type Delivery struct {
	// Kind says what has invoked the function: a service whose records come in batches
	// (SQS, SNS, Kinesis, DynamoDB), EventBridge, what hands on HTTP requests
	// (APIGateway, HTTPAPI, FunctionURL, ALB), or 0 for anything else.
	Kind Kind
	// Request is the HTTP request; nil in any other delivery. It has no units.
	Request *Request
	// Units are at least one, in their order.
	Units []Unit
	// Partial: the service wants to know which records have to come again.
	Partial bool
	// Ordered: the records are of a stream, where all come again from the first that
	// has to.
	Ordered bool
}

// IsBatch reports whether the units are records of a service.
func (d *Delivery) IsBatch() bool { return len(d.Units) > 0 && d.Units[0].service != nil }

// Unit is what is taken or refused as a whole: a record of a batch, or the event of
// any other delivery.
type Unit struct {
	Source Source
	Name   string // what the source calls it: the id of a message, a sequence number; may be empty

	text    string // as it came
	value   value  // absent when the text is not JSON
	fault   *Error // why it is absent
	path    string // within the delivery
	service *service
	texts   *texts
}

// Source is what has sent a unit, by what the payload says.
type Source struct {
	Kind Kind   // SQS, SNS, Kinesis, DynamoDB, EventBridge; 0 for a direct invocation
	Name string // the ARN of the queue, topic or stream, or the source of the event; may be empty
}

// ReadDelivery takes a payload apart, as Lambda hands it to a function: an HTTP
// request, a batch of records with or without an object around it, or else one event,
// even one that can't be opened. data must not change while the delivery or its
// records are in use.
func ReadDelivery(data []byte) *Delivery {
	texts := new(texts)
	s := view(data)
	v, fault := texts.parse(s)
	if r, ok := readRequest(v); ok {
		return &Delivery{Kind: r.Kind, Request: &r}
	}
	d := &Delivery{}
	if service, list, path := batchOf(v); service != nil {
		d.Kind, d.Partial, d.Ordered = service.kind, service.partial, service.ordered
		for i, record := range list.Elements {
			u := Unit{
				Source: service.source(record), Name: service.name(record), text: record.Raw(), value: record,
				path: path + "[" + strconv.Itoa(i) + "]", service: service, texts: texts,
			}
			u.checkNames()
			d.Units = append(d.Units, u)
		}
		return d
	}
	unit := Unit{Source: alone(v), text: s, value: v, fault: fault, texts: texts}
	switch {
	case trim(s) == "":
		unit.fault = empty()
	case len(s) > MaxSize:
		unit.fault = tooLarge(len(s))
	}
	unit.checkNames()
	d.Kind, d.Units = unit.Source.Kind, []Unit{unit}
	return d
}

// checkNames refuses a unit whose name or source is too long, and leaves them out.
func (u *Unit) checkNames() {
	err := checkNames(u.Name, u.Source.Name)
	if err == nil {
		return
	}
	if u.fault == nil {
		u.fault = err
	}
	u.Name, u.Source.Name = "", ""
}

// batchOf returns the service and the list of a batch, and where the list is; no
// service for anything that is not a batch of a known one.
func batchOf(v value) (s *service, list value, path string) {
	list = v
	if v.IsObject() {
		list, path = v.Get("Records"), "Records"
	}
	return serviceOf(list.At(0)), list, path
}

// alone is the source of what comes by itself.
func alone(v value) Source {
	if source := v.Get("source").Text(); source != "" && v.Get("detail-type").IsString() {
		return Source{EventBridge, source}
	}
	return Source{}
}

// Open returns the records of the unit, or an [*Error] with its path in the delivery.
func (u *Unit) Open() ([]Record, error) {
	records, err := []Record(nil), u.fault
	switch from := (origin{texts: u.texts}); {
	case err != nil:
	case u.service != nil:
		records, err = u.service.openRecord(u.value, from, nil)
	default:
		records, err = openValue(u.value, from, nil)
	}
	if err == nil {
		err = named(records)
	}
	if err != nil {
		return nil, err.in(u.path)
	}
	return records, nil
}

// Body is what to send to an SQS queue to have the unit tried again: the unit as it
// came. A message that is itself a record which was sent again is that record.
func (u *Unit) Body() string {
	if u.Source.Kind == SQS {
		inner := u.value.Get("body").Text()
		if record, err := new(texts).parse(inner); err == nil && strings.HasPrefix(eventSource(record), "aws:") {
			return inner
		}
	}
	return u.text
}

// Attribute returns the text of an attribute of a message in SQS; "" when it has none.
func (u *Unit) Attribute(name string) string {
	return u.value.Get("messageAttributes").Get(name).Get("stringValue").Text()
}

// Origin returns where a message in SQS that was moved there, or put there by AWS
// because it could not be delivered, came from at first. It reports false when nothing
// says so, so that the queue itself is its source. The name is empty when there were
// several sources. records are those of the unit.
func (u *Unit) Origin(records []Record) (Source, bool) {
	if u.Source.Kind != SQS || len(records) == 0 {
		return Source{}, false
	}
	body, err := new(texts).parse(trim(u.value.Get("body").Text()))
	if err != nil {
		return Source{}, false
	}
	// All records of a message are in the same envelope.
	switch records[0].Via[1] {
	case Invocation: // the failure destination of a function
		return sourceOf(body.Get("requestPayload")), true
	case SNS: // the dead letters of a subscription
		if topic := body.Get("TopicArn").Text(); topic != "" {
			return Source{SNS, topic}, true
		}
	case EventBridge: // the dead letters of a rule's target
		if u.Attribute("RULE_ARN") != "" {
			return alone(body), true
		}
	}
	return Source{}, false
}

// sourceOf is the source of what a function was invoked with.
func sourceOf(v value) Source {
	service, list, _ := batchOf(v)
	if service == nil {
		return alone(v)
	}
	first := service.source(list.At(0))
	for _, record := range list.Elements {
		if service.source(record) != first {
			return Source{Kind: service.kind}
		}
	}
	return first
}

// service is a service whose records come in batches.
type service struct {
	kind             Kind
	id               string // in the eventSource of its records
	partial, ordered bool   // as in Delivery
	reader
}

// reader reads the records of a service.
type reader interface {
	source(record value) Source
	name(record value) string // that the service gives to the record
	open(record value, from origin, dst []Record) ([]Record, *Error)
}

// services are all of them, each with its file.
var services = [...]service{
	{kind: SQS, id: "aws:sqs", reader: queue{}, partial: true},
	{kind: SNS, id: "aws:sns", reader: topic{}},
	{kind: Kinesis, id: "aws:kinesis", reader: stream{}, partial: true, ordered: true},
	{kind: DynamoDB, id: "aws:dynamodb", reader: table{}, partial: true, ordered: true},
}

// serviceOf returns the service of a record; nil for an unknown one.
func serviceOf(record value) *service {
	id := eventSource(record)
	for i := range services {
		if services[i].id == id {
			return &services[i]
		}
	}
	return nil
}

// eventSource returns the name of the service that a record is from.
func eventSource(record value) string {
	return cmp.Or(record.Get("eventSource").Text(), record.Get("EventSource").Text()) // SNS writes it in upper case
}

// openRecord opens a record in a batch of the service.
func (s *service) openRecord(record value, from origin, dst []Record) ([]Record, *Error) {
	if serviceOf(record) != s {
		return nil, newError(BrokenEnvelope, "has another eventSource than the records before it")
	}
	if err := from.enter(s.kind); err != nil {
		return nil, err
	}
	if from.via[1] == 0 {
		from.way = s.source(record).Name
	}
	return s.open(record, from, dst)
}

// openRecords opens a list of records that all come from one service. It opens
// nothing and reports false when no record is of a known service.
func openRecords(list value, from origin, dst []Record) (_ []Record, known bool, err *Error) {
	first := serviceOf(list.At(0))
	for i, record := range list.Elements {
		switch {
		case first != nil:
			dst, err = first.openRecord(record, from, dst)
		case serviceOf(record) != nil:
			err = newError(BrokenEnvelope, "has another eventSource than the records before it")
		}
		if err != nil {
			return nil, true, err.in("[" + strconv.Itoa(i) + "]")
		}
	}
	return dst, first != nil, nil
}
