package store

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"
)

// Run hands out batches until the context ends, at most one of each group and
// as many at once as there are workers, and returns when the last has come back.
// handle returns the IDs of the messages that are to come again. done is called
// after that has been noted, with an error when it could not be written; all messages
// of the batch then come again.
func (q *Queue) Run(ctx context.Context, workers int, handle func(batch []Message) (failed []string), done func(batch []Message, err error)) {
	var all sync.WaitGroup
	defer all.Wait()
	timer := time.NewTimer(0)
	defer timer.Stop()
	for ctx.Err() == nil {
		batch, wait := q.next(workers)
		if batch != nil {
			all.Go(func() {
				done(batch, q.finish(batch, handle(batch)))
			})
			continue
		}
		timer.Reset(wait)
		select {
		case <-ctx.Done():
		case <-q.wake:
		case <-timer.C:
		}
	}
}

// idle is how long to sleep when nothing is due: until a wake.
const idle = time.Hour

// next takes a batch from the group that has been ready longest, or says how long
// there will be none.
func (q *Queue) next(workers int) (batch []Message, wait time.Duration) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.working >= workers {
		return nil, idle
	}
	var first *group
	var ready time.Time
	for _, g := range q.groups {
		if g.out > 0 {
			continue
		}
		if at := g.ready(); first == nil || at.Before(ready) || at.Equal(ready) && g.messages[0].ID < first.messages[0].ID {
			first, ready = g, at
		}
	}
	if first == nil {
		return nil, idle
	}
	now := time.Now()
	if ready.After(now) {
		return nil, min(ready.Sub(now), idle)
	}
	for i := range first.messages {
		m := &first.messages[i]
		if i == MaxBatch || m.Due.After(now) {
			break
		}
		m.Received++
		first.out++
		q.delays[m.ID] = backOff(m.Received)
	}
	q.working++
	return slices.Clone(first.messages[:first.out]), 0
}

// backOff is how long a message stays away that has failed for the nth time.
func backOff(n int) time.Duration {
	return min(time.Second<<min(n-1, 6), time.Minute)
}

// finish takes back a batch: what has not failed is forgotten.
func (q *Queue) finish(batch []Message, failed []string) error {
	now := time.Now()
	back := batch[:0:0]
	q.mu.Lock()
	for _, m := range batch {
		if slices.Contains(failed, m.ID) {
			m.Due = now.Add(q.delays[m.ID])
			back = append(back, m)
		}
	}
	q.mu.Unlock()
	err := q.db.Update(func(tx *Tx) error {
		for _, m := range batch {
			if !slices.Contains(failed, m.ID) {
				if err := tx.Delete(q.bucket, m.ID); err != nil {
					return err
				}
			}
		}
		for i := range back {
			if err := q.put(tx, &back[i]); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil { // all of them are still on disk
		err = fmt.Errorf("take back a batch of %s: %w", q.bucket, err)
		back = slices.Clone(batch)
		for i := range back {
			back[i].Due = now.Add(time.Minute)
		}
	}
	q.mu.Lock()
	g := q.groups[batch[0].Group]
	g.messages = append(back, g.messages[g.out:]...)
	g.out = 0
	if len(g.messages) == 0 {
		delete(q.groups, batch[0].Group)
	}
	for _, m := range batch {
		delete(q.delays, m.ID)
	}
	q.working--
	q.mu.Unlock()
	q.signal()
	return err
}
