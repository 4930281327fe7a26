package server_test

import (
	"cmp"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/tidwall/gjson"

	"vpnattach/functions/local/server"
	"vpnattach/functions/local/store"
	"vpnattach/shared/message"
)

// TestBusy: a second change to an attachment that is updating is kept and applied
// when that is over, and confirmed.
func TestBusy(t *testing.T) {
	t.Parallel()
	r := start(t, stateDir(t), func(c *server.Config) { c.UpdateTime = 300 * time.Millisecond })
	r.condition("vco-localsingle", "VpnConnection.Configuring")
	o := r.one(named("first", "2026-11-02T09:30:00Z", "vco-localsingle", "first"))
	if o.Get("status").Str != "deferred" || o.Get("error.class").Str != "busy" || o.Get("error.message").Str == "" {
		t.Errorf("got %s", o)
	}
	// The one that follows can't overtake it, and is answered nevertheless.
	if o = r.one(named("second", "2026-11-02T09:31:00Z", "vco-localsingle", "second")); o.Get("status").Str != "deferred" {
		t.Errorf("got %s", o)
	}
	if o = r.one(named("second", "2026-11-02T09:31:00Z", "vco-localsingle", "second")); o.Get("status").Str != "deferred" || o.Get("findings.#").Int() == 0 {
		t.Errorf("got %s when it comes again", o)
	}
	if o = r.one(named("other", "2026-11-02T09:31:00Z", "vco-localdual", "other")); o.Get("status").Str != "applied" {
		t.Errorf("another attachment waits: %s", o)
	}
	r.condition("vco-localsingle", "")
	r.until("second", is("applied"))
	o = r.until("second", func(o gjson.Result) bool { return o.Get("confirmed.status").Str == "settled" })
	if o.Get("status").Str != "applied" || o.Get("confirmed.state").Str != "attached" {
		t.Errorf("got %s", o)
	}
}

// TestRestartKeepsDeferred: so does the emulator its attachments.
func TestRestartKeepsDeferred(t *testing.T) {
	t.Parallel()
	dir := stateDir(t)
	r := start(t, dir, nil)
	if o := r.one(named("before", "2026-11-02T09:29:00Z", "vco-localdual", "before")); o.Get("status").Str != "applied" {
		t.Fatalf("got %s", o)
	}
	r.condition("vco-localsingle", "VpnConnection.FinancialLocked")
	o := r.one(named("kept", "2026-11-02T09:30:00Z", "vco-localsingle", "kept"))
	if o.Get("status").Str != "deferred" || o.Get("error.class").Str != "blocked" || o.Get("error.remedy").Str == "" {
		t.Errorf("got %s", o)
	}
	r.stop()

	r = start(t, dir, nil)
	if o := r.until("kept", is("deferred")); o.Get("error.code").Str == "" {
		t.Errorf("after a restart nobody knows why: %s", o)
	}
	if o := r.one(named("before", "2026-11-02T09:29:00Z", "vco-localdual", "before")); o.Get("findings.0.rule").Str != "event-repeated" {
		t.Errorf("after a restart the event is new: %s", o)
	}
	if o := r.one(named("same", "2026-11-02T09:31:00Z", "vco-localdual", "before")); o.Get("status").Str != "unchanged" {
		t.Errorf("the emulator has forgotten: %s", o)
	}
	r.condition("vco-localsingle", "")
	r.stop()

	// However long it had to wait for the next attempt, a start is one.
	r = start(t, dir, nil)
	r.until("kept", is("applied"))
}

// TestClockSetBack: neither a deferred change nor a check waits for the time at which
// it would have been due by a clock that was a day ahead.
func TestClockSetBack(t *testing.T) {
	t.Parallel()
	dir := stateDir(t)
	r := start(t, dir, func(c *server.Config) { c.UpdateTime = time.Hour })
	r.one(named("checked", "2026-11-02T09:29:00Z", "vco-localsingle", "checked"))
	if o := r.one(named("deferred", "2026-11-02T09:30:00Z", "vco-localsingle", "deferred")); o.Get("status").Str != "deferred" {
		t.Fatalf("got %s", o)
	}
	r.stop()
	ahead(t, dir, "queue/apply", "queue/confirm")
	r = start(t, dir, nil)
	r.until("deferred", is("applied"))
	r.until("checked", func(o gjson.Result) bool { return o.Get("confirmed").Exists() })
}

// ahead dates the messages of queues as a clock that is a day ahead does.
func ahead(t *testing.T, dir string, queues ...string) {
	t.Helper()
	db, err := store.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, bucket := range queues {
		err = cmp.Or(err, db.Update(func(tx *store.Tx) error {
			all := map[string]store.Message{}
			err := tx.Each(bucket, func(id string, value []byte) error {
				var m store.Message
				err := json.Unmarshal(value, &m)
				m.Sent, m.Due = m.Sent.AddDate(0, 0, 1), m.Due.AddDate(0, 0, 1)
				all[id] = m
				return err
			})
			if len(all) == 0 {
				t.Errorf("%s is empty", bucket)
			}
			for id, m := range all {
				value, failed := json.Marshal(m)
				err = cmp.Or(err, failed, tx.Put(bucket, id, value))
			}
			return err
		}))
	}
	if err := cmp.Or(err, db.Close()); err != nil {
		t.Fatal(err)
	}
}

