package ststest

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math/big"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"vpnattach/shared/core/request"
	"vpnattach/shared/credentials"
)

// Alibaba is the STS of Alibaba Cloud, with the OIDC providers and roles that tests set
// up.
type Alibaba struct {
	Now func() time.Time // may be set until it serves

	issue func() request.Credentials

	mutex     sync.Mutex
	providers map[string]provider
	roles     map[string]trust
	calls     []Call
	refuse    string
}

// Call is a request that it has answered.
type Call struct {
	Code                 string // of the error; empty for a success
	Policy, RoleSession  string
	Duration             time.Duration
	RoleARN, ProviderARN string
}

type provider struct {
	issuer    string
	clientIDs []string
}

type trust struct {
	provider, issuer, audience string
	subjects                   []string
}

// NewAlibaba returns an STS that gives the keys that issue makes.
func NewAlibaba(issue func() request.Credentials) *Alibaba {
	return &Alibaba{Now: time.Now, issue: issue, providers: map[string]provider{}, roles: map[string]trust{}}
}

// Trust sets up the role's OIDC provider, with the audience as its client id, and the
// role, which trusts the issuer's tokens for that audience and for the subjects.
func (a *Alibaba) Trust(role credentials.Role, issuer string, subjects ...string) {
	a.mutex.Lock()
	defer a.mutex.Unlock()
	a.providers[role.ProviderARN] = provider{issuer, []string{role.Audience}}
	a.roles[role.RoleARN] = trust{role.ProviderARN, issuer, role.Audience, subjects}
}

// Refuse makes all calls fail with a code; empty: none.
func (a *Alibaba) Refuse(code string) {
	a.mutex.Lock()
	defer a.mutex.Unlock()
	a.refuse = code
}

// Calls returns all that it has answered.
func (a *Alibaba) Calls() []Call {
	a.mutex.Lock()
	defer a.mutex.Unlock()
	return slices.Clone(a.calls)
}

// fault is the error of a call.
type fault struct {
	status        int
	code, message string
}

func refuse(code, message string) *fault { return &fault{http.StatusBadRequest, code, message} }

const (
	issuanceLimit = 12 * time.Hour // a provider's by default
	maxSession    = 3600           // a role's by default
	clockSkew     = 15 * time.Minute
)

// ServeHTTP answers AssumeRoleWithOIDC.
func (a *Alibaba) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	subject, f := a.check(r)
	a.mutex.Lock()
	if f == nil && a.refuse != "" {
		f = refuse(a.refuse, "refused by the test")
		if strings.HasPrefix(a.refuse, "Service") || strings.HasPrefix(a.refuse, "Internal") {
			f.status = http.StatusServiceUnavailable
		}
	}
	seconds, _ := strconv.Atoi(r.PostForm.Get("DurationSeconds")) // 0 in a call that is refused
	call := Call{
		Policy: r.PostForm.Get("Policy"), RoleSession: r.PostForm.Get("RoleSessionName"), Duration: time.Duration(seconds) * time.Second,
		RoleARN: r.PostForm.Get("RoleArn"), ProviderARN: r.PostForm.Get("OIDCProviderArn"),
	}
	if f != nil {
		call.Code = f.code
	}
	a.calls = append(a.calls, call)
	a.mutex.Unlock()
	if f != nil {
		writeJSON(w, f.status, map[string]string{"RequestId": rand.Text(), "HostId": r.Host, "Code": f.code, "Message": f.message})
		return
	}
	key := a.issue()
	writeJSON(w, http.StatusOK, map[string]any{
		"RequestId":       rand.Text(),
		"OIDCTokenInfo":   map[string]string{"Subject": subject},
		"AssumedRoleUser": map[string]string{"Arn": strings.Replace(call.RoleARN, ":role/", ":assumed-role/", 1) + "/" + call.RoleSession},
		"Credentials": map[string]string{
			"AccessKeyId": key.AccessKeyID, "AccessKeySecret": key.AccessKeySecret.Reveal(), "SecurityToken": key.SecurityToken.Reveal(),
			"Expiration": a.Now().Add(call.Duration).UTC().Format("2006-01-02T15:04:05Z"),
		},
	})
}

