package event

import (
	"strconv"

	"github.com/tidwall/gjson"

	"vpnattach/shared/core/finding"
	"vpnattach/shared/core/jsontext"
)

// table reads the records of a DynamoDB stream:
// https://docs.aws.amazon.com/lambda/latest/dg/with-ddb.html
type table struct{}

func (table) source(record value) Source {
	return Source{DynamoDB, record.Get("eventSourceARN").Text()}
}

func (table) name(record value) string { return record.Get("dynamodb").Get("SequenceNumber").Text() }

// open gives a record without a new image, as when an item was removed, no data.
func (table) open(record value, from origin, dst []Record) ([]Record, *Error) {
	from.set(record.Get("eventID"), record.Get("eventSourceARN"))
	inner := record.Get("dynamodb")
	if !inner.IsObject() {
		return nil, wrongType("dynamodb", "a JSON object", inner)
	}
	from.number(record.Get("eventSourceARN").Text(), inner.Get("SequenceNumber").Text())
	err := from.setTime(inner.Get("ApproximateCreationDateTime"), "dynamodb.ApproximateCreationDateTime")
	if err != nil {
		return nil, err
	}
	var data value
	if image := inner.Get("NewImage"); !isNothing(image) && record.Get("eventName").Text() != "REMOVE" {
		plain, err := appendItem(make([]byte, 0, len(image.Raw())), image)
		if err != nil {
			return nil, err.in("dynamodb.NewImage")
		}
		if data, err = from.texts.parse(view(plain)); err != nil {
			return nil, err.in("dynamodb.NewImage")
		}
	}
	r := from.record(DynamoDB, record, data)
	if view := inner.Get("StreamViewType").Text(); !data.Exists() && (view == "KEYS_ONLY" || view == "OLD_IMAGE") && record.Get("eventName").Text() != "REMOVE" {
		r.Refusal = newError(NotOpened, "a stream of the type ", view, " holds no new image of the item").
			hint("set the stream's view type to NEW_IMAGE or NEW_AND_OLD_IMAGES, or write a rule that takes what it needs from the keys").in("dynamodb")
	}
	return append(dst, r), nil
}

// appendItem appends a map of attribute values as a plain JSON object.
func appendItem(dst []byte, v value) ([]byte, *Error) {
	if !v.IsObject() {
		return nil, newError(BrokenEnvelope, "is ", describe(v), "; it should be a map of attribute values")
	}
	dst = append(dst, '{')
	first := true
	for name, attribute := range v.Members {
		if !first {
			dst = append(dst, ',')
		}
		first = false
		dst = gjson.AppendJSONString(dst, name)
		dst = append(dst, ':')
		var err *Error
		if dst, err = appendAttribute(dst, attribute); err != nil {
			return nil, err.in(finding.Name(name))
		}
	}
	return append(dst, '}'), nil
}

// appendAttribute appends an attribute value, such as {"S":"text"}, as plain
// JSON. A number is written as it stands, and binary stays base64:
// https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_streams_AttributeValue.html
func appendAttribute(dst []byte, v value) ([]byte, *Error) {
	var kind string
	var inner value
	n := 0
	for key, member := range v.Members {
		kind, inner = key, member
		n++
	}
	if n != 1 {
		return nil, newError(BrokenEnvelope, "is ", describe(v), "; it should be an attribute value such as {\"S\": …}")
	}
	switch {
	case (kind == "S" || kind == "B") && inner.IsString():
		return append(dst, inner.Raw()...), nil
	case kind == "N":
		return appendNumber(dst, inner)
	case kind == "BOOL" && inner.IsBool():
		return append(dst, inner.Raw()...), nil
	case kind == "NULL" && inner.Raw() == "true":
		return append(dst, "null"...), nil
	case kind == "M":
		return appendItem(dst, inner)
	case kind == "L" && inner.IsArray():
		return appendList(dst, inner, appendAttribute)
	case kind == "NS" && inner.IsArray():
		return appendList(dst, inner, appendNumber)
	case (kind == "SS" || kind == "BS") && inner.IsArray():
		return appendList(dst, inner, appendText)
	}
	return nil, newError(BrokenEnvelope, "is not an attribute value of DynamoDB: ", describe(v))
}

func appendList(dst []byte, list value, one func([]byte, value) ([]byte, *Error)) ([]byte, *Error) {
	dst = append(dst, '[')
	for i, element := range list.Elements {
		if i > 0 {
			dst = append(dst, ',')
		}
		var err *Error
		if dst, err = one(dst, element); err != nil {
			return nil, err.in("[" + strconv.Itoa(i) + "]")
		}
	}
	return append(dst, ']'), nil
}

func appendText(dst []byte, v value) ([]byte, *Error) {
	if !v.IsString() {
		return nil, newError(BrokenEnvelope, "is ", describe(v), "; it should be text")
	}
	return append(dst, v.Raw()...), nil
}

func appendNumber(dst []byte, v value) ([]byte, *Error) {
	s := v.Text()
	if number, fault := new(jsontext.Text).Parse(s); fault != nil || !number.IsNumber() || number.Raw() != s {
		return nil, newError(BrokenEnvelope, "is not a number of DynamoDB: a number in a JSON string")
	}
	return append(dst, s...), nil
}
