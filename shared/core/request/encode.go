package request

import (
	"bytes"

	"github.com/tidwall/gjson"
)

const upperHex = "0123456789ABCDEF"

// unreserved are the characters that stay as they are in a signed query (RFC 3986,
// section 2.3). legible keeps the asterisk too, for *** in what is only displayed.
var (
	unreserved = characters("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.~")
	legible    = characters("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.~*")
)

func characters(s string) *[256]bool {
	set := new([256]bool)
	for i := range len(s) {
		set[s[i]] = true
	}
	return set
}

// appendEscaped appends s percent-encoded: every byte that is not in keep.
func appendEscaped[T string | []byte](dst []byte, s T, keep *[256]bool) []byte {
	kept := 0
	for i := range len(s) {
		if c := s[i]; !keep[c] {
			dst = append(append(dst, s[kept:i]...), '%', upperHex[c>>4], upperHex[c&15])
			kept = i + 1
		}
	}
	return append(dst, s[kept:]...)
}

// appendForm appends a percent-encoded query as a form has it, and as the official
// clients send it: a plus sign for a space.
func appendForm(dst, query []byte) []byte {
	const space = "%20"
	for {
		i := bytes.Index(query, []byte(space))
		if i < 0 {
			return append(dst, query...)
		}
		dst = append(append(dst, query[:i]...), '+')
		query = query[i+len(space):]
	}
}

// appendJSONString appends s as a JSON string in which only what must be escaped
// is. HTML's characters are not: they are frequent in pre-shared keys, and other
// clients send them as they are.
func appendJSONString(dst []byte, s string) []byte {
	dst = append(dst, '"')
	kept := 0
	for i := range len(s) {
		c := s[i]
		if c >= ' ' && c != '"' && c != '\\' {
			continue
		}
		dst = append(dst, s[kept:i]...)
		kept = i + 1
		switch {
		case c >= ' ':
			dst = append(dst, '\\', c)
		case c >= '\b' && c <= '\r' && c != '\v':
			dst = append(dst, '\\', "btn?fr"[c-'\b'])
		default:
			dst = append(dst, '\\', 'u', '0', '0', '0'+c>>4, "0123456789abcdef"[c&15])
		}
	}
	dst = append(dst, s[kept:]...)
	return append(dst, '"')
}

// plain are the characters that stay as they are in any JSON string.
var plain = characters(" !#$%'()*+,-./0123456789:;=?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[]^_`abcdefghijklmnopqrstuvwxyz{|}~")

// appendText is gjson.AppendJSONString, but faster for what requests are made of:
// ASCII in which few characters are escaped.
func appendText(dst []byte, s string) []byte {
	start, kept := len(dst), 0
	dst = append(dst, '"')
	for i := range len(s) {
		c := s[i]
		if plain[c] {
			continue
		}
		dst = append(dst, s[kept:i]...)
		kept = i + 1
		switch c {
		case '"', '\\':
			dst = append(dst, '\\', c)
		case '\n':
			dst = append(dst, '\\', 'n')
		case '&':
			dst = append(dst, `\u0026`...)
		default:
			return gjson.AppendJSONString(dst[:start], s)
		}
	}
	dst = append(dst, s[kept:]...)
	return append(dst, '"')
}

// isLiteral reports whether s can stand in JSON without quotes: true, false or a
// decimal integer.
func isLiteral(s string) bool {
	if s == "true" || s == "false" {
		return true
	}
	if s != "" && s[0] == '-' {
		s = s[1:]
	}
	if s == "" || s[0] == '0' && len(s) > 1 {
		return false
	}
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return true
}
