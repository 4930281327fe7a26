package dynamo

import (
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"vpnattach/shared/ledger"
)

type item = map[string]types.AttributeValue

func text(s string) types.AttributeValue { return &types.AttributeValueMemberS{Value: s} }

func number(n uint64) types.AttributeValue {
	return &types.AttributeValueMemberN{Value: strconv.FormatUint(n, 10)}
}

func instant(t time.Time) types.AttributeValue { return text(t.UTC().Format(time.RFC3339Nano)) }

// encode makes the item of the version that comes after the entry's.
func encode(key ledger.Key, entry ledger.Entry) item {
	fields := make(item, len(entry.Fields))
	for name, stamp := range entry.Fields {
		m := item{"time": instant(stamp.Time), "id": text(stamp.EventID)}
		for name, value := range map[string]string{"way": stamp.Way, "sequence": stamp.Sequence, "source": stamp.Source, "part": stamp.Part} {
			if value != "" {
				m[name] = text(value)
			}
		}
		fields[name] = &types.AttributeValueMemberM{Value: m}
	}
	all := item{
		KeyAttribute: text(key.String()),
		"version":    number(entry.Version + 1),
		"fields":     &types.AttributeValueMemberM{Value: fields},
	}
	if call := entry.Call; call.Number > 0 {
		asked := make(item, len(call.Asked))
		for name, digest := range call.Asked {
			asked[name] = text(digest)
		}
		of := item{"number": number(call.Number), "request": text(call.Request), "sent": instant(call.Sent), "asked": &types.AttributeValueMemberM{Value: asked}}
		if len(call.Before) > 0 {
			before := make([]types.AttributeValue, len(call.Before))
			for i, status := range call.Before {
				before[i] = text(status)
			}
			of["before"] = &types.AttributeValueMemberL{Value: before}
		}
		all["call"] = &types.AttributeValueMemberM{Value: of}
	}
	return all
}

func decode(from item) (entry ledger.Entry, err error) {
	if entry.Version, err = numberOf(from["version"]); err != nil {
		return entry, fmt.Errorf("version: %w", err)
	}
	fields, ok := from["fields"].(*types.AttributeValueMemberM)
	if !ok {
		return entry, fmt.Errorf("fields is not a map")
	}
	entry.Fields = make(map[string]ledger.Stamp, len(fields.Value))
	for name, value := range fields.Value {
		m, ok := value.(*types.AttributeValueMemberM)
		if !ok {
			return entry, fmt.Errorf("%s is not a map", name)
		}
		if entry.Fields[name], err = stampOf(m.Value); err != nil {
			return entry, fmt.Errorf("%s: %w", name, err)
		}
	}
	if call, there := from["call"]; there {
		if entry.Call, err = callOf(call); err != nil {
			return entry, fmt.Errorf("call: %w", err)
		}
	}
	return entry, nil
}

func callOf(value types.AttributeValue) (c ledger.Call, err error) {
	m, ok := value.(*types.AttributeValueMemberM)
	if !ok {
		return c, errors.New("not a map")
	}
	if c.Number, err = numberOf(m.Value["number"]); err != nil {
		return c, fmt.Errorf("number: %w", err)
	}
	if c.Request, err = textOf(m.Value["request"]); err != nil {
		return c, fmt.Errorf("request: %w", err)
	}
	if c.Sent, err = timeOf(m.Value["sent"]); err != nil {
		return c, err
	}
	asked, ok := m.Value["asked"].(*types.AttributeValueMemberM)
	if !ok {
		return c, errors.New("asked is not a map")
	}
	for name, digest := range asked.Value {
		if c.Asked == nil {
			c.Asked = make(map[string]string, len(asked.Value))
		}
		if c.Asked[name], err = textOf(digest); err != nil {
			return c, fmt.Errorf("asked: %s: %w", name, err)
		}
	}
	if before, ok := m.Value["before"].(*types.AttributeValueMemberL); ok {
		c.Before = make([]string, len(before.Value))
		for i, status := range before.Value {
			if c.Before[i], err = textOf(status); err != nil {
				return c, fmt.Errorf("before: %w", err)
			}
		}
	}
	return c, nil
}

func stampOf(m item) (s ledger.Stamp, err error) {
	if s.Time, err = timeOf(m["time"]); err != nil {
		return s, err
	}
	for name, into := range map[string]*string{"way": &s.Way, "sequence": &s.Sequence, "id": &s.EventID, "source": &s.Source, "part": &s.Part} {
		value, there := m[name]
		if !there && name != "id" {
			continue
		}
		if *into, err = textOf(value); err != nil {
			return s, fmt.Errorf("%s: %w", name, err)
		}
	}
	return s, nil
}

func textOf(value types.AttributeValue) (string, error) {
	t, ok := value.(*types.AttributeValueMemberS)
	if !ok {
		return "", errors.New("not a string")
	}
	return t.Value, nil
}

func numberOf(value types.AttributeValue) (uint64, error) {
	n, ok := value.(*types.AttributeValueMemberN)
	if !ok {
		return 0, errors.New("not a number")
	}
	return strconv.ParseUint(n.Value, 10, 64)
}

func timeOf(value types.AttributeValue) (time.Time, error) {
	t, err := textOf(value)
	if err != nil {
		return time.Time{}, fmt.Errorf("time: %w", err)
	}
	return time.Parse(time.RFC3339Nano, t)
}
