package bundle_test

import (
	"encoding/base64"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/tidwall/gjson"

	"vpnattach/shared/outcome"
)

// TestSources sends events through every event source of the template.
func TestSources(t *testing.T) {
	t.Parallel()
	h := newHarness(t, setup{})
	for _, tt := range []struct{ name, answer string }{ // in the order of their events' times
		{"sns-change", ""},
		{"kinesis", `{"batchItemFailures":[]}`},
		{"dynamodb", `{"batchItemFailures":[]}`},
	} {
		answer := h.invoke(h.sample(tt.name))
		if tt.answer != "" && answer != tt.answer {
			t.Errorf("%s: got answer %s", tt.name, answer)
		}
		h.mustSettle(outcome.Settled, single)
	}
	if got := h.describe(single, "RemoteSubnet") + " " + h.describe(single, "HealthCheckConfig.interval"); got != "192.168.10.0/24,192.168.70.0/24 3" {
		t.Errorf("got %s", got)
	}
	h.send("EventQueue", named(single, "by-queue"), "")
	if got := h.deliver("EventQueue"); got != 1 || len(h.held["EventQueue"]) != 0 {
		t.Errorf("got a batch of %d, of which %d are left", got, len(h.held["EventQueue"]))
	}
	h.mustSettle(outcome.Settled, single)
	if got := h.describe(single, "Name"); got != "by-queue" {
		t.Errorf("got name %s", got)
	}
}

// TestInvalidEvent: an invalid event is kept with its findings, and the others of its
// batch are accepted.
func TestInvalidEvent(t *testing.T) {
	t.Parallel()
	h := newHarness(t, setup{})
	invalid := strings.Replace(singleKey(h.newKey("key in the invalid event")), `"Psk"`, `"Pks"`, 1)
	h.send("EventQueue", invalid, "")
	h.send("EventQueue", named(single, "mate"), "")
	id := h.emit(time.Now(), invalid)
	h.deliver("EventQueue")
	letters := h.take("FailedEventQueue")
	if len(letters) != 2 {
		t.Fatalf("got %d failed events, want 2", len(letters))
	}
	if got := gjson.Get(*letters[0].Body, "id").Str; got != id {
		t.Errorf("got event %q, want it as it came", got)
	}
	for _, letter := range letters {
		if letter.MessageAttributes["Code"].StringValue == nil || letter.MessageAttributes["Remedy"].StringValue == nil ||
			gjson.Get(aws.ToString(letter.MessageAttributes["Findings"].StringValue), `#(path="IkeConfig.Pks").severity`).Str != "error" {
			t.Errorf("got attributes %s", encode(letter.MessageAttributes))
		}
	}
	h.mustSettle(outcome.Settled, single)
	h.checkMetrics("ingest", "Refused", 2)
	h.checkMetrics("ingest", "Accepted", 1)
}

// TestFailedInvocation moves an event that ingest could not handle from the failure
// destination back to the queue of events.
func TestFailedInvocation(t *testing.T) {
	t.Parallel()
	h := newHarness(t, setup{})
	on(h, &h.refuse, noChanges)
	key := h.newChangeKey("key in the failed event")
	id := h.emit(time.Now(), singleKey(key))
	if list := h.settle(); len(list) != 0 {
		t.Errorf("got outcomes %+v", list)
	}
	h.checkMetrics("ingest", "Kept", 3)
	on(h, &h.refuse, nil)
	h.move("FailedEventQueue", "EventQueue")
	h.deliver("EventQueue")
	h.mustSettle(outcome.Settled, single, id)
	h.checkKey(single, "IkeConfig.Psk", key)
}

// TestKeptRecord leaves a record of a queue for later when the queue of changes can't
// be reached.
func TestKeptRecord(t *testing.T) {
	t.Parallel()
	h := newHarness(t, setup{})
	on(h, &h.refuse, noChanges)
	h.send("EventQueue", named(single, "kept"), "")
	if r := h.post(h.webhooks[1], "msg-1", time.Now(), named(dual, "kept")); r.StatusCode != 503 || r.Headers["Retry-After"] == "" {
		t.Errorf("webhook: got %d %s", r.StatusCode, r.Body)
	}
	if got := h.deliver("EventQueue"); got != 1 || len(h.held["EventQueue"]) != 1 {
		t.Errorf("got a batch of %d, of which %d are left", got, len(h.held["EventQueue"]))
	}
	on(h, &h.refuse, nil)
	h.later("EventQueue")
	h.deliver("EventQueue")
	h.mustSettle(outcome.Settled, single)
}

// TestUnlistedSource: a change of an unlisted source is refused, also after its message
// was moved back.
func TestUnlistedSource(t *testing.T) {
	t.Parallel()
	h := newHarness(t, setup{})
	h.emitAs("com.example.other", "VPN Attachment Change", time.Now(), named(single, "planted"))
	h.move("FailedEventQueue", "EventQueue")
	h.deliver("EventQueue")
	letters := h.take("FailedEventQueue")
	if len(letters) != 1 {
		t.Fatalf("got %d failed events, want 1", len(letters))
	}
	for name, want := range map[string]string{"Code": "source-not-listed", "Source": "com.example.other"} {
		if got := aws.ToString(letters[0].MessageAttributes[name].StringValue); got != want {
			t.Errorf("got %s %q, want %q", name, got, want)
		}
	}
	if list := h.settle(); len(list) != 0 {
		t.Errorf("got outcomes %+v", list)
	}
}

// TestTooLargeToKeep: an invalid record that is too large for a queue is removed from the
// batch, with its findings.
func TestTooLargeToKeep(t *testing.T) {
	t.Parallel()
	h := newHarness(t, setup{})
	data := base64.StdEncoding.EncodeToString([]byte(`{"VpnConnectionId":"` + single + `","Nam":"` + strings.Repeat("x", 900<<10) + `"}`))
	answer := h.invoke(`{"Records":[{"kinesis":{"kinesisSchemaVersion":"1.0","partitionKey":"1","sequenceNumber":"4959","data":"` + data + `","approximateArrivalTimestamp":1793627100.1},` +
		`"eventSource":"aws:kinesis","eventVersion":"1.0","eventID":"shardId-000000000006:4959","eventName":"aws:kinesis:record","awsRegion":"eu-central-1",` +
		`"eventSourceARN":"arn:aws:kinesis:` + region + `:` + accountID + `:stream/vpn-changes"}]}`)
	if answer != `{"batchItemFailures":[]}` {
		t.Errorf("got %s", answer)
	}
	letters := h.take("FailedEventQueue")
	if len(letters) != 1 || gjson.Get(*letters[0].Body, "tooLarge.number").Str != "4959" || letters[0].MessageAttributes["Code"].StringValue == nil {
		t.Errorf("got %s", encode(letters))
	}
}

// noChanges refuses ingest the queue of changes.
func noChanges(r *awsCall) string {
	if r.is("ingest", "sqs:SendMessage", "ChangeQueue") {
		return "AccessDeniedException"
	}
	return ""
}
