package main

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/tidwall/gjson"

	"vpnattach/functions/ingest"
	"vpnattach/shared/aws"
	"vpnattach/shared/aws/emf"
	"vpnattach/shared/aws/sqs"
	"vpnattach/shared/core/secret"
	"vpnattach/shared/ledger/dynamo"
	"vpnattach/shared/message"
)

// ports are ingest's ways out.
type ports struct {
	changes, failed *sqs.Sender
	table           *dynamo.Table
	webhook         func(context.Context) (secret.Secret, error) // nil: there are no webhooks
	metrics         *emf.Metrics
}

func newPorts(a *aws.Account) *ports {
	return &ports{
		changes: a.Sender("CHANGE_QUEUE_URL"), failed: a.Sender("FAILED_QUEUE_URL"), table: a.Ledger(),
		webhook: a.Rotated("WEBHOOK_SECRET"), metrics: a.Metrics,
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

// remember is how long an id is known to have been seen: longer than any sender of
// webhooks tries again.
const remember = 30 * 24 * time.Hour

func (p *ports) firstSeen(ctx context.Context, id string, t time.Time) (time.Time, error) {
	return p.table.FirstSeen(ctx, id, t, remember)
}

// signingSecrets are the ones in the secret's text, with blanks between them: several
// while one takes the place of another.
func (p *ports) signingSecrets(ctx context.Context) ([]secret.Secret, error) {
	if p.webhook == nil {
		return nil, nil
	}
	text, err := p.webhook(ctx)
	if err != nil {
		return nil, err
	}
	var all []secret.Secret
	for one := range strings.FieldsSeq(text.Reveal()) {
		all = append(all, secret.New(one))
	}
	return all, nil
}

func (p *ports) report(_ context.Context, c ingest.Counts) {
	p.metrics.Count("Accepted", c.Accepted)
	p.metrics.Count("Ignored", c.Ignored)
	p.metrics.Count("Refused", c.Rejected)
	p.metrics.Count("Unsigned", c.Unsigned)
	p.metrics.Count("NoSecret", c.NoSecret)
	p.metrics.Count("Kept", c.Kept)
}
