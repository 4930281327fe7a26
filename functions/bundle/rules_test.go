package bundle_test

import (
	"strings"
	"testing"
	"time"

	"vpnattach/shared/outcome"
)

// TestRulesWithoutDeployment changes the rules of a running stack: a new version counts,
// a bad one does not, whether the function has had the last good one or starts anew.
func TestRulesWithoutDeployment(t *testing.T) {
	t.Parallel()
	for _, place := range []string{"RulesObject", "RulesParameter"} {
		t.Run(place, func(t *testing.T) {
			t.Parallel()
			rules := func(attachment, suffix string) string {
				return `{"rules":[{"name":"site","match":{"source":["com.example.inventory"]},"from":{"Name":"detail.name"},
					"with":{"RegionId":"cn-hangzhou","VpnConnectionId":"` + attachment + `"}}]` + suffix + `}`
			}
			h := newHarness(t, setup{rulesIn: place, rules: rules(single, "")})
			at := time.Now().Add(-time.Minute)
			name := func(attachment, want string) {
				t.Helper()
				at = at.Add(time.Second) // the bus writes whole seconds
				h.emitAs("com.example.inventory", "Site Renamed", at, `{"name":"`+want+`"}`)
				h.mustSettle(outcome.Settled, attachment)
				if got := h.describe(attachment, "Name"); got != want {
					t.Errorf("got name %q, want %q", got, want)
				}
			}
			name(single, "first")
			h.checkMetrics("ingest", "StaleRules", 0)
			h.writeRules(rules(dual, ""))
			name(single, "kept-for-a-minute")
			h.functions["ingest"].Kill()
			name(dual, "second")
			h.writeRules(rules(single, `,"tests":[{"name":"fails","event":{"source":"com.example.inventory"},"want":[]}]`))
			h.writeRules(`{"rules":[{"name":"no match"}]}`)
			h.functions["ingest"].Kill()
			name(dual, "last-good")
			h.checkMetrics("ingest", "StaleRules", 1)
			if log := strings.Join(h.lines("ingest"), ""); !strings.Contains(log, "the rule file has an error") || !strings.Contains(log, "a test of the rule file has failed") {
				t.Errorf("the log does not say why: %s", log)
			}
			h.writeRules(rules(single, ""))
			h.functions["ingest"].Kill()
			name(single, "corrected")
			h.checkMetrics("ingest", "StaleRules", 1)
		})
	}
}

// TestNoRules keeps events while the rules can't be read, and takes them then.
func TestNoRules(t *testing.T) {
	t.Parallel()
	h := newHarness(t, setup{rulesIn: "RulesObject"})
	on(h, &h.refuse, func(r *awsCall) string {
		if strings.HasPrefix(r.action, "s3:") {
			return "AccessDenied"
		}
		return ""
	})
	if r := h.post(h.webhooks[1], "msg-1", time.Now(), named(single, "a")); r.StatusCode != 503 {
		t.Errorf("got %d %s", r.StatusCode, r.Body)
	}
	h.checkMetrics("ingest", "Kept", 1)
	h.checkMetrics("ingest", "StaleRules", 1)
	on(h, &h.refuse, nil)
	h.functions["ingest"].Kill()
	h.mustPost("msg-1", named(single, "a"))
	h.mustSettle(outcome.Settled, single, "msg-1")
}
