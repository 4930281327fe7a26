package apply

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/rs/zerolog"

	"vpnattach/shared/aws/invoke"
	"vpnattach/shared/core/attachment"
	"vpnattach/shared/core/finding"
	"vpnattach/shared/ledger"
	"vpnattach/shared/message"
	"vpnattach/shared/outcome"
	"vpnattach/shared/vpc"
)

// attempts is how often one delivery calls Modify for the same changes when calls
// fail.
const attempts = 4

// target is the attachment that some changes of a batch are for.
type target struct {
	*Handler
	service     Service
	key         ledger.Key
	credentials string // the profile that its rules have chosen
	entry       ledger.Entry
	calls       map[*change]*sentCall // the latest that was sent for each and may have been carried out
}

// decide decides on each of the changes.
func (t *target) decide(ctx context.Context, changes []*change) (decided decisions) {
	decided = decisions{}
	defer func() { t.panicked(ctx, changes, decided, recover()) }()
	if d := t.chooseService(ctx); d.status != "" {
		return decided.decideOpen(changes, d)
	}
	entry, err := t.config.Ledger.Load(ctx, t.key)
	if err != nil {
		return decided.decideOpen(changes, byError(fmt.Errorf("read the ledger: %w", err)))
	}
	t.entry = entry
	for _, c := range changes {
		switch d := unresolved(c.resolve(ctx, entry, t.config.Resolve)); d.status {
		case outcome.Deferred:
			return decided.decideOpen(changes, d)
		default:
			decided[c] = d
		}
	}
	open := decided.open(changes)
	if f := t.recorded(open); f != nil {
		maps.Copy(decided, t.conclude(ctx, open, f, vpc.Answer{}, &rounds{}))
		return decided
	}
	maps.Copy(decided, t.apply(ctx, open))
	return decided
}

// recorded returns the fold of changes of which the ledger has everything already, by
// their own events or newer ones: they are done without a call of the service, whatever
// state the attachment is in. nil: something is left to do, or only Describe can tell which
// tunnel a change means.
func (t *target) recorded(changes []*change) *fold {
	var parts []*part
	for _, c := range changes {
		fields := c.document.Fields()
		asked, known := c.document.Resolve(nil)
		if !known || len(fields) == 0 || slices.ContainsFunc(fields, func(field attachment.Field) bool { return c.stamp.Compare(t.entry.Fields[field.Name()]) > 0 }) {
			return nil
		}
		parts = append(parts, &part{change: c, asked: asked})
	}
	return newFold(parts, t.entry, t.key, nil)
}

// panicked defers the changes that a panic has left open.
func (t *target) panicked(ctx context.Context, changes []*change, decided decisions, cause any) {
	if err := invoke.Panicked(cause); err != nil {
		invoke.Failed(t.log(ctx, zerolog.ErrorLevel, changes...), err, "apply")
		decided.decideOpen(changes, byError(err))
	}
}

// chooseService takes the service with the credentials that the rules have chosen. An
// unknown profile blocks the changes, as a wrong key does.
func (t *target) chooseService(ctx context.Context) decision {
	if t.credentials == "" {
		return decision{}
	}
	err := errors.New("no profiles are configured")
	if t.config.Profile != nil {
		if t.service, err = t.config.Profile(ctx, t.credentials); err == nil {
			return decision{}
		}
	}
	return byReason(&outcome.Reason{Code: "credentials-unknown", Message: "profile of credentials " + t.credentials + ": " + err.Error(),
		Class: outcome.ClassBlocked, Remedy: "Add the profile to the credentials, and the change is made. Or correct the rule that names it, and send the event again."})
}

// rounds holds what is known from earlier rounds of one [target.apply].
type rounds struct {
	failed int      // calls
	last   error    // of them
	used   bool     // the token that the sender has chosen stands for another request
	before []string // the negotiation's Status, before the first call
	warned map[*change]finding.Findings
}

// retry reports whether a failed call is worth another round. It is not when the error
// says how long to wait, as it does when the service fails for others too.
func (r *rounds) retry(err error) bool {
	var known *vpc.Error
	if !outcome.ClassOf(err).Handling().Retry || r.failed+1 >= attempts || errors.As(err, &known) && known.RetryAfter > 0 {
		return false
	}
	r.failed, r.last = r.failed+1, err
	return true
}

