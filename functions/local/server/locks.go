package server

import (
	"context"
	"slices"
	"sync"

	"github.com/aws/aws-lambda-go/events"

	"vpnattach/shared/message"
)

// locks hold one lock for each attachment that is being worked on. Apply reads the
// ledger, describes, sends and writes the ledger; were two batches of one attachment
// to do so at once, the older event could be sent last. The queue sees to it for its
// own batches, but the Invoke API brings others.
type locks struct {
	mu   sync.Mutex
	held map[string]chan struct{} // closed when the lock is given back
}

// acquire takes the locks of all names, or none when the context ends before.
func (l *locks) acquire(ctx context.Context, names []string) (release func(), err error) {
	names = slices.Compact(slices.Sorted(slices.Values(names))) // in one order, so that none waits in a circle
	var taken []string
	release = func() {
		l.mu.Lock()
		defer l.mu.Unlock()
		for _, name := range taken {
			close(l.held[name])
			delete(l.held, name)
		}
	}
	for _, name := range names {
		for {
			other := l.take(name)
			if other == nil {
				taken = append(taken, name)
				break
			}
			select {
			case <-other:
			case <-ctx.Done():
				release()
				return nil, ctx.Err()
			}
		}
	}
	return release, nil
}

// take takes the lock, or returns what tells that another has given it back.
func (l *locks) take(name string) (other <-chan struct{}) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if held, ok := l.held[name]; ok {
		return held
	}
	if l.held == nil {
		l.held = map[string]chan struct{}{}
	}
	l.held[name] = make(chan struct{})
	return nil
}

// applyLocked is apply while nothing else works on the batch's attachments.
func (m *Machine) applyLocked(ctx context.Context, batch events.SQSEvent) (events.SQSEventResponse, error) {
	var names []string
	for i := range batch.Records {
		// A record that can't be decoded is rejected without a call.
		if message, err := message.DecodeChange(batch.Records[i].Body); err == nil {
			names = append(names, message.VpnConnectionID)
		}
	}
	release, err := m.locks.acquire(ctx, names)
	if err != nil {
		return events.SQSEventResponse{}, err
	}
	defer release()
	return m.apply.Handle(ctx, batch)
}
