package bundle_test

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/hex"
	"hash"
	"strings"
	"testing"
	"time"

	"github.com/tidwall/gjson"

	"vpnattach/shared/outcome"
)

// TestSignature: webhooks that are signed with one of the secrets are accepted, and
// nothing is kept of others.
func TestSignature(t *testing.T) {
	t.Parallel()
	h := newHarness(t, setup{})
	foreign := "whsec_" + h.newSecret("foreign webhook secret", "Zm9yZWlnbi1mb3JlaWduLWZvcmVpZ24tZm9yZWlnbg")
	key := h.newKey("key that is refused")
	for name, r := range map[string]response{
		"foreign secret": h.post(foreign+"==", "msg-1", time.Now(), singleKey(key)),
		"too old":        h.post(h.webhooks[1], "msg-1", time.Now().Add(-6*time.Minute), singleKey(key)),
	} {
		if r.StatusCode != 401 || r.Headers["Content-Type"] != "application/problem+json" || gjson.Get(r.Body, "status").Int() != 401 {
			t.Errorf("%s: got %d %s", name, r.StatusCode, r.Body)
		}
	}
	if len(h.requestsOf("ingest", "sqs:SendMessage", "ChangeQueue"))+len(h.requestsOf("ingest", "dynamodb:PutItem", "LedgerTable"))+
		len(h.requestsOf("ingest", "sqs:SendMessage", "FailedEventQueue")) != 0 {
		t.Error("something was kept of a request that is not signed")
	}
	h.checkMetrics("ingest", "Unsigned", 2)

	if r := h.post(h.webhooks[0], "msg-1", time.Now(), named(single, "signed-with-the-old-secret")); r.StatusCode != 202 {
		t.Errorf("the previous secret: got %d %s", r.StatusCode, r.Body)
	}
	h.mustSettle(outcome.Settled, single, "msg-1")
}

// TestReplay sends the same webhook again: at once, when it has been applied, and when
// the attachment was edited by hand since.
func TestReplay(t *testing.T) {
	t.Parallel()
	h := newHarness(t, setup{})
	body := named(single, "from-the-webhook")
	h.mustPost("msg-1", body)
	again := func() {
		t.Helper()
		// A sender that tries again signs anew.
		if r := h.post(h.webhooks[1], "msg-1", time.Now().Add(3*time.Second), body); r.StatusCode != 202 || gjson.Get(r.Body, "findings.0.rule").Str != "webhook-repeated" {
			t.Errorf("got %d %s", r.StatusCode, r.Body)
		}
	}
	again()
	h.mustSettle(outcome.Settled, single, "msg-1")
	again()
	if list := h.settle(); len(list) != 0 {
		t.Errorf("got outcomes %+v", list)
	}
	h.edit(named(single, "by-hand"))
	again()
	if list := h.settle(); len(list) != 0 {
		t.Errorf("got outcomes %+v", list)
	}
	if got := h.describe(single, "Name"); got != "by-hand" || len(h.modified()) != 1 {
		t.Errorf("got name %q after %d calls", got, len(h.modified()))
	}
}

// webhookTo posts a body to a sender's path, through API Gateway.
func (h *harness) webhookTo(name, body string, headers map[string]string) response {
	h.Helper()
	var payload map[string]any
	h.decode(h.sample("apigateway-v2"), &payload)
	payload["rawPath"], payload["body"] = "/webhooks/"+name, body
	all := map[string]string{"content-type": "application/json"}
	for name, value := range headers {
		all[strings.ToLower(name)] = value
	}
	payload["headers"] = all
	answer, err := h.functions["ingest"].Invoke(h.Context(), []byte(encode(payload)))
	if err != nil {
		h.Fatal(err)
	}
	h.show("answer of ingest", string(answer))
	var r response
	h.decode(string(answer), &r)
	return r
}

// hmacOf is an HMAC in hexadecimal digits.
func hmacOf(of func() hash.Hash, key, body string) string {
	mac := hmac.New(of, []byte(key))
	mac.Write([]byte(body))
	return hex.EncodeToString(mac.Sum(nil))
}

