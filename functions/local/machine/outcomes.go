package machine

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"sync"
	"time"

	"vpnattach/functions/apply"
	"vpnattach/functions/confirm"
	"vpnattach/functions/local/state"
)

// Ignored is the status of an event in which nothing is for us. The others are
// those of [apply.Status].
const Ignored apply.Status = "ignored"

// Outcome is what has become of a change so far, or of an event without one. It
// holds no secret.
type Outcome struct {
	ChangeID        string          `json:"changeId,omitempty"` // of the change, and of its dead letter; see [apply.Message.DeduplicationID]
	EventID         string          `json:"eventId"`
	VpnConnectionID string          `json:"vpnConnectionId"`
	Status          apply.Status    `json:"status"`
	RequestID       string          `json:"requestId"`   // of the Modify call
	ClientToken     string          `json:"clientToken"` // as sent
	Parameters      json.RawMessage `json:"parameters"`  // the RPC parameters as sent, secrets as ***
	Findings        json.RawMessage `json:"findings"`
	Error           *apply.Error    `json:"error"` // why it was rejected or deferred; null otherwise

	Differences json.RawMessage  `json:"differences,omitempty"` // what would change, when planned
	Time        time.Time        `json:"time"`                  // when this became of it
	Confirmed   *confirm.Outcome `json:"confirmed,omitempty"`   // what confirm found last
}

type outcomeList struct {
	Outcomes []Outcome `json:"outcomes"`
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
	Number  uint64 // rows are in the order in which the changes came
	Outcome Outcome
}

const (
	outcomeBucket = "outcomes"
	keptOutcomes  = 5_000 // the oldest that are done go first
	latest        = 100   // how many are listed when nobody asks for an event
)

// outcomes are kept in memory and, before anyone hears of them, on disk.
type outcomes struct {
	mu   sync.Mutex
	rows []row // by Number
}

// open reads what an earlier run has kept.
func (s *outcomes) open(db *state.DB) error {
	return db.View(func(tx *state.Tx) error {
		err := tx.Each(outcomeBucket, func(key string, value []byte) error {
			r := row{Key: key}
			if err := json.Unmarshal(value, &r); err != nil {
				return fmt.Errorf("outcome %s: %w", key, err)
			}
			s.rows = append(s.rows, r)
			return nil
		})
		slices.SortFunc(s.rows, byNumber)
		return err
	})
}

func byNumber(a, b row) int { return cmp.Compare(a.Number, b.Number) }

// get returns the row of a change; ok is false when there is none.
func (s *outcomes) get(tx *state.Tx, key string) (r row, ok bool, err error) {
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

// put keeps what became of a change, in the place that it had before.
func (s *outcomes) put(tx *state.Tx, key string, o Outcome) error {
	r, ok, err := s.get(tx, key)
	if err != nil {
		return err
	}
	if !ok {
		r.Key = key
		if r.Number, err = tx.Next(outcomeBucket); err != nil {
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
	if err := tx.Put(outcomeBucket, key, value); err != nil {
		return err
	}
	if old := s.tooMany(); !ok && old != "" {
		if err := tx.Delete(outcomeBucket, old); err != nil {
			return err
		}
		tx.OnCommit(func() { s.forget(old) })
	}
	tx.OnCommit(func() { s.remember(r) })
	return nil
}

// tooMany returns the key of a row to drop when there are too many.
func (s *outcomes) tooMany() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.rows) < keptOutcomes {
		return ""
	}
	for _, r := range s.rows {
		if r.Outcome.Status != apply.Deferred {
			return r.Key
		}
	}
	return ""
}

func (s *outcomes) remember(r row) {
	s.mu.Lock()
	defer s.mu.Unlock()
	at, found := slices.BinarySearchFunc(s.rows, r, byNumber)
	switch {
	case !found:
		s.rows = slices.Insert(s.rows, at, r)
	case !r.Outcome.Time.Before(s.rows[at].Outcome.Time): // two transactions may be heard of in the other order
		s.rows[at] = r
	}
}

func (s *outcomes) forget(key string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.rows = slices.DeleteFunc(s.rows, func(r row) bool { return r.Key == key })
}

// of returns the rows of an event, or the latest, oldest first.
func (s *outcomes) of(eventID string) []row {
	s.mu.Lock()
	defer s.mu.Unlock()
	found := []row{}
	for _, r := range slices.Backward(s.rows) {
		if eventID == "" && len(found) == latest {
			break
		}
		if eventID == "" || r.Outcome.EventID == eventID {
			found = append(found, r)
		}
	}
	slices.Reverse(found)
	return found
}
