package bundle_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"vpnattach/shared/outcome"
)

// TestDeadLettersDown: as long as no dead letter can be kept, no outcome says that a change is
// rejected, since it may yet be applied.
func TestDeadLettersDown(t *testing.T) {
	t.Parallel()
	h := newHarness(t, setup{})
	on(h, &h.refuse, func(r *awsCall) string {
		if r.is("apply", "sqs:SendMessage", "DeadLetterQueue") {
			return "AWS.SimpleQueueService.NonExistentQueue"
		}
		return ""
	})
	h.must(h.api.SetCondition(single, "VpnRouteEntry.Conflict"))
	id := h.emit(time.Now(), encode(map[string]string{"RegionId": "cn-hangzhou", "VpnConnectionId": single, "LocalSubnet": "10.10.0.0/16", "RemoteSubnet": "192.168.99.0/24"}))
	for range 3 {
		h.deliver("ChangeQueue")
		h.later("ChangeQueue")
	}
	if got := h.outcomes(); len(got) != 0 {
		t.Errorf("got outcomes %+v of a change that is on its way", got)
	}
	on(h, &h.refuse, nil)
	h.must(h.api.SetCondition(single, ""))
	h.mustSettle(outcome.Settled, single, id)
	if letters := h.take("DeadLetterQueue"); len(letters) != 0 {
		t.Errorf("got %d dead letters", len(letters))
	}
}

// TestBusDown: a rejected change comes again until its outcome is on the bus, and has one
// dead letter and one outcome.
func TestBusDown(t *testing.T) {
	t.Parallel()
	h := newHarness(t, setup{})
	on(h, &h.refuse, func(r *awsCall) string {
		if r.is("apply", "events:PutEvents", "EventBus") {
			return "AccessDeniedException"
		}
		return ""
	})
	h.must(h.api.SetCondition(single, "VpnRouteEntry.Conflict"))
	id := h.emit(time.Now(), encode(map[string]string{"RegionId": "cn-hangzhou", "VpnConnectionId": single, "LocalSubnet": "10.10.0.0/16", "RemoteSubnet": "192.168.99.0/24"}))
	for range 3 {
		h.deliver("ChangeQueue")
		h.later("ChangeQueue")
	}
	h.checkMetrics("apply", "Blocked", 3)
	on(h, &h.refuse, nil)
	if o := h.mustSettle(outcome.Rejected, single, id); len(o.ID) != 32 {
		t.Errorf("got the id %q", o.ID)
	}
	if letters := h.take("DeadLetterQueue"); len(letters) != 1 {
		t.Errorf("got %d dead letters", len(letters))
	}
}

// TestFlood: what is superseded or rejected in a batch is published in one call, and
// its dead letters are sent in one.
func TestFlood(t *testing.T) {
	t.Parallel()
	h := newHarness(t, setup{})
	const changes = 10
	now := time.Now()
	post := func(id string, document func(i int) string) {
		var all []string
		for i := range changes {
			all = append(all, fmt.Sprintf(`{"specversion":"1.0","id":"%s-%d","source":"s","type":"t","time":%q,"data":%s}`,
				id, i, now.Add(-time.Duration(i+1)*time.Second).UTC().Format(time.RFC3339), document(i)))
		}
		h.mustPost(id, "["+strings.Join(all, ",")+"]")
	}
	h.emit(now, named(single, "newest"))
	h.settle()
	post("old", func(i int) string { return named(single, fmt.Sprint("old", i)) })
	statuses, ids := map[outcome.Status]int{}, map[string]bool{}
	for _, o := range h.settle() {
		if !ids[o.ID] { // an outcome can come twice
			statuses[o.Status]++
		}
		ids[o.ID] = true
	}
	if puts := len(h.requestsOf("apply", "events:PutEvents", "EventBus")); statuses[outcome.Superseded] != changes || len(ids) != changes || puts > changes/2 {
		t.Errorf("got outcomes %v with %d ids in %d calls", statuses, len(ids), puts)
	}
	post("bad", func(i int) string { return named(fmt.Sprint("vco-none", i), "x") })
	h.settle()
	sent := len(h.requestsOf("apply", "sqs:SendMessage", "DeadLetterQueue"))
	if letters := h.take("DeadLetterQueue"); len(letters) != changes || sent > changes/2 {
		t.Errorf("got %d dead letters in %d calls", len(letters), sent)
	}
}

// TestConfirmDenied: when the bus refuses confirm, that is counted, and the checks come
// again soon at first.
func TestConfirmDenied(t *testing.T) {
	t.Parallel()
	h := newHarness(t, setup{})
	on(h, &h.refuse, func(r *awsCall) string {
		if r.is("confirm", "events:PutEvents", "EventBus") {
			return "AccessDeniedException"
		}
		return ""
	})
	id := h.emit(time.Now(), named(single, "x"))
	h.deliver("ChangeQueue")
	h.ahead.Add(int64(updateTime))
	for range 2 {
		h.deliver("ConfirmQueue")
		h.later("ConfirmQueue")
	}
	h.checkMetrics("confirm", "Kept", 2)
	hidden := h.requestsOf("confirm", "sqs:ChangeMessageVisibility", "ConfirmQueue")
	if len(hidden) != 2 || hidden[0].Get("Entries.0.VisibilityTimeout").Int() != 5 || hidden[1].Get("Entries.0.VisibilityTimeout").Int() <= 5 {
		t.Errorf("got changes of the visibility %v", hidden)
	}
	on(h, &h.refuse, nil)
	h.mustSettle(outcome.Settled, single, id)
	h.checkMetrics("confirm", "Kept", 2)
}

// TestProfileGone: a change whose profile is not in the secret waits for it.
func TestProfileGone(t *testing.T) {
	t.Parallel()
	rule := `{"rules":[{"name":"b","match":{"source":["com.example.b"]},"with":{"RegionId":"cn-hangzhou","VpnConnectionId":"vco-localsingle"},"from":{"Name":"detail.n"},"credentials":"branch"}]}`
	h := newHarness(t, setup{rules: rule, credentials: func(keys map[string]string) string {
		return encode(map[string]map[string]string{"default": {"accessKeyId": "default", "accessKeySecret": keys["default"]}})
	}})
	h.emitAs("com.example.b", "X", time.Now(), `{"n":"one"}`)
	h.deliver("ChangeQueue")
	if len(h.held["ChangeQueue"]) != 1 || len(h.take("DeadLetterQueue"))+len(h.outcomes()) != 0 {
		t.Error("the change is not kept")
	}
	h.checkMetrics("apply", "Blocked", 1)
}
