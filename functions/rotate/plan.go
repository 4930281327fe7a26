package rotate

import (
	"context"
	"errors"

	"vpnattach/shared/aws/secrets"
	"vpnattach/shared/ledger"
	"vpnattach/shared/message"
)

// awsProfile is the peer profile of AWS's end.
const awsProfile = "aws"

// plan checks everything and changes nothing. Without a key that is to be, one is drawn
// and forgotten.
func (r *rotation) plan(ctx context.Context) error {
	if r.record.Phase != "" {
		return refused("rotation-open", "a rotation of the secret is not done, and is "+string(r.record.Phase), "Nothing: it goes on.")
	}
	follows := r.old.tunnel.AWSConnection == ""
	if follows || r.version == "" {
		r.version = r.current
	}
	err := r.readNext(ctx)
	if err != nil && !errors.Is(err, secrets.ErrNoVersion) {
		return err
	}
	if !follows && (err != nil || r.version == r.current) {
		key, err := r.config.Draw()
		if err != nil {
			return failed("draw a key", err)
		}
		r.next, r.created = document{key, r.old.tunnel}, r.now()
	}
	looks := 0
	if err := r.look(ctx, &looks); err != nil {
		return err
	}
	why, err := r.condition(ctx, follows)
	if err != nil {
		return err
	}
	if why != nil {
		return why
	}
	r.done = Planned
	return nil
}

// condition returns the condition that does not hold; nil: all hold. Both ends have been
// looked at.
func (r *rotation) condition(ctx context.Context, follows bool) (*failure, error) {
	its := r.old.tunnel
	profile := r.config.PeerProfile
	if !follows {
		profile = awsProfile
		if why := peerCondition(its, r.seen.connection, r.peerKey()); why != nil {
			return why, nil
		}
	}
	r.seen.ours.OmitMasked = r.config.OmitMasked
	if why := ourCondition(its, r.seen.ours, r.ourKey(), r.seen.connection, follows); why != nil {
		return why, nil
	}
	if why := validCondition(its, r.next.key.Reveal(), r.seen.ours, profile); why != nil {
		return why, nil
	}
	key := its.attachment()
	all, err := r.config.Store.LoadRotations(ctx)
	if err != nil {
		return nil, failed("read the rotations", err)
	}
	mine := r.record
	if mine.Phase == "" {
		mine = r.begin(ledger.Forward)
	}
	if why := r.alone(all, mine); why != nil {
		return why, nil
	}
	entry, err := r.config.Store.Load(ctx, key)
	if err != nil {
		return nil, failed("read the ledger", err)
	}
	waits, err := r.config.Store.Waiting(ctx, key)
	if err != nil {
		return nil, failed("read the ledger", err)
	}
	m := message.Change{EventID: r.version, Time: r.created.UTC(), Source: source, Rule: rule, Element: -1}
	if why := ledgerCondition(its, entry, waits, m.Stamp(), r.now(), r.config.Lag); why != nil {
		return why, nil
	}
	if follows || r.record.Phase != "" {
		return nil, nil
	}
	if err := r.config.Peer.ModifyKey(ctx, its.AWSRegion, its.AWSConnection, its.OutsideIP, r.next.key, true); err != nil {
		why := failed("try the change at AWS", err)
		why.status = Refused
		return why, nil
	}
	return nil, nil
}
