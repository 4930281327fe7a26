package server

import (
	"context"
	"iter"
	"slices"
	"strconv"

	"vpnattach/functions/local/store"
	"vpnattach/shared/outcome"
)

// plan says what would become of the changes. None of it counts as taken: each
// outcome is a row of its own, and nothing goes onto the queue or leaves it.
func (m *Machine) plan(ctx context.Context, all []taken) ([]Outcome, error) {
	ctx, cancel := context.WithTimeout(ctx, m.config.AnswerWithin)
	defer cancel()
	d := delivery{keys: map[string]string{}, planned: map[string]Outcome{}}
	var batch []store.Message
	for i := range all {
		if all[i].body == "" {
			continue
		}
		id := strconv.Itoa(i)
		d.keys[id] = all[i].key
		batch = append(batch, store.Message{ID: id, Group: all[i].group, Key: all[i].key, Body: all[i].body, Received: 1})
	}
	if len(batch) > 0 {
		m.handle(context.WithValue(ctx, deliveryKey{}, &d), "apply", batch, m.applyLocked)
	}
	found := make([]Outcome, len(all))
	for i := range all {
		o, ok := d.planned[strconv.Itoa(i)]
		if !ok {
			o = all[i].outcome
			o.Plan = true
			if all[i].body != "" {
				o.ChangeID, o.Status, o.Error = all[i].key, outcome.Deferred, &slow
			}
		}
		if o.Status == outcome.Deferred {
			why := *o.Error
			why.Remedy += " The mode plan keeps nothing: send the event again."
			o.Error = &why
		}
		o.fill()
		found[i] = o
	}
	return found, m.notePlanned(slices.Values(found))
}

// notePlanned keeps outcomes and reports them.
func (m *Machine) notePlanned(all iter.Seq[Outcome]) error {
	err := m.state.Update(func(tx *store.Tx) error {
		for outcome := range all {
			if err := m.outcomes.put(tx, newID(), outcome); err != nil {
				return err
			}
		}
		return nil
	})
	for outcome := range all {
		m.config.Report(outcome)
	}
	return err
}