// apply decides on the changes together: in rounds, each with what the attachment is
// then, until no change is open.
func (t *target) apply(ctx context.Context, changes []*change) (decided decisions) {
	decided = decisions{}
	r := &rounds{warned: map[*change]finding.Findings{}}
	defer func() {
		t.panicked(ctx, changes, decided, recover())
		for c, d := range decided {
			if d.findings == nil {
				d.findings = r.warned[c]
				decided[c] = d
			}
		}
	}()
	call, cancel := invoke.WithMargin(ctx, t.config.Margin)
	defer cancel()
	for open := changes; len(open) > 0; open = decided.open(changes) {
		current, d := t.describe(call, r)
		if d.status != "" {
			return decided.decideOpen(open, d)
		}
		parts, refused := t.byIndex(open, current, r)
		if len(refused) > 0 {
			maps.Copy(decided, refused)
			continue
		}
		f := newFold(parts, t.entry, t.key, current)
		send, differs := attachment.Merge(&f.change, current)
		if len(f.live) > 0 && t.lags(f, &send) {
			return decided.decideOpen(open, byReason(lagging))
		}
		var answer vpc.Answer
		if differs {
			d = t.validate(f)
		}
		if d.status == "" && t.config.Plan {
			maps.Copy(decided, f.plan(&send, r))
			return decided
		}
		if d.status == "" && differs {
			answer, d = t.modify(call, f, &send, r)
		}
		switch d.status {
		case "":
			maps.Copy(decided, t.conclude(ctx, open, f, answer, r))
			return decided
		case anotherRound:
		case outcome.Rejected:
			if len(f.live) > 1 {
				maps.Copy(decided, t.oneByOne(ctx, open))
				return decided
			}
			d.superseded = len(f.live[0].superseded)
			decided[f.live[0].change] = d // the fields that it superseded may count now
		default:
			return decided.decideOpen(open, d)
		}
	}
	return decided
}

// describe returns the current configuration, or decides on the changes when the
// attachment can't be changed now.
func (t *target) describe(ctx context.Context, r *rounds) (*attachment.Current, decision) {
	for ctx.Err() == nil {
		current, err := t.service.Describe(ctx, t.key.RegionID, t.key.VpnConnectionID)
		switch {
		case r.retry(err):
			continue
		case err != nil:
			return nil, byError(err)
		}
		if why := blocker(current); why != nil {
			return nil, byReason(why)
		}
		current.OmitMasked = t.config.OmitMasked
		if r.before == nil {
			r.before = t.entry.Call.Before // in an earlier delivery, of which nothing else may be known
		}
		if r.before == nil {
			r.before = current.Negotiation()
		}
		return current, decision{}
	}
	return nil, byError(cmp.Or(r.last, errors.New("there was no time left to try the change")))
}

// byIndex names the tunnels of all changes by index. It rejects a change for its
// tunnels, or for a reference that stood for a masked key.
func (t *target) byIndex(changes []*change, current *attachment.Current, r *rounds) (parts []*part, refused decisions) {
	refused = decisions{}
	for _, c := range changes {
		found := validate(&c.document, current, t.config.Peer)
		r.warned[c] = warnings(found)
		asked, ok := c.document.Resolve(current)
		if !ok || slices.ContainsFunc(found, func(f finding.Finding) bool { return f.Check == attachment.PSKMask.ID }) {
			refused[c] = invalid(found)
			continue
		}
		parts = append(parts, &part{change: c, asked: asked})
	}
	return parts, refused
}

// validate rejects a fold that is not valid for the attachment.
func (t *target) validate(f *fold) decision {
	if found := validate(&f.change, f.current, t.config.Peer); found.HasError() {
		return invalid(found)
	}
	return decision{}
}

// modify sends the fold. It decides nothing when the service has accepted it, as it does too
// when it has carried out this very request before and nothing comes of it now: what
// differs then was edited since, and stays.
func (t *target) modify(ctx context.Context, f *fold, send *attachment.Change, r *rounds) (vpc.Answer, decision) {
	if !r.used {
		send.Values[attachment.ClientToken] = f.token()
	}
	ids, d := t.announce(ctx, f, send, r)
	if d.status != "" {
		return vpc.Answer{}, d
	}
	answer, err := t.service.Modify(ctx, send, ids)
	class := outcome.ClassOf(err)
	if err != nil && class != outcome.ClassTransient {
		t.refused(ctx)
	}
	switch {
	case r.retry(err): // Describe says whether it was made
		if class == outcome.ClassTransient {
			t.remember(f, &sentCall{send: *send, answer: answer})
		}
		if class == outcome.ClassTokenMismatch {
			r.used = true
		}
		return answer, decision{status: anotherRound}
	case err != nil:
		d := byError(err)
		if d.status == outcome.Rejected && answer.ClientToken != "" { // else it was not sent
			d.call = &sentCall{send: *send, answer: answer}
		}
		return answer, d
	}
	t.remember(f, &sentCall{send: *send, answer: answer, answered: true})
	return answer, decision{}
}

