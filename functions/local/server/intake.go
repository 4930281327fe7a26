package server

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"time"

	"vpnattach/functions/ingest"
	"vpnattach/functions/local/store"
	"vpnattach/shared/message"
	"vpnattach/shared/outcome"
)

// intake is what one call of ingest brings.
type intake struct {
	answered bool                 // the caller waits for the outcomes, and is told what is refused
	taken    []taken              // in the order of the messages
	seen     map[string]time.Time // ids that come for the first time, to be kept with the changes
}

// intakeKey is the context's key for the intake.
type intakeKey struct{}

func withIntake(ctx context.Context) (context.Context, *intake) {
	in := &intake{seen: map[string]time.Time{}}
	return context.WithValue(ctx, intakeKey{}, in), in
}

func intakeOf(ctx context.Context) *intake { return ctx.Value(intakeKey{}).(*intake) }

// invocable is ingest as the Invoke API offers it.
type invocable struct{ *Machine }

// Invoke implements lambda.Handler.
func (m invocable) Invoke(ctx context.Context, payload []byte) ([]byte, error) {
	ctx, in := withIntake(ctx)
	answer, err := m.ingest.Invoke(ctx, payload)
	if m.config.Plan && len(in.taken) > 0 {
		_, planned := m.plan(ctx, in.taken)
		m.logFailure(planned)
	}
	return answer, err
}

// send is ingest's way into the queue. In the mode plan nothing goes there.
func (m *Machine) send(ctx context.Context, messages []message.Change) error {
	in := intakeOf(ctx)
	all := make([]taken, len(messages))
	for i := range messages {
		c := &messages[i]
		body, err := c.Encode()
		if err != nil {
			return err
		}
		all[i] = taken{
			outcome: Outcome{EventID: c.EventID, VpnConnectionID: c.VpnConnectionID},
			body:    body, key: c.DeduplicationID(), group: c.Group(),
		}
	}
	if !m.config.Plan {
		err := m.state.Update(func(tx *store.Tx) error {
			if err := keepSeen(tx, in.seen); err != nil {
				return err
			}
			return m.enterAll(tx, all, in.answered)
		})
		if err != nil {
			m.unsubscribe(all)
			return err
		}
	}
	in.taken = append(in.taken, all...)
	return nil
}

// refused is ingest's way to keep what it has refused.
func (m *Machine) refused(ctx context.Context, d ingest.DeadLetter) error {
	eventID := d.Name
	if len(d.EventIDs) > 0 {
		eventID = d.EventIDs[0]
	}
	o := Outcome{ChangeID: d.ID, EventID: eventID, Status: outcome.Rejected, Findings: d.Findings.AppendJSON(nil), Error: &d.Reason, Plan: m.config.Plan}
	if !m.config.Plan {
		err := m.keepLetters(keptLetter{Event: true, Body: d.Body, DeadLetter: DeadLetter{
			ID: d.ID, EventID: eventID, Reason: d.Reason, Findings: o.Findings, Time: d.Time,
		}})
		if err != nil {
			return err
		}
	}
	if intakeOf(ctx).answered {
		return nil
	}
	o.fill()
	return m.keepOutcomes([]*Outcome{&o})
}

const (
	seenBucket = "seen"
	rememberID = 30 * 24 * time.Hour // longer than any sender tries again
)

// sighting is when an id was first seen, as it is kept.
type sighting struct {
	Time  time.Time // of the event
	Until time.Time // may be forgotten then
}

// firstSeen is ingest's memory of ids: what is new is kept with the changes, by send.
func (m *Machine) firstSeen(ctx context.Context, id string, t time.Time) (time.Time, error) {
	in := intakeOf(ctx)
	if known, ok := in.seen[id]; ok {
		return known, nil
	}
	known := sighting{Time: t}
	err := m.state.View(func(tx *store.Tx) error {
		value, err := tx.Get(seenBucket, id)
		if err != nil || value == nil {
			return err
		}
		return json.Unmarshal(value, &known)
	})
	in.seen[id] = known.Time
	return known.Time, err
}

func keepSeen(tx *store.Tx, seen map[string]time.Time) error {
	for id, t := range seen {
		known, err := tx.Get(seenBucket, id)
		if err == nil && known == nil {
			err = putSeen(tx, id, t)
		}
		if err != nil {
			return fmt.Errorf("remember an event: %w", err)
		}
	}
	return nil
}

func putSeen(tx *store.Tx, id string, t time.Time) error {
	value, err := json.Marshal(sighting{t, time.Now().Add(rememberID)})
	if err != nil {
		return err
	}
	return tx.Put(seenBucket, id, value)
}

// remember and known are ingest's memory of webhooks. The mode plan takes none.
func (m *Machine) remember(_ context.Context, id string) error {
	if m.config.Plan {
		return nil
	}
	return m.state.Update(func(tx *store.Tx) error { return putSeen(tx, id, time.Now()) })
}

func (m *Machine) known(_ context.Context, id string) (known bool, err error) {
	err = m.state.View(func(tx *store.Tx) error {
		value, err := tx.Get(seenBucket, id)
		var until sighting
		if err == nil && value != nil {
			err = json.Unmarshal(value, &until)
		}
		known = time.Now().Before(until.Until)
		return err
	})
	return known, err
}

// forgetSeen forgets the ids of events that will not come again.
func forgetSeen(db *store.DB) error {
	return db.Update(func(tx *store.Tx) error {
		var old []string
		err := tx.Each(seenBucket, func(id string, value []byte) error {
			var known sighting
			if err := json.Unmarshal(value, &known); err != nil {
				return fmt.Errorf("event %s: %w", id, err)
			}
			if time.Now().After(known.Until) {
				old = append(old, id)
			}
			return nil
		})
		for _, id := range old {
			err = cmp.Or(err, tx.Delete(seenBucket, id))
		}
		return err
	})
}
