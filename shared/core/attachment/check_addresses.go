package attachment

import (
	"encoding/binary"
	"math/bits"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"vpnattach/shared/core/finding"
)

// subnetList is LocalSubnet or RemoteSubnet, parsed: the IPv4 blocks in order of
// their addresses, the larger first.
type subnetList struct {
	known  bool
	blocks []netip.Prefix
}

// parse fills the list from text and calls bad for each item that is not a CIDR block.
func (l *subnetList) parse(text string, item func(item string, block netip.Prefix, err error)) {
	l.known, l.blocks = true, l.blocks[:0]
	for rest, more := text, true; more; {
		var one string
		one, rest, more = strings.Cut(rest, ",")
		block, err := netip.ParsePrefix(one)
		if item != nil {
			item(one, block, err)
		}
		switch {
		case err != nil:
			l.known = false
		case block.Addr().Is4():
			l.blocks = append(l.blocks, block.Masked())
		}
	}
	slices.SortStableFunc(l.blocks, comparePrefixes)
}

func comparePrefixes(a, b netip.Prefix) int {
	if c := a.Addr().Compare(b.Addr()); c != 0 {
		return c
	}
	return a.Bits() - b.Bits()
}

// everything reports whether the list is 0.0.0.0/0 alone.
func (l *subnetList) everything() bool { return len(l.blocks) == 1 && l.blocks[0].Bits() == 0 }

var (
	subnetMalformed = finding.Declare(finding.Check{
		ID: "subnet-malformed", Severity: finding.Error, Part: finding.Addresses,
		Title: "An item of the list is not a CIDR block.",
		Why:   "The service refuses the whole list.",
		Hint:  "write CIDR blocks like 10.1.1.0/24, separated by commas",
		Ref:   refAPI,
	})
	subnetIPv6 = finding.Declare(finding.Check{
		ID: "subnet-ipv6", Severity: finding.Warning, Part: finding.Addresses,
		Title: "The documentation describes IPv4 CIDR blocks only.",
		Why:   "The service may refuse the block or set up a tunnel that carries nothing.",
		Hint:  "use an IPv4 CIDR block",
		Ref:   refAPI,
	})
	cidrNotCanonical = finding.Declare(finding.Check{
		ID: "cidr-not-canonical", Severity: finding.Warning, Part: finding.Addresses,
		Title: "The CIDR block has bits set beyond its prefix length.",
		Why:   "10.1.1.9/24 may be a slip for one host or for the whole network. The service may refuse it or take the network.",
		Fix:   "Write the network’s own address, as the finding shows. The page does it at a click.",
		Ref:   refCIDR,
	})
	subnetRepeated = finding.Declare(finding.Check{
		ID: "subnet-repeated", Severity: finding.Warning, Part: finding.Addresses,
		Title: "A CIDR block appears twice in the list.",
		Why:   "It adds nothing, and often another block was meant.",
		Hint:  "keep one of them",
		Ref:   refAPI,
	})
	subnetOverlap = finding.Declare(finding.Check{
		ID: "subnet-overlap", Severity: finding.Warning, Part: finding.Addresses,
		Title: "Two CIDR blocks of the list overlap.",
		Why:   "Each pair of blocks becomes a security association. Overlapping ones leave open which of them carries a packet.",
		Hint:  "keep the larger one, or make them disjoint",
		Ref:   refAPI,
	})
)

// subnetList judges LocalSubnet or RemoteSubnet by itself.
func (j *judge) subnetList(at location, text string) bool {
	list := &j.subnets[at.field-LocalSubnet]
	n := 0
	list.parse(text, func(item string, block netip.Prefix, err error) {
		n++
		switch {
		case err != nil && text == "": // [], or [""]
			j.reportHint(subnetMalformed, at, at.path()+" is an empty list", "leave the parameter out to keep its value")
		case err != nil && item == "":
			j.reportHint(subnetMalformed, at, at.path()+": item "+strconv.Itoa(n)+" is empty", "leave the item out, and the comma before it")
		case err != nil:
			hint := ""
			if addr, err := netip.ParseAddr(item); err == nil && addr.Is4() {
				hint = "write " + item + "/32 for the one address"
			} else if block := withNetmask(item); block != "" {
				hint = "write " + block
			} else if strings.ContainsFunc(item, separatesItems) {
				hint = "write each block without a blank in it, like 10.1.1.0/24, and a comma between blocks"
			}
			j.reportHint(subnetMalformed, at, at.path()+": "+at.parameter().Quote(item)+" is not a CIDR block", hint)
		case !block.Addr().Is4():
			j.report(subnetIPv6, at, at.path()+": "+item+" is an IPv6 block")
		case block != block.Masked():
			j.reportHint(cidrNotCanonical, at, at.path()+": "+item+" has host bits set", "write "+block.Masked().String())
		}
	})
	// CIDR blocks are disjoint or nested, and a nested one follows the one around it.
	var around netip.Prefix
	for i, block := range list.blocks {
		switch {
		case i == 0 || !around.Overlaps(block):
			around = block
		case around == block:
			j.report(subnetRepeated, at, at.path()+" holds "+block.String()+" twice")
		default:
			j.report(subnetOverlap, at, at.path()+": "+block.String()+" is within "+around.String())
		}
	}
	return list.known
}

