package webhook_test

import (
	"cmp"
	"crypto/hmac"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/tidwall/gjson"

	"vpnattach/shared/webhook"
)

// Secrets as their senders show them.
const (
	standardSecret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
	svixSecret     = "whsec_c3ZpeC1zdml4LXN2aXgtc3ZpeC1zdml4LXN2aXg="
	netboxSecret   = "netbox-signs-with-this-secret"
	nautobotSecret = "nautobot-signs-with-this-one"
	githubSecret   = "It's a Secret to Everybody"
	gitlabToken    = "gitlab-sends-this-as-it-is"
	gitlabSigning  = "whsec_Z2l0bGFiLXNpZ25pbmctdG9rZW4tMjQtYnl0ZXMtb3ItbW9yZQ=="
	slackSecret    = "8f742231b10e8888abcd99yyyzzz85a5"
	erpSecret      = "erp-signs-with-this-secret"
)

// all are senders of every scheme.
const all = `{
	"standard": {"secrets": ["` + standardSecret + `"]},
	"svix": "` + svixSecret + `",
	"netbox": {"secrets": ["` + netboxSecret + `", "netbox-will-sign-with-this"]},
	"dc2": {"scheme": "nautobot", "secrets": ["` + nautobotSecret + `"]},
	"github": "` + githubSecret + `",
	"gitlab": {"secrets": ["` + gitlabToken + `", "` + gitlabSigning + `"]},
	"slack": {"scheme": "hmac", "header": "X-Slack-Signature", "prefix": "v0=", "timestamp": "X-Slack-Request-Timestamp", "content": "v0:{timestamp}:{body}", "secrets": ["` + slackSecret + `"]},
	"erp": {"scheme": "hmac", "header": "X-Signature", "hash": "sha512", "encoding": "base64", "timestamp": "X-Time", "secrets": ["` + erpSecret + `"]},
	"mes": {"scheme": "hmac", "header": "X-Signature", "secrets": ["mes-signs-with-this-secret"]}
}`

const body = `{"event": "updated", "model": "tunnel", "data": {"id": 7}}`

// vector is a request as its sender makes it. The signatures are those of the senders'
// documentation, or were computed by another program.
type vector struct {
	name    string
	sender  string
	headers []string // pairs
	body    string
	seconds int64 // the time at which it is checked
	id      string
	at      int64 // that is signed
}

var vectors = []vector{
	{"Standard Webhooks, its documentation", "standard", []string{"webhook-id", "msg_p5jXN8AQM9LWM0D4loKWxJek", "webhook-timestamp", "1614265330", "webhook-signature", "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="},
		`{"test": 2432232314}`, 1614265330, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330},
	{"Standard Webhooks with the headers of Svix", "standard", []string{"svix-id", "msg_p5jXN8AQM9LWM0D4loKWxJek", "svix-timestamp", "1614265330", "svix-signature", "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="},
		`{"test": 2432232314}`, 1614265330, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330},
	{"Svix", "svix", signStandard(svixSecret, "svix-", "msg_1", 1614265330, body), body, 1614265330 + 299, "msg_1", 1614265330},
	{"Svix with the headers of Standard Webhooks", "svix", signStandard(svixSecret, "webhook-", "msg_1", 1614265330, body), body, 1614265330 - 299, "msg_1", 1614265330},
	{"NetBox", "netbox", []string{"X-Hook-Signature", "411804864e630d80589b562a4032c02242c3088a813ba6bf8daa75b6000ca42da05b07ffd8176477edf82a9e1952ab4a8e8da6699ef7530019e9b3f1834287d9"}, body, 1, "", 0},
	{"NetBox, the next secret", "netbox", []string{"X-Hook-Signature", mac512("netbox-will-sign-with-this", body)}, body, 1, "", 0},
	{"Nautobot", "dc2", []string{"X-Hook-Signature", "aa0be756dbf487a75bc8f7b775b80b5bd67059f47c88618c58978410987e03c21cb02c87f3fec78bbe5b5370c4741313aec53c4db5cb35f04aed80904908cd2c"}, body, 1, "", 0},
	{"GitHub, its documentation", "github", []string{"X-Hub-Signature-256", "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17", "X-GitHub-Delivery", "72d3162e-cc78-11e3-81ab-4c9367dc0958"}, "Hello, World!", 1, "", 0},
	{"GitLab's signing token", "gitlab", []string{"webhook-id", "0b2d6f3e-1f5e-4f4a-9b6a-2d9f3c1a7e55", "webhook-timestamp", "1614265330", "webhook-signature", "v1,zbLEeXiJyhskPuq3xD3yA+Gzc4lh4jBn8wBGhGJi6zw="}, body, 1614265330,
		"0b2d6f3e-1f5e-4f4a-9b6a-2d9f3c1a7e55", 1614265330},
	{"GitLab's secret token", "gitlab", []string{"X-Gitlab-Token", gitlabToken, "Idempotency-Key", "k1"}, body, 1, "", 0},
	{"Slack, its documentation", "slack", []string{"X-Slack-Request-Timestamp", "1531420618", "X-Slack-Signature", "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503"},
		"token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c",
		1531420618, "", 1531420618},
	{"a system of one's own, in base64", "erp", []string{"X-Time", "1614265330", "X-Signature", "qX/i0n5oZHIctotiT4Q5AR08AE6KOsIBHGctUk3hngDb5dwiPh7cCQybis8+KLM3upFC4kIYxa20EO45WpexKQ=="}, body, 1614265330, "", 1614265330},
	{"a system of one's own, without a time", "mes", []string{"X-Signature", mac256("mes-signs-with-this-secret", body)}, body, 1, "", 0},
}

