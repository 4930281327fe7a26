package apply

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/rs/zerolog"

	"vpnattach/shared/aws/invoke"
	"vpnattach/shared/ledger"
	"vpnattach/shared/outcome"
)

// batch is the records of one delivery, with what is decided and done.
type batch struct {
	*Handler
	all     []*change
	groups  [][]*change // the FIFO groups, each in its order
	decided decisions
	calls   map[*change]*sentCall
	kept    map[*change]bool // their dead letters are kept
}

// decide decides on the records of one group.
func (b *batch) decide(ctx context.Context, changes []*change) {
	for _, c := range b.decided.open(changes) {
		if b.decided[c].status != "" {
			continue // decided together with an earlier one
		}
		key, credentials := c.message.Key(), c.message.Credentials
		same := slices.DeleteFunc(b.decided.open(changes), func(other *change) bool {
			return other.message.Key() != key || other.message.Credentials != credentials
		})
		t := &target{Handler: b.Handler, service: b.config.Service, key: key, credentials: credentials, calls: b.calls}
		maps.Copy(b.decided, t.decide(ctx, same))
	}
}

// carryOut carries the decisions out: it sends the dead letters, then publishes the
// outcomes, and reports. A failure changes a decision. It returns the ids of the
// records that go back. ctx is the context of the invocation itself: each step has time
// of its own, however long the one before it has taken.
func (b *batch) carryOut(ctx context.Context) (back []string) {
	b.inOrder(true)
	b.step(ctx, b.config.Margin/2, func(ctx context.Context) {
		b.deadLetter(ctx, b.all)
		b.inOrder(false)
		for c, err := range b.publish(ctx, b.all) {
			b.decided[c] = b.decided[c].deferred(outcome.ReasonOf(err))
		}
		b.inOrder(false)
		b.recordFates(ctx, b.all)
	})
	// The obstacle may have used up the time, or be the bus or the queue itself.
	expired := b.inOrder(true)
	b.step(ctx, b.config.Margin/3, func(ctx context.Context) {
		b.deadLetter(ctx, expired)
		b.publish(ctx, expired) // a failure does not keep them
		b.recordFates(ctx, expired)
	})
	b.inOrder(false)
	b.step(ctx, b.config.Margin/6, func(ctx context.Context) {
		for _, changes := range b.groups {
			back = append(back, b.sendBack(ctx, changes)...)
		}
	})
	return back
}

// step runs a step that has to end that much before the invocation does.
func (b *batch) step(ctx context.Context, margin time.Duration, run func(context.Context)) {
	ctx, cancel := invoke.WithMargin(ctx, margin)
	defer cancel()
	run(ctx)
}

// inOrder sends back what would overtake a record of its group that goes back. With
// expire it rejects, and returns, those that are too old to go back.
func (b *batch) inOrder(expire bool) (expired []*change) {
	for _, changes := range b.groups {
		behind := false
		for _, c := range changes {
			if behind {
				b.decided[c] = b.decided[c].requeueBehind()
			}
			if d, old := b.decided[c].expire(c, b.config.Now(), b.config.MaxAge); old && expire {
				b.decided[c] = d
				expired = append(expired, c)
			}
			behind = behind || b.decided[c].status == outcome.Deferred
		}
	}
	return expired
}

// deadLetter sends rejected records to the dead letters; if that fails for one, it goes
// back to the queue.
func (b *batch) deadLetter(ctx context.Context, changes []*change) {
	var rejected []*change
	var letters []DeadLetter
	for _, c := range changes {
		if d := b.decided[c]; d.status == outcome.Rejected && !b.kept[c] {
			rejected, letters = append(rejected, c), append(letters, c.deadLetter(d, b.config.Now()))
		}
	}
	failed := b.each(ctx, "keep the dead letter", rejected, func() []error { return b.config.DeadLetter(ctx, letters) })
	for _, c := range rejected {
		if err := failed[c]; err != nil {
			b.decided[c] = b.decided[c].deferred(outcome.ReasonOf(err))
		} else {
			b.kept[c] = true
		}
	}
}

// publish publishes the outcomes of changes that confirm does not see. It returns the
// errors of those that failed.
func (b *batch) publish(ctx context.Context, changes []*change) (failed map[*change]error) {
	var about []*change
	var outcomes []outcome.Outcome
	for _, c := range changes {
		if o, ok := c.published(b.decided[c], b.config.Now(), b.config.Plan); ok && b.config.Publish != nil {
			about, outcomes = append(about, c), append(outcomes, o)
		}
	}
	return b.each(ctx, "publish the outcome", about, func() []error { return b.config.Publish(ctx, outcomes) })
}

// recordFates records the fates that somebody waits for; a change whose fate could not
// be recorded goes back to the queue, where it is found done.
func (b *batch) recordFates(ctx context.Context, changes []*change) {
	for _, c := range changes {
		fate, ok := c.fate(b.decided[c], b.config.Now())
		if !ok || b.config.Fate == nil {
			continue
		}
		if err := b.guard(ctx, "record the fate", []*change{c}, func() error { return b.config.Fate(ctx, c.id(), fate) }); err != nil {
			b.decided[c] = b.decided[c].deferred(outcome.ReasonOf(err))
		}
	}
}

// each calls one of the functions of the configuration that take a list, unless that is
// empty, and logs and returns the errors by change.
func (b *batch) each(ctx context.Context, what string, about []*change, call func() []error) map[*change]error {
	if len(about) == 0 {
		return nil
	}
	var errs []error
	if err := invoke.Recover(func() error { errs = call(); return nil }); err != nil {
		errs = slices.Repeat([]error{err}, len(about))
	}
	failed := map[*change]error{}
	for i, err := range errs {
		if err != nil {
			invoke.Failed(b.log(ctx, zerolog.ErrorLevel, about[i]), err, what)
			failed[about[i]] = fmt.Errorf("%s: %w", what, err)
		}
	}
	return failed
}

// sendBack reports the outcomes of a group's records, and returns the ids of those that
// go back: those that are deferred, and all behind the first of them.
func (b *batch) sendBack(ctx context.Context, changes []*change) (back []string) {
	var receipts []string
	var wait time.Duration
	for _, c := range changes {
		d := b.decided[c]
		b.report(ctx, c, d)
		if d.status == outcome.Deferred || len(back) > 0 {
			back = append(back, c.record.MessageId)
			receipts = append(receipts, c.record.ReceiptHandle)
			wait = max(wait, d.backOff(c.received))
			b.earlier.keep(c, b.calls[c], b.kept[c])
		}
	}
	b.recordWaiting(ctx, changes, wait)
	if len(receipts) > 0 && b.config.Visibility != nil {
		_ = b.guard(ctx, "change the visibility", changes, func() error { return b.config.Visibility(ctx, receipts, wait) })
	}
	return back
}

// waitingSlack is how much longer than its visibility timeout a record may take to be
// delivered again.
const waitingSlack = time.Minute

// recordWaiting records for which attachments a group has records that go back.
func (b *batch) recordWaiting(ctx context.Context, changes []*change, wait time.Duration) {
	done := map[ledger.Key]bool{{}: true} // of a record that can't be decoded
	for _, c := range changes {
		key := c.message.Key()
		if b.config.Waiting == nil || b.config.Plan || b.decided[c].status != outcome.Deferred || done[key] {
			continue
		}
		done[key] = true
		_ = b.guard(ctx, "record that a change waits", []*change{c}, func() error {
			return b.config.Waiting(ctx, key, b.config.Now().Add(wait+waitingSlack).UTC())
		})
	}
}
