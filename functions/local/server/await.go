package server

import (
	"context"

	"vpnattach/shared/outcome"
)

// waiter waits for the first outcome of a change.
type waiter struct {
	key, group string
	outcome    chan Outcome // closed without one when the change has to wait longer
}

// subscribe gives the change a waiter, if it has none yet.
func (m *Machine) subscribe(t *taken) {
	if t.waiter != nil {
		return
	}
	t.waiter = &waiter{t.key, t.group, make(chan Outcome, 1)}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.waiters.add(t.waiter)
}

// waiters are found by key and by group, so that those of a large event cost no more
// each than those of a small one.
type waiters struct{ byKey, byGroup map[string]map[*waiter]bool }

func newWaiters() waiters {
	return waiters{map[string]map[*waiter]bool{}, map[string]map[*waiter]bool{}}
}

func (ws *waiters) add(w *waiter) {
	add := func(all map[string]map[*waiter]bool, name string) {
		if all[name] == nil {
			all[name] = map[*waiter]bool{}
		}
		all[name][w] = true
	}
	add(ws.byKey, w.key)
	add(ws.byGroup, w.group)
}

// remove forgets a waiter, which may be nil.
func (ws *waiters) remove(w *waiter) {
	if w == nil {
		return
	}
	if delete(ws.byKey[w.key], w); len(ws.byKey[w.key]) == 0 {
		delete(ws.byKey, w.key)
	}
	if delete(ws.byGroup[w.group], w); len(ws.byGroup[w.group]) == 0 {
		delete(ws.byGroup, w.group)
	}
}

func (m *Machine) unsubscribe(all []taken) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, t := range all {
		m.waiters.remove(t.waiter)
	}
}

// tell gives an outcome to those who wait for it.
func (m *Machine) tell(key string, o Outcome) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for w := range m.waiters.byKey[key] {
		w.outcome <- o
		m.waiters.remove(w)
	}
}

// release ends the waiting for changes of a group that stands still.
func (m *Machine) release(group string) {
	if !m.changes.Waits(group) {
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	for w := range m.waiters.byGroup[group] {
		close(w.outcome)
		m.waiters.remove(w)
	}
}

// Why a change of which nothing is known yet is deferred.
var (
	waiting = outcome.Reason{
		Code: "waiting", Class: outcome.ClassBusy, Message: "the change is kept, and an earlier one to this attachment comes first",
		Remedy: "nothing to do; GET /outcomes?eventId=… tells what becomes of it",
	}
	slow = outcome.Reason{
		Code: "slow", Class: outcome.ClassBusy, Message: "the VPC API has not answered yet, and the change is kept",
		Remedy: "nothing to do; GET /outcomes?eventId=… tells what becomes of it",
	}
	ending = outcome.Reason{
		Code: "ending", Class: outcome.ClassBusy, Message: "the service ends, and the change is kept for the next start",
		Remedy: "start it again; GET /outcomes?eventId=… tells what becomes of it",
	}
)

// await returns the first outcome of a change, or what is known when there will
// be none soon. The context limits how long that takes.
func (m *Machine) await(ctx context.Context, t *taken) Outcome {
	if t.waiter == nil {
		return t.outcome
	}
	// The group may have come to stand between two outcomes, or since an earlier
	// event: then the waiter is never released.
	m.release(t.group)
	select {
	case o, ok := <-t.waiter.outcome:
		if ok {
			return o
		}
	case <-ctx.Done():
		return t.deferred(&slow)
	case <-m.stopping:
		return t.deferred(&ending)
	}
	return t.outcome
}

// deferred says why nothing is known of a change, unless something is.
func (t *taken) deferred(why *outcome.Reason) Outcome {
	o := t.outcome
	if o.Error != nil && o.Error.Code == waiting.Code {
		o.Error = why
	}
	return o
}
