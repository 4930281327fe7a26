// Package rotate rotates the pre-shared key of a tunnel at both of its ends, so that the
// other tunnel of the connection is up all the time. It is a rotation function of AWS
// Secrets Manager, for one secret a tunnel. The secret says which tunnel:
//
//	{
//	  "psk": "…",
//	  "RegionId": "eu-central-1", "VpnConnectionId": "vco-…", "TunnelIndex": 1,
//	  "aws": {"VpnConnectionId": "vpn-…", "OutsideIpAddress": "203.0.113.17"}
//	}
//
// Credentials names a profile of credentials, aws.Region another region than the
// function's. Where the other end is not AWS, aws is absent, the peer's own rotation
// writes the secret, and [Follow] brings our end after it.
//
// A change of ours is not made here: it goes through the queue, the ledger and apply as
// any event does, with the version of the secret as its id. apply records its
// [ledger.Fate].
//
// Before the first end is touched, the rotation is recorded as a [ledger.Rotation], which
// goes one way only: forward, then back or finishing. So a call that comes after a crash
// knows what may have been touched:
//
//	nothing recorded   every condition is checked; what does not hold fails the step
//	forward            AWS's key says whether AWS has taken the new one; then our change
//	back               a change back is queued, then AWS is set back, then both are looked at
//	finishing          AWSCURRENT moves
//
// Of two calls at once the one that has come later goes on, and the other one fails with
// "overtaken". What a call has left is taken up by [Watch], which a schedule invokes. A
// step that fails with something touched says what each end has, and where that may
// be two keys it is the alarm, [KeysDiffer].
package rotate
