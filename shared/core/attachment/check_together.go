package attachment

import (
	"net/netip"
	"strconv"
	"strings"

	"vpnattach/shared/core/finding"
)

var (
	ikeWithoutPSK = finding.Declare(finding.Check{
		ID: "ike-without-psk", Severity: finding.Warning, Part: finding.Together,
		Title: "Phase 1 changes without its key: the service may generate a new random one, and reset the other fields.",
		Why:   "The documentation says that without a key the service generates a random one. The other end does not know it, and the tunnel goes down. Official tools leave the key out of an object and seem to keep it, but nobody promises that.",
		Hint:  giveCurrent,
		Ref:   refAPI,
	})
	objectPartial = finding.Declare(finding.Check{
		ID: "object-partial", Severity: finding.Warning, Part: finding.Together,
		Title: "Only some fields of an object or of a tunnel are set, and the current values of the others are not known, so the service may reset them.",
		Why:   "No page says whether the fields that are left out keep their values or fall back to defaults such as aes and md5. With the current configuration the object is sent whole, which is right either way.",
		Hint:  giveCurrent,
		Ref:   refAPI,
	})
)

// giveCurrent is how to send whole objects.
const giveCurrent = "give the current configuration (what DescribeVpnConnection returns), so that the whole object is sent; or set all fields"

// giveDescribed is the remedy where the current configuration lacks something.
const giveDescribed = "give what DescribeVpnConnection returns for this attachment, or set these fields"

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
		j.unshown(s, w)
		return
	}
	if j.mergesLater {
		return
	}
	given := 0
	for f := range w.own {
		if w.own[f].Present() {
			given++
		}
	}
	switch {
	case given == 0:
	case s == SectionIKE && !w.own[PSK].Present():
		j.report(ikeWithoutPSK, w.at, w.at.path()+" is set without Psk, and the current key is not known: "+partly(w, given))
	case given < len(w.own):
		j.report(objectPartial, w.at, w.at.path()+": "+partly(w, given))
	}
}

// unshown finds an object that would be sent without fields that the answer does not
// show: lists lack some of what an answer about one attachment has.
func (j *judge) unshown(s int, w window) {
	if w.at.tunnel > 0 && j.now(&j.change.tunnels[w.at.tunnel-1]) == nil {
		return
	}
	var missing []string
	for f := range w.merged {
		// An ASN of 0, which is none, is not shown either.
		if p := &w.at.in().Fields[f]; p.Default != "" && p.Kind != ASN && !w.merged[f].Present() {
			missing = append(missing, p.Name+" to "+p.Default)
		}
	}
	if missing != nil {
		j.reportHint(objectPartial, w.at, w.at.path()+" goes out without what the current configuration does not show. The service may reset "+list(missing),
			giveDescribed)
	}
}

// partly says which fields of an object are set, to what the service may reset the
// others, and why it may refuse the object.
func partly(w window, given int) string {
	const few = 3
	var set, others, bare []string
	for f := range w.own {
		switch p := &w.at.in().Fields[f]; {
		case w.own[f].Present():
			set = append(set, p.Name)
		case p.Default != "":
			others = append(others, p.Name+" to "+p.Default)
		default:
			bare = append(bare, p.Name)
		}
	}
	says := strconv.Itoa(given) + " of " + strconv.Itoa(len(w.own)) + " fields"
	if given <= few {
		says = list(set)
	}
	verb := " are set"
	if given == 1 {
		verb = " is set"
	}
	says = "only " + says + verb + ". The service may reset " + list(append(others, bare...))
	if w.text(EnableBGP) == "true" && w.at.section == SectionBGP && !w.touched(TunnelCIDR) {
		says += ", or refuse BGP without TunnelCidr"
	}
	return says
}

// list joins words as people do: a, b and c.
func list(words []string) string {
	if n := len(words) - 1; n > 0 {
		return strings.Join(words[:n], ", ") + " and " + words[n]
	}
	return strings.Join(words, "")
}

