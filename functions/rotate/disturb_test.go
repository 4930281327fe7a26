package rotate_test

import (
	"strings"
	"testing"
	"time"

	"vpnattach/functions/rotate"
)

// TestMeanwhile: somebody tries a rotation out, or an event says that the secret is to be
// followed, while another call works on it. That one goes on, nothing is written, and it
// is not the alarm.
func TestMeanwhile(t *testing.T) {
	t.Parallel()
	for step, code := range map[string]string{rotate.Plan: "rotation-open", rotate.Follow: "has-peer"} {
		w := mustWorld(t, options{update: 30 * time.Second, provision: time.Minute})
		var meanwhile rotate.Result
		var open, after string
		w.happens = append(w.happens, happening{w.now.Add(20 * time.Second), func() {
			open = w.open
			meanwhile, _ = w.stepOf("twice", step, "")
			after = w.open
		}})
		result, err := w.rotation("v1")
		if err != nil || result.Status != rotate.Rotated {
			t.Errorf("%s: the rotation: got %+v, %v", step, result, err)
		}
		if meanwhile.Status != rotate.Refused || meanwhile.Reason.Code != code || len(meanwhile.Ends) != 2 {
			t.Errorf("%s: got %+v", step, meanwhile)
		}
		if !strings.Contains(open, "forward") || open != after {
			t.Errorf("%s: what is recorded was %s, and is %s", step, open, after)
		}
	}
}

// TestModeOfPlan: once the mode is plan, nobody goes on with a rotation that is open: that
// is the alarm, and nothing is written.
func TestModeOfPlan(t *testing.T) {
	t.Parallel()
	w := mustWorld(t, options{plan: true})
	w.open = `{"` + arn + `": {"version": "v1", "attachment": "` + region + "/" + vco + `", "current": "v0", "phase": "forward", "time": "2026-03-01T12:00:00Z", "began": "2026-03-01T12:00:00Z", "writes": 1}}`
	before := w.open
	if _, err := w.step(rotate.Watch, ""); err == nil || len(w.results) != 1 || w.results[0].Status != rotate.KeysDiffer || len(w.results[0].Ends) != 2 {
		t.Errorf("got %v, %+v", err, w.results)
	}
	if w.open != before || len(w.queued) > 0 {
		t.Errorf("what is recorded is %s, queued %v", w.open, w.queued)
	}
}

// TestClocks: a clock that is a little ahead of the watch's does not make a rotation that is
// worked on one that is not.
func TestClocks(t *testing.T) {
	t.Parallel()
	for ahead, due := range map[time.Duration]bool{time.Second: false, time.Hour: true} {
		w := mustWorld(t, options{})
		w.secret.stages["AWSPENDING"] = "v1"
		for _, step := range []string{rotate.Create, rotate.Set} {
			if _, err := w.step(step, "v1"); err != nil {
				t.Fatal(err)
			}
		}
		w.now = w.now.Add(-ahead)
		if _, _ = w.step(rotate.Watch, ""); (len(w.results) > 0) != due {
			t.Errorf("ahead by %v: got %+v", ahead, w.results)
		}
	}
}

// TestGone: a secret that is deleted, or that may not be read any more, while a rotation is
// open: the watch raises the alarm, which names the tunnel and both ends.
func TestGone(t *testing.T) {
	t.Parallel()
	for _, gone := range []string{"deleted", "denied"} {
		w := mustWorld(t, options{})
		w.secret.stages["AWSPENDING"] = "v1"
		for _, step := range []string{rotate.Create, rotate.Set} {
			if _, err := w.step(step, "v1"); err != nil {
				t.Fatal(err)
			}
		}
		w.pass(30 * time.Minute)
		w.secret.gone = gone
		_, err := w.step(rotate.Watch, "")
		if err == nil || len(w.results) != 1 || w.results[0].Status != rotate.KeysDiffer {
			t.Fatalf("%s: got %v, %+v", gone, err, w.results)
		}
		for _, part := range []string{"keys-differ", "tunnel 1 of " + vco, "tunnel " + outside1 + " of " + vpn} {
			if !strings.Contains(err.Error(), part) {
				t.Errorf("%s: the error does not say %q: %v", gone, part, err)
			}
		}
		// Once it can be read again, it goes on.
		w.secret.gone = ""
		w.pass(time.Minute)
		if _, err := w.step(rotate.Watch, ""); err == nil || w.ours() != oldKey || w.peer.key[0] != oldKey || len(w.rotations().Open) > 0 {
			t.Errorf("%s: %v, open %s", gone, err, w.open)
		}
	}
}

// TestFollowLost: an event that is followed and can't even be recorded is the alarm, and
// says what to do: no schedule knows of it.
func TestFollowLost(t *testing.T) {
	t.Parallel()
	for _, gone := range []string{"deleted", "denied", "no answer"} {
		w := mustWorld(t, options{follow: true})
		w.secret.put("p1", "key.of.the.peer.0001")
		if w.secret.gone = gone; gone == "no answer" {
			w.secret.gone, w.faults[0] = "", fault{}
		}
		result, err := w.step(rotate.Follow, "p1")
		if err == nil || result.Status != rotate.KeysDiffer || !strings.Contains(result.Reason.Remedy, "invoke the function with the step follow") || len(w.rotations().Open) > 0 {
			t.Errorf("%s: got %+v, %v", gone, result, err)
		}
	}
}
