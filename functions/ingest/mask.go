package ingest

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"io"
	"strings"
	"unicode"

	"github.com/tidwall/gjson"

	"vpnattach/shared/core/secret"
)

// What was refused is kept for a person to look at, so it must not hold keys. mask puts
// *** in the place of the values of members that are named like keys, such as Psk and
// preshared_key. It looks into texts within texts, base64 and gzip, as envelopes have
// them, and reads what is cut off or not JSON too: such an event is refused, and may hold
// a key all the same. All else stays byte for byte, so that the event can be tried again;
// a masked key is refused then, by its check.
func mask(text string) string { return maskWithin(text, maxNested) }

const (
	maxNested = 10      // texts within texts; more than an event may have envelopes
	maxZipped = 8 << 20 // bytes of what is unpacked
)

// keyNames are how the names of members end that hold keys, in lower-case letters.
var keyNames = []string{
	"psk", "psks", "pskey", "sharedkey", "sharedkeys", "sharekey", "sharedsecret", "password", "passwd", "passphrase", "privatekey", "secretkey", "secretstring",
	"secretbinary", "secretvalue", "accesskeysecret", "secretaccesskey", "securitytoken", "sessiontoken", "apikey", "authkey", "authorization",
}

// namesKey reports whether a member of that name holds a key.
func namesKey(name string) bool {
	var letters strings.Builder
	for _, r := range strings.ToLower(name) {
		if 'a' <= r && r <= 'z' {
			letters.WriteRune(r)
		}
	}
	plain := letters.String()
	switch plain {
	case "secret", "pks", "spk": // two of them are misspelled, and so refused
		return true
	}
	for _, end := range keyNames {
		if strings.HasSuffix(plain, end) {
			return true
		}
	}
	return false
}

func maskWithin(text string, depth int) string {
	if depth == 0 {
		return secret.Redacted
	}
	m := masker{text: text, depth: depth, valid: gjson.Valid(text)}
	for m.at < len(text) {
		m.token(false)
	}
	return m.out.String()
}

// masker copies a text token by token.
type masker struct {
	text  string
	at    int
	depth int
	valid bool // it is JSON
	out   strings.Builder
}

// token copies what is next: a name with what it names, a text, or one character. all
// says that it belongs to a key.
func (m *masker) token(all bool) {
	start := m.at
	inner, quoted := m.read()
	if m.at == start {
		m.out.WriteByte(m.text[start])
		m.at++
		return
	}
	written := m.text[start:m.at]
	after := skipBlanks(m.text, m.at)
	if !quoted { // quotes of another kind may end a name
		after += len(m.text[after:]) - len(strings.TrimLeft(m.text[after:], "'\"`”’“‘ \t"))
	}
	if colon := after; colon < len(m.text) && (m.text[colon] == ':' || m.text[colon] == '=') {
		value := skipBlanks(m.text, colon+1)
		m.out.WriteString(m.text[start:value])
		m.at = value
		// In an ARN, "secret:" says what comes next.
		if namesKey(inner) && (quoted || value > colon+1 || inner != "secret") {
			m.value()
		}
		return
	}
	switch {
	case all:
		m.redact(written, inner, quoted)
	case quoted:
		m.out.WriteString(m.nested(written, inner))
	default:
		m.out.WriteString(written)
	}
}

// read passes over a text in quotes, or a word, and returns what it says.
func (m *masker) read() (inner string, quoted bool) {
	rest := m.text[m.at:]
	if rest[0] == '"' || rest[0] == '\'' {
		end := 1
		for end < len(rest) && rest[end] != rest[0] {
			if rest[end] == '\\' {
				end++
			}
			end++
		}
		end = min(end, len(rest)) // it may be cut off
		inner = rest[1:end]
		m.at += min(end+1, len(rest))
		if strings.IndexByte(inner, '\\') >= 0 {
			inner = unescape(inner)
		}
		return inner, true
	}
	end := strings.IndexFunc(rest, notInWord)
	if end < 0 {
		end = len(rest)
	}
	m.at += end
	return rest[:end], false
}

