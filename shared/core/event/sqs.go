package event

// openMessage opens a message of an SQS queue:
// https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html
func (r *record) openMessage(from origin, dst []Record) ([]Record, *Error) {
	if !r.body.IsString() {
		return nil, wrongType("body", "text", r.body)
	}
	if err := from.setTime(r.attributes.Get("SentTimestamp"), "attributes.SentTimestamp"); err != nil {
		return nil, err
	}
	from.delivered = true
	dst, err := open(r.body.Text(), from, dst)
	return dst, err.in("body")
}
