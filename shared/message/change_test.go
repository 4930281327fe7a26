package message_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"vpnattach/shared/core/event"
	"vpnattach/shared/message"
)

// TestLongNames: a message that did not come through ingest brings no longer names into
// the ledger than ingest would.
func TestLongNames(t *testing.T) {
	t.Parallel()
	for name, set := range map[string]func(*message.Change, string){
		"id":       func(m *message.Change, s string) { m.EventID = s },
		"source":   func(m *message.Change, s string) { m.Source = s },
		"way":      func(m *message.Change, s string) { m.Way = s },
		"sequence": func(m *message.Change, s string) { m.Sequence = s },
	} {
		for long, want := range map[string]bool{strings.Repeat("1", event.MaxName): true, strings.Repeat("1", event.MaxName+1): false} {
			m := message.Change{EventID: "e", Time: time.Unix(1e9, 0), RegionID: "cn-hangzhou", VpnConnectionID: "vco-1", Change: json.RawMessage("{}")}
			set(&m, long)
			text, err := m.Encode()
			if err != nil {
				t.Fatal(err)
			}
			_, err = message.DecodeChange(text)
			if (err == nil) != want || err != nil && (!strings.Contains(err.Error(), "512 bytes") || len(err.Error()) > 200) {
				t.Errorf("%s of %d bytes: %v", name, len(long), err)
			}
		}
	}
}
