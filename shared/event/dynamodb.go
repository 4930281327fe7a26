package event

import (
	"strconv"

	"github.com/tidwall/gjson"
)

// openTable opens a record of a DynamoDB stream. Without a new image, as when an
// item was removed, the record has no data:
// https://docs.aws.amazon.com/lambda/latest/dg/with-ddb.html
func (r *record) openTable(v value, from origin, dst []Record) ([]Record, *Error) {
	if !r.dynamodb.isObject() {
		return nil, wrongType("dynamodb", "a JSON object", r.dynamodb)
	}
	err := from.setTime(r.dynamodb.get("ApproximateCreationDateTime"), "dynamodb.ApproximateCreationDateTime")
	if err != nil {
		return nil, err
	}
	var data value
	if image := r.dynamodb.get("NewImage"); !image.isNull() && r.name.text() != "REMOVE" {
		plain, err := appendItem(make([]byte, 0, len(image)), image)
		if err != nil {
			return nil, err.in("dynamodb.NewImage")
		}
		data = value(view(plain))
	}
	return append(dst, from.record(DynamoDB, v, data)), nil
}

// appendItem appends a map of attribute values as a plain JSON object.
func appendItem(dst []byte, v value) ([]byte, *Error) {
	if !v.isObject() {
		return nil, newError(BrokenEnvelope, "is %s; it should be a map of attribute values", describe(v))
	}
	dst = append(dst, '{')
	first := true
	for name, attribute := range v.members {
		if !first {
			dst = append(dst, ',')
		}
		first = false
		dst = gjson.AppendJSONString(dst, name)
		dst = append(dst, ':')
		var err *Error
		if dst, err = appendAttribute(dst, attribute); err != nil {
			return nil, err.in(name)
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
	for key, member := range v.members {
		kind, inner = key, member
		n++
	}
	if n != 1 {
		return nil, newError(BrokenEnvelope, "is %s; it should be an attribute value such as {\"S\": …}", describe(v))
	}
	switch {
	case (kind == "S" || kind == "B") && inner.isText():
		return append(dst, inner...), nil
	case kind == "N":
		return appendNumber(dst, inner)
	case kind == "BOOL" && (inner == "true" || inner == "false"):
		return append(dst, inner...), nil
	case kind == "NULL" && inner == "true":
		return append(dst, "null"...), nil
	case kind == "M":
		return appendItem(dst, inner)
	case kind == "L" && inner.isArray():
		return appendList(dst, inner, appendAttribute)
	case kind == "NS" && inner.isArray():
		return appendList(dst, inner, appendNumber)
	case (kind == "SS" || kind == "BS") && inner.isArray():
		return appendList(dst, inner, appendText)
	}
	return nil, newError(BrokenEnvelope, "is no attribute value of DynamoDB: %s", describe(v))
}

func appendList(dst []byte, list value, one func([]byte, value) ([]byte, *Error)) ([]byte, *Error) {
	dst = append(dst, '[')
	for i, element := range list.elements {
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
	if !v.isText() {
		return nil, newError(BrokenEnvelope, "is %s; it should be text", describe(v))
	}
	return append(dst, v...), nil
}

func appendNumber(dst []byte, v value) ([]byte, *Error) {
	s := v.text()
	if s == "" || !isNumber(value(s)) || check(s) != nil || trim(s) != s {
		return nil, newError(BrokenEnvelope, "is no number of DynamoDB: a number in a JSON string")
	}
	return append(dst, s...), nil
}
