package request

import (
	"strings"

	"vpnattach/shared/core/secret"
)

// SignV3 signs a request of any shape and returns what it made on the way.
func SignV3(method, path, query string, headers []Header, payload, keyID, key string) (canonical, toSign, authorization string) {
	signed := signedHeaders(nil, headers)
	c := appendCanonicalRequest(nil, method, path, []byte(query), signed, payload)
	s := appendStringToSignV3(nil, c)
	a := append([]byte(algorithmV3+" Credential="+keyID+",SignedHeaders="), appendNames(nil, signed)...)
	a = new(mac).appendSignatureV3(append(a, ",Signature="...), secret.New(key), s)
	return string(c), string(s), string(a)
}

// SignV1 signs parameters, which are given in any order.
func SignV1(method, key string, parameters map[string]string) (toSign, signature string) {
	var w wireParams
	w.reset(unreserved)
	for name, value := range parameters {
		w.insert(name, value)
	}
	s := appendStringToSignV1(nil, method, w.join(nil, inBoth), unreserved)
	return string(s), string(new(mac).appendSignatureV1(nil, secret.New(key), s))
}

// Escape and EscapeForm encode as queries and as forms have it.
func Escape(s string) string     { return string(appendEscaped(nil, s, unreserved)) }
func EscapeForm(s string) string { return string(appendForm(nil, []byte(Escape(s)))) }

// JSONString writes a JSON string.
func JSONString(s string) string { return string(appendJSONString(nil, s)) }

// Text writes a JSON string for display.
func Text(s string) string { return string(appendText([]byte("x"), s)) }

// Kept is all text that the builder holds.
func (b *Builder) Kept() string {
	var all []byte
	for _, text := range [][]byte{b.params.text, b.params.encoded, b.query, b.body, b.out, b.v1.sum[:], b.v3.sum[:]} {
		all = append(all, text[:cap(text)]...)
	}
	for _, h := range b.signed[:cap(b.signed)] {
		all = append(all, h.Value...)
	}
	all = append(all, strings.Join(b.ids[:cap(b.ids)], "")...)
	return string(all) + b.v1.key.Reveal() + b.v3.key.Reveal()
}
