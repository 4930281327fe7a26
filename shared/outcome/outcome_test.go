package outcome_test

import (
	"encoding/json"
	"errors"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"vpnattach/shared/attachment"
	"vpnattach/shared/outcome"
	"vpnattach/shared/vpc"
)

// TestSchema: the schema names what the types have, neither more nor less.
func TestSchema(t *testing.T) {
	t.Parallel()
	type object struct {
		Properties map[string]struct{ Enum []any }
		Required   []string
	}
	var schema struct {
		Properties map[string]struct{ Const string }
		Defs       map[string]object `json:"$defs"`
	}
	if err := json.Unmarshal(outcome.Schema(), &schema); err != nil {
		t.Fatal(err)
	}
	if got := schema.Properties["source"].Const; got != outcome.Source {
		t.Errorf("source: got %q", got)
	}
	if got := schema.Properties["detail-type"].Const; got != outcome.DetailType {
		t.Errorf("detail-type: got %q", got)
	}
	for name, v := range map[string]any{
		"outcome": outcome.Outcome{}, "tunnel": outcome.Tunnel{}, "reason": outcome.Reason{},
		"finding": attachment.Finding{}, "difference": attachment.Difference{},
	} {
		var want, required []string
		for _, field := range reflect.VisibleFields(reflect.TypeOf(v)) {
			tag, options, _ := strings.Cut(field.Tag.Get("json"), ",")
			if !field.IsExported() || tag == "" {
				continue
			}
			want = append(want, tag)
			if options == "" {
				required = append(required, tag)
			}
		}
		var got []string
		for key := range schema.Defs[name].Properties {
			got = append(got, key)
		}
		slices.Sort(got)
		slices.Sort(want)
		if !slices.Equal(got, want) {
			t.Errorf("%s: the schema has %q, the type has %q", name, got, want)
		}
		demanded := slices.Clone(schema.Defs[name].Required)
		slices.Sort(demanded)
		slices.Sort(required)
		if !slices.Equal(demanded, required) {
			t.Errorf("%s: the schema requires %q, the type always has %q", name, demanded, required)
		}
	}
	var statuses []any
	for _, s := range []outcome.Status{outcome.Settled, outcome.Superseded, outcome.Unverified, outcome.Drifted, outcome.Failed, outcome.Rejected, outcome.Planned} {
		statuses = append(statuses, string(s))
	}
	if got := schema.Defs["outcome"].Properties["status"].Enum; !reflect.DeepEqual(got, statuses) {
		t.Errorf("status: the schema has %v", got)
	}
}

func TestReasonOf(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		err  error
		want outcome.Reason
	}{
		{&vpc.Error{Code: "Throttling", Message: "slow down", Remedy: "wait", Class: vpc.Throttled}, outcome.Reason{Code: "Throttling", Message: "slow down", Remedy: "wait", Class: "throttled"}},
		{&vpc.Error{Row: "no answer", Class: vpc.Transient}, outcome.Reason{Code: "no answer", Class: "transient"}},
		{errors.New("cut off"), outcome.Reason{Code: "interrupted", Message: "cut off", Remedy: "Nothing: the change is tried again.", Class: "transient"}},
	} {
		if got := *outcome.ReasonOf(tt.err); got != tt.want {
			t.Errorf("got %+v, want %+v", got, tt.want)
		}
	}
}

func TestEventShape(t *testing.T) {
	t.Parallel()
	o := outcome.Outcome{
		RegionID: "r", VpnConnectionID: "vco-1", EventIDs: []string{"e"}, Status: outcome.Rejected, Time: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC),
		Reason:   &outcome.Reason{Code: "psk-unknown", Message: "m", Remedy: "do", Class: "rejected"},
		Findings: attachment.Findings{{Rule: "psk-unknown", Path: "IkeConfig.Psk", Severity: attachment.Error, Message: "m"}},
	}
	got, err := json.Marshal(o)
	if err != nil {
		t.Fatal(err)
	}
	const want = `{"regionId":"r","vpnConnectionId":"vco-1","requestId":"","eventIds":["e"],"status":"rejected","time":"2026-03-01T12:00:00Z",` +
		`"reason":{"code":"psk-unknown","message":"m","remedy":"do","class":"rejected"},"findings":[{"rule":"psk-unknown","path":"IkeConfig.Psk","severity":"error","message":"m"}]}`
	if string(got) != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}
