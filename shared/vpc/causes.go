package vpc

import "slices"

// Cause is one row of the table of what keeps tunnels down.
type Cause struct {
	Code    string // FailedReasonCode, as DiagnoseVpnConnections spells it
	Meaning string // what it says
	Remedy  string // what to do about it
}

// CausesSource is where the table of [Causes] is documented.
const CausesSource = `the help page "Troubleshoot IPsec-VPN connection issues" (www.alibabacloud.com/help/doc-detail/477862.htm)`

// Causes returns the table, of the codes that the page has for the API.
func Causes() []Cause { return slices.Clone(causes) }

const (
	bothEnds = " at both ends, in the change or on the device"
	reach    = "Check that the device runs, that its address is that of the customer gateway, that it and the attachment reach each other, and that UDP ports 500 and 4500 are open."
	restart  = " Switching EffectImmediately, and back, negotiates anew; it does so for all tunnels."
)

var causes = []Cause{
	{"PeerMismatch", "Packets come from an address that is not the customer gateway's.",
		"Compare the customer gateway's address with the one that the device sends from."},
	{"AlgorithmMismatch", "An encryption algorithm, an authentication algorithm or a DH group differs.",
		"Set IkeEncAlg, IkeAuthAlg, IkePfs, IpsecEncAlg, IpsecAuthAlg and IpsecPfs alike" + bothEnds + ", one value of each."},
	{"EncryptionAlgorithmMismatch", "The encryption algorithm differs.",
		"Set IpsecEncAlg, and IkeEncAlg, alike" + bothEnds + ", one value of each."},
	{"AuthenticationAlgorithmMismatch", "The authentication algorithm differs.",
		"Set IkeAuthAlg, and IpsecAuthAlg, alike" + bothEnds + ", one value of each."},
	{"DhGroupMismatch", "The DH group of phase 1 differs.",
		"Set IkePfs alike" + bothEnds + ", and in all attachments with the same customer gateway."},
	{pskMismatch, "The pre-shared key differs.",
		"Give the device the key of the attachment, or send a change with the device's. If the keys are the same, compare the algorithms and DH groups."},
	{"PeerIdMismatch", "LocalId and RemoteId are not what the device calls itself and the attachment.",
		"Set the attachment's RemoteId to the device's own identity, and its LocalId to the one that the device expects. With ikev1 in main mode both must be IP addresses."},
	{"DpdHashNotifyCompatibility", "The device orders the payloads of dead peer detection in another way.",
		"Set the device's DPD payload sequence to hash-notify."},
	{"DpdTimeout", "The device no longer answers dead peer detection.",
		"Enable DPD at both ends. " + reach},
	{"IkeVersionMismatch", "The IKE version differs.",
		"Set IkeVersion alike" + bothEnds + "; ikev2 is the better one."},
	{"NegotiationModeMismatch", "One end negotiates in main mode, the other one in aggressive mode.",
		"Set IkeMode alike" + bothEnds + "; main is the better one."},
	{"NatTMismatch", "NAT traversal is on at one end only.",
		"Set EnableNatTraversal alike" + bothEnds + ": true where the device is behind a NAT."},
	{"LifetimeMismatch", "The lifetime of an SA differs. A tunnel can be up with that, but may not stay so.",
		"Set IkeLifetime and IpsecLifetime alike" + bothEnds + "."},
	{"SecurityProtocolMismatch", "The device proposes AH, and the service speaks only ESP.",
		"Set the device to ESP."},
	{"EncapsulationModeMismatch", "The device proposes transport mode, and the service speaks only tunnel mode.",
		"Set the device to tunnel mode."},
	{"AlgorithmCompatibility", "The two ends implement an authentication algorithm in different ways.",
		"Use another IkeAuthAlg and IpsecAuthAlg at both ends."},
	{"TrafficSelectorMismatch", "The subnets differ from the device's.",
		"LocalSubnet must be what the device has as the remote side, and RemoteSubnet what it has as its own. With ikev1 each side has one block only."},
	{"PfsMismatch", "Perfect forward secrecy, or its DH group, differs.",
		"Set IpsecPfs alike" + bothEnds + ": disabled where the device has no PFS."},
	{"CommitMismatch", "The device uses the commit bit, which the service does not know.",
		"Switch the commit bit off on the device."},
	{"ProposalMismatch", "The two ends share no proposal.",
		"Compare IKE version and mode, all algorithms, DH groups, lifetimes, identities and subnets of both ends."},
	{"NegotiationFailed", "The negotiation failed.", "Negotiate anew, and look again." + restart},
	{"Phase1NegotiationTimeout", "Nothing came back in phase 1.", reach + restart},
	{"Phase2NegotiationTimeout", "Nothing came back in phase 2.",
		"Compare IpsecEncAlg, IpsecAuthAlg, IpsecPfs, IpsecLifetime and NAT traversal with the device's, or use the other IKE version at both ends."},
	{"NoResponse", "The device does not answer.", reach + restart},
	{"ReceiveDeleteNotify", "The device has ended the tunnel.", "Look into the log of the device."},
	{"NoExceptionFound", "No reason is found. The negotiation may not have begun.", "Send traffic, or negotiate anew." + restart},
}

// ExplainCause returns the row of a code; not known is one that is not documented.
func ExplainCause(code string) (row Cause, known bool) {
	i := slices.IndexFunc(causes, func(c Cause) bool { return c.Code == code })
	if i < 0 {
		return row, false
	}
	return causes[i], true
}
