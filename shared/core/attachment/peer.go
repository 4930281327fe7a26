package attachment

import (
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"vpnattach/shared/core/finding"
)

// Peer is what the other end of the tunnel supports, by its maker's documents.
type Peer struct {
	Name string // as in an option: "aws"
	Doc  string

	ref                 string // the document that most of it is in
	pskMin, pskMax      int    // 0: any length
	pskRefused          func(c byte) bool
	pskFirst            string    // characters that a key must not start with
	pskHint             string    // what a key has to be
	algorithms          [6]string // separated by blanks: IKE encryption, authentication, group; those of IPsec
	ikev1               [6]string // the same with IKEv1, where it differs
	lifetimes           [2]bounds // of IKE and IPsec, in seconds; 0: each end has its own
	reserved            string    // CIDR blocks that the peer keeps for itself, separated by blanks
	inside              string    // the CIDR blocks that the tunnel's has to be in; empty: anywhere
	firstHost           bool      // the peer takes the first host address of the tunnel's block
	mainMode            bool      // no aggressive mode
	addressID, oneBlock bool      // has its address as identity; takes one CIDR block for each side
}

type bounds struct{ min, max int64 }

// peers are all profiles, in order of their names; each is in a file of its own.
var peers = [...]*Peer{&peerAWS, &peerAzure, &peerGCP}

// Peers returns the profiles, in order of their names. They must not be changed.
func Peers() []*Peer { return peers[:] }

// PeerNames returns the names of the profiles, as a list to show.
func PeerNames() string {
	var names []string
	for _, p := range peers {
		names = append(names, p.Name)
	}
	return strings.Join(names, ", ")
}

// KnownPeer reports whether name is that of a profile.
func KnownPeer(name string) bool { return peerNamed(name) != nil }

func peerNamed(name string) *Peer {
	for _, p := range peers {
		if p.Name == name {
			return p
		}
	}
	return nil
}

// report adds a finding with the peer's document.
func (p *Peer) report(j *judge, check *finding.Check, at location, message, hint string) {
	documented := *check
	documented.Ref = p.ref
	j.reportHint(&documented, at, message, hint)
}

var peerPSK = finding.Declare(finding.Check{
	ID: "peer-psk", Severity: finding.Error, Part: finding.Peer,
	Title: "The peer does not accept the pre-shared key.",
	Why:   "If one end refuses the key, the tunnel does not come up. AWS takes 8 to 64 letters, digits, dots and underscores, not beginning with 0; Azure no hyphen and no tilde.",
	Fix:   "Generate one: 32 letters and digits are valid everywhere.",
	Ref:   refAWSTunnel,
})

func (p *Peer) psk(j *judge, at location, psk string) {
	if p == nil || p.pskHint == "" {
		return
	}
	if len(psk) < p.pskMin || p.pskMax > 0 && len(psk) > p.pskMax {
		p.report(j, peerPSK, at, at.path()+" has "+strconv.Itoa(len(psk))+" characters, which "+p.Name+" does not accept", p.pskHint)
	}
	if psk != "" && strings.IndexByte(p.pskFirst, psk[0]) >= 0 {
		p.report(j, peerPSK, at, at.path()+" starts with a character that "+p.Name+" refuses there", "don't start with any of "+p.pskFirst)
	}
	for i := range len(psk) {
		if p.pskRefused(psk[i]) {
			p.report(j, peerPSK, at, at.path()+" has a character that "+p.Name+" refuses", p.pskHint)
			return
		}
	}
}

var peerAlgorithm = finding.Declare(finding.Check{
	ID: "peer-algorithm", Severity: finding.Error, Part: finding.Peer,
	Title: "The peer does not support the algorithm.",
	Why:   "Both ends must agree on every algorithm, or the negotiation fails.",
	Fix:   "Choose one of those that the finding lists.",
	Ref:   refAWSTunnel,
})

func (p *Peer) algorithm(j *judge, at location, value string) {
	if p == nil {
		return
	}
	known, by := p.algorithms, ""
	if p.ikev1[0] != "" && j.window(at.tunnel, SectionIKE).text(IKEVersion) == "ikev1" {
		known, by = p.ikev1, " with IKEv1"
	}
	kind := at.field // of IPsec, after those of IKE
	if at.section == SectionIKE {
		kind -= IKEEncAlg
	} else {
		kind += 3
	}
	if list := strings.Fields(known[kind]); !slices.Contains(list, value) {
		p.report(j, peerAlgorithm, at, at.path()+" is "+value+", which "+p.Name+" does not support"+by, "one of "+strings.Join(list, ", "))
	}
}

var peerLifetime = finding.Declare(finding.Check{
	ID: "peer-lifetime", Severity: finding.Error, Part: finding.Peer,
	Title: "The lifetime is outside of what the peer allows.",
	Why:   "The peer refuses the value, or renews earlier than agreed, which drops packets each time.",
	Fix:   "Give a lifetime within the range that the finding names.",
	Ref:   refAWSTunnel,
})

func (p *Peer) lifetime(j *judge, at location, seconds string) {
	if p == nil {
		return
	}
	allowed := p.lifetimes[at.section-SectionIKE]
	if n := decimal(seconds); allowed.max > 0 && (n < allowed.min || n > allowed.max) {
		text := strconv.FormatInt(allowed.min, 10) + " to " + strconv.FormatInt(allowed.max, 10) + " seconds"
		p.report(j, peerLifetime, at, at.path()+" is "+seconds+"; "+p.Name+" allows "+text, "give "+text)
	}
}

