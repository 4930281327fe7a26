package event

import (
	"cmp"
	"strings"
)

// stream reads the records of Kinesis. Lambda has the data in a member "kinesis",
// EventBridge Pipes beside the others:
// https://docs.aws.amazon.com/lambda/latest/dg/with-kinesis.html
// https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-pipes-kinesis.html
type stream struct{}

func (stream) source(record value) Source {
	return Source{Kinesis, record.Get("eventSourceARN").Text()}
}

func (stream) name(record value) string {
	return cmp.Or(record.Get("kinesis").Get("sequenceNumber").Text(), record.Get("sequenceNumber").Text())
}

func (stream) open(record value, from origin, dst []Record) ([]Record, *Error) {
	from.set(record.Get("eventID"), record.Get("eventSourceARN"))
	series, path := record.Get("eventSourceARN"), ""
	if inner := record.Get("kinesis"); inner.Exists() {
		if !inner.IsObject() {
			return nil, wrongType("kinesis", "a JSON object", inner)
		}
		record, path = inner, "kinesis."
	}
	from.number(series.Text(), record.Get("sequenceNumber").Text())
	if err := from.setTime(record.Get("approximateArrivalTimestamp"), path+"approximateArrivalTimestamp"); err != nil {
		return nil, err
	}
	data, err := decode(record.Get("data"), path+"data")
	if err != nil {
		return nil, err
	}
	if strings.HasPrefix(data, "\xf3\x89\x9a\xc2") {
		return nil, newError(BrokenEnvelope, "is a record aggregated by the Kinesis Producer Library").
			hint("switch aggregation off in the producer, or take the records apart before they come here").
			in(path + "data")
	}
	dst, err = open(data, from, dst)
	return dst, err.in(path + "data")
}