// withNetmask returns the CIDR block that an address and a netmask are, as routers write
// it: 10.1.0.0 255.255.0.0. It is empty for anything else.
func withNetmask(item string) string {
	parts := strings.FieldsFunc(item, func(r rune) bool { return r == '/' || unicode.IsSpace(r) })
	if len(parts) != 2 {
		return ""
	}
	address, err := netip.ParseAddr(parts[0])
	mask, maskErr := netip.ParseAddr(parts[1])
	if err != nil || maskErr != nil || !address.Is4() || !mask.Is4() {
		return ""
	}
	four := mask.As4()
	set := binary.BigEndian.Uint32(four[:])
	ones := bits.LeadingZeros32(^set)
	if set<<ones != 0 {
		return ""
	}
	return address.String() + "/" + strconv.Itoa(ones)
}

var (
	subnetsOverlapSides = finding.Declare(finding.Check{
		ID: "subnets-overlap-sides", Severity: finding.Warning, Part: finding.Addresses,
		Title: "A CIDR block is on both sides of the tunnel.",
		Why:   "A packet to that block belongs on both sides, so it may never reach the tunnel or loop.",
		Hint:  "make LocalSubnet and RemoteSubnet disjoint",
		Ref:   refAPI,
	})
	routingModeMixed = finding.Declare(finding.Check{
		ID: "routing-mode-mixed", Severity: finding.Warning, Part: finding.Addresses,
		Title: "One side is 0.0.0.0/0 and the other is specific: neither of the two documented routing modes.",
		Why:   "The documentation describes two modes: 0.0.0.0/0 on both sides, where routes decide, or specific blocks on both sides. A mixture is neither, and peers often refuse it.",
		Hint:  "0.0.0.0/0 on both sides (destination routing) or specific blocks on both (protected data flows)",
		Ref:   refAPI,
	})
)

// bothSides judges the two lists together.
func (j *judge) bothSides() {
	w := j.window(0, SectionTop)
	if !w.touched(LocalSubnet, RemoteSubnet) {
		return
	}
	for side := range j.subnets {
		if !w.own[LocalSubnet+side].Present() {
			if text := w.text(LocalSubnet + side); text != "" {
				j.subnets[side].parse(text, nil)
			}
		}
	}
	local, remote := &j.subnets[0], &j.subnets[1]
	if !local.known || !remote.known {
		return
	}
	at := w.location(RemoteSubnet, LocalSubnet)
	if local.everything() != remote.everything() {
		j.report(routingModeMixed, at, "one of LocalSubnet and RemoteSubnet is 0.0.0.0/0, the other is not")
		return
	}
	if local.everything() {
		return
	}
	for l, r := 0, 0; l < len(local.blocks) && r < len(remote.blocks); {
		a, b := local.blocks[l], remote.blocks[r]
		if a.Overlaps(b) {
			j.report(subnetsOverlapSides, at, "LocalSubnet "+a.String()+" and RemoteSubnet "+b.String()+" overlap")
		}
		// Go on with the side whose block ends first.
		if last(a).Less(last(b)) {
			l++
		} else {
			r++
		}
	}
}

// last returns the last address of an IPv4 block.
func last(block netip.Prefix) netip.Addr {
	a := block.Masked().Addr().As4()
	for bit := block.Bits(); bit < 32; bit++ {
		a[bit/8] |= 0x80 >> (bit % 8)
	}
	return netip.AddrFrom4(a)
}

