package confirm_test

import (
	"reflect"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"vpnattach/shared/message"
	"vpnattach/shared/outcome"
	"vpnattach/shared/vpc"
)

const (
	up     = outcome.Established
	noSA   = "ike_sa_not_established"
	halfUp = "ipsec_sa_not_established"
)

// TestDown: a tunnel that was up, or has to come up, gets half a minute; then the service
// is asked once why it is down.
func TestDown(t *testing.T) {
	t.Parallel()
	immediate := strings.Replace(dual, `"State"`, `"EffectImmediately":true,"State"`, 1)
	lone := strings.Replace(single, up, halfUp, 1)
	// Fields that can't be seen do not drift.
	other, second := value("Tunnel.1.NoSuchField", "x"), value("Tunnel.2.NoSuchField", "x")
	for _, tt := range []struct {
		name, answer string
		before       []string
		sent         bool
		asked        []message.Asked
		want         int // the tunnel that is waited for; -1: none
	}{
		{"was up", dual, []string{up, up}, false, nil, 2},
		{"was down", dual, []string{up, noSA}, true, nil, -1},
		{"not known", dual, nil, true, nil, -1},
		{"has to negotiate", immediate, []string{up, noSA}, true, []message.Asked{second}, 2},
		{"has to negotiate, as a whole", immediate, []string{up, noSA}, true, []message.Asked{value("EffectImmediately", "true")}, 2},
		{"nothing was sent", immediate, []string{up, noSA}, false, []message.Asked{second}, -1},
		{"does not have to", dual, []string{up, noSA}, true, []message.Asked{second}, -1},
		{"the other one has to", immediate, []string{up, noSA}, true, []message.Asked{other}, -1},
		{"renamed", immediate, []string{up, noSA}, true, []message.Asked{value("Name", "")}, -1},
		{"single", lone, []string{up}, false, nil, 0},
		{"single, was down", lone, []string{halfUp}, false, nil, -1},
		{"up", single, []string{up}, true, nil, -1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := newFixture(tt.answer)
			s.causes = []outcome.Diagnosis{{Tunnel: max(tt.want, 0), Code: "PskMismatch", Severity: "Critical", Cause: "c", Remedy: "r"}}
			now := start
			s.Now = func() time.Time { return now }
			m := message.Check{RegionID: "r", VpnConnectionID: "vco-1", EventIDs: []string{"e1"}, Before: tt.before, Asked: tt.asked, Deadline: start.Add(time.Hour)}
			var took int64
			if tt.sent {
				m.Sent, took = start.Add(-time.Minute), 60_000
			}
			looks := 0
			for ; len(s.told) == 0 && looks < 20; looks++ {
				body, err := m.Encode()
				if err != nil {
					t.Fatal(err)
				}
				s.run(t, body)
				if len(s.told) == 0 {
					m = s.again[len(s.again)-1]
					now = now.Add(s.delays[len(s.delays)-1])
				}
			}
			if len(s.told) != 1 {
				t.Fatalf("nothing is told, looked again after %v", s.delays)
			}
			o := s.told[0]
			if o.Status != outcome.Settled && o.Status != outcome.Unverified || o.SettleMillis != took {
				t.Errorf("got %+v", o)
			}
			if tt.want < 0 {
				if looks != 1 || s.asked != 0 || len(o.Diagnoses) != 0 || o.Down() {
					t.Errorf("looked %d times, asked %d times why, got %+v", looks, s.asked, o)
				}
				return
			}
			if waited := now.Sub(start); s.asked != 1 || waited != 30*time.Second {
				t.Errorf("asked %d times why, after %v", s.asked, waited)
			}
			if !reflect.DeepEqual(o.Diagnoses, s.causes) || !o.Down() {
				t.Errorf("got %+v", o)
			}
			if !strings.Contains(s.log.String(), "PskMismatch") {
				t.Errorf("the log says %s", s.log.String())
			}
		})
	}
}

// TestComesUp: a tunnel that comes up in time is not asked about.
func TestComesUp(t *testing.T) {
	t.Parallel()
	s := newFixture(strings.Replace(single, up, noSA, 1))
	body := func(m message.Check) string {
		text, err := m.Encode()
		if err != nil {
			t.Fatal(err)
		}
		return text
	}
	s.run(t, body(message.Check{RegionID: "r", VpnConnectionID: "vco-1", EventIDs: []string{"e1"}, Before: []string{up}, Deadline: start.Add(time.Hour)}))
	if len(s.again) != 1 {
		t.Fatalf("got %+v", s.told)
	}
	s.answer = single
	if s.run(t, body(s.again[0])); len(s.told) != 1 || s.told[0].Status != outcome.Settled || s.told[0].Diagnoses != nil || s.asked != 0 {
		t.Errorf("got %+v", s.told)
	}
}

