package ststest

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"encoding/xml"
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// AWS is the STS of AWS in one region, and the issuer of the account. Its fields may be
// set until it serves.
type AWS struct {
	Issuer   string // URL, at which this handler serves too
	Region   string
	Audience string // that the caller's policy allows
	Subject  string // ARN of the caller's role
	Now      func() time.Time
	OnToken  func(token string) // is told of each token; nil: it is not

	key *rsa.PrivateKey

	mutex  sync.Mutex
	refuse string
	tokens int
}

// NewAWS returns an STS. All share one key, which takes time to make.
func NewAWS(region, audience, subject string) *AWS {
	return &AWS{Region: region, Audience: audience, Subject: subject, Now: time.Now, key: shared()}
}

// NewKey gives it a key of its own.
func (a *AWS) NewKey() { a.key = newKey() }

var shared = sync.OnceValue(newKey)

func newKey() *rsa.PrivateKey {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(err)
	}
	return key
}

const keyID = "key-1"

// Refuse makes all calls fail with a code; empty: none.
func (a *AWS) Refuse(code string) {
	a.mutex.Lock()
	defer a.mutex.Unlock()
	a.refuse = code
}

// Tokens returns how many tokens it has given.
func (a *AWS) Tokens() int {
	a.mutex.Lock()
	defer a.mutex.Unlock()
	return a.tokens
}

// ServeHTTP serves the query API and what an issuer publishes.
func (a *AWS) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	switch r.Method + " " + r.URL.Path {
	case "GET /.well-known/openid-configuration":
		writeJSON(w, http.StatusOK, map[string]any{
			"issuer": a.Issuer, "jwks_uri": a.Issuer + "/.well-known/jwks.json", "id_token_signing_alg_values_supported": []string{"RS256", "ES384"},
		})
	case "GET /.well-known/jwks.json":
		public := a.key.PublicKey
		writeJSON(w, http.StatusOK, jwks{Keys: []jwk{{
			KeyType: "RSA", Use: "sig", Algorithm: "RS256", ID: keyID,
			N: encode(public.N.Bytes()), E: encode([]byte{byte(public.E >> 16), byte(public.E >> 8), byte(public.E)}),
		}}})
	case "POST /":
		a.call(w, r)
	default:
		http.NotFound(w, r)
	}
}

type jwks struct {
	Keys []jwk `json:"keys"`
}

type jwk struct {
	KeyType   string `json:"kty"`
	Use       string `json:"use"`
	Algorithm string `json:"alg"`
	ID        string `json:"kid"`
	N         string `json:"n"`
	E         string `json:"e"`
}

var authorization = regexp.MustCompile(`^AWS4-HMAC-SHA256 Credential=[^/ ]+/\d{8}/([a-z0-9-]+)/sts/aws4_request, SignedHeaders=([a-z0-9;-]+), Signature=[0-9a-f]{64}$`)

func (a *AWS) call(w http.ResponseWriter, r *http.Request) {
	status, code, message := a.check(r)
	if code == "" {
		a.mutex.Lock()
		code, a.tokens = a.refuse, a.tokens+1
		a.mutex.Unlock()
		status, message = statusOf(code), "refused by the test"
	}
	w.Header().Set("Content-Type", "text/xml")
	if code != "" {
		type fault struct{ Type, Code, Message string }
		w.WriteHeader(status)
		writeXML(w, struct {
			XMLName   xml.Name `xml:"https://sts.amazonaws.com/doc/2011-06-15/ ErrorResponse"`
			Error     fault
			RequestID string `xml:"RequestId"`
		}{Error: fault{"Sender", code, message}, RequestID: rand.Text()})
		return
	}
	seconds, _ := strconv.Atoi(r.PostForm.Get("DurationSeconds")) // check has seen to it
	now := a.Now()
	token := a.Sign(map[string]any{"exp": now.Add(time.Duration(seconds) * time.Second).Unix()})
	if a.OnToken != nil {
		a.OnToken(token)
	}
	type result struct{ WebIdentityToken, Expiration string }
	writeXML(w, struct {
		XMLName   xml.Name `xml:"https://sts.amazonaws.com/doc/2011-06-15/ GetWebIdentityTokenResponse"`
		Result    result   `xml:"GetWebIdentityTokenResult"`
		RequestID string   `xml:"ResponseMetadata>RequestId"`
	}{Result: result{token, now.Add(time.Duration(seconds) * time.Second).UTC().Format(time.RFC3339)}, RequestID: rand.Text()})
}

