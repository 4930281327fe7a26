package probe

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"vpnattach/shared/core/attachment"
	"vpnattach/shared/outcome"
	"vpnattach/shared/vpc"
)

// sentFields are all that a write sends, beside the attachment's region and id.
var sentFields = []int{attachment.Name, attachment.LocalSubnet, attachment.RemoteSubnet, attachment.EffectImmediately}

// namePrefix begins the names that a probe gives.
const namePrefix = "vpnattach-probe-"

// The reasons of the probe's own to send nothing, or no more.
var (
	errMotion = &stop{"attachment-in-motion", "the attachment or one of its tunnels is being changed, so nothing was sent", "Run the probe again once State is attached, init or active."}
	errUnseen = &stop{"not-shown", "the service does not show all of Name, LocalSubnet, RemoteSubnet and EffectImmediately, so they can't be sent as they are and nothing was sent", "Give the attachment a name, if it has none."}
	errLeft   = &stop{"name-of-a-probe", "the attachment has the name of an earlier probe, so nothing was sent", "Give it its own name first."}
	errMoved  = &stop{"changed-meanwhile", "the attachment was changed since its configuration was shown, so nothing was sent", "Run the probe again."}
	errLate   = &stop{"not-settled", "the new name was not seen at rest in time", "Give the probe more time, with --wait."}
	errStays  = &stop{"not-restored", "the old name was not seen at rest in time", ""}
	errElse   = &stop{"changed-besides", "more has changed than the name", "Compare the attachment with what it should be; another change may have been made at the same time."}
)

// write changes the name, looks what happens, and restores it.
func (r *run) write(ctx, force context.Context, shown *attachment.Current) error {
	if err := r.checkWritable(shown, shown); err != nil {
		return err
	}
	c := shown.Config()
	if err := r.config.Confirm(ctx, r.report.Answer, Sent{c.Text(attachment.LocalSubnet), c.Text(attachment.RemoteSubnet), c.Text(attachment.EffectImmediately)}); err != nil {
		return err
	}
	before, err := r.describe(ctx) // typing takes time
	if err != nil {
		return err
	}
	if err := r.checkWritable(before, shown); err != nil {
		return err
	}
	w := &writing{run: r, before: before, event: rand.Text(), begun: r.config.Now()}
	w.out = &Write{Seen: []Sight{}, ChangedBesides: []string{}}
	r.report.Write = w.out
	w.original = changeOf(r.config.Region, before)
	w.probe = w.original
	w.probe.Values[attachment.Name] = attachment.NewValue(namePrefix + strings.ToLower(rand.Text()[:8]))

	sent, err := w.change(ctx)
	if !sent {
		return err
	}
	if err == nil {
		err = w.watch(ctx)
	}
	if failed := w.restore(force); failed != nil {
		return errors.Join(err, failed)
	}
	if ctx.Err() != nil {
		return &stop{"interrupted", "it was interrupted; the name is restored", ""}
	}
	return err
}

// checkWritable says why the attachment, as it is now, must not be written to.
func (r *run) checkWritable(now, shown *attachment.Current) error {
	switch {
	case !now.Settled() || now.State == "":
		return errMotion
	case len(r.report.Answer.Absent) > 0:
		return errUnseen
	case strings.HasPrefix(now.Config().Text(attachment.Name), namePrefix):
		return errLeft
	}
	for _, field := range sentFields {
		if now.Config().Text(field) != shown.Config().Text(field) {
			return errMoved
		}
	}
	return nil
}

// changeOf is a change that sends what it must as the attachment has it.
func changeOf(region string, current *attachment.Current) (c attachment.Change) {
	c.Values[attachment.RegionID] = attachment.NewValue(region)
	c.Values[attachment.VpnConnectionID] = attachment.NewValue(current.VpnConnectionID)
	for _, field := range sentFields {
		c.Values[field] = attachment.NewValue(current.Config().Text(field))
	}
	return c
}

// writing is a change of the name, from the first request on.
type writing struct {
	run             *run
	out             *Write
	before          *attachment.Current
	original, probe attachment.Change
	event           string // makes the ClientTokens
	begun           time.Time
}

func (w *writing) since() int64 { return millis(w.run.config.Now().Sub(w.begun)) }

// change sends the new name twice, with one token. sent is false when it is certain
// that nothing has changed.
func (w *writing) change(ctx context.Context) (sent bool, err error) {
	r := w.run
	r.config.Progress("changing the name")
	w.begun = r.config.Now()
	first, err := r.modify(ctx, &w.probe, w.event)
	if err != nil && outcome.ClassOf(err) != outcome.ClassTransient {
		w.out.Refused = r.failure(err).Code
		return false, err
	}
	// The repetition is also the remedy for a first answer that was lost.
	second, again := r.modify(ctx, &w.probe, w.event)
	switch {
	case again != nil:
		w.out.Repeated = r.failure(again).Code
		return true, err
	case err != nil:
		w.out.Repeated = RepeatedLost
	case second == first:
		w.out.Repeated = RepeatedSame
	default:
		w.out.Repeated = RepeatedAnother
	}
	return true, nil
}

