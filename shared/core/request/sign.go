package request

import (
	"crypto/hmac"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"hash"
	"slices"
	"strings"

	"vpnattach/shared/core/secret"
)

const (
	algorithmV3 = "ACS3-HMAC-SHA256"
	timeFormat  = "2006-01-02T15:04:05Z"

	payloadHeader = "x-acs-content-sha256" // the hash of the body
)

// signV3 signs everything but the accept header.
func (b *Builder) signV3(r *Request, o *Options) {
	b.query = b.params.join(b.query[:0], inQuery)
	b.body = b.params.form(b.body[:0], inBody)
	out := appendDate(b.out[:0], o)
	n := len(out)
	out = appendPayload(out, b.body, o)
	stamp := string(out)
	date, payload := stamp[:n], stamp[n:]
	r.Headers = append(r.Headers,
		Header{"x-acs-date", date}, Header{"x-acs-signature-nonce", o.Nonce},
		Header{payloadHeader, payload}, Header{"accept", "application/json"})
	if token := o.Credentials.SecurityToken; !token.IsZero() {
		r.Headers = append(r.Headers, Header{"x-acs-accesskey-id", o.Credentials.AccessKeyID},
			Header{"x-acs-security-token", token.Reveal()})
	}
	b.signed = signedHeaders(b.signed[:0], r.Headers)

	out = appendCanonicalRequest(out[:0], r.Method, r.Path, b.query, b.signed, payload)
	canonical := len(out)
	out = appendForm(out, b.query)
	query := len(out)
	out = append(out, b.body...)
	body := len(out)
	if o.Redact {
		out = append(out, algorithmV3+"\n"+secret.Redacted...)
	} else {
		out = appendStringToSignV3(out, out[:canonical])
	}
	toSign := len(out)
	out = append(out, algorithmV3+" Credential="...)
	out = append(out, o.Credentials.AccessKeyID...)
	out = append(out, ",SignedHeaders="...)
	out = appendNames(out, b.signed)
	out = append(out, ",Signature="...)
	if o.Redact {
		out = append(out, secret.Redacted...)
	} else {
		out = b.v3.appendSignatureV3(out, o.Credentials.AccessKeySecret, out[body:toSign])
	}
	b.out = out

	text := string(out[canonical:]) // the one copy, which all these share
	r.Query, r.Body = text[:query-canonical], text[query-canonical:body-canonical]
	r.StringToSign = text[body-canonical : toSign-canonical]
	r.Headers = append(r.Headers, Header{"authorization", text[toSign-canonical:]})
}

// appendDate appends the time of the signature.
func appendDate(dst []byte, o *Options) []byte {
	if o.Time.IsZero() {
		return append(dst, secret.Redacted...)
	}
	return o.Time.UTC().AppendFormat(dst, timeFormat)
}

// appendPayload appends the hash of the body. Keys could be tried out against it,
// so it is not for display.
func appendPayload(dst, body []byte, o *Options) []byte {
	if o.Redact {
		return append(dst, secret.Redacted...)
	}
	sum := sha256.Sum256(body)
	return hex.AppendEncode(dst, sum[:])
}

// signV1 puts the signature and what belongs to it into the query.
func (b *Builder) signV1(r *Request, o *Options) {
	for _, p := range [...]struct{ name, value string }{
		{"Action", r.Action}, {"Format", "json"}, {"Version", APIVersion}, {"Timestamp", string(appendDate(nil, o))},
		{"SignatureNonce", o.Nonce}, {"SignatureMethod", "HMAC-SHA1"}, {"SignatureVersion", "1.0"},
		{"AccessKeyId", o.Credentials.AccessKeyID}, {"SecurityToken", o.Credentials.SecurityToken.Reveal()},
	} {
		if p.value != "" {
			b.params.insert(p.name, p.value)
		}
	}
	b.query = b.params.join(b.query[:0], inBoth)
	out := appendStringToSignV1(b.out[:0], r.Method, b.query, b.params.keep)
	toSign := len(out)
	signature := secret.Redacted
	if !o.Redact {
		out = b.v1.appendSignatureV1(out, o.Credentials.AccessKeySecret, out)
		signature = string(out[toSign:])
	}
	b.params.insert("Signature", signature)
	out = b.params.form(out[:toSign], inQuery)
	query := len(out)
	out = b.params.form(out, inBody)
	b.out = out

	text := string(out)
	r.StringToSign, r.Query, r.Body = text[:toSign], text[toSign:query], text[query:]
}

