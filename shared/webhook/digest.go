package webhook

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"hash"
	"net/http"
	"strings"
	"time"

	"vpnattach/shared/core/event"
)

// digest is an HMAC of the body in a header.
type digest struct {
	header    string
	hash      string // of hashes; empty: sha256
	base64    bool   // else hexadecimal digits
	prefix    string // of the header's value
	timestamp string // the header with a time that is signed with the body; empty: none
	content   string // what is signed, with {timestamp} and {body}; empty: the body, or the time, a dot and the body
}

var hashes = map[string]func() hash.Hash{"": sha256.New, "sha256": sha256.New, "sha512": sha512.New}

func (digest) keys(pasted string) ([]key, *Problem) { return rawKeys(pasted) }

func (d digest) asks() string {
	form := "hexadecimal digits"
	if d.base64 {
		form = "base64"
	}
	says := "Send " + d.header + " with " + d.prefix + "the HMAC of the body"
	if d.timestamp != "" {
		says = "Send " + d.timestamp + " with a time at most five minutes from now, and " + d.header + " with " + d.prefix + "the HMAC of both"
	}
	return says + " in " + form + ", made with a secret known here."
}

func (d digest) check(keys []key, header http.Header, body []byte) (claims, error) {
	value := header.Get(d.header)
	if value == "" {
		return claims{}, errors.New(d.header + " is missing")
	}
	value, ok := strings.CutPrefix(value, d.prefix)
	if !ok {
		return claims{}, errors.New(d.header + " does not begin with " + d.prefix)
	}
	mac, err := d.decode(value)
	if err != nil {
		return claims{}, errors.New(d.header + " can't be read")
	}
	var c claims
	text := ""
	if d.timestamp != "" {
		text = header.Get(d.timestamp)
		if c.at, err = event.ParseTime(text); err != nil {
			return claims{}, errors.New(d.timestamp + " is missing or can't be read")
		}
	}
	before, _ := strings.CutSuffix(d.signs(), bodyMark)
	before = strings.ReplaceAll(before, timeMark, text)
	if !anyKey(keys, func(k []byte) bool {
		h := hmac.New(hashes[d.hash], k)
		h.Write([]byte(before))
		h.Write(body)
		return hmac.Equal(mac, h.Sum(nil))
	}) {
		return claims{}, errNoneFits
	}
	return c, nil
}

func (d digest) decode(s string) ([]byte, error) {
	if d.base64 {
		return base64.RawStdEncoding.DecodeString(toStandard(s))
	}
	return hex.DecodeString(s)
}

// Marks in [digest.content].
const (
	bodyMark = "{body}"
	timeMark = "{timestamp}"
)

// signs is the content that is signed.
func (d digest) signs() string {
	switch {
	case d.content != "":
		return d.content
	case d.timestamp != "":
		return timeMark + "." + bodyMark
	}
	return bodyMark
}

// problem returns what is wrong with the settings.
func (d digest) problem() *Problem {
	signs := d.signs()
	before, ends := strings.CutSuffix(signs, bodyMark)
	_, between, timed := strings.Cut(before, timeMark)
	switch {
	case d.header == "":
		return &Problem{Text: "has no header", Remedy: `name the header with the signature, such as "header": "X-Signature"`}
	case !isHeader(d.header) || d.timestamp != "" && !isHeader(d.timestamp):
		return &Problem{Text: "names a header that no header can have", Remedy: "write the name alone, such as X-Signature"}
	case hashes[d.hash] == nil:
		return &Problem{Text: "has an unknown hash", Remedy: "write sha256 or sha512"}
	case !ends || strings.Contains(before, bodyMark) || strings.Contains(between, timeMark):
		return &Problem{Text: "has a content that does not end with the one " + bodyMark, Remedy: "write what is signed, such as v0:" + timeMark + ":" + bodyMark}
	case timed != (d.timestamp != ""):
		return &Problem{Text: "has a content and a timestamp that don't fit each other", Remedy: "name the header with the time as timestamp, and have " + timeMark + " in the content"}
	case timed && (between == "" || '0' <= between[0] && between[0] <= '9'):
		// Else a digit could be moved from one to the other.
		return &Problem{Text: "has a content with nothing that tells the time from the body", Remedy: "put what is signed between them, such as a dot"}
	}
	return nil
}

func isHeader(name string) bool {
	return len(name) <= 64 && !strings.ContainsFunc(name, func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && !strings.ContainsRune("-_.", r)
	})
}

// window is how far from now a signed time may be.
const window = 5 * time.Minute