func mac512(key, text string) string {
	h := hmac.New(sha512.New, []byte(key))
	h.Write([]byte(text))
	return hex.EncodeToString(h.Sum(nil))
}

func mac256(key, text string) string {
	h := hmac.New(sha256.New, []byte(key))
	h.Write([]byte(text))
	return hex.EncodeToString(h.Sum(nil))
}

// signStandard signs without the library.
func signStandard(secret, prefix, id string, at int64, body string) []string {
	key, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(secret, "whsec_"))
	if err != nil {
		panic(err)
	}
	h := hmac.New(sha256.New, key)
	fmt.Fprintf(h, "%s.%d.%s", id, at, body)
	return []string{prefix + "id", id, prefix + "timestamp", strconv.FormatInt(at, 10), prefix + "signature", "v1," + base64.StdEncoding.EncodeToString(h.Sum(nil))}
}

func headerOf(pairs []string) http.Header {
	h := http.Header{}
	for i := 0; i < len(pairs); i += 2 {
		h.Set(pairs[i], pairs[i+1])
	}
	return h
}

func mustParse(tb testing.TB, text string) *webhook.Senders {
	tb.Helper()
	s := webhook.Parse(text)
	for _, p := range s.Problems() {
		tb.Error(p)
	}
	return s
}

// TestVectors: each sender's own request is taken; with one bit changed, at another
// sender's path, or by another sender's secret it is not.
func TestVectors(t *testing.T) {
	t.Parallel()
	senders := mustParse(t, all)
	names := []string{"standard", "svix", "netbox", "dc2", "github", "gitlab", "slack", "erp", "mes"}
	refused := func(v vector, name string, header http.Header, body string, now time.Time) string {
		var r *webhook.Refused
		if _, err := senders.Verify(name, header, []byte(body), now); !errors.As(err, &r) {
			t.Errorf("%s at %s: got %v", v.name, name, err)
			return ""
		}
		if r.Asks == "" {
			t.Errorf("%s: nothing says what is asked for", v.name)
		}
		return r.Reason
	}
	seen := map[string]bool{}
	for _, v := range vectors {
		seen[v.sender] = true
		now := time.Unix(v.seconds, 0)
		got, err := senders.Verify(v.sender, headerOf(v.headers), []byte(v.body), now)
		if err != nil || got.Sender != v.sender || v.id != "" && got.ID != v.id || v.id == "" && !strings.HasPrefix(got.ID, "sha256:") || (v.at != 0 && got.Time.Unix() != v.at) || (v.at == 0) != got.Time.IsZero() {
			t.Errorf("%s: got %+v, %v", v.name, got, err)
		}
		again, err := senders.Verify(v.sender, headerOf(v.headers), []byte(v.body), now)
		if err != nil || again.ID != got.ID {
			t.Errorf("%s, again: got %+v, %v", v.name, again, err)
		}
		for _, name := range names {
			if name != v.sender {
				refused(v, name, headerOf(v.headers), v.body, now)
			}
		}
		if v.at != 0 {
			for _, away := range []time.Duration{-301 * time.Second, 301 * time.Second} {
				if why := refused(v, v.sender, headerOf(v.headers), v.body, time.Unix(v.at, 0).Add(away)); !strings.Contains(why, "five minutes") {
					t.Errorf("%s, %v away: got %q", v.name, away, why)
				}
			}
		}
		token := v.headers[0] == "X-Gitlab-Token"
		for i := 0; i < len(v.body) && !token; i++ {
			changed := []byte(v.body)
			changed[i] ^= 1
			refused(v, v.sender, headerOf(v.headers), string(changed), now)
		}
		for i := 1; i < len(v.headers); i += 2 {
			if name := v.headers[i-1]; name == "X-GitHub-Delivery" || name == "Idempotency-Key" {
				continue // not signed
			}
			without := headerOf(v.headers)
			without.Del(v.headers[i-1])
			refused(v, v.sender, without, v.body, now)
			changed := []byte(v.headers[i])
			changed[len(changed)/2] ^= 1
			with := headerOf(v.headers)
			with.Set(v.headers[i-1], string(changed))
			refused(v, v.sender, with, v.body, now)
		}
	}
	for _, name := range names {
		if !seen[name] {
			t.Errorf("there is no vector of %s", name)
		}
	}
}

