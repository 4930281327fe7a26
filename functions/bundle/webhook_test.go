package bundle_test

import (
	"testing"
	"time"

	"github.com/tidwall/gjson"

	"vpnattach/shared/outcome"
)

// TestSignature lets in who has signed with one of the secrets, and leaves no trace of
// others.
func TestSignature(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{})
	foreign := "whsec_" + w.newSecret("foreign webhook secret", "Zm9yZWlnbi1mb3JlaWduLWZvcmVpZ24tZm9yZWlnbg")
	key := w.newKey("key that is refused")
	for name, r := range map[string]response{
		"foreign secret": w.post(foreign+"==", "msg-1", time.Now(), singleKey(key)),
		"too old":        w.post(w.webhooks[1], "msg-1", time.Now().Add(-6*time.Minute), singleKey(key)),
	} {
		if r.StatusCode != 401 || r.Headers["Content-Type"] != "application/problem+json" || gjson.Get(r.Body, "status").Int() != 401 {
			t.Errorf("%s: got %d %s", name, r.StatusCode, r.Body)
		}
	}
	if len(w.asked("ingest", "sqs:SendMessage", "ChangeQueue"))+len(w.asked("ingest", "dynamodb:PutItem", "LedgerTable"))+
		len(w.asked("ingest", "sqs:SendMessage", "FailedEventQueue")) != 0 {
		t.Error("something was kept of a request that is not signed")
	}
	w.checkMetrics("ingest", "Unsigned", 2)

	if r := w.post(w.webhooks[0], "msg-1", time.Now(), named(single, "signed-with-the-old-secret")); r.StatusCode != 202 {
		t.Errorf("the secret from before: got %d %s", r.StatusCode, r.Body)
	}
	w.mustSettle(outcome.Settled, single, "msg-1")
}

// TestReplay sends the same webhook again: at once, when it has been applied, and when
// somebody has edited the attachment since.
func TestReplay(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{})
	body := named(single, "from-the-webhook")
	first := w.mustPost("msg-1", body)
	again := func() {
		t.Helper()
		// A sender that tries again signs anew.
		if r := w.post(w.webhooks[1], "msg-1", time.Now().Add(3*time.Second), body); r.StatusCode != 202 || r.Body != first.Body {
			t.Errorf("got %d %s, want %s", r.StatusCode, r.Body, first.Body)
		}
	}
	again()
	w.mustSettle(outcome.Settled, single, "msg-1")
	again()
	if list := w.settle(); len(list) != 0 {
		t.Errorf("got outcomes %+v", list)
	}
	w.edit(named(single, "by-hand"))
	again()
	if list := w.settle(); len(list) != 0 {
		t.Errorf("got outcomes %+v", list)
	}
	if got := w.describe(single, "Name"); got != "by-hand" || len(w.modified()) != 1 {
		t.Errorf("got name %q after %d calls", got, len(w.modified()))
	}
}

// TestInvalidWebhook answers with the findings, and keeps nothing.
func TestInvalidWebhook(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{})
	key := w.newKey("key of the invalid change")
	r := w.post(w.webhooks[1], "msg-1", time.Now(), encode(map[string]any{
		"RegionId": "cn-hangzhou", "VpnConnectionId": single, "Nmae": "site", "IkeConfig": map[string]string{"Psk": key + " with blanks"},
	}))
	problem := gjson.Parse(r.Body)
	if r.StatusCode != 400 || problem.Get("findings.#").Int() < 2 || problem.Get(`findings.#(path="Nmae").hint`).Str == "" {
		t.Errorf("got %d %s", r.StatusCode, r.Body)
	}
	if len(w.asked("ingest", "sqs:SendMessage", "ChangeQueue"))+len(w.asked("ingest", "sqs:SendMessage", "FailedEventQueue")) != 0 {
		t.Error("something was kept of a refused webhook")
	}
}
