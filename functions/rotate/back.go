package rotate

import (
	"context"
	"errors"
	"slices"

	"vpnattach/shared/aws/secrets"
	"vpnattach/shared/aws/sitevpn"
	"vpnattach/shared/ledger"
	"vpnattach/shared/outcome"
)

// goBack gives both ends the key of AWSCURRENT again. It always fails: with the reason for
// going back once that is done, else with the alarm. why is nil to go on.
//
// A change that waits in the queue could be applied after AWS was set back. So a newer one
// is queued first, and AWS is set back then.
func (r *rotation) goBack(ctx context.Context, why *failure) error {
	err := r.restore(ctx, why)
	if err != nil {
		f := failed("go back", err)
		if !isOvertaken(f) {
			f = differ(&failure{reason: f.reason})
			if because := r.record.Reason; because != nil {
				f.reason.Message = "going back because of " + because.Code + ": " + f.reason.Message
			}
		}
		if why != nil {
			f.diagnoses = why.diagnoses
		}
		return f
	}
	f := &failure{status: TakenBack, reason: *r.record.Reason}
	if why != nil {
		f.diagnoses = why.diagnoses
	}
	if err := r.unstage(ctx); err != nil {
		return failed("take AWSPENDING from the version", err)
	}
	if err := r.write(ctx, ledger.Rotation{}); err != nil {
		return err
	}
	return f
}

// restore brings the key of AWSCURRENT to both ends.
func (r *rotation) restore(ctx context.Context, why *failure) error {
	if r.next.key.IsZero() {
		var err error // only to say which key an end has; the version may be gone
		if r.next, _, err = r.read(ctx, r.record.Version); err != nil && !errors.Is(err, secrets.ErrNoVersion) {
			return err
		}
	}
	if r.record.Phase != ledger.Back || r.record.Current != r.current {
		if err := r.sameTunnel(ctx); err != nil {
			return err
		}
		err := r.save(ctx, func(rec *ledger.Rotation) {
			rec.Phase, rec.Current, rec.Backs = ledger.Back, r.current, rec.Backs+1
			if rec.Reason == nil && why != nil {
				rec.Reason = r.hidden(why.reason)
			}
		})
		if err != nil {
			return err
		}
	}
	if err := r.queue(ctx, r.back()); err != nil {
		return err
	}
	if err := r.restorePeer(ctx); err != nil {
		return err
	}
	return r.restoreOurs(ctx)
}

// sameTunnel fails when AWSCURRENT has moved to a version that names another tunnel: that
// one was not touched.
func (r *rotation) sameTunnel(ctx context.Context) error {
	if r.record.Current == r.current {
		return nil
	}
	was, _, err := r.read(ctx, r.record.Current)
	if err == nil && was.tunnel != r.old.tunnel {
		return refused("another-tunnel", "AWSCURRENT names another tunnel than the one that was to be rotated, "+was.tunnel.OutsideIP+" of "+was.tunnel.AWSConnection+
			" and "+was.tunnel.VpnConnectionID, "Give that tunnel one key at both ends, and correct the secret.")
	}
	if errors.Is(err, secrets.ErrNoVersion) {
		return nil
	}
	return err
}

// restorePeer gives AWS's end the key of AWSCURRENT, unless it has that for certain.
func (r *rotation) restorePeer(ctx context.Context) error {
	restored := false
	for looks := 0; ; {
		if err := r.look(ctx, &looks); err != nil {
			return err
		}
		key := r.peerKey()
		// While AWS carries a change out, whoever has made it, it may show the key from before.
		settled := r.seen.connection.State == sitevpn.Available
		certain := restored || settled && (r.record.Sent == ledger.NotSent || !r.justSent())
		if key == stageCurrent && certain || key == keyUnknown && restored {
			return nil
		}
		// While AWS carries one change out it refuses another.
		if key != stageCurrent && !restored && settled {
			if err := r.save(ctx, func(rec *ledger.Rotation) { rec.Sent, rec.SentAt = ledger.Asked, r.now() }); err != nil {
				return err
			}
			err := r.modifyPeer(ctx, r.old)
			switch outcome.ClassOf(err) {
			case "":
				restored = true
			case outcome.ClassRejected, outcome.ClassBlocked:
				return failed("give "+r.old.tunnel.AWSConnection+" the key of AWSCURRENT", err)
			}
		}
		if err := r.pause(ctx, &looks, "AWS to take the key of AWSCURRENT"); err != nil {
			return err
		}
	}
}

// restoreOurs waits until the change back is applied, and our end shows it.
func (r *rotation) restoreOurs(ctx context.Context) error {
	since := r.now()
	fate, err := r.await(ctx, r.back(), since, since.Add(r.config.ApplyWithin))
	if err != nil {
		return err
	}
	if fate == nil {
		return notApplied(nil, r.config.ApplyWithin)
	}
	// After a newer event, our end may still show itself as before that.
	why, trusted := notApplied(fate, r.config.ApplyWithin), since
	if why != nil {
		trusted = fate.Time.Add(r.config.Lag)
	}
	until := r.now().Add(r.config.TestWithin)
	for looks := 0; ; {
		if err := r.look(ctx, &looks); err != nil {
			return err
		}
		if why == nil {
			if why, err = r.superseded(ctx, r.back()); err != nil {
				return err
			}
			if why != nil {
				trusted = r.now().Add(r.config.Lag)
			}
		}
		late := !r.now().Before(until)
		if r.seen.ours.Settled() && !r.now().Before(trusted) || late {
			switch key := r.ourKey(); {
			case r.peerKey() != stageCurrent && r.peerKey() != keyUnknown:
				return refused("peer-key-differs", "AWS's end of the tunnel has not the key of AWSCURRENT any more", "Look for who has changed it.")
			case key == stageCurrent && r.seen.ours.Settled():
				return nil
			case key == keyUnknown && why == nil && r.seen.ours.Tunnels[r.old.tunnel.Index-1].Status == outcome.Established: // as good a sign as any
				return nil
			case why != nil:
				return why
			case late:
				return refused("key-differs", "our end of the tunnel does not show the key of AWSCURRENT, and where it shows none, the tunnel is not up", "Look for who has changed it.")
			}
		}
		if err := r.pause(ctx, &looks, "our end to show the key of AWSCURRENT"); err != nil {
			return err
		}
	}
}

// unstage takes AWSPENDING from the version that was taken back, so that the next rotation
// draws another key. It fails when AWSCURRENT has moved again.
func (r *rotation) unstage(ctx context.Context) error {
	described, err := r.config.Secrets.Describe(ctx, r.secret.ARN)
	if err != nil {
		return err
	}
	if !slices.Contains(described.Stages[r.record.Current], stageCurrent) {
		return differ(refused(currentMoved.reason.Code, currentMoved.reason.Message, "Nothing: the next call goes back to that version."))
	}
	if r.record.Version == r.current || !slices.Contains(described.Stages[r.record.Version], stagePending) {
		return nil
	}
	return r.config.Secrets.Move(ctx, r.secret.ARN, stagePending, r.record.Version, "")
}