func notInWord(r rune) bool {
	return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !strings.ContainsRune("_.-$+*", r)
}

// unescape returns what the inside of a JSON string says; what is cut off within an
// escape is read up to it.
func unescape(inner string) string {
	for range 6 {
		if text := `"` + inner + `"`; gjson.Valid(text) {
			return gjson.Parse(text).Str
		}
		i := strings.LastIndexByte(inner, '\\')
		if i < 0 || len(inner)-i > 6 {
			break
		}
		inner = inner[:i]
	}
	return strings.ReplaceAll(inner, `\`, "")
}

func skipBlanks(text string, at int) int {
	for at < len(text) && strings.IndexByte(" \t\r\n", text[at]) >= 0 {
		at++
	}
	return at
}

// value masks what a key's name stands before.
func (m *masker) value() {
	if m.at == len(m.text) {
		return
	}
	switch start := m.at; m.text[start] {
	case '{', '[':
		m.within()
	case '"', '\'':
		inner, _ := m.read()
		m.redact(m.text[start:m.at], inner, true)
	default:
		// JSON has a number or a word here. Anything else may go on to the end of the line,
		// and a block of YAML further.
		ends := ",}] \t\r\n"
		if !m.valid {
			ends = "\r\n"
		}
		end := len(m.text)
		if i := strings.IndexAny(m.text[start:], ends); i >= 0 && (m.valid || m.text[start] != '|' && m.text[start] != '>') {
			end = start + i
		}
		m.at = end
		m.redact(m.text[start:end], m.text[start:end], false)
	}
}

// within masks all texts and numbers of an object or an array.
func (m *masker) within() {
	for open := 0; m.at < len(m.text); {
		switch m.text[m.at] {
		case '{', '[':
			open++
		case '}', ']':
			open--
		}
		m.token(true)
		if open == 0 {
			return
		}
	}
}

// redact writes *** in the place of a value. What can't be a key stays: nothing, true,
// false and null.
func (m *masker) redact(written, inner string, quoted bool) {
	switch {
	case inner == "" || !quoted && (inner == "true" || inner == "false" || inner == "null"):
		m.out.WriteString(written)
	case quoted && written[0] == '\'':
		m.out.WriteString("'" + secret.Redacted + "'")
	default:
		m.out.WriteString(`"` + secret.Redacted + `"`)
	}
}

// nested is a text in quotes with what is masked in it.
func (m *masker) nested(written, inner string) string {
	masked := maskWithin(inner, m.depth-1)
	if masked == inner {
		masked = maskEncoded(inner, m.depth-1)
	}
	switch {
	case masked == inner:
		return written
	case written[0] == '\'':
		return "'" + masked + "'"
	}
	return string(gjson.AppendJSONString(nil, masked))
}

// maskEncoded masks within base64, and within gzip in that.
func maskEncoded(text string, depth int) string {
	const shortest = 16 // {"Psk":"…"} in base64
	if len(text) < shortest || len(text)%4 != 0 {
		return text
	}
	data, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		return text
	}
	unzipped, zipped := unzip(data)
	inner := string(unzipped)
	masked := maskWithin(inner, depth)
	if masked == inner {
		return text
	}
	data = []byte(masked)
	if zipped {
		var packed bytes.Buffer
		w := gzip.NewWriter(&packed)
		_, _ = w.Write(data) // to memory
		_ = w.Close()
		data = packed.Bytes()
	}
	return base64.StdEncoding.EncodeToString(data)
}

// unzip unpacks gzip, as far as it goes.
func unzip(data []byte) (_ []byte, zipped bool) {
	r, err := gzip.NewReader(bytes.NewReader(data))
	if err != nil {
		return data, false
	}
	unzipped, _ := io.ReadAll(io.LimitReader(r, maxZipped))
	return unzipped, true
}
