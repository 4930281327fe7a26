package dynamo

import (
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
		if stamp.Digest != "" {
			m["sent"], m["digest"] = instant(stamp.Sent), text(stamp.Digest)
		}
		fields[name] = &types.AttributeValueMemberM{Value: m}
	}
	return item{
		KeyAttribute: text(key.String()),
		"version":    number(entry.Version + 1),
		"fields":     &types.AttributeValueMemberM{Value: fields},
	}
}

func decode(from item) (entry ledger.Entry, err error) {
	version, ok := from["version"].(*types.AttributeValueMemberN)
	if !ok {
		return entry, fmt.Errorf("version is not a number")
	}
	if entry.Version, err = strconv.ParseUint(version.Value, 10, 64); err != nil {
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
	return entry, nil
}

func stampOf(m item) (s ledger.Stamp, err error) {
	if s.Time, err = timeOf(m["time"]); err != nil {
		return s, err
	}
	for name, into := range map[string]*string{"way": &s.Way, "sequence": &s.Sequence, "id": &s.EventID, "source": &s.Source, "part": &s.Part, "digest": &s.Digest} {
		value, there := m[name]
		if !there && name != "id" {
			continue
		}
		t, ok := value.(*types.AttributeValueMemberS)
		if !ok {
			return s, fmt.Errorf("%s is not a string", name)
		}
		*into = t.Value
	}
	if s.Digest != "" {
		s.Sent, err = timeOf(m["sent"])
	}
	return s, err
}

func timeOf(value types.AttributeValue) (time.Time, error) {
	t, ok := value.(*types.AttributeValueMemberS)
	if !ok {
		return time.Time{}, fmt.Errorf("time is not a string")
	}
	return time.Parse(time.RFC3339Nano, t.Value)
}
