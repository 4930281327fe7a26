package bundle_test

import (
	"encoding/json"
	"slices"
	"strings"

	"github.com/tidwall/gjson"

	"vpnattach/shared/outcome"
)

// settle lets time pass until the queues are empty, and returns the outcome events since
// the last call.
func (h *harness) settle() []outcome.Outcome {
	h.Helper()
	for i := range 60 {
		if i > 10 { // a pause that the service has asked for is one of the functions' own clocks
			h.idle()
		}
		n := h.deliver("ChangeQueue")
		h.later("ChangeQueue")
		h.ahead.Add(int64(updateTime))
		n += h.deliver("ConfirmQueue")
		h.later("ConfirmQueue")
		if n == 0 {
			return h.outcomes()
		}
	}
	h.Fatal("the queues never become empty")
	return nil
}

// outcomes takes the outcome events since the last call.
func (h *harness) outcomes() (list []outcome.Outcome) {
	h.Helper()
	for _, m := range h.take("Outcomes") {
		list = append(list, h.read(*m.Body))
	}
	h.told = append(h.told, list...)
	return list
}

// finding has the form of a finding, whose severity is a word here.
type finding struct {
	Rule, Path, Severity, Message, Hint, APICode, Ref string
}

// read reads an outcome event, which must be in the published form.
func (h *harness) read(body string) (o outcome.Outcome) {
	h.Helper()
	event := gjson.Parse(body)
	detail := event.Get("detail")
	decoder := json.NewDecoder(strings.NewReader(detail.Raw))
	decoder.DisallowUnknownFields()
	into := struct {
		*outcome.Outcome
		Findings []finding `json:"findings"`
	}{Outcome: &o}
	if err := decoder.Decode(&into); err != nil {
		h.Fatalf("outcome event: %v", err)
	}
	if event.Get("source").Str != outcome.Source || event.Get("detail-type").Str != outcome.DetailType || event.Get("resources.0").Str != o.VpnConnectionID {
		h.Errorf("outcome event: got %s", body)
	}
	schema := gjson.GetBytes(outcome.Schema(), "$defs.outcome")
	for _, name := range schema.Get("required").Array() {
		if !detail.Get(name.Str).Exists() {
			h.Errorf("outcome event: no %s", name.Str)
		}
	}
	properties := schema.Get("properties").Map()
	for name := range detail.Map() {
		if !properties[name].Exists() {
			h.Errorf("outcome event: %s is not in the schema", name)
		}
	}
	return o
}

// mustSettle is [harness.settle] with one outcome to come: that of all the events, with
// this status.
func (h *harness) mustSettle(status outcome.Status, vpnConnectionID string, eventIDs ...string) outcome.Outcome {
	h.Helper()
	list := h.settle()
	if len(list) != 1 {
		h.Fatalf("got %d outcomes, want 1: %+v", len(list), list)
	}
	o := list[0]
	slices.Sort(eventIDs)
	if o.Status != status || o.VpnConnectionID != vpnConnectionID || o.RegionID != "cn-hangzhou" || o.Time.IsZero() ||
		len(eventIDs) > 0 && !slices.Equal(o.EventIDs, eventIDs) {
		h.Fatalf("got outcome %+v, want %s of %s by %v", o, status, vpnConnectionID, eventIDs)
	}
	return o
}