// mac is a keyed hash whose state is kept while the key stays the same.
type mac struct {
	state hash.Hash
	key   secret.Secret
	sum   [32]byte
}

// use returns the hash, ready for a message. The key is the secret and suffix.
func (m *mac) use(h func() hash.Hash, key secret.Secret, suffix string) hash.Hash {
	if m.state == nil || m.key.Reveal() != key.Reveal() {
		m.state, m.key = hmac.New(h, []byte(key.Reveal()+suffix)), key
	}
	m.state.Reset()
	return m.state
}

// appendSignatureV3 appends the signature of a string to sign: hexadecimal.
func (m *mac) appendSignatureV3(dst []byte, key secret.Secret, text []byte) []byte {
	state := m.use(sha256.New, key, "")
	state.Write(text)
	return hex.AppendEncode(dst, state.Sum(m.sum[:0]))
}

// appendSignatureV1 appends the signature of a string to sign: base64.
func (m *mac) appendSignatureV1(dst []byte, key secret.Secret, text []byte) []byte {
	state := m.use(sha1.New, key, "&")
	state.Write(text)
	return base64.StdEncoding.AppendEncode(dst, state.Sum(m.sum[:0]))
}

// appendStringToSignV3 appends the text that the V3 signature covers.
func appendStringToSignV3(dst, canonicalRequest []byte) []byte {
	sum := sha256.Sum256(canonicalRequest)
	dst = append(dst, algorithmV3+"\n"...)
	return hex.AppendEncode(dst, sum[:])
}

// appendStringToSignV1 appends the text that the V1 signature covers: the method
// and all parameters, of the query and of the body, encoded once more.
func appendStringToSignV1(dst []byte, method string, parameters []byte, keep *[256]bool) []byte {
	dst = append(dst, method...)
	dst = append(dst, "&%2F&"...)
	return appendEscaped(dst, parameters, keep)
}

// appendCanonicalRequest appends the canonical form of a request. The query is
// encoded and sorted; signed are the headers that are signed, as signedHeaders
// returns them; payload is the hash of the body.
func appendCanonicalRequest(dst []byte, method, path string, query []byte, signed []Header, payload string) []byte {
	dst = append(dst, method...)
	dst = append(dst, '\n')
	dst = append(dst, path...)
	dst = append(dst, '\n')
	dst = append(dst, query...)
	dst = append(dst, '\n')
	for i, h := range signed {
		if i > 0 && h.Name == signed[i-1].Name {
			dst[len(dst)-1] = ','
		} else {
			dst = append(dst, h.Name...)
			dst = append(dst, ':')
		}
		dst = append(dst, h.Value...)
		dst = append(dst, '\n')
	}
	dst = append(dst, '\n')
	dst = appendNames(dst, signed)
	dst = append(dst, '\n')
	return append(dst, payload...)
}

// appendNames appends the names of the signed headers, separated by semicolons.
func appendNames(dst []byte, signed []Header) []byte {
	for i, h := range signed {
		if i > 0 && h.Name == signed[i-1].Name {
			continue
		}
		if i > 0 {
			dst = append(dst, ';')
		}
		dst = append(dst, h.Name...)
	}
	return dst
}

// signedHeaders appends those headers that V3 signs, in the order in which it
// signs them: host, content-type and what starts with x-acs-.
func signedHeaders(dst, headers []Header) []Header {
	for _, h := range headers {
		name := strings.ToLower(h.Name)
		if name == "host" || name == "content-type" || strings.HasPrefix(name, "x-acs-") {
			dst = append(dst, Header{name, strings.TrimSpace(h.Value)})
		}
	}
	slices.SortStableFunc(dst, func(a, b Header) int {
		if c := strings.Compare(a.Name, b.Name); c != 0 {
			return c
		}
		return strings.Compare(a.Value, b.Value)
	})
	return dst
}
