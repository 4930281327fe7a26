package attachment

import (
	"slices"
	"strconv"
	"strings"

	"vpnattach/shared/core/finding"
)

var inMotion = finding.Declare(finding.Check{
	ID: "attachment-in-motion", Severity: finding.Warning, Part: finding.Current,
	Title: "The attachment or one of its tunnels is being changed, so the service takes no other change yet.",
	Why:   "The service takes one change at a time and answers VpnConnection.Configuring to a second one.",
	Hint:  "wait until it is attached, init or active again",
	Ref:   refAPI,
})

// againstCurrent judges the change by what the attachment is.
func (j *judge) againstCurrent() {
	j.modeOfAttachment()
	j.tunnelsOfAttachment()
	j.fixed()
	j.gateways()
	j.keys()
	j.keyIsMask()
	j.bgpOn()
	j.weaker()
	if j.current.State != "" && !j.current.Settled() {
		j.report(inMotion, whole, "the attachment is "+j.current.State+" or one of its tunnels is being changed")
	}
}

var modeMismatch = finding.Declare(finding.Check{
	ID: "mode-mismatch", Severity: finding.Error, Part: finding.Current,
	Title: "The parameter is not for the mode that this attachment has.",
	Why:   "The service takes only the parameters of the mode that the attachment was created with.",
	Fix:   "Dual-tunnel attachments take TunnelOptionsSpecification, single-tunnel ones IkeConfig, IpsecConfig, BgpConfig and HealthCheckConfig. The page’s switch moves between them.",
	Ref:   refAPI,
})

func (j *judge) modeOfAttachment() {
	wrong, has, hint := Single, "dual-tunnel", "put it into the items of TunnelOptionsSpecification"
	if !j.current.Dual {
		wrong, has, hint = Dual, "single-tunnel", "use IkeConfig, IpsecConfig, BgpConfig and the other single-tunnel parameters"
	}
	if at, found := j.ofMode(wrong); found {
		j.reportHint(modeMismatch, at, at.path()+" is for "+wrong.String()+"-tunnel attachments, and this is a "+has+" one", hint)
	}
}

var (
	tunnelUnknown = finding.Declare(finding.Check{
		ID: "tunnel-unknown", Severity: finding.Error, Part: finding.Current,
		Title: "The attachment has no such tunnel.",
		Why:   "The service would refuse the item, or change another tunnel.",
		Fix:   "Take TunnelIndex or TunnelId from what DescribeVpnConnection returned.",
		Ref:   refDescribe,
	})
	tunnelMismatch = finding.Declare(finding.Check{
		ID: "tunnel-mismatch", Severity: finding.Error, Part: finding.Current,
		Title: "TunnelIndex and TunnelId name different tunnels.",
		Why:   "One of the two is wrong, and which of them the service follows is not documented.",
		Hint:  "keep one of them",
		Ref:   refDescribe,
	})
)

func (j *judge) tunnelsOfAttachment() {
	if !j.current.Dual {
		return
	}
	for n := range j.change.Tunnels() {
		t := &j.change.tunnels[n]
		id := t.Values[TunnelID].Text()
		index, ok := j.current.tunnelIndex(t)
		at := location{tunnel: n + 1, field: TunnelID}
		switch {
		case !ok && t.Values[TunnelIndex].Present():
			at.field = TunnelIndex
			j.report(tunnelUnknown, at, at.path()+" names a tunnel that the attachment does not have")
		case !ok && id != "":
			j.reportHint(tunnelUnknown, at, at.path()+" is "+at.parameter().Quote(id)+", which is not a tunnel of this attachment",
				"its tunnels are "+j.current.Tunnels[0].ID+" and "+j.current.Tunnels[1].ID)
		case ok && id != "" && j.current.Tunnels[index].ID != "" && j.current.Tunnels[index].ID != id:
			j.report(tunnelMismatch, at, at.path()+" is "+at.parameter().Quote(id)+", but the tunnel of that TunnelIndex is "+j.current.Tunnels[index].ID)
		}
	}
}

