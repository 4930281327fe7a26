package event

import "strings"

// openEventBridge opens an event of Amazon EventBridge:
// https://docs.aws.amazon.com/eventbridge/latest/ref/overiew-event-structure.html
//
// A detail that came through CloudTrail has its own time and id, which are those
// of what happened, where the event's are those of the report:
// https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html
func openEventBridge(v value, d *document, from origin, dst []Record) ([]Record, *Error) {
	if err := from.enter(EventBridge); err != nil {
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
	return append(dst, from.record(EventBridge, v, d.detail)), nil
}
