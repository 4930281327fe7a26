package emulator_test

import (
	"strings"
	"testing"
	"time"

	"vpnattach/shared/emulator"
)

// Describe goes on showing the attachment as it was, and Modify sees the change at once.
func TestDescribeLag(t *testing.T) {
	t.Parallel()
	names := func(h *harness, n int) string {
		var all []string
		for range n {
			a := h.describe(single)
			all = append(all, a.text("Name")+" "+a.text("State"))
		}
		return strings.Join(all, ", ")
	}
	rename := func(h *harness, name string) { h.modify(single.with(params{"Name": name})) }

	byCalls := start(t, emulator.Config{DescribeLag: emulator.Lag{Calls: 2}})
	rename(byCalls, "a")
	if got, want := names(byCalls, 1), "localsingle attached"; got != want {
		t.Errorf("by calls: got %s, want %s", got, want)
	}
	rename(byCalls, "b") // each change has a lag of its own
	if got, want := names(byCalls, 3), "localsingle attached, a attached, b attached"; got != want {
		t.Errorf("by calls: got %s, want %s", got, want)
	}
	byCalls.modify(free.with(params{"Name": "other"}))
	if got, want := names(byCalls, 1), "b attached"; got != want {
		t.Errorf("another attachment: got %s, want %s", got, want)
	}

	byTime := start(t, emulator.Config{UpdateTime: 3 * time.Second, DescribeLag: emulator.Lag{Time: time.Second}})
	rename(byTime, "a")
	if got, want := names(byTime, 2), "localsingle attached, localsingle attached"; got != want {
		t.Errorf("by time: got %s, want %s", got, want)
	}
	list := byTime.must("DescribeVpnConnections", params{"RegionId": "cn-hangzhou", "VpnConnectionId": "vco-localsingle"})
	if got := string(list.raw); !strings.Contains(got, `"State":"attached"`) {
		t.Errorf("the list does not lag: %s", got)
	}
	if got := string(byTime.Describe("vco-localsingle")); !strings.Contains(got, `"State":"updating"`) {
		t.Errorf("the view for tests lags: %s", got)
	}
	byTime.refused("VpnConnection.Configuring", "ModifyVpnAttachmentAttribute", single.with(params{"Name": "b"}))
	byTime.clock.Advance(time.Second)
	if got, want := names(byTime, 1), "localsingle updating"; got != want {
		t.Errorf("by time: got %s, want %s", got, want)
	}
	byTime.clock.Advance(2 * time.Second)
	if got, want := names(byTime, 1), "a attached"; got != want {
		t.Errorf("by time: got %s, want %s", got, want)
	}
}

func TestParseLag(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]emulator.Lag{
		"": {}, "0": {}, "3": {Calls: 3}, "2s": {Time: 2 * time.Second}, "1m30s": {Time: 90 * time.Second},
	} {
		if got, err := emulator.ParseLag(text); got != want || err != nil {
			t.Errorf("%q: got %v, %v, want %v", text, got, err, want)
		}
	}
	for _, text := range []string{"-1", "-2s", "soon", "2 s"} {
		if got, err := emulator.ParseLag(text); err == nil || !strings.Contains(err.Error(), text) {
			t.Errorf("%q: got %v, %v, want an error that names it", text, got, err)
		}
	}
}
