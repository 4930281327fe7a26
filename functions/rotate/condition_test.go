package rotate_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"vpnattach/functions/rotate"
	"vpnattach/shared/aws/sitevpn"
	"vpnattach/shared/core/attachment"
	"vpnattach/shared/core/secret"
	"vpnattach/shared/emulator"
	"vpnattach/shared/ledger"
	"vpnattach/shared/outcome"
)

// conditions are the ways in which a rotation is refused before anything is touched.
var conditions = []struct {
	code string
	set  func(t *testing.T, w *world)
}{
	{"peer-other-tunnel-down", func(_ *testing.T, w *world) { w.peer.otherDown[1] = true }},
	{"other-tunnel-down", func(_ *testing.T, w *world) { w.peer.otherDown[0] = true; w.peer.settle() }},
	{"peer-in-motion", func(_ *testing.T, w *world) { w.peer.ready = w.now.Add(time.Hour) }},
	{"peer-key-differs", func(_ *testing.T, w *world) { w.peer.set("another.key.0001") }},
	{"key-differs", func(t *testing.T, w *world) { w.mustChange(t, "Tunnel.1.TunnelIkeConfig.Psk", "another.key.0002") }},
	{"effect-immediately", func(t *testing.T, w *world) { w.mustChange(t, "EffectImmediately", "false") }},
	{"tunnels-crossed", func(t *testing.T, w *world) { w.mustChange(t, "Tunnel.1.TunnelIkeConfig.RemoteId", outside2) }},
	{"in-motion", func(t *testing.T, w *world) { w.mustChange(t, "Name", "another") }},
	{"change-waits", func(_ *testing.T, w *world) { w.waits[region+"/"+vco] = w.now.Add(time.Second) }},
	{"change-sent", func(t *testing.T, w *world) {
		entry := ledger.Entry{Call: ledger.Call{Number: 1, Sent: w.now.Add(-time.Second), Asked: map[string]string{"Name": "0a"}}}
		w.mustSave(t, entry)
	}},
	{"superseded-by-newer", func(t *testing.T, w *world) {
		w.mustSave(t, ledger.Entry{Fields: map[string]ledger.Stamp{"Tunnel.1.TunnelIkeConfig.Psk": {Time: w.now.Add(time.Minute), EventID: "e"}}})
	}},
	{"peer-psk", func(_ *testing.T, w *world) { w.draws = "0123456789abcdef" }},
	{"peer-tunnel-unknown", func(_ *testing.T, w *world) { w.secret.replace(outside1, "203.0.113.99") }},
	{"another-rotation", func(_ *testing.T, w *world) {
		w.open, w.writes = fmt.Sprintf(`{"arn:of:tunnel:2": {"version": "v7", "attachment": %q, "phase": "forward", "time": "2026-03-01T12:00:00Z", "began": "2026-03-01T12:00:00Z", "writes": 1}}`, region+"/"+vco), 0
	}},
	{"peer-single-tunnel", func(_ *testing.T, w *world) {
		w.peer.edit = func(c *sitevpn.Connection) { c.Tunnels = c.Tunnels[1:] }
	}},
	{"peer-key-in-secrets-manager", func(_ *testing.T, w *world) {
		w.peer.edit = func(c *sitevpn.Connection) { c.Tunnels[1].KeyInSecretsManager = true }
	}},
	{"peer-key-unknown", func(_ *testing.T, w *world) {
		w.peer.edit = func(c *sitevpn.Connection) { c.Tunnels[1].Key = secret.Secret{} }
	}},
	{"peer-in-motion", func(_ *testing.T, w *world) {
		w.peer.edit = func(c *sitevpn.Connection) { c.Tunnels[0].Provisioning, c.Tunnels[0].Reason = "", "not shown" }
	}},
	{"single-tunnel", func(_ *testing.T, w *world) {
		w.secret.replace(vco, "vco-localsingle")
	}},
	{"not-allowed", func(_ *testing.T, w *world) { w.peer.denied = true }},
	{"rotation-disabled", func(_ *testing.T, w *world) { w.secret.enabled = false }},
	{"secret-invalid", func(_ *testing.T, w *world) { w.secret.replace(`"TunnelIndex": 1`, `"TunnelIndex": 3`) }},
	{"no-peer", func(_ *testing.T, w *world) { w.secret.replace(`"aws"`, `"other"`) }},
}

