package vpc_test

import (
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"vpnattach/shared/outcome"
	"vpnattach/shared/vpc"
)

type answer func(*http.Request) (*http.Response, error)

func (a answer) RoundTrip(r *http.Request) (*http.Response, error) { return a(r) }

// Each step is a call of Describe: after how long, in which region, for which attachment,
// what the service would answer, and then whether it was asked and how long to wait.
func TestPauses(t *testing.T) {
	t.Parallel()
	const (
		down      = "503 ServiceUnavailable"
		throttled = "400 Throttling.User"
		busy      = "400 VpnConnection.Configuring"
		fine      = "200"
	)
	type step struct {
		after      time.Duration
		region, id string
		answer     string
		asked      bool
		class      outcome.Class
		retryAfter time.Duration
	}
	const here, there = "cn-hangzhou", "eu-central-1"
	for name, steps := range map[string][]step{
		"an outage": {
			{0, here, "vco-1", down, true, outcome.ClassTransient, 0},
			{0, here, "vco-1", down, true, outcome.ClassTransient, 0},
			{0, here, "vco-2", down, true, outcome.ClassTransient, 2 * time.Second},
			{time.Second, here, "vco-3", fine, false, outcome.ClassTransient, time.Second},
			{0, there, "vco-4", fine, true, "", 0},
			{time.Second, here, "vco-3", down, true, outcome.ClassTransient, 4 * time.Second}, // one is let through
			{time.Second, here, "vco-1", fine, false, outcome.ClassTransient, 3 * time.Second},
			{time.Hour, here, "vco-2", fine, true, "", 0},
			{0, here, "vco-1", down, true, outcome.ClassTransient, 0},
			{0, here, "vco-2", fine, true, "", 0},
		},
		"one attachment alone": {
			{0, here, "vco-1", down, true, outcome.ClassTransient, 0},
			{0, here, "vco-1", down, true, outcome.ClassTransient, 0},
			{0, here, "vco-2", fine, true, "", 0},
			{0, here, "vco-1", down, true, outcome.ClassTransient, 0},
			{0, here, "vco-2", busy, true, outcome.ClassBusy, 0},
			{0, here, "vco-3", down, true, outcome.ClassTransient, 0},
		},
		"no pause is longer than a minute": append(func() (steps []step) {
			steps = append(steps, step{0, here, "vco-1", down, true, outcome.ClassTransient, 0})
			for i := range 40 {
				steps = append(steps, step{time.Minute, here, "vco-2", down, true, outcome.ClassTransient, min(2<<min(i, 9)*time.Second, time.Minute)})
			}
			return steps
		}(), step{59 * time.Second, here, "vco-2", fine, false, outcome.ClassTransient, time.Second},
			step{time.Second, here, "vco-2", fine, true, "", 0}, step{0, here, "vco-3", fine, true, "", 0}),
		"throttled": {
			{0, here, "vco-1", throttled, true, outcome.ClassThrottled, 5 * time.Second},
			{4 * time.Second, here, "vco-2", fine, false, outcome.ClassThrottled, time.Second},
			{0, there, "vco-2", fine, true, "", 0},
			{time.Second, here, "vco-1", fine, true, "", 0},
			{0, here, "vco-2", fine, true, "", 0},
		},
		"the clock is set back": {
			{0, here, "vco-1", throttled, true, outcome.ClassThrottled, 5 * time.Second},
			{-time.Hour, here, "vco-1", fine, true, "", 0},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
			asked, says, within := false, "", func() {}
			var client *vpc.Client
			var err error
			client, err = vpc.New(vpc.Config{
				Credentials: keys,
				Now:         func() time.Time { return now },
				HTTP: &http.Client{Transport: answer(func(r *http.Request) (*http.Response, error) {
					asked = true
					within()
					status, code, _ := strings.Cut(says, " ")
					body := `{"RequestId":"R","VpnConnectionId":"` + r.URL.Query().Get("VpnConnectionId") + `","State":"attached","Status":"","IkeConfig":{},"LocalSubnet":"","RemoteSubnet":"","Name":""}`
					if code != "" {
						body = `{"Code":"` + code + `","Message":"No.","RequestId":"R"}`
					}
					header := http.Header{}
					if says == throttled {
						header.Set("x-ratelimit-user-api", "Limit:600,Remain:0,TimeLeft:5000,Reset:5000")
					}
					return &http.Response{StatusCode: map[string]int{"503": 503, "400": 400, "200": 200}[status], Header: header, Body: io.NopCloser(strings.NewReader(body))}, nil
				})},
			})
			if err != nil {
				t.Fatal(err)
			}
			for i, s := range steps {
				now, says, asked = now.Add(s.after), s.answer, false
				// While the call after a pause is under way, others are to come again soon.
				if within = func() {}; name == "an outage" && i == 5 {
					within = func() {
						if _, err := client.Describe(t.Context(), s.region, "vco-9"); mustBeError(t, err).RetryAfter != time.Second {
							t.Errorf("got %v", err)
						}
					}
				}
				_, err := client.Describe(t.Context(), s.region, s.id)
				var retryAfter time.Duration
				if err != nil {
					retryAfter = mustBeError(t, err).RetryAfter
				}
				if class := outcome.ClassOf(err); asked != s.asked || class != s.class || retryAfter != s.retryAfter {
					t.Errorf("step %d: asked %v, %v (%q), wait %v; want %v, %q, %v", i+1, asked, err, class, retryAfter, s.asked, s.class, s.retryAfter)
				}
			}
		})
	}
}
