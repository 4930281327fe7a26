package attachment

import (
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"vpnattach/shared/core/finding"
)

// Peer is what the other end of the tunnel supports.
type Peer struct {
	Name string // as in an option: "aws"
	Doc  string

	pskMin, pskMax int
	pskSymbols     string              // beside letters and digits
	pskFirst       string              // characters that a key must not start with
	algorithms     map[string][]string // by the name of the field
	lifetimes      map[string][2]int64 // seconds, by the name of the field
	reserved       []netip.Prefix      // CIDR blocks that the peer keeps for itself
	firstHost      bool                // the peer takes the first host address of the tunnel's block
}

// Peers returns the profiles, in order of their names. They must not be changed.
func Peers() []*Peer {
	all := make([]*Peer, 0, len(peers))
	for _, p := range peers {
		all = append(all, p)
	}
	slices.SortStableFunc(all, func(a, b *Peer) int { return strings.Compare(a.Name, b.Name) })
	return all
}

// PeerNames returns the names of the profiles, as a list to show.
func PeerNames() string {
	var names []string
	for _, p := range Peers() {
		names = append(names, p.Name)
	}
	return strings.Join(names, ", ")
}

// KnownPeer reports whether name is that of a profile.
func KnownPeer(name string) bool { return peers[name] != nil }

var peers = map[string]*Peer{
	"aws": {
		Name:   "aws",
		Doc:    "AWS Site-to-Site VPN, by the tunnel options of the EC2 API",
		pskMin: 8, pskMax: 64, pskSymbols: "._", pskFirst: "0",
		algorithms: map[string][]string{
			"IkeEncAlg":    {"aes", "aes256"},
			"IkeAuthAlg":   {"sha1", "sha256", "sha384", "sha512"},
			"IkePfs":       {"group2", "group14"},
			"IpsecEncAlg":  {"aes", "aes256"},
			"IpsecAuthAlg": {"sha1", "sha256", "sha384", "sha512"},
			"IpsecPfs":     {"group2", "group5", "group14"},
		},
		lifetimes: map[string][2]int64{
			"IkeLifetime":   {900, 28800},
			"IpsecLifetime": {900, 3600},
		},
		reserved: []netip.Prefix{
			netip.MustParsePrefix("169.254.0.0/30"), netip.MustParsePrefix("169.254.1.0/30"),
			netip.MustParsePrefix("169.254.2.0/30"), netip.MustParsePrefix("169.254.3.0/30"),
			netip.MustParsePrefix("169.254.4.0/30"), netip.MustParsePrefix("169.254.5.0/30"),
			netip.MustParsePrefix("169.254.169.252/30"),
		},
		firstHost: true,
	},
}

var peerPSK = finding.Declare(finding.Check{
	ID: "peer-psk", Severity: finding.Error, Part: finding.Peer,
	Title: "The peer does not accept the pre-shared key.",
	Why:   "If one end refuses the key, the tunnel does not come up. AWS takes 8 to 64 letters, digits, dots and underscores, not beginning with 0.",
	Fix:   "Generate one: 32 letters and digits are valid on both sides.",
	Ref:   refAWSTunnel,
})

func (p *Peer) psk(j *judge, at location, psk string) {
	if p == nil {
		return
	}
	hint := "use " + strconv.Itoa(p.pskMin) + " to " + strconv.Itoa(p.pskMax) + " letters, digits and any of " + p.pskSymbols
	if len(psk) < p.pskMin || len(psk) > p.pskMax {
		j.reportHint(peerPSK, at, at.path()+" has "+strconv.Itoa(len(psk))+" characters, which "+p.Name+" does not accept", hint)
	}
	if psk != "" && strings.IndexByte(p.pskFirst, psk[0]) >= 0 {
		j.reportHint(peerPSK, at, at.path()+" starts with a character that "+p.Name+" refuses there", "don't start with any of "+p.pskFirst)
	}
	for i := range len(psk) {
		if c := psk[i]; !isLower(c) && !isUpper(c) && !isDigit(c) && strings.IndexByte(p.pskSymbols, c) < 0 {
			j.reportHint(peerPSK, at, at.path()+" has a character that "+p.Name+" refuses", hint)
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
	if known := p.algorithms[at.parameter().Name]; !slices.Contains(known, value) {
		j.reportHint(peerAlgorithm, at, at.path()+" is "+value+", which "+p.Name+" does not support", "one of "+strings.Join(known, ", "))
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
	bounds := p.lifetimes[at.parameter().Name]
	if n := decimal(seconds); n < bounds[0] || n > bounds[1] {
		text := strconv.FormatInt(bounds[0], 10) + " to " + strconv.FormatInt(bounds[1], 10) + " seconds"
		j.reportHint(peerLifetime, at, at.path()+" is "+seconds+"; "+p.Name+" allows "+text, "give "+text)
	}
}

var peerCIDR = finding.Declare(finding.Check{
	ID: "peer-tunnel-cidr", Severity: finding.Error, Part: finding.Peer,
	Title: "The peer keeps the tunnel's CIDR block for itself.",
	Why:   "The peer refuses the block, so the two ends can’t share it.",
	Hint:  "choose one that neither side keeps, such as 169.254.11.0/30",
	Ref:   refAWSTunnel,
})

func (p *Peer) tunnelCIDR(j *judge, at location, block netip.Prefix) {
	if p != nil && slices.Contains(p.reserved, block) {
		j.report(peerCIDR, at, at.path()+" is "+block.String()+", which "+p.Name+" keeps for itself")
	}
}

var peerAddress = finding.Declare(finding.Check{
	ID: "peer-bgp-ip", Severity: finding.Warning, Part: finding.Peer,
	Title: "The peer takes the BGP address for itself.",
	Why:   "AWS takes the first host address of the block for itself, so both ends would have the same address.",
	Hint:  "use the block's second host address",
	Ref:   "https://docs.aws.amazon.com/vpn/latest/s2svpn/VPNTunnels.html",
})

// crossFieldChecks judges what has to fit the peer across the objects of a tunnel.
func (p *Peer) crossFieldChecks(j *judge, ike, ipsec, bgp window) {
	if p == nil {
		return
	}
	phase1, phase2 := ike.text(IKELifetime), ipsec.text(IPsecLifetime)
	if phase1 != "" && phase2 != "" && decimal(phase2) >= decimal(phase1) && (ike.touched(IKELifetime) || ipsec.touched(IPsecLifetime)) {
		at := ipsec.locationOr(IPsecLifetime, ike.location(IKELifetime))
		j.reportHint(peerLifetime, at, "IpsecLifetime "+phase2+" is not less than IkeLifetime "+phase1+", as "+p.Name+" requires",
			"give phase 2 a shorter lifetime than phase 1")
	}
	block, err := netip.ParsePrefix(bgp.text(TunnelCIDR))
	ip := bgp.text(LocalBGPIP)
	if p.firstHost && err == nil && ip == block.Masked().Addr().Next().String() && bgp.touched(TunnelCIDR, LocalBGPIP) {
		j.report(peerAddress, bgp.location(LocalBGPIP, TunnelCIDR), "LocalBgpIp "+ip+" is the first host address of the block, which "+p.Name+" takes")
	}
}
