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

// TestPoison delivers messages that are not changes beside changes.
func TestPoison(t *testing.T) {
	t.Parallel()
	h := newHarness(t, setup{})
	key := h.newChangeKey("key in the poison")
	poison := `{"broken":` + encode(key)
	h.send("ChangeQueue", poison, single)
	h.emit(time.Now(), named(single, "mate-in-the-group"))
	h.emit(time.Now(), named(dual, "mate-in-the-batch"))
	if got := h.deliver("ChangeQueue"); got != 3 || len(h.held["ChangeQueue"]) != 0 {
		t.Errorf("got a batch of %d, of which %d are left", got, len(h.held["ChangeQueue"]))
	}
	letters := h.take("DeadLetterQueue")
	if len(letters) != 1 || *letters[0].Body != poison || letters[0].Attributes["MessageGroupId"] == "" {
		t.Fatalf("got %d dead letters", len(letters))
	}
	for name, want := range map[string]string{"Code": "message-invalid", "Class": "rejected", "Message": "", "Remedy": "", "RejectedAt": ""} {
		if got := aws.ToString(letters[0].MessageAttributes[name].StringValue); got == "" || want != "" && got != want {
			t.Errorf("%s: got %q, want %q", name, got, want)
		}
	}
	counts := map[outcome.Status]int{}
	for _, o := range h.settle() {
		counts[o.Status]++
	}
	if counts[outcome.Rejected] != 1 || counts[outcome.Settled] != 2 || len(h.told) != 3 {
		t.Errorf("got outcomes %v", counts)
	}
	if got := h.describe(single, "Name") + " " + h.describe(dual, "Name"); got != "mate-in-the-group mate-in-the-batch" {
		t.Errorf("got %s", got)
	}
	h.checkMetrics("apply", "Rejected", 1)
	h.checkMetrics("apply", "Applied", 2)
}

// TestRedrive moves a dead letter back once its cause is gone.
func TestRedrive(t *testing.T) {
	t.Parallel()
	h := newHarness(t, setup{})
	h.must(h.api.SetCondition(single, "VpnRouteEntry.Conflict"))
	id := h.emit(time.Now(), encode(map[string]string{"RegionId": "cn-hangzhou", "VpnConnectionId": single, "LocalSubnet": "10.10.0.0/16", "RemoteSubnet": "192.168.99.0/24"}))
	if o := h.mustSettle(outcome.Rejected, single, id); o.Reason == nil || o.Reason.Code != "VpnRouteEntry.Conflict" || o.Reason.Remedy == "" {
		t.Errorf("got outcome %+v", o)
	}
	h.must(h.api.SetCondition(single, ""))
	h.move("DeadLetterQueue", "ChangeQueue")
	h.mustSettle(outcome.Settled, single, id)
	if got := h.describe(single, "RemoteSubnet"); got != "192.168.99.0/24" {
		t.Errorf("got %s", got)
	}
}