var (
	aggressiveMode = finding.Declare(finding.Check{
		ID: "aggressive-mode", Severity: finding.Warning, Part: finding.Together,
		Title: "Aggressive mode with a pre-shared key shows a hash of the key to anybody.",
		Why:   "Anybody can start a handshake, receive a hash of the key, and try keys against it offline.",
		Hint:  "use ikev2, or main mode with IP addresses as identities",
		Ref:   refIPsecVPN,
	})
	fqdnMainMode = finding.Declare(finding.Check{
		ID: "fqdn-main-mode", Severity: finding.Warning, Part: finding.Together,
		Title: "In main mode a pre-shared key is found by IP address, so an FQDN identity does not work.",
		Why:   "In main mode the identity travels encrypted with the key, so the peer must choose the key by address before it can read a name.",
		Hint:  "use aggressive mode as the documentation recommends, or better ikev2",
		Ref:   refAPI,
	})
)

func (j *judge) ike(w window) {
	version, mode := w.text(IKEVersion), w.text(IKEMode)
	if mode == "aggressive" && version == "ikev1" && w.touched(IKEMode, IKEVersion) {
		j.report(aggressiveMode, w.location(IKEMode, IKEVersion), w.at.path()+" asks for aggressive mode with a pre-shared key")
	}
	if mode != "main" || version != "ikev1" {
		return
	}
	for _, f := range [...]int{LocalID, RemoteID} {
		id := w.text(f)
		if _, err := netip.ParseAddr(id); id != "" && err != nil && w.touched(f, IKEMode, IKEVersion) {
			name := ikeFields[f].Name
			j.report(fqdnMainMode, w.location(f, IKEMode, IKEVersion), w.at.path()+": "+name+" is not an IP address, but IkeMode is main")
		}
	}
}

var (
	bgpIPOutside = finding.Declare(finding.Check{
		ID: "bgp-ip-outside", Severity: finding.Error, Part: finding.Together,
		Title:   "The BGP address is not within the tunnel's CIDR block.",
		Why:     "The two ends of the session must share the block, or no session comes up. The service refuses it.",
		Hint:    "choose one of the block's two host addresses",
		APICode: "IllegalParam.LocalBgpIp",
		Ref:     refAPI,
	})
	bgpIPEdge = finding.Declare(finding.Check{
		ID: "bgp-ip-edge", Severity: finding.Warning, Part: finding.Together,
		Title: "The BGP address is the network or broadcast address of the tunnel's CIDR block.",
		Why:   "Of the four addresses of a /30 the first and the last are the network’s own, and peers refuse them.",
		Hint:  "choose one of the block's two host addresses",
		Ref:   refAPI,
	})
	// BGPHalf finds a block without its address, or an address without its block.
	BGPHalf = finding.Declare(finding.Check{
		ID: "bgp-half", Severity: finding.Warning, Part: finding.Together,
		Title: "Of TunnelCidr and LocalBgpIp only one is set.",
		Why:   "One is of no use without the other. A change from the queue is refused: what an older event gave together would count or not by the order in which the events came.",
		Hint:  "give TunnelCidr and LocalBgpIp in one change",
		Ref:   refAPI,
	})
)

func (j *judge) bgp(w window) {
	block, errBlock := netip.ParsePrefix(w.text(TunnelCIDR))
	ip, errIP := netip.ParseAddr(w.text(LocalBGPIP))
	if errBlock == nil && errIP == nil && w.touched(TunnelCIDR, LocalBGPIP) {
		at := w.location(LocalBGPIP, TunnelCIDR)
		switch {
		case !block.Contains(ip):
			j.report(bgpIPOutside, at, "LocalBgpIp "+ip.String()+" is not within TunnelCidr "+block.String())
		case ip == block.Masked().Addr() || ip == last(block):
			j.report(bgpIPEdge, at, "LocalBgpIp "+ip.String()+" is the network or broadcast address of "+block.String())
		}
	}
	if set := func(f int) bool { return w.touched(f) || w.text(f) != "" }; j.current != nil && set(TunnelCIDR) != set(LocalBGPIP) {
		given, missing := TunnelCIDR, LocalBGPIP
		if set(LocalBGPIP) {
			given, missing = missing, given
		}
		if w.touched(given) {
			j.report(BGPHalf, w.location(given), w.location(given).path()+" is given, but the attachment has no "+bgpFields[missing].Name)
		}
	}
	if j.current != nil && w.text(EnableBGP) == "true" && w.merged[TunnelCIDR].Text() == "" {
		j.report(tunnelCIDRMissing, w.location(EnableBGP), w.at.path()+" switches BGP on, and the attachment has no TunnelCidr")
	}
}

