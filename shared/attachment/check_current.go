package attachment

// againstCurrent judges the change by what the attachment is.
func (j *judge) againstCurrent() {
	j.modeOfAttachment()
	j.tunnelsOfAttachment()
	j.fixed()
	j.keys()
	j.peerASN()
}

func (j *judge) modeOfAttachment() {
	wrong, has, hint := Single, "dual-tunnel", "put it into the items of TunnelOptionsSpecification"
	if !j.current.Dual {
		wrong, has, hint = Dual, "single-tunnel", "use IkeConfig, IpsecConfig, BgpConfig and the other single-tunnel parameters"
	}
	if at, found := j.ofMode(wrong); found {
		j.reportHint(modeMismatch, at, at.path()+" is for "+wrong.String()+"-tunnel attachments, and this is a "+has+" one", hint)
	}
}

func (j *judge) tunnelsOfAttachment() {
	if !j.current.Dual {
		return
	}
	for n := range j.change.Tunnels() {
		t := &j.change.tunnels[n]
		id := t.Values[TunnelID].Text()
		index, ok := j.current.tunnelIndex(t)
		at := place{tunnel: n + 1, field: TunnelID}
		switch {
		case !ok && id != "":
			j.reportHint(tunnelUnknown, at, at.path()+" is "+quote(id)+", which is no tunnel of this attachment",
				"its tunnels are "+j.current.Tunnels[0].ID+" and "+j.current.Tunnels[1].ID)
		case ok && id != "" && j.current.Tunnels[index].ID != "" && j.current.Tunnels[index].ID != id:
			j.report(tunnelMismatch, at, at.path()+" is "+quote(id)+", but the tunnel of that TunnelIndex is "+j.current.Tunnels[index].ID)
		}
	}
}

// fixed finds changes to what can't change.
func (j *judge) fixed() {
	if v := &j.change.Values[NetworkType]; v.state == usable && j.differs(NetworkType) {
		j.report(networkTypeFixed, place{field: NetworkType}, "NetworkType is to change to "+quote(v.Text()))
	}
	if j.current.AttachType != "NO_ASSOCIATED" {
		return
	}
	if j.differs(CustomerGatewayID) {
		at := place{field: CustomerGatewayID}
		j.report(gatewayFixed, at, at.path()+" is to change, but the attachment is not associated with a transit router")
	}
	for n := range j.change.Tunnels() {
		own, index := &j.change.tunnels[n], 0
		v := &own.Values[TunnelCustomerGatewayID]
		index, ok := j.current.tunnelIndex(own)
		if ok && v.Present() && v.Text() != j.current.config.tunnels[index].Values[TunnelCustomerGatewayID].Text() {
			at := place{tunnel: n + 1, field: TunnelCustomerGatewayID}
			j.report(gatewayFixed, at, at.path()+" is to change, but the attachment is not associated with a transit router")
		}
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
		j.key(j.change.Section(SectionIKE), j.current.config.Section(SectionIKE), place{section: SectionIKE, field: wholeSection})
	}
	for n := range j.change.Tunnels() {
		t := &j.change.tunnels[n]
		index, ok := j.current.tunnelIndex(t)
		if !ok || !j.current.Dual {
			continue
		}
		now := &j.current.config.tunnels[index]
		if tunnelDiffers(t, now) {
			j.key(t.Section(SectionIKE), now.Section(SectionIKE), place{tunnel: n + 1, section: SectionIKE, field: wholeSection})
		}
	}
}

func (j *judge) key(own, now []Value, at place) {
	if own[PSK].Present() || !now[PSK].masked() {
		return
	}
	j.report(pskUnknown, at, at.path()+" has to be sent whole, but the current key is masked or absent and the change brings none")
}

// peerASN finds BGP switched on towards a customer gateway that has no ASN.
func (j *judge) peerASN() {
	report := func(at place) {
		j.report(peerASNMissing, at, at.path()+" switches BGP on, but the customer gateway has no ASN")
	}
	if v := &j.change.Section(SectionBGP)[EnableBGP]; v.Text() == "true" && j.current.PeerASN == "" && !j.change.Values[CustomerGatewayID].Present() {
		report(place{section: SectionBGP, field: EnableBGP})
	}
	if j.change.Text(EnableTunnelsBGP) != "true" {
		return
	}
	for i := range j.current.Tunnels {
		if j.current.Tunnels[i].PeerASN == "" && !j.changesGateway(i) {
			report(place{field: EnableTunnelsBGP})
			return
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
