package apply_test

import (
	"context"
	"flag"
	"fmt"
	"maps"
	"os"
	"os/signal"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"pgregory.net/rapid"

	"vpnattach/shared/core/attachment"
	"vpnattach/shared/emulator"
	"vpnattach/shared/ledger"
	"vpnattach/shared/outcome"
)

// maxLag is how long Describe may lag: half of what apply waits for it, so that its clock
// may be wrong, too.
const maxLag = 150 * time.Second

// schedules is how many random schedules a run of the tests plays: with the race detector,
// which makes them slow, a tenth of them.
const schedules = 2000 / slowed

// TestConvergence plays random sets of changes in random orders, with duplicates,
// split batches, crashes, faults of the service and edits by hand, and compares the
// attachments with the model. With SOAK=1 it goes on until it is interrupted or a
// schedule fails.
func TestConvergence(t *testing.T) {
	converge(t, schedules, func(*rapid.T) ledger.Store { return new(ledger.Memory) }, func() {})
}

// given are the flags that the command line sets.
var given = sync.OnceValue(func() map[string]bool {
	names := map[string]bool{}
	flag.Visit(func(f *flag.Flag) { names[f.Name] = true })
	return names
})

// converge plays schedules, each over an empty store, whose faults end with calm.
func converge(t *testing.T, schedules int, store func(*rapid.T) ledger.Store, calm func()) {
	given := given()
	for name, value := range map[string]string{"rapid.checks": fmt.Sprint(schedules), "rapid.nofailfile": "true"} {
		if !given[name] {
			if err := flag.Set(name, value); err != nil {
				t.Fatal(err)
			}
		}
	}
	if os.Getenv("SOAK") != "1" {
		rapid.Check(t, func(t *rapid.T) { schedule(t, store(t), calm) })
		return
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	played, began := 0, time.Now()
	count := func() {
		fmt.Fprintf(os.Stderr, "%d schedules in %v\n", played, time.Since(began).Round(time.Second))
	}
	defer count()
	for ctx.Err() == nil && !t.Failed() {
		rapid.Check(t, func(t *rapid.T) {
			if ctx.Err() == nil {
				schedule(t, store(t), calm)
				played++
			}
		})
		count()
	}
}

// schedule plays one harness until its queue is empty.
func schedule(t *rapid.T, store ledger.Store, calm func()) {
	mask := rapid.Bool().Draw(t, "keys are masked")
	update := time.Duration(rapid.IntRange(0, 1).Draw(t, "seconds of an update")) * 5 * time.Second
	subnets := rapid.Bool().Draw(t, "both subnets are mandatory")
	partial := rapid.SampledFrom([]emulator.Partial{emulator.PartialReset, emulator.PartialObjects, emulator.PartialKeep}).Draw(t, "what is left out")
	lag := max(0, rapid.IntRange(-3, 3).Draw(t, "calls that Describe lags"))
	// Where the service resets what is left out, a key that is left out is lost.
	omit := mask && partial != emulator.PartialReset && rapid.Bool().Draw(t, "masked keys are left out")
	h, err := newHarness(store, update, lag, mask, omit, subnets, partial)
	if err != nil {
		t.Fatal(err)
	}
	h.forgets = rapid.Bool().Draw(t, "crashes are forgotten")
	for n := range rapid.IntRange(1, 9).Draw(t, "events") {
		h.events = append(h.events, drawEvent(t, n))
	}
	h.enqueue(t)
	for range rapid.IntRange(0, 25).Draw(t, "actions") {
		h.act(t)
	}
	h.drain(t)
	calm()
	h.check(t)
}

// enqueue puts the events on the queue in any order, some of them twice.
func (h *harness) enqueue(t *rapid.T) {
	var all []*delivery
	for _, e := range h.events {
		for n := range 1 + max(0, rapid.IntRange(-2, 1).Draw(t, "duplicates")) {
			all = append(all, &delivery{event: e, id: fmt.Sprintf("%s-%d", e.id, n)})
		}
	}
	if len(all) > 1 {
		all = rapid.Permutation(all).Draw(t, "order")
	}
	for _, d := range all {
		h.queue[d.event.attachment] = append(h.queue[d.event.attachment], d)
	}
}

var codes = []string{
	"VpnConnection.Configuring", "VpnTask.CONFLICT", "Throttling.User", "InternalError", "ServiceUnavailable",
	"Forbidden.RAM", "InvalidTimeStamp.Expired", "SignatureNonceUsed", "IdempotentParameterMismatch",
}

// act plays one random action.
func (h *harness) act(t *rapid.T) {
	switch rapid.IntRange(0, 9).Draw(t, "action") {
	case 0:
		fault := emulator.Fault{Calls: rapid.IntRange(1, 3).Draw(t, "calls")}
		fault.Action = rapid.SampledFrom([]string{"ModifyVpnAttachmentAttribute", "DescribeVpnConnection", ""}).Draw(t, "of")
		switch kind := rapid.IntRange(0, len(codes)+2).Draw(t, "fault"); {
		case kind < len(codes):
			fault.Code, fault.RetryMillis = codes[kind], 1500
		case kind == len(codes):
			fault.Reset = true
		default:
			fault.Lost = true
		}
		if err := h.api.InjectFaults(fault); err != nil {
			t.Fatal(err)
		}
	case 1:
		code := rapid.SampledFrom([]string{"", "VpnConnection.FinancialLocked", "VpnConnection.Configuring"}).Draw(t, "condition")
		if err := h.api.SetCondition(rapid.SampledFrom(attachments).Draw(t, "locked"), code); err != nil {
			t.Fatal(err)
		}
	case 2:
		h.edit(t)
	case 3:
		h.pass(t, h.update)
		most := 300
		if h.lag > 0 {
			most = 5
		}
		h.skew = time.Duration(rapid.IntRange(-most, most).Draw(t, "the clock is set")) * time.Second
	default:
		h.arm(t)
		sizes := map[string]int{}
		for _, group := range attachments {
			sizes[group] = rapid.IntRange(0, 4).Draw(t, "records")
		}
		h.deliver(sizes)
		h.pass(t, 0)
		if rapid.Bool().Draw(t, "time passes") {
			h.pass(t, h.update)
		}
	}
}

// arm chooses what goes wrong in the next delivery.
func (h *harness) arm(t *rapid.T) {
	h.conflict = rapid.IntRange(0, 7).Draw(t, "another writer") == 0
	switch rapid.IntRange(0, 4).Draw(t, "trouble") {
	case 0, 1:
		h.fault = h.crash
	case 2:
		h.fault = func() error { return errPort }
	default:
		return
	}
	h.faultAt = rapid.IntRange(0, 15).Draw(t, "at step")
	h.after = rapid.Bool().Draw(t, "after the step")
}

// edit changes one field by hand, with the key in clear.
func (h *harness) edit(t *rapid.T) {
	x := edit{attachment: rapid.SampledFrom(attachments).Draw(t, "edited")}
	ike, ipsec := "IkeConfig.", "IpsecConfig."
	if x.attachment == dualAttachment {
		ike, ipsec = "Tunnel.1.TunnelIkeConfig.", "Tunnel.1.TunnelIpsecConfig."
	}
	x.field = rapid.SampledFrom([]string{"Name", "RemoteSubnet", ike + "Psk", ike + "IkeLifetime", ipsec + "IpsecLifetime"}).Draw(t, "field")
	n := rapid.IntRange(1, 3).Draw(t, "value")
	switch {
	case x.field == "RemoteSubnet":
		x.value = fmt.Sprintf("172.16.%d.0/24", n)
	case strings.HasSuffix(x.field, "Lifetime"):
		x.value = fmt.Sprint(1000 + n)
	default:
		x.value = fmt.Sprintf("edited-by-hand-%d", n)
	}
	h.settle(t)
	h.look(t, x.attachment)
	current, err := attachment.ParseCurrent(string(h.api.Describe(x.attachment)))
	if err != nil {
		t.Fatal(err)
	}
	change := attachment.Parse(`{"RegionId":"cn-hangzhou","VpnConnectionId":"`+x.attachment+`"}`, attachment.FromEvent)
	field, _ := attachment.FieldNamed(x.field)
	change.Set(field, attachment.NewValue(x.value))
	h.byHand = true
	defer func() { h.byHand = false }()
	h.tick++
	x.at = h.tick
	if send, differs := attachment.Merge(change, current); differs {
		if _, err := h.client.Modify(context.Background(), &send, []string{fmt.Sprintf("edit %d", h.tick)}); err != nil {
			t.Fatal(err)
		}
	}
	h.edits = append(h.edits, x)
	h.pass(t, h.update)
	h.look(t, x.attachment)
}

// look looks at an attachment until Describe no longer lags, whatever faults there are.
func (h *harness) look(t *rapid.T, attachment string) {
	for looks, tries := 0, 0; looks < h.lag; tries++ {
		_, err := h.client.Describe(context.Background(), "cn-hangzhou", attachment)
		if err == nil {
			looks++
		} else if tries > 100 {
			t.Fatal(err)
		}
	}
}

// pass lets time pass. Describe lags for some calls, but not for longer than maxLag.
func (h *harness) pass(t *rapid.T, time time.Duration) {
	h.now, h.unseen = h.now.Add(time), h.unseen+time
	if h.unseen < maxLag {
		return
	}
	h.unseen = 0
	for _, id := range attachments {
		h.look(t, id)
	}
}

// settle ends all faults and waits until no attachment is being changed.
func (h *harness) settle(t *rapid.T) {
	h.api.ClearFaults()
	for _, id := range attachments {
		if err := h.api.SetCondition(id, ""); err != nil {
			t.Fatal(err)
		}
	}
	h.pass(t, h.update+5*time.Second)
}

// drain delivers until the queue is empty; too many rounds are an error.
func (h *harness) drain(t *rapid.T) {
	for round := 0; ; round++ {
		h.settle(t)
		left := 0
		for _, waiting := range h.queue {
			left += len(waiting)
		}
		if left == 0 {
			return
		}
		if round > 15*left+10+int(5*time.Minute/(5*time.Second)) { // an edit that undoes a call is waited for as a lag is
			t.Fatalf("%d records are never done\n%s", left, h.log.String())
		}
		h.deliver(map[string]int{attachments[0]: 10, attachments[1]: 10, attachments[2]: 10})
		h.pass(t, 0)
	}
}

// check compares the harness with the model.
func (h *harness) check(t *rapid.T) {
	for _, what := range h.wrong {
		t.Errorf("%s", what)
	}
	for _, id := range attachments {
		got, want := flatten(h.api.Describe(id)), h.expected(id)
		for _, name := range slices.Sorted(maps.Keys(want)) {
			if !slices.Contains(want[name], got[name]) {
				t.Errorf("%s: %s: got %q, want %q", id, name, got[name], want[name])
			}
		}
		if len(got) != len(want) {
			t.Errorf("%s: got %d values, want %d", id, len(got), len(want))
		}
	}
	h.confirm(t)
	calls := 0
	for _, n := range h.commits {
		calls += n
	}
	if most := len(h.accepted) + h.excused; calls > most {
		t.Errorf("got %d calls for %d events and %d that were lost", calls, len(h.accepted), h.excused)
	}
	for _, e := range h.events {
		if !h.accepted[e.id] && !h.letters[e.id] {
			t.Errorf("%s is neither applied nor rejected", e.id)
		}
		if e.bad && h.accepted[e.id] && !h.superseded(e) {
			t.Errorf("%s, which the service refuses, counts as applied", e.id)
		}
	}
	for _, key := range append([]string{"local-single-key", "local-dual-key", "local-free-key", "edited-by-hand", "harness-access-secret", "harness-digest-key"}, keys...) {
		for where, text := range map[string]string{"log": h.log.String(), "outcomes and messages": h.shown.String()} {
			if strings.Contains(text, key) {
				t.Errorf("the %s show the secret %s", where, key)
			}
		}
	}
	if class := outcome.ClassOf(errPort); class != outcome.ClassTransient {
		t.Errorf("an error of a port is %v", class)
	}
	if t.Failed() {
		for _, e := range h.events {
			t.Logf("%s %s %v %s accepted=%v letter=%v committed=%v", e.id, e.attachment, e.time.Sub(start), e.document, h.accepted[e.id], h.letters[e.id], h.committed[e.id])
		}
		t.Logf("edits: %+v", h.edits)
		t.Logf("log:\n%s", h.log.String())
	}
}

// superseded reports whether a newer accepted event names all of e's fields.
func (h *harness) superseded(e *event) bool {
	for name := range e.fields {
		if !slices.ContainsFunc(h.events, func(other *event) bool {
			_, names := other.fields[name]
			return names && other.attachment == e.attachment && h.accepted[other.id] && newer(other, e) > 0
		}) {
			return false
		}
	}
	return true
}