var healthIncomplete = finding.Declare(finding.Check{
	ID: "health-check-incomplete", Severity: finding.Warning, Part: finding.Together,
	Title: "The health check is on, but dip or sip is missing.",
	Why:   "The check needs an address to send from and one to send to. Without both it fails, and a failed check can withdraw routes.",
	Hint:  "give both dip and sip",
	Ref:   refAPI,
})

func (j *judge) health(w window) {
	if w.text(HealthEnable) != "true" {
		return
	}
	for _, f := range [...]int{HealthDip, HealthSip} {
		// Without the current configuration a missing address may be set already, but
		// a patch that switches the check on is expected to say where to.
		if !w.merged[f].Present() || w.merged[f].Text() == "" {
			j.report(healthIncomplete, w.location(HealthEnable), w.at.path()+" is enabled without "+healthFields[f].Name)
		}
	}
}

var missingParameter = finding.Declare(finding.Check{
	ID: "missing-parameter", Severity: finding.Error, Part: finding.Together, InSchema: true,
	Title: "A required parameter is missing.",
	Why:   "Without it the service does not know which attachment is meant, and refuses the call.",
	Fix:   "Add the parameter that the finding names.",
	Ref:   refAPI,
})

// crossFieldChecks judges what belongs together across the whole change.
func (j *judge) crossFieldChecks() {
	c := j.change
	for _, f := range [...]int{RegionID, VpnConnectionID} {
		if !c.Values[f].Present() {
			at := location{field: f}
			j.report(missingParameter, at, at.path()+" is required")
		}
	}
	j.empty()
	j.effectAlone()
	j.bothSides()
	j.modes()
	j.tunnelItems()
	j.bgpOfBoth()
}

var changeEmpty = finding.Declare(finding.Check{
	ID: "change-empty", Severity: finding.Warning, Part: finding.Together,
	Title: "The change names an attachment, but nothing to change.",
	Why:   "A call without a change still puts the attachment into “updating” or fails, for nothing.",
	Hint:  "add a parameter",
	Ref:   refAPI,
})

func (j *judge) empty() {
	c := j.change
	for f := range c.Values {
		if c.Values[f].Present() && (f >= connectionCount || !connectionFields[f].Identifier) {
			return
		}
	}
	if c.hasTunnels.present || c.notes.Len() > 0 {
		return
	}
	j.report(changeEmpty, whole, "the change has no parameter to change")
}

var effectAlone = finding.Declare(finding.Check{
	ID: "effect-immediately-alone", Severity: finding.Warning, Part: finding.Together,
	Title: "EffectImmediately is all that changes, so all tunnels renegotiate for nothing else.",
	Why:   "EffectImmediately is a setting of the attachment like any other, not a way to send other changes. To change it is a change of its own, after which all tunnels negotiate anew.",
	Hint:  "leave EffectImmediately out, or change it when traffic may stop for a moment",
	Ref:   refAPI,
})

func (j *judge) effectAlone() {
	if j.change.Values[EffectImmediately].state != usable || j.current != nil && !j.differs(EffectImmediately) {
		return
	}
	at := location{field: EffectImmediately}
	if j.moreThanEffect() {
		if j.switchesEffect() {
			j.reportHint(bothTunnelsAtOnce, at, at.path()+" changes, and both tunnels renegotiate for that", "leave EffectImmediately out, or change it when traffic may stop for a moment")
		}
		return
	}
	j.report(effectAlone, at, at.path()+" is all that changes, and all tunnels renegotiate")
}

// switchesEffect reports whether EffectImmediately of an attachment with two tunnels
// changes.
func (j *judge) switchesEffect() bool {
	return j.current != nil && j.current.Dual && j.differs(EffectImmediately)
}

// noConfig stands for a configuration that is not known.
var noConfig Change

