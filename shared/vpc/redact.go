package vpc

import (
	"strings"
	"unicode"

	"vpnattach/shared/core/attachment"
	"vpnattach/shared/core/request"
	"vpnattach/shared/core/secret"
)

const (
	maxCode      = 128
	maxRequestID = 64
	maxMessage   = 400
	// guessable is the length below which a secret may be part of a code by chance.
	guessable = 8
)

// secrets are what a request held and no text may show.
type secrets []secret.Secret

func secretsOf(keys request.Credentials, c *attachment.Change) secrets {
	s := secrets{keys.AccessKeySecret, keys.SecurityToken}
	if c == nil {
		return s
	}
	add := func(fields []attachment.Parameter, values []attachment.Value) {
		for f := range values {
			if fields[f].Secret && values[f].Present() {
				s = append(s, secret.New(values[f].Text()))
			}
		}
	}
	for section := range attachment.ConnectionSections {
		add(attachment.ConnectionSections[section].Fields, c.Section(section))
	}
	tunnels := c.Tunnels()
	for t := range tunnels {
		for section := range attachment.TunnelSections {
			add(attachment.TunnelSections[section].Fields, tunnels[t].Section(section))
		}
	}
	return s
}

// in reports whether text holds a secret of at least that length.
func (s secrets) in(text string, length int) bool {
	for i := range s {
		if value := s[i].Reveal(); value != "" && len(value) >= length && strings.Contains(text, value) {
			return true
		}
	}
	return false
}

// safeText returns a text from outside if it can be shown, else "". The service
// answers a wrong signature with the whole text that was signed, and a transport
// quotes answers that it can't read, so that a secret may come back in any
// encoding, or cut short: what holds characters that only encodings, queries and
// JSON have is not shown.
func (s secrets) safeText(text string) string {
	if strings.ContainsAny(text, `%&=\{`) || s.in(text, 1) {
		return ""
	}
	text = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, text)
	if len(text) > maxMessage {
		text = strings.ToValidUTF8(text[:maxMessage], "") + "…"
	}
	return strings.TrimSpace(text)
}

// safeID returns a code or an id from outside if it looks like one, else "".
func (s secrets) safeID(text string, longest int) string {
	otherRune := func(r rune) bool {
		return (r < '0' || r > '9') && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && !strings.ContainsRune("._-", r)
	}
	if len(text) > longest || strings.ContainsFunc(text, otherRune) || s.in(text, guessable) {
		return ""
	}
	return text
}
