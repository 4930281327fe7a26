package main

import (
	"context"
	"errors"
	"time"

	"vpnattach/shared/aws/emf"
	"vpnattach/shared/aws/sqs"
	"vpnattach/shared/message"
	"vpnattach/shared/outcome"
)

// ports are the queue, the bus and the metrics that confirm writes to.
type ports struct {
	queue    *sqs.Sender
	outcomes func(context.Context, []outcome.Outcome) []error
	metrics  *emf.Metrics
}

func (p *ports) again(ctx context.Context, m message.Check, delay time.Duration) error {
	body, err := m.Encode()
	if err != nil {
		return err
	}
	return p.queue.Send(ctx, []sqs.Entry{{Body: body, Delay: delay}})
}

func (p *ports) publish(ctx context.Context, o outcome.Outcome) error {
	if err := errors.Join(p.outcomes(ctx, []outcome.Outcome{o})...); err != nil {
		return err
	}
	p.metrics.Count(metricOf[o.Status], 1)
	if o.Down() {
		p.metrics.Count("TunnelDown", 1)
	}
	if o.SettleMillis > 0 && (o.Status == outcome.Settled || o.Status == outcome.Unverified) {
		p.metrics.Time("SettleTime", time.Duration(o.SettleMillis)*time.Millisecond)
	}
	return nil
}

// report counts records that have to come again.
func (p *ports) report(_ context.Context, kept int) { p.metrics.Count("Kept", kept) }

var metricOf = map[outcome.Status]string{
	outcome.Settled: "Settled", outcome.Superseded: "Superseded", outcome.Unverified: "Unverified",
	outcome.Drifted: "Drifted", outcome.Failed: "Failed",
}