// watch looks at the attachment until it is at rest with the new name.
func (w *writing) watch(ctx context.Context) error {
	w.run.config.Progress("waiting for the change to settle")
	return w.until(ctx, w.begun, errLate, func(now *attachment.Current, same string) bool {
		if w.out.VisibleMillis == 0 && (same != "before" || !now.Settled()) {
			w.out.VisibleMillis = w.since()
		}
		if same != "changed" || !now.Settled() {
			return false
		}
		w.out.SettledMillis = w.since()
		w.compare(now, true)
		return true
	})
}

// restore puts the old name back.
func (w *writing) restore(ctx context.Context) (err error) {
	r := w.run
	begun := r.config.Now()
	r.config.Progress("restoring the name")
	defer func() {
		if err != nil && !errors.Is(err, errElse) {
			err = &NotRestoredError{w.original, r.failure(err)}
		}
	}()
	for {
		_, err := r.modify(ctx, &w.original, w.event+"/restore")
		if err == nil {
			break
		}
		class := outcome.ClassOf(err)
		if class != outcome.ClassBusy && class != outcome.ClassThrottled && class != outcome.ClassTransient || r.config.Now().Sub(begun) > r.config.Wait {
			return err
		}
		after := every
		if failed, ok := errors.AsType[*vpc.Error](err); ok {
			after = max(after, failed.RetryAfter)
		}
		if wait := r.config.Sleep(ctx, after); wait != nil {
			return errors.Join(err, wait)
		}
	}
	err = w.until(ctx, begun, errStays, func(now *attachment.Current, same string) bool {
		if same != "before" || !now.Settled() {
			return false
		}
		w.out.Restored, w.out.RestoreMillis = true, millis(r.config.Now().Sub(begun))
		w.compare(now, false)
		return true
	})
	if err == nil && len(w.out.ChangedBesides) > 0 {
		return errElse
	}
	return err
}

// until looks at the attachment until it is as wanted, or the time is over.
func (w *writing) until(ctx context.Context, begun time.Time, late error, done func(now *attachment.Current, name string) bool) error {
	r := w.run
	for {
		now, err := r.describe(ctx)
		over := r.config.Now().Sub(begun) > r.config.Wait
		switch class := outcome.ClassOf(err); {
		case err == nil:
			name := w.nameOf(now)
			w.see(now, name)
			if done(now, name) {
				return nil
			}
		case over || class != outcome.ClassThrottled && class != outcome.ClassTransient:
			return err
		}
		if over {
			return late
		}
		if err := r.config.Sleep(ctx, every); err != nil {
			return err
		}
	}
}

// nameOf says whose name the attachment has.
func (w *writing) nameOf(now *attachment.Current) string {
	switch now.Config().Text(attachment.Name) {
	case w.original.Text(attachment.Name):
		return "before"
	case w.probe.Text(attachment.Name):
		return "changed"
	}
	return "other"
}

// see keeps what has been seen, if it differs from what was seen before.
func (w *writing) see(now *attachment.Current, name string) {
	sight := Sight{State: now.State, Status: now.Status, Name: name}
	for _, t := range now.Tunnels {
		if t.Shown {
			sight.Tunnels = append(sight.Tunnels, t.State)
		}
	}
	if n := len(w.out.Seen); n > 0 {
		last := w.out.Seen[n-1]
		sight.AfterMillis = last.AfterMillis
		if fmt.Sprint(sight) == fmt.Sprint(last) {
			return
		}
	}
	sight.AfterMillis = w.since()
	w.out.Seen = append(w.out.Seen, sight)
}

// compare notes what has changed though the write did not ask for it.
func (w *writing) compare(now *attachment.Current, renamed bool) {
	config := w.before.Config()
	fields := config.Fields()
	for _, f := range now.Config().Fields() { // what has come, too
		if !config.Get(f).Present() {
			fields = append(fields, f)
		}
	}
	for _, f := range fields {
		if same, known := now.Shows(f, w.before.Value(f).Text()); same || !known || renamed && f.Name() == "Name" {
			continue
		}
		if before, whole := w.before.Shows(f, w.before.Value(f).Text()); !whole || !before {
			continue // a key that was masked before
		}
		w.out.note(f.Name())
	}
}

func (w *Write) note(name string) {
	if !slices.Contains(w.ChangedBesides, name) {
		w.ChangedBesides = append(w.ChangedBesides, name)
	}
}
