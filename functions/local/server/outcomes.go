package server

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"sync"
	"time"

	"vpnattach/functions/local/store"
	"vpnattach/shared/outcome"
)

// Outcome is what has become of a change so far, or of an event without one. It
// holds no secret.
type Outcome struct {
	ChangeID        string          `json:"changeId,omitempty"` // of the change, and of its dead letter; see [message.Change.DeduplicationID]
	EventID         string          `json:"eventId"`
	VpnConnectionID string          `json:"vpnConnectionId"`
	Status          outcome.Status  `json:"status"`
	RequestID       string          `json:"requestId"`   // of the Modify call
	ClientToken     string          `json:"clientToken"` // as sent
	Parameters      json.RawMessage `json:"parameters"`  // the RPC parameters as sent, secrets as ***
	Findings        json.RawMessage `json:"findings"`
	Error           *outcome.Reason `json:"error"` // why it was rejected or deferred; null otherwise

	Differences json.RawMessage  `json:"differences,omitempty"` // what would change, when planned
	Time        time.Time        `json:"time"`                  // when it ended so
	Confirmed   *outcome.Outcome `json:"confirmed,omitempty"`   // what confirm found last
	Plan        bool             `json:"plan,omitempty"`        // the mode was plan, so it counts for nothing later
}

type outcomeList struct {
	Outcomes []Outcome `json:"outcomes"`
	LeftOut  int       `json:"leftOut,omitempty"` // for which the answer has no room; they are listed by GET /outcomes
	Next     string    `json:"next,omitempty"`    // the query's after, for the ones before
}

// maxAnswer is how many bytes of outcomes or dead letters an answer holds, or of
// outcomes twice as many as the event has.
const maxAnswer = 256 << 10

// listOf are as many outcomes as an answer holds.
func listOf(all []Outcome, most int) outcomeList {
	bytes := len(`{"outcomes":[],"leftOut":1000000}`)
	for i := range all {
		data, err := json.Marshal(&all[i])
		if bytes += len(data) + len(","); i > 0 && (bytes > most || err != nil) {
			return outcomeList{Outcomes: all[:i], LeftOut: len(all) - i}
		}
	}
	return outcomeList{Outcomes: all}
}

// fill puts empty values where JSON would have null, and the time.
func (o *Outcome) fill() {
	if len(o.Parameters) == 0 {
		o.Parameters = json.RawMessage("{}")
	}
	if len(o.Findings) == 0 {
		o.Findings = json.RawMessage("[]")
	}
	if o.Time.IsZero() {
		o.Time = time.Now().UTC()
	}
}

// row is an outcome as it is kept.
type row struct {
	Key     string `json:"-"` // the id of the change, or one of its own for what is none
	Number  uint64 // rows are in the order in which the changes came; see [outcomes.put]
	Outcome Outcome

	size int // bytes on disk
}

const (
	outcomeBucket = "outcomes"
	keptOutcomes  = 5_000    // so many, and those that are deferred
	keptBytes     = 32 << 20 // and no more than that together
	latest        = 100      // how many are listed without an event id in the query
)

// outcomes are kept in memory and, before anyone hears of them, on disk.
type outcomes struct {
	mu      sync.Mutex
	rows    []row // by Number
	bytes   int   // of all rows
	trimmed *store.Tx
}

// open reads what an earlier run has kept.
func (s *outcomes) open(db *store.DB) error {
	return db.View(func(tx *store.Tx) error {
		err := tx.Each(outcomeBucket, func(key string, value []byte) error {
			r := row{Key: key}
			if err := json.Unmarshal(value, &r); err != nil {
				return fmt.Errorf("outcome %s: %w", key, err)
			}
			r.size = len(value)
			s.bytes += r.size
			s.rows = append(s.rows, r)
			return nil
		})
		slices.SortFunc(s.rows, byNumber)
		return err
	})
}

func byNumber(a, b row) int { return cmp.Compare(a.Number, b.Number) }

// get returns the row of a change; ok is false without one.
func (s *outcomes) get(tx *store.Tx, key string) (r row, ok bool, err error) {
	value, err := tx.Get(outcomeBucket, key)
	if value == nil || err != nil {
		return row{}, false, err
	}
	r.Key = key
	if err := json.Unmarshal(value, &r); err != nil {
		return row{}, false, fmt.Errorf("outcome %s: %w", key, err)
	}
	return r, true, nil
}

