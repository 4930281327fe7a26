package bundle_test

import (
	"strings"
	"testing"

	"vpnattach/shared/outcome"
)

// rule is a sample rule file, with what it names replaced.
func (h *harness) rule(name string, pairs ...string) string {
	h.Helper()
	return strings.NewReplacer(pairs...).Replace(h.sample("rules/" + name))
}

// TestRotatedSecret handles a rotation by reference: the key itself is never in a queue.
func TestRotatedSecret(t *testing.T) {
	t.Parallel()
	for name, attachment := range map[string]string{"single": single, "dual": dual} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHarness(t, setup{})
			old, key := h.newKey("key from before"), h.newKey("rotated key")
			arn := h.createSecret(h, "SecretArns", "vpn/site-a", encode(map[string]string{"psk": old}))
			_, id, _ := strings.Cut(arn, ":secret:")
			replace := []string{"vpn/site-a/tunnel-1-9fK2aB", id, `"RegionId": "eu-central-1"`, `"RegionId": "cn-hangzhou"`, "vco-p0w5112fgnl2ihlmf0000", attachment}
			field := "Tunnel.1.TunnelIkeConfig.Psk"
			if attachment == single {
				replace = append(replace, `"`+field+`"`, `"IkeConfig.Psk"`)
				field = "IkeConfig.Psk"
			}
			h.writeRules(h.rule("psk-rotated", replace...))
			h.putSecret(h, arn, encode(map[string]string{"psk": key}))

			h.invoke(strings.ReplaceAll(h.sample("secretsmanager-rotation"), "vpn/site-a/tunnel-1-9fK2aB", id))
			h.mustSettle(outcome.Settled, attachment, "638c6d2d-e098-4100-a3e0-a4b7b87e5b92")
			h.checkKey(attachment, field, key)
			if find(strings.Join(h.bodies, ""), formsOf(key)) != "" || len(h.bodies) == 0 {
				t.Error("the key is in the queue")
			}
		})
	}
}

// TestStoredParameter does the same with parameters, one for each tunnel.
func TestStoredParameter(t *testing.T) {
	t.Parallel()
	h := newHarness(t, setup{})
	keys := map[string]string{"1": h.newKey("key of tunnel 1"), "2": h.newKey("key of tunnel 2")}
	h.writeRules(h.rule("tunnel-psk-stored", "/vpn/site-b", "/"+h.prefix+"vpn/site-b"))
	for index, key := range keys {
		name := h.createParameter(h, "vpn/site-b/tunnel-"+index, key)
		h.invoke(strings.NewReplacer("/vpn/site-b/tunnel-1", name, "9547ef2d", "9547ef2"+index).Replace(h.sample("parameterstore-change")))
	}
	h.mustSettle(outcome.Settled, dual)
	for index, key := range keys {
		h.checkKey(dual, "Tunnel."+index+".TunnelIkeConfig.Psk", key)
	}
	if got := len(h.modified()); got != 1 {
		t.Errorf("got %d calls of Modify, want the two events in one", got)
	}
}

// TestReferenceNotAllowed proves that a rule reaches no secret outside the listed ones.
func TestReferenceNotAllowed(t *testing.T) {
	t.Parallel()
	h := newHarness(t, setup{})
	arn := h.createSecret(h, "SecretArns", "other/site-a", h.newKey("key that is not listed"))
	_, id, _ := strings.Cut(arn, ":secret:")
	h.writeRules(h.rule("psk-rotated", "vpn/site-a/tunnel-1-9fK2aB", id, ":SecretString:psk", "", `"RegionId": "eu-central-1"`, `"RegionId": "cn-hangzhou"`, "vco-p0w5112fgnl2ihlmf0000", dual))
	h.invoke(strings.ReplaceAll(h.sample("secretsmanager-rotation"), "vpn/site-a/tunnel-1-9fK2aB", id))
	if o := h.mustSettle(outcome.Rejected, dual); o.Reason == nil || o.Reason.Code != "reference-unresolvable" {
		t.Errorf("got %+v", o)
	}
	if got := h.requestsOf("apply", "secretsmanager:GetSecretValue", "SecretArns"); len(got) != 0 {
		t.Error("the secret was asked for")
	}
}

// TestPinnedVersion takes the version of a secret that the event names, though there is
// a newer one, and the access key that the rule chooses, here and for confirming.
func TestPinnedVersion(t *testing.T) {
	t.Parallel()
	for name, attachment := range map[string]string{"single": single, "dual": dual} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHarness(t, setup{})
			key, next := h.newKey("key that the event is about"), h.newKey("key from after the event")
			arn := h.createSecret(h, "SecretArns", "vpn/site-b", encode(map[string]string{"psk": "none-yet"}))
			version := h.putSecret(h, arn, encode(map[string]string{"psk": key}))
			h.putSecret(h, arn, encode(map[string]string{"psk": next}))
			_, id, _ := strings.Cut(arn, ":secret:")
			field := "Tunnel.1.TunnelIkeConfig.Psk"
			if attachment == single {
				field = "IkeConfig.Psk"
			}
			h.writeRules(h.rule("psk-put", "vpn/site-b-Qm7RtX", id, `"site-b"`, `"branch"`, dual, attachment, `"Tunnel.1.TunnelIkeConfig.Psk"`, `"`+field+`"`))
			h.invoke(strings.NewReplacer("vpn/site-b-Qm7RtX", id, "5a8f3f0e-9c1b-4d5c-8a57-2f6a1b7c9d30", version).Replace(h.sample("cloudtrail-putsecretvalue")))
			h.mustSettle(outcome.Settled, attachment, "b2a9c1de-5f4e-4d3c-8b2a-1f0e9d8c7b6a")
			h.checkKey(attachment, field, key)
			h.mutex.Lock()
			defer h.mutex.Unlock()
			for _, c := range h.calls {
				if c.AccessKeyID != "branch" {
					t.Errorf("%s with the access key of %s", c.Action, c.AccessKeyID)
				}
			}
		})
	}
}
