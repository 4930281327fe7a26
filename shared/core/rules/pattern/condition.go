package pattern

import (
	"net/netip"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/tidwall/gjson"
)

// operator is the kind of one condition.
type operator uint8

const (
	equalText operator = iota
	equalNumber
	equalLiteral // true, false, null
	exists
	hasPrefix
	hasSuffix
	foldEqual
	foldPrefix
	foldSuffix
	wildcard
	inRange
	inNetwork
	anythingBut
)

// condition is one condition on one plain value.
type condition struct {
	op       operator
	text     string // operand, or the number or literal as spelled
	number   float64
	byText   bool // the number has more digits than a double holds
	low      float64
	high     float64
	openLow  bool // the bound itself is outside
	openHigh bool
	network  netip.Prefix
	parts    []string    // wildcard: the texts between the asterisks
	not      []condition // anything-but: what must not hold
}

// holds reports whether the plain value v fulfils the condition.
func (c *condition) holds(v gjson.Result) bool {
	switch c.op {
	case exists:
		return true
	case anythingBut:
		for i := range c.not {
			if c.not[i].holds(v) {
				return false
			}
		}
		return true
	case equalLiteral:
		return v.Type != gjson.String && v.Type != gjson.Number && v.Raw == c.text
	case equalNumber:
		if v.Type != gjson.Number {
			return false
		}
		if c.byText || significantDigits(v.Raw) > doubleDigits {
			return v.Raw == c.text
		}
		return v.Num == c.number
	case inRange:
		return v.Type == gjson.Number &&
			(v.Num > c.low || !c.openLow && v.Num == c.low) &&
			(v.Num < c.high || !c.openHigh && v.Num == c.high)
	}
	if v.Type != gjson.String {
		return false
	}
	switch c.op {
	case equalText:
		return v.Str == c.text
	case hasPrefix:
		return strings.HasPrefix(v.Str, c.text)
	case hasSuffix:
		return strings.HasSuffix(v.Str, c.text)
	case foldEqual:
		return strings.EqualFold(v.Str, c.text)
	case foldPrefix:
		return hasFoldPrefix(v.Str, c.text)
	case foldSuffix:
		return hasFoldSuffix(v.Str, c.text)
	case wildcard:
		return matchParts(v.Str, c.parts)
	case inNetwork:
		address, ok := parseAddress(v.Str)
		return ok && c.network.Contains(address)
	}
	return false
}

// matchParts reports whether s is the parts in order with anything between them.
func matchParts(s string, parts []string) bool {
	first, last := parts[0], parts[len(parts)-1]
	if len(parts) == 1 {
		return s == first
	}
	if len(s) < len(first)+len(last) || !strings.HasPrefix(s, first) || !strings.HasSuffix(s, last) {
		return false
	}
	s = s[len(first) : len(s)-len(last)]
	for _, part := range parts[1 : len(parts)-1] {
		i := strings.Index(s, part)
		if i < 0 {
			return false
		}
		s = s[i+len(part):]
	}
	return true
}

func hasFoldPrefix(s, prefix string) bool {
	for _, want := range prefix {
		got, size := utf8.DecodeRuneInString(s)
		if size == 0 || !sameFold(got, want) {
			return false
		}
		s = s[size:]
	}
	return true
}

func hasFoldSuffix(s, suffix string) bool {
	for len(suffix) > 0 {
		want, wantSize := utf8.DecodeLastRuneInString(suffix)
		got, gotSize := utf8.DecodeLastRuneInString(s)
		if gotSize == 0 || !sameFold(got, want) {
			return false
		}
		s, suffix = s[:len(s)-gotSize], suffix[:len(suffix)-wantSize]
	}
	return true
}

func sameFold(a, b rune) bool {
	if a == b {
		return true
	}
	for r := unicode.SimpleFold(a); r != a; r = unicode.SimpleFold(r) {
		if r == b {
			return true
		}
	}
	return false
}

// parseAddress reads an IPv4 or IPv6 address without a zone. What can't be one is
// refused before netip makes an error of it.
func parseAddress(s string) (netip.Addr, bool) {
	if len(s) < len("::") || len(s) > len("ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.255") {
		return netip.Addr{}, false
	}
	for i := range len(s) {
		c := s[i]
		if (c < '0' || c > '9') && (c|0x20 < 'a' || c|0x20 > 'f') && c != '.' && c != ':' {
			return netip.Addr{}, false
		}
	}
	address, err := netip.ParseAddr(s)
	return address.Unmap(), err == nil
}

// doubleDigits is how many decimal digits a double holds for certain.
const doubleDigits = 15

// significantDigits counts the digits of a JSON number, leading and trailing zeros
// and the exponent left out.
func significantDigits(number string) int {
	count, zeros := 0, 0
	for i := range len(number) {
		switch c := number[i]; {
		case c == 'e' || c == 'E':
			return count
		case c == '0' && count > 0:
			zeros++
		case c >= '1' && c <= '9':
			count += zeros + 1
			zeros = 0
		}
	}
	return count
}