// remember stores a call for the changes that it was sent for.
func (t *target) remember(f *fold, call *sentCall) {
	for _, p := range f.live {
		if p.differs {
			t.calls[p.change] = call
		}
	}
}

// oneByOne applies each change alone, the oldest first, so that only the faulty ones
// are rejected. Those after a deferred one are deferred too.
func (t *target) oneByOne(ctx context.Context, changes []*change) decisions {
	oldest := slices.Clone(changes)
	slices.SortStableFunc(oldest, func(a, b *change) int { return a.stamp.Compare(b.stamp) })
	decided := decisions{}
	for _, c := range oldest {
		maps.Copy(decided, t.apply(ctx, []*change{c}))
		if d := decided[c]; d.status == outcome.Deferred {
			return decided.decideOpen(oldest, byReason(d.reason))
		}
	}
	return decided
}

// conclude asks for confirmation and writes the ledger, when the attachment is as
// the changes asked or about to become so.
func (t *target) conclude(ctx context.Context, changes []*change, f *fold, answer vpc.Answer, r *rounds) decisions {
	if t.config.Confirm != nil && len(f.live) > 0 {
		if err := t.config.Confirm(ctx, t.confirmation(f, answer.RequestID, r)); err != nil {
			return decisions{}.decideOpen(changes, byError(fmt.Errorf("queue the confirmation: %w", err)))
		}
	}
	entry, err := ledger.Record(ctx, t.config.Ledger, t.key, t.entry, f.stamps())
	if err != nil {
		return decisions{}.decideOpen(changes, byError(err))
	}
	t.entry = entry
	decided := decisions{}
	for _, p := range f.parts {
		d := p.unchanged(r)
		// A call without an answer was carried out if its fields are as it asked.
		if call := t.calls[p.change]; call != nil && (call.answered || len(p.remaining) > 0) {
			d.status, d.call = outcome.Applied, call
		}
		decided[p.change] = d
	}
	return decided
}

// unchanged is the decision on a part for which nothing has to be sent.
func (p *part) unchanged(r *rounds) decision {
	return decision{
		status: outcome.Unchanged, findings: append(r.warned[p.change], supersededFindings(p.superseded)...),
		superseded: len(p.superseded), allSuperseded: len(p.remaining) == 0 && len(p.superseded) > 0,
	}
}

// plan says what would be done.
func (f *fold) plan(send *attachment.Change, r *rounds) decisions {
	decided := decisions{}
	for _, p := range f.parts {
		d := p.unchanged(r)
		if p.differs {
			d.status, d.call, d.differences = outcome.Planned, &sentCall{send: *send}, attachment.Diff(&p.alone, f.current)
		}
		decided[p.change] = d
	}
	return decided
}

func (t *target) confirmation(f *fold, requestID string, r *rounds) message.Check {
	m := message.Check{
		Before:   r.before,
		RegionID: t.key.RegionID, VpnConnectionID: t.key.VpnConnectionID, RequestID: requestID,
		Deadline: t.config.Now().UTC().Add(t.config.ConfirmWithin), Within: t.config.ConfirmWithin, Credentials: t.credentials,
	}
	if requestID != "" {
		m.Sent = t.config.Now().UTC()
	} else if t.sent(f) {
		m.Sent = t.entry.Call.Sent
	}
	for _, field := range f.change.Fields() {
		asked := message.Asked{Field: field.Name(), Stamp: f.winners[field]}
		if value := f.change.Get(field).Text(); field.Parameter().Secret {
			asked.Digest = message.Digest(t.config.DigestKey, value)
		} else {
			asked.Value = value
		}
		m.Asked = append(m.Asked, asked)
	}
	if t.config.OmitMasked {
		for _, field := range f.change.KeysLeftOut(f.current) {
			m.Asked = append(m.Asked, message.Asked{Field: field.Name(), Stamp: f.newest()})
		}
	}
	for _, p := range f.live {
		m.EventIDs = append(m.EventIDs, p.message.EventID)
		m.ChangeIDs = append(m.ChangeIDs, p.message.DeduplicationID())
		m.BothEnds = m.BothEnds || p.message.Fate
		if id := p.message.TraceID; id != "" && !slices.Contains(m.TraceIDs, id) {
			m.TraceIDs = append(m.TraceIDs, id)
		}
	}
	slices.Sort(m.EventIDs)
	m.EventIDs = slices.Compact(m.EventIDs)
	return m
}
