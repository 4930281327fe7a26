package rotate

import (
	"context"
	"errors"
	"slices"
	"time"

	"vpnattach/shared/aws/secrets"
	"vpnattach/shared/aws/sitevpn"
	"vpnattach/shared/ledger"
	"vpnattach/shared/message"
	"vpnattach/shared/outcome"
)

// create draws the key, unless that was done before. When the version is created is the
// time of the change.
func (r *rotation) create(ctx context.Context) error {
	if done, err := r.isDone(); done || err != nil {
		return err
	}
	err := r.readNext(ctx)
	if !errors.Is(err, secrets.ErrNoVersion) {
		return err
	}
	text, _, err := r.config.Secrets.Version(ctx, r.secret.ARN, r.current)
	if err != nil {
		return failed("read AWSCURRENT", err)
	}
	key, err := r.config.Draw()
	if err != nil {
		return failed("draw a key", err)
	}
	r.next.key = key
	if text, err = withKey(text, key); err != nil {
		return refused("secret-invalid", err.Error(), "Correct the secret.")
	}
	if err := r.config.Secrets.Put(ctx, r.secret.ARN, r.version, text); err != nil {
		return failed("store the key", err)
	}
	return nil
}

// isDone reports whether the version has AWSCURRENT already, and fails when it is not one
// that is being rotated.
func (r *rotation) isDone() (bool, error) {
	stages, known := r.secret.Stages[r.version]
	switch {
	case slices.Contains(stages, stageCurrent):
		return true, nil
	case !r.secret.RotationEnabled:
		return false, refused("rotation-disabled", "rotation is not enabled for the secret", "Enable rotation, with this function.")
	case !known || !slices.Contains(stages, stagePending):
		return false, refused("not-pending", "the version is not AWSPENDING: its rotation was taken back or cancelled, or never begun",
			"Start another rotation; it draws another key.")
	case r.old.tunnel.AWSConnection == "":
		return false, refused("no-peer", "the secret has no aws, so the other end can't be changed",
			"Name the other end in the secret. Where it is not AWS, let its own rotation write the secret, and have this function follow.")
	}
	return false, nil
}

// goesOn reads the version that is to be, and goes on where the rotation is, back if it
// goes back. A rotation of another version that is not done is taken back first. done
// says that there is nothing left to do.
func (r *rotation) goesOn(ctx context.Context) (done bool, err error) {
	if open := r.record; open.Phase != "" && open.Version != r.version {
		if err := r.takeBackOther(ctx); err != nil {
			return false, err
		}
	}
	if r.record.Phase == ledger.Back {
		return false, r.goBack(ctx, nil)
	}
	done, err = r.isDone()
	switch {
	case done && r.record.Phase == "":
		return true, nil
	case err != nil && r.record.Phase == "":
		return false, err
	case err != nil: // cancelled, or changed by hand
		return false, r.goBack(ctx, failed("", err))
	}
	if err := r.readNext(ctx); err != nil {
		return false, failed("read the version that is to be", err)
	}
	if r.record.Phase != "" && r.record.Current != r.current && !done {
		return false, r.goBack(ctx, currentMoved)
	}
	return false, nil
}

var currentMoved = refused("current-moved", "AWSCURRENT has moved to another version meanwhile", "Start another rotation.")

// takeBackOther takes a rotation of the secret back that another version has begun.
func (r *rotation) takeBackOther(ctx context.Context) error {
	other := *r
	other.version = r.record.Version
	err := other.goBack(ctx, refused("another-rotation", "another rotation of the secret was begun before this one was done", "Nothing: the other one goes on."))
	if known := (*failure)(nil); !errors.As(err, &known) || known.status != TakenBack {
		return err
	}
	r.record = ledger.Rotation{}
	return r.open(ctx)
}

// set gives both ends the new key: AWS first, which is slower and refuses more, and as
// soon as that has accepted ours.
func (r *rotation) set(ctx context.Context) error {
	if done, err := r.goesOn(ctx); done || err != nil {
		return err
	}
	if r.record.Phase == ledger.Finishing {
		return nil
	}
	if r.record.Sent != ledger.Accepted {
		if err := r.setPeer(ctx); err != nil {
			return err
		}
	}
	return r.setOurs(ctx)
}

