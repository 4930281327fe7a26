package main

import (
	"fmt"
	"maps"
	"slices"
	"syscall"
	"time"

	"vpnattach/shared/core/request"
	"vpnattach/shared/outcome"
)

// report is what was counted.
type report struct {
	events, accepted   int
	took, processor    time.Duration // of this machine
	ended              time.Time     // of the day
	calls              map[string]int
	faults             map[string]int
	statuses           map[outcome.Status]int
	waited             []float32 // seconds from the queue until done, of each change
	longestQueue       int
	memory             float64 // MB
	letters, published int
	reads, writes      int // of the table
	requests, checked  int // of SQS
	invocations        int
	millis             [3]float64 // of ingest, apply, confirm
	log                counter
}

// counter counts the bytes of a log.
type counter int

func (c *counter) Write(p []byte) (int, error) { *c += counter(len(p)); return len(p), nil }

func newReport() report {
	return report{calls: map[string]int{}, faults: map[string]int{}, statuses: map[outcome.Status]int{}}
}

// add adds what was counted of the other half.
func (r *report) add(o *report) {
	r.events, r.accepted, r.longestQueue = r.events+o.events, r.accepted+o.accepted, r.longestQueue+o.longestQueue
	r.letters, r.published, r.reads, r.writes = r.letters+o.letters, r.published+o.published, r.reads+o.reads, r.writes+o.writes
	r.requests, r.checked, r.invocations, r.log = r.requests+o.requests, r.checked+o.checked, r.invocations+o.invocations, r.log+o.log
	r.waited, r.memory = append(r.waited, o.waited...), max(r.memory, o.memory)
	if o.ended.After(r.ended) {
		r.ended = o.ended
	}
	for i := range r.millis {
		r.millis[i] += o.millis[i]
	}
	for name, n := range o.calls {
		r.calls[name] += n
	}
	for name, n := range o.faults {
		r.faults[name] += n
	}
	for status, n := range o.statuses {
		r.statuses[status] += n
	}
}

// processorTime is what the process has used of all cores.
func processorTime() time.Duration {
	var used syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &used) != nil {
		return 0
	}
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}

// callsEach is how many calls of the API each change needs.
func (r *report) callsEach() float64 {
	n := 0
	for _, count := range r.calls {
		n += count
	}
	return float64(n) / float64(max(r.accepted, 1))
}

// throttled is how many calls the API has not taken.
func (r *report) throttled() (n int) {
	for action := range rates {
		n += r.faults["throttled "+action]
	}
	return n
}

// quantile is how long changes have waited: 0.5 for half of them, 1 for the longest.
func (r *report) quantile(q float64) time.Duration {
	if len(r.waited) == 0 {
		return 0
	}
	slices.Sort(r.waited)
	return time.Duration(float64(r.waited[int(q*float64(len(r.waited)-1))]) * float64(time.Second)).Round(time.Second / 10)
}

func (r *report) print(title string) {
	fmt.Printf("%s\n", title)
	row := func(name, format string, values ...any) {
		fmt.Printf("  %-25s %s\n", name, fmt.Sprintf(format, values...))
	}
	row("events", "%d, %d changes in the queue, %.0f events a second on this machine, %v in all, %v of processors", r.events, r.accepted, float64(r.events)/r.took.Seconds(), r.took.Round(time.Second/10), r.processor.Round(time.Second/10))
	row("calls of the API", "Describe %d, Modify %d; %.2f for each change, one Modify for %.1f", r.calls[request.DescribeAction], r.calls[request.ModifyAction], r.callsEach(), float64(r.accepted)/float64(max(r.calls[request.ModifyAction], 1)))
	for _, name := range slices.Sorted(maps.Keys(r.faults)) {
		row("  "+name, "%d", r.faults[name])
	}
	row("until a change is done", "half within %v, 99 %% within %v, the longest %v", r.quantile(0.5), r.quantile(0.99), r.quantile(1))
	row("in the queue at once", "%d at most; all is done at %v after midnight", r.longestQueue, r.ended.Sub(midnight).Round(time.Second))
	for _, status := range slices.Sorted(maps.Keys(r.statuses)) {
		row("  "+string(status), "%d", r.statuses[status])
	}
	row("dead letters", "%d", r.letters)
	row("memory", "%.0f MB at most", r.memory)
	total := 0.0
	for _, c := range r.costs() {
		total += c.dollars
	}
	row("what that costs", "$%.2f, in a month of such days $%.0f", total, total*30)
	for _, c := range r.costs() {
		row("  "+c.name, "$%.2f", c.dollars)
	}
}

type cost struct {
	name    string
	dollars float64
}

// Prices are list prices of us-east-1, as for the table in functions/README.md; a metric line and the
// line of the invocation come on top of the handlers' own.
func (r *report) costs() []cost {
	millis := r.millis[0] + r.millis[1] + r.millis[2]
	return []cost{
		{"SQS", float64(r.requests) * 0.50e-6},
		{"Lambda", float64(r.invocations)*0.20e-6 + millis/1000*0.25*0.0000133334},
		{"DynamoDB", float64(r.reads)*0.125e-6 + float64(r.writes)*0.625e-6},
		{"EventBridge", float64(r.events+r.published) * 1e-6},
		{"logs", (float64(r.log) + 700*float64(r.invocations)) / (1 << 30) * 0.50},
	}
}
