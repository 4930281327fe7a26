package event

import (
	"strconv"
	"strings"

	"vpnattach/shared/core/finding"
	"vpnattach/shared/core/jsontext"
)

// Code is the stable name of a way in which an event can't be opened.
type Code string

// The ways in which an event can't be opened. Each is a check, too.
var (
	// Empty: there is nothing, or the body of an envelope is missing or empty.
	Empty = declare(finding.Check{
		ID:    "empty",
		Title: "There is no event, or an envelope has nothing in it.",
		Why:   "An empty event asks for nothing, and must not count as one that does.",
		Fix:   "Give the whole event. Of an envelope, look at what its sender puts into the body.",
	})
	// NotJSON: the text is not JSON, or is cut off.
	NotJSON = declare(finding.Check{
		ID:    "not-json",
		Title: "The event, or what an envelope carries, is not JSON, or is cut off.",
		Why:   "Nothing in a text that is not JSON can be trusted.",
		Fix:   "Give the event as it was sent. The path says which part of it can’t be read.",
	})
	// TooLarge: longer than [MaxSize].
	TooLarge = declare(finding.Check{
		ID:    "too-large",
		Title: "The event is larger than an event may be.",
		Why:   "No service delivers an event that large, and reading it would cost memory for nothing.",
		Fix:   "Send the change alone, or less with it.",
	})
	// TooDeep: nested deeper than [MaxDepth] or [MaxEnvelopes].
	TooDeep = declare(finding.Check{
		ID:    "too-deep",
		Title: "The text, or its envelopes one within the other, are nested deeper than the limit.",
		Why:   "Depth costs memory in every program that reads it, and no real event is that deep.",
		Fix:   "Send the change with fewer envelopes around it.",
	})
	// UnknownEvent: JSON that is not a known event.
	UnknownEvent = declare(finding.Check{
		ID:    "unknown-event",
		Title: "The JSON is not a known event and not a change document.",
		Why:   "What an unknown event asks for can’t be known.",
		Fix:   "Write a rule for it, or send a change document or one of the known events.",
	})
	// BrokenEnvelope: a known envelope that lacks a part, or whose part is not what
	// it should be.
	BrokenEnvelope = declare(finding.Check{
		ID:    "broken-envelope",
		Title: "A known envelope lacks a part, or has one of the wrong type.",
		Why:   "Its sender, time or content can’t be relied on.",
		Fix:   "Send the envelope as the service delivers it. The path says which part is wrong.",
	})
	// BadTime: the time of an envelope can't be read, or lies outside [InRange].
	BadTime = declare(finding.Check{
		ID:    "bad-time",
		Title: "The time of an envelope can’t be read, or is not between 1970 and 2261.",
		Why:   "The time decides which of two events is newer, so without it an old event could undo a new one.",
		Fix:   "Give it in RFC 3339, with an offset from UTC, or where the envelope’s service counts so, in seconds, milliseconds or microseconds since 1970.",
	})
	// ContentType: the data is declared as something other than JSON.
	ContentType = declare(finding.Check{
		ID:    "content-type",
		Title: "The data is declared as something other than JSON.",
		Why:   "What is called XML or text and looks like JSON may be neither.",
		Fix:   "Send it as application/json, or leave the type out.",
	})
	// NameTooLong: an event's id, or its source, is longer than [MaxName].
	NameTooLong = declare(finding.Check{
		ID:    "event-name-too-long",
		Title: "The event's id or source has more than " + strconv.Itoa(MaxName) + " bytes.",
		Why:   "Id and source are kept to know an event that comes again, and what keeps them has limits. The price of a longer one would be paid by all events that come after it.",
		Fix:   "Give the event a short id that is its own, such as a UUID.",
	})
	// PayloadLost: Lambda, or a pipe, reports a failure without the event that failed.
	PayloadLost = declare(finding.Check{
		ID:    "payload-lost",
		Title: "A service reports a failed delivery without the event that it could not deliver.",
		Why:   "The event can’t be read from there, so what it asked for is not known.",
		Fix:   "Take the event from its source, where the record says, and send it again.",
	})
)

func declare(c finding.Check) Code {
	c.Severity, c.Part = finding.Error, finding.NoResult
	return Code(finding.Declare(c).ID)
}

// Error says why an event can't be opened. It names keys, types and places, that of
// lost records in their stream included, but no other value out of the event.
type Error struct {
	Code    Code
	Path    string // where, as in "Records[3].body.Message", or the name of a header; empty for the document itself
	Message string // what was seen, without the path
	Hint    string // what to do about it; may be empty

	Fault *jsontext.Fault // where the text at Path is not JSON, and what mends it; else nil
}

// Error returns path and message.
func (e *Error) Error() string {
	if e.Path == "" {
		return e.Message
	}
	return e.Path + ": " + e.Message
}