// put keeps the outcome of a change, in the place that it had before; one that has
// been deferred for so long that it would be dropped now takes a new place. Each new
// place drops the row that stands so many places before it, unless that is deferred.
func (s *outcomes) put(tx *store.Tx, key string, o Outcome) error {
	r, ok, err := s.get(tx, key)
	if err != nil {
		return err
	}
	before := r.Number
	if err := s.trim(tx); err != nil {
		return err
	}
	if !ok || s.outdated(r) {
		r.Key = key
		if r.Number, err = tx.Next(outcomeBucket); err != nil {
			return err
		}
		if err := s.drop(tx, r.Number); err != nil {
			return err
		}
	}
	r.Outcome = o
	r.Outcome.Time = time.Time{}
	r.Outcome.fill()
	value, err := json.Marshal(&r)
	if err != nil {
		return fmt.Errorf("outcome %s: %w", key, err)
	}
	r.size = len(value)
	if err := tx.Put(outcomeBucket, key, value); err != nil {
		return err
	}
	tx.OnCommit(func() { s.remember(r, before) })
	return nil
}

// trim drops the oldest rows, once in a transaction, when those of the transactions
// before have too many bytes.
func (s *outcomes) trim(tx *store.Tx) error {
	s.mu.Lock()
	over, oldest := s.bytes-keptBytes, s.rows
	first := s.trimmed != tx
	s.trimmed = tx
	s.mu.Unlock()
	if !first {
		return nil
	}
	for i := 0; i < len(oldest)-1 && over > 0; i++ {
		over -= oldest[i].size
		if err := s.dropRow(tx, oldest[i]); err != nil {
			return err
		}
	}
	return nil
}

// drop makes room for the row of that number.
func (s *outcomes) drop(tx *store.Tx, number uint64) error {
	if number <= keptOutcomes {
		return nil
	}
	old, ok := s.at(number - keptOutcomes)
	if !ok {
		return nil
	}
	return s.dropRow(tx, old)
}

// dropRow drops a row unless it is deferred.
func (s *outcomes) dropRow(tx *store.Tx, old row) error {
	// This transaction may have changed it already.
	now, ok, err := s.get(tx, old.Key)
	if err != nil || !ok || now.Number != old.Number || now.Outcome.Status == outcome.Deferred {
		return err
	}
	if err := tx.Delete(outcomeBucket, old.Key); err != nil {
		return err
	}
	tx.OnCommit(func() { s.forget(old.Number) })
	return nil
}

// outdated reports whether the row stands where others have been dropped.
func (s *outcomes) outdated(r row) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.rows) > 0 && r.Number+keptOutcomes <= s.rows[len(s.rows)-1].Number
}

// at returns the row of that number.
func (s *outcomes) at(number uint64) (r row, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	at, ok := slices.BinarySearchFunc(s.rows, row{Number: number}, byNumber)
	if !ok {
		return row{}, false
	}
	return s.rows[at], true
}

// remember notes a row that is on disk. Before, it may have had another number.
func (s *outcomes) remember(r row, before uint64) {
	if before != r.Number {
		s.forget(before)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	at, found := slices.BinarySearchFunc(s.rows, r, byNumber)
	if !found {
		s.rows = slices.Insert(s.rows, at, row{})
	}
	s.bytes += r.size - s.rows[at].size
	s.rows[at] = r
}

func (s *outcomes) forget(number uint64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	at, found := slices.BinarySearchFunc(s.rows, row{Number: number}, byNumber)
	if !found {
		return
	}
	s.bytes -= s.rows[at].size
	if at == 0 { // nearly always; nothing has to move
		s.rows[0] = row{}
		s.rows = s.rows[1:]
		return
	}
	s.rows = slices.Delete(s.rows, at, at+1)
}

// of returns the rows of an event, oldest first.
func (s *outcomes) of(eventID string) []row {
	s.mu.Lock()
	defer s.mu.Unlock()
	found := []row{}
	for _, r := range s.rows {
		if r.Outcome.EventID == eventID {
			found = append(found, r)
		}
	}
	return found
}

// page returns the latest rows before that number, of the event unless its id is empty,
// oldest first: at most limit, and no more than an answer holds. next is the number to
// go on with, 0 when there are no older ones.
func (s *outcomes) page(eventID string, before uint64, limit int) (found []row, next uint64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	bytes := 0
	for _, r := range slices.Backward(s.rows) {
		if r.Number >= before || eventID != "" && r.Outcome.EventID != eventID {
			continue
		}
		if bytes += r.size; len(found) == limit || len(found) > 0 && bytes > maxAnswer {
			next = found[len(found)-1].Number
			break
		}
		found = append(found, r)
	}
	slices.Reverse(found)
	return found, next
}
