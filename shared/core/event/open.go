package event

import (
	"encoding/base64"
	"iter"
	"strconv"
	"strings"
	"time"
)

// Open appends the records found in data to dst. An error is an [*Error]; dst is
// then returned as it came, so nothing of a faulty event is ever used.
//
// A JSON object of no known shape is a record of kind [Payload], since a rule
// may know it; see [Unknown]. data must not change while the records are in use.
//
// To open many events, keep an [Opener].
func Open(data []byte, dst []Record) ([]Record, error) { return new(Opener).Open(data, dst) }

// Opener opens events and reuses its memory from one to the next. The zero Opener
// is ready. It is not for use by several goroutines at once.
type Opener struct{ texts texts }

// Open is the function [Open]. The Document of each record is void as soon as the
// next event is opened.
func (o *Opener) Open(data []byte, dst []Record) ([]Record, error) {
	if err := checkSize(data); err != nil {
		return dst, err
	}
	o.texts.used = 0
	records, err := open(view(data), origin{texts: &o.texts}, dst)
	if err == nil {
		err = named(records[len(dst):])
	}
	if err != nil {
		return dst, err
	}
	return records, nil
}

// OpenEach is [Open], except that each record of a batch is opened by itself, as a function
// takes it: what can't be opened is a record with a Refusal and without an Event.
func OpenEach(data []byte, dst []Record) ([]Record, error) {
	dst, err := Open(data, dst)
	if err == nil || len(data) > MaxSize {
		return dst, err
	}
	delivery := ReadDelivery(data)
	if len(delivery.Units) < 2 {
		return dst, err
	}
	for i := range delivery.Units {
		dst = append(dst, delivery.Units[i].Records()...)
	}
	return dst, nil
}

// OpenHTTP is [Open] for the body of a plain HTTP request. Of the headers, in
// any case, it takes Content-Type, the ce- attributes of a CloudEvent in binary
// mode, webhook-id and webhook-timestamp (Standard Webhooks), and
// Idempotency-Key. Of a header that comes twice, the first counts.
func OpenHTTP(headers iter.Seq2[string, string], body []byte, dst []Record) ([]Record, error) {
	if err := checkSize(body); err != nil {
		return dst, err
	}
	var h head
	for name, text := range headers {
		h.add(name, text)
	}
	from := origin{texts: new(texts), id: h.id(), source: HTTPSource, via: Via{HTTP}}
	records, err := h.open(view(body), "", from, dst)
	if err == nil {
		err = named(records[len(dst):])
	}
	if err != nil {
		return dst, err
	}
	return records, nil
}

func checkSize(data []byte) error {
	if len(data) > MaxSize {
		return tooLarge(len(data))
	}
	return nil
}

func tooLarge(bytes int) *Error {
	return newError(TooLarge, strconv.Itoa(bytes), " bytes, more than the ", strconv.Itoa(MaxSize), " that an event may have")
}

func empty() *Error { return newError(Empty, "is empty; an event is a JSON object") }

// origin is what the envelopes around a document say about it.
type origin struct {
	texts     *texts
	id        string
	time      time.Time
	delivered bool // see Record.Delivered
	source    string
	series    string // see Record.Series
	sequence  string // see Record.Sequence
	part      string // see Record.Part
	via       Via
	way       string // see Record.Way
	unzipped  bool   // gzip has been opened around it
	unquoted  bool   // JSON text in a JSON string has been opened around it
}

// enter adds an envelope to the chain.
func (o *origin) enter(k Kind) *Error {
	for i := range o.via {
		if o.via[i] != 0 {
			continue
		}
		o.via[i] = k
		switch {
		case i > 0:
		case k == EventBridge:
			o.way = WayBus
		case k.IsGateway():
			o.way = WayWebhook
		}
		return nil
	}
	return newError(TooDeep, "more than ", strconv.Itoa(MaxEnvelopes), " envelopes inside each other")
}

// set takes id and source where the envelope has them. It comes before the time of
// the same envelope.
func (o *origin) set(id, source value) { o.setNames(id.Text(), source.Text()) }

func (o *origin) setNames(id, source string) {
	if id != "" {
		o.id, o.delivered = id, !o.time.IsZero()
		o.series, o.sequence, o.part = "", "", ""
	}
	if source != "" {
		o.source = source
	}
}