// Finding returns the error as a finding.
func (e *Error) Finding() finding.Finding {
	return finding.Finding{Check: string(e.Code), Path: e.Path, Severity: finding.Error, Message: e.Message, Hint: e.Hint}
}

// named refuses records whose id or source is too long, and those of a unit.
func named(records []Record) *Error {
	for i := range records {
		if err := checkNames(records[i].ID, records[i].Source); err != nil {
			return err
		}
	}
	return nil
}

func checkNames(id, source string) *Error {
	if len(id) <= MaxName && len(source) <= MaxName {
		return nil
	}
	return newError(NameTooLong, "the event's id has ", strconv.Itoa(len(id)), " bytes and its source ", strconv.Itoa(len(source)),
		"; either may have ", strconv.Itoa(MaxName)).hint("give the event a short id that is its own, such as a UUID")
}

// newError makes an error whose message is the parts together.
func newError(code Code, parts ...string) *Error {
	return &Error{Code: code, Message: strings.Join(parts, "")}
}

// in puts the path of the envelope, if it has one, before that of the error. It
// returns a nil error as it is.
func (e *Error) in(path string) *Error {
	if e == nil || path == "" {
		return e
	}
	if e.Path != "" && e.Path[0] != '[' {
		path += "."
	}
	e.Path = path + e.Path
	return e
}

// hint gives the error a remedy.
func (e *Error) hint(text string) *Error {
	e.Hint = text
	return e
}

// wrongType is the error of an envelope whose part is missing or of another type.
func wrongType(path, want string, got value) *Error {
	if !got.Exists() {
		return newError(BrokenEnvelope, "is missing; it should be ", want).in(path)
	}
	return newError(BrokenEnvelope, "is ", describe(got), "; it should be ", want).in(path)
}

const known = "send a change document, an EventBridge event, a CloudEvent, an HTTP request through " +
	"API Gateway, a function URL, a load balancer or VPC Lattice, or records of SQS, SNS, Kinesis, DynamoDB, Kafka or Amazon MQ"

// Unknown returns the error for a record of kind [Payload] that no rule matches:
// it is not a known event, and its keys say what it is.
func Unknown(r Record) *Error {
	e := newError(UnknownEvent, "this is not a known event: ", describe(r.event()))
	if via := r.Via.String(); via != "" {
		e.Message += " (inside " + via + ")"
	}
	if r.event().Get("Records").IsArray() {
		return e.hint("records are known by their eventSource, such as aws:sqs; write a rule for them, or " + known)
	}
	return e.hint("write a rule for it, or " + known)
}

// describe names the type of a value, and the keys of an object.
func describe(v value) string {
	switch v.Raw()[0] {
	case '{':
		return describeObject(v)
	case '[':
		n := 0
		for range v.Elements {
			n++
		}
		if n == 0 {
			return "an empty array"
		}
		return "an array of " + strconv.Itoa(n)
	case '"':
		return "a JSON string"
	case 't', 'f':
		return "a boolean"
	case 'n':
		return "null"
	}
	return "a number"
}

func describeObject(v value) string {
	const maxKeys = 8
	var keys []string
	n := 0
	for key := range v.Members {
		if n++; n > maxKeys {
			continue
		}
		keys = append(keys, finding.Name(key))
	}
	switch {
	case n == 0:
		return "an empty JSON object"
	case n == 1:
		return "a JSON object with the key " + keys[0]
	case n > maxKeys:
		return "a JSON object with the keys " + strings.Join(keys, ", ") + " and " + strconv.Itoa(n-maxKeys) + " more"
	}
	return "a JSON object with the keys " + strings.Join(keys, ", ")
}

// notJSON is the error for text that is not JSON.
func notJSON(s string, fault *jsontext.Fault) *Error {
	start := trim(s)
	for _, other := range [...]struct{ prefix, form, hint string }{
		{"<", "XML or HTML, not JSON", ""},
		{"eyJ", "base64, not JSON", "decode it"},
		{"H4sI", "base64 of gzip, not JSON", "decode it"},
		{"\x28\xb5\x2f\xfd", "data compressed by zstd, not JSON", "send it as it is, or with gzip"},
		{"\x04\x22\x4d\x18", "data compressed by LZ4, not JSON", "send it as it is, or with gzip"},
		{"PK\x03\x04", "a ZIP file, not JSON", "send what is in it"},
		{"\x00\x00", "binary data such as Avro or Protobuf of a schema registry, not JSON", "have the producer write JSON"},
	} {
		if strings.HasPrefix(start, other.prefix) {
			return &Error{Code: NotJSON, Message: other.form, Hint: other.hint}
		}
	}
	e := newError(NotJSON, fault.Error()).hint(fault.Hint)
	e.Fault = fault
	if fault.At == len(s) && fault.Hint == "" {
		e.Message += ", but the text is cut off"
		return e.hint("look for what shortened it on its way, such as a size limit")
	}
	return e
}
