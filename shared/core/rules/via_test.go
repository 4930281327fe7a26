package rules_test

import (
	"strings"
	"syscall"
	"testing"
	"time"

	"vpnattach/shared/core/rules"
)

// TestVia: a rule takes what comes by one of its ways. Without any it takes no webhook
// where another rule of the file names a way.
func TestVia(t *testing.T) {
	t.Parallel()
	const queue = "arn:aws:sqs:eu-central-1:123456789012:changes"
	rule := func(name, via string) string {
		if via != "" {
			via = `"via": ` + via + `, `
		}
		return `{"name": "` + name + `", ` + via + `"match": {"source": ["com.example.internal"]}, "with": {"RegionId": "r", "VpnConnectionId": "v"}}`
	}
	for _, tt := range []struct {
		name, via string // of the rule named it
		beside    string // of another one
		takes     []string
	}{
		{"nothing said", "", "", []string{"bus", "webhook", "webhook:partner", "invoke", "", queue}},
		{"only the other one", "", `["bus"]`, []string{"bus", "invoke", "", queue}},
		{"bus", `["bus"]`, "", []string{"bus"}},
		{"webhook", `["webhook"]`, "", []string{"webhook", "webhook:partner"}},
		{"one webhook", `["webhook:partner"]`, "", []string{"webhook:partner"}},
		{"some webhooks", `["webhook:part*"]`, "", []string{"webhook:partner"}},
		{"a queue", `["` + queue + `"]`, "", []string{queue}},
		{"queues", `["arn:aws:sqs:*", "invoke"]`, "", []string{"invoke", queue}},
		{"here", `["local"]`, "", []string{"", "local"}},
		{"all", `["*"]`, "", []string{"bus", "webhook", "webhook:partner", "invoke", "", queue}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			file := rule("it", tt.via)
			if tt.beside != "" {
				file += "," + rule("other", tt.beside)
			}
			set := mustLoad(t, `{"rules": [`+file+`]}`)
			for _, way := range []string{"bus", "webhook", "webhook:partner", "webhook:other", "webhooks", "busy", "invoke", "", "local", "unknown", queue, queue + "2"} {
				want := false
				for _, taken := range tt.takes {
					want = want || way == taken || taken == "" && way == "local" || tt.name == "nothing said" || tt.name == "all" ||
						tt.name == "only the other one" && !strings.HasPrefix(way, "webhook:") && way != "webhook" ||
						tt.name == "webhook" && strings.HasPrefix(way, "webhook:") || tt.name == "queues" && strings.HasPrefix(way, queue)
				}
				e := rules.Event{Text: `{"source": "com.example.internal"}`, Via: way}
				changes, findings := set.Apply(e, nil)
				got := len(changes) > 0 && changes[0].Rule == "it"
				if got != want || len(findings) > 0 {
					t.Errorf("by %q: taken is %v, want %v, with findings %v", way, got, want, findings)
				}
				explained := set.Explain(e)[0]
				if explained.Matched != want || !want && (explained.Path != "via" || explained.Reason == "") {
					t.Errorf("by %q: explained as %+v", way, explained)
				}
			}
		})
	}
}

// TestStop: each element asks whether there is time left.
func TestStop(t *testing.T) {
	t.Parallel()
	set := mustLoad(t, file("each", `"list"`, "with", `{"RegionId": "r"}`, "from", `{"VpnConnectionId": "@this"}`))
	asked := 0
	changes, _ := set.Apply(rules.Event{Text: `{"source": "x", "list": [` + strings.Repeat(`"v",`, 999) + `"v"]}`, Stop: func() bool { asked++; return asked == 10 }}, nil)
	if len(changes) != 10 || asked != 10 {
		t.Errorf("%d changes, asked %d times", len(changes), asked)
	}
}

