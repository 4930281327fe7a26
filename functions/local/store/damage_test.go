package store_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"vpnattach/functions/local/store"
)

// mustFill makes a state of some hundred pages and returns its folder.
func mustFill(t *testing.T) (dir string) {
	t.Helper()
	dir = filepath.Join(t.TempDir(), "state")
	db := open(t, dir)
	err := db.Update(func(tx *store.Tx) error {
		for i := range 2000 {
			if err := tx.Put(fmt.Sprint("bucket-", i%3), fmt.Sprintf("%04d", i), make([]byte, 500)); err != nil {
				return err
			}
		}
		return nil
	})
	if err := errors.Join(err, db.Close()); err != nil {
		t.Fatal(err)
	}
	return dir
}

// TestDamage: a state that can't be read is an error of one line with its remedy.
func TestDamage(t *testing.T) {
	t.Parallel()
	scribble := func(from, to int) func(*testing.T, string) {
		return func(t *testing.T, dir string) {
			name := filepath.Join(dir, "state.db")
			data, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			random := rand.New(rand.NewPCG(1, 2))
			for i := from; i < min(to, len(data)); i++ {
				data[i] = byte(random.Uint32())
			}
			if err := os.WriteFile(name, data, 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
	for _, c := range []struct {
		name   string
		damage func(t *testing.T, dir string)
		want   error
	}{
		{"cut short", func(t *testing.T, dir string) {
			if err := os.Truncate(filepath.Join(dir, "state.db"), 20_000); err != nil {
				t.Fatal(err)
			}
		}, store.ErrDamaged},
		{"pages overwritten", scribble(4*4096, 45*4096), store.ErrDamaged},
		{"start overwritten", scribble(0, 2*4096), store.ErrDamaged},
		{"all overwritten", scribble(0, 1<<30), store.ErrDamaged},
		{"empty", func(t *testing.T, dir string) {
			if err := os.Truncate(filepath.Join(dir, "state.db"), 0); err != nil {
				t.Fatal(err)
			}
		}, store.ErrLost},
		{"gone", func(t *testing.T, dir string) {
			if err := os.Remove(filepath.Join(dir, "state.db")); err != nil {
				t.Fatal(err)
			}
		}, store.ErrLost},
		{"no key", func(t *testing.T, dir string) {
			if err := os.Remove(filepath.Join(dir, "key")); err != nil {
				t.Fatal(err)
			}
		}, store.ErrNoKey},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			dir := mustFill(t)
			c.damage(t, dir)
			_, err := store.Open(dir)
			if !errors.Is(err, c.want) {
				t.Fatalf("got %v, want %v", err, c.want)
			}
			if text := err.Error(); strings.Contains(text, "\n") || !strings.Contains(text, dir) || !strings.Contains(text, "start anew") {
				t.Errorf("not one line with place and remedy: %q", text)
			}
			if _, err := os.Stat(filepath.Join(dir, "key")); errors.Is(c.want, store.ErrNoKey) && err == nil {
				t.Error("a new key has been made")
			}
		})
	}
}

// TestCut: a file that was cut anywhere is refused, and not made anew.
func TestCut(t *testing.T) {
	t.Parallel()
	dir := mustFill(t)
	name := filepath.Join(dir, "state.db")
	whole, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	for _, size := range []int{0, 1, 64, 4095, 4096, 4097, 8191, 8192, 12_288, 16_384, 32_768, 65_536, 131_072, 524_288} {
		if err := os.WriteFile(name, whole[:size], 0o600); err != nil {
			t.Fatal(err)
		}
		db, err := store.Open(dir)
		if err == nil {
			db.Close()
		}
		if !errors.Is(err, store.ErrDamaged) && !errors.Is(err, store.ErrLost) {
			t.Errorf("%d bytes of %d: got %v", size, len(whole), err)
		}
		if err := os.Remove(name); err != nil { // a file that was found damaged stays locked
			t.Fatal(err)
		}
	}
}

// TestKeyOnly: a process that ended right after it had made the key has lost nothing.
func TestKeyOnly(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "state")
	for range 2 {
		if err := open(t, dir).Close(); err != nil {
			t.Fatal(err)
		}
	}
}

// TestNoFiles: a folder, or anything else that is not a file, in the place of one.
func TestNoFiles(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"key", "state.db"} {
		dir := mustFill(t)
		if err := errors.Join(os.Remove(filepath.Join(dir, name)), os.Mkdir(filepath.Join(dir, name), 0o700)); err != nil {
			t.Fatal(err)
		}
		if _, err := store.Open(dir); err == nil || !strings.Contains(err.Error(), name+" is not a file; remove") {
			t.Errorf("%s: got %v", name, err)
		}
	}
}