// TestEverySchemeHasAVector: one that is added is tested and described.
func TestEverySchemeHasAVector(t *testing.T) {
	t.Parallel()
	readme, err := os.ReadFile("../../events/README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, names, _ := strings.Cut(webhook.Parse(`{"x": {"scheme": "unknown", "secrets": ["some-secret"]}}`).Problems()[0].Error(), "known schemes are ")
	tested := map[string]bool{}
	for _, v := range vectors {
		tested[cmp.Or(gjson.Get(all, v.sender+".scheme").Str, v.sender)] = true
	}
	for name := range strings.SplitSeq(strings.TrimRight(names, ".)"), ", ") {
		if !tested[name] {
			t.Errorf("no sender in all and vectors signs as %q", name)
		}
		if !strings.Contains(string(readme), "`"+name+"`") {
			t.Errorf("events/README.md does not say how %q signs", name)
		}
	}
	if len(tested) < 6 {
		t.Errorf("got %v of %q", tested, names)
	}
}

// TestIdentity: what is not signed does not make a request another one.
func TestIdentity(t *testing.T) {
	t.Parallel()
	senders := mustParse(t, all)
	id := func(name string, header []string, body string) string {
		got, err := senders.Verify(name, headerOf(header), []byte(body), time.Unix(1614265330, 0))
		if err != nil {
			t.Fatal(err)
		}
		return got.ID + " " + got.Delivery
	}
	github := func(delivery, body string) string {
		return id("github", []string{"X-Hub-Signature-256", "sha256=" + mac256(githubSecret, body), "X-GitHub-Delivery", delivery, "webhook-id", delivery}, body)
	}
	first, second := github("d-1", "{}"), github("d-2", "{}")
	if strings.TrimSuffix(first, " d-1") != strings.TrimSuffix(second, " d-2") || github("d-1", "[]") == first {
		t.Errorf("got %s and %s", first, second)
	}
	// One bulk edit of NetBox has one request_id over many webhooks.
	bulk := func(id string) string { return `{"data":{"id":` + id + `},"request_id":"3a1f9b2c"}` }
	netbox := func(body string) string {
		return id("netbox", []string{"X-Hook-Signature", mac512(netboxSecret, body)}, body)
	}
	if one, two := netbox(bulk("1")), netbox(bulk("2")); one == two || !strings.HasSuffix(one, " 3a1f9b2c") || !strings.HasSuffix(two, " 3a1f9b2c") {
		t.Errorf("got %s and %s", one, two)
	}
	// The same body of two senders is two events.
	a := id("netbox", []string{"X-Hook-Signature", mac512(netboxSecret, "{}")}, "{}")
	b := id("dc2", []string{"X-Hook-Signature", mac512(nautobotSecret, "{}")}, "{}")
	if a == b {
		t.Errorf("got %s twice", a)
	}
	// What can't be an id is not logged.
	if got := github("k e y%41", "{}"); !strings.HasSuffix(got, " ") {
		t.Errorf("got %q", got)
	}
}

// TestGitLab: a request with a signature is never taken for its token.
func TestGitLab(t *testing.T) {
	t.Parallel()
	header := headerOf(signStandard(svixSecret, "webhook-", "m1", 1614265330, body))
	header.Set("X-Gitlab-Token", gitlabToken)
	var refused *webhook.Refused
	if _, err := mustParse(t, all).Verify("gitlab", header, []byte(body), time.Unix(1614265330, 0)); !errors.As(err, &refused) {
		t.Errorf("got %v", err)
	}
	if _, err := mustParse(t, `{"gitlab": "`+gitlabToken+`"}`).Verify("gitlab", header, []byte(body), time.Unix(1614265330, 0)); err != nil {
		t.Errorf("without a signing token: got %v", err)
	}
}

// TestPasted: a secret as people paste it is the same secret.
func TestPasted(t *testing.T) {
	t.Parallel()
	const bare = "YS1tYWRlLXVwLXNpZ25pbmcta2V5LW9mLTM1LWJ5dGVzLj8/Pw=="
	request := headerOf(signStandard(bare, "webhook-", "m1", 1614265330, body))
	for _, secret := range []string{
		bare, "whsec_" + bare, "v1,whsec_" + bare, "whsec_" + strings.TrimRight(bare, "="), `"whsec_` + bare + `"`, "'v1,whsec_" + bare + "'", "“whsec_" + bare + "”",
		"whsec_" + bare + "\r\n", "\ufeffwhsec_" + bare, "  whsec_" + bare + "\t", "whsec_" + strings.NewReplacer("+", "-", "/", "_").Replace(bare), "whsec_" + bare + ",",
		"v1,whsec_" + strings.TrimRight(bare, "=") + "\n",
	} {
		texts := map[string]string{secret: "", `{"/events": ` + strconv.Quote(secret) + `}`: ""}
		if strings.Contains(secret, "whsec_") {
			texts["partner="+strings.TrimSpace(secret)] = "partner"
		}
		for text, sender := range texts {
			if got, err := mustParse(t, text).Verify("", request, []byte(body), time.Unix(1614265330, 0)); err != nil || got.Sender != sender {
				t.Errorf("%q: got %+v, %v", text, got, err)
			}
		}
		if _, err := mustParse(t, `{"partner": {"secrets": [`+strconv.Quote(secret)+`]}}`).Verify("partner", request, []byte(body), time.Unix(1614265330, 0)); err != nil {
			t.Errorf("%q in an object: got %v", secret, err)
		}
	}
	for _, tt := range []struct{ stored, signs string }{
		{"netbox-signs-with-this-secret\r\n", "netbox-signs-with-this-secret"}, {`"netbox-signs-with-this-secret"`, "netbox-signs-with-this-secret"},
		{`"its quotes are its own"`, `"its quotes are its own"`}, {"blanks within it", "blanks within it"}, {"whsec_bytes-as-they-are", "whsec_bytes-as-they-are"},
	} {
		header := headerOf([]string{"X-Hook-Signature", strings.ToUpper(mac512(tt.signs, body))})
		if _, err := mustParse(t, `{"netbox": `+strconv.Quote(tt.stored)+`}`).Verify("netbox", header, []byte(body), time.Time{}); err != nil {
			t.Errorf("%q: got %v", tt.stored, err)
		}
	}
	// The console of Secrets Manager keeps texts only.
	nested := `{"site-a": "{\"scheme\": \"netbox\", \"secrets\": [\"netbox-signs-with-this-secret\"]}"}`
	if _, err := mustParse(t, nested).Verify("site-a", headerOf([]string{"X-Hook-Signature", mac512(netboxSecret, body)}), []byte(body), time.Time{}); err != nil {
		t.Errorf("a text that is an object: got %v", err)
	}
	for _, two := range []string{standardSecret + "\n" + svixSecret, `"` + standardSecret + `" "` + svixSecret + `"`, standardSecret + ", " + svixSecret, `"` + standardSecret + " " + svixSecret + `"`} {
		if _, err := mustParse(t, two).Verify("", headerOf(signStandard(svixSecret, "webhook-", "m", 9, body)), []byte(body), time.Unix(9, 0)); err != nil {
			t.Errorf("%q: got %v", two, err)
		}
	}
}

// TestProblems: what can't be used is named, with its remedy and without a secret; its
// sender is refused, and no other.
func TestProblems(t *testing.T) {
	t.Parallel()
	const leak = "S3cr3tS3cr3t"
	for _, tt := range []struct {
		text, want string
		problems   int
		path       string
		err        error
	}{
		{"whsec_!" + leak, "webhook secret 1 is not in the form of one: not base64; store", 1, "", webhook.ErrNoSecret},
		{"whsec_" + leak, "of 9 bytes", 1, "", webhook.ErrNoSecret},
		{"whpk_" + leak, "ed25519", 1, "", webhook.ErrNoSecret},
		{"a/b=" + standardSecret, "name that is not one", 1, "", webhook.ErrNoSecret},
		{`{"netbox": "` + leak + `"`, "is not JSON at line 1", 1, "netbox", webhook.ErrNoSecret},
		{`{'netbox': 1}`, "write double quotes", 1, "netbox", webhook.ErrNoSecret},
		{`{"netbox": ""}`, "has 0 bytes, fewer than 8", 1, "netbox", webhook.ErrNoSecret},
		{`{"netbox": {"secrets": []}}`, "has no secret", 1, "netbox", webhook.ErrNoSecret},
		{`{"netbox": {}}`, "has no secret", 1, "netbox", webhook.ErrNoSecret},
		{`{"netbox": {"secrets": [7]}}`, "secret 1 of the sender netbox is not a text", 1, "netbox", webhook.ErrNoSecret},
		{`{"netbox": {"secret": "` + leak + `"}}`, `write "secrets"`, 1, "netbox", webhook.ErrNoSecret},
		{`{"netbox": {"secrets": ["` + leak + `"], "header": "X"}}`, "only the scheme hmac", 1, "netbox", webhook.ErrNoSecret},
		{`{"netbox": {"secrets": ["` + leak + `"], "` + leak + leak + leak + leak + `": "X"}}`, "not known: (", 1, "netbox", webhook.ErrNoSecret},
		{`{"netbox": {"scheme": 1, "secrets": ["` + leak + `"]}}`, "scheme is not a text", 1, "netbox", webhook.ErrNoSecret},
		{`{"netbox": {"scheme": "` + leak + `", "secrets": ["x"]}}`, "known schemes are standard, svix", 1, "netbox", webhook.ErrNoSecret},
		{`{"netbox": 7}`, "is not an object", 1, "netbox", webhook.ErrNoSecret},
		{`{"netbox": "{` + leak + `"}`, "is not JSON", 1, "netbox", webhook.ErrNoSecret},
		{`{"netbox": "` + leak + `", "netbox": "` + leak + leak + `"}`, "is there twice", 1, "netbox", webhook.ErrNoSecret},
		{`{"other": "` + leak + `"}`, "secret 1 of the sender other is not in the form", 1, "other", webhook.ErrNoSecret},
		{`{"` + standardSecret + `": "netbox"}`, "characters) ", 1, "netbox", webhook.ErrUnknown},
		{`{"/events": ["` + leak + `"]}`, "is not a text", 1, "", webhook.ErrNoSecret},
		{`{"hmac": "` + leak + `"}`, "is not an object", 1, "hmac", webhook.ErrNoSecret},
		{`{"x": {"scheme": "hmac", "secrets": ["` + leak + `"]}}`, "has no header", 1, "x", webhook.ErrNoSecret},
		{`{"x": {"scheme": "hmac", "header": "a b", "secrets": ["` + leak + `"]}}`, "no header can have", 1, "x", webhook.ErrNoSecret},
		{`{"x": {"scheme": "hmac", "header": "X", "hash": "md5", "secrets": ["` + leak + `"]}}`, "sha256 or sha512", 1, "x", webhook.ErrNoSecret},
		{`{"x": {"scheme": "hmac", "header": "X", "encoding": "base32", "secrets": ["` + leak + `"]}}`, "hex or base64", 1, "x", webhook.ErrNoSecret},
		{`{"x": {"scheme": "hmac", "header": "X", "content": "{body}{body}", "secrets": ["` + leak + `"]}}`, "end with the one {body}", 1, "x", webhook.ErrNoSecret},
		{`{"x": {"scheme": "hmac", "header": "X", "content": "{timestamp}.{body}", "secrets": ["` + leak + `"]}}`, "don't fit each other", 1, "x", webhook.ErrNoSecret},
		{`{"x": {"scheme": "hmac", "header": "X", "timestamp": "T", "content": "{body}", "secrets": ["` + leak + `"]}}`, "don't fit each other", 1, "x", webhook.ErrNoSecret},
		{`{"x": {"scheme": "hmac", "header": "X", "timestamp": "T", "content": "{timestamp}{body}", "secrets": ["` + leak + `"]}}`, "tells the time from the body", 1, "x", webhook.ErrNoSecret},
		{`{"netbox": "` + leak + `", "nautobot": {"secrets": ["other-secret", "` + leak + `"]}}`, "the sender nautobot has a secret that netbox has too", 1, "nautobot", webhook.ErrNoSecret},
		{`{"a": "` + standardSecret + `", "b": {"scheme": "svix", "secrets": ["` + strings.TrimPrefix(standardSecret, "whsec_") + `"]}}`, "has a secret that b has too", 1, "a", webhook.ErrNoSecret},
		{`{"a": "` + standardSecret + `", "/events": "` + standardSecret + `"}`, "has a secret that /events has too", 1, "a", webhook.ErrNoSecret},
		{"a=" + standardSecret + " b=" + standardSecret, "the sender a has a secret that b has too", 1, "", webhook.ErrNoSecret},
	} {
		senders := webhook.Parse(tt.text)
		said := ""
		for _, p := range senders.Problems() {
			said += p.Error() + "\n"
			if p.Remedy == "" {
				t.Errorf("%s: no remedy", p.Text)
			}
		}
		if len(senders.Problems()) != tt.problems || !strings.Contains(said, tt.want) {
			t.Errorf("%s: got %q, want %q", tt.text, said, tt.want)
		}
		if strings.Contains(said, leak) || strings.Contains(said, standardSecret) || strings.Contains(fmt.Sprintf("%+v %#v", senders, senders.Problems()), leak) {
			t.Errorf("%s: a secret is told: %s", tt.text, said)
		}
		if _, err := senders.Verify(tt.path, http.Header{}, nil, time.Time{}); !errors.Is(err, tt.err) {
			t.Errorf("%s: got %v, want %v", tt.text, err, tt.err)
		}
		if strings.HasPrefix(tt.text, "{") && strings.HasSuffix(tt.text, "}") && !strings.Contains(said, "is not JSON at") {
			beside := webhook.Parse(`{"good": "` + svixSecret + `", ` + tt.text[1:])
			if _, err := beside.Verify("good", headerOf(signStandard(svixSecret, "svix-", "m", 9, body)), []byte(body), time.Unix(9, 0)); err != nil {
				t.Errorf("%s: beside it got %v", tt.text, err)
			}
		}
	}
}

// TestNobody: without senders nothing is known, and a path without one is told apart
// from a sender without a secret.
func TestNobody(t *testing.T) {
	t.Parallel()
	for _, s := range []*webhook.Senders{nil, webhook.Parse(""), webhook.Parse(" \n"), webhook.Parse("{}")} {
		for _, name := range []string{"", "netbox"} {
			if _, err := s.Verify(name, http.Header{}, nil, time.Time{}); !errors.Is(err, webhook.ErrNoSecret) {
				t.Errorf("got %v", err)
			}
		}
	}
	for text, want := range map[string]string{
		"": "", standardSecret: "/events", `{"b": "` + standardSecret + `", "a": "` + svixSecret + `", "netbox": "short"}`: "/webhooks/a /webhooks/b",
	} {
		if got := strings.Join(webhook.Parse(text).Paths(), " "); got != want {
			t.Errorf("%s: got paths %q, want %q", text, got, want)
		}
	}
	if _, err := mustParse(t, all).Verify("", http.Header{}, nil, time.Time{}); !errors.Is(err, webhook.ErrUnknown) {
		t.Errorf("got %v", err)
	}
	if _, err := mustParse(t, standardSecret).Verify("netbox", http.Header{}, nil, time.Time{}); !errors.Is(err, webhook.ErrUnknown) {
		t.Errorf("got %v", err)
	}
}

// FuzzSenders reads any text, and checks any request by senders that are known: only
// what has their signature is taken.
func FuzzSenders(f *testing.F) {
	for _, v := range vectors {
		f.Add(all, v.sender, v.headers[0], v.headers[1], v.headers[len(v.headers)-1], v.body, v.seconds)
	}
	for _, text := range []string{standardSecret, "v1," + standardSecret, "a=" + standardSecret + " " + svixSecret, `{"/events": "x", "b": {"secrets": [1]}}`} {
		f.Add(text, "b", "X-Signature", "sha256=00", "9", "{}", int64(9))
	}
	known := webhook.Parse(all)
	f.Fuzz(func(t *testing.T, text, name, header, value, last, body string, seconds int64) {
		now := time.Unix(seconds, 0)
		h := http.Header{}
		for _, n := range []string{"webhook-timestamp", "X-Time", "X-Slack-Request-Timestamp"} {
			h.Set(n, last)
		}
		h.Set("webhook-id", last)
		h.Set(header, value)
		for _, s := range []*webhook.Senders{webhook.Parse(text), known} {
			for _, p := range s.Problems() {
				if p.Remedy == "" || p.Error() == "" {
					t.Errorf("a problem without a remedy: %q", p)
				}
			}
			got, err := s.Verify(name, h, []byte(body), now)
			if err == nil && (got.ID == "" || got.Sender != name && name != "") {
				t.Errorf("got %+v", got)
			}
		}
		got, err := known.Verify(name, h, []byte(body), now)
		if err != nil {
			return
		}
		good := map[string]bool{
			"netbox": h.Get("X-Hook-Signature") != "" && (strings.EqualFold(h.Get("X-Hook-Signature"), mac512(netboxSecret, body)) || strings.EqualFold(h.Get("X-Hook-Signature"), mac512("netbox-will-sign-with-this", body))),
			"dc2":    strings.EqualFold(h.Get("X-Hook-Signature"), mac512(nautobotSecret, body)),
			"github": strings.EqualFold(h.Get("X-Hub-Signature-256"), "sha256="+mac256(githubSecret, body)),
			"mes":    strings.EqualFold(h.Get("X-Signature"), mac256("mes-signs-with-this-secret", body)),
			"gitlab": h.Get("X-Gitlab-Token") == gitlabToken,
			"slack":  strings.HasSuffix(h.Get("X-Slack-Signature"), mac256(slackSecret, "v0:"+last+":"+body)),
			"standard": strings.Contains(value+last, signStandard(standardSecret, "webhook-", h.Get("webhook-id"), got.Time.Unix(), body)[5]) ||
				strings.Contains(value+last, signStandard(standardSecret, "svix-", h.Get("svix-id"), got.Time.Unix(), body)[5]),
		}
		if ok, listed := good[got.Sender]; !ok && listed {
			t.Errorf("taken from %s: %q", got.Sender, h)
		}
	})
}
