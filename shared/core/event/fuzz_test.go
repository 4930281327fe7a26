package event_test

import (
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"

	"vpnattach/shared/core/event"
)

func FuzzOpen(f *testing.F) {
	for _, s := range sampleRecords {
		f.Add(mustRead(f, s.file))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		delivery := event.ReadDelivery(data)
		if (delivery.Request == nil) == (len(delivery.Units) == 0) {
			t.Errorf("got %+v", delivery)
		}
		for i := range delivery.Units {
			u := &delivery.Units[i]
			records, err := u.Open()
			if (err == nil) != (len(records) > 0) {
				t.Errorf("unit %d: got %d records and %v", i, len(records), err)
			}
			u.Origin(records)
			u.Body()
		}
		dst := []event.Record{{ID: "kept"}}
		records, err := event.Open(data, dst)
		if records[0].ID != "kept" {
			t.Fatal("the records that were there before have changed")
		}
		if err != nil {
			if e := mustError(t, err); len(records) != 1 || e.Code == "" || e.Message == "" || !utf8.ValidString(e.Error()) {
				t.Errorf("got %d records with error %+v", len(records), e)
			}
			return
		}
		if len(records) < 2 {
			t.Fatal("neither a record nor an error")
		}
		for _, r := range records[1:] {
			if !isObject(r.Event) {
				t.Errorf("event is not a JSON object: %q", r.Event)
			}
			if r.Data != "" && !isObject(r.Data) {
				t.Errorf("data is not a JSON object: %q", r.Data)
			}
			if change := r.IsChange(); change && r.Data == "" || r.Kind == event.Change && !change || r.Kind == event.Payload && change {
				t.Errorf("IsChange: got %v for kind %v and data %q", change, r.Kind, r.Data)
			}
			if r.Kind.String() == "" || strings.Count(r.Via.String(), ">") >= event.MaxEnvelopes {
				t.Errorf("got kind %v via %v", r.Kind, r.Via)
			}
			if e := event.Unknown(r); !utf8.ValidString(e.Message) {
				t.Errorf("message is not UTF-8: %q", e.Message)
			}
		}
	})
}

func isObject(s string) bool { return json.Valid([]byte(s)) && s[0] == '{' }
