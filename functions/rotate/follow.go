package rotate

import (
	"context"

	"vpnattach/shared/ledger"
	"vpnattach/shared/outcome"
)

// follow brings our end after a peer whose own rotation has written AWSCURRENT. The peer
// has the key already, so there is no way back: what fails is the alarm, and is tried
// again by [Watch] until it works.
func (r *rotation) follow(ctx context.Context) error {
	switch {
	case r.old.tunnel.AWSConnection != "":
		return refused("has-peer", "the secret names AWS's end, so this function rotates both", "Rotate the secret, or take aws out of it.")
	case r.version != "" && r.version != r.current && r.step == Follow:
		return nil // an event about an older version
	case r.record.Phase != "" && r.record.Phase != ledger.Following:
		return refused("another-rotation", "a rotation of the secret at both ends is not done", "Nothing: it goes on.")
	}
	r.version, r.next = r.current, r.old
	if r.record.Version != r.current {
		err := r.save(ctx, func(rec *ledger.Rotation) {
			*rec = r.begin(ledger.Following)
		})
		if err != nil {
			return err
		}
	}
	if err := r.bringAfter(ctx); err != nil {
		f := failed("follow", err)
		if isOvertaken(f) {
			return f
		}
		return differ(&failure{reason: f.reason, diagnoses: f.diagnoses})
	}
	return r.close(ctx, Followed)
}

// bringAfter gives our end the key of AWSCURRENT, and waits until the tunnel is up.
func (r *rotation) bringAfter(ctx context.Context) error {
	looks := 0
	if err := r.look(ctx, &looks); err != nil {
		return err
	}
	since := r.now()
	if r.ourKey() != stageCurrent {
		fate, err := r.config.Store.Fate(ctx, r.forwardID())
		if err != nil {
			return failed("read the fate of the change", err)
		}
		if fate == nil || fate.Status == outcome.Rejected {
			if why, err := r.condition(ctx, true); err != nil {
				return err
			} else if why != nil {
				return why
			}
		}
		if fate, err = r.await(ctx, r.forward(), since, since.Add(r.config.ApplyWithin)); err != nil {
			return err
		}
		if why := notApplied(fate, r.config.ApplyWithin); why != nil {
			return why
		}
	}
	for until := r.now().Add(r.config.TestWithin); ; {
		if err := r.look(ctx, &looks); err != nil {
			return err
		}
		why := r.notUp()
		if why == nil {
			return nil
		}
		if !r.now().Before(until) {
			why.diagnoses = r.diagnose(ctx)
			return why
		}
		if err := r.pause(ctx, &looks, "the tunnel to come up"); err != nil {
			return err
		}
	}
}

func (r *rotation) forwardID() string {
	m := r.forward()
	return m.DeduplicationID()
}
