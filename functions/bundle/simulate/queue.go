package main

import (
	"container/heap"
	"slices"
	"strconv"
	"time"

	"github.com/aws/aws-lambda-go/events"
)

const (
	batchSize   = 10
	rememberFor = 5 * time.Minute // how long a FIFO queue knows a deduplication id
)

// fifo is an SQS FIFO queue: a group is delivered in its order, and waits while one of
// its messages is with a function or invisible.
type fifo struct {
	groups  map[string]*group
	ready   []*group // that have a message and do not wait
	known   [2]map[string]bool
	turned  time.Time // when the older half of known was dropped
	sent    int
	length  int
	longest int // length at most
}

type group struct {
	messages []*events.SQSMessage
	queued   bool // in ready
	waits    bool
}

func newFIFO() *fifo {
	return &fifo{groups: map[string]*group{}, known: [2]map[string]bool{{}, {}}}
}

func (q *fifo) send(now time.Time, record events.SQSMessage) {
	if now.Sub(q.turned) >= rememberFor {
		q.known, q.turned = [2]map[string]bool{{}, q.known[0]}, now
	}
	id := record.Attributes["MessageDeduplicationId"]
	if q.known[0][id] || q.known[1][id] {
		return
	}
	q.known[0][id] = true
	q.sent++
	record.MessageId = "m" + strconv.Itoa(q.sent)
	record.ReceiptHandle = record.MessageId
	record.Attributes["SentTimestamp"] = strconv.FormatInt(now.UnixMilli(), 10)
	record.Attributes["ApproximateReceiveCount"] = "0"
	name := record.Attributes["MessageGroupId"]
	g := q.groups[name]
	if g == nil {
		g = &group{}
		q.groups[name] = g
	}
	g.messages = append(g.messages, &record)
	q.length++
	q.longest = max(q.longest, q.length)
	q.offer(g)
}

func (q *fifo) offer(g *group) {
	if len(g.messages) > 0 && !g.queued && !g.waits {
		g.queued = true
		q.ready = append(q.ready, g)
	}
}

// receive returns a batch, and its groups with how many messages are of each.
func (q *fifo) receive() (batch []events.SQSMessage, of map[*group]int) {
	of = map[*group]int{}
	for len(q.ready) > 0 && len(batch) < batchSize {
		g := q.ready[0]
		q.ready = q.ready[1:]
		g.queued, g.waits = false, true
		n := min(batchSize-len(batch), len(g.messages))
		of[g] = n
		for _, m := range g.messages[:n] {
			count, _ := strconv.Atoi(m.Attributes["ApproximateReceiveCount"])
			m.Attributes["ApproximateReceiveCount"] = strconv.Itoa(count + 1)
			batch = append(batch, *m)
		}
	}
	return batch, of
}

// done deletes what is done of a group's messages in a batch, and lets the rest be received again.
func (q *fifo) done(g *group, n int, failed map[string]bool) {
	kept := slices.DeleteFunc(slices.Clone(g.messages[:n]), func(m *events.SQSMessage) bool { return !failed[m.MessageId] })
	q.length -= n - len(kept)
	g.messages = g.messages[n-len(kept):]
	copy(g.messages, kept)
}

// delayed is an SQS standard queue: messages by when they are due.
type delayed []*events.SQSMessage

func (d delayed) Len() int           { return len(d) }
func (d delayed) Less(i, j int) bool { return due(d[i]).Before(due(d[j])) }
func (d delayed) Swap(i, j int)      { d[i], d[j] = d[j], d[i] }
func (d *delayed) Push(m any)        { *d = append(*d, m.(*events.SQSMessage)) }
func (d *delayed) Pop() any {
	last := (*d)[len(*d)-1]
	*d = (*d)[:len(*d)-1]
	return last
}

func due(m *events.SQSMessage) time.Time {
	at, _ := strconv.ParseInt(m.Attributes["due"], 10, 64)
	return time.Unix(0, at)
}

func (d *delayed) send(m *events.SQSMessage, at time.Time) {
	m.Attributes["due"] = strconv.FormatInt(at.UnixNano(), 10)
	heap.Push(d, m)
}

func (d *delayed) receive(now time.Time) (batch []events.SQSMessage) {
	for len(*d) > 0 && len(batch) < batchSize && !due((*d)[0]).After(now) {
		m := heap.Pop(d).(*events.SQSMessage)
		count, _ := strconv.Atoi(m.Attributes["ApproximateReceiveCount"])
		m.Attributes["ApproximateReceiveCount"] = strconv.Itoa(count + 1)
		batch = append(batch, *m)
	}
	return batch
}