// moreThanEffect reports whether the change names anything beside EffectImmediately that
// differs from the current configuration, where that is known.
func (j *judge) moreThanEffect() bool {
	c, now := j.change, &noConfig
	if j.current != nil {
		now = &j.current.config
	}
	for f := range connectionFields {
		if v := &c.Values[f]; f != EffectImmediately && v.Present() && !isModifier(f) && (j.current == nil || valueDiffers(&connectionFields[f], v, &now.Values[f])) {
			return true
		}
	}
	for s := SectionIKE; s < len(ConnectionSections); s++ {
		if c.Has(s) && (j.current == nil || sectionDiffers(&ConnectionSections[s], c.Section(s), now.Section(s))) {
			return true
		}
	}
	for n := range c.Tunnels() {
		if index, ok := j.current.tunnelIndex(&c.tunnels[n]); j.current == nil || ok && tunnelDiffers(&c.tunnels[n], &now.tunnels[index]) {
			return true
		}
	}
	return false
}

var modesMixed = finding.Declare(finding.Check{
	ID: "modes-mixed", Severity: finding.Error, Part: finding.Together, InSchema: true,
	Title: "Parameters of single-tunnel and of dual-tunnel attachments don't go together.",
	Why:   "An attachment is single-tunnel or dual-tunnel for life, and the service takes only the parameters of its kind.",
	Hint:  "put them into the items of TunnelOptionsSpecification, or drop TunnelOptionsSpecification and EnableTunnelsBgp",
	Ref:   refAPI,
})

// modes finds single-tunnel and dual-tunnel parameters side by side.
func (j *judge) modes() {
	single, hasSingle := j.ofMode(Single)
	dual, hasDual := j.ofMode(Dual)
	if hasSingle && hasDual {
		j.report(modesMixed, single, single.path()+" is for single-tunnel attachments, "+dual.path()+" for dual-tunnel ones")
	}
}

// ofMode returns the first location that holds a parameter of the mode.
func (j *judge) ofMode(mode Mode) (at location, found bool) {
	c := j.change
	for f := range connectionFields {
		if connectionFields[f].Mode == mode && c.Values[f].Present() {
			return location{field: f}, true
		}
	}
	if mode == Dual && c.hasTunnels.present {
		return location{tunnel: wholeList, field: wholeSection}, true
	}
	for s := SectionIKE; mode == Single && s < len(ConnectionSections); s++ {
		if c.Has(s) {
			return location{section: s, field: wholeSection}, true
		}
	}
	return at, false
}

var (
	tunnelCIDRSame = finding.Declare(finding.Check{
		ID: "tunnel-cidr-same", Severity: finding.Error, Part: finding.Together,
		Title:   "Both tunnels have the same CIDR block.",
		Why:     "The two BGP sessions would share their addresses, and the service refuses it.",
		Hint:    "give each tunnel a CIDR block of its own",
		APICode: "IllegalParam.TunnelCidr",
		Ref:     refAPI,
	})
	tunnelRepeated = finding.Declare(finding.Check{
		ID: "tunnel-repeated", Severity: finding.Error, Part: finding.Together,
		Title: "Two items name the same tunnel.",
		Why:   "Which of the two items wins is not documented.",
		Hint:  "make one item of them",
		Ref:   refAPI,
	})
	bothTunnelsAtOnce = finding.Declare(finding.Check{
		ID: "both-tunnels-at-once", Severity: finding.Warning, Part: finding.Together,
		Title: "Both tunnels are renegotiated at once, so traffic stops.",
		Why:   "The second tunnel exists so that one carries the traffic while the other changes. Renegotiating both at once is an outage.",
		Hint:  "change one tunnel, wait until it is up, then the other; or EffectImmediately false",
		Ref:   refAPI,
	})
)

