package attachment

import (
	"net/netip"

	"vpnattach/shared/core/finding"
)

var (
	gatewayUnassociated = finding.Declare(finding.Check{
		ID: "customer-gateway-unassociated", Severity: finding.Warning, Part: finding.Current,
		Title: "The customer gateway of a single-tunnel attachment that is not associated with a transit router changes, which the documentation does not agree on.",
		Why:   "The API page says that the gateway can change only while the attachment is associated with a transit router. The help page on single-tunnel connections (doc-detail/2672837), newer than that, says that it can be changed.",
		Hint:  "send it, and create another attachment if the service refuses it",
		Ref:   refAPI,
	})
	remoteIDStale = finding.Declare(finding.Check{
		ID: "remote-id-stale", Severity: finding.Warning, Part: finding.Current,
		Title: "The customer gateway changes, but RemoteId stays the address of the old one.",
		Why:   "RemoteId is by default the address of the customer gateway, and does not follow it. The new peer names itself by its own address, so phase 1 fails.",
		Hint:  "set RemoteId to the new gateway's address too, or to the name that the new peer gives itself",
		Ref:   refAPI,
	})
)

// gateways judges changes of customer gateways.
func (j *judge) gateways() {
	at := location{field: CustomerGatewayID}
	if !j.current.Dual && j.differs(CustomerGatewayID) {
		if j.current.AttachType == "NO_ASSOCIATED" {
			j.report(gatewayUnassociated, at, at.path()+" would change, but the attachment is not associated with a transit router, which older documentation asks for and newer does not")
		}
		j.remoteID(at, j.change.Section(SectionIKE), j.current.config.Section(SectionIKE))
	}
	for n := range j.change.Tunnels() {
		own := &j.change.tunnels[n]
		index, ok := j.current.tunnelIndex(own)
		if !ok || !j.current.Dual {
			continue
		}
		now := &j.current.config.tunnels[index]
		if v, old := &own.Values[TunnelCustomerGatewayID], &now.Values[TunnelCustomerGatewayID]; v.Present() && old.Present() && v.Text() != old.Text() {
			j.remoteID(location{tunnel: n + 1, field: TunnelCustomerGatewayID}, own.Section(SectionIKE), now.Section(SectionIKE))
		}
	}
}

// remoteID finds a RemoteId that stays behind when the gateway at that location
// changes. No answer shows the address of a gateway: what is an address is taken for
// that of the old one, unless another tunnel shows it to be that of the new one.
func (j *judge) remoteID(at location, own, now []Value) {
	stays := now[RemoteID].Text()
	if own[RemoteID].Present() || !isAddress(stays) {
		return
	}
	gateway := j.change.Values[CustomerGatewayID].Text()
	if at.tunnel > 0 {
		gateway = j.change.tunnels[at.tunnel-1].Values[TunnelCustomerGatewayID].Text()
	}
	known, hint := j.current.addressOf(gateway), ""
	if known == stays {
		return
	}
	if known != "" {
		hint = "set RemoteId to " + known + ", the address of the new gateway, too"
	}
	j.reportHint(remoteIDStale, at, at.path()+" changes, but RemoteId stays "+stays+", by default the address of the old gateway", hint)
}

// addressOf returns the address of a customer gateway as far as a tunnel that has it
// tells by its RemoteId; "" when none does.
func (cur *Current) addressOf(gateway string) string {
	for i := range cur.config.tunnels {
		t := &cur.config.tunnels[i]
		if id := t.Section(SectionIKE)[RemoteID].Text(); t.Values[TunnelCustomerGatewayID].Text() == gateway && isAddress(id) {
			return id
		}
	}
	return ""
}

func isAddress(text string) bool {
	address, err := netip.ParseAddr(text)
	return err == nil && address.Is4()
}

var tunnelBGPUnknown = finding.Declare(finding.Check{
	ID: "tunnel-bgp-unknown", Severity: finding.Warning, Part: finding.Together,
	Title: "BGP is switched on for both tunnels, but not both have their TunnelBgpConfig in the change, and the current one is not known.",
	Why:   "BGP of a dual-tunnel attachment is on for both tunnels or off. The service refuses to switch it on while a tunnel has no CIDR block.",
	Hint:  "give TunnelBgpConfig of both tunnels, or the current configuration (what DescribeVpnConnection returns)",
	Ref:   refAPI,
})

// bgpOfBoth finds a change that switches BGP on and may leave a tunnel without what it
// needs. With the current configuration that is an error, see [judge.bgpOn].
func (j *judge) bgpOfBoth() {
	if j.current != nil || j.mergesLater || j.change.Text(EnableTunnelsBGP) != "true" {
		return
	}
	with := 0
	for n := range j.change.Tunnels() {
		if j.change.tunnels[n].Section(SectionBGP)[TunnelCIDR-LocalASN].Present() {
			with++
		}
	}
	if with < MaxTunnels {
		at := location{field: EnableTunnelsBGP}
		j.report(tunnelBGPUnknown, at, at.path()+" switches BGP on, and the change does not have the TunnelCidr of both tunnels")
	}
}
