// Package outcome is the result of a change: the event that apply and confirm
// publish.
//
//	{"source": "vpnattach", "detail-type": "VPN Attachment Change Outcome",
//	 "detail": {"vpnConnectionId": "vco-…", "status": "settled", "eventIds": ["…"], …}}
//
// A change ends as settled, superseded, unverified, drifted or failed once confirm
// has looked at the attachment, or before that as rejected or planned.
package outcome
