package event

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"vpnattach/shared/core/finding"
	"vpnattach/shared/core/jsontext"
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
	if service, list := batchOf(v, texts); service != nil {
		d.Kind, d.Partial, d.Ordered = service.kind, service.partial, service.ordered
		for _, r := range list {
			u := Unit{
				Source: service.source(r.record), Name: service.name(r.record), text: r.record.Raw(), value: r.record,
				path: r.path, service: service, texts: texts,
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

// located is a record and its path in the delivery.
type located struct {
	path   string
	record value
}

// batchOf returns the service and the records of a batch; no service for anything that
// is not a batch of a known one.
func batchOf(v value, texts *texts) (s *service, records []located) {
	if s := serviceOf(v); s != nil {
		if records, is := s.spread(v, texts); is && len(records) > 0 {
			return s, records
		}
	}
	list, path := v, ""
	if v.IsObject() {
		list, path = v.Get("Records"), "Records"
	}
	if s = serviceOf(list.At(0)); s != nil {
		for i, record := range list.Elements {
			records = append(records, located{path + "[" + strconv.Itoa(i) + "]", record})
		}
	}
	return s, records
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
	records, err := u.open()
	if err != nil {
		return nil, err
	}
	return records, nil
}

// Records is [Unit.Open] as [OpenEach] does it: what can't be opened is a record with a
// Refusal and without an Event.
func (u *Unit) Records() []Record {
	records, err := u.open()
	if err != nil {
		return []Record{{ID: u.Name, Source: u.Source.Name, Kind: u.Source.Kind, Via: Via{u.Source.Kind}, Refusal: err}}
	}
	return records
}

func (u *Unit) open() ([]Record, *Error) {
	records, err := []Record(nil), u.fault
	switch from := (origin{texts: u.texts}); {
	case err != nil && err.Code == NotJSON && u.service == nil: // but gzip, or several documents
		records, err = open(u.text, from, nil)
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

// Trace returns the header with which X-Ray traces a message in SQS; empty without one.
func (u *Unit) Trace() string { return u.value.Get("attributes").Get("AWSTraceHeader").Text() }

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
	service, list := batchOf(v, new(texts))
	if service == nil {
		return alone(v)
	}
	first := service.source(list[0].record)
	for _, r := range list {
		if service.source(r.record) != first {
			return Source{Kind: service.kind}
		}
	}
	return first
}

// service is a service whose records come in batches.
type service struct {
	kind             Kind
	id               string // in the eventSource of its records, or of the object around them
	arn              string // in the ARNs of what its records come from; empty when that has none
	partial, ordered bool   // as in Delivery
	reader

	list  string // the member that holds the records, of a service that doesn't use Records
	byKey bool   // that member is an object with a list for each partition or queue
}

// reader reads the records of a service.
type reader interface {
	source(record value) Source
	name(record value) string // that the service gives to the record
	open(record value, from origin, dst []Record) ([]Record, *Error)
}

// services are all of them, each with its file.
var services = [...]service{
	{kind: SQS, id: "aws:sqs", arn: "sqs", reader: queue{}, partial: true},
	{kind: SNS, id: "aws:sns", arn: "sns", reader: topic{}},
	{kind: Kinesis, id: "aws:kinesis", arn: "kinesis", reader: stream{}, partial: true, ordered: true},
	{kind: DynamoDB, id: "aws:dynamodb", arn: "dynamodb", reader: table{}, partial: true, ordered: true},
	{kind: Kafka, id: "aws:kafka", arn: "kafka", reader: log{}, ordered: true, list: "records", byKey: true},
	{kind: Kafka, id: "SelfManagedKafka", reader: log{}, ordered: true, list: "records", byKey: true},
	{kind: MQ, id: "aws:mq", arn: "mq", reader: broker{}, ordered: true, list: "messages"},
	{kind: MQ, id: "aws:amq", arn: "mq", reader: broker{}, ordered: true, list: "messages"},
	{kind: MQ, id: "aws:rmq", arn: "mq", reader: broker{}, ordered: true, list: "rmqMessagesByQueue", byKey: true},
}

// IsService reports whether name, in an ARN, is that of a service whose records come in
// batches: "sqs".
func IsService(name string) bool {
	return name != "" && slices.ContainsFunc(services[:], func(s service) bool { return s.arn == name })
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

// spread takes apart a delivery that names its service once, around all records. Each
// gets the members that it has when EventBridge Pipes sends it, so that it can be read,
// and sent again, by itself. It reports false for anything else.
func (s *service) spread(v value, texts *texts) (records []located, is bool) {
	list := v.Get(s.list)
	if s.list == "" || s.byKey != list.IsObject() || !s.byKey && !list.IsArray() {
		return nil, false
	}
	add := func(path, key string, list value) {
		for i, record := range list.Elements {
			r := located{path + "[" + strconv.Itoa(i) + "]", record}
			if record.IsObject() {
				r.record, _ = texts.parse(withService(record, v, key))
			}
			records = append(records, r)
		}
	}
	if !s.byKey {
		add(s.list, "", list)
	}
	for key, list := range list.Members {
		add(s.list+"."+finding.Name(key), key, list)
	}
	return records, true
}

// withService writes a record with the service's members that are around it.
func withService(record, around value, key string) string {
	out := jsontext.AppendMember([]byte{'{'}, "eventSource", around.Get("eventSource").Text())
	if arn := around.Get("eventSourceArn"); arn.IsString() {
		out = append(jsontext.AppendKey(out, "eventSourceArn"), arn.Raw()...)
	}
	if key != "" {
		out = jsontext.AppendMember(out, "eventSourceKey", key)
	}
	if rest := record.Raw()[1:]; !record.IsEmpty() {
		out = append(append(out, ','), rest...)
	} else {
		out = append(out, '}')
	}
	return view(out)
}

// openSpread opens the records that a delivery of the service has been taken apart into.
func openSpread(s *service, records []located, from origin, dst []Record) (_ []Record, err *Error) {
	if len(records) == 0 {
		return nil, newError(BrokenEnvelope, "has no records").in(s.list)
	}
	for _, r := range records {
		if dst, err = s.openRecord(r.record, from, dst); err != nil {
			return nil, err.in(r.path)
		}
	}
	return dst, nil
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

// recordForms are the forms of services, and of pipes that read them.
var recordForms = []Form{
	{Name: "Amazon SQS", Shape: "Records with eventSource aws:sqs", Taken: "the body of each message", Ref: "https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html"},
	{Name: "Amazon SNS", Shape: "Records with EventSource aws:sns, or Type Notification with a TopicArn", Taken: "the Message of each", Ref: "https://docs.aws.amazon.com/lambda/latest/dg/with-sns.html"},
	{Name: "Amazon Kinesis", Shape: "Records with eventSource aws:kinesis", Taken: "the data of each record", Ref: "https://docs.aws.amazon.com/lambda/latest/dg/with-kinesis.html"},
	{Name: "Amazon DynamoDB", Shape: "Records with eventSource aws:dynamodb", Taken: "the new image of each item, as plain JSON; a stream of keys alone, or of old images, is refused unless a rule matches its records", Ref: "https://docs.aws.amazon.com/lambda/latest/dg/with-ddb.html"},
	{Name: "Apache Kafka", Shape: "records by partition, with eventSource aws:kafka or SelfManagedKafka", Taken: "the value of each record; a CloudEvent may have its attributes in the headers; a record without a value asks for nothing", Ref: "https://docs.aws.amazon.com/lambda/latest/dg/with-msk.html"},
	{Name: "Amazon MQ", Shape: "messages with eventSource aws:mq or aws:amq (ActiveMQ), rmqMessagesByQueue with aws:rmq (RabbitMQ)", Taken: "the data of each message that has an id, or an event with one", Ref: "https://docs.aws.amazon.com/lambda/latest/dg/with-mq.html"},
	{Name: "EventBridge Pipes", Shape: "the records of any of these as an array", Taken: "as above", Ref: "https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-pipes-event-source.html"},
}
