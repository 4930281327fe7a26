package event

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"github.com/tidwall/sjson"
)

// openCloudEvent opens a CloudEvent in structured form:
// https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/formats/json-format.md
// Alibaba Cloud EventBridge sends the same with extensions such as aliyunregionid.
func openCloudEvent(v value, d *document, from origin, dst []Record) ([]Record, *Error) {
	if err := from.enter(CloudEvents); err != nil {
		return nil, err
	}
	if d.specVersion.Text() != "1.0" {
		return nil, newError(BrokenEnvelope, "is another version of CloudEvents than 1.0").in("specversion")
	}
	for _, required := range [...]struct {
		name string
		v    value
	}{{"id", d.id}, {"source", d.source}, {"type", d.kind}} {
		if required.v.Text() == "" {
			return nil, wrongType(required.name, "text that is not empty", required.v)
		}
	}
	from.set(d.id, d.source)
	if err := from.setTime(d.time, "time"); err != nil {
		return nil, err
	}

	media := mediaType(d.dataContentType.Text())
	data := d.data
	switch {
	case d.dataBase64.Exists() && data.Exists():
		return nil, newError(BrokenEnvelope, "is there beside data; only one of them is allowed").in("data_base64")
	case (d.dataBase64.Exists() || data.IsString()) && !isJSON(media):
		return nil, contentType(media).in("datacontenttype")
	case d.dataBase64.Exists():
		text, err := decode(d.dataBase64, "data_base64")
		if err != nil {
			return nil, err
		}
		if data, err = from.texts.parse(text); err != nil {
			return nil, err.in("data_base64")
		}
		event, setErr := withData(v.Raw(), data.Raw())
		if setErr != nil {
			return nil, newError(BrokenEnvelope, setErr.Error())
		}
		if v, err = from.texts.parse(view(event)); err != nil {
			return nil, err
		}
	}
	var err *Error
	if v, data, err = unquote(v, data, "data", from.texts); err != nil {
		return nil, err
	}
	if data.IsObject() {
		return append(dst, from.carrying(from.record(CloudEvents, v, data), "data")), nil
	}
	r := from.record(CloudEvents, v, value{})
	if first := read(data.At(0)); first.change {
		r.Refusal = newError(NotOpened, "is ", describe(data), ", not a JSON object").hint("send an event for each change, or an array of events").in("data")
	}
	return append(dst, r), nil
}

// carrying refuses a record in whose member is another event with a change in it, as when
// a bus is forwarded into another one with the whole event as the detail. It is not
// opened: a rule may read it from where it is, and who may send changes is told by the
// source of one event, not of two.
func (o origin) carrying(r Record, member string) Record {
	if r.IsChange() {
		return r
	}
	inside, err := openObject(r.Document, o, nil)
	if err == nil && slices.ContainsFunc(inside, func(r Record) bool { return r.IsChange() || r.Refusal != nil && r.Refusal.Code == NotOpened }) {
		r.Refusal = newError(NotOpened, "is another event, with a change in it").hint("send the event inside by itself, or write a rule that reads it there").in(member)
	}
	return r
}

// unquote reads what an event carries as JSON text in a JSON string, as some SDKs write
// what their caller had encoded already, and returns the event with the object in its
// place, so that a rule can look into it. Text that is not JSON it leaves alone.
func unquote(event, inner value, key string, t *texts) (_, object value, _ *Error) {
	text, ok := quoted(inner)
	if !ok {
		return event, inner, nil
	}
	object, err := t.parse(text)
	if err != nil {
		return event, inner, err.in(key)
	}
	replaced, setErr := sjson.SetRaw(event.Raw(), key, object.Raw())
	if setErr != nil {
		return event, inner, newError(BrokenEnvelope, setErr.Error()).in(key)
	}
	if event, err = t.parse(replaced); err != nil {
		return event, inner, err
	}
	return event, object, nil
}

var cloudEventForm = Form{
	Name: "CloudEvents 1.0", Shape: "specversion, also in the headers of an HTTP request or of a Kafka record; a batch", Taken: "data or data_base64, also as JSON text; data that is another event with a change is refused unless a rule matches it",
	Ref: "https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/formats/json-format.md",
}

