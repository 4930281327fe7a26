package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	awseventbridge "github.com/aws/aws-sdk-go-v2/service/eventbridge"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"

	"vpnattach/functions/rotate"
	"vpnattach/shared/aws"
	"vpnattach/shared/aws/emf"
	"vpnattach/shared/aws/eventbridge"
	"vpnattach/shared/aws/secrets"
	"vpnattach/shared/aws/sqs"
	"vpnattach/shared/message"
	"vpnattach/shared/outcome"
)

// ports are what rotate reads of Secrets Manager, and its ways out.
type ports struct {
	secrets *secrets.Rotated
	changes *sqs.Sender
	results *eventbridge.Bus
	metrics *emf.Metrics
}

func newPorts(a *aws.Account) *ports {
	return &ports{
		secrets: secrets.NewRotated(secretsmanager.NewFromConfig(a.AWS)), changes: a.Sender("CHANGE_QUEUE_URL"),
		results: eventbridge.New(awseventbridge.NewFromConfig(a.AWS), a.Required("EVENT_BUS"), outcome.Source), metrics: a.Metrics,
	}
}

func (p *ports) queue(ctx context.Context, m message.Change) error {
	body, err := m.Encode()
	if err != nil {
		return err
	}
	return p.changes.Send(ctx, []sqs.Entry{{Body: body, Group: m.Group(), DeduplicationID: m.DeduplicationID()}})
}

func (p *ports) publish(ctx context.Context, r rotate.Result) error {
	detail, err := json.Marshal(r)
	if err != nil {
		return fmt.Errorf("result event: %w", err)
	}
	resources := []string{r.SecretID}
	for _, end := range r.Ends {
		resources = append(resources, end.VpnConnectionID)
	}
	return errors.Join(p.results.Put(ctx, []eventbridge.Event{{DetailType: rotate.DetailType, Resources: resources, Time: r.Time, Detail: detail}})...)
}

// report counts a result.
func (p *ports) report(_ context.Context, r rotate.Result) {
	p.metrics.Count(metricOf[r.Status], 1)
	if r.Status == rotate.Rotated {
		p.metrics.Seconds("RotationTime", r.Took)
	}
}

var metricOf = map[rotate.Status]string{
	rotate.Rotated: "Rotated", rotate.Followed: "Followed", rotate.Refused: "RotationRefused",
	rotate.TakenBack: "TakenBack", rotate.Waiting: "RotationWaiting", rotate.KeysDiffer: "KeysDiffer",
}
