package apply_test

import (
	"context"
	"slices"
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

// deliver delivers a batch: some records from the front of each group.
func (h *harness) deliver(sizes map[string]int) {
	var batch events.SQSEvent
	for _, group := range attachments {
		for _, d := range h.queue[group][:min(sizes[group], len(h.queue[group]))] {
			d.received++
			m := d.event.message()
			record, err := m.Record(d.id, "receipt-"+d.id, d.received)
			if err != nil {
				h.fail("%v", err)
			}
			batch.Records = append(batch.Records, record)
		}
	}
	if len(batch.Records) == 0 {
		return
	}
	h.step, h.dead, h.outcomes = 0, false, map[string]apply.Outcome{}
	response, err := h.handler.Handle(context.Background(), batch)
	if err != nil {
		h.fail("handle: %v", err)
	}
	for id, pending := range h.pending {
		if pending {
			h.excused++ // the write was lost
			h.pending[id] = false
		}
	}
	h.faultAt, h.conflict = -1, false
	if h.dead {
		// The process is gone. Its records may be delivered again at once.
		if h.handler, err = apply.New(h.config); err != nil {
			h.fail("%v", err)
		}
		// The answer is lost: all records are delivered again, as if for the first time
		// where the queue has crashed as well.
		for _, group := range attachments {
			for _, d := range h.queue[group][:min(sizes[group], len(h.queue[group]))] {
				if h.forgets {
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
		h.acknowledge(group, min(sizes[group], len(h.queue[group])), failed)
	}
}

// acknowledge removes the records of a group that are done.
func (h *harness) acknowledge(group string, delivered int, failed map[string]bool) {
	var kept []*delivery
	for _, d := range h.queue[group][:delivered] {
		o, reported := h.outcomes[d.id]
		switch {
		case failed[d.id]:
			kept = append(kept, d)
			continue
		case len(kept) > 0:
			h.fail("%s overtakes %s", d.id, kept[0].id)
		case !reported:
			h.fail("%s is done without an outcome", d.id)
		}
		switch o.Status {
		case outcome.Applied, outcome.Unchanged:
			h.accepted[d.event.id] = true
		case outcome.Rejected:
			if !h.letters[d.event.id] {
				h.fail("%s is rejected without a dead letter", d.id)
			}
		default:
			h.fail("%s is done as %q", d.id, o.Status)
		}
	}
	h.queue[group] = append(kept, h.queue[group][delivered:]...)
}

// confirm runs confirm for all messages, until the last deadline. Only edits by hand may
// cause drift, and an event that was rejected after a call of it was lost.
func (h *harness) confirm(t *rapid.T) {
	rejectedLate := slices.ContainsFunc(h.events, func(e *event) bool { return h.committed[e.id] && !h.accepted[e.id] })
	later := slices.Clone(h.confirms)
	handler, err := confirm.New(confirm.Config{
		Service: h.client, Ledger: h.ledger, DigestKey: digestKey, Now: func() time.Time { return h.now },
		Again: func(_ context.Context, m message.Check, delay time.Duration) error {
			text, err := m.Encode()
			later, h.now = append(later, text), h.now.Add(delay)
			return err
		},
		Publish: func(_ context.Context, o outcome.Outcome) error {
			if bad := o.Status == outcome.Drifted || o.Status == outcome.Failed; bad && len(h.edits) == 0 && !rejectedLate {
				t.Errorf("confirmed as %+v", o)
			}
			return nil
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	for ; len(later) > 0; later = later[1:] {
		body := later[0]
		response, err := handler.Handle(context.Background(), events.SQSEvent{Records: []events.SQSMessage{{Body: body}}})
		if err != nil || len(response.BatchItemFailures) > 0 {
			t.Errorf("confirm: got %v, %v", response, err)
		}
	}
}
