package event

import "strconv"

// record is one element of Records as Lambda gets it, or of the array that
// EventBridge Pipes sends. Its members are as they are written; of a member that
// comes twice, the first.
type record struct {
	kind Kind // SQS, SNS, Kinesis or DynamoDB; 0 for any other service

	source, id, arn        value
	body, attributes       value // SQS, with messageId as id
	sns                    value // SNS
	kinesis, data, arrival value // Kinesis; Pipes has data and its time beside the others
	dynamodb, name         value // DynamoDB
}

func readRecord(v value) record {
	var r record
	for key, member := range v.Members {
		if slot := r.slot(key); slot != nil && !slot.Exists() {
			*slot = member
		}
	}
	switch r.source.Text() {
	case "aws:sqs":
		r.kind = SQS
	case "aws:sns":
		r.kind = SNS
	case "aws:kinesis":
		r.kind = Kinesis
	case "aws:dynamodb":
		r.kind = DynamoDB
	}
	return r
}

func (r *record) slot(key string) *value {
	switch key {
	case "eventSource", "EventSource": // SNS writes it in upper case
		return &r.source
	case "eventID", "messageId":
		return &r.id
	case "eventSourceARN":
		return &r.arn
	case "body":
		return &r.body
	case "attributes":
		return &r.attributes
	case "Sns":
		return &r.sns
	case "kinesis":
		return &r.kinesis
	case "data":
		return &r.data
	case "approximateArrivalTimestamp":
		return &r.arrival
	case "dynamodb":
		return &r.dynamodb
	case "eventName":
		return &r.name
	}
	return nil
}

// openRecords opens a list of records that all come from one service, which it
// returns. It opens nothing and returns 0 when no record is of a known service.
func openRecords(list value, from origin, dst []Record) ([]Record, Kind, *Error) {
	var kind Kind
	for i, element := range list.Elements {
		r := readRecord(element)
		if i == 0 {
			kind = r.kind
		}
		err := (*Error)(nil)
		if r.kind != kind {
			err = newError(BrokenEnvelope, "has another eventSource than the records before it")
		} else if kind != 0 {
			dst, err = r.open(element, from, dst)
		}
		if err != nil {
			return nil, 0, err.in("[" + strconv.Itoa(i) + "]")
		}
	}
	return dst, kind, nil
}

func (r *record) open(v value, from origin, dst []Record) ([]Record, *Error) {
	if err := from.enter(r.kind); err != nil {
		return nil, err
	}
	from.set(r.id, r.arn)
	switch r.kind {
	case SQS:
		return r.openMessage(from, dst)
	case SNS:
		return r.openNotification(from, dst)
	case Kinesis:
		return r.openStream(from, dst)
	}
	return r.openTable(v, from, dst)
}
