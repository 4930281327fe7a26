package main

import (
	"container/heap"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"runtime/metrics"
	"slices"
	"strconv"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/rs/zerolog"

	"vpnattach/functions/apply"
	"vpnattach/functions/confirm"
	"vpnattach/functions/ingest"
	"vpnattach/shared/core/attachment"
	"vpnattach/shared/core/request"
	"vpnattach/shared/core/secret"
	"vpnattach/shared/emulator"
	"vpnattach/shared/ledger"
	"vpnattach/shared/message"
	"vpnattach/shared/outcome"
)

// Concurrency of the functions, as in template.yaml, and how long calls of AWS take.
const (
	applies, confirms = 10, 5
	awsCall           = 8 * time.Millisecond
	firstCheck        = 5 * time.Second
)

var digestKey = secret.New("digest-key-of-the-simulation")

// world is the bundle and all around it. Its clock is now; nothing runs at the same time.
type world struct {
	now    time.Time
	random *rand.Rand
	outage [2]time.Time
	its    []string // its regions
	api    *emulator.Server
	table  ledger.Memory

	ingest   *ingest.Handler
	apply    []*apply.Handler   // those that are free
	confirm  []*confirm.Handler //
	changes  *fifo
	checks   delayed
	schedule schedule

	report
	taken  map[window]taken         // calls of the API
	waits  map[string]time.Duration // that a function has asked for, by message of the batch under way
	newest map[string]*change
	fates  []fate // of events, by number
}

// fate is what has become of an event.
type fate byte

const (
	accepted fate = iota + 1 // by ingest
	ended                    // with an outcome
)

// schedule is what happens later.
type schedule []later

type later struct {
	at time.Time
	do func()
}

func (s schedule) Len() int           { return len(s) }
func (s schedule) Less(i, j int) bool { return s[i].at.Before(s[j].at) }
func (s schedule) Swap(i, j int)      { s[i], s[j] = s[j], s[i] }
func (s *schedule) Push(l any)        { *s = append(*s, l.(later)) }
func (s *schedule) Pop() any {
	last := (*s)[len(*s)-1]
	*s = (*s)[:len(*s)-1]
	return last
}

func (w *world) clock() time.Time { return w.now }

func (w *world) credentials(context.Context) (request.Credentials, error) { return key, nil }

func newWorld(attachments int, its []string, applies, confirms int, seed uint64) (*world, error) {
	w := &world{
		its: its,
		now: midnight, random: rand.New(rand.NewPCG(seed, 2)), changes: newFIFO(), taken: map[window]taken{}, newest: map[string]*change{},
		report: newReport(),
	}
	var err error
	if w.api, err = newAPI(attachments, its, w.clock); err != nil {
		return nil, err
	}
	log := zerolog.New(&w.report.log).Level(zerolog.InfoLevel)
	if w.ingest, err = ingest.New(ingest.Config{
		Sources: []string{"com.example.vpn"}, Now: w.clock, Log: log,
		Send:       w.send,
		DeadLetter: func(context.Context, ingest.DeadLetter) error { w.letters++; return nil },
		FirstSeen:  func(_ context.Context, _ string, t time.Time) (time.Time, error) { return t, nil },
	}); err != nil {
		return nil, err
	}
	for range applies {
		client, err := w.client()
		if err != nil {
			return nil, err
		}
		h, err := apply.New(apply.Config{
			Service: client, Ledger: counted{w}, Confirm: w.check, Now: w.clock, Log: log, DigestKey: digestKey, MaxAge: 9 * 24 * time.Hour,
			DeadLetter: func(_ context.Context, all []apply.DeadLetter) []error { w.letters += len(all); return nil },
			Visibility: w.changeVisibility,
			Publish:    w.publish,
			Report:     func(_ context.Context, o apply.Outcome) { w.statuses[o.Status]++ },
		})
		if err != nil {
			return nil, err
		}
		w.apply = append(w.apply, h)
	}
	for range confirms {
		client, err := w.client()
		if err != nil {
			return nil, err
		}
		h, err := confirm.New(confirm.Config{
			Service: client, Ledger: counted{w}, Now: w.clock, Log: log, DigestKey: digestKey, Visibility: w.changeVisibility,
			Again:   func(ctx context.Context, m message.Check, delay time.Duration) error { return w.enqueue(&m, delay) },
			Publish: w.confirmed,
		})
		if err != nil {
			return nil, err
		}
		w.confirm = append(w.confirm, h)
	}
	return w, nil
}