func statusOf(code string) int {
	if code == "InternalFailure" || code == "ServiceUnavailable" {
		return http.StatusServiceUnavailable
	}
	return http.StatusBadRequest
}

// check returns the error that the request deserves, if it does.
func (a *AWS) check(r *http.Request) (status int, code, message string) {
	signed := authorization.FindStringSubmatch(r.Header.Get("Authorization"))
	if r.ParseForm() != nil || len(r.URL.RawQuery) > 0 {
		return http.StatusBadRequest, "InvalidParameterValue", "the parameters are not in the body alone"
	}
	audiences := valuesOf(r.PostForm, "Audience.member.")
	seconds, err := strconv.Atoi(r.PostForm.Get("DurationSeconds"))
	switch {
	case signed == nil:
		return http.StatusForbidden, "MissingAuthenticationToken", "the request is not signed with Signature Version 4"
	case signed[1] != a.Region:
		return http.StatusForbidden, "SignatureDoesNotMatch", "Credential should be scoped to a valid region."
	case !slices.Contains(strings.Split(signed[2], ";"), "host") || r.Header.Get("X-Amz-Security-Token") != "" && !strings.Contains(signed[2], "x-amz-security-token"):
		return http.StatusForbidden, "SignatureDoesNotMatch", "a header is not signed"
	case r.PostForm.Get("Action") != "GetWebIdentityToken" || r.PostForm.Get("Version") != "2011-06-15":
		return http.StatusBadRequest, "InvalidAction", "there is no such action in that version"
	case len(audiences) < 1 || len(audiences) > 10 || err != nil || seconds < 60 || seconds > 3600:
		return http.StatusBadRequest, "ValidationError", "Audience or DurationSeconds is out of its range"
	case len(audiences) != 1 || audiences[0] != a.Audience || seconds > 300 || r.PostForm.Get("SigningAlgorithm") != "RS256":
		return http.StatusForbidden, "AccessDenied", "not authorized to perform: sts:GetWebIdentityToken"
	}
	return 0, "", ""
}

func valuesOf(form url.Values, prefix string) (all []string) {
	for _, name := range slices.Sorted(maps.Keys(form)) {
		if strings.HasPrefix(name, prefix) {
			all = append(all, form[name]...)
		}
	}
	return all
}

// Sign returns a token with the documented claims, in which the given ones take the
// place of those that it would have; nil leaves one out.
func (a *AWS) Sign(claims map[string]any) string {
	now := a.Now()
	all := map[string]any{
		"iss": a.Issuer, "sub": a.Subject, "aud": a.Audience, "iat": now.Unix(), "exp": now.Add(5 * time.Minute).Unix(), "jti": rand.Text(),
		"https://sts.amazonaws.com/": map[string]string{"aws_account": "123456789012", "source_region": a.Region},
	}
	maps.Copy(all, claims)
	maps.DeleteFunc(all, func(_ string, value any) bool { return value == nil })
	return a.SignAs(map[string]string{"alg": "RS256", "kid": keyID, "typ": "JWT"}, all)
}

// SignAs returns a token with exactly that header and these claims.
func (a *AWS) SignAs(header map[string]string, claims map[string]any) string {
	text := encode(toJSON(header)) + "." + encode(toJSON(claims))
	sum := sha256.Sum256([]byte(text))
	signature, err := rsa.SignPKCS1v15(nil, a.key, crypto.SHA256, sum[:])
	if err != nil {
		panic(err)
	}
	return text + "." + encode(signature)
}

func encode(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }

func toJSON(v any) []byte {
	text, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return text
}

func writeJSON(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write(toJSON(v)) // the caller may be gone
}

func writeXML(w http.ResponseWriter, v any) {
	text, err := xml.Marshal(v)
	if err != nil {
		panic(err)
	}
	_, _ = w.Write(text) // the caller may be gone
}
