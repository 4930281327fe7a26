package ledger_test

import (
	"context"
	"errors"
	"reflect"
	"testing"
	"time"

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
