package sqs

import (
	"context"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"vpnattach/shared/aws/retry"
)

const (
	maxEntries = 10
	// maxBytes of a batch. The service accepts 1 MiB by now, older quotas are 256 KiB;
	// a larger entry goes alone, and the service decides.
	maxBytes = 256 << 10
	maxDelay = 15 * time.Minute
)

// SendAPI is what a Sender needs of [sqs.Client].
type SendAPI interface {
	SendMessageBatch(context.Context, *sqs.SendMessageBatchInput, ...func(*sqs.Options)) (*sqs.SendMessageBatchOutput, error)
}

// Entry is a message to send. Its sizes and characters are limited as the
// documentation of SQS says; [Sender.Send] reports what the service refuses.
type Entry struct {
	Body            string        // not empty; at most 1 MiB with the attributes, if the queue allows it
	Group           string        // of a FIFO queue; empty: none
	DeduplicationID string        // of a FIFO queue; empty: none
	Delay           time.Duration // of a standard queue, in whole seconds, rounded up; at most 15 minutes
	// Attributes are for people and filters. Those without a value are left out, and
	// characters that SQS refuses are replaced by U+FFFD. At most 10.
	Attributes map[string]string
}

// Sender sends to one queue. It is safe for concurrent use.
type Sender struct {
	api SendAPI
	url string
}

// NewSender returns a Sender for the queue with this URL.
func NewSender(api SendAPI, url string) *Sender { return &Sender{api, url} }

// Send sends all entries, and returns when each is in the queue or has failed. Failures
// of the service are retried, in order, until the context is about to end: give it a
// deadline. What would fail again is not: without permission or queue Send returns at
// once, and an entry that the service refuses has failed, and with it those of its
// group that come after it. The error is an [*Error], which names the failed entries.
// Without entries Send returns nil.
func (s *Sender) Send(ctx context.Context, entries []Entry) error {
	return s.transfer(ctx, &transfer{sender: s, entries: entries, ended: map[string]bool{}})
}

// SendInAnyOrder is [Sender.Send] but for the order within a group: an entry can overtake
// one before it, so that each call takes as many as fit.
func (s *Sender) SendInAnyOrder(ctx context.Context, entries []Entry) error {
	return s.transfer(ctx, &transfer{sender: s, entries: entries, ended: map[string]bool{}, anyOrder: true})
}

func (s *Sender) transfer(ctx context.Context, t *transfer) error {
	entries := t.entries
	remaining := make([]int, len(entries))
	for i := range remaining {
		remaining[i] = i
	}
	for attempt := 0; len(remaining) > 0; attempt++ {
		remaining = t.round(ctx, remaining)
		if len(remaining) == 0 || t.permanent || !retry.Pause(ctx, attempt) {
			break
		}
	}
	return newError("sent", len(entries), t.call, append(t.refused, t.open...))
}

// transfer is one call of Send. Entries are known by their index.
type transfer struct {
	sender   *Sender
	entries  []Entry
	anyOrder bool // groups don't matter

	refused   []Failure       // entries that are not tried again
	ended     map[string]bool // groups that have one
	open      []Failure       // entries that the last round has not sent
	permanent bool
	call      *retry.Error // the last one that failed as a whole
}

// group is the group in which nothing may overtake the entry; empty: none.
func (t *transfer) group(n int) string {
	if t.anyOrder {
		return ""
	}
	return t.entries[n].Group
}