// maxSequence is how many digits a sequence number of Kinesis has at most. Those of
// DynamoDB and SQS are shorter.
const maxSequence = 129

// number takes the sequence number that series has given to the record whose id was set
// last. Anything else counts as no number.
func (o *origin) number(series, sequence string) {
	digits := strings.TrimLeft(sequence, "0")
	if digits != "" && len(digits) <= maxSequence && strings.Trim(digits, "0123456789") == "" {
		o.series, o.sequence = strings.ToValidUTF8(series, "\uFFFD"), digits
	}
}

// record names the event in valid UTF-8, whatever bytes its headers had, so that it
// has one name in texts and in JSON.
func (o *origin) record(k Kind, event, data value) Record {
	id := strings.ToValidUTF8(o.id, "\uFFFD")
	if id != "" {
		id += o.part
	}
	return Record{
		ID: id, Part: o.part, Time: o.time, Delivered: o.delivered && !o.time.IsZero(),
		Source: strings.ToValidUTF8(o.source, "\uFFFD"), Via: o.via, Way: o.way, Series: o.series, Sequence: o.sequence, Kind: k, Event: event.Raw(), Data: data.Raw(), Document: data,
	}
}

// open opens a text: a whole event, or what an envelope carries.
func open(s string, from origin, dst []Record) ([]Record, *Error) {
	if trim(strings.TrimPrefix(s, "\ufeff")) == "" {
		return nil, empty()
	}
	if strings.HasPrefix(s, gzipMagic) {
		return openGzip(s, from, dst)
	}
	v, fault := from.texts.check(s)
	switch {
	case fault == nil:
		return openValue(v, from, dst)
	case fault.Next && s[fault.At] == '{':
		return openSequence(s, from, dst)
	}
	return nil, broken(s, fault)
}

func openValue(v value, from origin, dst []Record) ([]Record, *Error) {
	if v.IsArray() {
		return openArray(v, from, dst)
	}
	if text, ok := quoted(v); ok && !from.unquoted { // JSON that was encoded twice
		from.unquoted = true
		return open(text, from, dst)
	}
	if !v.IsObject() {
		return nil, newError(UnknownEvent, "this is not an event: ", describe(v)).hint(known)
	}
	return openObject(v, from, dst)
}

// quoted returns the text of a JSON string that holds JSON text.
func quoted(v value) (text string, ok bool) {
	text = trim(v.Text())
	return text, text != "" && (text[0] == '{' || text[0] == '[')
}

// openSequence opens several JSON documents that stand one behind the other, as log
// shippers put them into one record, a line each.
func openSequence(s string, from origin, dst []Record) ([]Record, *Error) {
	s = strings.TrimPrefix(s, "\ufeff")
	for i, next := 0, 0; next < len(s); i++ {
		v, behind, err := from.texts.parseNext(s, next)
		if err != nil {
			return nil, err
		}
		next = behind
		if dst, err = openPart(i, v, from, dst); err != nil {
			return nil, err
		}
	}
	return dst, nil
}

// MaxParts is how many documents one array or text may hold: as many as the largest
// batch of any service.
const MaxParts = 10_000

// openPart opens one of several documents, counted from 0.
func openPart(i int, v value, from origin, dst []Record) ([]Record, *Error) {
	if i == MaxParts {
		return nil, newError(TooLarge, "has more than ", strconv.Itoa(MaxParts), " documents").
			hint("send fewer in one text")
	}
	if i > 0 { // in so many digits that the text sorts as the number does
		from.part += "#" + strconv.Itoa(10*MaxParts + i + 1)[1:]
	}
	var err *Error
	if v.IsArray() {
		err = newError(UnknownEvent, "this is not an event: ", describe(v)).hint(known)
	} else {
		dst, err = openValue(v, from, dst)
	}
	return dst, err.in("[" + strconv.Itoa(i) + "]")
}

