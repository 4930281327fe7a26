package server

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"vpnattach/functions/apply"
	"vpnattach/functions/local/store"
	"vpnattach/shared/core/event"
	"vpnattach/shared/outcome"
)

const (
	deadLetterBucket = "dead-letters"
	keptLetters      = 1_000    // then the oldest go, a tenth at a time
	keptLetterBytes  = 64 << 20 // of all together; then as well
)

// DeadLetter is a change that apply has rejected, or an event that ingest has refused,
// as it is shown: without the change itself, which may hold a key.
type DeadLetter struct {
	ID              string          `json:"id"`
	EventID         string          `json:"eventId"`
	VpnConnectionID string          `json:"vpnConnectionId"`
	Reason          outcome.Reason  `json:"reason"` // with the remedy
	Findings        json.RawMessage `json:"findings"`
	Time            time.Time       `json:"time"`

	size int // bytes on disk
}

// keptLetter is a dead letter as it is kept. Its id is the key of the change, or that
// of what ingest has refused.
type keptLetter struct {
	DeadLetter
	Body  string // the message of a change, or an event
	Event bool   // it is an event
}

// errNoLetter: no dead letter has that id.
var errNoLetter = errors.New("no dead letter has that id")

// keepDeadLetters is apply's way to the dead letters.
func (m *Machine) keepDeadLetters(_ context.Context, all []apply.DeadLetter) []error {
	var letters []keptLetter
	for _, d := range all {
		letters = append(letters, keptLetter{Body: d.Body, DeadLetter: DeadLetter{
			ID: d.ID, EventID: d.Message.EventID, VpnConnectionID: d.Message.VpnConnectionID,
			Reason: d.Reason, Findings: d.Found.AppendJSON(nil), Time: d.Time,
		}})
	}
	if err := m.keepLetters(letters...); err != nil {
		return slices.Repeat([]error{err}, len(all))
	}
	return nil
}

// keepLetters keeps all of them, or none.
func (m *Machine) keepLetters(letters ...keptLetter) error {
	dropped := 0
	err := m.state.Update(func(tx *store.Tx) error {
		for _, letter := range letters {
			value, err := json.Marshal(letter)
			if err == nil {
				err = tx.Put(deadLetterBucket, letter.ID, value)
			}
			if err != nil {
				return fmt.Errorf("dead letter: %w", err)
			}
		}
		var err error
		dropped, err = dropLetters(tx)
		return err
	})
	if dropped > 0 {
		m.log.Warn().Int("dropped", dropped).Msg("there are too many dead letters, and the oldest are gone")
	}
	return err
}

// dropLetters makes room when there are too many, and returns how many had to go.
func dropLetters(tx *store.Tx) (dropped int, err error) {
	if tx.Len(deadLetterBucket) <= keptLetters && tx.Size(deadLetterBucket) <= keptLetterBytes {
		return 0, nil
	}
	letters, err := listLetters(tx)
	if err != nil {
		return 0, err
	}
	bytes := 0
	for i, letter := range letters {
		if bytes += letter.size; i == 0 || i < keptLetters*9/10 && bytes <= keptLetterBytes*9/10 {
			continue
		}
		if err := tx.Delete(deadLetterBucket, letter.ID); err != nil {
			return 0, err
		}
		dropped++
	}
	return dropped, nil
}

// DeadLetters returns the rejected changes that wait for a person, the latest
// first. At most the last thousand are kept.
func (m *Machine) DeadLetters() (letters []DeadLetter, err error) {
	err = m.state.View(func(tx *store.Tx) error {
		letters, err = listLetters(tx)
		return err
	})
	return letters, err
}

// letterList is an answer of dead letters.
type letterList struct {
	DeadLetters []DeadLetter `json:"deadLetters"`
	Next        string       `json:"next,omitempty"` // the query's after, for the ones before
}

// place is where the letter stands in the list, also once it is gone.
func (d *DeadLetter) place() string { return d.Time.UTC().Format(time.RFC3339Nano) + "~" + d.ID }

// letterPage returns those after that place, at most limit, and no more than an answer
// holds.
func letterPage(letters []DeadLetter, after string, limit int) letterList {
	page := letterList{DeadLetters: []DeadLetter{}}
	text, id, _ := strings.Cut(after, "~")
	at, _ := time.Parse(time.RFC3339Nano, text)
	bytes := 0
	for _, letter := range letters {
		if order := letter.Time.Compare(at); after != "" && (order > 0 || order == 0 && letter.ID <= id) {
			continue
		}
		bytes += len(letter.Findings) + len(letter.EventID) + len(letter.Reason.Message) + len(letter.Reason.Remedy) + letterOverhead
		if n := len(page.DeadLetters); n == limit || n > 0 && bytes > maxAnswer {
			page.Next = page.DeadLetters[n-1].place()
			break
		}
		page.DeadLetters = append(page.DeadLetters, letter)
	}
	return page
}

// letterOverhead is more than the rest of a letter has.
const letterOverhead = 512

func listLetters(tx *store.Tx) ([]DeadLetter, error) {
	letters := []DeadLetter{}
	err := tx.Each(deadLetterBucket, func(id string, value []byte) error {
		var letter DeadLetter
		if err := json.Unmarshal(value, &letter); err != nil {
			return fmt.Errorf("dead letter %s: %w", id, err)
		}
		letter.size = len(value)
		letters = append(letters, letter)
		return nil
	})
	slices.SortFunc(letters, func(a, b DeadLetter) int { return cmp.Or(b.Time.Compare(a.Time), cmp.Compare(a.ID, b.ID)) })
	return letters, err
}

// Discard forgets a rejected change for good.
func (m *Machine) Discard(id string) error {
	return m.state.Update(func(tx *store.Tx) error {
		value, err := tx.Get(deadLetterBucket, id)
		switch {
		case err != nil:
			return err
		case value == nil:
			return errNoLetter
		}
		return tx.Delete(deadLetterBucket, id)
	})
}

// Redrive puts a rejected change back on the queue, in its own place in the order
// of events, or takes a refused event again, and returns what has become of it as
// [Machine.Take] does.
func (m *Machine) Redrive(ctx context.Context, id string) ([]Outcome, error) {
	var letter keptLetter
	err := m.state.View(func(tx *store.Tx) error {
		value, err := tx.Get(deadLetterBucket, id)
		switch {
		case err != nil:
			return err
		case value == nil:
			return errNoLetter
		}
		return json.Unmarshal(value, &letter)
	})
	if err != nil {
		return nil, err
	}
	if letter.Event {
		return m.takeAgain(ctx, &letter)
	}
	return m.enqueue(ctx, []taken{{
		key: id, group: letter.VpnConnectionID, body: letter.Body, redrive: true,
		outcome: Outcome{EventID: letter.EventID, VpnConnectionID: letter.VpnConnectionID},
	}})
}

// takeAgain takes a refused event. It is a dead letter until it is refused no more.
func (m *Machine) takeAgain(ctx context.Context, letter *keptLetter) ([]Outcome, error) {
	all, err := m.Take(ctx, nil, []byte(letter.Body))
	var unopened *event.Error
	if errors.As(err, &unopened) {
		o := Outcome{ChangeID: letter.ID, EventID: letter.EventID, Status: outcome.Rejected, Findings: letter.Findings, Error: &letter.Reason}
		o.fill()
		return []Outcome{o}, m.keepOutcomes([]*Outcome{&o})
	}
	if err != nil || m.config.Plan || slices.ContainsFunc(all, func(o Outcome) bool { return o.ChangeID == "" && o.Status == outcome.Rejected }) {
		return all, err
	}
	return all, m.Discard(letter.ID)
}
