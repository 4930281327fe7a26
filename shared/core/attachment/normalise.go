package attachment

import (
	"net/netip"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/tidwall/gjson"
)

// normalise returns the value's text, and in words what was changed beyond its
// JSON type, if anything.
func (p *Parameter) normalise(value given) (text, normalised string, ok bool) {
	switch p.Kind {
	case Bool:
		if value.raw == "true" || value.raw == "false" {
			return value.raw, "", true
		}
		if text, ok = boolean(value.text); ok {
			return text, p.as("a boolean", text == value.text), true
		}
	case Int, ASN:
		if isDecimal(value.raw) {
			return value.raw, "", true
		}
		written := value.raw
		if value.isString() {
			written = strings.TrimSpace(value.text)
		}
		if isDecimal(written) {
			return written, p.as("a number", written == value.text), true
		}
		// Only text can be an ASN in two segments: as numbers 1.10 and 1.1 are one, and
		// 65010.0 is what some programs make of 65010.
		if p.Kind == ASN {
			if asn, ok := dottedASN(written); ok && value.isString() {
				return asn, "the ASN " + asn, true
			}
			return "", "", false
		}
		if text, ok = wholeNumber(written); ok {
			return text, "a whole number", true
		}
	case Subnets:
		return subnetText(value)
	default:
		return value.text, "", value.isString()
	}
	return "", "", false
}

// as names what a text has been read as, unless it is written in the documented form.
func (p *Parameter) as(what string, exact bool) string {
	if p.Quoted && exact {
		return ""
	}
	return what
}

// refusesEmpty reports whether empty text can't be a value, and no range of lengths
// says so.
func (p *Parameter) refusesEmpty() bool { return p.Kind != Text || len(p.Enum) > 0 }

// boolean reads a boolean given as text, in the spelling of JSON or of Python.
func boolean(s string) (string, bool) {
	switch s = strings.TrimSpace(s); s {
	case "true", "True":
		return "true", true
	case "false", "False":
		return "false", true
	}
	return "", false
}

// subnetText makes the API's comma-separated text of a list: text, an array, or the
// JSON text of one. White space around items is dropped. Items that white space or
// semicolons separate get commas where each is a CIDR block of its own. Else they stay
// as they are, which is an error: joined, they could be another block.
func subnetText(value given) (text, normalised string, ok bool) {
	if value.isString() && value.text != "" && value.text[0] != '[' && isTight(value.text) {
		return value.text, "", true
	}
	list := gjson.Parse(value.raw)
	if inner := strings.TrimSpace(value.text); strings.HasPrefix(inner, "[") && gjson.Valid(inner) {
		list, normalised = gjson.Parse(inner), "a list"
	}
	if !list.IsArray() && !value.isString() {
		return "", "", false
	}
	items := make([]string, 0, 8)
	ok = true
	list.ForEach(func(_, item gjson.Result) bool { // of text, the text itself
		switch ok = item.Type == gjson.String; {
		case !ok:
			return false
		case isTight(item.Str):
			items = append(items, item.Str)
			return true
		}
		for one := range strings.SplitSeq(item.Str, ",") {
			parts := strings.FieldsFunc(one, separatesItems)
			if len(parts) < 2 || !allBlocks(parts) {
				parts = []string{strings.TrimSpace(one)}
			} else {
				normalised = "a list separated by commas"
			}
			items = append(items, parts...)
		}
		return true
	})
	if !ok {
		return "", "", false
	}
	text = strings.Join(items, ",")
	if normalised == "" && !list.IsArray() && text != value.text {
		normalised = "a list without blanks"
	}
	return text, normalised, true
}

// notText returns the first item of a list of blocks that is not text, with its number.
func (p *Parameter) notText(value given) (item given, ok bool) {
	list := gjson.Parse(value.raw)
	if p.Kind != Subnets || !list.IsArray() {
		return given{}, false
	}
	for i, v := range list.Array() {
		if v.Type != gjson.String {
			return given{v.Raw, strconv.Itoa(i + 1)}, true
		}
	}
	return given{}, false
}

func separatesItems(r rune) bool { return r == ';' || unicode.IsSpace(r) }

// isTight reports whether a list is written as the API has it: in ASCII, and with nothing
// but commas between its items.
func isTight(list string) bool {
	for i := range len(list) {
		if c := list[i]; c <= ' ' || c == ';' || c >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

func allBlocks(items []string) bool {
	for _, item := range items {
		if _, err := netip.ParsePrefix(item); err != nil {
			return false
		}
	}
	return true
}

// wholeNumber reads a whole number that is written with a fraction of zeros or with an
// exponent, as programs do that count in floats: 3600.0, 3.6e3.
func wholeNumber(s string) (string, bool) {
	mantissa, exponent, shift := s, "", 0
	if i := strings.IndexAny(s, "eE"); i >= 0 {
		var err error
		mantissa, exponent = s[:i], s[i+1:]
		if shift, err = strconv.Atoi(exponent); err != nil || max(shift, -shift) > maxDigits {
			return "", false
		}
	}
	whole, fraction, hasFraction := strings.Cut(mantissa, ".")
	if !isDecimal(whole) || hasFraction && strings.Trim(fraction, "0123456789") != "" || hasFraction && fraction == "" {
		return "", false
	}
	sign := whole[:len(whole)-len(strings.TrimPrefix(whole, "-"))]
	digits := whole[len(sign):] + fraction
	if shift -= len(fraction); shift >= 0 {
		digits += strings.Repeat("0", shift)
	} else {
		keep := max(len(digits)+shift, 0)
		if strings.Trim(digits[keep:], "0") != "" {
			return "", false
		}
		digits = digits[:keep]
	}
	if digits = strings.TrimLeft(digits, "0"); digits == "" {
		digits, sign = "0", ""
	}
	return sign + digits, isDecimal(sign + digits)
}

const maxDigits = 19 // of a number

// isDecimal reports whether s is a decimal integer as the service writes it: no
// fraction, no exponent, no leading zero.
func isDecimal(s string) bool {
	digits := strings.TrimPrefix(s, "-")
	if digits == "" || len(digits) > maxDigits || digits[0] == '0' && s != "0" {
		return false
	}
	for i := range len(digits) {
		if digits[i] < '0' || digits[i] > '9' {
			return false
		}
	}
	return true
}

// dottedASN reads an ASN in two segments of 16 bits each: 123.456 is 8061384.
func dottedASN(s string) (string, bool) {
	high, low, ok := strings.Cut(s, ".")
	if !ok {
		return "", false
	}
	h, err1 := strconv.ParseUint(high, 10, 16)
	l, err2 := strconv.ParseUint(low, 10, 16)
	if err1 != nil || err2 != nil {
		return "", false
	}
	return strconv.FormatUint(h<<16|l, 10), true
}