// TestConfirmedWhileDeferred: what confirm finds is kept, also of a change that has
// been sent but is not said to be, because the process was killed or another change
// of its batch went back.
func TestConfirmedWhileDeferred(t *testing.T) {
	t.Parallel()
	r := start(t, stateDir(t), nil)
	r.condition("vco-localsingle", "VpnConnection.Configuring")
	if o := r.one(named("sent", "2026-11-02T09:30:00Z", "vco-localsingle", "sent")); o.Get("status").Str != "deferred" {
		t.Fatalf("got %s", o)
	}
	message := message.Check{RegionID: "cn-hangzhou", VpnConnectionID: "vco-localsingle", RequestID: "R-1", EventIDs: []string{"sent"}, Deadline: time.Unix(1, 0)}
	body, err := message.Encode()
	if err != nil {
		t.Fatal(err)
	}
	payload, err := json.Marshal(events.SQSEvent{Records: []events.SQSMessage{{MessageId: "m-1", Body: body}}})
	if err != nil {
		t.Fatal(err)
	}
	if _, answer := r.do(http.MethodPost, r.events+"/2015-03-31/functions/confirm/invocations", string(payload)); gjson.Get(answer, "batchItemFailures.#").Int() != 0 {
		t.Fatalf("got %s", answer)
	}
	if o := r.outcomesOf("sent")[0]; o.Get("status").Str != "deferred" || o.Get("confirmed.requestId").Str != "R-1" {
		t.Errorf("what confirm has found is lost: %s", o)
	}
	r.condition("vco-localsingle", "")
	if o := r.until("sent", is("applied")); !o.Get("confirmed").Exists() {
		t.Errorf("what confirm has found is lost later: %s", o)
	}
}

func TestDeadLetters(t *testing.T) {
	t.Parallel()
	const key = "n0t-to-be-shown-Aq4"
	dir := stateDir(t)
	r := start(t, dir, nil)
	r.condition("vco-localsingle", "InvalidVpnGatewayInstanceId.NotFound")
	body := strings.Replace(named("dead", "2026-11-02T09:30:00Z", "vco-localsingle", "dead"), `"Name"`, `"IkeConfig":{"Psk":"`+key+`"},"Name"`, 1)
	if o := r.one(body); o.Get("status").Str != "rejected" {
		t.Fatalf("got %s", o)
	}
	r.stop()

	r = start(t, dir, nil)
	_, answer := r.do(http.MethodGet, r.events+"/dead-letters", "")
	letter := gjson.Get(answer, "deadLetters.0")
	for path, want := range map[string]string{"eventId": "dead", "vpnConnectionId": "vco-localsingle", "reason.code": "InvalidVpnGatewayInstanceId.NotFound"} {
		if got := letter.Get(path).Str; got != want {
			t.Errorf("%s is %q, want %q: %s", path, got, want, answer)
		}
	}
	if letter.Get("reason.remedy").Str == "" || !letter.Get("findings").IsArray() || letter.Get("time").Time().IsZero() {
		t.Errorf("the dead letter is incomplete: %s", letter)
	}
	redrive := r.events + "/dead-letters/" + letter.Get("id").Str + "/redrive"
	if _, answer := r.do(http.MethodPost, redrive, ""); gjson.Get(answer, "outcomes.0.status").Str != "rejected" {
		t.Errorf("got %s while the reason lasts", answer)
	}
	if _, answer := r.do(http.MethodGet, r.events+"/dead-letters", ""); gjson.Get(answer, "deadLetters.#").Int() != 1 {
		t.Errorf("it is not a dead letter again: %s", answer)
	}
	r.condition("vco-localsingle", "")
	if _, answer := r.do(http.MethodPost, redrive, ""); gjson.Get(answer, "outcomes.0.status").Str != "applied" || gjson.Get(answer, "outcomes.0.eventId").Str != "dead" {
		t.Errorf("got %s", answer)
	}
	if _, answer := r.do(http.MethodGet, r.events+"/dead-letters", ""); answer != `{"deadLetters":[]}`+"\n" {
		t.Errorf("there are still dead letters: %s", answer)
	}
	if response, _ := r.do(http.MethodPost, redrive, ""); response.StatusCode != http.StatusNotFound {
		t.Errorf("redriven twice: HTTP %d", response.StatusCode)
	}
	if strings.Contains(r.emitted.String(), key) {
		t.Error("a key is shown")
	}
}

