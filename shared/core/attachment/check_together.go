package attachment

import (
	"net/netip"
)

// section judges the values of one nested object together.
func (j *judge) section(s int, w window) {
	switch s {
	case SectionIKE:
		j.ike(w)
	case SectionBGP:
		j.bgp(w)
	case SectionHealth:
		j.health(w)
	}
	if j.current != nil {
		return
	}
	given, all := 0, 0
	for f := range w.own {
		all++
		if w.own[f].Present() {
			given++
		}
	}
	switch {
	case given == 0:
	case s == SectionIKE && !w.own[PSK].Present():
		j.report(ikeWithoutPSK, w.at, w.at.path()+" is given without Psk, and the current key is not known")
	case given < all:
		j.report(objectPartial, w.at, w.at.path()+" is given in part")
	}
}

func (j *judge) ike(w window) {
	version, mode := w.text(IKEVersion), w.text(IKEMode)
	if mode == "aggressive" && version == "ikev1" && w.touched(IKEMode, IKEVersion) {
		j.report(aggressiveMode, w.place(IKEMode, IKEVersion), w.at.path()+" asks for aggressive mode with a pre-shared key")
	}
	if mode != "main" || version != "ikev1" {
		return
	}
	for _, f := range [...]int{LocalID, RemoteID} {
		id := w.text(f)
		if _, err := netip.ParseAddr(id); id != "" && err != nil && w.touched(f, IKEMode, IKEVersion) {
			name := ikeFields[f].Name
			j.report(fqdnMainMode, w.place(f, IKEMode, IKEVersion), w.at.path()+": "+name+" is no IP address, but IkeMode is main")
		}
	}
}

func (j *judge) bgp(w window) {
	block, errBlock := netip.ParsePrefix(w.text(TunnelCIDR))
	ip, errIP := netip.ParseAddr(w.text(LocalBGPIP))
	if errBlock == nil && errIP == nil && w.touched(TunnelCIDR, LocalBGPIP) {
		at := w.place(LocalBGPIP, TunnelCIDR)
		switch {
		case !block.Contains(ip):
			j.report(bgpIPOutside, at, "LocalBgpIp "+ip.String()+" is not within TunnelCidr "+block.String())
		case ip == block.Masked().Addr() || ip == last(block):
			j.report(bgpIPEdge, at, "LocalBgpIp "+ip.String()+" is the network or broadcast address of "+block.String())
		}
	}
	if j.current != nil && w.text(EnableBGP) == "true" && w.merged[TunnelCIDR].Text() == "" {
		j.report(tunnelCIDRMissing, w.place(EnableBGP), w.at.path()+" switches BGP on, and the attachment has no TunnelCidr")
	}
}

func (j *judge) health(w window) {
	if w.text(HealthEnable) != "true" {
		return
	}
	for _, f := range [...]int{HealthDip, HealthSip} {
		// Without the current configuration a missing address may be set already, but
		// a patch that switches the check on is expected to say where to.
		if !w.merged[f].Present() || w.merged[f].Text() == "" {
			j.report(healthIncomplete, w.place(HealthEnable), w.at.path()+" is enabled without "+healthFields[f].Name)
		}
	}
}

// together judges what belongs together across the whole change.
func (j *judge) together() {
	c := j.change
	for _, f := range [...]int{RegionID, VpnConnectionID} {
		if !c.Values[f].Present() {
			at := place{field: f}
			j.report(missingParameter, at, at.path()+" is missing")
		}
	}
	j.empty()
	j.bothSides()
	j.modes()
	j.tunnelItems()
}

func (j *judge) empty() {
	c := j.change
	for f := range c.Values {
		if c.Values[f].Present() && (f >= connectionCount || !connectionFields[f].Address) {
			return
		}
	}
	if c.hasTunnels.present || len(c.notes) > 0 {
		return
	}
	j.report(changeEmpty, whole, "the change names no parameter to change")
}