func (w *world) changeVisibility(_ context.Context, receipts []string, after time.Duration) error {
	w.requests++
	for _, receipt := range receipts { // which are the messages' ids
		w.waits[receipt] = after
	}
	return nil
}

// counted is the table, whose calls take their time.
type counted struct{ *world }

func (c counted) Load(ctx context.Context, k ledger.Key) (ledger.Entry, error) {
	c.reads, c.now = c.reads+1, c.now.Add(awsCall)
	return c.table.Load(ctx, k)
}

func (c counted) Save(ctx context.Context, k ledger.Key, e ledger.Entry) error {
	c.writes, c.now = c.writes+units(&e), c.now.Add(awsCall)
	return c.table.Save(ctx, k, e)
}

// publish is what apply publishes.
func (w *world) publish(_ context.Context, all []outcome.Outcome) []error {
	for i := range all {
		w.tell(&all[i])
	}
	return nil
}

func (w *world) tell(o *outcome.Outcome) {
	w.published++
	for _, id := range o.EventIDs {
		var n int
		if _, err := fmt.Sscanf(id, eventID, &n); err == nil {
			w.fates[n] = ended
		}
	}
}

// confirmed is what confirm publishes.
func (w *world) confirmed(_ context.Context, o outcome.Outcome) error {
	w.tell(&o)
	status := o.Status
	if o.Reason != nil {
		status += outcome.Status(": " + o.Reason.Code)
	}
	w.statuses[status]++
	return nil
}

// units are what a write of the entry costs: one for each KB, or part of one.
func units(e *ledger.Entry) int {
	size := 200
	for name, s := range e.Fields {
		size += len(name) + len(s.EventID) + len(s.Source) + len(s.Part) + 40
	}
	for name, digests := range e.Call.Asked {
		size += len(name) + len(digests) + 4
	}
	return (size + 1023) / 1024
}

// send puts the changes of ingest into the queue.
func (w *world) send(_ context.Context, messages []message.Change) error {
	w.now = w.now.Add(awsCall)
	w.requests++
	for i := range messages {
		record, err := messages[i].Record("", "", 0)
		if err != nil {
			return err
		}
		w.changes.send(w.now, record)
	}
	return nil
}

func (w *world) check(_ context.Context, m message.Check) error { return w.enqueue(&m, firstCheck) }

// enqueue puts a message into the queue of confirm.
func (w *world) enqueue(m *message.Check, delay time.Duration) error {
	body, err := m.Encode()
	if err != nil {
		return err
	}
	w.now = w.now.Add(awsCall)
	w.requests++
	w.checked++
	id := "c" + strconv.Itoa(w.checked)
	at := w.now.Add(delay)
	w.checks.send(&events.SQSMessage{MessageId: id, ReceiptHandle: id, Body: body, Attributes: map[string]string{"ApproximateReceiveCount": "0"}}, at)
	w.at(at, func() {})
	return nil
}

func (w *world) at(t time.Time, do func()) { heap.Push(&w.schedule, later{t, do}) }

// play plays the events of a day until all of them are done.
func (w *world) play(day []change) error {
	last := 0
	for i := range day {
		last = max(last, day[i].number)
	}
	w.fates = make([]fate, last+1)
	hourTold := 0
	for next, steps := 0, 0; next < len(day) || len(w.schedule) > 0; steps++ {
		switch {
		case next < len(day) && (len(w.schedule) == 0 || !midnight.Add(day[next].at).After(w.schedule[0].at)):
			w.now = midnight.Add(day[next].at)
			w.arrive(&day[next])
			next++
		default:
			event := heap.Pop(&w.schedule).(later)
			w.now = event.at
			event.do()
		}
		w.work()
		if steps%4096 == 0 {
			w.measure()
		}
		if hour := int(w.now.Sub(midnight).Hours()); len(day) >= 100_000 && hour > hourTold {
			hourTold = hour
			fmt.Fprintf(os.Stderr, "%d events in %s and so on: %d o'clock, %d calls of Modify\n", len(day), w.its[0], hour, w.calls[request.ModifyAction])
		}
	}
	w.events, w.ended = len(day), w.now
	w.longestQueue, w.accepted = w.changes.longest, w.changes.sent
	w.measure()
	return w.compare()
}

