package finding

import (
	"bytes"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Visible returns text with everything escaped that is not to be written as it stands
// to a terminal, a log or a page: control characters (C0, DEL and C1), the separators of
// lines and paragraphs, bidirectional controls, other characters without a shape, and
// bytes that are not UTF-8. An event could else move the cursor, colour what follows, or
// show a text in another order than it has. The escapes are those of Go:
// "\n", "\x1b", "\u202e"; a byte that is not UTF-8 is "\x9b".
func Visible(text string) string {
	if utf8.ValidString(text) && !strings.ContainsFunc(text, isInvisible) {
		return text
	}
	var dst []byte
	for rest := text; rest != ""; {
		r, size := utf8.DecodeRuneInString(rest)
		switch {
		case r == '\n':
			dst = append(dst, '\\', 'n')
		case r == '\t':
			dst = append(dst, '\\', 't')
		case r == '\r':
			dst = append(dst, '\\', 'r')
		case r == utf8.RuneError && size == 1, r < ' ', r == 0x7f:
			dst = append(dst, '\\', 'x', hexDigits[rest[0]>>4], hexDigits[rest[0]&15])
		case isInvisible(r):
			dst = appendEscape(dst, r)
		default:
			dst = append(dst, rest[:size]...)
		}
		rest = rest[size:]
	}
	return string(dst)
}

// VisibleJSON returns JSON text, or lines of it, in which such characters are escaped.
// The white space between its values stays; a byte that is not UTF-8 becomes U+FFFD, since
// JSON has no escape for it.
func VisibleJSON(data []byte) []byte {
	if utf8.Valid(data) && !bytes.ContainsFunc(data, isInvisibleInJSON) {
		return data
	}
	var dst []byte
	for rest := data; len(rest) > 0; {
		r, size := utf8.DecodeRune(rest)
		switch {
		case r == utf8.RuneError && size == 1:
			dst = append(dst, "\uFFFD"...)
		case isInvisibleInJSON(r):
			dst = appendEscape(dst, r)
		default:
			dst = append(dst, rest[:size]...)
		}
		rest = rest[size:]
	}
	return dst
}

// IsBidi reports whether a character changes the order in which others are shown.
func IsBidi(r rune) bool {
	return r == '\u061c' || r == '\u200e' || r == '\u200f' || r >= '\u202a' && r <= '\u202e' || r >= '\u2066' && r <= '\u2069'
}

func isInvisible(r rune) bool {
	return r < ' ' || r == 0x7f || r > 0x7f && r != utf8.RuneError && !unicode.IsPrint(r)
}

func isInvisibleInJSON(r rune) bool { return isInvisible(r) && r != '\n' && r != '\r' && r != '\t' }

const hexDigits = "0123456789abcdef"

// appendEscape appends \uXXXX, twice for a character beyond U+FFFF.
func appendEscape(dst []byte, r rune) []byte {
	if r > 0xffff {
		r -= 0x10000
		dst = appendEscape(dst, 0xd800+r>>10)
		r = 0xdc00 + r&0x3ff
	}
	return append(dst, '\\', 'u', hexDigits[r>>12&15], hexDigits[r>>8&15], hexDigits[r>>4&15], hexDigits[r&15])
}
