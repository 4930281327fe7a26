package apply

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"vpnattach/shared/core/attachment"
	"vpnattach/shared/core/finding"
	"vpnattach/shared/core/request"
	"vpnattach/shared/core/secret"
	"vpnattach/shared/ledger"
	"vpnattach/shared/message"
	"vpnattach/shared/outcome"
	"vpnattach/shared/vpc"
)

// attempts is how often one delivery calls Modify for the same changes, when calls
// get lost.
const attempts = 4

// group is the changes of a batch to one attachment.
type group struct {
	config      *Config
	service     Service
	key         ledger.Key
	credentials string // the profile that its rules have chosen
	delivery    string // a random name of this one
	entry       ledger.Entry
	wait        time.Duration // until the next delivery of what is postponed
}

// run decides on the changes, each for itself, whatever becomes of the others.
func (g *group) run(ctx context.Context, changes []*change) {
	if g.credentials != "" && !g.choose(ctx, changes) {
		return
	}
	entry, err := g.config.Ledger.Load(ctx, g.key)
	if err != nil {
		g.postpone(changes, outcome.ReasonOf(fmt.Errorf("read the ledger: %w", err)), 0)
		return
	}
	g.entry = entry
	for _, c := range changes {
		switch err := c.resolve(ctx, entry, g.config.Resolve); {
		case isFinal(err):
			c.reject(&outcome.Reason{Code: "reference-unresolvable", Message: err.Error(), Class: outcome.ClassRejected,
				Remedy: "Correct the reference in the rule, or the permission to read the secret, and send the event again."}, nil)
		case errors.Is(err, secret.ErrDenied):
			g.postpone(changes, &outcome.Reason{Code: "secret-denied", Message: err.Error(), Class: outcome.ClassBlocked,
				Remedy: "Allow the function's role to read the secret, and to use the key that encrypts it."}, 0)
			return
		case err != nil:
			g.postpone(changes, outcome.ReasonOf(err), 0)
			return
		}
	}
	g.apply(ctx, changes)
}

// choose takes the service with the credentials that the rules have chosen. It
// reports false when there is none, and the changes are rejected.
func (g *group) choose(ctx context.Context, changes []*change) bool {
	err := errors.New("there is none here")
	if g.config.Profile != nil {
		if g.service, err = g.config.Profile(ctx, g.credentials); err == nil {
			return true
		}
	}
	for _, c := range changes {
		c.reject(&outcome.Reason{Code: "credentials-unknown", Message: "profile of credentials " + g.credentials + ": " + err.Error(),
			Class: outcome.ClassRejected, Remedy: "Add the profile to the credentials, or correct the rule, and send the event again."}, nil)
	}
	return false
}

// apply decides on the changes together. It reports false when they are postponed.
func (g *group) apply(ctx context.Context, changes []*change) bool {
	call, cancel := before(ctx, g.config.Margin)
	defer cancel()
	var last error
	for lost, salt := 0, 0; ; {
		changes = slices.DeleteFunc(slices.Clone(changes), func(c *change) bool { return c.done })
		if len(changes) == 0 {
			return true
		}
		if call.Err() != nil {
			return g.postpone(changes, interrupted(last), 0)
		}
		current, err := g.service.Describe(call, g.key.RegionID, g.key.VpnConnectionID)
		switch class := outcome.ClassOf(err); {
		case class == outcome.ClassRejected:
			for _, c := range changes {
				c.reject(outcome.ReasonOf(err), nil)
			}
			return true
		case class.Handling().Retry && lost+1 < attempts:
			lost, last = lost+1, err
			continue
		case err != nil:
			return g.postpone(changes, outcome.ReasonOf(err), waitOf(err))
		}
		if why := inTheWay(current); why != nil {
			if why.Class == outcome.ClassRejected {
				for _, c := range changes {
					c.reject(why, nil)
				}
				return true
			}
			return g.postpone(changes, why, 0)
		}
		if !g.byIndex(changes, current) {
			continue // without those that name no tunnel
		}
		f := newFold(changes, g.entry, g.key, current)
		send, differs := attachment.Merge(&f.change, current)
		var found finding.Findings
		if differs {
			found = attachment.Validate(&f.change, current, g.config.Peer)
		}
		if found.HasError() {
			if len(f.changes) > 1 {
				return g.oneByOne(ctx, changes)
			}
			f.changes[0].refuse(found)
			continue // what it had overruled may count now
		}
		if g.config.Plan {
			g.plan(changes, f, &send, current)
			return true
		}
		var answer vpc.Answer
		if differs {
			token := f.token(salt)
			send.Values[attachment.ClientToken] = token
			answer, err = g.service.Modify(call, &send, f.ids(g.delivery, salt))
			switch class := outcome.ClassOf(err); {
			case class == outcome.ClassRejected && len(f.changes) > 1:
				return g.oneByOne(ctx, changes)
			case class == outcome.ClassRejected:
				if answer.ClientToken != "" { // else it was refused before it was sent
					f.changes[0].sent(&send, answer)
				}
				f.changes[0].reject(outcome.ReasonOf(err), nil)
				continue
			case class.Handling().Retry && lost+1 < attempts:
				lost, last = lost+1, err
				if class == outcome.ClassTransient {
					f.remember(&send, answer, false)
				}
				if class == outcome.ClassTokenMismatch {
					salt++
				}
				continue // Describe says whether it was made
			case err != nil:
				return g.postpone(changes, outcome.ReasonOf(err), waitOf(err))
			case token.Present() && g.withoutEffect(call, f):
				salt++
				continue
			}
		}
		if differs {
			f.remember(&send, answer, true)
		}
		return g.conclude(ctx, changes, f, answer)
	}
}