// TestDeadLetterEnds: a dead letter is gone once its change has been applied after
// all, whichever way it came again, or a person discards it.
func TestDeadLetterEnds(t *testing.T) {
	t.Parallel()
	r := start(t, stateDir(t), nil)
	letters := func() []gjson.Result {
		_, answer := r.do(http.MethodGet, r.events+"/dead-letters", "")
		return gjson.Get(answer, "deadLetters").Array()
	}
	r.condition("vco-localsingle", "InvalidVpnGatewayInstanceId.NotFound")
	body := named("again", "2026-11-02T09:30:00Z", "vco-localsingle", "again")
	r.one(body)
	r.invoke(batch(t, "invoked", "vco-localsingle", "invoked"))
	r.one(named("unwanted", "2026-11-02T09:32:00Z", "vco-localsingle", "unwanted"))
	all := letters()
	if len(all) != 3 || all[0].Get("eventId").Str != "unwanted" || all[2].Get("eventId").Str != "again" {
		t.Fatalf("got %v, want three, the latest first", all)
	}
	unwanted := r.events + "/dead-letters/" + all[0].Get("id").Str
	for _, want := range []int{http.StatusNoContent, http.StatusNotFound} {
		if response, answer := r.do(http.MethodDelete, unwanted, ""); response.StatusCode != want {
			t.Errorf("HTTP %d, want %d: %s", response.StatusCode, want, answer)
		}
	}
	r.condition("vco-localsingle", "VpnConnection.Configuring")
	if o := r.one(body); o.Get("status").Str != "deferred" {
		t.Errorf("got %s", o)
	}
	if all := letters(); len(all) != 1 || all[0].Get("eventId").Str != "invoked" {
		t.Errorf("a change is a dead letter and on the queue: %v", all)
	}
	r.condition("vco-localsingle", "")
	r.until("again", is("applied"))
	r.invoke(batch(t, "invoked", "vco-localsingle", "invoked"))
	if all := letters(); len(all) != 0 {
		t.Errorf("there still is %v", all)
	}
}

// TestOutcomesAreLimited: the oldest go, also those that came in one transaction.
func TestOutcomesAreLimited(t *testing.T) {
	t.Parallel()
	dir := stateDir(t)
	r := start(t, dir, nil)
	r.condition("vco-localsingle", "VpnConnection.FinancialLocked")
	if o := r.one(named("kept", "2026-11-02T09:30:00Z", "vco-localsingle", "kept")); o.Get("status").Str != "deferred" {
		t.Fatalf("got %s", o)
	}
	const each = 3000
	for n := range 2 {
		all := make([]string, each)
		for i := range all {
			all[i] = fmt.Sprintf(`{"specversion":"1.0","id":"e%d","source":"/s","type":"t","data":{}}`, n*each+i)
		}
		if got := len(r.post("["+strings.Join(all, ",")+"]", "Content-Type", "application/cloudevents-batch+json")); got == 0 || got > each {
			t.Fatalf("%d outcomes of %d", got, each)
		}
	}
	for range 2 {
		for n, want := range map[int]int{0: 0, 900: 0, 1100: 1, 2999: 1, 3000: 1, 5999: 1} {
			if got := len(r.outcomesOf(fmt.Sprint("e", n))); got != want {
				t.Errorf("%d outcomes of event %d, want %d", got, n, want)
			}
		}
		if got := r.outcomesOf("kept"); len(got) != 1 || got[0].Get("status").Str != "deferred" {
			t.Errorf("got %v of what is not done", got)
		}
		r.stop()
		r = start(t, dir, nil)
	}
	// What is done at last is among the latest, however much came in between.
	r.condition("vco-localsingle", "")
	r.stop()
	r = start(t, dir, nil)
	r.until("kept", is("applied"))
	r.one(`{"hello":"world"}`)
	if _, answer := r.do(http.MethodGet, r.events+"/outcomes", ""); gjson.Get(answer, `outcomes.#(eventId=="kept").status`).Str != "applied" {
		t.Error("it is not among the latest outcomes")
	}
}

// TestStopWhileWaiting: who waits for an answer gets one when the end comes.
func TestStopWhileWaiting(t *testing.T) {
	t.Parallel()
	dir := stateDir(t)
	r := start(t, dir, nil)
	r.emulator(http.MethodPost, "faults", `[{"action":"ModifyVpnAttachmentAttribute","latencyMillis":600000}]`)
	answered := make(chan gjson.Result, 1)
	go func() {
		defer close(answered)
		answered <- r.one(named("slow", "2026-11-02T09:30:00Z", "vco-localsingle", "slow"))
	}()
	r.until("slow", is("deferred"))
	r.stop()
	if o := <-answered; o.Get("status").Str != "deferred" {
		t.Errorf("got %s", o)
	}
	r = start(t, dir, nil) // the change was made, but nobody heard of it
	r.until("slow", func(o gjson.Result) bool { return is("applied")(o) || is("unchanged")(o) })
}