var networkTypeFixed = finding.Declare(finding.Check{
	ID: "network-type-fixed", Severity: finding.Error, Part: finding.Current,
	Title:   "The network type of an attachment can't change.",
	Why:     "Whether the attachment is reached by public or private addresses is settled when it is created.",
	Hint:    "create another attachment",
	APICode: "IllegalParam.NetworkType",
	Ref:     refAPI,
})

// fixed finds changes to what can't change.
func (j *judge) fixed() {
	if v := &j.change.Values[NetworkType]; v.state == usable && j.differs(NetworkType) {
		at := location{field: NetworkType}
		j.report(networkTypeFixed, at, at.path()+" would change to "+at.parameter().Quote(v.Text()))
	}
}

func (j *judge) differs(field int) bool {
	own, now := &j.change.Values[field], &j.current.config.Values[field]
	return own.Present() && now.Present() && own.Text() != now.Text()
}

// keys finds IKE objects that would be sent without a key, since the current one
// is masked.
func (j *judge) keys() {
	if !j.current.Dual && sectionDiffers(&ConnectionSections[SectionIKE], j.change.Section(SectionIKE), j.current.config.Section(SectionIKE)) {
		j.key(j.change.Section(SectionIKE), j.current.config.Section(SectionIKE), location{section: SectionIKE, field: wholeSection})
	}
	for n := range j.change.Tunnels() {
		t := &j.change.tunnels[n]
		index, ok := j.current.tunnelIndex(t)
		if !ok || !j.current.Dual {
			continue
		}
		now := &j.current.config.tunnels[index]
		if tunnelDiffers(t, now) {
			j.key(t.Section(SectionIKE), now.Section(SectionIKE), location{tunnel: n + 1, section: SectionIKE, field: wholeSection})
		}
	}
}

var (
	pskUnknown = finding.Declare(finding.Check{
		ID: "psk-unknown", Severity: finding.Error, Part: finding.Current,
		Title: "Phase 1 would change, but the current key is masked or missing, so it can't be sent along.",
		Why:   "The object must be sent whole, and sending it without its key may make the service generate a random one. A masked key can’t be sent.",
		Hint:  "give Psk in the same change",
		Ref:   refAPI,
	})
	pskLeftOut = finding.Declare(finding.Check{
		ID: "psk-left-out", Severity: finding.Warning, Part: finding.Current,
		Title: "Phase 1 changes without its key, since the current key is masked and masked keys are to be left out.",
		Why:   "Official tools leave the key out of an object, and seem to keep it so. The documentation says that without a key the service generates a random one: if it does, the key is lost and the tunnel goes down. No answer shows which of the two has happened.",
		Hint:  "give Psk in the same change; or try this on an attachment that may go down, and watch its negotiation",
		Ref:   refAPI,
	})
)

func (j *judge) key(own, now []Value, at location) {
	switch {
	case hasKey(own, now):
	case j.current.OmitMasked:
		j.report(pskLeftOut, at, at.path()+" goes out without Psk, since the current key is masked or missing. If the service does not keep a key that is left out, it is lost")
	default:
		j.report(pskUnknown, at, at.path()+" must be sent whole, but the current key is masked or missing, and the change has no key")
	}
}

// keyIsMask finds keys that are the current key as the service masks it.
func (j *judge) keyIsMask() {
	check := func(own, now []Value, at location) {
		asked, shown := own[PSK].Text(), now[PSK].Text()
		start := strings.TrimRight(asked, "*")
		if len(asked)-len(start) >= 3 && start != "" && strings.HasPrefix(shown, start) {
			at.field = PSK
			j.report(PSKMask, at, at.path()+" is the current key with its end masked")
		}
	}
	check(j.change.Section(SectionIKE), j.current.config.Section(SectionIKE), location{section: SectionIKE})
	for n := range j.change.Tunnels() {
		t := &j.change.tunnels[n]
		if index, ok := j.current.tunnelIndex(t); ok {
			check(t.Section(SectionIKE), j.current.config.tunnels[index].Section(SectionIKE), location{tunnel: n + 1, section: SectionIKE})
		}
	}
}

