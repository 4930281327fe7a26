package event

import "strings"

var eventBridgeForm = Form{
	Name: "Amazon EventBridge", Shape: "detail-type, source and detail", Taken: "detail, also as JSON text; EventBridge Scheduler's event without an input asks for nothing, and a detail that is another event with a change is refused, unless a rule matches it",
	Ref: "https://docs.aws.amazon.com/eventbridge/latest/ref/overiew-event-structure.html",
}

// openEventBridge opens an event of Amazon EventBridge:
// https://docs.aws.amazon.com/eventbridge/latest/ref/overiew-event-structure.html
//
// A detail that came through CloudTrail has its own time and id, which are those
// of what happened, where the event's are those of the report:
// https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html
//
// EventBridge Scheduler writes the detail of a schedule without an input as the text "{}".
func openEventBridge(v value, d *document, from origin, dst []Record) ([]Record, *Error) {
	if err := from.enter(EventBridge); err != nil {
		return nil, err
	}
	var err *Error
	if v, d.detail, err = unquote(v, d.detail, "detail", from.texts); err != nil {
		return nil, err
	}
	if !d.detail.IsObject() {
		return nil, wrongType("detail", "a JSON object", d.detail)
	}
	from.set(d.id, d.source)
	if err := from.setTime(d.time, "time"); err != nil {
		return nil, err
	}
	if strings.HasSuffix(d.detailType.Text(), " via CloudTrail") {
		from.set(d.detail.Get("eventID"), value{})
		if err := from.setTime(d.detail.Get("eventTime"), "detail.eventTime"); err != nil {
			return nil, err
		}
	}
	return append(dst, from.carrying(from.record(EventBridge, v, d.detail), "detail")), nil
}
