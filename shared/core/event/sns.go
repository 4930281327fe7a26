package event

// topic reads the notifications of SNS, as Lambda gets them:
// https://docs.aws.amazon.com/lambda/latest/dg/with-sns.html
type topic struct{}

func (topic) source(record value) Source {
	return Source{SNS, record.Get("Sns").Get("TopicArn").Text()}
}

func (topic) name(record value) string { return record.Get("Sns").Get("MessageId").Text() }

func (topic) open(record value, from origin, dst []Record) ([]Record, *Error) {
	notification := record.Get("Sns")
	if !notification.IsObject() {
		return nil, wrongType("Sns", "a JSON object", notification)
	}
	d := read(notification)
	dst, err := openTopicMessage(&d, from, dst)
	return dst, err.in("Sns")
}

// isNotification recognises what SNS sends to queues and over HTTP:
// https://docs.aws.amazon.com/sns/latest/dg/http-notification-json.html
func (d *document) isNotification() bool {
	switch d.snsType.Text() {
	case "Notification", "SubscriptionConfirmation", "UnsubscribeConfirmation":
		return d.topicARN.IsString()
	}
	return false
}

func openNotification(d *document, from origin, dst []Record) ([]Record, *Error) {
	if d.snsType.Text() != "Notification" {
		return nil, newError(UnknownEvent, "an SNS message about the subscription itself, not a notification").
			hint("confirm the subscription in SNS, by the SubscribeURL of this message")
	}
	if err := from.enter(SNS); err != nil {
		return nil, err
	}
	return openTopicMessage(d, from, dst)
}

func openTopicMessage(d *document, from origin, dst []Record) ([]Record, *Error) {
	if !d.message.IsString() {
		return nil, wrongType("Message", "text", d.message)
	}
	from.set(d.messageID, d.topicARN)
	if err := from.setTime(d.snsTimestamp, "Timestamp"); err != nil {
		return nil, err
	}
	dst, err := open(d.message.Text(), from, dst)
	return dst, err.in("Message")
}
