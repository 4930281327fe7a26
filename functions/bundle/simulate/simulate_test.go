package main

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"vpnattach/shared/core/attachment"
	"vpnattach/shared/core/request"
	"vpnattach/shared/outcome"
)

// A small day has an outage, which costs few calls, and no change of it fails or is lost.
func TestDay(t *testing.T) {
	t.Parallel()
	const events, attachments = 1000, 40
	r, err := halves(drawDay(events, attachments, 7), attachments, 7)
	if err != nil {
		t.Fatal(err)
	}
	if r.events != events || r.letters != 0 || r.accepted != len(r.waited) || r.accepted < events*9/10 {
		t.Errorf("events %d, changes %d, done %d, dead letters %d", r.events, r.accepted, len(r.waited), r.letters)
	}
	for status, n := range r.statuses {
		switch status {
		case outcome.Applied, outcome.Unchanged, outcome.Deferred, outcome.Settled, outcome.Superseded:
		default:
			t.Errorf("%d are %s", n, status)
		}
	}
	if limit := 60 * len(regions) * (applies + confirms) / 2; r.faults["down"] == 0 || r.faults["down"] > limit {
		t.Errorf("%d calls in the outage; at most %d make sense", r.faults["down"], limit)
	}
}

// What one region gets in a minute is more than its limit, and all of it is done
// nevertheless.
func TestThrottled(t *testing.T) {
	t.Parallel()
	const attachments = 400
	w, err := newWorld(attachments, regions[:1], applies, confirms, 7)
	if err != nil {
		t.Fatal(err)
	}
	day := make([]change, attachments)
	for i := range day {
		day[i] = change{at: time.Duration(i) * 10 * time.Millisecond, attachment: i, number: i, kind: i % len(kinds)}
	}
	if err := w.play(day); err != nil {
		t.Fatal(err)
	}
	if w.calls[request.ModifyAction] < attachments || w.faults["throttled "+request.ModifyAction] == 0 || w.statuses[outcome.Settled] != attachments {
		t.Errorf("calls %v, faults %v, outcomes %v", w.calls, w.faults, w.statuses)
	}
	if longest := w.quantile(1); longest < 3*time.Minute || longest > 10*time.Minute {
		t.Errorf("the longest wait is %v, with %d calls at %d a minute", longest, attachments, rates[request.ModifyAction])
	}
}

// Hot events of which most are superseded when they are delivered need few calls.
func TestHot(t *testing.T) {
	t.Parallel()
	const events = 500
	for ordered, most := range map[bool]int{true: events/batchSize + 1, false: 40} {
		t.Run(fmt.Sprintf("ordered %v", ordered), func(t *testing.T) {
			t.Parallel()
			w, err := newWorld(1, regions[:1], applies, confirms, 7)
			if err != nil {
				t.Fatal(err)
			}
			if err := w.play(drawHot(events, ordered, 7)); err != nil {
				t.Fatal(err)
			}
			if n := w.calls[request.ModifyAction]; n > most {
				t.Errorf("%d calls of Modify, at most %d are needed", n, most)
			}
		})
	}
}

// TestJudge: the day's judge sees an attachment that is not as asked, and an event without
// an outcome.
func TestJudge(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		spoil func(*testing.T, *world)
		want  string
	}{
		"fine": {func(*testing.T, *world) {}, ""},
		"edited": {func(t *testing.T, w *world) {
			client, err := w.client()
			if err != nil {
				t.Fatal(err)
			}
			w.at(midnight.Add(2*time.Hour), func() {
				var edit attachment.Change
				edit.Parse(`{"RegionId":"`+regions[0]+`","VpnConnectionId":"`+attachmentID(0)+`","Name":"by hand"}`, attachment.FromEvent)
				if _, err := client.Modify(t.Context(), &edit, []string{"by hand"}); err != nil {
					t.Error(err)
				}
			})
			w.at(midnight.Add(3*time.Hour), func() {}) // in effect by then
		}, "not as event-1 asks"},
		"silent": {func(_ *testing.T, w *world) { w.confirm = nil }, "event-0 has no outcome"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w, err := newWorld(1, regions[:1], applies, confirms, 7)
			if err != nil {
				t.Fatal(err)
			}
			tt.spoil(t, w)
			if err := w.play([]change{{number: 0}, {at: time.Hour, number: 1}}); (err == nil) != (tt.want == "") || err != nil && !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v", err)
			}
		})
	}
}

// TestSizes: the last day is the one that is asked for.
func TestSizes(t *testing.T) {
	t.Parallel()
	for events, want := range map[int][]int{1: {1}, 1000: {1000}, 2500: {1000, 2500}, 100_000: {1000, 10_000, 100_000}} {
		if got := sizes(events); !slices.Equal(got, want) {
			t.Errorf("%d: got %v", events, got)
		}
	}
}
