package secret

import (
	"encoding/base64"
	"encoding/hex"
	"strings"
	"unicode"

	"github.com/tidwall/gjson"
)

const (
	longestText = 400 // bytes
	// guessable is the length below which a secret may be part of a code by chance.
	guessable = 8
)

// List holds the secrets of a request. It keeps texts from outside that could hold one
// of them from being shown.
type List []Secret

// SafeText returns a text from outside if it can be shown, cut to 400 bytes, else "".
// A service answers a wrong signature with the whole text that was signed, and a
// transport quotes answers that it can't read, so that a secret may come back in any
// encoding, or cut short: what holds characters that only encodings, queries and
// JSON have is not shown.
func (l List) SafeText(text string) string {
	if strings.ContainsAny(text, `%&=\{`) || l.in(text, 1) || l.encodedIn(text) {
		return ""
	}
	text = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, text)
	if len(text) > longestText {
		text = strings.ToValidUTF8(text[:longestText], "") + "…"
	}
	return strings.TrimSpace(text)
}

// SafeID returns a code or an id from outside if it looks like one and has at most
// longest bytes, else "".
func (l List) SafeID(text string, longest int) string {
	otherRune := func(r rune) bool {
		return (r < '0' || r > '9') && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && !strings.ContainsRune("._-", r)
	}
	if len(text) > longest || strings.ContainsFunc(text, otherRune) || l.in(text, guessable) {
		return ""
	}
	return text
}

// in reports whether text holds a secret of at least that length, in small letters or
// capitals, or a part of one that is long enough to be of use.
func (l List) in(text string, length int) bool {
	const part = 12
	text = strings.ToLower(text)
	for i := range l {
		value := strings.ToLower(l[i].Reveal())
		if value == "" || len(value) < length {
			continue
		}
		for start := 0; start == 0 || start+part <= len(value); start++ {
			if strings.Contains(text, value[start:min(start+part, len(value))]) {
				return true
			}
		}
	}
	return false
}

// encodedIn reports whether a word of the text is a secret in hexadecimal or base64, by
// itself or within a longer text such as JSON.
func (l List) encodedIn(text string) bool {
	text = strings.NewReplacer("\r", "", "\n", "").Replace(text) // encodings are broken into lines
	for run := range strings.FieldsFuncSeq(text, notInBytes) {
		digits := bytesApart.Replace(run)
		for skip := range min(2, len(digits)) { // a letter before them may be a digit
			rest := digits[skip:]
			if decoded, err := hex.DecodeString(rest[:len(rest)-len(rest)%2]); err == nil && l.decodedIn(string(decoded)) {
				return true
			}
		}
	}
	for word := range strings.FieldsFuncSeq(text, notEncoded) {
		for skip := range min(4, len(word)) { // an encoding may follow letters without a gap
			rest := word[skip:]
			if decoded, err := hex.DecodeString(rest[:hexLength(rest)]); err == nil && l.decodedIn(string(decoded)) {
				return true
			}
			rest = base64Alphabet.Replace(rest)
			if decoded, err := base64.RawStdEncoding.DecodeString(rest[:len(rest)-len(rest)%4]); err == nil && l.decodedIn(string(decoded)) {
				return true
			}
			if decoded, err := base64.RawStdEncoding.DecodeString(rest); err == nil && l.decodedIn(string(decoded)) {
				return true
			}
		}
	}
	return false
}

// decodedIn looks for the secrets as they are, and as JSON has them.
func (l List) decodedIn(text string) bool {
	if l.in(text, 1) {
		return true
	}
	for i := range l {
		quoted := string(gjson.AppendJSONString(nil, l[i].Reveal()))
		if len(quoted) > len(`""`) && strings.Contains(text, quoted[1:len(quoted)-1]) {
			return true
		}
	}
	return false
}

// bytesApart are what stands between bytes in hexadecimal, as some tools print them.
var bytesApart = strings.NewReplacer(" ", "", ":", "", "-", "", ",", "")

func notInBytes(r rune) bool { return !strings.ContainsRune("0123456789abcdefABCDEF :-,", r) }

var base64Alphabet = strings.NewReplacer("-", "+", "_", "/")

func notEncoded(r rune) bool {
	return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && !strings.ContainsRune("+/-_", r)
}

// hexLength is how long the hexadecimal digits at the beginning are, an even number.
func hexLength(s string) int {
	n := 0
	for n < len(s) && strings.IndexByte("0123456789abcdefABCDEF", s[n]) >= 0 {
		n++
	}
	return n - n%2
}