// arrive hands an event to ingest.
func (w *world) arrive(c *change) {
	field := attachmentID(c.attachment) + " " + kinds[c.kind].field
	if known := w.newest[field]; known == nil || stampOf(c).Compare(stampOf(known)) > 0 {
		w.newest[field] = c
	}
	if w.fates[c.number] == 0 { // else it comes again
		w.fates[c.number] = accepted
	}
	w.run(&w.millis[0], func() {
		if _, err := w.ingest.Invoke(context.Background(), c.payload(w.its[c.attachment%len(w.its)])); err != nil {
			panic(err) // nothing that it calls fails here
		}
	})
}

func stampOf(c *change) ledger.Stamp {
	return ledger.Stamp{Time: c.time(), EventID: fmt.Sprintf(eventID, c.number)}
}

// run is an invocation: what it calls moves the clock, which is then set back, since all
// else goes on meanwhile. It returns when it ends.
func (w *world) run(millis *float64, call func()) time.Time {
	begun := w.now
	call()
	ended := w.now.Add(2 * time.Millisecond) // of its own
	w.now = begun
	w.invocations++
	*millis += float64(ended.Sub(begun).Milliseconds())
	return ended
}

// work gives batches to the functions that are free.
func (w *world) work() {
	for len(w.apply) > 0 {
		batch, of := w.changes.receive()
		if len(batch) == 0 {
			break
		}
		h := w.apply[len(w.apply)-1]
		w.apply = w.apply[:len(w.apply)-1]
		w.waits = map[string]time.Duration{}
		var answer events.SQSEventResponse
		ended := w.run(&w.millis[1], func() { answer, _ = h.Handle(context.Background(), events.SQSEvent{Records: batch}) })
		w.requests += 2 // receive, delete
		failed, waits := failures(answer), w.waits
		for i := range batch {
			if !failed[batch[i].MessageId] {
				sent, _ := strconv.ParseInt(batch[i].Attributes["SentTimestamp"], 10, 64)
				w.waited = append(w.waited, float32(ended.Sub(time.UnixMilli(sent)).Seconds()))
			}
		}
		w.at(ended, func() {
			w.apply = append(w.apply, h)
			for g, n := range of {
				before := len(g.messages)
				w.changes.done(g, n, failed)
				free := func() { g.waits = false; w.changes.offer(g) }
				if before-len(g.messages) < n { // some go back
					w.at(w.now.Add(waits[g.messages[0].MessageId]), free)
				} else {
					free()
				}
			}
		})
	}
	for len(w.confirm) > 0 {
		batch := w.checks.receive(w.now)
		if len(batch) == 0 {
			break
		}
		h := w.confirm[len(w.confirm)-1]
		w.confirm = w.confirm[:len(w.confirm)-1]
		w.waits = map[string]time.Duration{}
		var answer events.SQSEventResponse
		ended := w.run(&w.millis[2], func() { answer, _ = h.Handle(context.Background(), events.SQSEvent{Records: batch}) })
		w.requests += 2
		failed, waits := failures(answer), w.waits
		w.at(ended, func() {
			w.confirm = append(w.confirm, h)
			for i := range batch {
				if failed[batch[i].MessageId] {
					again := w.now.Add(waits[batch[i].MessageId])
					w.checks.send(&batch[i], again)
					w.at(again, func() {})
				}
			}
		})
	}
}

func failures(answer events.SQSEventResponse) map[string]bool {
	failed := map[string]bool{}
	for _, f := range answer.BatchItemFailures {
		failed[f.ItemIdentifier] = true
	}
	return failed
}

// measure notes the memory in use: what the latest garbage collection has found in use.
func (w *world) measure() {
	live := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
	metrics.Read(live)
	w.memory = max(w.memory, float64(live[0].Value.Uint64())/1e6)
}

// compare fails unless each attachment is as the newest of its events ask, and each event
// has an outcome.
func (w *world) compare() error {
	if n := slices.Index(w.fates, accepted); n >= 0 {
		return fmt.Errorf(eventID+" has no outcome", n)
	}
	for about, c := range w.newest {
		current, err := attachment.ParseCurrent(string(w.api.Describe(attachmentID(c.attachment))))
		if err != nil {
			return err
		}
		field, _ := attachment.FieldNamed(kinds[c.kind].field)
		if same, _ := current.Shows(field, c.value()); !same {
			return fmt.Errorf("%s is not as event-%d asks", about, c.number)
		}
	}
	return nil
}
