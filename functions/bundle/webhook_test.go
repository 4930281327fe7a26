package bundle_test

import (
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
	first := h.mustPost("msg-1", body)
	again := func() {
		t.Helper()
		// A sender that tries again signs anew.
		if r := h.post(h.webhooks[1], "msg-1", time.Now().Add(3*time.Second), body); r.StatusCode != 202 || r.Body != first.Body {
			t.Errorf("got %d %s, want %s", r.StatusCode, r.Body, first.Body)
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
