// Package ledgertest tests the contract of [ledger.Store]:
//
//	ledgertest.Run(t, func(t *testing.T) ledger.Store { return new(ledger.Memory) })
package ledgertest

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"sync"
	"testing"
	"time"

	"vpnattach/shared/ledger"
)

var (
	noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	key  = ledger.Key{RegionID: "cn-hangzhou", VpnConnectionID: "vco-1"}
)

// Run runs the contract's tests as parallel subtests. open returns an empty store.
func Run(t *testing.T, open func(*testing.T) ledger.Store) {
	for name, test := range map[string]func(*testing.T, ledger.Store){
		"empty": empty, "kept as given": keptAsGiven, "conflicts": conflicts, "keys": keys, "copies": copies,
		"concurrent saves": concurrentSaves, "concurrent records": concurrentRecords, "lost answers": lostAnswers,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, open(t))
		})
	}
}

func empty(t *testing.T, store ledger.Store) {
	entry := load(t, store, key)
	if entry.Version != 0 || len(entry.Fields) != 0 {
		t.Errorf("got %v before any write", entry)
	}
}

func keptAsGiven(t *testing.T, store ledger.Store) {
	fields := map[string]ledger.Stamp{
		"Name":                         {Time: noon, EventID: "a"},
		"Tunnel.1.TunnelIkeConfig.Psk": {Time: noon.Add(123456789), EventID: "b", Source: "com.example", Part: "rule#10"},
		"Tunnel.2.TunnelIkeConfig.Psk": {Time: noon, Way: "arn:aws:kinesis:r:1:stream/s", Sequence: "4959033827149025660855969253836157109592157", EventID: "c"},
		"quoted \"\\\u2028 \x00 é 中 \U0001f511 <&>": {Time: noon.Add(-1), EventID: " # / \t", Source: "{{", Part: "#"},
		"the first moment": {},
		"the last moment":  {Time: time.Date(9999, 12, 31, 23, 59, 59, 999999999, time.UTC), EventID: "z"},
	}
	call := ledger.Call{Number: 1 << 63, Request: "0a1b", Sent: noon.Add(1), Asked: map[string]string{"Name": "0c", "Tunnel.1.TunnelIkeConfig.Psk": "0d"}, Before: []string{"ipsec_sa_established", ""}}
	save(t, store, key, ledger.Entry{Fields: fields, Call: call})
	if got, want := load(t, store, key), (ledger.Entry{Fields: fields, Call: call, Version: 1}); !reflect.DeepEqual(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	call.Before = nil // which nobody asks for once the fields are recorded
	recorded, err := ledger.Record(t.Context(), store, key, load(t, store, key), map[string]ledger.Stamp{"Name": {Time: noon.Add(1), EventID: "later"}})
	if stored := load(t, store, key); err != nil || !reflect.DeepEqual(recorded, stored) || !reflect.DeepEqual(stored.Call, call) {
		t.Errorf("got %v, %v, and stored %v, want the call kept", recorded, err, stored)
	}
	call.Asked = nil // as after a refusal
	save(t, store, key, ledger.Entry{Call: call, Version: 2})
	if got := load(t, store, key); !reflect.DeepEqual(got.Call, call) || len(got.Fields) > 0 {
		t.Errorf("got %v, want the call alone", got)
	}
	east := ledger.Stamp{Time: noon.In(time.FixedZone("east", 3600)), EventID: "a"}
	save(t, store, key, ledger.Entry{Fields: map[string]ledger.Stamp{"Name": east}, Version: 3})
	got := load(t, store, key)
	if len(got.Fields) != 1 || got.Fields["Name"].Compare(fields["Name"]) != 0 || got.Version != 4 {
		t.Errorf("got %v after a write of one field, in another zone", got)
	}
}

func conflicts(t *testing.T, store ledger.Store) {
	first, second := named("first"), named("second")
	save(t, store, key, ledger.Entry{Fields: first})
	for _, version := range []uint64{0, 2, 1 << 63} {
		if err := store.Save(t.Context(), key, ledger.Entry{Fields: second, Version: version}); !errors.Is(err, ledger.ErrConflict) {
			t.Errorf("got %v for version %d where there is 1, want ErrConflict", err, version)
		}
	}
	if got, want := load(t, store, key), (ledger.Entry{Fields: first, Version: 1}); !reflect.DeepEqual(got, want) {
		t.Errorf("got %v after conflicts, want %v", got, want)
	}
	save(t, store, key, ledger.Entry{Fields: second, Version: 1})
	if got, want := load(t, store, key), (ledger.Entry{Fields: second, Version: 2}); !reflect.DeepEqual(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	missing := ledger.Key{RegionID: key.RegionID, VpnConnectionID: "vco-2"}
	if err := store.Save(t.Context(), missing, ledger.Entry{Fields: first, Version: 1}); !errors.Is(err, ledger.ErrConflict) {
		t.Errorf("got %v for an entry that is gone, want ErrConflict", err)
	}
}

func keys(t *testing.T, store ledger.Store) {
	all := []ledger.Key{
		key, {RegionID: "eu-central-1", VpnConnectionID: "vco-1"}, {RegionID: "cn-hangzhou", VpnConnectionID: "vco-10"},
	}
	for _, k := range all {
		save(t, store, k, ledger.Entry{Fields: named(k.String())})
	}
	for _, k := range all {
		if got, want := load(t, store, k), (ledger.Entry{Fields: named(k.String()), Version: 1}); !reflect.DeepEqual(got, want) {
			t.Errorf("%s: got %v, want %v", k, got, want)
		}
	}
}

// copies changes what was saved and what was loaded.
func copies(t *testing.T, store ledger.Store) {
	fields := named("a")
	save(t, store, key, ledger.Entry{Fields: fields})
	fields["Name"] = ledger.Stamp{}
	load(t, store, key).Fields["Name"] = ledger.Stamp{}
	if got, want := load(t, store, key), (ledger.Entry{Fields: named("a"), Version: 1}); !reflect.DeepEqual(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

// concurrentSaves lets several writers write what they made from one version.
func concurrentSaves(t *testing.T, store ledger.Store) {
	for version := range uint64(5) {
		var writers sync.WaitGroup
		results := make([]error, 6)
		for i := range results {
			writers.Go(func() {
				results[i] = store.Save(t.Context(), key, ledger.Entry{Fields: named(fmt.Sprint(i)), Version: version})
			})
		}
		writers.Wait()
		var winners []string
		for i, err := range results {
			if err == nil {
				winners = append(winners, fmt.Sprint(i))
			} else if !errors.Is(err, ledger.ErrConflict) {
				t.Error(err)
			}
		}
		if len(winners) != 1 {
			t.Fatalf("version %d: got the winners %v, want one", version, winners)
		}
		if got, want := load(t, store, key), (ledger.Entry{Fields: named(winners[0]), Version: version + 1}); !reflect.DeepEqual(got, want) {
			t.Errorf("got %v, want %v", got, want)
		}
	}
}

func concurrentRecords(t *testing.T, store ledger.Store) {
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
	entry := load(t, store, key)
	if len(entry.Fields) != 9 || entry.Fields["shared"].EventID != "7" || entry.Version != 8 {
		t.Errorf("got %v", entry)
	}
	same, err := ledger.Record(t.Context(), store, key, entry, entry.Fields)
	if err != nil || same.Version != entry.Version {
		t.Errorf("got version %d, %v for nothing new", same.Version, err)
	}
}

// lostAnswers writes through clients that don't get their answers: one asks again and
// meets its own write, and one gives up, so that the whole work is done again.
func lostAnswers(t *testing.T, store ledger.Store) {
	entry, err := ledger.Record(t.Context(), &twice{Store: store}, key, ledger.Entry{}, named("a"))
	if want := (ledger.Entry{Fields: named("a"), Version: 1}); err != nil || !reflect.DeepEqual(entry, want) {
		t.Errorf("got %v, %v, want %v", entry, err, want)
	}
	lost := errors.New("lost")
	if _, err = ledger.Record(t.Context(), &twice{store, lost}, key, entry, named("b")); !errors.Is(err, lost) {
		t.Errorf("got %v, want %v", err, lost)
	}
	for range 2 {
		entry, err = ledger.Record(t.Context(), store, key, entry, named("b"))
		if want := (ledger.Entry{Fields: named("b"), Version: 2}); err != nil || !reflect.DeepEqual(entry, want) {
			t.Errorf("got %v, %v, want %v", entry, err, want)
		}
	}
}

// twice is a store whose first answers are lost.
type twice struct {
	ledger.Store
	fails error // nil: it asks again
}

func (s *twice) Save(ctx context.Context, key ledger.Key, entry ledger.Entry) error {
	if err := s.Store.Save(ctx, key, entry); err != nil {
		return err
	}
	if s.fails != nil {
		return s.fails
	}
	return s.Store.Save(ctx, key, entry)
}

func named(id string) map[string]ledger.Stamp {
	return map[string]ledger.Stamp{"Name": {Time: noon, EventID: id}}
}

func load(t *testing.T, store ledger.Store, key ledger.Key) ledger.Entry {
	t.Helper()
	entry, err := store.Load(t.Context(), key)
	if err != nil {
		t.Fatal(err)
	}
	return entry
}

func save(t *testing.T, store ledger.Store, key ledger.Key, entry ledger.Entry) {
	t.Helper()
	if err := store.Save(t.Context(), key, entry); err != nil {
		t.Fatal(err)
	}
}