// mustChange changes our end by hand.
func (w *world) mustChange(t *testing.T, name, value string) {
	t.Helper()
	if err := w.changeByHand(name, value); err != nil {
		t.Fatal(err)
	}
}

func (w *world) mustSave(t *testing.T, entry ledger.Entry) {
	t.Helper()
	if err := w.ledger.Save(t.Context(), ledger.Key{RegionID: region, VpnConnectionID: vco}, entry); err != nil {
		t.Fatal(err)
	}
}

// TestConditions: whatever does not hold is named, and nothing has been touched.
func TestConditions(t *testing.T) {
	t.Parallel()
	for _, plan := range []bool{false, true} {
		for _, tt := range conditions {
			t.Run(fmt.Sprintf("%s, plan %v", tt.code, plan), func(t *testing.T) {
				t.Parallel()
				w := mustWorld(t, options{plan: plan, update: map[bool]time.Duration{true: 50 * time.Minute}[tt.code == "in-motion"]})
				tt.set(t, w)
				ours, theirs, current, before := w.ours(), w.peer.key, w.secret.stages["AWSCURRENT"], w.changed
				result, err := w.rotation("v1")
				var failed *rotate.Error
				if !errors.As(err, &failed) || result.Status != rotate.Refused || result.Reason.Code != tt.code || result.Reason.Remedy == "" {
					t.Fatalf("got %+v, %v", result.Reason, err)
				}
				for _, part := range []string{tt.code, result.Reason.Message, result.Reason.Remedy} {
					if !strings.Contains(err.Error(), part) {
						t.Errorf("the error does not say %q: %v", part, err)
					}
				}
				if len(w.queued) > 0 || w.writes > 0 || w.ours() != ours || w.peer.key != theirs || w.secret.stages["AWSCURRENT"] != current || w.changed != before {
					t.Error("something was touched")
				}
			})
		}
	}
}

// TestGarbage: a secret that can't be read any more while a rotation is open is the alarm,
// which names the tunnel and both ends.
func TestGarbage(t *testing.T) {
	t.Parallel()
	w := mustWorld(t, options{})
	w.secret.stages["AWSPENDING"] = "v1"
	for _, step := range []string{rotate.Create, rotate.Set} {
		if _, err := w.step(step, "v1"); err != nil {
			t.Fatal(err)
		}
	}
	w.secret.versions["v2"], w.secret.stages["AWSCURRENT"] = "garbage", "v2"
	result, err := w.step(rotate.Test, "v1")
	if err == nil || result.Status != rotate.KeysDiffer || len(result.Ends) != 2 || result.Ends[1].Tunnel != outside1 {
		t.Errorf("got %+v, %v", result, err)
	}
}

// TestPlan: in the mode plan, and with the step plan, everything is checked and nothing
// is changed.
func TestPlan(t *testing.T) {
	t.Parallel()
	for _, plan := range []bool{false, true} {
		w := mustWorld(t, options{plan: plan})
		ours, theirs, before := w.ours(), w.peer.key, w.changed
		result, err := w.step(rotate.Plan, "")
		if err != nil || result.Status != rotate.Planned || len(result.Ends) != 2 || result.Ends[0].Key != "AWSCURRENT" || result.Ends[1].Key != "AWSCURRENT" {
			t.Errorf("got %+v, %v", result, err)
		}
		if plan {
			result, err = w.rotation("v1")
			if err == nil || result.Reason.Code != "planned" {
				t.Errorf("a step in the mode plan: got %+v, %v", result, err)
			}
		}
		if len(w.queued) > 0 || w.writes > 0 || w.ours() != ours || w.peer.key != theirs || len(w.secret.versions) != 1 || w.changed != before {
			t.Error("something was changed")
		}
	}
}

// TestTry: Secrets Manager tries a rotation function out with testSecret, and a version
// that has no key of its own.
func TestTry(t *testing.T) {
	t.Parallel()
	w := mustWorld(t, options{})
	w.secret.stages["AWSPENDING"] = "v1"
	if result, err := w.step(rotate.Test, "v1"); err != nil || result.Status != rotate.Planned {
		t.Errorf("got %+v, %v", result, err)
	}
	w.peer.otherDown[1] = true
	if result, err := w.step(rotate.Test, "v1"); err == nil || result.Reason.Code != "peer-other-tunnel-down" {
		t.Errorf("got %+v, %v", result, err)
	}
}

