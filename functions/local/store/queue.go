package store

import (
	"cmp"
	"encoding/json"
	"fmt"
	"sync"
	"time"
)

// MaxBatch is how many messages a batch holds at most, as with SQS FIFO.
const MaxBatch = 10

// Message is a message of a queue.
type Message struct {
	ID       string    `json:"-"` // given by [Queue.Send]; later messages have larger ones
	Group    string    // messages of one group are handed out in order
	Key      string    // what the sender knows the message by
	Body     string    //
	Sent     time.Time // given by Send
	Due      time.Time // it is not handed out before; zero: at once. On disk by the clock of then, see [OpenQueue]
	Received int       // how often it has been handed out, this time included; more after a restart
}

// Queue is an open queue. It is safe for concurrent use.
type Queue struct {
	db     *DB
	bucket string
	wake   chan struct{} // something may be ready

	mu      sync.Mutex
	groups  map[string]*group
	delays  map[string]time.Duration // of messages that are out, by ID
	working int
}

// group holds the messages of a group, in order.
type group struct {
	messages []Message
	out      int // how many of them, from the first on, are handed out
}

// longest is the longest time that a message waits. What is due later than that after
// a start was written by another clock.
const longest = 15 * time.Minute

// OpenQueue opens the queue of that name with the messages that wait in it. Each may
// have been handed out when the process ended, so it counts as that; and those that
// have failed are due, since a start is often the end of what stood in their way. So is
// what was sent after now: the clock has been set back since. From here on the time
// that passes counts, whatever the clock says.
func OpenQueue(db *DB, name string) (*Queue, error) {
	q := &Queue{
		db: db, bucket: "queue/" + name, wake: make(chan struct{}, 1),
		groups: map[string]*group{}, delays: map[string]time.Duration{},
	}
	var all []Message
	now := time.Now()
	err := db.Update(func(tx *Tx) error {
		all = nil
		err := tx.Each(q.bucket, func(id string, value []byte) error {
			m := Message{ID: id}
			if err := json.Unmarshal(value, &m); err != nil {
				return fmt.Errorf("message %s: %w", id, err)
			}
			if m.Received > 0 {
				m.Due = m.Sent
			}
			wait := m.Due.Sub(now)
			if m.Sent.After(now) || wait > longest {
				wait = 0
			}
			m.Due = now.Add(wait)
			m.Received++
			all = append(all, m)
			return nil
		})
		for i := range all {
			err = cmp.Or(err, q.put(tx, &all[i]))
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("open queue %s: %w", name, err)
	}
	for _, m := range all {
		q.add(m)
	}
	return q, nil
}

// Send puts the message on the queue once the transaction is on disk, and returns
// its ID.
func (q *Queue) Send(tx *Tx, m Message) (id string, err error) {
	n, err := tx.Next(q.bucket)
	if err != nil {
		return "", err
	}
	now := time.Now()
	wait := max(m.Due.Sub(now), 0)
	m.ID, m.Sent, m.Due, m.Received = fmt.Sprintf("%016x", n), now.UTC(), now.Add(wait), 0
	if err := q.put(tx, &m); err != nil {
		return "", err
	}
	tx.OnCommit(func() { q.add(m) })
	return m.ID, nil
}

// Delay sets how long a message that is handed out stays away when it fails;
// without it that is a second at first and a minute at last. It reports whether the
// message is handed out.
func (q *Queue) Delay(id string, d time.Duration) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	if _, out := q.delays[id]; !out {
		return false
	}
	q.delays[id] = d
	return true
}

// Waits reports whether a message of the group has to wait for the next batch:
// because it has failed, or because one before it has.
func (q *Queue) Waits(group string) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	g := q.groups[group]
	return g != nil && g.out == 0 && g.ready().After(time.Now())
}

func (q *Queue) put(tx *Tx, m *Message) error {
	value, err := json.Marshal(m)
	if err != nil {
		return fmt.Errorf("message %s: %w", m.ID, err)
	}
	return tx.Put(q.bucket, m.ID, value)
}

// add puts a message at the end of its group. Messages are added in the order of
// their IDs, since a transaction is heard of before the next one runs.
func (q *Queue) add(m Message) {
	q.mu.Lock()
	g := q.groups[m.Group]
	if g == nil {
		g = &group{}
		q.groups[m.Group] = g
	}
	g.messages = append(g.messages, m)
	q.mu.Unlock()
	q.signal()
}

func (q *Queue) signal() {
	select {
	case q.wake <- struct{}{}:
	default:
	}
}

// ready is when the group's next batch may be handed out.
func (g *group) ready() time.Time {
	ready := g.messages[0].Due
	for _, m := range g.messages {
		if m.Received == 0 {
			break
		}
		if m.Due.After(ready) {
			ready = m.Due
		}
	}
	return ready
}
