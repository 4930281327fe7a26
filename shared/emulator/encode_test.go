package emulator

import (
	"encoding/json"
	"testing"
)

func TestAppendJSON(t *testing.T) {
	t.Parallel()
	for _, value := range []any{
		map[string]any{"b": []any{}, "a": map[string]any{}, "text": "a \"b\" <c> \\ \u2028 ü \x01", "n": 7, "big": int64(1) << 60, "yes": true, "none": nil, "list": []any{"x", 1, false, []string{"y"}}},
		[]any(nil), map[string]any(nil), "plain",
	} {
		want, err := json.Marshal(value)
		if err != nil {
			t.Fatal(err)
		}
		if got := appendJSON(nil, value); string(got) != string(want) {
			t.Errorf("got  %s\nwant %s", got, want)
		}
	}
}
