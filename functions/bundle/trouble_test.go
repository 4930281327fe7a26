package bundle_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/tidwall/gjson"

	"vpnattach/shared/emulator"
	"vpnattach/shared/outcome"
)

const modify = "ModifyVpnAttachmentAttribute"

// TestPoison delivers what is no change beside changes.
func TestPoison(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{})
	key := w.newChangeKey("key in the poison")
	poison := `{"broken":` + encode(key)
	w.send("ChangeQueue", poison, single)
	w.emit(time.Now(), named(single, "mate-in-the-group"))
	w.emit(time.Now(), named(dual, "mate-in-the-batch"))
	if got := w.deliver("ChangeQueue"); got != 3 || len(w.held["ChangeQueue"]) != 0 {
		t.Errorf("got a batch of %d, of which %d are left", got, len(w.held["ChangeQueue"]))
	}
	letters := w.take("DeadLetterQueue")
	if len(letters) != 1 || *letters[0].Body != poison || letters[0].Attributes["MessageGroupId"] == "" {
		t.Fatalf("got %d dead letters", len(letters))
	}
	for name, want := range map[string]string{"Code": "message-invalid", "Class": "rejected", "Message": "", "Remedy": "", "RejectedAt": ""} {
		if got := aws.ToString(letters[0].MessageAttributes[name].StringValue); got == "" || want != "" && got != want {
			t.Errorf("%s: got %q, want %q", name, got, want)
		}
	}
	counts := map[outcome.Status]int{}
	for _, o := range w.settle() {
		counts[o.Status]++
	}
	if counts[outcome.Rejected] != 1 || counts[outcome.Settled] != 2 || len(w.told) != 3 {
		t.Errorf("got outcomes %v", counts)
	}
	if got := w.describe(single, "Name") + " " + w.describe(dual, "Name"); got != "mate-in-the-group mate-in-the-batch" {
		t.Errorf("got %s", got)
	}
	w.checkMetrics("apply", "Rejected", 1)
	w.checkMetrics("apply", "Applied", 2)
}

// TestRedrive moves a dead letter back once what it was rejected for is gone.
func TestRedrive(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{})
	w.must(w.api.SetCondition(single, "VpnRouteEntry.Conflict"))
	id := w.emit(time.Now(), encode(map[string]string{"RegionId": "cn-hangzhou", "VpnConnectionId": single, "LocalSubnet": "10.10.0.0/16", "RemoteSubnet": "192.168.99.0/24"}))
	if o := w.mustSettle(outcome.Rejected, single, id); o.Reason == nil || o.Reason.Code != "VpnRouteEntry.Conflict" || o.Reason.Remedy == "" {
		t.Errorf("got outcome %+v", o)
	}
	w.must(w.api.SetCondition(single, ""))
	w.move("DeadLetterQueue", "ChangeQueue")
	w.mustSettle(outcome.Settled, single, id)
	if got := w.describe(single, "RemoteSubnet"); got != "192.168.99.0/24" {
		t.Errorf("got %s", got)
	}
}

// TestBusy defers changes of an attachment that is in motion, in their order, and
// those that come after them.
func TestBusy(t *testing.T) {
	t.Parallel()
	for name, attachment := range map[string]string{"single": single, "dual": dual} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, setup{})
			w.must(w.api.SetCondition(attachment, "VpnConnection.Configuring"))
			now := time.Now()
			first, second := w.emit(now.Add(-3*time.Second), named(attachment, "first")), w.emit(now.Add(-2*time.Second), named(attachment, "second"))
			if got := w.deliver("ChangeQueue"); got != 2 || len(w.held["ChangeQueue"]) != 2 {
				t.Errorf("got a batch of %d, of which %d are left", got, len(w.held["ChangeQueue"]))
			}
			if hidden := w.asked("apply", "sqs:ChangeMessageVisibility", "ChangeQueue"); len(hidden) != 1 || hidden[0].Get("Entries.#").Int() != 2 || hidden[0].Get("Entries.0.VisibilityTimeout").Int() < 1 {
				t.Errorf("got changes of the visibility %v", hidden)
			}
			third := w.emit(now.Add(-time.Second), named(attachment, "third"))
			if got := w.deliver("ChangeQueue"); got != 0 {
				t.Errorf("got %d messages of a group that waits", got)
			}
			w.checkMetrics("apply", "Deferred", 2)
			w.must(w.api.SetCondition(attachment, ""))
			w.later("ChangeQueue")

			statuses := map[string]outcome.Status{}
			for _, o := range w.settle() {
				statuses[strings.Join(o.EventIDs, " ")] = o.Status
			}
			if len(statuses) != 3 || statuses[first] != outcome.Superseded || statuses[second] != outcome.Superseded || statuses[third] != outcome.Settled {
				t.Errorf("got outcomes %v", statuses)
			}
			if got := w.describe(attachment, "Name"); got != "third" || len(w.modified()) != 1 {
				t.Errorf("got name %s after %d calls", got, len(w.modified()))
			}
			var order []string
			for _, body := range w.bodies {
				order = append(order, gjson.Get(body, "eventId").Str)
			}
			if !slices.Equal(order, []string{first, second, first, second, third}) {
				t.Errorf("got deliveries %v", order)
			}
		})
	}
}

