package apply_test

import (
	"context"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"pgregory.net/rapid"

	"vpnattach/functions/apply"
	"vpnattach/functions/confirm"
	"vpnattach/shared/message"
	"vpnattach/shared/outcome"
)

// delivery is a record on the queue.
type delivery struct {
	event    *event
	id       string
	received int
}

// deliver hands out a batch: of each group some records from the front.
func (w *world) deliver(sizes map[string]int) {
	var batch events.SQSEvent
	for _, group := range attachments {
		for _, d := range w.queue[group][:min(sizes[group], len(w.queue[group]))] {
			d.received++
			m := d.event.message()
			record, err := m.Record(d.id, "receipt-"+d.id, d.received)
			if err != nil {
				w.blame("%v", err)
			}
			batch.Records = append(batch.Records, record)
		}
	}
	if len(batch.Records) == 0 {
		return
	}
	w.step, w.dead, w.outcomes = 0, false, map[string]apply.Outcome{}
	response, err := w.handler.Handle(context.Background(), batch)
	if err != nil {
		w.blame("handle: %v", err)
	}
	for id, pending := range w.pending {
		if pending {
			w.excused++ // the write got lost
			w.pending[id] = false
		}
	}
	w.faultAt, w.conflict = -1, false
	if w.dead {
		// Nobody hears the answer: all come again, as if for the first time where the
		// queue has died with it.
		for _, group := range attachments {
			for _, d := range w.queue[group][:min(sizes[group], len(w.queue[group]))] {
				if w.forgets {
					d.received--
				}
			}
		}
		return
	}
	failed := map[string]bool{}
	for _, f := range response.BatchItemFailures {
		failed[f.ItemIdentifier] = true
	}
	for _, group := range attachments {
		w.acknowledge(group, min(sizes[group], len(w.queue[group])), failed)
	}
}

// acknowledge takes off the queue what of a group is done.
func (w *world) acknowledge(group string, delivered int, failed map[string]bool) {
	var kept []*delivery
	for _, d := range w.queue[group][:delivered] {
		o, reported := w.outcomes[d.id]
		switch {
		case failed[d.id]:
			kept = append(kept, d)
			continue
		case len(kept) > 0:
			w.blame("%s overtakes %s", d.id, kept[0].id)
		case !reported:
			w.blame("%s is done without an outcome", d.id)
		}
		switch o.Status {
		case outcome.Applied, outcome.Unchanged:
			w.accepted[d.event.id] = true
		case outcome.Rejected:
			if !w.letters[d.event.id] {
				w.blame("%s is rejected without a dead letter", d.id)
			}
		default:
			w.blame("%s is done as %q", d.id, o.Status)
		}
	}
	w.queue[group] = append(kept, w.queue[group][delivered:]...)
}

// confirm lets confirm look at all that has been asked for. Nothing may have drifted,
// unless a person or a lost call had a hand in it.
func (w *world) confirm(t *rapid.T) {
	handler, err := confirm.New(confirm.Config{
		Service: w.client, Ledger: w.ledger, DigestKey: digestKey, Now: func() time.Time { return w.now.Add(time.Hour) },
		Again: func(context.Context, message.Check, time.Duration) error { return errPort },
		Publish: func(_ context.Context, o outcome.Outcome) error {
			if bad := o.Status == outcome.Drifted || o.Status == outcome.Failed; bad && len(w.edits) == 0 && w.excused == 0 {
				t.Errorf("confirmed as %+v", o)
			}
			return nil
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, body := range w.confirms {
		response, err := handler.Handle(context.Background(), events.SQSEvent{Records: []events.SQSMessage{{Body: body}}})
		if err != nil || len(response.BatchItemFailures) > 0 {
			t.Errorf("confirm: got %v, %v", response, err)
		}
	}
}
