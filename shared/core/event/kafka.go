package event

import "strings"

// log reads the records of a topic of Apache Kafka, of Amazon MSK or of a cluster of
// one's own. Lambda sends them by partition, EventBridge Pipes as a list:
// https://docs.aws.amazon.com/lambda/latest/dg/with-msk.html
// https://docs.aws.amazon.com/lambda/latest/dg/with-kafka.html
// https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-pipes-msk.html
type log struct{}

// source is the ARN of the cluster; one without an ARN is known by the topic.
func (log) source(record value) Source {
	if arn := record.Get("eventSourceArn").Text(); arn != "" {
		return Source{Kafka, arn}
	}
	return Source{Kafka, KafkaPrefix + record.Get("topic").Text()}
}

// KafkaPrefix begins the name of a source without an ARN: a topic of a cluster of one's own.
const KafkaPrefix = "kafka:"

// name is topic, partition and offset, which only this record has.
func (log) name(record value) string {
	topic, offset := record.Get("topic").Text(), record.Get("offset").Raw()
	if topic == "" || offset == "" {
		return ""
	}
	return topic + "-" + record.Get("partition").Raw() + "@" + offset
}

// open gives a record without a value, a tombstone, no data.
func (l log) open(record value, from origin, dst []Record) ([]Record, *Error) {
	name, source := l.name(record), l.source(record).Name
	from.setNames(name, source)
	partition, _, _ := strings.Cut(name, "@")
	from.number(source+"/"+partition, record.Get("offset").Raw())
	if err := from.setTime(record.Get("timestamp"), "timestamp"); err != nil {
		return nil, err
	}
	v := record.Get("value")
	if isNothing(v) {
		return append(dst, from.record(Kafka, record, value{})), nil
	}
	if v.IsObject() { // as the mapping decodes it with a schema registry
		dst, err := openObject(v, from, dst)
		return dst, err.in("value")
	}
	text, err := decode(v, "value")
	if err != nil {
		return nil, err
	}
	// A CloudEvent may have its attributes in the headers:
	// https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/bindings/kafka-protocol-binding.md
	var h head
	for _, header := range record.Get("headers").Elements {
		for name, bytes := range header.Members {
			if attribute, ok := strings.CutPrefix(name, "ce_"); ok {
				h.add("ce-"+attribute, textOfBytes(bytes))
			} else if strings.EqualFold(name, "content-type") {
				h.add(name, textOfBytes(bytes))
			}
		}
	}
	if h.binary {
		return h.openBinary(text, "value", mediaType(h.contentType), from, dst)
	}
	dst, err = open(text, from, dst)
	return dst, err.in("value")
}

// textOfBytes is the text of a header, whose bytes Lambda writes as numbers from -128 to
// 127 or from 0 to 255.
func textOfBytes(list value) string {
	var text []byte
	for _, element := range list.Elements {
		n, digits := 0, strings.TrimPrefix(element.Raw(), "-")
		for _, c := range digits {
			n = n*10 + int(c-'0')
		}
		if digits != element.Raw() {
			n = -n
		}
		text = append(text, byte(n))
	}
	return strings.ToValidUTF8(string(text), "\uFFFD")
}
