package event

import "strings"

// openStream opens a record of a Kinesis data stream. Lambda has its data in a
// member "kinesis", EventBridge Pipes beside the others:
// https://docs.aws.amazon.com/lambda/latest/dg/with-kinesis.html
// https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-pipes-kinesis.html
func (r *record) openStream(from origin, dst []Record) ([]Record, *Error) {
	arrival, encoded, path := r.arrival, r.data, ""
	if r.kinesis.Exists() {
		if !r.kinesis.IsObject() {
			return nil, wrongType("kinesis", "a JSON object", r.kinesis)
		}
		arrival, encoded, path = r.kinesis.Get("approximateArrivalTimestamp"), r.kinesis.Get("data"), "kinesis."
	}
	if err := from.setTime(arrival, path+"approximateArrivalTimestamp"); err != nil {
		return nil, err
	}
	data, err := decode(encoded, path+"data")
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
