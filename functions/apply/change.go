package apply

import (
	"cmp"
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"vpnattach/shared/core/attachment"
	"vpnattach/shared/core/finding"
	"vpnattach/shared/core/pipeline"
	"vpnattach/shared/core/secret"
	"vpnattach/shared/ledger"
	"vpnattach/shared/message"
	"vpnattach/shared/outcome"
)

// change is one record of the batch; its result is a [decision].
type change struct {
	record   *events.SQSMessage
	received int               // deliveries, this one included
	message  message.Change    // zero when the record can't be decoded
	stamp    ledger.Stamp      //
	document attachment.Change // as it came, but for references, which are resolved
}

func newChange(record *events.SQSMessage) *change {
	received, err := strconv.Atoi(record.Attributes["ApproximateReceiveCount"])
	if err != nil {
		received = 1
	}
	return &change{record: record, received: max(received, 1)}
}

// vpnConnectionID names the attachment, or else the record's group.
func (c *change) vpnConnectionID() string {
	return cmp.Or(c.message.VpnConnectionID, c.record.Attributes["MessageGroupId"])
}

// decode reads the record and validates it without the attachment.
func (c *change) decode(now time.Time, peer string) decision {
	message, err := message.DecodeChange(c.record.Body)
	if err != nil {
		return byReason(&outcome.Reason{Code: "message-invalid", Message: err.Error(), Class: outcome.ClassRejected,
			Remedy: "Send changes through ingest, which validates them."})
	}
	c.message, c.stamp = message, message.Stamp()
	origin := attachment.FromEvent
	if message.Rule != "" {
		origin = attachment.FromRule
	}
	c.document.Parse(string(message.Change), origin)
	c.document.Values[attachment.RegionID] = attachment.NewValue(message.RegionID)
	c.document.Values[attachment.VpnConnectionID] = attachment.NewValue(message.VpnConnectionID)
	found := validate(&c.document, nil, peer)
	if message.Time.After(now.Add(pipeline.FutureLimit)) {
		found = append(found, pipeline.EventInFuture.At("", "the event's time "+message.Time.Format(time.RFC3339)+" is ahead of now"))
	}
	if found.HasError() {
		return invalid(found)
	}
	return decision{}
}

// resolve replaces the references of the change by their secrets, except in fields that
// the ledger has already.
func (c *change) resolve(ctx context.Context, entry ledger.Entry, fetch func(context.Context, secret.Reference) (secret.Secret, error)) error {
	for _, field := range c.document.Fields() {
		if v := c.document.Get(field); v.IsReference() && c.stamp.Compare(entry.Fields[field.Name()]) > 0 {
			resolved, err := resolve(ctx, v, fetch)
			if err != nil {
				return fmt.Errorf("%s: %w", field.Name(), err)
			}
			c.document.Set(field, resolved)
		}
	}
	for n := range c.document.Tunnels() {
		t := &c.document.Tunnels()[n]
		for i := range t.Values {
			if v := t.Values[i]; v.IsReference() && !t.Values[attachment.TunnelIndex].Present() {
				resolved, err := resolve(ctx, v, fetch)
				if err != nil {
					return fmt.Errorf("tunnel %s: %w", t.Values[attachment.TunnelID].Text(), err)
				}
				t.Values[i] = resolved
			}
		}
	}
	return nil
}

func resolve(ctx context.Context, v attachment.Value, fetch func(context.Context, secret.Reference) (secret.Secret, error)) (attachment.Value, error) {
	reference, _, err := secret.ParseReference(v.Text())
	if err != nil {
		return v, fmt.Errorf("%w: %w", secret.ErrUnresolvable, err)
	}
	if fetch == nil {
		return v, fmt.Errorf("%w: references can't be resolved here", secret.ErrUnresolvable)
	}
	value, err := fetch(ctx, reference)
	if err != nil {
		return v, fmt.Errorf("resolve %s: %w", reference, err)
	}
	if value.IsZero() {
		return v, fmt.Errorf("%w: %s is empty", secret.ErrUnresolvable, reference)
	}
	if names, isObject := attachment.KeyNames(value.Reveal()); isObject && reference.Key == "" {
		return v, &wholeSecret{reference, names}
	}
	return attachment.NewValue(value.Reveal()), nil
}

// validate is [attachment.Validate], except that two warnings are errors: of what the
// service would take, but makes the result depend on when the change arrives.
//
//   - A pre-shared key ending in ***, whatever key the attachment has: nothing masked may
//     be sent.
//   - A TunnelCidr or LocalBgpIp that leaves the attachment without the other one. The
//     other one may be in an older event, which is done by then, its address torn by a
//     block that this one replaces.
func validate(c *attachment.Change, current *attachment.Current, peer string) finding.Findings {
	found := attachment.Validate(c, current, peer)
	for i := range found {
		switch f := &found[i]; f.Check {
		case attachment.PSKMasked.ID:
			mask := attachment.PSKMask
			f.Check, f.Severity, f.Hint = mask.ID, mask.Severity, mask.Hint
		case attachment.BGPHalf.ID:
			f.Severity = finding.Error
		}
	}
	return found
}

// warnings are the findings that are not errors.
func warnings(found finding.Findings) finding.Findings {
	kept := finding.Findings{}
	for _, f := range found {
		if f.Severity != finding.Error {
			kept = append(kept, f)
		}
	}
	return kept
}

// waited is how long the record has been in the queue; 0 when that is not known.
func (c *change) waited(now time.Time) time.Duration {
	sent, err := strconv.ParseInt(c.record.Attributes["SentTimestamp"], 10, 64)
	if err != nil {
		return 0
	}
	return max(0, now.Sub(time.UnixMilli(sent)))
}