// tunnelItems judges the items of TunnelOptionsSpecification together.
func (j *judge) tunnelItems() {
	tunnels := j.change.Tunnels()
	for n := range tunnels {
		j.tunnelItem(&tunnels[n], location{tunnel: n + 1, field: wholeSection})
	}
	both := j.merged.Tunnels()
	if len(both) == MaxTunnels && j.change.hasTunnels.present {
		a, b := both[0].tunnelCIDR(), both[1].tunnelCIDR()
		if a.IsValid() && a == b {
			j.report(tunnelCIDRSame, j.locationOf(SectionBGP, TunnelCIDR-LocalASN), "both tunnels have the TunnelCidr "+a.String())
		}
	}
	if len(tunnels) < MaxTunnels {
		return
	}
	first, known1 := j.current.tunnelIndex(&tunnels[0])
	second, known2 := j.current.tunnelIndex(&tunnels[1])
	id := tunnels[0].Values[TunnelID].Text()
	if known1 && known2 && first == second || id != "" && id == tunnels[1].Values[TunnelID].Text() {
		j.report(tunnelRepeated, location{tunnel: 2, field: wholeSection}, "the item names the same tunnel as the one before")
	}
	for n := range tunnels {
		if now := j.now(&tunnels[n]); now != nil && !tunnelDiffers(&tunnels[n], now) {
			return
		}
	}
	if j.window(0, SectionTop).text(EffectImmediately) == "true" && !j.switchesEffect() {
		j.report(bothTunnelsAtOnce, j.window(0, SectionTop).locationOr(EffectImmediately, location{tunnel: wholeList, field: wholeSection}),
			"EffectImmediately is true and both tunnels change")
	}
}

// now is the current configuration of the tunnel that the item names; nil: not known.
func (j *judge) now(t *Tunnel) *Tunnel {
	if index, ok := j.current.tunnelIndex(t); ok && j.current != nil && j.current.Dual {
		return &j.current.config.tunnels[index]
	}
	return nil
}

var tunnelUnnamed = finding.Declare(finding.Check{
	ID: "tunnel-unnamed", Severity: finding.Error, Part: finding.Together, InSchema: true,
	Title: "An item does not say which tunnel it is.",
	Why:   "Without an index or an ID the service would have to guess by the order, and may change the wrong tunnel.",
	Hint:  "add TunnelIndex (1 or 2) or TunnelId",
	Ref:   refAPI,
})

// tunnelItem judges what one item holds at all.
func (j *judge) tunnelItem(t *Tunnel, at location) {
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
	switch {
	case t.unread:
	case named == 0:
		j.report(tunnelUnnamed, at, at.path()+" has neither TunnelIndex nor TunnelId")
	case fields == 0 && !t.Has(SectionIKE) && !t.Has(SectionIPsec) && !t.Has(SectionBGP):
		j.report(emptyObject, at, at.path()+" names a tunnel but nothing to change")
	case j.current == nil && !j.mergesLater:
		if missing := t.missing(&noConfig.tunnels[0]); missing != nil {
			j.report(objectPartial, at, at.path()+" has no "+strings.Join(missing, ", no ")+". The service may reset what is not set")
		}
	case j.current != nil:
		now := j.now(t)
		if now == nil || !tunnelDiffers(t, now) {
			return
		}
		if missing := t.missing(now); missing != nil {
			j.reportHint(objectPartial, at, at.path()+" goes out without "+list(missing)+", which the current configuration does not show. The service may reset what is not set", giveDescribed)
		}
	}
}

// missing are the objects and switches of a whole item that neither the item nor the
// tunnel's configuration has. BGP is not among them: a tunnel may be without.
func (t *Tunnel) missing(now *Tunnel) (names []string) {
	for _, f := range [...]int{TunnelEnableDPD, TunnelEnableNATTraversal} {
		if !t.Values[f].Present() && now.Values[f].Text() == "" {
			names = append(names, tunnelFields[f].Name)
		}
	}
	for _, s := range [...]int{SectionIKE, SectionIPsec} {
		if !t.Has(s) && !now.Has(s) {
			names = append(names, TunnelSections[s].Name)
		}
	}
	if len(names) > 0 && !t.Has(SectionBGP) && !now.Has(SectionBGP) {
		names = append(names, TunnelSections[SectionBGP].Name)
	}
	return names
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

// locationOf returns the location of a tunnel's field in the last item that holds it.
func (j *judge) locationOf(section, field int) location {
	for n := j.change.tunnelLen; n > 0; n-- {
		if j.change.tunnels[n-1].Section(section)[field].Present() {
			return location{tunnel: n, section: section, field: field}
		}
	}
	return location{tunnel: wholeList, field: wholeSection}
}