// setPeer gives AWS's end the new key. Before the first call, and each further one, every
// condition has to hold.
func (r *rotation) setPeer(ctx context.Context) error {
	until := r.now().Add(r.config.ApplyWithin)
	if r.record.Phase != "" {
		until = r.record.Began.Add(r.config.ApplyWithin)
	}
	for looks := 0; ; {
		if err := r.look(ctx, &looks); err != nil {
			return err
		}
		if r.record.Sent == ledger.Asked {
			if r.peerKey() == stagePending {
				return r.save(ctx, func(rec *ledger.Rotation) { rec.Sent = ledger.Accepted })
			}
			// What AWS carries out now may be this call.
			if r.justSent() || r.seen.connection.State != sitevpn.Available && r.now().Before(until) {
				if err := r.pause(ctx, &looks, "AWS to show whether it has taken the key"); err != nil {
					return err
				}
				continue
			}
		}
		why, err := r.condition(ctx, false)
		switch {
		case err != nil:
			return err
		case why != nil && r.record.Phase == "":
			return why
		case why != nil:
			return r.goBack(ctx, why)
		}
		accepted, err := r.callPeer(ctx, until)
		if accepted || err != nil {
			return err
		}
		if err := r.pause(ctx, &looks, "AWS to take the key"); err != nil {
			return err
		}
	}
}

// justSent reports whether AWS may still show itself as before the last call.
func (r *rotation) justSent() bool { return r.now().Sub(r.record.SentAt) < r.config.Lag }

// begin is the record of a rotation that is about to touch something.
func (r *rotation) begin(phase ledger.Phase) ledger.Rotation {
	its := r.old.tunnel
	return ledger.Rotation{
		Version: r.version, Attachment: its.attachment().String(), Current: r.current, Phase: phase, Time: r.created.UTC().Round(0), Began: r.now(),
		Tunnel: its.Index, PeerRegion: its.AWSRegion, PeerConnection: its.AWSConnection, PeerAddress: its.OutsideIP,
	}
}

// callPeer sends the new key to AWS, once. It is recorded before, so that after a crash it
// is known that the call may have been carried out.
func (r *rotation) callPeer(ctx context.Context, until time.Time) (accepted bool, err error) {
	before := r.record.Sent
	err = r.save(ctx, func(rec *ledger.Rotation) {
		if rec.Phase == "" {
			*rec = r.begin(ledger.Forward)
		}
		rec.Sent, rec.SentAt = ledger.Asked, r.now()
	})
	if err != nil {
		return false, err
	}
	err = r.modifyPeer(ctx, r.next)
	if err == nil {
		return true, r.save(ctx, func(rec *ledger.Rotation) { rec.Sent = ledger.Accepted })
	}
	class := outcome.ClassOf(err)
	if class != outcome.ClassTransient { // it was refused
		if err := r.save(ctx, func(rec *ledger.Rotation) { rec.Sent = before }); err != nil {
			return false, err
		}
	}
	if late := !r.now().Before(until); late || class == outcome.ClassRejected || class == outcome.ClassBlocked {
		return false, r.goBack(ctx, failed("give "+r.old.tunnel.AWSConnection+" the new key", err))
	}
	return false, nil
}

func (r *rotation) modifyPeer(ctx context.Context, to document) error {
	its := r.old.tunnel
	return r.config.Peer.ModifyKey(ctx, its.AWSRegion, its.AWSConnection, its.OutsideIP, to.key, false)
}

// setOurs queues our change, and waits until apply has applied it.
func (r *rotation) setOurs(ctx context.Context) error {
	since := r.record.SentAt
	fate, err := r.await(ctx, r.forward(), since, since.Add(r.config.ApplyWithin))
	if err != nil {
		return err
	}
	if why := notApplied(fate, r.config.ApplyWithin); why != nil {
		return r.goBack(ctx, why)
	}
	return nil
}

