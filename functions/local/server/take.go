package server

import (
	"cmp"
	"context"
	"crypto/rand"
	"encoding/hex"
	"iter"
	"net/http"
	"strings"

	"github.com/aws/aws-lambda-go/lambdacontext"
	"github.com/tidwall/gjson"

	"vpnattach/functions/ingest"
	"vpnattach/functions/local/store"
	"vpnattach/shared/core/finding"
	"vpnattach/shared/outcome"
)

// taken is a change on its way in, or an event without one.
type taken struct {
	outcome Outcome // as far as it is known
	body    string  // what goes onto the queue; empty: nothing, the outcome is known
	key     string  // of the change
	group   string  // of the queue
	redrive bool    // it comes again because a person wants it to
	waiter  *waiter // for what becomes of it
}

// Take takes an event as it comes over HTTP: ingest decides on it, and what has become
// of its changes so far is returned, in the event's order, with an outcome for each
// record of a batch too that can't be opened. It returns an [*event.Error] when the
// event itself can't be opened.
//
// A change that comes again while it is known is not applied again: its outcome is
// returned. One that was rejected is tried again.
func (m *Machine) Take(ctx context.Context, header http.Header, body []byte) ([]Outcome, error) {
	ctx, in := withIntake(ctx)
	in.answered = true
	defer func() { m.unsubscribe(in.taken) }()
	ctx = lambdacontext.NewContext(ctx, &lambdacontext.LambdaContext{AwsRequestID: newID()})
	units, err := m.ingest.Take(ctx, headers(header), body)
	if err != nil {
		return nil, err
	}
	return m.answer(ctx, outcomesOf(units, in.taken))
}

// headers yields what counts of the headers. That a body is an HTML form is what
// curl says of everything, so it does not count.
func headers(header http.Header) iter.Seq2[string, string] {
	return func(yield func(string, string) bool) {
		for name, values := range header {
			form := name == "Content-Type" && strings.HasPrefix(values[0], "application/x-www-form-urlencoded")
			if !form && !yield(name, values[0]) {
				return
			}
		}
	}
}

// outcomesOf returns what has become of each change and event in the units. queued are
// those that have come to the queue, in their order.
func outcomesOf(units []ingest.Taken, queued []taken) []taken {
	var all []taken
	for _, u := range units {
		for _, r := range u.Results {
			if r.ChangeID != "" && !u.Rejected {
				t := queued[0]
				queued = queued[1:]
				if len(t.outcome.Findings) == 0 {
					t.outcome.Findings = r.Findings.AppendJSON(nil)
				}
				all = append(all, t)
				continue
			}
			o := Outcome{EventID: cmp.Or(r.EventID, u.Name), VpnConnectionID: r.VpnConnectionID, Status: outcome.Ignored, Findings: r.Findings.AppendJSON(nil)}
			if u.Rejected {
				o.Status, o.ChangeID, o.Error = outcome.Rejected, u.Letter, reasonOf(r.Findings)
			}
			all = append(all, taken{outcome: o})
		}
	}
	return all
}

// together is why a change without an error is rejected.
var together = outcome.Reason{
	Code: "event-refused", Class: outcome.ClassRejected, Message: "another change of the same event has an error, so none of them is taken",
	Remedy: "correct that one, and send the event again",
}

// reasonOf is the first error, or [together].
func reasonOf(findings finding.Findings) *outcome.Reason {
	for _, f := range findings {
		if f.Severity == finding.Error {
			return &outcome.Reason{Code: f.Check, Message: f.Message, Remedy: f.Hint, Class: outcome.ClassRejected}
		}
	}
	return &together
}

// enqueue puts all that there is to do on the queue, at once or not at all, and
// waits for what becomes of it.
func (m *Machine) enqueue(ctx context.Context, all []taken) ([]Outcome, error) {
	defer m.unsubscribe(all)
	if !m.config.Plan {
		err := m.state.Update(func(tx *store.Tx) error { return m.enterAll(tx, all, true) })
		if err != nil {
			return nil, err
		}
	}
	return m.answer(ctx, all)
}