// TestRepeated: each step may be taken twice, and after the last one all of them.
func TestRepeated(t *testing.T) {
	t.Parallel()
	w := mustWorld(t, options{update: 5 * time.Second, provision: time.Minute})
	w.secret.stages["AWSPENDING"] = "v1"
	calls := 0
	w.peer.modifies = func(string) { calls++ }
	for _, step := range []string{rotate.Create, rotate.Set, rotate.Test, rotate.Finish, rotate.Create, rotate.Set, rotate.Test, rotate.Finish} {
		for range 2 {
			if result, err := w.step(step, "v1"); err != nil {
				t.Fatalf("%s: got %+v, %v", step, result, err)
			}
		}
	}
	if calls != 1 || len(w.secret.versions) != 2 || w.secret.stages["AWSCURRENT"] != "v1" || len(w.rotations().Open) > 0 {
		t.Errorf("AWS's end was changed %d times; versions %d", calls, len(w.secret.versions))
	}
	if got := w.secret.versions["v1"]; !strings.Contains(got, `"note": "of site A"`) {
		t.Error("the other members of the secret are lost")
	}
	change := w.fates
	if len(change) != 1 {
		t.Errorf("got %d fates, want 1", len(change))
	}
}

// TestTwice: of two calls at once, the later one goes on, and AWS is called once.
func TestTwice(t *testing.T) {
	t.Parallel()
	w := mustWorld(t, options{update: 30 * time.Second, provision: time.Minute, peerLag: 20 * time.Second})
	w.secret.stages["AWSPENDING"] = "v1"
	calls, second := 0, errors.New("not called")
	w.peer.modifies = func(string) { calls++ }
	if _, err := w.step(rotate.Create, "v1"); err != nil {
		t.Fatal(err)
	}
	w.happens = append(w.happens, happening{w.now.Add(2 * time.Second), func() { _, second = w.stepOf("twice", rotate.Set, "v1") }})
	w.pausing = true // so that the first one waits
	w.happens = append(w.happens, happening{w.now.Add(4 * time.Second), func() { w.pausing = false }})
	_, first := w.step(rotate.Set, "v1")
	if second != nil || calls != 1 {
		t.Errorf("the first call: %v; the second: %v; AWS was called %d times", first, second, calls)
	}
	for _, step := range []string{rotate.Test, rotate.Finish} {
		if _, err := w.step(step, "v1"); err != nil {
			t.Error(err)
		}
	}
	// A call that has been overtaken writes nothing and undoes nothing.
	w.pass(10 * time.Minute)
	w.secret.stages["AWSPENDING"] = "v2"
	if _, err := w.step(rotate.Create, "v2"); err != nil {
		t.Fatal(err)
	}
	w.peer.refuse = func() error { return &refusal{"no"} }
	w.peer.modifies = func(string) { // while the first call asks AWS, another one begins
		w.peer.modifies = func(string) {}
		_, second = w.stepOf("twice", rotate.Set, "v2")
	}
	result, first := w.step(rotate.Set, "v2")
	if result.Reason == nil || result.Reason.Code != "overtaken" || second == nil {
		t.Errorf("the first call: %v; the second: %v", first, second)
	}
}