var sessionName = regexp.MustCompile(`^[A-Za-z0-9.@_-]{2,64}$`)

// check returns the token's subject, or the error that the request deserves.
func (a *Alibaba) check(r *http.Request) (subject string, f *fault) {
	query, problem := url.ParseQuery(r.URL.RawQuery)
	if r.Method != http.MethodPost || problem != nil || r.ParseForm() != nil {
		return "", refuse("UnsupportedHTTPMethod", "This http method is not supported.")
	}
	form := r.PostForm
	for _, name := range []string{"Signature", "SignatureMethod", "SignatureVersion", "AccessKeyId", "SecurityToken"} {
		if query.Has(name) || form.Has(name) {
			return "", refuse("NotAnonymous", "the call has "+name)
		}
	}
	if r.Header.Get("Authorization") != "" || r.Header.Get("X-Acs-Accesskey-Id") != "" {
		return "", refuse("NotAnonymous", "the call is signed")
	}
	for _, name := range []string{"OIDCToken", "Policy", "RoleArn"} {
		if query.Has(name) {
			return "", refuse("InURL", name+" is in the URL, and so in the logs of proxies")
		}
	}
	if query.Get("Action") != "AssumeRoleWithOIDC" || query.Get("Version") != "2015-04-01" || query.Get("Format") != "JSON" {
		return "", &fault{http.StatusNotFound, "InvalidAction.NotFound", "Specified api is not found."}
	}
	if at, err := time.Parse("2006-01-02T15:04:05Z", query.Get("Timestamp")); err != nil || a.Now().Sub(at).Abs() > clockSkew {
		return "", refuse("InvalidTimeStamp.Expired", "Specified time stamp or date value is expired.")
	}
	if !sessionName.MatchString(form.Get("RoleSessionName")) {
		return "", refuse("InvalidParameter.RoleSessionName", "The parameter RoleSessionName is wrongly formed.")
	}
	if policy := form.Get("Policy"); form.Has("Policy") && (len(policy) < 1 || len(policy) > 2048 || !json.Valid([]byte(policy))) {
		return "", refuse("InvalidParameter.PolicyGrammar", "The parameter Policy has not passed grammar check.")
	}
	if seconds, err := strconv.Atoi(form.Get("DurationSeconds")); err != nil || seconds < 900 || seconds > maxSession {
		return "", refuse("InvalidParameter.DurationSeconds", "The Min/Max value of DurationSeconds is 15min/1hr.")
	}
	return a.judge(form.Get("OIDCProviderArn"), form.Get("RoleArn"), form.Get("OIDCToken"))
}

// judge checks the token against the provider, and then against the role.
func (a *Alibaba) judge(providerARN, roleARN, token string) (subject string, f *fault) {
	a.mutex.Lock()
	p, registered := a.providers[providerARN]
	role, exists := a.roles[roleARN]
	a.mutex.Unlock()
	if !registered {
		return "", refuse("AuthenticationFail.NoPermission", "No such OIDC Provider registered.")
	}
	if len(token) < 4 || len(token) > 20_000 {
		return "", refuse("InvalidParameter.OIDCToken", "The length of OIDCToken is out of its range.")
	}
	c, f := p.verify(token, a.Now())
	switch {
	case f != nil:
		return "", f
	case !exists:
		return "", &fault{http.StatusNotFound, "EntityNotExist.Role", "The role not exists: " + roleARN + "."}
	case role.provider != providerARN || role.issuer != c.Issuer || role.audience != c.Audience || !slices.Contains(role.subjects, c.Subject):
		return "", &fault{http.StatusForbidden, "AuthenticationFail.NoPermission", "There is no permission"}
	}
	return c.Subject, nil
}

