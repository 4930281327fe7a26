package bundle_test

import (
	"encoding/json"
	"slices"
	"strings"

	"github.com/tidwall/gjson"

	"vpnattach/shared/outcome"
)

// settle lets time pass until no change is on its way any more, and returns the
// outcome events that have come since the last time.
func (w *world) settle() []outcome.Outcome {
	w.Helper()
	for range 20 {
		n := w.deliver("ChangeQueue")
		w.later("ChangeQueue")
		w.ahead.Add(int64(updateTime))
		n += w.deliver("ConfirmQueue")
		w.later("ConfirmQueue")
		if n == 0 {
			return w.outcomes()
		}
	}
	w.Fatal("something is on its way for ever")
	return nil
}

// outcomes takes the outcome events that have come since the last time.
func (w *world) outcomes() (list []outcome.Outcome) {
	w.Helper()
	for _, m := range w.take("Outcomes") {
		list = append(list, w.read(*m.Body))
	}
	w.told = append(w.told, list...)
	return list
}

// finding has the form of a finding, whose severity is a word here.
type finding struct {
	Rule, Path, Severity, Message, Hint, APICode, Ref string
}

// read reads an outcome event, which must be in the published form.
func (w *world) read(body string) (o outcome.Outcome) {
	w.Helper()
	event := gjson.Parse(body)
	detail := event.Get("detail")
	decoder := json.NewDecoder(strings.NewReader(detail.Raw))
	decoder.DisallowUnknownFields()
	into := struct {
		*outcome.Outcome
		Findings []finding `json:"findings"`
	}{Outcome: &o}
	if err := decoder.Decode(&into); err != nil {
		w.Fatalf("outcome event: %v", err)
	}
	if event.Get("source").Str != outcome.Source || event.Get("detail-type").Str != outcome.DetailType || event.Get("resources.0").Str != o.VpnConnectionID {
		w.Errorf("outcome event: got %s", body)
	}
	schema := gjson.GetBytes(outcome.Schema(), "$defs.outcome")
	for _, name := range schema.Get("required").Array() {
		if !detail.Get(name.Str).Exists() {
			w.Errorf("outcome event: no %s", name.Str)
		}
	}
	properties := schema.Get("properties").Map()
	for name := range detail.Map() {
		if !properties[name].Exists() {
			w.Errorf("outcome event: %s is not in the schema", name)
		}
	}
	return o
}

// mustSettle is [world.settle] with one outcome to come: that of all the events, with
// this status.
func (w *world) mustSettle(status outcome.Status, vpnConnectionID string, eventIDs ...string) outcome.Outcome {
	w.Helper()
	list := w.settle()
	if len(list) != 1 {
		w.Fatalf("got %d outcomes, want 1: %+v", len(list), list)
	}
	o := list[0]
	slices.Sort(eventIDs)
	if o.Status != status || o.VpnConnectionID != vpnConnectionID || o.RegionID != "cn-hangzhou" || o.Time.IsZero() ||
		len(eventIDs) > 0 && !slices.Equal(o.EventIDs, eventIDs) {
		w.Fatalf("got outcome %+v, want %s of %s by %v", o, status, vpnConnectionID, eventIDs)
	}
	return o
}
