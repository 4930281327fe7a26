package main

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/rs/zerolog"
	"github.com/tidwall/gjson"

	"vpnattach/functions/ingest"
	"vpnattach/shared/aws"
	"vpnattach/shared/aws/emf"
	"vpnattach/shared/aws/sqs"
	"vpnattach/shared/core/secret"
	"vpnattach/shared/ledger/dynamo"
	"vpnattach/shared/message"
	"vpnattach/shared/webhook"
)

// ports are ingest's ways out.
type ports struct {
	changes, failed *sqs.Sender
	table           *dynamo.Table
	webhook         func(context.Context) (secret.Secret, error) // nil: there are no webhooks
	metrics         *emf.Metrics
	plan            bool // changes are not kept, so webhooks are not remembered
}

func newPorts(a *aws.Account) *ports {
	return &ports{
		changes: a.Sender("CHANGE_QUEUE_URL"), failed: a.Sender("FAILED_QUEUE_URL"), table: a.Ledger(),
		webhook: a.Rotated("WEBHOOK_SECRET"), metrics: a.Metrics, plan: a.OneOf("MODE", "apply", "plan") == "plan",
	}
}

func (p *ports) send(ctx context.Context, messages []message.Change) error {
	entries := make([]sqs.Entry, len(messages))
	for i := range messages {
		m := &messages[i]
		body, err := m.Encode()
		if err != nil {
			return err
		}
		entries[i] = sqs.Entry{Body: body, Group: m.Group(), DeduplicationID: m.DeduplicationID()}
	}
	return p.changes.Send(ctx, entries)
}

// deadLetter keeps the event as it came, so that moving the message to the queue of
// events tries it again. Why it is there is in the attributes.
func (p *ports) deadLetter(ctx context.Context, d ingest.DeadLetter) error {
	attributes := aws.Attributes(d.Reason, d.Findings, d.Time, d.EventIDs...)
	attributes["Id"], attributes["Source"] = d.ID, d.Source
	err := p.failed.Send(ctx, []sqs.Entry{{Body: d.Body, Attributes: attributes}})
	var failed *sqs.Error
	if len(d.Body) > largeLetter && errors.As(err, &failed) && failed.Failures[0].Refused {
		// It must not come again and again, and hold up those behind it.
		return p.failed.Send(ctx, []sqs.Entry{{Body: tooLarge(d.Body), Attributes: attributes}})
	}
	return err
}

// largeLetter is from how many bytes on a queue may refuse a message for its size.
const largeLetter = 128 << 10

// tooLarge stands for an event that no queue takes: enough to find it where it came
// from, and nothing that would be taken for an event.
func tooLarge(body string) string {
	record := gjson.Parse(body)
	number := cmp.Or(record.Get("kinesis.sequenceNumber").String(), record.Get("dynamodb.SequenceNumber").String(), record.Get("messageId").String(), record.Get("messageID").String(), record.Get("offset").String())
	text, err := json.Marshal(map[string]any{"tooLarge": map[string]any{
		"bytes": len(body), "sha256": fmt.Sprintf("%x", sha256.Sum256([]byte(body))),
		"eventSourceARN": cmp.Or(record.Get("eventSourceARN").String(), record.Get("eventSourceArn").String()), "number": number,
	}})
	if err != nil {
		return "{}" // can't be
	}
	return string(text)
}

// remember is how long an id is known to have been seen, and a webhook to have been
// taken: longer than any sender tries again.
const remember = 30 * 24 * time.Hour

func (p *ports) firstSeen(ctx context.Context, id string, t time.Time) (time.Time, error) {
	return p.table.FirstSeen(ctx, id, t, remember)
}

func (p *ports) remember(ctx context.Context, id string) error {
	if p.plan {
		return nil
	}
	_, err := p.table.FirstSeen(ctx, id, time.Now(), remember)
	return err
}

func (p *ports) known(ctx context.Context, id string) (bool, error) {
	return p.table.Seen(ctx, id, time.Now())
}

// senders are those of webhooks, by the secret's text.
func (p *ports) senders(ctx context.Context) (*webhook.Senders, error) {
	if p.webhook == nil {
		return nil, nil
	}
	text, err := p.webhook(ctx)
	if err != nil {
		return nil, err
	}
	return webhook.Parse(text.Reveal()), nil
}

// checkSenders says at the start what is wrong with the senders of webhooks. Events by
// any other way are taken nevertheless, so it is not a reason to end.
func (p *ports) checkSenders(log zerolog.Logger) {
	ctx, cancel := context.WithTimeout(context.Background(), startWithin)
	defer cancel()
	senders, err := p.senders(ctx)
	switch {
	case err != nil:
		log.Warn().Timestamp().Err(err).Msg("the secret of webhooks can't be read yet")
	case senders != nil:
		for _, problem := range senders.Problems() {
			log.Error().Timestamp().Str("error", problem.Error()).Str("remedy", problem.Remedy).Msg("a sender of webhooks can't be used")
			p.metrics.Count("NoSecret", 1)
		}
	}
}

// startWithin is how long the secret of webhooks is waited for. Lambda gives a function
// 10 seconds for its start.
const startWithin = 3 * time.Second

func (p *ports) report(_ context.Context, c ingest.Counts) {
	p.metrics.Count("Accepted", c.Accepted)
	p.metrics.Count("Ignored", c.Ignored)
	p.metrics.Count("Refused", c.Rejected)
	p.metrics.Count("Unsigned", c.Unsigned)
	p.metrics.Count("NoSecret", c.NoSecret)
	p.metrics.Count("Kept", c.Kept)
}
