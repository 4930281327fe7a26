package rotate

import (
	"cmp"
	"fmt"
	"time"

	"vpnattach/shared/aws/sitevpn"
	"vpnattach/shared/core/attachment"
	"vpnattach/shared/core/finding"
	"vpnattach/shared/ledger"
	"vpnattach/shared/outcome"
)

// peerCondition returns the condition of AWS's end that does not hold; nil: all hold. The
// end is not touched before that.
func peerCondition(its tunnel, connection *sitevpn.Connection, key string) *failure {
	id := its.AWSConnection
	tunnel, other := connection.Tunnel(its.OutsideIP)
	switch {
	case tunnel == nil:
		return refused("peer-tunnel-unknown", id+" has no tunnel with the outside address "+its.OutsideIP, "Correct aws in the secret.")
	case other == nil:
		return refused("peer-single-tunnel", id+" has only the tunnel that is to be rotated", "Rotate it in a maintenance window, by hand: the connection is down meanwhile.")
	case connection.State != sitevpn.Available:
		return refused("peer-in-motion", id+" is "+connection.State+", not available", "Rotate once the change at AWS is over.")
	}
	for _, t := range []*sitevpn.Tunnel{tunnel, other} {
		if t.Provisioning == "" && t == tunnel && t.Status != sitevpn.Up {
			continue // it need not be shown of a tunnel that is down
		}
		if t.Provisioning != sitevpn.Available {
			return refused("peer-in-motion", fmt.Sprintf("the provisioning of tunnel %s of %s is %s, not available", t.OutsideIP, id, cmp.Or(t.Provisioning, "unknown: "+t.Reason)),
				"Rotate once the change at AWS is over.")
		}
	}
	switch {
	case tunnel.KeyInSecretsManager:
		return refused("peer-key-in-secrets-manager", "AWS keeps the key of tunnel "+its.OutsideIP+" in a secret of its own", "Set the connection's PreSharedKeyStorage to Standard.")
	case key == keyUnknown:
		return refused("peer-key-unknown", "AWS does not show the key of tunnel "+its.OutsideIP, "Allow the function's role ec2:DescribeVpnConnections with the keys.")
	case key != stageCurrent:
		return refused("peer-key-differs", "the key of tunnel "+its.OutsideIP+" of "+id+" is not that of AWSCURRENT", "Store the key that the tunnel has in the secret, or give the tunnel that of the secret.")
	case other.Status != sitevpn.Up:
		return refused("peer-other-tunnel-down", "the other tunnel of "+id+", "+other.OutsideIP+", is not UP: the connection would be down", "Bring that tunnel up first.")
	}
	return nil
}

// ourCondition returns the condition of our end that does not hold; nil: all hold.
// follows says that the peer has the new key already: the tunnel may be down for that, and
// then a change makes it no worse.
func ourCondition(its tunnel, current *attachment.Current, key string, connection *sitevpn.Connection, follows bool) *failure {
	id := its.VpnConnectionID
	switch {
	case !current.Settled():
		return refused("in-motion", id+" is "+current.State+", or one of its tunnels is being changed", "Rotate once that change is over.")
	case !current.Dual:
		return refused("single-tunnel", id+" has one tunnel: the connection would be down", "Rotate it in a maintenance window, by hand.")
	}
	tunnel, other := current.Tunnels[its.Index-1], current.Tunnels[2-its.Index]
	switch {
	case !tunnel.Shown || !other.Shown:
		return refused("tunnel-unknown", id+" does not show both tunnels", "Correct TunnelIndex in the secret.")
	case current.Config().Text(attachment.EffectImmediately) != "true":
		return refused("effect-immediately", "EffectImmediately of "+id+" is not true, so that the change would wait, and setting it negotiates both tunnels anew",
			"Set EffectImmediately to true by a change of its own, when both tunnels may negotiate.")
	case other.Status != outcome.Established && !(follows && tunnel.Status != outcome.Established):
		return refused("other-tunnel-down", fmt.Sprintf("tunnel %d of %s is not up: the connection would be down", 3-its.Index, id), "Bring that tunnel up first.")
	case !follows && key == keyAnother, !follows && key == stagePending:
		return refused("key-differs", fmt.Sprintf("the key of tunnel %d of %s is not that of AWSCURRENT", its.Index, id), "Store the key that the tunnel has in the secret, or give the tunnel that of the secret.")
	}
	if connection != nil {
		field, _ := attachment.FieldNamed(fmt.Sprintf("Tunnel.%d.TunnelIkeConfig.RemoteId", its.Index))
		if _, another := connection.Tunnel(its.OutsideIP); another != nil && current.Value(field).Text() == another.OutsideIP {
			return refused("tunnels-crossed", fmt.Sprintf("RemoteId of tunnel %d of %s is %s, the outside address of the other tunnel of %s", its.Index, id, another.OutsideIP, its.AWSConnection),
				"Correct TunnelIndex or aws.OutsideIpAddress in the secret.")
		}
	}
	return nil
}

// validCondition validates the change as it would be sent.
func validCondition(its tunnel, key string, current *attachment.Current, peer string) *failure {
	var c attachment.Change
	c.Parse(its.change(key), attachment.FromEvent)
	for _, f := range attachment.Validate(&c, current, peer) {
		if f.Severity == finding.Error || f.Check == attachment.PSKMasked.ID {
			why := refused(f.Check, f.Message, "Store another key.")
			if f.Hint != "" {
				why.reason.Remedy = f.Hint
			}
			return why
		}
	}
	return nil
}

// ledgerCondition judges what is recorded of the attachment.
func ledgerCondition(its tunnel, entry ledger.Entry, waits time.Time, stamp ledger.Stamp, now time.Time, lag time.Duration) *failure {
	switch since := now.Sub(entry.Call.Sent); {
	case waits.After(now):
		return refused("change-waits", "a change of "+its.VpnConnectionID+" is on the queue and waits", "Look at the outcomes of apply, and rotate once none is deferred.")
	case since > -lag && since < lag && len(entry.Call.Asked) > 0:
		return refused("change-sent", "a change of "+its.VpnConnectionID+" has just been sent", "Rotate in a minute.")
	case stamp.Compare(entry.Fields[its.field()]) < 0:
		return refused("superseded-by-newer", "an event that is newer than the version of the secret has changed the key of "+its.VpnConnectionID,
			"Store the key that the tunnel has in the secret, cancel the rotation, and start another.")
	}
	return nil
}
