package probe

import (
	"fmt"
	"math"
	"time"
)

const (
	// farOff is how far this machine's clock may be off before it is worth a word.
	// The service refuses what is signed fifteen minutes off.
	farOff = time.Minute
	// confirmWithin is how long confirm waits by default.
	confirmWithin = 10 * time.Minute
)

// recommend ends the report with the settings that fit what was seen.
func (r *run) recommend() {
	report := &r.report
	add := func(of, name, value, why string) {
		report.Settings = append(report.Settings, Setting{Name: name, Value: value, Of: of, Why: why})
	}
	if c := report.Clock; c != nil && math.Abs(c.AheadSeconds)-c.WithinSeconds > farOff.Seconds() {
		add("", "clock", "NTP", fmt.Sprintf("the clock of this machine is %s, and the service refuses what is signed 15 minutes off", c))
	}
	for _, call := range report.Calls {
		if call.RetryAfter > 0 || isThrottled(call.Code) {
			add("template", "VpcRate", "2", "calls were throttled, though the probe sends less than one a second: something else uses up the account's rate")
			break
		}
	}
	if a := report.Answer; a != nil {
		if a.masked() {
			add("template", "MaskedKeys", "refuse", "the service does not show keys whole. By default a change of phase 1 that brings no key is refused (psk-unknown), so have events bring the key; "+
				"omit leaves the key out of what is sent, which this probe can't try without a risk for the tunnels")
			add("serve", "VPC_MASK_KEYS", "true", "the emulator then shows keys as this account does")
		} else {
			add("template", "MaskedKeys", "refuse", "the service shows keys whole, so they can be sent along")
		}
	}
	if w := report.Write; w != nil && w.SettledMillis > 0 {
		settled := time.Duration(w.SettledMillis) * time.Millisecond
		within := "" // the default
		why := fmt.Sprintf("a change settled in %s, and the default of 10m leaves time enough", settled.Round(100*time.Millisecond))
		if 3*settled > confirmWithin {
			within = (3 * settled).Round(time.Minute).String()
			why = fmt.Sprintf("a change settled in %s; three times as long leaves room", settled.Round(time.Second))
		}
		add("template", "ConfirmWithin", within, why)
		add("serve", "VPC_UPDATE_TIME", settled.Round(100*time.Millisecond).String(), "the emulator then takes as long as this account")
		if lag := time.Duration(w.VisibleMillis) * time.Millisecond; lag > every {
			add("serve", "VPC_DESCRIBE_LAG", lag.Round(100*time.Millisecond).String(), "the emulator's Describe then lags as this account's does")
		}
	}
}

// String says how far the clock is off.
func (c *Clock) String() string {
	way := "ahead"
	if c.AheadSeconds < 0 {
		way = "behind"
	}
	return fmt.Sprintf("%.1f s %s (± %.1f s)", math.Abs(c.AheadSeconds), way, c.WithinSeconds)
}

func isThrottled(code string) bool { return len(code) >= 10 && code[:10] == "Throttling" }
