package emulator

import (
	"crypto/hmac"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"net/http"
	"slices"
	"strings"
	"time"
)

const (
	v3Algorithm = "ACS3-HMAC-SHA256"
	timeFormat  = "2006-01-02T15:04:05Z"
	maxSkew     = 15 * time.Minute
)

func isV3(r *http.Request) bool {
	return strings.HasPrefix(r.Header.Get("Authorization"), v3Algorithm)
}

// authenticate finds the account and checks time, signature and nonce.
func (s *Server) authenticate(r *http.Request, body []byte, req *request) *apiError {
	if isV3(r) {
		return s.authenticateV3(r, body, req)
	}
	return s.authenticateV1(r, req)
}

func (s *Server) authenticateV3(r *http.Request, body []byte, req *request) *apiError {
	fields := map[string]string{}
	for part := range strings.SplitSeq(strings.TrimPrefix(r.Header.Get("Authorization"), v3Algorithm+" "), ",") {
		name, value, _ := strings.Cut(part, "=")
		fields[name] = value
	}
	for _, name := range []string{"Credential", "SignedHeaders", "Signature"} {
		if fields[name] == "" {
			return refuse("IncompleteSignature", "the Authorization header lacks "+name)
		}
	}
	for _, name := range []string{"x-acs-date", "x-acs-signature-nonce", "x-acs-content-sha256"} {
		if r.Header.Get(name) == "" {
			return refuse("IncompleteSignature", "the header "+name+" is missing")
		}
	}
	signed := strings.Split(fields["SignedHeaders"], ";")
	if !slices.IsSorted(signed) || !slices.Contains(signed, "host") {
		return refuse("IncompleteSignature", "SignedHeaders must be sorted and hold host")
	}
	for name := range r.Header {
		name = strings.ToLower(name)
		must := strings.HasPrefix(name, "x-acs-") || name == "content-type" && len(body) > 0
		if must && !slices.Contains(signed, name) {
			return refuse("IncompleteSignature", "the header "+name+" is not signed")
		}
	}
	if e := s.identify(req, fields["Credential"], r.Header.Get("x-acs-security-token")); e != nil {
		return e
	}
	at, e := s.checkTime(r.Header.Get("x-acs-date"))
	if e != nil {
		return e
	}
	payload := sha256Hex(body)
	if r.Header.Get("x-acs-content-sha256") != payload {
		return refuse("SignatureDoesNotMatch", "x-acs-content-sha256 is not the hash of the body.")
	}
	canonical := canonicalRequest(r.Method, req.query, func(name string) []string {
		if name == "host" {
			return []string{r.Host}
		}
		return r.Header.Values(name)
	}, signed, payload)
	if !hmac.Equal([]byte(signV3(req.account.Secret.Reveal(), canonical)), []byte(fields["Signature"])) {
		return refuse("SignatureDoesNotMatch", "Canonical request hash: "+sha256Hex([]byte(canonical)))
	}
	return s.useNonce(req, r.Header.Get("x-acs-signature-nonce"), at)
}

// canonicalRequest is the text that a V3 signature covers.
func canonicalRequest(method string, query []pair, header func(name string) []string, signed []string, payload string) string {
	var b strings.Builder
	b.WriteString(method + "\n/\n" + canonicalQuery(query) + "\n")
	for _, name := range signed {
		values := slices.Clone(header(name))
		for i := range values {
			values[i] = strings.TrimSpace(values[i])
		}
		slices.Sort(values)
		b.WriteString(name + ":" + strings.Join(values, ",") + "\n")
	}
	b.WriteString("\n" + strings.Join(signed, ";") + "\n" + payload)
	return b.String()
}

func signV3(secret, canonical string) string {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(v3Algorithm + "\n" + sha256Hex([]byte(canonical))))
	return hex.EncodeToString(mac.Sum(nil))
}

func (s *Server) authenticateV1(r *http.Request, req *request) *apiError {
	p := req.params
	for _, name := range []string{"AccessKeyId", "Signature", "SignatureMethod", "SignatureVersion", "SignatureNonce", "Timestamp"} {
		if p[name] == "" {
			return refuse("IncompleteSignature", name+" is missing, as is the Authorization header of "+v3Algorithm)
		}
	}
	if p["SignatureMethod"] != "HMAC-SHA1" || p["SignatureVersion"] != "1.0" {
		return refuse("IncompleteSignature", "only HMAC-SHA1 in version 1.0 is supported")
	}
	if e := s.identify(req, p["AccessKeyId"], p["SecurityToken"]); e != nil {
		return e
	}
	at, e := s.checkTime(p["Timestamp"])
	if e != nil {
		return e
	}
	text := stringToSignV1(r.Method, p)
	if !hmac.Equal([]byte(signV1(req.account.Secret.Reveal(), text)), []byte(p["Signature"])) {
		return refuse("SignatureDoesNotMatch", "String to sign hash: "+sha256Hex([]byte(text)))
	}
	return s.useNonce(req, p["SignatureNonce"], at)
}

// stringToSignV1 covers the query and the form body together, Signature aside.
func stringToSignV1(method string, params map[string]string) string {
	var pairs []pair
	for name, value := range params {
		if name != "Signature" {
			pairs = append(pairs, pair{name, value})
		}
	}
	return method + "&%2F&" + percentEncode(canonicalQuery(pairs))
}

func signV1(secret, text string) string {
	mac := hmac.New(sha1.New, []byte(secret+"&"))
	mac.Write([]byte(text))
	return base64.StdEncoding.EncodeToString(mac.Sum(nil))
}

func canonicalQuery(pairs []pair) string {
	pairs = slices.Clone(pairs)
	slices.SortFunc(pairs, func(a, b pair) int { return strings.Compare(a.key, b.key) })
	parts := make([]string, len(pairs))
	for i, p := range pairs {
		parts[i] = percentEncode(p.key) + "=" + percentEncode(p.value)
	}
	return strings.Join(parts, "&")
}

// percentEncode escapes everything but the unreserved characters of RFC 3986.
func percentEncode(s string) string {
	const unreserved = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.~"
	const digits = "0123456789ABCDEF"
	var b strings.Builder
	for i := range len(s) {
		if c := s[i]; strings.IndexByte(unreserved, c) >= 0 {
			b.WriteByte(c)
		} else {
			b.Write([]byte{'%', digits[c>>4], digits[c&15]})
		}
	}
	return b.String()
}

func sha256Hex(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}

// identify finds the account of an access key.
func (s *Server) identify(req *request, key, token string) *apiError {
	account := s.accounts[key]
	switch {
	case account == nil:
		return refuse("InvalidAccessKeyId.NotFound")
	case account.Inactive:
		return refuse("InvalidAccessKeyId.Inactive")
	case token == "" && !account.SecurityToken.IsZero():
		return refuse("MissingSecurityToken")
	case token != account.SecurityToken.Reveal():
		return refuse("InvalidSecurityToken.MismatchWithAccessKey")
	}
	req.account = account
	return nil
}

// checkTime returns when the request was signed.
func (s *Server) checkTime(text string) (time.Time, *apiError) {
	at, err := time.Parse(timeFormat, text)
	if err != nil {
		return at, refuse("InvalidTimeStamp.Format")
	}
	if s.config.Now().Sub(at).Abs() > maxSkew {
		return at, refuse("InvalidTimeStamp.Expired")
	}
	return at, nil
}
