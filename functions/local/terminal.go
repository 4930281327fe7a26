package main

import (
	"time"

	"vpnattach/functions/local/server"
)

// terminal prints in the background, one thing after the other, so that a caller who
// stops reading holds up nothing but what is shown: that is dropped.
type terminal struct{ waiting chan func(*outcomePrinter) }

const (
	mostShown = 1000 // that wait to be printed
	lastShown = 500 * time.Millisecond
)

func newTerminal(t text) *terminal {
	s := &terminal{make(chan func(*outcomePrinter), mostShown)}
	go func() {
		printer := &outcomePrinter{t}
		for show := range s.waiting {
			show(printer)
		}
	}()
	return s
}

func (s *terminal) print(show func(*outcomePrinter)) {
	select {
	case s.waiting <- show:
	default:
	}
}

func (s *terminal) outcome(out server.Outcome) {
	s.print(func(o *outcomePrinter) { o.outcome(&out) })
}

// flush waits a moment for what is still to be printed.
func (s *terminal) flush() {
	printed := make(chan struct{})
	s.print(func(*outcomePrinter) { close(printed) })
	select {
	case <-printed:
	case <-time.After(lastShown):
	}
}
