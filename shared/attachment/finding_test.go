package attachment_test

import (
	"encoding/json"
	"testing"

	"vpnattach/shared/attachment"
)

func TestSeverityAsText(t *testing.T) {
	t.Parallel()
	for _, want := range []attachment.Severity{attachment.Error, attachment.Warning, attachment.Info} {
		text, err := json.Marshal(want)
		if err != nil {
			t.Fatal(err)
		}
		var got attachment.Severity
		if err := json.Unmarshal(text, &got); err != nil || got != want {
			t.Errorf("%s: got %v, %v", text, got, err)
		}
	}
	var s attachment.Severity
	if err := json.Unmarshal([]byte(`"fatal"`), &s); err == nil {
		t.Error("an unknown severity is taken")
	}
}
