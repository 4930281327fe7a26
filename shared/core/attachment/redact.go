package attachment

import (
	"slices"
	"strconv"
	"strings"

	"vpnattach/shared/core/finding"
)

// Quote returns a value as findings tell it: in quotes where it could be one of the
// parameter, else by its length.
func (p *Parameter) Quote(text string) string { return finding.Quote(text, p.couldBe(text)) }

// number is Quote for decimal digits, which need no quotes.
func (p *Parameter) number(digits string) string {
	if p.couldBe(digits) {
		return digits
	}
	return "a number of " + strconv.Itoa(len(digits)) + " digits"
}

// couldBe reports whether a text looks like a value of the parameter, if a wrong one.
// Free text never does: anything could be that, a key too.
func (p *Parameter) couldBe(text string) bool {
	prefix, rest, hyphen := strings.Cut(text, "-")
	switch {
	case p.Kind == IP || p.Kind == CIDR || p.Kind == Subnets:
		return looksLikeAddress(text)
	case p.Kind == Int || p.Kind == ASN:
		return len(text) <= len("-")+len(strconv.FormatInt(p.Max, 10))+1
	case p.Kind == Bool:
		return p.meant(text) != ""
	case len(p.Enum) > 0:
		return NearestOf(text, p.Enum) != "" || p.meant(text) != ""
	case p.Name == connectionFields[RegionID].Name:
		return looksLikeRegion(text)
	case p.isID():
		return hyphen && slices.Contains(resources, strings.ToLower(prefix)) && !strings.ContainsFunc(rest, notInID)
	}
	return false
}

// resources are the prefixes of IDs that stand where another one belongs.
var resources = []string{"vco", "vpn", "vgw", "tun", "cgw", "tr", "cen", "vbr", "vpc"}

func (p *Parameter) isID() bool {
	prefix, _, _ := strings.Cut(p.Example, "-")
	return slices.Contains(resources, prefix)
}

func notInID(r rune) bool {
	return r > 'z' || !isLower(byte(r)) && !isDigit(byte(r)) && r != '*' && r != '-'
}

// looksLikeAddress reports whether a text is made of the digits, dots, colons and
// slashes of addresses: no run of digits is longer than one of theirs.
func looksLikeAddress(text string) bool {
	const longest = 43 // an IPv6 address with a prefix length
	for run := range strings.FieldsFuncSeq(text, func(r rune) bool { return strings.ContainsRune(".:/; \t\r\n", r) }) {
		if len(run) > 4 || strings.Trim(strings.ToLower(run), "0123456789abcdef") != "" {
			return false
		}
	}
	return len(text) <= longest
}

// looksLikeRegion reports whether a text has the form of a region ID, also with
// letters or separators that no region ID has: two letters, then words, then a number.
func looksLikeRegion(text string) bool {
	words := strings.FieldsFunc(strings.ToLower(text), func(r rune) bool { return strings.ContainsRune("-_ ", r) })
	if len(words) < 2 || len(words) > 4 || len(words[0]) != 2 {
		return false
	}
	for _, word := range words {
		if len(word) > 12 || strings.Trim(word, "abcdefghijklmnopqrstuvwxyz") != "" && len(word) > 2 {
			return false
		}
	}
	return true
}