// TestSenders: each sender signs as it does, at a path of its own. A sender without a
// usable secret is named at the start of the function, and holds up nobody else.
func TestSenders(t *testing.T) {
	t.Parallel()
	h := newHarness(t, setup{})
	netbox, github := h.newSecret("secret of NetBox", rand.Text()), h.newSecret("secret of GitHub", rand.Text())
	h.putSecret(h, h.arns["WebhookSecretArn"], encode(map[string]any{
		"netbox": map[string]any{"secrets": []string{"an older secret", netbox}}, "github": github, "gitlab": "short", "/events": h.webhooks[1],
	}))
	body := named(single, "from-netbox")
	sign := map[string]string{"X-Hook-Signature": hmacOf(sha512.New, netbox, body)}
	for name, status := range map[string]int{"github": 401, "gitlab": 503, "unknown": 404} {
		if r := h.webhookTo(name, body, sign); r.StatusCode != status {
			t.Errorf("%s: got %d %s", name, r.StatusCode, r.Body)
		}
	}
	if r := h.webhookTo("netbox", body+" ", sign); r.StatusCode != 401 {
		t.Errorf("another body: got %d %s", r.StatusCode, r.Body)
	}
	if len(h.requestsOf("ingest", "sqs:SendMessage", "ChangeQueue"))+len(h.requestsOf("ingest", "dynamodb:PutItem", "LedgerTable")) != 0 {
		t.Error("something was kept of a refused request")
	}
	first := h.lines("ingest")[1] // after that with the number of rules
	if !strings.Contains(first, "can't be used") || !strings.Contains(first, "of the sender gitlab has 5 bytes") || gjson.Get(first, "remedy").Str == "" {
		t.Errorf("the log begins with %s", first)
	}
	h.checkMetrics("ingest", "NoSecret", 2)
	r := h.webhookTo("netbox", body, sign)
	id := gjson.Get(r.Body, "changes.0.eventId").Str
	if r.StatusCode != 202 || !strings.HasPrefix(id, "sha256:") {
		t.Fatalf("got %d %s", r.StatusCode, r.Body)
	}
	h.mustSettle(outcome.Settled, single, id)
	for range 2 {
		if r := h.webhookTo("netbox", body, sign); r.StatusCode != 202 || gjson.Get(r.Body, "findings.0.rule").Str != "webhook-repeated" {
			t.Errorf("tried again: got %d %s", r.StatusCode, r.Body)
		}
	}
	body = named(dual, "from-github")
	for _, delivery := range []string{"d-1", "d-2"} {
		if r := h.webhookTo("github", body, map[string]string{"X-Hub-Signature-256": "sha256=" + hmacOf(sha256.New, github, body), "X-GitHub-Delivery": delivery}); r.StatusCode != 202 {
			t.Errorf("got %d %s", r.StatusCode, r.Body)
		}
	}
	h.mustSettle(outcome.Settled, dual)
	// A time in whole seconds is before that of the first webhook, which has none of its own.
	if r := h.post(h.webhooks[1], "msg-1", time.Now().Add(time.Second), named(single, "at-the-old-path")); r.StatusCode != 202 {
		t.Fatalf("got %d %s", r.StatusCode, r.Body)
	}
	h.mustSettle(outcome.Settled, single, "msg-1")
	if got := len(h.modified()); got != 3 {
		t.Errorf("got %d calls of Modify", got)
	}
}

// TestInvalidWebhook answers with the findings, and keeps nothing.
func TestInvalidWebhook(t *testing.T) {
	t.Parallel()
	h := newHarness(t, setup{})
	key := h.newKey("key of the invalid change")
	r := h.post(h.webhooks[1], "msg-1", time.Now(), encode(map[string]any{
		"RegionId": "cn-hangzhou", "VpnConnectionId": single, "Nmae": "site", "IkeConfig": map[string]string{"Psk": key + " with blanks"},
	}))
	problem := gjson.Parse(r.Body)
	if r.StatusCode != 400 || problem.Get("findings.#").Int() < 2 || problem.Get(`findings.#(path="Nmae").hint`).Str == "" {
		t.Errorf("got %d %s", r.StatusCode, r.Body)
	}
	if len(h.requestsOf("ingest", "sqs:SendMessage", "ChangeQueue"))+len(h.requestsOf("ingest", "sqs:SendMessage", "FailedEventQueue")) != 0 {
		t.Error("something was kept of a refused webhook")
	}
}
