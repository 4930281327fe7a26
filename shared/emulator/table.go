package emulator

import (
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// group is one configuration object: the text of each member by its name.
type group map[string]string

// field is one member of a configuration object.
type field struct {
	name     string
	fallback string // the documented default; empty when the server works it out
	accepts  func(string) bool
	code     string // the error code of a refused value, without which IllegalParam.<name>
}

var (
	encryption     = oneOf("aes", "aes192", "aes256", "des", "3des")
	authentication = oneOf("md5", "sha1", "sha256", "sha384", "sha512")
	boolean        = oneOf("true", "false")
)

// The documented defaults of the phase 1 and 2 objects differ between a
// single-tunnel connection and a tunnel of a dual-tunnel one.
var (
	ikeFields         = ikeTable("ikev1", "md5")
	tunnelIkeFields   = ikeTable("ikev2", "sha1")
	ipsecFields       = ipsecTable("md5")
	tunnelIpsecFields = ipsecTable("sha1")
	tunnelBgpFields   = []field{
		{"LocalAsn", "45104", isASN, ""},
		{"TunnelCidr", "", anything, ""}, // checked by checkBGP
		{"LocalBgpIp", "", anything, ""},
	}
	bgpFields    = append([]field{{"EnableBgp", "false", boolean, "IllegalParam.BgpConfig"}}, tunnelBgpFields...)
	healthFields = []field{
		{"enable", "false", boolean, "IllegalParam.HealthCheckConfig"},
		{"dip", "", isIPv4, "IllegalParam.HealthCheckConfig"},
		{"sip", "", isIPv4, "IllegalParam.HealthCheckConfig"},
		{"interval", "3", between(1, 1<<31-1), "IllegalParam.HealthCheckConfig"},
		{"retry", "3", between(1, 1<<31-1), "IllegalParam.HealthCheckConfig"},
		{"Policy", "revoke_route", oneOf("revoke_route", "reserve_route"), "IllegalParam.HealthCheckConfig"},
	}
)

func ikeTable(version, auth string) []field {
	return []field{
		{"Psk", "", isKey, ""},
		{"IkeVersion", version, oneOf("ikev1", "ikev2"), ""},
		{"IkeMode", "main", oneOf("main", "aggressive"), ""},
		{"IkeEncAlg", "aes", encryption, ""},
		{"IkeAuthAlg", auth, authentication, ""},
		{"IkePfs", "group2", oneOf("group1", "group2", "group5", "group14"), ""},
		{"IkeLifetime", "86400", between(0, 86400), ""},
		{"LocalId", "", isIdentity, ""},
		{"RemoteId", "", isIdentity, ""},
	}
}

func ipsecTable(auth string) []field {
	return []field{
		{"IpsecEncAlg", "aes", encryption, ""},
		{"IpsecAuthAlg", auth, authentication, "NotSupportVpnConnectionParameter.IpsecAuthAlg"},
		{"IpsecPfs", "group2", oneOf("disabled", "group1", "group2", "group5", "group14"), "NotSupportVpnConnectionParameter.IpsecPfs"},
		{"IpsecLifetime", "86400", between(0, 86400), ""},
	}
}

// fill makes a whole object of the members that came. What is left out stays as it
// was before if partial keeps it; otherwise, and when it is given as empty text, it
// gets its default. An empty key counts as left out. Unknown members are dropped.
func fill(table []field, given map[string]string, before group, partial Partial) (group, *apiError) {
	filled := group{}
	for _, f := range table {
		value, there := given[f.name]
		if leftOut := !there || f.name == "Psk" && value == ""; leftOut && before != nil && partial.keeps(f.name) {
			filled[f.name] = before[f.name]
			continue
		}
		if value == "" {
			filled[f.name] = f.fallback
			continue
		}
		if !f.accepts(value) {
			if f.code != "" {
				return nil, refuse(f.code)
			}
			return nil, illegal(f.name, "")
		}
		filled[f.name] = value
	}
	if text, there := filled["LocalAsn"]; there {
		asn, _ := parseASN(text)
		filled["LocalAsn"] = strconv.FormatInt(asn, 10)
	}
	return filled, nil
}

func oneOf(values ...string) func(string) bool {
	return func(s string) bool { return slices.Contains(values, s) }
}

func between(low, high int64) func(string) bool {
	return func(s string) bool {
		n, err := strconv.ParseInt(s, 10, 64)
		return err == nil && low <= n && n <= high
	}
}

func anything(string) bool { return true }

func isIPv4(s string) bool {
	addr, err := netip.ParseAddr(s)
	return err == nil && addr.Is4()
}

// isKey takes the characters of the API page and of the newer documentation:
// they disagree about ' " and \.
func isKey(s string) bool {
	for i := range len(s) {
		if s[i] <= ' ' || s[i] > '~' {
			return false
		}
	}
	return 1 <= len(s) && len(s) <= 100
}

func isIdentity(s string) bool {
	return utf8.RuneCountInString(s) <= 100 && !strings.ContainsRune(s, ' ')
}

func isName(s string) bool {
	n := utf8.RuneCountInString(s)
	return 1 <= n && n <= 100 && !strings.HasPrefix(s, "http://") && !strings.HasPrefix(s, "https://")
}

func isASN(s string) bool {
	_, ok := parseASN(s)
	return ok
}

// parseASN reads 8061384 or 123.456, which are the same number.
func parseASN(s string) (int64, bool) {
	high, low, segments := strings.Cut(s, ".")
	if !segments {
		n, err := strconv.ParseUint(s, 10, 32)
		return int64(n), err == nil && n > 0
	}
	h, err1 := strconv.ParseUint(high, 10, 16)
	l, err2 := strconv.ParseUint(low, 10, 16)
	n := int64(h)<<16 | int64(l)
	return n, err1 == nil && err2 == nil && n > 0
}

// parseSubnets reads a list of IPv4 CIDR blocks and puts it in order.
func parseSubnets(s string) (string, bool) {
	blocks := strings.Split(s, ",")
	for _, block := range blocks {
		if p, err := netip.ParsePrefix(block); err != nil || !p.Addr().Is4() {
			return "", false
		}
	}
	slices.Sort(blocks)
	return strings.Join(blocks, ","), true
}

var reservedTunnels = []string{
	"169.254.0.0/30", "169.254.1.0/30", "169.254.2.0/30", "169.254.3.0/30", "169.254.4.0/30",
	"169.254.5.0/30", "169.254.6.0/30", "169.254.169.252/30",
}

// checkBGP checks the BGP members of a connection or tunnel together.
func checkBGP(on bool, bgp group, peer *gateway) *apiError {
	block, ip := bgp["TunnelCidr"], bgp["LocalBgpIp"]
	var prefix netip.Prefix
	if block != "" {
		var err error
		if prefix, err = netip.ParsePrefix(block); err != nil {
			return refuse("InvalidTunnelCidr.Malformed")
		}
		linkLocal := netip.PrefixFrom(netip.AddrFrom4([4]byte{169, 254}), 16)
		if prefix.Bits() != 30 || !linkLocal.Contains(prefix.Addr()) || prefix != prefix.Masked() || slices.Contains(reservedTunnels, block) {
			return refuse("IllegalParam.TunnelCidr")
		}
	}
	if ip != "" {
		addr, err := netip.ParseAddr(ip)
		if err != nil {
			return refuse("InvalidLocalBgpIp.Malformed")
		}
		if !prefix.Contains(addr) {
			return refuse("IllegalParam.LocalBgpIp")
		}
	}
	switch {
	case !on:
		return nil
	case block == "":
		return refuse("MissingParameter.TunnelCidr")
	case ip == "":
		return refuse("IllegalParam.LocalBgpIp")
	case peer == nil || peer.ASN == 0:
		return refuse("MissingParam.CustomerGatewayAsn")
	}
	return nil
}

// peerBGP is the other host address of the tunnel's /30; empty when unknown.
func peerBGP(bgp group) string {
	prefix, err1 := netip.ParsePrefix(bgp["TunnelCidr"])
	local, err2 := netip.ParseAddr(bgp["LocalBgpIp"])
	if err1 != nil || err2 != nil {
		return ""
	}
	first := prefix.Addr().Next()
	if local == first {
		return first.Next().String()
	}
	return first.String()
}
