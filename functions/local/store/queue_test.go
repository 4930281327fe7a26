package store_test

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"vpnattach/functions/local/store"
)

func mustOpen(t *testing.T, dir string) (*store.DB, *store.Queue) {
	t.Helper()
	db, err := store.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	q, err := store.OpenQueue(db, "test")
	if err != nil {
		t.Fatal(err)
	}
	return db, q
}

// mustSend sends messages written as "group body".
func mustSend(t *testing.T, db *store.DB, q *store.Queue, due time.Time, all ...string) {
	t.Helper()
	err := db.Update(func(tx *store.Tx) error {
		for _, m := range all {
			group, body, _ := strings.Cut(m, " ")
			if _, err := q.Send(tx, store.Message{Group: group, Body: body, Due: due}); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// until runs the queue for so long, in the test's own time.
func until(t *testing.T, q *store.Queue, d time.Duration, workers int, handle func([]store.Message) []string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), d)
	defer cancel()
	q.Run(ctx, workers, handle, noError(t))
}

func noError(t *testing.T) func([]store.Message, error) {
	return func(_ []store.Message, err error) {
		if err != nil {
			t.Error(err)
		}
	}
}

func bodies(batch []store.Message) string {
	var all []string
	for _, m := range batch {
		all = append(all, m.Body)
	}
	return strings.Join(all, " ")
}

func TestOrder(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		db, q := mustOpen(t, filepath.Join(t.TempDir(), "s"))
		defer db.Close()
		start := time.Now()
		mustSend(t, db, q, time.Time{}, "a 1", "b 2", "a 3", "a 4")
		mustSend(t, db, q, start.Add(time.Minute), "c 5")
		var log []string
		until(t, q, 2*time.Minute, 1, func(batch []store.Message) (failed []string) {
			log = append(log, fmt.Sprintf("%v %s: %s", time.Since(start).Round(time.Second), batch[0].Group, bodies(batch)))
			for _, m := range batch {
				if m.Body != "3" || m.Received > 3 {
					continue
				}
				if m.Received == 2 && !q.Delay(m.ID, 20*time.Second) {
					t.Error("a message that is out can't be delayed")
				}
				failed = append(failed, m.ID)
				if m.Received == 1 {
					mustSend(t, db, q, time.Time{}, "a 6") // does not overtake 3
				}
			}
			return failed
		})
		want := []string{"0s a: 1 3 4", "0s b: 2", "1s a: 3 6", "21s a: 3", "25s a: 3", "1m0s c: 5"}
		if !slices.Equal(log, want) {
			t.Errorf("got  %q\nwant %q", log, want)
		}
		if q.Waits("a") || q.Waits("none") {
			t.Error("a group waits without a message")
		}
		if q.Delay("0000000000000001", time.Second) {
			t.Error("a message that is gone can be delayed")
		}
	})
}

func TestBatches(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		db, q := mustOpen(t, filepath.Join(t.TempDir(), "s"))
		defer db.Close()
		for i := range 25 {
			mustSend(t, db, q, time.Time{}, fmt.Sprint("a ", i))
		}
		var sizes []int
		until(t, q, time.Minute, 4, func(batch []store.Message) []string {
			sizes = append(sizes, len(batch))
			return nil
		})
		if want := []int{10, 10, 5}; !slices.Equal(sizes, want) {
			t.Errorf("got batches of %v, want %v", sizes, want)
		}
	})
}

// TestRestart: what failed and what was out when the process ended comes again,
// each in its time.
func TestRestart(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		dir := filepath.Join(t.TempDir(), "s")
		db, q := mustOpen(t, dir)
		start := time.Now()
		mustSend(t, db, q, time.Time{}, "a 1", "b 2")
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		var reported []error
		q.Run(ctx, 1, func(batch []store.Message) []string {
			id := batch[0].ID
			if batch[0].Group == "a" {
				q.Delay(id, time.Hour)
			} else {
				q.Delay(id, 0)
				db.Close() // the process ends before the batch comes back
			}
			return []string{id}
		}, func(_ []store.Message, err error) {
			if err != nil {
				reported = append(reported, err)
			}
		})
		if len(reported) != 1 {
			t.Errorf("reported %v, want that b could not be taken back", reported)
		}
		_ = db.Close()

		db, q = mustOpen(t, dir)
		defer db.Close()
		var log []string
		until(t, q, 2*time.Hour, 1, func(batch []store.Message) []string {
			log = append(log, fmt.Sprintf("%v %s %d", time.Since(start).Round(time.Minute), bodies(batch), batch[0].Received))
			return nil
		})
		// What has failed is tried at once, and no count comes twice: each message may
		// have been handed out when the process ended.
		if want := []string{"0s 1 3", "0s 2 2"}; !slices.Equal(log, want) {
			t.Errorf("got %q, want %q", log, want)
		}
	})
}

