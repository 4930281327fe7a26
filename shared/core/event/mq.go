package event

// broker reads the messages of Amazon MQ, of ActiveMQ and of RabbitMQ:
// https://docs.aws.amazon.com/lambda/latest/dg/with-mq.html
// https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-pipes-mq.html
type broker struct{}

func (broker) source(record value) Source {
	return Source{MQ, record.Get("eventSourceArn").Text()}
}

func (broker) name(record value) string {
	if id := record.Get("messageID").Text(); id != "" {
		return id // ActiveMQ
	}
	return record.Get("basicProperties").Get("messageId").Text() // RabbitMQ, if the sender sets it
}

// open leaves the timestamp of RabbitMQ alone: it is printed without an offset from UTC.
func (b broker) open(record value, from origin, dst []Record) ([]Record, *Error) {
	from.setNames(b.name(record), record.Get("eventSourceArn").Text())
	if err := from.setTime(record.Get("timestamp"), "timestamp"); err != nil {
		return nil, err
	}
	text, err := decode(record.Get("data"), "data")
	if err != nil {
		return nil, err
	}
	before := len(dst)
	if dst, err = open(text, from, dst); err != nil {
		return nil, err.in("data")
	}
	// An event without an id would be known by its text alone, and a change that is asked
	// for a second time would be taken for the first, delivered again.
	for _, r := range dst[before:] {
		if r.ID == "" {
			return nil, newError(BrokenEnvelope, "a message of Amazon MQ without an id, and the event in it has none").
				hint("have the sender set the message's messageId, or send an EventBridge event or a CloudEvent")
		}
	}
	return dst, nil
}