func openObject(v value, from origin, dst []Record) ([]Record, *Error) {
	d := read(v)
	switch {
	case d.records.IsArray():
		if d.records.IsEmpty() {
			return nil, newError(BrokenEnvelope, "is an empty array").in("Records")
		}
		records, known, err := openRecords(d.records, from, dst)
		if known {
			return records, err.in("Records")
		}
	case d.isGateway():
		return openGateway(v, from, dst)
	case d.isInvocation():
		return openInvocation(&d, from, dst)
	case d.isNotification():
		return openNotification(&d, from, dst)
	case d.specVersion.IsString():
		return openCloudEvent(v, &d, from, dst)
	case d.detailType.IsString() && d.source.IsString() && d.detail.Exists():
		return openEventBridge(v, &d, from, dst)
	case d.change:
		return append(dst, from.record(Change, v, v)), nil
	}
	if s := serviceOf(v); s != nil { // as a stream of DynamoDB comes through Kinesis
		if list, is := s.spread(v, from.texts); is {
			return openSpread(s, list, from, dst)
		}
		return s.openRecord(v, from, dst)
	}
	// A payload's "id" is left alone: it names a thing as often as an event, and
	// two events with one id would count as one.
	r := from.record(Payload, v, v)
	if r.Refusal, r.Idle = recognise(v, from.texts); r.Refusal != nil || r.Idle {
		return append(dst, r), nil
	}
	if d.timestamp.IsString() || d.timestamp.IsNumber() {
		if r.BadTime = from.setTime(d.timestamp, "timestamp"); r.BadTime == nil {
			r.Time, r.Delivered = from.time, from.delivered
		}
	}
	return append(dst, r), nil
}

// openArray opens the arrays that come without an object around them: a batch of
// CloudEvents, records as EventBridge Pipes sends them, and what a pipe with an input
// template or an enrichment makes of them: events, changes or payloads.
func openArray(v value, from origin, dst []Record) ([]Record, *Error) {
	if records, known, err := openRecords(v, from, dst); known {
		return records, err
	}
	if v.IsEmpty() {
		return nil, newError(UnknownEvent, "this is not an event: ", describe(v)).hint(known)
	}
	for i, element := range v.Elements {
		var err *Error
		if dst, err = openPart(i, element, from, dst); err != nil {
			return nil, err
		}
	}
	return dst, nil
}

// document holds the members by which an event is recognised and opened, as they
// are written; of a member that comes twice, the first.
type document struct {
	change bool // it has a key of a change document

	records value // Lambda

	detailType, source, detail, id, time value // EventBridge

	specVersion, kind, dataContentType, data, dataBase64 value // CloudEvents, with id, source and time

	snsType, messageID, topicARN, message, snsTimestamp value // SNS

	httpMethod, requestContext, method, rawPath value // HTTP

	requestPayload, kinesisBatch, tableBatch value // a destination of Lambda, with requestContext and timestamp

	timestamp value // a webhook's payload
}

func read(v value) document {
	var d document
	for key, member := range v.Members {
		slot := d.slot(key)
		if slot == nil {
			d.change = d.change || isChangeKey(key)
		} else if !slot.Exists() {
			*slot = member
		}
	}
	return d
}

func (d *document) slot(key string) *value {
	switch key {
	case "Records":
		return &d.records
	case "detail-type":
		return &d.detailType
	case "source":
		return &d.source
	case "detail":
		return &d.detail
	case "id":
		return &d.id
	case "time":
		return &d.time
	case "specversion":
		return &d.specVersion
	case "type":
		return &d.kind
	case "datacontenttype":
		return &d.dataContentType
	case "data":
		return &d.data
	case "data_base64":
		return &d.dataBase64
	case "Type":
		return &d.snsType
	case "MessageId":
		return &d.messageID
	case "TopicArn":
		return &d.topicARN
	case "Message":
		return &d.message
	case "Timestamp":
		return &d.snsTimestamp
	case "httpMethod":
		return &d.httpMethod
	case "requestContext":
		return &d.requestContext
	case "method":
		return &d.method
	case "raw_path":
		return &d.rawPath
	case "requestPayload":
		return &d.requestPayload
	case "KinesisBatchInfo":
		return &d.kinesisBatch
	case "DDBStreamBatchInfo":
		return &d.tableBatch
	case "timestamp":
		return &d.timestamp
	}
	return nil
}

// decode decodes base64, the one at path.
func decode(v value, path string) (string, *Error) {
	if !v.IsString() {
		return "", wrongType(path, "base64 text", v)
	}
	out, err := base64.StdEncoding.DecodeString(v.Text())
	if err != nil {
		return "", newError(BrokenEnvelope, "is not base64").in(path)
	}
	return view(out), nil
}
