package emulator_test

import (
	"crypto/hmac"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/url"
	"sort"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"vpnattach/shared/core/secret"
	"vpnattach/shared/emulator"
)

// params are the parameters of one call, region and attachment included.
type params map[string]string

func (p params) with(more params) params {
	all := params{}
	for k, v := range p {
		all[k] = v
	}
	for k, v := range more {
		all[k] = v
	}
	return all
}

var (
	single = params{"RegionId": "cn-hangzhou", "VpnConnectionId": "vco-localsingle"}
	dual   = params{"RegionId": "cn-hangzhou", "VpnConnectionId": "vco-localdual"}
	free   = params{"RegionId": "cn-hangzhou", "VpnConnectionId": "vco-localfree"}
)

// clock is a time that tests move.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) Advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// harness is an emulator that listens on loopback, and a client of it.
type harness struct {
	*emulator.Server
	t     *testing.T
	url   string
	clock *clock
	nonce atomic.Int64
	key   string
	pass  string
	token string
	v1    bool // sign with HMAC-SHA1
	get   bool
	form  bool // parameters in the body

	version string
}

func start(t *testing.T, config emulator.Config) *harness {
	t.Helper()
	h := &harness{t: t, clock: &clock{now: time.Date(2026, 11, 24, 8, 0, 0, 0, time.UTC)}, key: "local", pass: "local-secret", version: "2016-04-28"}
	if config.Accounts == nil {
		config.Accounts = []emulator.Account{{AccessKeyID: "local", Secret: secret.New("local-secret")}}
	}
	config.Now = h.clock.Now
	config.Random = rand.NewChaCha8([32]byte{1})
	var err error
	if h.Server, err = emulator.New(config); err != nil {
		t.Fatal(err)
	}
	srv := httptest.NewServer(h.Server)
	t.Cleanup(srv.Close)
	h.url = srv.URL
	return h
}

// answer is a decoded JSON answer.
type answer struct {
	status int
	header http.Header
	raw    []byte
	fields map[string]any
}

func (a answer) text(name string) string { s, _ := a.fields[name].(string); return s }

func (a answer) object(name string) map[string]any { o, _ := a.fields[name].(map[string]any); return o }

// tunnel is the i-th tunnel of a Describe answer.
func (a answer) tunnel(i int) map[string]any {
	list, _ := a.object("TunnelOptionsSpecification")["TunnelOptions"].([]any)
	if i >= len(list) {
		return nil
	}
	return list[i].(map[string]any)
}

// call signs and sends.
func (h *harness) call(action string, p params) answer {
	h.t.Helper()
	a, err := h.try(action, p)
	if err != nil {
		h.t.Fatalf("%s: %v", action, err)
	}
	return a
}

func (h *harness) try(action string, p params) (answer, error) {
	return send(h.request(action, p))
}

func send(req *http.Request) (answer, error) {
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return answer{}, err
	}
	defer res.Body.Close()
	raw, err := io.ReadAll(res.Body)
	if err != nil {
		return answer{}, err
	}
	a := answer{status: res.StatusCode, header: res.Header, raw: raw}
	if strings.HasPrefix(res.Header.Get("Content-Type"), "application/json") {
		err = json.Unmarshal(raw, &a.fields)
	}
	return a, err
}

// must is a call that has to be carried out.
func (h *harness) must(action string, p params) answer {
	h.t.Helper()
	a := h.call(action, p)
	if a.status != http.StatusOK {
		h.t.Fatalf("%s: got %d %s, want 200", action, a.status, a.raw)
	}
	return a
}

// refused is a call that has to be answered with the code.
func (h *harness) refused(code, action string, p params) answer {
	h.t.Helper()
	a := h.call(action, p)
	if got := a.text("Code"); got != code || a.status < 400 {
		h.t.Fatalf("%s: got %d %s, want %s", action, a.status, a.raw, code)
	}
	return a
}

// get200 reads a page that has to be there.
func (h *harness) get200(url string) string {
	h.t.Helper()
	req, err := http.NewRequestWithContext(h.t.Context(), http.MethodGet, url, nil)
	if err != nil {
		h.t.Fatal(err)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		h.t.Fatal(err)
	}
	defer res.Body.Close()
	page, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode != http.StatusOK {
		h.t.Fatalf("%s: got %d, %v", url, res.StatusCode, err)
	}
	return string(page)
}