// round tries to send each of the waiting entries once. It returns those that can be
// tried again, in their order.
func (t *transfer) round(ctx context.Context, waiting []int) (remaining []int) {
	t.open = nil
	stopped := map[string]bool{} // groups with an entry that has to be sent again
	again := func(f Failure) {
		t.open = append(t.open, f)
		remaining = append(remaining, f.Index)
	}
	for len(waiting) > 0 {
		var taken, batch []int
		taken, waiting = t.nextBatch(waiting)
		for _, n := range taken {
			switch group := t.group(n); {
			case t.ended[group]:
				t.refused = append(t.refused, Failure{Index: n, Code: Behind})
			case stopped[group]:
				again(Failure{Index: n, Code: Behind})
			default:
				batch = append(batch, n)
			}
		}
		o := t.send(ctx, batch)
		for _, f := range o.failures {
			group := t.group(f.Index)
			if f.Refused {
				t.refused = append(t.refused, f)
				t.ended[group] = group != ""
			} else {
				again(f)
				stopped[group] = group != ""
			}
		}
		t.permanent = t.permanent || o.permanent
		if o.call != nil && !blamesMessage(o.call) { // the other entries would fail as well
			t.call = o.call
			for _, n := range waiting {
				again(Failure{Index: n, Code: codeOf(o.call)})
			}
			return remaining
		}
	}
	return remaining
}

// nextBatch returns the next batch, and the entries after it.
func (t *transfer) nextBatch(waiting []int) (batch, rest []int) {
	size := 0
	passed := map[string]bool{} // groups that must not go on in this batch
	for i, n := range waiting {
		if len(batch) == maxEntries {
			return batch, append(rest, waiting[i:]...)
		}
		e, group := &t.entries[n], t.group(n)
		if passed[group] || len(batch) > 0 && size+e.size() > maxBytes {
			rest = append(rest, n)
		} else {
			batch = append(batch, n)
			size += e.size()
		}
		passed[group] = group != ""
	}
	return batch, rest
}

// send makes one call. When that fails because of an entry, each is sent alone, so that
// the others still succeed.
func (t *transfer) send(ctx context.Context, batch []int) callResult {
	if len(batch) == 0 {
		return callResult{}
	}
	in := &sqs.SendMessageBatchInput{QueueUrl: &t.sender.url}
	for i, n := range batch {
		in.Entries = append(in.Entries, t.entries[n].request(strconv.Itoa(i)))
	}
	out, err := t.sender.api.SendMessageBatch(ctx, in)
	if err != nil {
		o := unanswered(batch, retry.Of(err))
		if len(batch) == 1 || !blamesMessage(o.call) {
			return o
		}
		o = callResult{}
		for _, n := range batch {
			single := t.send(ctx, []int{n})
			o.failures = append(o.failures, single.failures...)
			o.permanent = o.permanent || single.permanent
		}
		return o
	}
	done := make(map[string]bool, len(batch))
	for i := range out.Successful {
		done[aws.ToString(out.Successful[i].Id)] = true
	}
	return answered(batch, done, out.Failed)
}

// size is what SQS counts: body, and names, types and values of the attributes.
func (e *Entry) size() int {
	size := len(e.Body)
	for name, value := range e.Attributes {
		size += len(name) + len(attributeType) + len(value)
	}
	return size
}

const attributeType = "String"

func (e *Entry) request(id string) types.SendMessageBatchRequestEntry {
	r := types.SendMessageBatchRequestEntry{Id: &id, MessageBody: &e.Body, DelaySeconds: seconds(e.Delay, maxDelay)}
	if e.Group != "" {
		r.MessageGroupId = &e.Group
	}
	if e.DeduplicationID != "" {
		r.MessageDeduplicationId = &e.DeduplicationID
	}
	for name, value := range e.Attributes {
		if value == "" {
			continue
		}
		if r.MessageAttributes == nil {
			r.MessageAttributes = make(map[string]types.MessageAttributeValue, len(e.Attributes))
		}
		r.MessageAttributes[name] = types.MessageAttributeValue{
			DataType: aws.String(attributeType), StringValue: aws.String(strings.Map(allowed, value)),
		}
	}
	return r
}

// allowed replaces the characters that SQS refuses: the control characters but tab
// and line ends, and U+FFFE and U+FFFF. Bytes that are not UTF-8 are U+FFFD already.
func allowed(r rune) rune {
	if r < ' ' && r != '\t' && r != '\n' && r != '\r' || r == 0xFFFE || r == 0xFFFF {
		return 0xFFFD
	}
	return r
}

func seconds(d, most time.Duration) int32 {
	d = min(max(d, 0), most)
	return int32((d + time.Second - 1) / time.Second)
}