// claims are those of a token that are looked at.
type claims struct {
	Issuer    string `json:"iss"`
	Subject   string `json:"sub"`
	Audience  string `json:"aud"`
	Expires   int64  `json:"exp"`
	IssuedAt  int64  `json:"iat"`
	NotBefore int64  `json:"nbf"`
}

func (p *provider) verify(token string, now time.Time) (c claims, f *fault) {
	const prefix = "AuthenticationFail.OIDCToken."
	invalid := refuse(prefix+"Invalid", "This JsonWebToken is invalid.")
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		return c, invalid
	}
	var header struct {
		Algorithm string `json:"alg"`
		KeyID     string `json:"kid"`
	}
	if !decode(parts[0], &header) || !decode(parts[1], &c) || header.Algorithm != "RS256" {
		return c, invalid
	}
	if c.Issuer != p.issuer {
		return c, refuse(prefix+"IssuerNotMatch", "The issuer in the OIDC Token doesn't match the OIDC Provider registered.")
	}
	keys, err := published(p.issuer)
	if err != nil {
		return c, refuse(prefix+"IssuerConfigurationBroken", "Get public keys from OIDC Provider failed, the issuer is "+p.issuer+".")
	}
	signature, err := base64.RawURLEncoding.DecodeString(parts[2])
	if key := keys[header.KeyID]; err != nil || key == nil || rsa.VerifyPKCS1v15(key, crypto.SHA256, sum(parts[0]+"."+parts[1]), signature) != nil {
		return c, invalid
	}
	issued := time.Unix(c.IssuedAt, 0)
	switch {
	case !slices.Contains(p.clientIDs, c.Audience):
		return c, refuse(prefix+"AudienceNotMatch", "Invalid audience.")
	case c.Expires == 0 || c.IssuedAt == 0 || issued.After(now.Add(clockSkew)) || time.Unix(c.NotBefore, 0).After(now.Add(clockSkew)):
		return c, invalid
	case !now.Before(time.Unix(c.Expires, 0)) || now.Sub(issued) > issuanceLimit:
		return c, refuse(prefix+"Expired", "This JsonWebToken is expired.")
	}
	return c, nil
}

func sum(text string) []byte {
	digest := sha256.Sum256([]byte(text))
	return digest[:]
}

// decode reads a part of a token.
func decode(part string, into any) bool {
	text, err := base64.RawURLEncoding.DecodeString(part)
	return err == nil && json.Unmarshal(text, into) == nil
}

// published returns the keys of an issuer, as its discovery document leads to them.
func published(issuer string) (map[string]*rsa.PublicKey, error) {
	var discovery struct {
		Issuer string `json:"issuer"`
		Keys   string `json:"jwks_uri"`
	}
	if err := get(issuer+"/.well-known/openid-configuration", &discovery); err != nil {
		return nil, err
	}
	if discovery.Issuer != issuer {
		return nil, fmt.Errorf("the document is that of %s", discovery.Issuer)
	}
	var set jwks
	if err := get(discovery.Keys, &set); err != nil {
		return nil, err
	}
	keys := map[string]*rsa.PublicKey{}
	for _, k := range set.Keys {
		n, err := base64.RawURLEncoding.DecodeString(k.N)
		if err != nil {
			return nil, err
		}
		e, err := base64.RawURLEncoding.DecodeString(k.E)
		if err != nil {
			return nil, err
		}
		if k.KeyType == "RSA" && k.Algorithm == "RS256" {
			keys[k.ID] = &rsa.PublicKey{N: new(big.Int).SetBytes(n), E: int(new(big.Int).SetBytes(e).Int64())}
		}
	}
	return keys, nil
}

func get(at string, into any) error {
	response, err := http.Get(at)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("HTTP %d", response.StatusCode)
	}
	return json.NewDecoder(response.Body).Decode(into)
}
