package bolt_test

import (
	"path/filepath"
	"reflect"
	"testing"
	"time"

	"go.etcd.io/bbolt"

	"vpnattach/shared/ledger"
	"vpnattach/shared/ledger/bolt"
	"vpnattach/shared/ledger/ledgertest"
)

func TestContract(t *testing.T) {
	t.Parallel()
	ledgertest.Run(t, func(t *testing.T) ledger.Store {
		db, err := bbolt.Open(filepath.Join(t.TempDir(), "ledger"), 0o600, &bbolt.Options{NoSync: true})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = db.Close() })
		store, err := bolt.New(db)
		if err != nil {
			t.Fatal(err)
		}
		return store
	})
}

func TestEntriesOutliveTheProcess(t *testing.T) {
	t.Parallel()
	path, key := filepath.Join(t.TempDir(), "ledger"), ledger.Key{RegionID: "r", VpnConnectionID: "vco-1"}
	fields := map[string]ledger.Stamp{"Tunnel.1.TunnelIkeConfig.Psk": {Time: time.Date(2026, 3, 1, 12, 0, 0, 123456789, time.UTC), EventID: "e", Source: "s", Part: "r#0"}}
	for i, want := range []ledger.Entry{{}, {Fields: fields, Version: 1}} {
		db, err := bbolt.Open(path, 0o600, nil)
		if err != nil {
			t.Fatal(err)
		}
		store, err := bolt.New(db)
		if err != nil {
			t.Fatal(err)
		}
		got, err := store.Load(t.Context(), key)
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("got %v, %v, want %v", got, err, want)
		}
		if i == 0 {
			if err := store.Save(t.Context(), key, ledger.Entry{Fields: fields}); err != nil {
				t.Fatal(err)
			}
		}
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

// Entries written before stamps had a source or a sequence can be read.
func TestStampWithoutSource(t *testing.T) {
	t.Parallel()
	db, err := bbolt.Open(filepath.Join(t.TempDir(), "ledger"), 0o600, nil)
	if err != nil {
		t.Fatal(err)
	}
	store, err := bolt.New(db)
	if err != nil {
		t.Fatal(err)
	}
	err = db.Update(func(tx *bbolt.Tx) error {
		return tx.Bucket([]byte("ledger")).Put([]byte("r/vco-1"), []byte(`{"Fields":{"Name":{"time":"2026-03-01T12:00:00Z","id":"e","part":"r#0"}},"Version":3}`))
	})
	if err != nil {
		t.Fatal(err)
	}
	got, err := store.Load(t.Context(), ledger.Key{RegionID: "r", VpnConnectionID: "vco-1"})
	stamp := ledger.Stamp{Time: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC), EventID: "e", Part: "r#0"}
	if want := (ledger.Entry{Version: 3, Fields: map[string]ledger.Stamp{"Name": stamp}}); err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("got %v, %v, want %v", got, err, want)
	}
}

func TestBroken(t *testing.T) {
	t.Parallel()
	key := ledger.Key{RegionID: "r", VpnConnectionID: "vco-1"}
	db, err := bbolt.Open(filepath.Join(t.TempDir(), "ledger"), 0o600, nil)
	if err != nil {
		t.Fatal(err)
	}
	store, err := bolt.New(db)
	if err != nil {
		t.Fatal(err)
	}
	err = db.Update(func(tx *bbolt.Tx) error { return tx.Bucket([]byte("ledger")).Put([]byte(key.String()), []byte("{")) })
	if err != nil {
		t.Fatal(err)
	}
	if _, err := store.Load(t.Context(), key); err == nil {
		t.Error("a broken entry is read")
	}
	if err := store.Save(t.Context(), key, ledger.Entry{}); err == nil {
		t.Error("a broken entry is written over")
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := bolt.New(db); err == nil {
		t.Error("a closed database is accepted")
	}
}
