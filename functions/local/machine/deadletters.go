package machine

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"vpnattach/functions/apply"
	"vpnattach/functions/local/state"
)

const deadLetterBucket = "dead-letters"

// DeadLetter is a rejected change as it is shown: without the change itself, which
// may hold a key.
type DeadLetter struct {
	ID              string          `json:"id"`
	EventID         string          `json:"eventId"`
	VpnConnectionID string          `json:"vpnConnectionId"`
	Reason          apply.Error     `json:"reason"` // with the remedy
	Findings        json.RawMessage `json:"findings"`
	Time            time.Time       `json:"time"`
}

// keptLetter is a dead letter as it is kept.
type keptLetter struct {
	DeadLetter
	Key  string
	Body string
}

// errNoLetter: there is no dead letter with that id.
var errNoLetter = errors.New("there is no such dead letter")

// keepDeadLetter is apply's way to the dead letters.
func (m *Machine) keepDeadLetter(_ context.Context, d apply.DeadLetter) error {
	letter := keptLetter{Key: d.ID, Body: d.Body, DeadLetter: DeadLetter{
		ID: d.ID, EventID: d.Message.EventID, VpnConnectionID: d.Message.VpnConnectionID,
		Reason: d.Reason, Findings: d.Found.AppendJSON(nil), Time: d.Time,
	}}
	if d.Message.EventID != "" {
		letter.Key = d.Message.DeduplicationID()
	}
	value, err := json.Marshal(letter)
	if err != nil {
		return fmt.Errorf("dead letter: %w", err)
	}
	return m.state.Update(func(tx *state.Tx) error { return tx.Put(deadLetterBucket, d.ID, value) })
}

// DeadLetters returns the rejected changes that wait for a person.
func (m *Machine) DeadLetters() ([]DeadLetter, error) {
	letters := []DeadLetter{}
	err := m.state.View(func(tx *state.Tx) error {
		return tx.Each(deadLetterBucket, func(id string, value []byte) error {
			var letter keptLetter
			if err := json.Unmarshal(value, &letter); err != nil {
				return fmt.Errorf("dead letter %s: %w", id, err)
			}
			letters = append(letters, letter.DeadLetter)
			return nil
		})
	})
	return letters, err
}

// Redrive puts a rejected change back on the queue, in its own place in the order
// of events, and returns what has become of it as [Machine.Take] does.
func (m *Machine) Redrive(ctx context.Context, id string) ([]Outcome, error) {
	var letter keptLetter
	err := m.state.View(func(tx *state.Tx) error {
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
	return m.enqueue(ctx, []taken{{
		key: letter.Key, group: letter.VpnConnectionID, body: letter.Body, letter: id,
		outcome: Outcome{EventID: letter.EventID, VpnConnectionID: letter.VpnConnectionID},
	}})
}