// answer waits for what becomes of what is on the queue, and keeps the outcomes of
// what is not.
func (m *Machine) answer(ctx context.Context, all []taken) ([]Outcome, error) {
	if m.config.Plan {
		return m.plan(ctx, all)
	}
	var known []*Outcome
	for i := range all {
		if all[i].body == "" {
			all[i].outcome.fill()
			known = append(known, &all[i].outcome)
		}
	}
	if err := m.keepOutcomes(known); err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, m.config.AnswerWithin)
	defer cancel()
	found := make([]Outcome, len(all))
	for i := range all {
		found[i] = m.await(ctx, &all[i])
		found[i].fill()
		// What was refused before the attachment was known has what ingest has found, such
		// as a region that is misspelt.
		if first := all[i].outcome.Findings; found[i].Status == outcome.Rejected && len(found[i].Findings) == len("[]") && len(first) > 0 {
			found[i].Findings = first
		}
	}
	return found, nil
}

// keepOutcomes keeps and reports outcomes that apply will not tell of.
func (m *Machine) keepOutcomes(all []*Outcome) error {
	if len(all) == 0 {
		return nil
	}
	err := m.state.Update(func(tx *store.Tx) error {
		for _, o := range all {
			if err := m.outcomes.put(tx, newID(), *o); err != nil {
				return err
			}
		}
		return nil
	})
	for _, o := range all {
		m.config.Report(*o)
	}
	return err
}

func (m *Machine) enterAll(tx *store.Tx, all []taken, waits bool) error {
	for i := range all {
		if err := m.enter(tx, &all[i], waits); err != nil {
			return err
		}
	}
	return nil
}

// enter puts a change on the queue unless it is known.
func (m *Machine) enter(tx *store.Tx, t *taken, waits bool) error {
	known, ok, err := m.outcomes.get(tx, t.key)
	if err != nil {
		return err
	}
	if ok && !t.redrive {
		switch status := known.Outcome.Status; status {
		case outcome.Applied, outcome.Unchanged, outcome.Deferred:
			t.outcome = known.Outcome
			t.outcome.Findings = appendFinding(t.outcome.Findings, repeated.At("", "an event with this id has been taken before, and this is its outcome"))
			if status == outcome.Deferred && waits {
				m.subscribe(t)
			}
			return nil
		}
	}
	if waits {
		m.subscribe(t)
	}
	t.outcome.ChangeID, t.outcome.Status, t.outcome.Error = t.key, outcome.Deferred, &waiting
	if _, err := m.changes.Send(tx, store.Message{Group: t.group, Key: t.key, Body: t.body}); err != nil {
		return err
	}
	if err := tx.Delete(deadLetterBucket, t.key); err != nil {
		return err
	}
	return m.outcomes.put(tx, t.key, t.outcome)
}

var repeated = finding.Declare(finding.Check{
	ID: "event-repeated", Severity: finding.Info, Part: finding.Delivery,
	Title: "An event with this id has been taken before, and this is its outcome.",
	Why:   "Queues deliver an event more than once. It is carried out once, and the answer is that of the first time.",
	Hint:  "give another event another id",
})

// Repeated reports whether the outcome is that of a change that had been taken
// before. It has not been reported again.
func Repeated(o *Outcome) bool {
	return gjson.GetBytes(o.Findings, `#(rule=="`+repeated.ID+`")`).Exists()
}

// appendFinding adds a finding to a JSON array of them.
func appendFinding(list []byte, f finding.Finding) []byte {
	added := []byte("[")
	if len(list) > len("[]") {
		added = append(append(added, list[1:len(list)-1]...), ',')
	}
	return append(f.AppendJSON(added), ']')
}

// newID is a random id.
func newID() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails
	return hex.EncodeToString(b[:])
}
