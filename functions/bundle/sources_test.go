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

// TestSources lets events in through every entry that the template has.
func TestSources(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{})
	for _, tt := range []struct{ name, answer string }{ // in the order of their events' times
		{"sns-change", ""},
		{"kinesis", `{"batchItemFailures":[]}`},
		{"dynamodb", `{"batchItemFailures":[]}`},
	} {
		answer := w.invoke(w.sample(tt.name))
		if tt.answer != "" && answer != tt.answer {
			t.Errorf("%s: got answer %s", tt.name, answer)
		}
		w.mustSettle(outcome.Settled, single)
	}
	if got := w.describe(single, "RemoteSubnet") + " " + w.describe(single, "HealthCheckConfig.interval"); got != "192.168.10.0/24,192.168.70.0/24 3" {
		t.Errorf("got %s", got)
	}
	w.send("EventQueue", named(single, "by-queue"), "")
	if got := w.deliver("EventQueue"); got != 1 || len(w.held["EventQueue"]) != 0 {
		t.Errorf("got a batch of %d, of which %d are left", got, len(w.held["EventQueue"]))
	}
	w.mustSettle(outcome.Settled, single)
	if got := w.describe(single, "Name"); got != "by-queue" {
		t.Errorf("got name %s", got)
	}
}

// TestInvalidEvent keeps an event that is not valid with what is wrong with it, and
// takes the others of its batch.
func TestInvalidEvent(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{})
	invalid := strings.Replace(singleKey(w.newKey("key in the invalid event")), `"Psk"`, `"Pks"`, 1)
	w.send("EventQueue", invalid, "")
	w.send("EventQueue", named(single, "mate"), "")
	id := w.emit(time.Now(), invalid)
	w.deliver("EventQueue")
	letters := w.take("FailedEventQueue")
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
	w.mustSettle(outcome.Settled, single)
	w.checkMetrics("ingest", "Refused", 2)
	w.checkMetrics("ingest", "Accepted", 1)
}

// TestFailedInvocation sends an event again that ingest could not handle, from where
// Lambda has put it.
func TestFailedInvocation(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{})
	on(w, &w.refuse, noChanges)
	key := w.newChangeKey("key in the failed event")
	id := w.emit(time.Now(), singleKey(key))
	if list := w.settle(); len(list) != 0 {
		t.Errorf("got outcomes %+v", list)
	}
	w.checkMetrics("ingest", "Kept", 3)
	on(w, &w.refuse, nil)
	w.move("FailedEventQueue", "EventQueue")
	w.deliver("EventQueue")
	w.mustSettle(outcome.Settled, single, id)
	w.checkKey(single, "IkeConfig.Psk", key)
}

// TestKeptRecord leaves a record of a queue for later when the queue of changes can't
// be reached.
func TestKeptRecord(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{})
	on(w, &w.refuse, noChanges)
	w.send("EventQueue", named(single, "kept"), "")
	if r := w.post(w.webhooks[1], "msg-1", time.Now(), named(dual, "kept")); r.StatusCode != 503 || r.Headers["Retry-After"] == "" {
		t.Errorf("webhook: got %d %s", r.StatusCode, r.Body)
	}
	if got := w.deliver("EventQueue"); got != 1 || len(w.held["EventQueue"]) != 1 {
		t.Errorf("got a batch of %d, of which %d are left", got, len(w.held["EventQueue"]))
	}
	on(w, &w.refuse, nil)
	w.later("EventQueue")
	w.deliver("EventQueue")
	w.mustSettle(outcome.Settled, single)
}

// TestUnlistedSource refuses a change of a source that nobody has listed, and refuses it
// again when it is moved: moving is no consent.
func TestUnlistedSource(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{})
	w.emitAs("com.example.other", "VPN Attachment Change", time.Now(), named(single, "planted"))
	w.move("FailedEventQueue", "EventQueue")
	w.deliver("EventQueue")
	letters := w.take("FailedEventQueue")
	if len(letters) != 1 {
		t.Fatalf("got %d failed events, want 1", len(letters))
	}
	for name, want := range map[string]string{"Code": "source-not-listed", "Source": "com.example.other"} {
		if got := aws.ToString(letters[0].MessageAttributes[name].StringValue); got != want {
			t.Errorf("got %s %q, want %q", name, got, want)
		}
	}
	if list := w.settle(); len(list) != 0 {
		t.Errorf("got outcomes %+v", list)
	}
}

// TestTooLargeToKeep takes an invalid record that no queue takes out of the way, with
// what there is to say of it.
func TestTooLargeToKeep(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{})
	data := base64.StdEncoding.EncodeToString([]byte(`{"VpnConnectionId":"` + single + `","Nam":"` + strings.Repeat("x", 900<<10) + `"}`))
	answer := w.invoke(`{"Records":[{"kinesis":{"kinesisSchemaVersion":"1.0","partitionKey":"1","sequenceNumber":"4959","data":"` + data + `","approximateArrivalTimestamp":1793627100.1},` +
		`"eventSource":"aws:kinesis","eventVersion":"1.0","eventID":"shardId-000000000006:4959","eventName":"aws:kinesis:record","awsRegion":"eu-central-1",` +
		`"eventSourceARN":"arn:aws:kinesis:` + region + `:` + accountID + `:stream/vpn-changes"}]}`)
	if answer != `{"batchItemFailures":[]}` {
		t.Errorf("got %s", answer)
	}
	letters := w.take("FailedEventQueue")
	if len(letters) != 1 || gjson.Get(*letters[0].Body, "tooLarge.number").Str != "4959" || letters[0].MessageAttributes["Code"].StringValue == nil {
		t.Errorf("got %s", encode(letters))
	}
}

// noChanges keeps ingest from the queue of changes.
func noChanges(r *awsCall) string {
	if r.is("ingest", "sqs:SendMessage", "ChangeQueue") {
		return "AccessDeniedException"
	}
	return ""
}
