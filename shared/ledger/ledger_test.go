package ledger_test

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"reflect"
	"sync"
	"testing"
	"time"

	"go.etcd.io/bbolt"

	"vpnattach/shared/ledger"
	"vpnattach/shared/ledger/bolt"
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
		t.Error("what is there already counts as more")
	}
}

// stores are the implementations that every test of the contract runs on.
func stores(t *testing.T) map[string]ledger.Store {
	t.Helper()
	db, err := bbolt.Open(filepath.Join(t.TempDir(), "ledger"), 0o600, &bbolt.Options{NoSync: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	onDisk, err := bolt.New(db)
	if err != nil {
		t.Fatal(err)
	}
	return map[string]ledger.Store{"memory": new(ledger.Memory), "bolt": onDisk}
}

func TestStore(t *testing.T) {
	t.Parallel()
	for name, store := range stores(t) {
		t.Run(name, func(t *testing.T) {
			ctx := t.Context()
			first, err := store.Load(ctx, key)
			if err != nil || first.Version != 0 || len(first.Fields) != 0 {
				t.Fatalf("got %v, %v before any write", first, err)
			}
			first.Fields = map[string]ledger.Stamp{"Name": {Time: noon, EventID: "a", Part: "r#1"}}
			if err := store.Save(ctx, key, first); err != nil {
				t.Fatal(err)
			}
			if err := store.Save(ctx, key, first); !errors.Is(err, ledger.ErrConflict) {
				t.Errorf("got %v for an outdated version, want ErrConflict", err)
			}
			got, err := store.Load(ctx, key)
			want := ledger.Entry{Fields: first.Fields, Version: 1}
			if err != nil || !reflect.DeepEqual(got, want) {
				t.Errorf("got %v, %v, want %v", got, err, want)
			}
			got.Fields["Name"] = ledger.Stamp{}
			if again, _ := store.Load(ctx, key); !reflect.DeepEqual(again, want) {
				t.Errorf("got %v after a change to what was loaded, want %v", again, want)
			}
			other := ledger.Key{RegionID: "eu-central-1", VpnConnectionID: "vco-1"}
			if entry, _ := store.Load(ctx, other); entry.Version != 0 {
				t.Errorf("got %v for another key", entry)
			}
		})
	}
}

func TestRecord(t *testing.T) {
	t.Parallel()
	for name, store := range stores(t) {
		t.Run(name, func(t *testing.T) {
			var writers sync.WaitGroup
			for i := range 8 {
				writers.Go(func() {
					stamp := ledger.Stamp{Time: noon, EventID: fmt.Sprint(i)}
					fields := map[string]ledger.Stamp{"shared": stamp, fmt.Sprint("own ", i): stamp}
					if _, err := ledger.Record(t.Context(), store, key, ledger.Entry{}, fields); err != nil {
						t.Error(err)
					}
				})
			}
			writers.Wait()
			entry, err := store.Load(t.Context(), key)
			if err != nil || len(entry.Fields) != 9 || entry.Fields["shared"].EventID != "7" || entry.Version != 8 {
				t.Errorf("got %v, %v", entry, err)
			}
			same, err := ledger.Record(t.Context(), store, key, entry, entry.Fields)
			if err != nil || same.Version != entry.Version {
				t.Errorf("got version %d, %v for nothing new", same.Version, err)
			}
		})
	}
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