// TestDiagnosed: what drifts or fails is asked about once, at its end; where the service
// does not know, or does not answer, the outcome says so.
func TestDiagnosed(t *testing.T) {
	t.Parallel()
	down := strings.Replace(single, up, noSA, 1)
	denied := &vpc.Error{Code: "Forbidden.RAM", Class: outcome.ClassBlocked, Message: "not allowed", Remedy: "Grant it."}
	for _, tt := range []struct {
		name, answer string
		causes       []outcome.Diagnosis
		unable       error
		asked        []message.Asked
		want         string // code and remedy, or nothing
		calls        int
	}{
		{"drifted and up", single, nil, nil, []message.Asked{value("Name", "y")}, "", 1},
		{"drifted and down", down, []outcome.Diagnosis{{Code: "NoResponse", Remedy: "Look."}}, nil, []message.Asked{value("Name", "y")}, "NoResponse Look.", 1},
		{"in motion", strings.Replace(down, "attached", "updating", 1), []outcome.Diagnosis{{Code: "NoExceptionFound", Remedy: "Wait."}}, nil, nil, "NoExceptionFound Wait.", 1},
		{"deleted", strings.Replace(down, "attached", "deleted", 1), nil, nil, nil, "", 0},
		{"no reason", down, nil, nil, nil, "no-reason Look at the tunnel's log in the console, and at that of the device at the other end.", 1},
		{"denied", down, nil, denied, nil, "Forbidden.RAM Grant it.", 1},
		{"both up, and denied", strings.ReplaceAll(dual, noSA, up), nil, denied, []message.Asked{value("Name", "y")}, "Forbidden.RAM Grant it.", 1},
		{"throttled", down, nil, &vpc.Error{Code: "Throttling.User", Class: outcome.ClassThrottled, Remedy: "Nothing."}, nil, "Throttling.User Look at the tunnel's error code in the console.", 1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := newFixture(tt.answer)
			s.causes, s.unable = tt.causes, tt.unable
			m := message.Check{RegionID: "r", VpnConnectionID: "vco-1", EventIDs: []string{"e1"}, Asked: tt.asked, Before: []string{up}, Deadline: start}
			body, err := m.Encode()
			if err != nil {
				t.Fatal(err)
			}
			s.run(t, body)
			if len(s.told) != 1 || s.asked != tt.calls {
				t.Fatalf("got %+v, asked %d times", s.told, s.asked)
			}
			got := ""
			for _, d := range s.told[0].Diagnoses {
				got += d.Code + " " + d.Remedy
			}
			if got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
			if isDown := strings.Contains(tt.answer, noSA) && tt.want != ""; s.told[0].Down() != isDown {
				t.Errorf("down: %v", s.told[0].Down())
			}
		})
	}
}

// TestNoDiagnosis: however long the service is silent when it is asked why, the outcome
// comes.
func TestNoDiagnosis(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newFixture(strings.Replace(single, up, noSA, 1))
		s.mute = true
		begun := time.Now()
		s.run(t, ask(t, 0, value("Name", "y")))
		if len(s.told) != 1 || s.told[0].Status != outcome.Drifted || len(s.told[0].Diagnoses) != 1 || s.told[0].Diagnoses[0].Remedy == "" || time.Since(begun) > 10*time.Second {
			t.Errorf("got %+v after %v", s.told, time.Since(begun))
		}
	})
}

// TestBothEnds: where the other end is changed too, the tunnel has until the deadline.
func TestBothEnds(t *testing.T) {
	t.Parallel()
	s := newFixture(strings.Replace(single, up, noSA, 1))
	now := start
	s.Now = func() time.Time { return now }
	m := message.Check{RegionID: "r", VpnConnectionID: "vco-1", EventIDs: []string{"e1"}, Before: []string{up}, Deadline: start.Add(10 * time.Minute), BothEnds: true}
	for looks := 0; len(s.told) == 0 && looks < 50; looks++ {
		body, err := m.Encode()
		if err != nil {
			t.Fatal(err)
		}
		if s.run(t, body); len(s.told) == 0 {
			m, now = s.again[len(s.again)-1], now.Add(s.delays[len(s.delays)-1])
		}
	}
	if len(s.told) != 1 || s.asked != 1 || now.Sub(start) != 10*time.Minute {
		t.Errorf("got %+v after %v, asked %d times", s.told, now.Sub(start), s.asked)
	}
}