// TestBusy: changes of an attachment that is being changed are deferred, in their order,
// and so are those behind them.
func TestBusy(t *testing.T) {
	t.Parallel()
	for name, attachment := range map[string]string{"single": single, "dual": dual} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHarness(t, setup{})
			h.must(h.api.SetCondition(attachment, "VpnConnection.Configuring"))
			now := time.Now()
			first, second := h.emit(now.Add(-3*time.Second), named(attachment, "first")), h.emit(now.Add(-2*time.Second), named(attachment, "second"))
			if got := h.deliver("ChangeQueue"); got != 2 || len(h.held["ChangeQueue"]) != 2 {
				t.Errorf("got a batch of %d, of which %d are left", got, len(h.held["ChangeQueue"]))
			}
			if hidden := h.requestsOf("apply", "sqs:ChangeMessageVisibility", "ChangeQueue"); len(hidden) != 1 || hidden[0].Get("Entries.#").Int() != 2 || hidden[0].Get("Entries.0.VisibilityTimeout").Int() < 1 {
				t.Errorf("got changes of the visibility %v", hidden)
			}
			third := h.emit(now.Add(-time.Second), named(attachment, "third"))
			if got := h.deliver("ChangeQueue"); got != 0 {
				t.Errorf("got %d messages of a group that waits", got)
			}
			h.checkMetrics("apply", "Deferred", 2)
			h.must(h.api.SetCondition(attachment, ""))
			h.later("ChangeQueue")

			statuses := map[string]outcome.Status{}
			for _, o := range h.settle() {
				statuses[strings.Join(o.EventIDs, " ")] = o.Status
			}
			if len(statuses) != 3 || statuses[first] != outcome.Superseded || statuses[second] != outcome.Superseded || statuses[third] != outcome.Settled {
				t.Errorf("got outcomes %v", statuses)
			}
			if got := h.describe(attachment, "Name"); got != "third" || len(h.modified()) != 1 {
				t.Errorf("got name %s after %d calls", got, len(h.modified()))
			}
			var order []string
			for _, body := range h.bodies {
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
	h := newHarness(t, setup{credentials: func(map[string]string) string {
		return `{"accessKeyId":"default","accessKeySecret":"wrong-for-now-wrong-for-now"}`
	}})
	h.newSecret("wrong access key", "wrong-for-now-wrong-for-now")
	id := h.emit(time.Now(), named(single, "kept"))
	h.deliver("ChangeQueue")
	if len(h.held["ChangeQueue"]) != 1 || len(h.take("DeadLetterQueue")) != 0 {
		t.Error("the change is not kept")
	}
	h.checkMetrics("apply", "Blocked", 1)
	if got := h.metric("apply", "Waited"); got <= 0 || got > 60 {
		t.Errorf("got a wait of %v s", got)
	}
	if hidden := h.requestsOf("apply", "sqs:ChangeMessageVisibility", "ChangeQueue"); len(hidden) != 1 || hidden[0].Get("Entries.0.VisibilityTimeout").Int() < 5 {
		t.Errorf("got changes of the visibility %v", hidden)
	}
	alarm := slices.ContainsFunc(h.lines("apply"), func(line string) bool {
		return gjson.Get(line, "alarm").Bool() && gjson.Get(line, "level").Str == "error" && gjson.Get(line, "remedy").Str != "" && gjson.Get(line, "eventId").Str == id
	})
	if !alarm {
		t.Error("the log does not name the problem")
	}
	h.putSecret(h, h.arns["CredentialsSecretArn"], h.credentialsText(h.keys))
	// The function looks at the secret every ten seconds at most.
	for deadline := time.Now().Add(time.Minute); len(h.modified()) == 0; {
		if time.Now().After(deadline) {
			t.Fatal("the new access key is not used")
		}
		h.later("ChangeQueue")
		h.deliver("ChangeQueue")
		h.idle()
	}
	h.mustSettle(outcome.Settled, single, id)
	if got := h.functions["apply"].Started(); got != 1 {
		t.Errorf("got %d processes, want the first to know the new key", got)
	}
}

// idle waits for a second, by a long poll of an empty queue.
func (h *harness) idle() {
	h.Helper()
	if _, err := h.sqs.ReceiveMessage(h.Context(), &sqs.ReceiveMessageInput{QueueUrl: aws.String(h.urls["EventQueue"]), WaitTimeSeconds: 1}); err != nil {
		h.Fatal(err)
	}
}

// TestFaults lets calls of the VPC API fail: each change still has one effect.
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
			h := newHarness(t, setup{})
			h.must(h.api.InjectFaults(tt.fault))
			id := h.emit(time.Now(), h.newKeys(tt.attachment))
			h.mustSettle(outcome.Settled, tt.attachment, id)
			if got := len(h.modified()); got != 1 {
				t.Errorf("got %d effects, want 1", got)
			}
			// The harness delivers at once what is hidden, and apply makes no call until the
			// time that the service has asked for is over.
			if got := h.metric("apply", "Deferred"); got < tt.deferred || got > tt.deferred && tt.fault.RetryMillis == 0 {
				t.Errorf("apply Deferred: got %v, want %v", got, tt.deferred)
			}
			if hidden := h.requestsOf("apply", "sqs:ChangeMessageVisibility", "ChangeQueue"); len(hidden) > 0 {
				if got := hidden[0].Get("Entries.0.VisibilityTimeout").Int(); got < tt.atLeast {
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
			h := newHarness(t, setup{mode: "plan"})
			body := h.newKeys(attachment)
			h.mustPost("msg-1", body)
			o := h.mustSettle(outcome.Planned, attachment, "msg-1")
			if len(o.Differences) == 0 || !strings.HasSuffix(o.Differences[0].Path, ".Psk") || o.Differences[0].To != "***" {
				t.Errorf("got differences %+v", o.Differences)
			}
			if len(h.modified()) != 0 || len(h.requestsOf("apply", "dynamodb:PutItem", "LedgerTable")) != 0 {
				t.Error("something has changed")
			}
			h.checkMetrics("apply", "Planned", 1)
			if r := h.mustPost("msg-1", body); gjson.Get(r.Body, "changes.#").Int() != 1 {
				t.Errorf("the webhook is remembered: got %s", r.Body)
			}
		})
	}
}

// must ends the test with an error.
func (h *harness) must(err error) {
	h.Helper()
	if err != nil {
		h.Fatal(err)
	}
}
