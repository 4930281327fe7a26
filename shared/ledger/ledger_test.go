package ledger_test

import (
	"context"
	"errors"
	"reflect"
	"testing"
	"time"

	"pgregory.net/rapid"

	"vpnattach/shared/ledger"
	"vpnattach/shared/ledger/ledgertest"
)

var (
	noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	key  = ledger.Key{RegionID: "cn-hangzhou", VpnConnectionID: "vco-1"}
)

func TestStampOrder(t *testing.T) {
	t.Parallel()
	ordered := []ledger.Stamp{
		{},
		{Time: noon, EventID: "a"},
		{Time: noon, EventID: "a", Part: "rule#-1"},
		{Time: noon, EventID: "a", Part: "rule#0"},
		{Time: noon, EventID: "a", Part: "rule#2"},
		{Time: noon, EventID: "a", Part: "rule#9"},
		{Time: noon, EventID: "a", Part: "rule#10"},
		{Time: noon, EventID: "a", Part: "rule#3#1"}, // a rule's name may hold anything
		{Time: noon, EventID: "a", Part: "ruler#0"},
		{Time: noon, EventID: "a", Source: "x"},
		{Time: noon, EventID: "a", Source: "x", Part: "rule#1"},
		{Time: noon, EventID: "a", Source: "y"},
		{Time: noon, EventID: "b"},
		{Time: noon, Way: "arn:1", EventID: "c"}, // without a number, as zero
		{Time: noon, Way: "arn:1", Sequence: "9", EventID: "b"},
		{Time: noon, Way: "arn:1", Sequence: "00009", EventID: "c"}, // the same number
		{Time: noon, Way: "arn:1", Sequence: "49590338271490256608559692538361571095921575989136588898", EventID: "b"},
		{Time: noon, Way: "arn:1", Sequence: "49590338271490256608559692540925702759324208523137515618", EventID: "a"},
		{Time: noon, Way: "arn:2", Sequence: "1", EventID: "a"},
		{Time: noon.Add(time.Nanosecond), EventID: "a"},
	}
	for i, a := range ordered {
		for j, b := range ordered {
			want := 0
			if i < j {
				want = -1
			} else if i > j {
				want = 1
			}
			if got := a.Compare(b); got != want {
				t.Errorf("%v against %v: got %d, want %d", a, b, got, want)
			}
		}
	}
	here := noon.In(time.FixedZone("here", 3600))
	if got := (ledger.Stamp{Time: here}).Compare(ledger.Stamp{Time: noon}); got != 0 {
		t.Errorf("one instant in two zones: got %d", got)
	}
}

// TestStampIsTotalOrder: of any stamps there is one order, whichever two are compared
// first. Few different values make equal ones frequent.
func TestStampIsTotalOrder(t *testing.T) {
	t.Parallel()
	one := rapid.Custom(func(t *rapid.T) ledger.Stamp {
		of := func(name string, values ...string) string { return rapid.SampledFrom(values).Draw(t, name) }
		return ledger.Stamp{
			Time: noon.Add(time.Duration(rapid.IntRange(0, 1).Draw(t, "time"))), Way: of("way", "", "arn:1", "arn:2"),
			Sequence: of("sequence", "", "0", "007", "7", "10", "99", "100000000000000000000000"),
			EventID:  of("id", "a", "b", "c"), Source: of("source", "", "x", "y"), Part: of("part", "", "r#-1", "r#2", "r#10", "s#1"),
		}
	})
	rapid.Check(t, func(t *rapid.T) {
		a, b, c := one.Draw(t, "a"), one.Draw(t, "b"), one.Draw(t, "c")
		if a.Compare(a) != 0 || a.Compare(b) != -b.Compare(a) {
			t.Errorf("%v and %v: %d and %d", a, b, a.Compare(b), b.Compare(a))
		}
		if a.Compare(b) <= 0 && b.Compare(c) <= 0 && a.Compare(c) > 0 {
			t.Errorf("%v, %v and %v are in a circle", a, b, c)
		}
		if a.Compare(b) == 0 && a.Compare(c) != b.Compare(c) {
			t.Errorf("%v and %v are the same, but not beside %v", a, b, c)
		}
	})
}

// TestThreeWinners: a number and an id that disagree, and an event without a number.
func TestThreeWinners(t *testing.T) {
	t.Parallel()
	stamps := []ledger.Stamp{
		{Time: noon, Way: "arn:1", Sequence: "1", EventID: "c"},
		{Time: noon, Way: "arn:1", Sequence: "2", EventID: "a"},
		{Time: noon, EventID: "b"},
	}
	for _, order := range [][]int{{0, 1, 2}, {0, 2, 1}, {1, 0, 2}, {1, 2, 0}, {2, 0, 1}, {2, 1, 0}} {
		var entry ledger.Entry
		for _, i := range order {
			entry, _ = entry.Merge(map[string]ledger.Stamp{"Name": stamps[i]})
		}
		if got := entry.Fields["Name"]; got != stamps[1] {
			t.Errorf("in the order %v: got %v, want %v", order, got, stamps[1])
		}
	}
}

func TestMerge(t *testing.T) {
	t.Parallel()
	older, newer := ledger.Stamp{Time: noon, EventID: "a"}, ledger.Stamp{Time: noon, EventID: "b"}
	entry := ledger.Entry{Version: 3, Fields: map[string]ledger.Stamp{"x": newer, "y": older}}
	merged, grown := entry.Merge(map[string]ledger.Stamp{"x": older, "y": newer, "z": older})
	want := ledger.Entry{Version: 3, Fields: map[string]ledger.Stamp{"x": newer, "y": newer, "z": older}}
	if !grown || !reflect.DeepEqual(merged, want) {
		t.Errorf("got %v, %v, want %v", merged, grown, want)
	}
	if entry.Fields["y"] != older {
		t.Error("the entry itself has changed")
	}
	if _, grown := merged.Merge(entry.Fields); grown {
		t.Error("stamps that are known already count as more")
	}
}

func TestMemory(t *testing.T) {
	t.Parallel()
	ledgertest.Run(t, func(*testing.T) ledger.Store { return new(ledger.Memory) })
}

// broken fails to load or to save.
type broken struct {
	ledger.Memory
	load, save error
}

func (b *broken) Load(context.Context, ledger.Key) (ledger.Entry, error) {
	return ledger.Entry{}, b.load
}
func (b *broken) Save(context.Context, ledger.Key, ledger.Entry) error { return b.save }

func TestRecordFails(t *testing.T) {
	t.Parallel()
	no := errors.New("no")
	fields := map[string]ledger.Stamp{"x": {Time: noon}}
	for name, tt := range map[string]struct {
		store *broken
		want  error
	}{
		"save":     {&broken{save: no}, no},
		"load":     {&broken{save: ledger.ErrConflict, load: no}, no},
		"conflict": {&broken{save: ledger.ErrConflict}, ledger.ErrConflict},
	} {
		if _, err := ledger.Record(t.Context(), tt.store, key, ledger.Entry{}, fields); !errors.Is(err, tt.want) {
			t.Errorf("%s: got %v, want %v", name, err, tt.want)
		}
	}
}