func (h *harness) describe(p params) answer {
	h.t.Helper()
	return h.must("DescribeVpnConnection", params{"RegionId": p["RegionId"], "VpnConnectionId": p["VpnConnectionId"]})
}

func (h *harness) modify(p params) answer {
	h.t.Helper()
	return h.must("ModifyVpnAttachmentAttribute", p)
}

func (h *harness) request(action string, p params) *http.Request {
	h.t.Helper()
	nonce := fmt.Sprintf("nonce-%d", h.nonce.Add(1))
	now := h.clock.Now().UTC().Format("2006-01-02T15:04:05Z")
	if h.v1 {
		return h.requestV1(action, nonce, now, p)
	}
	return h.requestV3(action, nonce, now, p)
}

// requestV3 signs with ACS3-HMAC-SHA256, written from its documentation alone.
func (h *harness) requestV3(action, nonce, now string, p params) *http.Request {
	query, body := url.Values{}, url.Values{}
	for k, v := range p {
		if h.form || strings.HasPrefix(k, "TunnelOptionsSpecification.") {
			body.Set(k, v)
		} else {
			query.Set(k, v)
		}
	}
	req := newRequest(h.t, h.method(), h.url, query, body)
	headers := map[string]string{
		"host": req.Host, "x-acs-action": action, "x-acs-version": h.version, "x-acs-date": now,
		"x-acs-signature-nonce": nonce, "x-acs-content-sha256": hexSHA256(body.Encode()),
	}
	if len(body) > 0 {
		headers["content-type"] = "application/x-www-form-urlencoded"
	}
	if h.token != "" {
		headers["x-acs-security-token"], headers["x-acs-accesskey-id"] = h.token, h.key
	}
	var names []string
	for name, value := range headers {
		names = append(names, name)
		req.Header.Set(name, value)
	}
	req.Header.Del("host")
	sort.Strings(names)
	text := req.Method + "\n/\n" + rfc3986(query.Encode()) + "\n"
	for _, name := range names {
		text += name + ":" + headers[name] + "\n"
	}
	text += "\n" + strings.Join(names, ";") + "\n" + hexSHA256(body.Encode())
	mac := hmac.New(sha256.New, []byte(h.pass))
	mac.Write([]byte("ACS3-HMAC-SHA256\n" + hexSHA256(text)))
	req.Header.Set("Authorization", fmt.Sprintf("ACS3-HMAC-SHA256 Credential=%s,SignedHeaders=%s,Signature=%x", h.key, strings.Join(names, ";"), mac.Sum(nil)))
	return req
}

// requestV1 signs with HMAC-SHA1, written from its documentation alone.
func (h *harness) requestV1(action, nonce, now string, p params) *http.Request {
	query, body, all := url.Values{}, url.Values{}, url.Values{}
	for k, v := range p {
		all.Set(k, v)
		if h.form {
			body.Set(k, v)
		} else {
			query.Set(k, v)
		}
	}
	common := params{
		"Action": action, "Version": h.version, "Format": "JSON", "AccessKeyId": h.key, "SignatureMethod": "HMAC-SHA1",
		"SignatureVersion": "1.0", "SignatureNonce": nonce, "Timestamp": now,
	}
	for k, v := range common {
		query.Set(k, v)
		all.Set(k, v)
	}
	if h.token != "" {
		query.Set("SecurityToken", h.token)
		all.Set("SecurityToken", h.token)
	}
	text := h.method() + "&%2F&" + rfc3986(url.QueryEscape(rfc3986(all.Encode())))
	mac := hmac.New(sha1.New, []byte(h.pass+"&"))
	mac.Write([]byte(text))
	query.Set("Signature", base64.StdEncoding.EncodeToString(mac.Sum(nil)))
	return newRequest(h.t, h.method(), h.url, query, body)
}

func (h *harness) method() string {
	if h.get {
		return http.MethodGet
	}
	return http.MethodPost
}

func newRequest(t *testing.T, method, base string, query, body url.Values) *http.Request {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, base+"/?"+rfc3986(query.Encode()), strings.NewReader(body.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	if len(body) > 0 {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	return req
}

func rfc3986(s string) string {
	return strings.NewReplacer("+", "%20", "*", "%2A", "%7E", "~").Replace(s)
}

func hexSHA256(s string) string {
	sum := sha256.Sum256([]byte(s))
	return hex.EncodeToString(sum[:])
}