// TestDue: a message that is due later keeps nobody before it waiting.
func TestDue(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		db, q := mustOpen(t, filepath.Join(t.TempDir(), "s"))
		defer db.Close()
		start := time.Now()
		mustSend(t, db, q, time.Time{}, "a 1")
		mustSend(t, db, q, start.Add(time.Minute), "a 2")
		var log []string
		until(t, q, time.Hour, 1, func(batch []store.Message) []string {
			log = append(log, fmt.Sprintf("%v %s", time.Since(start).Round(time.Second), bodies(batch)))
			return nil
		})
		if want := []string{"0s 1", "1m0s 2"}; !slices.Equal(log, want) {
			t.Errorf("got %q, want %q", log, want)
		}
	})
}

// TestDiskFails: a batch that can't be taken back comes again, whatever happened to
// its messages.
func TestDiskFails(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		db, q := mustOpen(t, filepath.Join(t.TempDir(), "s"))
		mustSend(t, db, q, time.Time{}, "a 1", "a 2")
		ctx, stop := context.WithTimeout(t.Context(), time.Hour)
		defer stop()
		var log []string
		q.Run(ctx, 1, func(batch []store.Message) []string {
			if log = append(log, bodies(batch)); len(log) == 3 {
				stop()
			}
			if err := db.Close(); err != nil {
				t.Error(err)
			}
			return nil
		}, func(_ []store.Message, err error) {
			if err == nil {
				t.Error("nobody is told")
			}
		})
		if want := []string{"1 2", "1 2", "1 2"}; !slices.Equal(log, want) {
			t.Errorf("got %q, want %q", log, want)
		}
	})
}

// TestOneBatchOfAGroup: however many workers there are, a group has one batch out,
// every message comes, and those of a group in order.
func TestOneBatchOfAGroup(t *testing.T) {
	t.Parallel()
	db, q := mustOpen(t, filepath.Join(t.TempDir(), "s"))
	defer db.Close()
	const groups, each = 5, 40
	ctx, stop := context.WithTimeout(t.Context(), time.Minute) // in case a message is lost
	defer stop()
	var mu sync.Mutex
	out, last, done := map[string]bool{}, map[string]string{}, 0
	handle := func(batch []store.Message) (failed []string) {
		group := batch[0].Group
		mu.Lock()
		if out[group] {
			t.Errorf("two batches of %s at once", group)
		}
		out[group] = true
		mu.Unlock()
		mu.Lock()
		defer mu.Unlock()
		for i, m := range batch {
			if m.ID <= last[group] {
				t.Errorf("%s after %s", m.ID, last[group])
			}
			if m.Received == 1 && m.Body == "7" { // it fails once, and with it all behind it
				for _, m := range batch[i:] {
					q.Delay(m.ID, 0)
					failed = append(failed, m.ID)
				}
				break
			}
			last[group] = m.ID
			if done++; done == groups*each {
				stop()
			}
		}
		out[group] = false
		return failed
	}
	var senders sync.WaitGroup
	for g := range groups {
		senders.Go(func() {
			for i := range each {
				mustSend(t, db, q, time.Time{}, fmt.Sprintf("g%d %d", g, i))
			}
		})
	}
	q.Run(ctx, 3, handle, noError(t))
	senders.Wait()
	if done != groups*each {
		t.Errorf("%d of %d have come", done, groups*each)
	}
}

// TestClockSetBack: what was written while the clock was ahead is due at once, whether
// it has failed before or not, and so is what is due later than anything waits.
func TestClockSetBack(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		dir := filepath.Join(t.TempDir(), "s")
		db, q := mustOpen(t, dir)
		mustSend(t, db, q, time.Time{}, "failed 1")
		mustSend(t, db, q, time.Now().Add(10*time.Second), "new 2", "both 3", "due 4", "as-it-was 5")
		until(t, q, time.Second, 1, func(batch []store.Message) []string {
			q.Delay(batch[0].ID, 10*time.Second)
			return []string{batch[0].ID}
		})
		rewrite(t, db, func(m *store.Message) {
			switch m.Group {
			case "failed", "new":
				m.Sent, m.Due = m.Sent.Add(24*time.Hour), m.Due.Add(24*time.Hour)
			case "both": // by less than the longest back-off
				m.Sent, m.Due = m.Sent.Add(5*time.Minute), m.Due.Add(5*time.Minute)
			case "due":
				m.Due = m.Due.Add(24 * time.Hour)
			}
		})
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
		db, q = mustOpen(t, dir)
		defer db.Close()
		start := time.Now()
		var log []string
		until(t, q, 48*time.Hour, 1, func(batch []store.Message) []string {
			log = append(log, fmt.Sprintf("%v %s", time.Since(start).Round(time.Second), bodies(batch)))
			return nil
		})
		if want := []string{"0s 1", "0s 2", "0s 3", "0s 4", "9s 5"}; !slices.Equal(log, want) {
			t.Errorf("got %q, want %q", log, want)
		}
	})
}

// rewrite changes the messages on disk.
func rewrite(t *testing.T, db *store.DB, change func(*store.Message)) {
	t.Helper()
	const bucket = "queue/test"
	err := db.Update(func(tx *store.Tx) error {
		all := map[string]store.Message{}
		err := tx.Each(bucket, func(id string, value []byte) error {
			var m store.Message
			err := json.Unmarshal(value, &m)
			all[id] = m
			return err
		})
		for id, m := range all {
			change(&m)
			value, failed := json.Marshal(m)
			err = cmp.Or(err, failed, tx.Put(bucket, id, value))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}
