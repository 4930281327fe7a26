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
package rotate
