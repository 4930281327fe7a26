package emulator

import (
	"encoding/json"
	"maps"
	"slices"
	"strconv"

	"github.com/tidwall/gjson"
)

// appendJSON writes an answer as [json.Marshal] does: without reflection, since that takes
// most of the time of a call.
func appendJSON(b []byte, value any) []byte {
	switch v := value.(type) {
	case string:
		return gjson.AppendJSONString(b, v)
	case bool:
		return strconv.AppendBool(b, v)
	case int:
		return strconv.AppendInt(b, int64(v), 10)
	case int64:
		return strconv.AppendInt(b, v, 10)
	case []any:
		if v == nil {
			break
		}
		b = append(b, '[')
		for i, element := range v {
			if i > 0 {
				b = append(b, ',')
			}
			b = appendJSON(b, element)
		}
		return append(b, ']')
	case map[string]any:
		if v == nil {
			break
		}
		b = append(b, '{')
		for i, name := range slices.Sorted(maps.Keys(v)) {
			if i > 0 {
				b = append(b, ',')
			}
			b = append(gjson.AppendJSONString(b, name), ':')
			b = appendJSON(b, v[name])
		}
		return append(b, '}')
	}
	text, err := json.Marshal(value)
	if err != nil {
		return append(b, "null"...)
	}
	return append(b, text...)
}
