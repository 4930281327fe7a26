// Package outcome is what became of a change, as it is told to others: the event
// that apply and confirm publish.
//
//	{"source": "vpnattach", "detail-type": "VPN Attachment Change Outcome",
//	 "detail": {"vpnConnectionId": "vco-…", "status": "settled", "eventIds": ["…"], …}}
//
// A change ends as settled, superseded, unverified, drifted or failed once confirm
// has looked at the attachment, or before that as rejected or planned.
package outcome
