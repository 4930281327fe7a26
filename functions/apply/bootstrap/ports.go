package main

import (
	"cmp"
	"context"
	"time"

	"vpnattach/functions/apply"
	"vpnattach/shared/aws"
	"vpnattach/shared/aws/emf"
	"vpnattach/shared/aws/sqs"
	"vpnattach/shared/message"
	"vpnattach/shared/outcome"
)

// ports are the queues and metrics that apply writes to.
type ports struct {
	confirms, deadLetters *sqs.Sender
	metrics               *emf.Metrics
}

func newPorts(a *aws.Account) *ports {
	return &ports{
		confirms: a.Sender("CONFIRM_QUEUE_URL"), deadLetters: a.Sender("DEAD_LETTER_QUEUE_URL"),
		metrics: a.Metrics,
	}
}

// maxAge is how long a change may wait: less than the 14 days that a queue keeps it,
// and less than the template's maxReceiveCount deliveries take.
const maxAge = 9 * 24 * time.Hour

// firstCheck is the time from a change to the first look of confirm.
const firstCheck = 5 * time.Second

func (p *ports) confirm(ctx context.Context, m message.Check) error {
	body, err := m.Encode()
	if err != nil {
		return err
	}
	return p.confirms.Send(ctx, []sqs.Entry{{Body: body, Delay: firstCheck}})
}

// deadLetter sends the records' own bodies, so that moving the messages back to the
// queue of changes tries them again. The attributes have the reasons. The order of the
// messages does not matter, since changes have their own.
func (p *ports) deadLetter(ctx context.Context, all []apply.DeadLetter) []error {
	entries := make([]sqs.Entry, len(all))
	for i := range all {
		d := &all[i]
		entries[i] = sqs.Entry{
			Body: d.Body, Group: cmp.Or(d.Message.VpnConnectionID, "unreadable"), DeduplicationID: d.MessageID,
			Attributes: aws.Attributes(d.Reason, d.Found, d.Time, d.Message.EventID),
		}
	}
	return sqs.Errors(p.deadLetters.SendInAnyOrder(ctx, entries), len(all))
}

// report counts the result of a record.
func (p *ports) report(_ context.Context, o apply.Outcome) {
	blocked := 0
	if o.Error != nil && o.Error.Class.Handling().Alarm {
		blocked = 1
	}
	p.metrics.Count("Blocked", blocked)
	p.metrics.Count("StaleFields", o.Stale)
	if o.Status == outcome.Deferred {
		p.metrics.Seconds("Waited", o.Waited)
	}
	p.metrics.Count(metricOf[o.Status], 1)
	if o.Status == outcome.Deferred && o.Error != nil && blocked == 0 {
		p.metrics.Count(cmp.Or(deferredBy[o.Error.Class], "DeferredTransient"), 1)
	}
}

// deferredBy are the metrics of changes that wait, but for blocked ones.
var deferredBy = map[outcome.Class]string{outcome.ClassBusy: "DeferredBusy", outcome.ClassThrottled: "DeferredThrottled"}

var metricOf = map[outcome.Status]string{
	outcome.Applied: "Applied", outcome.Unchanged: "Unchanged", outcome.Deferred: "Deferred",
	outcome.Rejected: "Rejected", outcome.Planned: "Planned",
}
