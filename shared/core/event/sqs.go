package event

// queue reads the messages of SQS:
// https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html
type queue struct{}

func (queue) source(record value) Source { return Source{SQS, record.Get("eventSourceARN").Text()} }

func (queue) name(record value) string { return record.Get("messageId").Text() }

func (queue) open(record value, from origin, dst []Record) ([]Record, *Error) {
	from.set(record.Get("messageId"), record.Get("eventSourceARN"))
	from.number(record.Get("eventSourceARN").Text(), record.Get("attributes").Get("SequenceNumber").Text())
	body := record.Get("body")
	if !body.IsString() {
		return nil, wrongType("body", "text", body)
	}
	if err := from.setTime(record.Get("attributes").Get("SentTimestamp"), "attributes.SentTimestamp"); err != nil {
		return nil, err
	}
	from.delivered = true
	dst, err := open(body.Text(), from, dst)
	return dst, err.in("body")
}