// withoutEffect reports whether a call that was answered with success changed
// nothing. That happens to a ClientToken which the sender has used before.
func (g *group) withoutEffect(ctx context.Context, f *fold) bool {
	current, err := g.service.Describe(ctx, g.key.RegionID, g.key.VpnConnectionID)
	if err != nil || !current.Settled() {
		return false
	}
	known := f.change
	for _, field := range known.Fields() {
		if _, shown := current.Shows(field, ""); !shown {
			known.Set(field, attachment.Value{})
		}
	}
	_, differs := attachment.Merge(&known, current)
	return differs
}

// byIndex names the tunnels of all changes by index. It reports false when it had to
// refuse a change: for its tunnels, or for a reference that stood for a masked key.
func (g *group) byIndex(changes []*change, current *attachment.Current) bool {
	all := true
	for _, c := range changes {
		found := c.judge(current, g.config.Peer)
		c.outcome.Findings = warnings(found)
		resolved, ok := c.document.Resolve(current)
		masked := slices.ContainsFunc(found, func(f finding.Finding) bool { return f.Check == attachment.PSKMask.ID })
		if c.asked = resolved; !ok || masked {
			c.refuse(found)
			all = false
		}
	}
	return all
}

// oneByOne applies the changes each for itself, the oldest first, so that only those
// are rejected that deserve it. Those after one that is postponed are postponed too.
func (g *group) oneByOne(ctx context.Context, changes []*change) bool {
	oldest := slices.Clone(changes)
	slices.SortStableFunc(oldest, func(a, b *change) int { return a.stamp.Compare(b.stamp) })
	for i, c := range oldest {
		if !g.apply(ctx, []*change{c}) {
			for _, later := range oldest[i+1:] {
				later.postpone(c.outcome.Error)
			}
			return false
		}
	}
	return true
}

// conclude asks for confirmation and writes the ledger, when the attachment is as
// the changes asked or about to become so.
func (g *group) conclude(ctx context.Context, changes []*change, f *fold, answer vpc.Answer) bool {
	if g.config.Confirm != nil && len(f.changes) > 0 {
		if err := g.config.Confirm(ctx, g.confirmation(f, answer.RequestID)); err != nil {
			return g.postpone(changes, outcome.ReasonOf(fmt.Errorf("queue the confirmation: %w", err)), 0)
		}
	}
	entry, err := ledger.Record(ctx, g.config.Ledger, g.key, g.entry, fields(changes))
	if err != nil {
		return g.postpone(changes, outcome.ReasonOf(err), 0)
	}
	g.entry = entry
	for _, c := range changes {
		c.finish(outcome.Unchanged)
		c.outcome.Findings = append(c.outcome.Findings, c.overruled()...)
		// A call without an answer was carried out if its fields are as it asked.
		if c.call != nil && (c.call.answered || len(c.left) > 0) {
			c.finish(outcome.Applied)
			c.sent(&c.call.send, c.call.answer)
		}
	}
	return true
}

// sent notes what has been sent for the change.
func (c *change) sent(send *attachment.Change, answer vpc.Answer) {
	c.outcome.RequestID, c.outcome.ClientToken = answer.RequestID, answer.ClientToken
	c.outcome.Parameters = request.AppendParameters(nil, send, answer.ClientToken, false)
}

func (g *group) confirmation(f *fold, requestID string) message.Check {
	m := message.Check{
		RegionID: g.key.RegionID, VpnConnectionID: g.key.VpnConnectionID, RequestID: requestID,
		Deadline: g.config.Now().UTC().Add(g.config.ConfirmWithin), Credentials: g.credentials,
	}
	if requestID != "" {
		m.Sent = g.config.Now().UTC()
	}
	for _, field := range f.change.Fields() {
		asked := message.Asked{Field: field.Name(), Stamp: f.winners[field]}
		if value := f.change.Get(field).Text(); field.Parameter().Secret {
			asked.Digest = message.Digest(g.config.DigestKey, value)
		} else {
			asked.Value = value
		}
		m.Asked = append(m.Asked, asked)
	}
	for _, c := range f.changes {
		m.EventIDs = append(m.EventIDs, c.message.EventID)
	}
	slices.Sort(m.EventIDs)
	m.EventIDs = slices.Compact(m.EventIDs)
	return m
}

// plan says what would be done.
func (g *group) plan(changes []*change, f *fold, send *attachment.Change, current *attachment.Current) {
	for _, c := range changes {
		c.finish(outcome.Unchanged)
		c.outcome.Findings = append(c.outcome.Findings, c.overruled()...)
		if c.differs {
			c.finish(outcome.Planned)
			c.outcome.Differences = attachment.Diff(&c.part, current)
			c.outcome.Parameters = request.AppendParameters(nil, send, "", false)
		}
	}
}

// postpone sends the changes back to the queue, and returns false.
func (g *group) postpone(changes []*change, why *outcome.Reason, atLeast time.Duration) bool {
	for _, c := range changes {
		if !c.done {
			c.postpone(why)
			g.wait = max(g.wait, backOff(why, c.received, atLeast))
		}
	}
	return false
}