func contentType(media string) *Error {
	return newError(ContentType, "the data of a CloudEvent of content type ", media, ", not JSON").
		hint("send the data as application/json")
}

// withData returns the event with data in the place of data_base64, so that a
// rule can look into it.
func withData(event, data string) ([]byte, error) {
	out, err := sjson.DeleteBytes([]byte(event), "data_base64")
	if err != nil {
		return nil, err
	}
	return sjson.SetRawBytes(out, "data", []byte(data))
}

// openBinary opens a CloudEvent whose attributes are headers and whose data is
// the body. Its Event is the structured form, so one rule serves both:
// https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/bindings/http-protocol-binding.md
func (h *head) openBinary(body, path, media string, from origin, dst []Record) ([]Record, *Error) {
	body = trim(body)
	if body != "" {
		if !isJSON(media) {
			return nil, contentType(media).in(path)
		}
		if _, err := from.texts.parse(body); err != nil {
			return nil, err.in(path)
		}
	}
	// The required attributes first, the others by name, so that the same event is
	// the same text in whatever order its headers come.
	slices.SortStableFunc(h.attributes, func(a, b *attribute) int {
		return cmp.Or(cmp.Compare(rank(a.name), rank(b.name)), strings.Compare(a.name, b.name))
	})
	h.attributes = slices.CompactFunc(h.attributes, func(a, b *attribute) bool { return a.name == b.name })

	if len(h.attributes) > maxAttributes {
		return nil, newError(BrokenEnvelope, "a CloudEvent with more than ", strconv.Itoa(maxAttributes), " attributes")
	}
	event, setErr := h.structured(body)
	if setErr != nil {
		return nil, newError(BrokenEnvelope, setErr.Error())
	}
	v, err := from.texts.parse(view(event))
	if err != nil {
		return nil, err
	}
	d := read(v)
	dst, err = openCloudEvent(v, &d, from, dst)
	return dst, err.header()
}

// maxAttributes is how many headers with attributes a CloudEvent may have, far more
// than HTTP servers take: each is set into what those before it have made.
const maxAttributes = 256

// structured returns the event of the attributes and the body in structured form.
func (h *head) structured(body string) ([]byte, error) {
	event, err := []byte("{}"), error(nil)
	for _, a := range h.attributes {
		if event, err = sjson.SetBytes(event, a.name, a.text); err != nil {
			return nil, err
		}
	}
	if body == "" {
		return event, nil
	}
	event, err = sjson.SetBytes(event, "datacontenttype", cmp.Or(h.contentType, "application/json"))
	if err != nil {
		return nil, err
	}
	return sjson.SetRawBytes(event, "data", []byte(body))
}

func rank(name string) int {
	switch name {
	case "specversion":
		return 0
	case "id":
		return 1
	case "source":
		return 2
	case "type":
		return 3
	}
	return 4
}

// header writes the path of an attribute as the header it came in.
func (e *Error) header() *Error {
	if e != nil && e.Path != "" {
		e.Path = "ce-" + e.Path
	}
	return e
}

// headerText decodes an attribute's header: quotes around it first, then
// percent-encoding (section 3.1.3.2 of the HTTP binding).
func headerText(s string) string {
	if len(s) >= 2 && s[0] == '"' && s[len(s)-1] == '"' {
		s = s[1 : len(s)-1]
		if strings.IndexByte(s, '\\') >= 0 {
			out := make([]byte, 0, len(s))
			for i := 0; i < len(s); i++ {
				if s[i] == '\\' && i+1 < len(s) {
					i++
				}
				out = append(out, s[i])
			}
			s = view(out)
		}
	}
	if strings.IndexByte(s, '%') < 0 {
		return s
	}
	out := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		if high, low := hex(at(s, i+1)), hex(at(s, i+2)); s[i] == '%' && high >= 0 && low >= 0 {
			out = append(out, byte(high<<4|low))
			i += 2
			continue
		}
		out = append(out, s[i])
	}
	return view(out)
}

// hex returns the value of a hexadecimal digit, -1 for any other byte.
func hex(c byte) int {
	switch {
	case isDigit(c):
		return int(c - '0')
	case 'a' <= c|0x20 && c|0x20 <= 'f':
		return int(c|0x20-'a') + 10
	}
	return -1
}
