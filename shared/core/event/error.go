package event

import (
	"strconv"
	"strings"
)

// Code is the stable name of a way in which an event can't be opened.
type Code string

const (
	// Empty: there is nothing, or the body of an envelope is missing or empty.
	Empty Code = "empty"
	// NotJSON: the text is no JSON, or is cut off.
	NotJSON Code = "not-json"
	// TooLarge: longer than [MaxSize].
	TooLarge Code = "too-large"
	// TooDeep: nested deeper than [MaxDepth] or [MaxEnvelopes].
	TooDeep Code = "too-deep"
	// UnknownEvent: JSON that is no known event.
	UnknownEvent Code = "unknown-event"
	// BrokenEnvelope: a known envelope that lacks a part, or whose part is not what
	// it should be.
	BrokenEnvelope Code = "broken-envelope"
	// BadTime: the time of an envelope can't be read, or lies outside [InRange].
	BadTime Code = "bad-time"
	// ContentType: the data is declared to be something else than JSON.
	ContentType Code = "content-type"
	// PayloadLost: Lambda, or a pipe, tells of a failure and not the event that failed.
	PayloadLost Code = "payload-lost"
)

// Error says why an event can't be opened. It names keys, types and places, that of
// lost records in their stream included, but no other value out of the event.
type Error struct {
	Code    Code
	Path    string // where, as in "Records[3].body.Message", or the name of a header; empty for the document itself
	Message string // what was seen, without the path
	Hint    string // what to do about it; may be empty
}

// Error returns path and message.
func (e *Error) Error() string {
	if e.Path == "" {
		return e.Message
	}
	return e.Path + ": " + e.Message
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
	"API Gateway, a function URL or a load balancer, or Records of SQS, SNS, Kinesis or DynamoDB"

// Unknown returns the error for a record of kind [Payload] that no rule matches:
// it is no change document and no known event, and its keys say what it is.
func Unknown(r Record) *Error {
	e := newError(UnknownEvent, describe(r.event()), " is no change document and no known event")
	if via := r.Via.String(); via != "" {
		e.Message += " (inside " + via + ")"
	}
	if r.event().Get("Records").IsArray() {
		return e.hint("records are known by their eventSource: aws:sqs, aws:sns, aws:kinesis, aws:dynamodb")
	}
	return e.hint(known + "; or write a rule that matches this payload")
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
	const maxKeys, maxKey = 8, 40
	var keys []string
	n := 0
	for key := range v.Members {
		if n++; n > maxKeys {
			continue
		}
		if len(key) > maxKey {
			key = strings.ToValidUTF8(key[:maxKey], "") + "…"
		}
		if quoted := strconv.Quote(key); len(quoted) != len(key)+2 || key == "" {
			key = quoted
		}
		keys = append(keys, key)
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

// notJSON is the error for text that fails at byte i, where want should stand.
func notJSON(s string, i int, want string) *Error {
	for _, other := range [...]struct{ prefix, form string }{
		{"\xef\xbb\xbf", "text that starts with a byte order mark; JSON has none"},
		{"\x1f\x8b", "gzip-compressed data, not JSON"},
		{"<", "XML or HTML, not JSON"},
		{"eyJ", "base64, not JSON"},
	} {
		if strings.HasPrefix(s, other.prefix) {
			return &Error{Code: NotJSON, Message: other.form}
		}
	}
	if i >= len(s) {
		return newError(NotJSON, "JSON that is cut off: it ends at byte ", strconv.Itoa(i), ", where ", want, " should stand").
			hint("look for what shortened it on its way, such as a size limit")
	}
	return newError(NotJSON, "no JSON: ", want, " should stand at byte ", strconv.Itoa(i))
}
