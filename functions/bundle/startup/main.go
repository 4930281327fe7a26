// Command startup measures how long functions take from the start of their process to
// the first answer, beside the smallest possible one.
//
//	go run ./functions/bundle/startup -rounds 50
//
// All are built with the flags of a deployment, started one after the other in each
// round, and driven through the Runtime API of package lambdatest, on loopback. Times are medians. The key of digests, which
// apply and confirm fetch at their start, and the secret of webhooks, which ingest does,
// come from a server on loopback. The zip files
// hold the programs for arm64, as they are deployed.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"text/tabwriter"
	"time"

	"vpnattach/events"
	"vpnattach/functions/bundle/lambdatest"
)

// subject is a function that is measured.
type subject struct {
	name    string
	source  string // package of the program
	payload string // of the first invocation
	env     []string

	ratio, zip float64 // limits: times the smallest, and MB; 0: none

	program string // path
	packed  int    // bytes of the zip file
	took    []time.Duration
}

func main() {
	rounds := flag.Int("rounds", 50, "how often each function is started")
	flag.Parse()
	if err := run(*rounds); err != nil {
		fmt.Fprintln(os.Stderr, "startup:", err)
		os.Exit(1)
	}
}

func run(rounds int) error {
	dir, err := os.MkdirTemp("", "startup")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	aws, stop, err := serveAWS()
	if err != nil {
		return err
	}
	defer stop()
	all, err := subjects(aws)
	if err != nil {
		return err
	}
	for i := range all {
		if err := all[i].build(dir); err != nil {
			return err
		}
	}
	for round := range rounds + 1 {
		for i := range all {
			// Each round begins with another one, so that none always follows the same one.
			s := &all[(i+round)%len(all)]
			took, err := s.start()
			if err != nil {
				return fmt.Errorf("%s: %w", s.name, err)
			}
			if round > 0 { // the first reads the programs from disk
				s.took = append(s.took, took)
			}
		}
	}
	return report(all, rounds)
}

// subjects are all that are measured, the smallest first.
func subjects(aws string) ([]subject, error) {
	change, err := events.Files.ReadFile("eventbridge-dual.json")
	if err != nil {
		return nil, err
	}
	const batch = `{"Records":[]}`
	const get = `{"version":"2.0","requestContext":{"http":{"method":"GET"}},"headers":{},"body":""}` // refused with an answer
	env := environment(aws)
	return []subject{
		{name: "hello", source: "functions/bundle/startup/hello", payload: `{}`},
		{name: "core", source: "functions/bundle/startup/core", payload: string(change), ratio: 1.2, zip: 3},
		{name: "ingest", source: "functions/ingest/bootstrap", payload: get, env: env, ratio: 2, zip: 4.5},
		{name: "apply", source: "functions/apply/bootstrap", payload: batch, env: env, ratio: 2, zip: 4.5},
		{name: "confirm", source: "functions/confirm/bootstrap", payload: batch, env: env, ratio: 2, zip: 4.5},
		{name: "rotate", source: "functions/rotate/bootstrap", payload: `{"Step":"watch"}`, env: env, ratio: 2.5, zip: 4.5},
	}, nil
}

// start starts the function, invokes it, and ends it.
func (s *subject) start() (time.Duration, error) {
	f := lambdatest.New(lambdatest.Config{Name: s.name, Program: s.program, Env: s.env})
	defer f.Close()
	began := time.Now()
	_, err := f.Invoke(context.Background(), []byte(s.payload))
	return time.Since(began), err
}

// report prints the table.
func report(all []subject, rounds int) error {
	fmt.Printf("From the start of the process to the first answer, %d starts each, in turns (%s/%s, %d CPUs):\n\n",
		rounds, runtime.GOOS, runtime.GOARCH, runtime.NumCPU())
	table := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(table, "\tmedian\t10 % below\t10 % above\ttimes hello\tat most\tzip\tat most\t")
	hello := median(all[0].took)
	for i := range all {
		s := &all[i]
		ratio, zip := "-", "-"
		if s.ratio > 0 {
			ratio, zip = fmt.Sprintf("%.1f", s.ratio), fmt.Sprintf("%.1f MB", s.zip)
		}
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%.2f\t%s\t%.2f MB\t%s\t\n", s.name, millis(median(s.took)),
			millis(s.took[len(s.took)/10]), millis(s.took[len(s.took)*9/10]),
			float64(median(s.took))/float64(hello), ratio, float64(s.packed)/1e6, zip)
	}
	return table.Flush()
}

// median sorts the times.
func median(took []time.Duration) time.Duration {
	slices.Sort(took)
	return took[len(took)/2]
}

func millis(d time.Duration) string {
	return fmt.Sprintf("%.1f ms", float64(d.Microseconds())/1000)
}

// build builds the program, for this machine and for deployment.
func (s *subject) build(dir string) error {
	s.program = filepath.Join(dir, s.name, "bootstrap")
	if err := compile(s.source, s.program, runtime.GOARCH); err != nil {
		return err
	}
	deployed := filepath.Join(dir, s.name+".arm64")
	if err := compile(s.source, deployed, "arm64"); err != nil {
		return err
	}
	var err error
	s.packed, err = zipped(deployed)
	return err
}