var peerCIDR = finding.Declare(finding.Check{
	ID: "peer-tunnel-cidr", Severity: finding.Error, Part: finding.Peer,
	Title: "The peer does not take the tunnel's CIDR block, or keeps it for itself.",
	Why:   "The peer refuses the block, so the two ends can’t share it.",
	Hint:  "choose one that neither side keeps, such as 169.254.21.4/30",
	Ref:   refAWSTunnel,
})

func (p *Peer) tunnelCIDR(j *judge, at location, block netip.Prefix) {
	if p == nil {
		return
	}
	if slices.Contains(strings.Fields(p.reserved), block.String()) {
		p.report(j, peerCIDR, at, at.path()+" is "+block.String()+", which "+p.Name+" keeps for itself", "")
	}
	if allowed := strings.Fields(p.inside); len(allowed) > 0 && !slices.ContainsFunc(allowed, func(text string) bool {
		in, err := netip.ParsePrefix(text)
		return err == nil && in.Contains(block.Addr())
	}) {
		p.report(j, peerCIDR, at, at.path()+" is "+block.String()+"; "+p.Name+" has its BGP addresses in "+strings.Join(allowed, " and "), "")
	}
}

var peerAddress = finding.Declare(finding.Check{
	ID: "peer-bgp-ip", Severity: finding.Warning, Part: finding.Peer,
	Title: "The peer takes the BGP address for itself.",
	Why:   "AWS takes the first host address of the block for itself, so both ends would have the same address.",
	Hint:  "use the block's second host address",
	Ref:   "https://docs.aws.amazon.com/vpn/latest/s2svpn/VPNTunnels.html",
})

var (
	peerMode = finding.Declare(finding.Check{
		ID: "peer-ike-mode", Severity: finding.Error, Part: finding.Peer,
		Title: "The peer does not support aggressive mode.",
		Why:   "AWS negotiates IKEv1 in main mode only, so phase 1 fails.",
		Hint:  "set IkeMode to main, or IkeVersion to ikev2",
		Ref:   refAWSGateway,
	})
	peerIdentity = finding.Declare(finding.Check{
		ID: "peer-identity", Severity: finding.Warning, Part: finding.Peer,
		Title: "The peer can have only its address as identity.",
		Why:   "No tunnel option of AWS sets an identity. An end that expects another one than it gets refuses the negotiation.",
		Hint:  "give the public address of that end",
		Ref:   refAWSTunnel,
	})
	peerBlocks = finding.Declare(finding.Check{
		ID: "peer-subnets", Severity: finding.Warning, Part: finding.Peer,
		Title: "The peer takes one CIDR block for each side.",
		Why:   "AWS has one pair of security associations for each tunnel, and an option for one block on each side.",
		Hint:  "give one block that covers all, or 0.0.0.0/0 on both sides and let routes decide",
		Ref:   refAWSGateway,
	})
)

// crossFieldChecks judges what has to fit the peer across the objects of a tunnel.
func (p *Peer) crossFieldChecks(j *judge, ike, ipsec, bgp window) {
	if p == nil {
		return
	}
	phase1, phase2 := ike.text(IKELifetime), ipsec.text(IPsecLifetime)
	if p.lifetimes[0].max > 0 && phase1 != "" && phase2 != "" && decimal(phase2) >= decimal(phase1) && (ike.touched(IKELifetime) || ipsec.touched(IPsecLifetime)) {
		at := ipsec.locationOr(IPsecLifetime, ike.location(IKELifetime))
		p.report(j, peerLifetime, at, "IpsecLifetime "+phase2+" is not less than IkeLifetime "+phase1+", as "+p.Name+" requires",
			"give phase 2 a shorter lifetime than phase 1")
	}
	if p.mainMode && ike.text(IKEVersion) == "ikev1" && ike.text(IKEMode) == "aggressive" && ike.touched(IKEVersion, IKEMode) {
		p.report(j, peerMode, ike.location(IKEMode, IKEVersion), "IkeMode is aggressive; "+p.Name+" has main mode only", "")
	}
	for _, id := range [...]int{LocalID, RemoteID} {
		if _, err := netip.ParseAddr(ike.text(id)); p.addressID && ike.touched(id) && ike.text(id) != "" && err != nil {
			at := ike.location(id)
			p.report(j, peerIdentity, at, at.path()+" is not an address, and "+p.Name+" has no other identity for either end", "")
		}
	}
	block, err := netip.ParsePrefix(bgp.text(TunnelCIDR))
	ip := bgp.text(LocalBGPIP)
	if p.firstHost && err == nil && ip == block.Masked().Addr().Next().String() && bgp.touched(TunnelCIDR, LocalBGPIP) {
		j.report(peerAddress, bgp.location(LocalBGPIP, TunnelCIDR), "LocalBgpIp "+ip+" is the first host address of the block, which "+p.Name+" takes")
	}
}

// blocks judges the CIDR blocks of both sides.
func (p *Peer) blocks(j *judge, top window) {
	for _, side := range [...]int{LocalSubnet, RemoteSubnet} {
		if p != nil && p.oneBlock && top.touched(side) && strings.Contains(top.text(side), ",") {
			at := top.location(side)
			p.report(j, peerBlocks, at, at.path()+" has several CIDR blocks; "+p.Name+" takes one for each side", "")
		}
	}
}
