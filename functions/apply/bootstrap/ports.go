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

// ports are apply's ways out.
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

// maxAge is how long a change may wait: less than a queue keeps it, 14 days at most,
// and than it takes to be delivered as often as the template's maxReceiveCount allows.
const maxAge = 9 * 24 * time.Hour

// firstCheck is how long after a change confirm looks at it for the first time.
const firstCheck = 5 * time.Second

func (p *ports) confirm(ctx context.Context, m message.Check) error {
	body, err := m.Encode()
	if err != nil {
		return err
	}
	return p.confirms.Send(ctx, []sqs.Entry{{Body: body, Delay: firstCheck}})
}

// deadLetter keeps the record's own body, so that moving the message back to the queue
// of changes tries it again. Why it is there is in the attributes.
func (p *ports) deadLetter(ctx context.Context, d apply.DeadLetter) error {
	return p.deadLetters.Send(ctx, []sqs.Entry{{
		Body: d.Body, Group: cmp.Or(d.Message.VpnConnectionID, "unreadable"), DeduplicationID: d.MessageID,
		Attributes: aws.Attributes(d.Reason, d.Found, d.Time, d.Message.EventID),
	}})
}

// report counts what became of a record.
func (p *ports) report(_ context.Context, o apply.Outcome) {
	blocked := 0
	if o.Error != nil && o.Error.Class.Handling().Alarm {
		blocked = 1
	}
	p.metrics.Count("Blocked", blocked)
	p.metrics.Count("StaleFields", o.Stale)
	p.metrics.Count(metricOf[o.Status], 1)
}

var metricOf = map[outcome.Status]string{
	outcome.Applied: "Applied", outcome.Unchanged: "Unchanged", outcome.Deferred: "Deferred",
	outcome.Rejected: "Rejected", outcome.Planned: "Planned",
}