var (
	linkLocal = netip.MustParsePrefix("169.254.0.0/16")

	// reservedTunnelCIDRs are those that the service keeps for itself, by its SDK.
	reservedTunnelCIDRs = []netip.Prefix{
		netip.MustParsePrefix("169.254.0.0/30"), netip.MustParsePrefix("169.254.1.0/30"),
		netip.MustParsePrefix("169.254.2.0/30"), netip.MustParsePrefix("169.254.3.0/30"),
		netip.MustParsePrefix("169.254.4.0/30"), netip.MustParsePrefix("169.254.5.0/30"),
		netip.MustParsePrefix("169.254.6.0/30"), netip.MustParsePrefix("169.254.169.252/30"),
	}
)

var (
	tunnelCIDRMalformed = finding.Declare(finding.Check{
		ID: "tunnel-cidr-malformed", Severity: finding.Error, Part: finding.Addresses, InSchema: true,
		Title:   "TunnelCidr is not a CIDR block.",
		Why:     "The service refuses the call.",
		Hint:    "write it like 169.254.11.0/30",
		APICode: "InvalidTunnelCidr.Malformed",
		Ref:     refAPI,
	})
	tunnelCIDRRange = finding.Declare(finding.Check{
		ID: "tunnel-cidr-range", Severity: finding.Error, Part: finding.Addresses, InSchema: true,
		Title:   "The tunnel's CIDR block is not a /30 within 169.254.0.0/16.",
		Why:     "BGP runs between the two host addresses of one link-local /30, and the service takes no other form.",
		Hint:    "choose one such as 169.254.11.0/30",
		APICode: "IllegalParam.TunnelCidr",
		Ref:     refAPI,
	})
	tunnelCIDRReserved = finding.Declare(finding.Check{
		ID: "tunnel-cidr-reserved", Severity: finding.Error, Part: finding.Addresses,
		Title:   "The tunnel's CIDR block is one that the service keeps for itself.",
		Why:     "The service uses these blocks itself, and refuses them.",
		Hint:    "not 169.254.0.0/30 to 169.254.6.0/30 and not 169.254.169.252/30",
		APICode: "IllegalParam.TunnelCidr",
		Ref:     refAPI,
	})
)

// tunnelCIDR judges TunnelCidr.
func (j *judge) tunnelCIDR(at location, text string) bool {
	block, err := netip.ParsePrefix(text)
	switch {
	case err != nil:
		j.report(tunnelCIDRMalformed, at, at.path()+" is "+at.parameter().Quote(text)+", which is not a CIDR block")
		return false
	case block.Bits() != 30 || !linkLocal.Contains(block.Addr()):
		j.report(tunnelCIDRRange, at, at.path()+" is "+text+", not a /30 within 169.254.0.0/16")
		return false
	}
	j.peer.tunnelCIDR(j, at, block.Masked())
	switch {
	case slices.Contains(reservedTunnelCIDRs, block.Masked()):
		j.report(tunnelCIDRReserved, at, at.path()+" is "+text+", which the service keeps for itself")
		return false
	case block != block.Masked():
		j.reportHint(cidrNotCanonical, at, at.path()+": "+text+" has host bits set", "write "+block.Masked().String())
	}
	return true
}

var (
	bgpIPMalformed = finding.Declare(finding.Check{
		ID: "bgp-ip-malformed", Severity: finding.Error, Part: finding.Addresses,
		Title:   "The BGP address is not an IPv4 address.",
		Why:     "The service refuses the call.",
		Hint:    "write it like 169.254.11.1",
		APICode: "InvalidLocalBgpIp.Malformed",
		Ref:     refAPI,
	})
	healthIPMalformed = finding.Declare(finding.Check{
		ID: "health-ip-malformed", Severity: finding.Error, Part: finding.Addresses,
		Title: "The address of the health check is not an IPv4 address.",
		Why:   "A health check that can’t reach its target reports the tunnel as down, and with it the routes may go.",
		Hint:  "write it like 192.168.1.1",
		Ref:   refAPI,
	})
)

// address judges LocalBgpIp, dip or sip by itself.
func (j *judge) address(at location, text string) bool {
	if addr, err := netip.ParseAddr(text); err == nil && addr.Is4() {
		return true
	}
	check := bgpIPMalformed
	if at.section == SectionHealth {
		check = healthIPMalformed
	}
	j.report(check, at, at.path()+" is "+at.parameter().Quote(text)+", which is not an IPv4 address")
	return false
}
