package server

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/hex"
	"iter"
	"net/http"
	"strings"
	"time"

	"github.com/tidwall/gjson"

	"vpnattach/functions/local/queue"
	"vpnattach/functions/local/state"
	"vpnattach/shared/core/attachment"
	"vpnattach/shared/core/event"
	"vpnattach/shared/core/finding"
	"vpnattach/shared/core/pipeline"
	"vpnattach/shared/message"
	"vpnattach/shared/outcome"
)

// taken is a change on its way in.
type taken struct {
	outcome Outcome // as far as it is known
	body    string  // what goes onto the queue; empty: nothing, the outcome is known
	key     string  // of the change
	group   string  // of the queue
	redrive bool    // it comes again because a person wants it to
	waiter  *waiter // for what becomes of it
}

// Take takes an event as it comes over HTTP: it keeps each change in it and
// returns what has become of them so far, in the event's order. It returns an
// [*event.Error] for what can't be opened.
//
// A change that comes again while it is known is not applied again: its outcome is
// returned. One that was rejected is tried again.
func (m *Machine) Take(ctx context.Context, header http.Header, body []byte) ([]Outcome, error) {
	records, err := event.OpenHTTP(headers(header), body, nil)
	if err != nil {
		return nil, err
	}
	now := time.Now().UTC()
	for i := range records {
		if records[i].ID == "" {
			records[i].ID = newID()
		}
		if records[i].Time.IsZero() {
			records[i].Time = now
		}
	}
	options := &pipeline.Options{Rules: m.config.Rules, Peer: m.config.Peer, Time: now}
	var all []taken
	new(pipeline.Pipeline).RunRecords(records, options, func(r *pipeline.Result) {
		var t taken
		if t, err = take(r); err == nil {
			all = append(all, t)
		}
	})
	if err != nil {
		return nil, err
	}
	return m.enqueue(ctx, all)
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

// take makes of a result what goes onto the queue, or the outcome.
func take(r *pipeline.Result) (taken, error) {
	t := taken{outcome: Outcome{EventID: r.Record.ID, Findings: r.Findings.AppendJSON(nil)}}
	if r.Change != nil {
		t.outcome.VpnConnectionID = r.Change.Text(attachment.VpnConnectionID)
	}
	// A payload that no rule knows is no mistake of ours to reject.
	if r.Change == nil && (!r.Findings.HasError() || r.Record.Kind == event.Payload && r.Findings[0].Check == string(event.UnknownEvent)) {
		t.outcome.Status = outcome.Ignored
		return t, nil
	}
	for _, f := range r.Findings {
		if f.Severity == finding.Error {
			t.outcome.Status = outcome.Rejected
			t.outcome.Error = &outcome.Reason{Code: f.Check, Message: f.Message, Remedy: f.Hint, Class: outcome.ClassRejected}
			return t, nil
		}
	}
	message, err := message.NewChange(r)
	if err != nil {
		return t, err
	}
	if bytes.Contains(message.Change, []byte(`":"{{resolve:`)) {
		t.outcome.Status, t.outcome.Error = outcome.Rejected, &unresolvable
		return t, nil
	}
	t.key, t.group = message.DeduplicationID(), message.Group()
	t.body, err = message.Encode()
	return t, err
}

// enqueue puts all that there is to do on the queue, at once or not at all, and
// waits for what becomes of it.
func (m *Machine) enqueue(ctx context.Context, all []taken) ([]Outcome, error) {
	if m.config.Plan {
		return m.plan(ctx, all)
	}
	err := m.state.Update(func(tx *state.Tx) error {
		for i := range all {
			if err := m.enter(tx, &all[i]); err != nil {
				return err
			}
		}
		return nil
	})
	defer m.unsubscribe(all)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, m.config.AnswerWithin)
	defer cancel()
	found := make([]Outcome, len(all))
	for i := range all {
		found[i] = m.await(ctx, &all[i])
		found[i].fill()
		if all[i].body == "" {
			m.config.Report(found[i])
		}
	}
	return found, nil
}

func (m *Machine) enter(tx *state.Tx, t *taken) error {
	if t.body == "" {
		return m.outcomes.put(tx, newID(), t.outcome)
	}
	known, ok, err := m.outcomes.get(tx, t.key)
	if err != nil {
		return err
	}
	if ok && !t.redrive {
		switch status := known.Outcome.Status; status {
		case outcome.Applied, outcome.Unchanged, outcome.Deferred:
			t.outcome = known.Outcome
			t.outcome.Findings = appendFinding(t.outcome.Findings, repeated.At("", "an event with this id has been taken before, and this is what became of it"))
			if status == outcome.Deferred {
				m.subscribe(t)
			}
			return nil
		}
	}
	m.subscribe(t)
	t.outcome.ChangeID, t.outcome.Status, t.outcome.Error = t.key, outcome.Deferred, &waiting
	if _, err := m.changes.Send(tx, queue.Message{Group: t.group, Key: t.key, Body: t.body}); err != nil {
		return err
	}
	if err := tx.Delete(deadLetterBucket, t.key); err != nil {
		return err
	}
	return m.outcomes.put(tx, t.key, t.outcome)
}

// unresolvable is why a change with a dynamic reference to a secret is rejected.
var unresolvable = outcome.Reason{
	Code: "reference-unresolvable", Class: outcome.ClassRejected, Message: "the change refers to a secret of AWS, and one machine can't resolve any reference",
	Remedy: "give the key itself, in the rule's with or in a change document; references are for the functions in the cloud",
}

var repeated = finding.Declare(finding.Check{
	ID: "event-repeated", Severity: finding.Info, Part: finding.Delivery,
	Title: "An event with this id has been taken before, and this is what became of it.",
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