// TestTakenBack: what is taken back has its reason and both ends in the error, and the
// next rotation draws another key.
func TestTakenBack(t *testing.T) {
	t.Parallel()
	w := mustWorld(t, options{update: 5 * time.Second, provision: 15 * time.Second})
	var order []string
	w.peer.modifies = func(key string) {
		order = append(order, "AWS "+map[bool]string{true: "old", false: "new"}[key == oldKey]+" after "+strings.Join(w.queued, ","))
	}
	if err := w.api.InjectFaults(emulator.Fault{Action: "ModifyVpnAttachmentAttribute", Code: "InvalidVpnConnectionInstanceId.NotFound", Calls: 1}); err != nil {
		t.Fatal(err)
	}
	result, err := w.rotation("v1")
	if err == nil || result.Status != rotate.TakenBack || result.Reason.Code != "InvalidVpnConnectionInstanceId.NotFound" {
		t.Fatalf("got %+v, %v", result, err)
	}
	if got := strings.Join(order, "; "); got != "AWS new after ; AWS old after v1,v1/back" {
		t.Errorf("the order was %s", got)
	}
	for _, part := range []string{"tunnel 1 of " + vco + " (Alibaba Cloud", "tunnel " + outside1 + " of " + vpn + " (AWS", "taken-back", "version v1"} {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("the error does not say %q: %v", part, err)
		}
	}
	if w.ours() != oldKey || w.peer.key[0] != oldKey || w.secret.stages["AWSPENDING"] != "" || len(w.rotations().Open) > 0 {
		t.Error("it is not taken back")
	}
	if result, err := w.step(rotate.Create, "v1"); err == nil || result.Reason.Code != "not-pending" {
		t.Errorf("the same version again: got %+v, %v", result, err)
	}
	w.pass(5 * time.Minute)
	if result, err := w.rotation("v2"); err != nil || result.Status != rotate.Rotated || w.secret.versions["v1"] == w.secret.versions["v2"] {
		t.Errorf("the next rotation: got %+v, %v", result, err)
	}
}

// TestDown: a tunnel that does not come up is taken back with what both ends say of it.
func TestDown(t *testing.T) {
	t.Parallel()
	w := mustWorld(t, options{provision: 11 * time.Minute})
	result, err := w.rotation("v1")
	if err == nil || result.Reason == nil || result.Step != rotate.Test || len(result.Diagnoses) != 2 {
		t.Fatalf("got %+v, %v", result, err)
	}
	for _, part := range []string{"Phase1NegotiationTimeout", "aws-end", "tunnel-down"} {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("the error does not say %q: %v", part, err)
		}
	}
}

// TestDraw: a drawn key is valid at both ends.
func TestDraw(t *testing.T) {
	t.Parallel()
	drawn := map[string]bool{}
	for range 1000 {
		w := rotate.Draw()
		key := w.Reveal()
		document := fmt.Sprintf(`{"RegionId":"cn-hangzhou","VpnConnectionId":"vco-localdual","TunnelOptionsSpecification":[{"TunnelIndex":1,"TunnelIkeConfig":{"Psk":%q}}]}`, key)
		var c attachment.Change
		c.Parse(document, attachment.FromEvent)
		for _, f := range attachment.Validate(&c, nil, "aws") {
			if strings.Contains(f.Check, "psk") {
				t.Fatalf("a drawn key has the finding %s", f.Check)
			}
		}
		if len(key) != 32 || drawn[key] {
			t.Fatal("a drawn key is short, or was drawn before")
		}
		drawn[key] = true
	}
}