var algorithmWeaker = finding.Declare(finding.Check{
	ID: "algorithm-weaker", Severity: finding.Warning, Part: finding.Current,
	Title: "The change makes an algorithm weaker than the one that the attachment has.",
	Why:   "A weaker algorithm is rarely meant: mostly a template or a default of another device has brought it. The other end may also refuse it, and the tunnel stays down.",
	Hint:  "leave the parameter out to keep the current one",
	Ref:   refESPAlg,
})

// weaker finds algorithms that the change replaces by weaker ones.
func (j *judge) weaker() {
	compare := func(own, now []Value, at location) {
		for f := range own {
			at.field = f
			p := at.parameter()
			to, from := slices.Index(p.Strength, own[f].Text()), slices.Index(p.Strength, now[f].Text())
			if to >= 0 && from > to {
				j.report(algorithmWeaker, at, at.path()+" would go from "+now[f].Text()+" to "+own[f].Text()+", which is weaker")
			}
		}
	}
	if !j.current.Dual {
		for _, s := range [...]int{SectionIKE, SectionIPsec} {
			compare(j.change.Section(s), j.current.config.Section(s), location{section: s})
		}
		return
	}
	for n := range j.change.Tunnels() {
		t := &j.change.tunnels[n]
		if index, ok := j.current.tunnelIndex(t); ok {
			for _, s := range [...]int{SectionIKE, SectionIPsec} {
				compare(t.Section(s), j.current.config.tunnels[index].Section(s), location{tunnel: n + 1, section: s})
			}
		}
	}
}

var (
	tunnelCIDRMissing = finding.Declare(finding.Check{
		ID: "tunnel-cidr-missing", Severity: finding.Error, Part: finding.Current,
		Title:   "BGP is on without a CIDR block for the tunnel.",
		Why:     "A BGP session needs its addresses, and the service refuses it without.",
		Hint:    "add TunnelCidr and LocalBgpIp",
		APICode: "MissingParameter.TunnelCidr",
		Ref:     refAPI,
	})
	peerASNMissing = finding.Declare(finding.Check{
		ID: "peer-asn-missing", Severity: finding.Error, Part: finding.Current,
		Title:   "BGP is on, but the customer gateway has no ASN.",
		Why:     "BGP names its peer by AS number, which the service takes from the customer gateway.",
		Hint:    "create a customer gateway with an ASN and attach it",
		APICode: "MissingParam.CustomerGatewayAsn",
		Ref:     refAPI,
	})
)

// bgpOn judges a change that switches BGP on: the peer needs an ASN, and each tunnel
// of a dual-tunnel attachment a CIDR block. A tunnel of which the answer shows no BGP
// object at all says nothing about its customer gateway.
func (j *judge) bgpOn() {
	on := &j.change.Section(SectionBGP)[EnableBGP]
	if !j.current.Dual && on.Text() == "true" {
		at := location{section: SectionBGP, field: EnableBGP}
		if j.current.config.Has(SectionBGP) && j.current.PeerASN == "" && !j.change.Values[CustomerGatewayID].Present() {
			j.report(peerASNMissing, at, at.path()+" switches BGP on, but the customer gateway has no ASN")
		}
	}
	if !j.current.Dual || j.change.Text(EnableTunnelsBGP) != "true" {
		return
	}
	at := location{field: EnableTunnelsBGP}
	for i := range j.current.Tunnels {
		name := "tunnel " + strconv.Itoa(i+1)
		if j.current.config.tunnels[i].Has(SectionBGP) && j.current.Tunnels[i].PeerASN == "" && !j.changesGateway(i) {
			j.report(peerASNMissing, at, at.path()+" switches BGP on, but the customer gateway of "+name+" has no ASN")
		}
		if j.merged.tunnels[i].Section(SectionBGP)[TunnelCIDR-LocalASN].Text() == "" {
			j.report(tunnelCIDRMissing, at, at.path()+" switches BGP on, and "+name+" has no TunnelCidr")
		}
	}
}

// changesGateway reports whether the change gives tunnel i another customer
// gateway, whose ASN is not known here.
func (j *judge) changesGateway(i int) bool {
	for n := range j.change.Tunnels() {
		t := &j.change.tunnels[n]
		if index, ok := j.current.tunnelIndex(t); ok && index == i && t.Values[TunnelCustomerGatewayID].Present() {
			return true
		}
	}
	return false
}
