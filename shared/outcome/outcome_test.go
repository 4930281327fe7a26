package outcome_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"vpnattach/shared/core/attachment"
	"vpnattach/shared/core/finding"
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
		"outcome": outcome.Outcome{}, "tunnel": outcome.Tunnel{}, "diagnosis": outcome.Diagnosis{}, "reason": outcome.Reason{},
		"finding": finding.Finding{}, "difference": attachment.Difference{},
	} {
		var want, required []string
		for _, field := range reflect.VisibleFields(reflect.TypeOf(v)) {
			tag, options, _ := strings.Cut(field.Tag.Get("json"), ",")
			if !field.IsExported() || tag == "" || tag == "-" {
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
		{&vpc.Error{Code: "Throttling", Message: "slow down", Remedy: "wait", Class: outcome.ClassThrottled}, outcome.Reason{Code: "Throttling", Message: "slow down", Remedy: "wait", Class: outcome.ClassThrottled}},
		{&vpc.Error{Row: "no answer", Class: outcome.ClassTransient}, outcome.Reason{Code: "no answer", Class: outcome.ClassTransient}},
		{fmt.Errorf("put: %w", denied{true}), outcome.Reason{Code: "permission-missing", Message: "put: denied", Class: outcome.ClassBlocked,
			Remedy: "Allow the function's role what the message names, and to use the key that encrypts it."}},
		{denied{false}, outcome.Reason{Code: "interrupted", Message: "denied", Remedy: "Nothing: the change is tried again.", Class: outcome.ClassTransient}},
		{errors.New("cut off"), outcome.Reason{Code: "interrupted", Message: "cut off", Remedy: "Nothing: the change is tried again.", Class: outcome.ClassTransient}},
	} {
		if got := *outcome.ReasonOf(tt.err); got != tt.want {
			t.Errorf("got %+v, want %+v", got, tt.want)
		}
	}
}

// denied is an error that may say that a permission is missing.
type denied struct{ is bool }

func (denied) Error() string    { return "denied" }
func (d denied) IsDenied() bool { return d.is }

// TestFit: whatever a change brings, the event fits on a bus.
func TestFit(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("ä", 5000)
	o := outcome.Outcome{Status: outcome.Rejected, Differences: slices.Repeat([]attachment.Difference{{Path: "LocalSubnet", From: long, To: long}}, 70)}
	o.Findings = slices.Repeat(finding.Findings{{Check: "cidr-not-canonical", Severity: finding.Warning, Message: long}}, 1500)
	given := o.Findings
	o.Fit()
	text, err := json.Marshal(o)
	if err != nil || len(text) > 256<<10-1000 || !utf8.Valid(text) {
		t.Errorf("%d bytes, %v", len(text), err)
	}
	if len(o.Findings) != 100 || o.LeftOut != 1400 || given[0].Message != long {
		t.Errorf("%d findings, %d left out", len(o.Findings), o.LeftOut)
	}
	strange := outcome.Outcome{
		Reason:      &outcome.Reason{Message: strings.Repeat("\x01", 1<<20), Remedy: long},
		Findings:    slices.Repeat(finding.Findings{{Path: strings.Repeat("\x01", 1<<20), Message: long, Hint: long}}, 150),
		Differences: slices.Repeat([]attachment.Difference{{Path: long, From: strings.Repeat("\x01", 5000), To: strings.Repeat("\x01", 5000)}}, 150),
	}
	strange.Fit()
	if text, err := json.Marshal(strange); err != nil || len(text) > 201<<10 || len(strange.Findings) == 0 || strange.LeftOut != 150-len(strange.Findings) {
		t.Errorf("%d bytes, %v, %d findings, %d left out", len(text), err, len(strange.Findings), strange.LeftOut)
	}
	small := outcome.Outcome{Findings: finding.Findings{{Message: "m"}}, Differences: []attachment.Difference{{From: "a", To: "b"}}}
	if small.Fit(); small.LeftOut != 0 || small.Findings[0].Message != "m" || small.Differences[0].To != "b" {
		t.Errorf("got %+v", small)
	}
}

// TestNewID: the id depends on the status, the reason and the changes, and on nothing else.
func TestNewID(t *testing.T) {
	t.Parallel()
	conflict, invalid := &outcome.Reason{Code: "VpnRouteEntry.Conflict", Message: "a"}, &outcome.Reason{Code: "invalid"}
	first := outcome.NewID(outcome.Rejected, conflict, []string{"b", "a"})
	if len(first) != 32 {
		t.Errorf("got %q", first)
	}
	for _, tt := range []struct {
		name, id string
		same     bool
	}{
		{"another order, and one twice", outcome.NewID(outcome.Rejected, &outcome.Reason{Code: conflict.Code, Message: "b"}, []string{"a", "b", "a"}), true},
		{"another reason", outcome.NewID(outcome.Rejected, invalid, []string{"a", "b"}), false},
		{"another status", outcome.NewID(outcome.Failed, conflict, []string{"a", "b"}), false},
		{"other changes", outcome.NewID(outcome.Rejected, conflict, []string{"ab"}), false},
	} {
		if (tt.id == first) != tt.same {
			t.Errorf("%s: got %s beside %s", tt.name, tt.id, first)
		}
	}
	if outcome.NewID(outcome.Failed, conflict, []string{"a"}) != outcome.NewID(outcome.Failed, invalid, []string{"a"}) {
		t.Error("why confirm could not look is part of the id")
	}
}

func TestEventShape(t *testing.T) {
	t.Parallel()
	o := outcome.Outcome{
		RegionID: "r", VpnConnectionID: "vco-1", EventIDs: []string{"e"}, Status: outcome.Rejected, Time: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC),
		Reason:   &outcome.Reason{Code: "psk-unknown", Message: "m", Remedy: "do", Class: outcome.ClassRejected},
		Findings: finding.Findings{{Check: "psk-unknown", Path: "IkeConfig.Psk", Severity: finding.Error, Message: "m"}},
	}
	got, err := json.Marshal(o)
	if err != nil {
		t.Fatal(err)
	}
	const want = `{"id":"","regionId":"r","vpnConnectionId":"vco-1","requestId":"","eventIds":["e"],"status":"rejected","time":"2026-03-01T12:00:00Z",` +
		`"reason":{"code":"psk-unknown","message":"m","remedy":"do","class":"rejected"},"findings":[{"rule":"psk-unknown","path":"IkeConfig.Psk","severity":"error","message":"m"}]}`
	if string(got) != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}
