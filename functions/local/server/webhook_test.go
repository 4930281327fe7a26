package server_test

import (
	"crypto/hmac"
	"crypto/sha512"
	"encoding/hex"
	"net/http"
	"strings"
	"testing"

	"github.com/tidwall/gjson"

	"vpnattach/functions/local/server"
	"vpnattach/shared/webhook"
)

const netboxSecret = "netbox-signs-with-this-secret"

func hookSignature(key, body string) string {
	h := hmac.New(sha512.New, []byte(key))
	h.Write([]byte(body))
	return hex.EncodeToString(h.Sum(nil))
}

// TestWebhooks: a sender's webhooks are taken as in the cloud, and remembered over a
// restart.
func TestWebhooks(t *testing.T) {
	t.Parallel()
	dir := stateDir(t)
	configure := func(c *server.Config) {
		c.Rules = mustRules(t, "webhook-payload.json")
		c.Senders = webhook.Parse(`{"netbox": "` + netboxSecret + `", "github": "github-signs-with-this-secret"}`)
	}
	r := start(t, dir, configure)
	payload := gjson.Get(mustRead(t, "webhook-payload.json"), "body").Str
	post := func(path, key, body string, status int, header ...string) gjson.Result {
		t.Helper()
		response, answer := r.do(http.MethodPost, r.events+path, body, append(header, "Content-Type", "application/json", "X-Hook-Signature", hookSignature(key, body))...)
		if response.StatusCode != status {
			t.Errorf("%s: got %d %s, want %d", path, response.StatusCode, answer, status)
		}
		return gjson.Parse(answer)
	}
	if got := post("/webhooks/netbox", "another-secret", payload, 401); got.Get("status").Int() != 401 {
		t.Errorf("got %s", got)
	}
	post("/webhooks/github", netboxSecret, payload, 401)
	post("/webhooks/other", netboxSecret, payload, 404)
	post("/webhooks/netbox", netboxSecret, payload, 403, "Host", "hooks.example.com")
	post("/webhooks/netbox", netboxSecret, strings.Repeat("x", 1<<20+1), 413)
	taken := post("/webhooks/netbox", netboxSecret, payload, 202)
	id := taken.Get("changes.0.eventId").Str
	r.until(id, is("applied"))
	for range 2 {
		if got := post("/webhooks/netbox", netboxSecret, payload, 202); got.Get("changes.#").Int() != 0 || got.Get("findings.0.rule").Str != "webhook-repeated" {
			t.Errorf("got %s", got)
		}
		r.stop()
		r = start(t, dir, configure)
	}
	if response, _ := r.do(http.MethodGet, r.events+"/webhooks/netbox", ""); response.StatusCode != 405 || response.Header.Get("Allow") != "POST" {
		t.Errorf("got %d", response.StatusCode)
	}
}

// TestWebhooksUnset: without senders nothing is taken. The mode plan remembers nothing.
func TestWebhooksUnset(t *testing.T) {
	t.Parallel()
	r := start(t, stateDir(t), nil)
	if response, answer := r.do(http.MethodPost, r.events+"/webhooks/netbox", bare, "X-Hook-Signature", hookSignature(netboxSecret, bare)); response.StatusCode != 503 {
		t.Errorf("got %d %s", response.StatusCode, answer)
	}
	r = start(t, stateDir(t), func(c *server.Config) {
		c.Plan, c.Senders = true, webhook.Parse(`{"netbox": "`+netboxSecret+`"}`)
	})
	for range 2 {
		response, answer := r.do(http.MethodPost, r.events+"/webhooks/netbox", bare, "Content-Type", "application/json", "X-Hook-Signature", hookSignature(netboxSecret, bare))
		if response.StatusCode != 202 || gjson.Get(answer, "changes.#").Int() != 1 {
			t.Errorf("got %d %s", response.StatusCode, answer)
		}
	}
}