// TestWholeEventIsReadOnce: what does not depend on the element is not read for each.
// It is not parallel, since it counts allocations.
func TestWholeEventIsReadOnce(t *testing.T) {
	constant := mustLoad(t, file("each", `"list"`, "with", `{"RegionId": "r", "Name": "n"}`, "from", `{"VpnConnectionId": "id"}`))
	read := mustLoad(t, file("each", `"list"`, "with", `{"Name": "n"}`, "from", `{"VpnConnectionId": "id", "RegionId": "$.region|@this"}`, "time", `"$.t|@this?"`))
	event := rules.Event{Text: `{"source": "x", "list": [` + strings.Repeat(`{"id": "v"},`, 999) + `{"id": "v"}], "region": "r"}`}
	allocations := func(set *rules.Set) float64 {
		return testing.AllocsPerRun(3, func() {
			if changes, findings := set.Apply(event, nil); len(changes) != 1000 || len(findings) > 0 {
				t.Fatalf("%d changes and %v", len(changes), findings)
			}
		})
	}
	// A modifier allocates, so to read it for each element would show.
	if got, want := allocations(read), allocations(constant)+1000+100; got > want {
		t.Errorf("%v allocations, more than %v", got, want)
	}
}

// TestFaultsOfElementsCostNoMore: what is said about an element that makes no change, and
// what is compared or copied in vain, must not be paid for each element by the size of the
// event. Each rule reads a large value; a fault of the kind took from 10 s to minutes.
// It is not parallel, since it measures the time, of processors only: others use them too.
func TestFaultsOfElementsCostNoMore(t *testing.T) {
	const n = 20_000
	large := `{` + strings.Repeat(`"a":{"b":[1,2,3]},`, n) + `"z":1}`
	event := `{"source": "x", "list": [` + strings.Repeat(`{"id":"v"},`, n-1) + `{"id":"v"}], "old": ` + large + `, "new": {"z":2,` + large[1:] + `, "words": [` + strings.Repeat(`"b",`, n) + `"b"]}`
	with := `{"RegionId": "r", "Name": "n"}`
	for name, set := range map[string]*rules.Set{
		"a path that finds nothing":   mustLoad(t, file("each", `"list"`, "with", with, "from", `{"VpnConnectionId": "vpn.id"}`)),
		"a time that finds nothing":   mustLoad(t, file("each", `"list"`, "with", with, "from", `{"VpnConnectionId": "id"}`, "time", `"when"`)),
		"the same in the whole event": mustLoad(t, file("each", `"list"`, "with", with, "from", `{"VpnConnectionId": "id"}`, "changed", `{"before": "$.old", "after": "$.old"}`)),
		"fields that are missing":     mustLoad(t, file("each", `"list"`, "with", with, "from", `{"VpnConnectionId": "id"}`, "changed", `{"before": "$.old", "after": "$.new", "fields": ["y"]}`)),
		"another event before":        mustLoad(t, file("each", `"list"`, "with", with, "from", `{"VpnConnectionId": "id"}`, "changed", `{"before": "$.none", "after": "none"}`)),
		"a large value in vain":       mustLoad(t, file("each", `"list"`, "with", `{"RegionId": "r"}`, "from", `{"Name": "$.old", "VpnConnectionId": "vpn.id"}`)),
		"words that are not mapped":   mustLoad(t, file("each", `"list"`, "with", `{"RegionId": "r"}`, "from", `{"RemoteSubnet": "$.words", "VpnConnectionId": "id"}`, "map", `{"RemoteSubnet": {"a": "10.0.0.0/8"}}`)),
	} {
		start := processorTime(t)
		changes, _ := set.Apply(rules.Event{Text: event}, nil)
		if took := processorTime(t) - start; len(changes) > 0 || took > 3*time.Second {
			t.Errorf("%s: %d changes in %v", name, len(changes), took)
		} else {
			t.Logf("%s: %v", name, took)
		}
	}
}

// processorTime is what the process has used of all cores.
func processorTime(t *testing.T) time.Duration {
	t.Helper()
	var used syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &used); err != nil {
		t.Fatal(err)
	}
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}