// notApplied says why a change was not applied; nil when it was.
func notApplied(fate *ledger.Fate, within time.Duration) *failure {
	switch {
	case fate == nil:
		return refused("not-applied", "the change of our end was not applied within "+within.String(), "Look at the outcomes of apply.")
	case fate.Status == outcome.Applied, fate.Status == outcome.Unchanged:
		return nil
	case fate.Reason != nil:
		return &failure{status: Refused, reason: *fate.Reason}
	}
	return refused(string(fate.Status), "the change of our end is "+string(fate.Status), "Look at the outcomes of apply.")
}

// test waits until the tunnel is up with the new key.
func (r *rotation) test(ctx context.Context) error {
	if r.record.Phase == "" && r.version != r.current {
		if err := r.readNext(ctx); errors.Is(err, secrets.ErrNoVersion) || err == nil && r.next.key.Equal(r.old.key) {
			return r.plan(ctx) // Secrets Manager tries the function out
		}
	}
	if done, err := r.goesOn(ctx); done || err != nil {
		return err
	}
	if r.record.Phase == "" {
		return refused("not-set", "setSecret has not given the ends the new key", "Start another rotation.")
	}
	return r.awaitUp(ctx)
}

// awaitUp waits until both ends have the new key, and the tunnel is up.
func (r *rotation) awaitUp(ctx context.Context) error {
	until := r.record.SentAt.Add(r.config.TestWithin)
	var differs time.Time // since when
	for looks := 0; ; {
		if err := r.look(ctx, &looks); err != nil {
			return err
		}
		newer, err := r.superseded(ctx, r.forward())
		switch {
		case err != nil:
			return err
		case newer != nil:
			return r.goBack(ctx, newer)
		}
		why := r.notUp()
		now := r.now()
		switch {
		case why == nil:
			return nil
		case why.reason.Code != "key-differs":
			differs = time.Time{}
		case differs.IsZero():
			differs = now
		}
		if !differs.IsZero() && now.Sub(differs) >= r.config.Lag {
			return r.goBack(ctx, why)
		}
		if !now.Before(until) {
			why.diagnoses = r.diagnose(ctx)
			return r.goBack(ctx, why)
		}
		if err := r.pause(ctx, &looks, "the tunnel to come up"); err != nil {
			return err
		}
	}
}

// superseded says that a newer event has changed our end since. The ledger knows that
// before our end shows it.
func (r *rotation) superseded(ctx context.Context, m message.Change) (*failure, error) {
	entry, err := r.config.Store.Load(ctx, m.Key())
	if err != nil {
		return nil, failed("read the ledger", err)
	}
	if m.Stamp().Compare(entry.Fields[r.old.tunnel.field()]) < 0 {
		return refused("superseded-by-newer", "a newer event has changed the key of our end", "Let one sender only change the key of a tunnel, or have it change both ends."), nil
	}
	return nil, nil
}

// notUp says what is missing until the tunnel is up with the new key; nil: nothing.
func (r *rotation) notUp() *failure {
	its, ours := r.old.tunnel, r.seen.ours
	wanted := func(key string) bool { return key == stagePending || r.current == r.version && key == stageCurrent }
	// While an end is being changed it may show itself as before.
	if !ours.Settled() {
		return refused("tunnel-down", "our end is being changed", "Do what the diagnosis says.")
	}
	var tunnel *sitevpn.Tunnel
	if connection := r.seen.connection; connection != nil {
		if tunnel, _ = connection.Tunnel(its.OutsideIP); connection.State != sitevpn.Available || tunnel != nil && tunnel.Provisioning == "pending" {
			return refused("tunnel-down", "AWS's end is being changed", "Do what the diagnosis says.")
		}
	}
	if key := r.ourKey(); key != keyUnknown && !wanted(key) {
		return refused("key-differs", "our end of the tunnel does not have the new key", "Look for who has changed it.")
	}
	if its.AWSConnection != "" && !wanted(r.peerKey()) {
		return refused("key-differs", "AWS's end of the tunnel does not have the new key", "Look for who has changed it.")
	}
	if ours.Tunnels[its.Index-1].Status != outcome.Established {
		return refused("tunnel-down", "the tunnel is not up at our end", "Do what the diagnosis says.")
	}
	if tunnel != nil && (tunnel.Provisioning != sitevpn.Available || tunnel.Status != sitevpn.Up) {
		return refused("tunnel-down", "the tunnel is not up at AWS's end", "Do what the diagnosis says.")
	}
	return nil
}