// TestFollow: our end follows a peer that has written the secret.
func TestFollow(t *testing.T) {
	t.Parallel()
	const key = "key.of.the.peer.0001"
	rotated := func(t *testing.T, o options) *world {
		w := mustWorld(t, o)
		w.secret.put("p1", key)
		w.peer.key[0] = key
		w.peer.settle()
		return w
	}
	t.Run("followed", func(t *testing.T) {
		t.Parallel()
		w := rotated(t, options{follow: true, update: 5 * time.Second})
		for range 2 { // the second time, there is nothing left to do
			result, err := w.step(rotate.Follow, "")
			if err != nil || result.Status != rotate.Followed || w.ours() != key || result.VersionID != "p1" || len(result.Ends) != 1 {
				t.Fatalf("got %+v, %v", result, err)
			}
		}
		if len(w.queued) != 1 || len(w.rotations().Open) > 0 {
			t.Errorf("got %v queued, open %s", w.queued, w.open)
		}
	})
	t.Run("an older version", func(t *testing.T) {
		t.Parallel()
		w := rotated(t, options{follow: true})
		if result, err := w.step(rotate.Follow, "v0"); err != nil || result.Status != rotate.Done || len(w.queued) > 0 {
			t.Errorf("got %+v, %v", result, err)
		}
	})
	t.Run("plan", func(t *testing.T) {
		t.Parallel()
		w := rotated(t, options{follow: true})
		if result, err := w.step(rotate.Plan, ""); err != nil || result.Status != rotate.Planned || len(w.queued) > 0 {
			t.Errorf("got %+v, %v", result, err)
		}
	})
	t.Run("a condition that comes to hold", func(t *testing.T) {
		t.Parallel()
		w := rotated(t, options{follow: true, update: 5 * time.Second})
		w.waits[region+"/"+vco] = w.now.Add(5 * time.Minute)
		result, err := w.step(rotate.Follow, "")
		if err == nil || result.Status != rotate.KeysDiffer || result.Reason.Code != "change-waits" || len(w.queued) > 0 {
			t.Fatalf("got %+v, %v", result, err)
		}
		w.pass(10 * time.Minute)
		if _, err := w.step(rotate.Watch, ""); err != nil || w.ours() != key || len(w.rotations().Open) > 0 {
			t.Errorf("the watch: %v, open %s", err, w.open)
		}
		if last := w.results[len(w.results)-1]; last.Status != rotate.Followed {
			t.Errorf("got %+v", last)
		}
	})
	t.Run("two tunnels", func(t *testing.T) {
		t.Parallel()
		for _, began := range []string{"2026-03-01T12:00:00Z", "2026-03-02T12:00:00Z"} { // before, and after
			w := rotated(t, options{follow: true})
			w.open = fmt.Sprintf(`{"arn:of:tunnel:2": {"version": "v7", "attachment": %q, "phase": "following", "time": %q, "began": %q, "touched": "2026-03-01T13:00:00Z", "writes": 1}}`, region+"/"+vco, began, began)
			result, err := w.step(rotate.Follow, "")
			if waits := began < "2026-03-02"; (err != nil) != waits || waits && result.Reason.Code != "another-rotation" {
				t.Errorf("began %s: got %+v, %v", began, result, err)
			}
		}
	})
	t.Run("the tunnel stays down", func(t *testing.T) {
		t.Parallel()
		w := rotated(t, options{follow: true})
		w.peer.ready = w.now.Add(time.Hour)
		w.peer.settle()
		result, err := w.step(rotate.Follow, "")
		if err == nil || result.Status != rotate.KeysDiffer || result.Reason.Code != "tunnel-down" || len(result.Diagnoses) != 1 {
			t.Errorf("got %+v, %v", result, err)
		}
	})
	t.Run("a crash at every call", func(t *testing.T) {
		t.Parallel()
		for at := range 60 {
			w := rotated(t, options{follow: true, update: 5 * time.Second})
			w.faults[at] = fault{crash: true, after: at%2 == 0}
			for range 3 { // Lambda tries an event three times
				if _, err := w.step(rotate.Follow, ""); err == nil {
					break
				}
				w.pass(time.Minute)
			}
			w.pass(30 * time.Minute)
			_, _ = w.step(rotate.Watch, "")
			if w.ours() != key || len(w.rotations().Open) > 0 {
				t.Errorf("a crash at call %d: not followed, open %s", at, w.open)
			}
		}
	})
	t.Run("both ends are on AWS", func(t *testing.T) {
		t.Parallel()
		w := mustWorld(t, options{})
		if result, err := w.step(rotate.Follow, ""); err == nil || result.Reason.Code != "has-peer" {
			t.Errorf("got %+v, %v", result, err)
		}
	})
}

// TestShown: an error of what is around the function, with a key in it, is shown without.
func TestShown(t *testing.T) {
	t.Parallel()
	w := mustWorld(t, options{})
	w.peer.refuse = func() error {
		return &refusal{"the value Drawn" + strings.Repeat("0", 8) + " and " + oldKey + " are refused"}
	}
	_, err := w.rotation("v1")
	if err == nil || strings.Contains(err.Error(), oldKey) || strings.Contains(w.emitted.String(), oldKey) {
		t.Error("a key was shown")
	}
	text, _ := json.Marshal(w.results)
	if strings.Contains(string(text), oldKey) || len(w.results) == 0 {
		t.Error("a key was published")
	}
}

type refusal struct{ text string }

func (r *refusal) Error() string { return r.text }
func (r *refusal) Reason() outcome.Reason {
	return outcome.Reason{Code: "Refused", Message: r.text, Remedy: "none", Class: outcome.ClassRejected}
}

func TestNew(t *testing.T) {
	t.Parallel()
	if _, err := rotate.New(rotate.Config{}); err == nil {
		t.Error("a handler without anything was made")
	}
	w := mustWorld(t, options{})
	if result, err := w.step("unknown", "v1"); err == nil || result.Reason.Code != "step-unknown" {
		t.Errorf("got %+v, %v", result, err)
	}
}
