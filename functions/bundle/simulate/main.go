// Command simulate plays a day of the bundle in minutes: the handlers of ingest, apply and
// confirm, in one process, with a clock of its own. What is around them is played too,
// with its limits: the FIFO queue and its groups, the standard queue, the functions'
// concurrency, the table, and the VPC API, which is the emulator behind a limit of calls.
//
//	go run ./functions/bundle/simulate -events 1000000
//
// The day is drawn from a seed: a steady stream of changes over many attachments, bursts, a few hot
// attachments, events that come late or twice, and an hour in which the API is down. At
// its end, each attachment must be as the newest of its events asks, and each event must have an outcome. Nothing waits: when nothing happens, the clock
// goes on to what happens next, and a handler's calls move it by the time they take.
package main

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"runtime/debug"
	"sync"
	"time"
)

func main() {
	events := flag.Int("events", 1_000_000, "events of the day")
	seed := flag.Uint64("seed", 1, "what the day is drawn from")
	flag.Parse()
	debug.SetGCPercent(400) // for time; what is printed as memory does not depend on it
	if err := run(*events, *seed); err != nil {
		fmt.Fprintln(os.Stderr, "simulate:", err)
		os.Exit(1)
	}
}

func run(events int, seed uint64) error {
	fmt.Printf("%-16s%12s%12s%12s%14s%12s\n", "growth: events", "µs each", "calls each", "throttled", "longest wait", "MB at most")
	if events < 1 {
		return errors.New("-events must be 1 or more")
	}
	var day *report
	for _, n := range sizes(events) {
		var err error
		if day, err = halves(drawDay(n, max(n/100, 10), seed), max(n/100, 10), seed); err != nil {
			return err
		}
		fmt.Printf("%-16d%12.0f%12.2f%12d%14v%12.0f\n", n, day.processor.Seconds()*1e6/float64(n), day.callsEach(), day.throttled(), day.quantile(1), day.memory)
	}
	fmt.Println()
	day.print("the day")

	for _, ordered := range []bool{true, false} {
		w, err := newWorld(1, regions, applies, confirms, seed)
		if err != nil {
			return err
		}
		begun, processor := time.Now(), processorTime()
		if err := w.play(drawHot(10_000, ordered, seed)); err != nil {
			return err
		}
		w.took, w.processor = time.Since(begun), processorTime()-processor
		fmt.Println()
		w.print("a hot attachment: 10,000 events in a minute, " + map[bool]string{true: "in their order", false: "in any order"}[ordered])
	}
	return nil
}

// sizes are those of the days: 1000, ten times as many, and so on, and at last what is
// asked for.
func sizes(events int) (all []int) {
	for n := 1000; n < events; n *= 10 {
		all = append(all, n)
	}
	return append(all, events)
}

// halves plays a day in two halves, one on each core: attachments of half of the regions each, which have
// nothing to do with the others but the functions, of which each half has half.
func halves(day []change, attachments int, seed uint64) (*report, error) {
	var worlds [2]*world
	var parts [2][]change
	for _, c := range day {
		half := c.attachment % 2
		c.attachment /= 2
		parts[half] = append(parts[half], c)
	}
	var played sync.WaitGroup
	var failed [2]error
	for half := range worlds {
		var its []string
		for i := half; i < len(regions); i += 2 {
			its = append(its, regions[i])
		}
		w, err := newWorld((attachments+1)/2, its, applies/2, (confirms+1-half)/2, seed+uint64(half))
		if err != nil {
			return nil, err
		}
		w.outage = [2]time.Time{midnight.Add(3 * time.Hour), midnight.Add(4 * time.Hour)}
		worlds[half] = w
	}
	begun, processor := time.Now(), processorTime()
	for half, w := range worlds {
		played.Go(func() { failed[half] = w.play(parts[half]) })
	}
	if played.Wait(); failed != [2]error{} {
		return nil, errors.Join(failed[:]...)
	}
	all := &worlds[0].report
	all.add(&worlds[1].report)
	all.took, all.processor = time.Since(begun), processorTime()-processor
	return all, nil
}