// TestBlocked keeps a change as long as the access key is wrong, with an alarm, and
// applies it when the secret has the right one.
func TestBlocked(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{credentials: func(map[string]string) string {
		return `{"accessKeyId":"default","accessKeySecret":"wrong-for-now-wrong-for-now"}`
	}})
	w.newSecret("wrong access key", "wrong-for-now-wrong-for-now")
	id := w.emit(time.Now(), named(single, "kept"))
	w.deliver("ChangeQueue")
	if len(w.held["ChangeQueue"]) != 1 || len(w.take("DeadLetterQueue")) != 0 {
		t.Error("the change is not kept")
	}
	w.checkMetrics("apply", "Blocked", 1)
	if hidden := w.asked("apply", "sqs:ChangeMessageVisibility", "ChangeQueue"); len(hidden) != 1 || hidden[0].Get("Entries.0.VisibilityTimeout").Int() < 5 {
		t.Errorf("got changes of the visibility %v", hidden)
	}
	alarm := slices.ContainsFunc(w.lines("apply"), func(line string) bool {
		return gjson.Get(line, "alarm").Bool() && gjson.Get(line, "level").Str == "error" && gjson.Get(line, "remedy").Str != "" && gjson.Get(line, "eventId").Str == id
	})
	if !alarm {
		t.Error("no line of the log says what is wrong")
	}
	w.replace(w, w.arns["CredentialsSecretArn"], w.credentialsText(w.keys))
	// The function looks at the secret every ten seconds at most.
	for deadline := time.Now().Add(time.Minute); len(w.modified()) == 0; {
		if time.Now().After(deadline) {
			t.Fatal("the new access key is not used")
		}
		w.later("ChangeQueue")
		w.deliver("ChangeQueue")
		w.idle()
	}
	w.mustSettle(outcome.Settled, single, id)
	if got := w.functions["apply"].Started(); got != 1 {
		t.Errorf("got %d processes, want the first to know the new key", got)
	}
}

// idle waits for a second, by asking a queue in which there is nothing.
func (w *world) idle() {
	w.Helper()
	if _, err := w.sqs.ReceiveMessage(w.Context(), &sqs.ReceiveMessageInput{QueueUrl: aws.String(w.urls["EventQueue"]), WaitTimeSeconds: 1}); err != nil {
		w.Fatal(err)
	}
}

// TestFaults lets calls of the VPC API go wrong: each change has one effect, however
// that happens.
func TestFaults(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name       string
		attachment string
		fault      emulator.Fault
		deferred   float64 // deliveries
		atLeast    int64   // seconds that the record stays away
	}{
		{"answer of Modify lost, one tunnel", single, emulator.Fault{Action: modify, Lost: true}, 1, 1},
		{"answer of Modify lost, two tunnels", dual, emulator.Fault{Action: modify, Lost: true}, 1, 1},
		{"answer of Describe lost", single, emulator.Fault{Action: "DescribeVpnConnection", Lost: true}, 0, 0},
		{"Modify not reached", dual, emulator.Fault{Action: modify, Reset: true}, 0, 0},
		{"throttled", single, emulator.Fault{Action: modify, Code: "Throttling.User", Status: 400, RetryMillis: 4000}, 1, 4},
		{"out of service", dual, emulator.Fault{Action: modify, Code: "ServiceUnavailable", Calls: 4}, 1, 1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, setup{})
			w.must(w.api.InjectFaults(tt.fault))
			id := w.emit(time.Now(), w.newKeys(tt.attachment))
			w.mustSettle(outcome.Settled, tt.attachment, id)
			if got := len(w.modified()); got != 1 {
				t.Errorf("got %d effects, want 1", got)
			}
			w.checkMetrics("apply", "Deferred", tt.deferred)
			for _, hidden := range w.asked("apply", "sqs:ChangeMessageVisibility", "ChangeQueue") {
				if got := hidden.Get("Entries.0.VisibilityTimeout").Int(); got < tt.atLeast {
					t.Errorf("hidden for %d s, want %d", got, tt.atLeast)
				}
			}
		})
	}
}

// TestPlan says what would change, and changes nothing.
func TestPlan(t *testing.T) {
	t.Parallel()
	for name, attachment := range map[string]string{"single": single, "dual": dual} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, setup{mode: "plan"})
			w.mustPost("msg-1", w.newKeys(attachment))
			o := w.mustSettle(outcome.Planned, attachment, "msg-1")
			if len(o.Differences) == 0 || !strings.HasSuffix(o.Differences[0].Path, ".Psk") || o.Differences[0].To != "***" {
				t.Errorf("got differences %+v", o.Differences)
			}
			if len(w.modified()) != 0 || len(w.asked("apply", "dynamodb:PutItem", "LedgerTable")) != 0 {
				t.Error("something has changed")
			}
			w.checkMetrics("apply", "Planned", 1)
		})
	}
}

// must ends the test with an error.
func (w *world) must(err error) {
	w.Helper()
	if err != nil {
		w.Fatal(err)
	}
}