// diagnose asks both ends why the tunnel is down.
func (r *rotation) diagnose(ctx context.Context) []outcome.Diagnosis {
	its := r.old.tunnel
	all, err := r.service.Diagnose(ctx, its.RegionID, r.seen.ours)
	if err != nil {
		why := outcome.ReasonOf(err)
		all = []outcome.Diagnosis{{Tunnel: its.Index, Code: why.Code, Cause: "our end was asked why, and failed: " + why.Message, Remedy: why.Remedy}}
	}
	if r.seen.connection == nil {
		return all
	}
	if tunnel, _ := r.seen.connection.Tunnel(its.OutsideIP); tunnel != nil {
		cause := "AWS: the tunnel is " + tunnel.Status + ", its provisioning " + tunnel.Provisioning
		for _, more := range []string{tunnel.Message, tunnel.Reason} {
			if more != "" {
				cause += ": " + more
			}
		}
		all = append(all, outcome.Diagnosis{Tunnel: its.Index, Code: "aws-end", Cause: cause, Remedy: "Look at the tunnel's state in the console of AWS.", Since: tunnel.Since})
	}
	return all
}

// finish moves AWSCURRENT, once both ends have the new key and the tunnel is up.
func (r *rotation) finish(ctx context.Context) error {
	done, err := r.goesOn(ctx)
	if done || err != nil {
		return err
	}
	if r.record.Phase == "" {
		return refused("not-set", "setSecret has not given the ends the new key", "Start another rotation.")
	}
	if r.current != r.version || r.record.Phase == ledger.Forward { // much may have happened since the last look
		if err := r.awaitUp(ctx); err != nil {
			return err
		}
	}
	if r.record.Phase == ledger.Forward {
		if err := r.save(ctx, func(rec *ledger.Rotation) { rec.Phase = ledger.Finishing }); err != nil {
			return err
		}
	}
	return r.moveCurrent(ctx)
}

// moveCurrent makes the new version AWSCURRENT.
func (r *rotation) moveCurrent(ctx context.Context) error {
	if r.current != r.version {
		moved := r.config.Secrets.Move(ctx, r.secret.ARN, stageCurrent, r.record.Current, r.version)
		if moved != nil { // the answer may have been lost
			described, err := r.config.Secrets.Describe(ctx, r.secret.ARN)
			if err != nil {
				return differ(failed("move AWSCURRENT", moved))
			}
			switch {
			case slices.Contains(described.Stages[r.version], stageCurrent):
			case slices.Contains(described.Stages[r.record.Current], stageCurrent):
				return differ(failed("move AWSCURRENT", moved))
			default:
				if err := r.open(ctx); err != nil {
					return err
				}
				return r.goBack(ctx, currentMoved)
			}
		}
	}
	return r.close(ctx, Rotated)
}

// differ is the failure as the alarm.
func differ(f *failure) *failure {
	f.status = KeysDiffer
	return f
}

// close ends the rotation with a result. It is published before, since it would be lost
// with a crash between.
func (r *rotation) close(ctx context.Context, status Status) error {
	r.done = status
	if err := r.publish(ctx, r.complete(Result{Status: status})); err != nil {
		return failed("publish the result", err)
	}
	return r.write(ctx, ledger.Rotation{})
}

// goOn goes on with a rotation that no call works on: back, unless both ends have the new
// key for certain.
func (r *rotation) goOn(ctx context.Context) error {
	switch {
	case r.record.Phase == "": // done meanwhile
		return nil
	case r.record.Phase == ledger.Following:
		return r.follow(ctx)
	case r.record.Phase == ledger.Forward && r.version != r.current:
		return r.goBack(ctx, refused("abandoned", "no call went on with the rotation for "+r.config.AbandonAfter.String(), "Start another rotation."))
	}
	return r.finish(ctx)
}