// modes finds single-tunnel and dual-tunnel parameters side by side.
func (j *judge) modes() {
	single, hasSingle := j.ofMode(Single)
	dual, hasDual := j.ofMode(Dual)
	if hasSingle && hasDual {
		j.report(modesMixed, single, single.path()+" is for single-tunnel attachments, "+dual.path()+" for dual-tunnel ones")
	}
}

// ofMode returns the first place that holds a parameter of the mode.
func (j *judge) ofMode(mode Mode) (at place, found bool) {
	c := j.change
	for f := range connectionFields {
		if connectionFields[f].Mode == mode && c.Values[f].Present() {
			return place{field: f}, true
		}
	}
	if mode == Dual && c.hasTunnels.present {
		return place{tunnel: wholeList, field: wholeSection}, true
	}
	for s := SectionIKE; mode == Single && s < len(ConnectionSections); s++ {
		if c.Has(s) {
			return place{section: s, field: wholeSection}, true
		}
	}
	return at, false
}

// tunnelItems judges the items of TunnelOptionsSpecification together.
func (j *judge) tunnelItems() {
	tunnels := j.change.Tunnels()
	for n := range tunnels {
		j.tunnelItem(&tunnels[n], place{tunnel: n + 1, field: wholeSection})
	}
	both := j.merged.Tunnels()
	if len(both) == MaxTunnels && j.change.hasTunnels.present {
		a, b := both[0].tunnelCIDR(), both[1].tunnelCIDR()
		if a.IsValid() && a == b {
			j.report(tunnelCIDRSame, j.placeOf(SectionBGP, TunnelCIDR-LocalASN), "both tunnels have the TunnelCidr "+a.String())
		}
	}
	if len(tunnels) < MaxTunnels {
		return
	}
	first, known1 := j.current.tunnelIndex(&tunnels[0])
	second, known2 := j.current.tunnelIndex(&tunnels[1])
	id := tunnels[0].Values[TunnelID].Text()
	if known1 && known2 && first == second || id != "" && id == tunnels[1].Values[TunnelID].Text() {
		j.report(tunnelRepeated, place{tunnel: 2, field: wholeSection}, "the item names the same tunnel as the one before")
	}
	if j.window(0, SectionTop).text(EffectImmediately) == "true" {
		j.report(bothTunnelsAtOnce, j.window(0, SectionTop).placeOr(EffectImmediately, place{tunnel: wholeList, field: wholeSection}),
			"EffectImmediately is true and both tunnels change")
	}
}

// tunnelItem judges what one item holds at all.
func (j *judge) tunnelItem(t *Tunnel, at place) {
	named, fields := 0, 0
	for i := range t.Values {
		switch {
		case !t.Values[i].Present():
		case i == TunnelIndex || i == TunnelID:
			named++
		default:
			fields++
		}
	}
	objects := t.Has(SectionIKE) && t.Has(SectionIPsec)
	switch {
	case t.unread:
	case named == 0:
		j.report(tunnelUnnamed, at, at.path()+" has neither TunnelIndex nor TunnelId")
	case fields == 0 && !t.Has(SectionIKE) && !t.Has(SectionIPsec) && !t.Has(SectionBGP):
		j.report(emptyObject, at, at.path()+" names a tunnel but nothing to change")
	case j.current == nil && !objects:
		j.report(objectPartial, at, at.path()+" is given in part")
	}
}

func (t *Tunnel) tunnelCIDR() netip.Prefix {
	v := t.Section(SectionBGP)[TunnelCIDR-LocalASN]
	if v.state != usable {
		return netip.Prefix{}
	}
	block, err := netip.ParsePrefix(v.Text())
	if err != nil {
		return netip.Prefix{}
	}
	return block.Masked()
}

// placeOf returns the place of a tunnel's field in the last item that holds it.
func (j *judge) placeOf(section, field int) place {
	for n := j.change.tunnelLen; n > 0; n-- {
		if j.change.tunnels[n-1].Section(section)[field].Present() {
			return place{tunnel: n, section: section, field: field}
		}
	}
	return place{tunnel: wholeList, field: wholeSection}
}
