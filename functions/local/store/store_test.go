package store_test

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"vpnattach/functions/local/store"
)

func open(t *testing.T, dir string) *store.DB {
	t.Helper()
	db, err := store.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return db
}

func get(t *testing.T, db *store.DB, bucket, key string) (value []byte, err error) {
	t.Helper()
	_ = db.View(func(tx *store.Tx) error {
		value, err = tx.Get(bucket, key)
		return nil
	})
	return value, err
}

func TestState(t *testing.T) {
	t.Parallel()
	const clear = "a-pre-shared-key-7Qx"
	dir := filepath.Join(t.TempDir(), "state")
	db := open(t, dir)
	err := db.Update(func(tx *store.Tx) error {
		return errors.Join(tx.Put("a", "2", []byte(clear)), tx.Put("a", "1", []byte("one")), tx.Put("a", "3", []byte("gone")), tx.Delete("a", "3"), tx.Delete("none", "3"))
	})
	if err != nil {
		t.Fatal(err)
	}
	failed := errors.New("failed")
	if err := db.Update(func(tx *store.Tx) error { return errors.Join(tx.Put("a", "2", []byte("new")), failed) }); !errors.Is(err, failed) {
		t.Fatalf("got %v, want the transaction's own error", err)
	}
	if _, err := store.Open(dir); !errors.Is(err, store.ErrInUse) {
		t.Errorf("opened twice: %v", err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}

	db = open(t, dir)
	var all []string
	err = db.View(func(tx *store.Tx) error {
		each := func(key string, value []byte) error {
			all = append(all, key+"="+string(value))
			return nil
		}
		return errors.Join(tx.Each("a", each), tx.Backward("a", each), tx.Backward("none", each))
	})
	if want := []string{"1=one", "2=" + clear, "2=" + clear, "1=one"}; err != nil || !slices.Equal(all, want) {
		t.Errorf("got %q, %v; want %q", all, err, want)
	}
	if value, err := get(t, db, "none", "1"); value != nil || err != nil {
		t.Errorf("got %q, %v of no bucket", value, err)
	}
	for name, mode := range map[string]os.FileMode{"": 0o700, "key": 0o600, "state.db": 0o600} {
		info, err := os.Stat(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		if got := info.Mode().Perm(); got != mode {
			t.Errorf("%s has the mode %v, want %v", info.Name(), got, mode)
		}
		if data, err := os.ReadFile(filepath.Join(dir, name)); err == nil && bytes.Contains(data, []byte(clear)) {
			t.Errorf("%s holds the value in clear", name)
		}
	}
}

func TestAnotherKey(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "state")
	db := open(t, dir)
	if err := db.Update(func(tx *store.Tx) error { return tx.Put("a", "1", []byte("one")) }); err != nil {
		t.Fatal(err)
	}
	_ = db.Close()
	key := filepath.Join(dir, "key")
	if err := os.WriteFile(key, bytes.Repeat([]byte{7}, 32), 0o600); err != nil {
		t.Fatal(err)
	}
	db = open(t, dir)
	if value, err := get(t, db, "a", "1"); err == nil {
		t.Errorf("opened with another key: %q", value)
	}
	_ = db.Close()
	if err := os.WriteFile(key, []byte("short"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := store.Open(dir); err == nil {
		t.Error("opened with a key that is none")
	}
}

func TestNumbersGrow(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "state")
	last := uint64(0)
	for range 3 {
		db := open(t, dir)
		err := db.Update(func(tx *store.Tx) error {
			n, err := tx.Next("a")
			if n <= last {
				t.Errorf("got %d after %d", n, last)
			}
			last = n
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		_ = db.Close()
	}
}

func TestDerive(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "state")
	db := open(t, dir)
	first, err1 := db.Derive("one")
	other, err2 := db.Derive("two")
	if err := errors.Join(err1, err2); err != nil || first.IsZero() || first.Equal(other) {
		t.Errorf("two purposes have one key, or none: %v", err)
	}
	_ = db.Close()
	if again, err := open(t, dir).Derive("one"); err != nil || !again.Equal(first) {
		t.Errorf("another key after a restart: %v", err)
	}
}

// TestOrderOfCommits: who waits for a commit hears of it in the order of the
// transactions.
func TestOrderOfCommits(t *testing.T) {
	t.Parallel()
	db := open(t, filepath.Join(t.TempDir(), "state"))
	var heard []uint64 // without a lock: two are never called at once
	var all sync.WaitGroup
	for range 20 {
		all.Go(func() {
			for range 10 {
				err := db.Update(func(tx *store.Tx) error {
					n, err := tx.Next("a")
					tx.OnCommit(func() { heard = append(heard, n) })
					return err
				})
				if err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	if len(heard) != 200 || !slices.IsSorted(heard) {
		t.Errorf("heard of %v", heard)
	}
}

// TestUpdatesTogether: transactions that wait share a write, but not each other's
// failures.
func TestUpdatesTogether(t *testing.T) {
	t.Parallel()
	db := open(t, filepath.Join(t.TempDir(), "state"))
	failed := errors.New("failed")
	var all sync.WaitGroup
	for i := range 60 {
		all.Go(func() {
			err := db.Update(func(tx *store.Tx) error {
				err := tx.Put("a", fmt.Sprintf("%02d", i), []byte("value"))
				switch i % 10 {
				case 3:
					return failed
				case 7:
					panic("a value not to be shown")
				}
				return err
			})
			switch {
			case i%10 == 3 && !errors.Is(err, failed),
				i%10 == 7 && (err == nil || strings.Contains(err.Error(), "not to be shown")),
				i%10 != 3 && i%10 != 7 && err != nil:
				t.Errorf("%d: got %v", i, err)
			}
		})
	}
	all.Wait()
	for i := range 60 {
		value, err := get(t, db, "a", fmt.Sprintf("%02d", i))
		if want := i%10 != 3 && i%10 != 7; (value != nil) != want || err != nil {
			t.Errorf("%d: got %q, %v", i, value, err)
		}
	}
}
