package apply

import (
	"context"
	"encoding/json"
	"errors"
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

// change is one record of the batch on its way.
type change struct {
	record   *events.SQSMessage
	received int // deliveries, this one included
	message  message.Change
	stamp    ledger.Stamp
	document attachment.Change // as it came, but for references, which are resolved
	asked    attachment.Change // the same with its tunnels named by index

	// Of the fold that it takes part in:
	part    attachment.Change  // what is left of it for the fold
	left    []attachment.Field // the fields of part
	lost    []attachment.Field // the fields that a newer event owns
	differs bool               // part differs from what the attachment is

	// The latest call of Modify that was sent for it and may have been carried out.
	call *sentCall

	done    bool // the outcome is known
	outcome Outcome
}

// newChange decodes and judges a record. What it is refused for is in its outcome.
func newChange(record *events.SQSMessage, now time.Time, peer string) *change {
	c := &change{record: record, received: 1}
	if n, err := strconv.Atoi(record.Attributes["ApproximateReceiveCount"]); err == nil && n > 1 {
		c.received = n
	}
	c.outcome = Outcome{
		MessageID: record.MessageId, VpnConnectionID: record.Attributes["MessageGroupId"],
		Parameters: json.RawMessage("{}"), Findings: finding.Findings{},
	}
	message, err := message.DecodeChange(record.Body)
	if err != nil {
		c.reject(&outcome.Reason{Code: "message-invalid", Message: err.Error(), Class: outcome.ClassRejected,
			Remedy: "Put changes on the queue with the program that validates them."}, nil)
		return c
	}
	c.message, c.stamp = message, message.Stamp()
	c.outcome.EventID, c.outcome.VpnConnectionID = message.EventID, message.VpnConnectionID
	origin := attachment.FromEvent
	if message.Rule != "" {
		origin = attachment.FromRule
	}
	c.document.Parse(string(message.Change), origin)
	c.document.Values[attachment.RegionID] = attachment.NewValue(message.RegionID)
	c.document.Values[attachment.VpnConnectionID] = attachment.NewValue(message.VpnConnectionID)
	found := c.judge(nil, peer)
	if message.Time.After(now.Add(pipeline.FutureLimit)) {
		found = append(found, pipeline.EventInFuture.At("", "the event's time "+message.Time.Format(time.RFC3339)+" is ahead of now"))
	}
	if found.HasError() {
		c.refuse(found)
	}
	return c
}

// resolve fetches what the references of the change stand for, but for fields that
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
		return v, fmt.Errorf("%w: nothing here can resolve references", secret.ErrUnresolvable)
	}
	value, err := fetch(ctx, reference)
	if err != nil {
		return v, fmt.Errorf("resolve %s: %w", reference, err)
	}
	if value.IsZero() {
		return v, fmt.Errorf("%w: %s is empty", secret.ErrUnresolvable, reference)
	}
	return attachment.NewValue(value.Reveal()), nil
}

// reject ends the change as refused.
func (c *change) reject(why *outcome.Reason, found finding.Findings) {
	c.finish(outcome.Rejected)
	c.outcome.Error = why
	if found != nil {
		c.outcome.Findings = found
	}
}

// refuse ends the change as refused for the first error among the findings.
func (c *change) refuse(found finding.Findings) {
	why := &outcome.Reason{Code: "invalid", Message: "the change is not valid", Class: outcome.ClassRejected, Remedy: "Correct the change and send a new event."}
	for _, f := range found {
		if f.Severity == finding.Error {
			why.Code, why.Message = f.Check, f.Message
			if f.Hint != "" {
				why.Remedy = f.Hint
			}
			break
		}
	}
	c.reject(why, found)
}

// postpone sends the change back to the queue.
func (c *change) postpone(why *outcome.Reason) {
	c.finish(outcome.Deferred)
	c.outcome.Error = why
}

// why is why the record goes back.
func (c *change) why() *outcome.Reason {
	if c.outcome.Error != nil {
		return c.outcome.Error
	}
	return &outcome.Reason{Class: outcome.ClassBusy} // only because one before it does
}

// expire rejects a postponed record that the queue would soon forget, and reports
// whether it has.
func (c *change) expire(now time.Time, after time.Duration) bool {
	sent, err := strconv.ParseInt(c.record.Attributes["SentTimestamp"], 10, 64)
	if after == 0 || err != nil || c.outcome.Status != outcome.Deferred || now.Sub(time.UnixMilli(sent)) <= after {
		return false
	}
	why := *c.outcome.Error
	c.reject(&outcome.Reason{Code: "too-old", Class: outcome.ClassRejected,
		Message: "it has waited in the queue for " + after.String() + "; the last obstacle was " + why.Code + ": " + why.Message,
		Remedy:  why.Remedy + " Then redrive the dead letter."}, nil)
	return true
}

func (c *change) finish(status outcome.Status) { c.done, c.outcome.Status = true, status }

// judge is what [attachment.Validate] says, but that a pre-shared key ending in ***
// is an error: the service would take it, and nothing masked may be sent. It is one
// whatever key the attachment has, so that the verdict does not depend on when the
// change comes.
func (c *change) judge(current *attachment.Current, peer string) finding.Findings {
	found := attachment.Validate(&c.document, current, peer)
	for i := range found {
		if f := &found[i]; f.Check == attachment.PSKMasked.ID {
			mask := attachment.PSKMask
			f.Check, f.Severity, f.Hint = mask.ID, mask.Severity, mask.Hint
		}
	}
	return found
}

// warnings are the findings that do not stand in the way.
func warnings(found finding.Findings) finding.Findings {
	kept := finding.Findings{}
	for _, f := range found {
		if f.Severity != finding.Error {
			kept = append(kept, f)
		}
	}
	return kept
}

// isFinal reports whether trying again to resolve a reference is of no use.
func isFinal(err error) bool { return errors.Is(err, secret.ErrUnresolvable) }
