// Package eventbridge publishes events on an Amazon EventBridge bus.
//
//	outcomes := eventbridge.New(awseventbridge.NewFromConfig(config), "vpnattach", "vpnattach")
//	errs := outcomes.Put(ctx, []eventbridge.Event{{DetailType: "VPN Attachment Change Outcome", Resources: []string{"vco-p0w5112fgnl2ihlmf0000"}, Time: now, Detail: detail}})
//
// It needs events:PutEvents on the bus. No error holds an event's detail.
package eventbridge

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge/types"

	"vpnattach/shared/aws/retry"
)

// MaxBytes is how large an event can be: source, type, resources, detail, and 14
// bytes for the time. EventBridge accepts more by now, but not all of its targets do.
// Source: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-putevent-size.html
const MaxBytes = 256 << 10

// timeBytes is what EventBridge counts for the time of an event.
const timeBytes = 14

// ErrTooLarge is for an event of more than [MaxBytes]. It is not sent.
var ErrTooLarge = errors.New("the event is too large for the bus")

// API is what a Bus needs of [eventbridge.Client].
type API interface {
	PutEvents(context.Context, *eventbridge.PutEventsInput, ...func(*eventbridge.Options)) (*eventbridge.PutEventsOutput, error)
}

// Bus is one event bus. It is safe for concurrent use.
type Bus struct {
	api          API
	name, source string
}

// New returns the bus of this name or ARN. All events that go through it have the
// same source, which must not begin with "aws.".
func New(api API, name, source string) *Bus { return &Bus{api, name, source} }

// Event is an event to publish.
type Event struct {
	DetailType string
	Resources  []string  // the ids of what it is about
	Time       time.Time // kept in whole seconds
	Detail     []byte    // a JSON object
}

// maxEntries is how many events a call takes.
const maxEntries = 10

// Put publishes events, up to ten in a call. Failures of the service are retried until
// the context is about to end: give it a deadline. It returns an error for each event,
// in their order, nil for one that is on the bus; no errors at all when all are. After
// an error without an answer an event may be on the bus nevertheless.
func (b *Bus) Put(ctx context.Context, events []Event) []error {
	p := &publishing{bus: b, errs: make([]error, len(events))}
	var waiting []int
	for i := range events {
		e := &events[i]
		size := timeBytes + len(b.source) + len(e.DetailType) + len(e.Detail)
		for _, r := range e.Resources {
			size += len(r)
		}
		p.sizes = append(p.sizes, size)
		p.entries = append(p.entries, types.PutEventsRequestEntry{
			EventBusName: &b.name, Source: &b.source, DetailType: &e.DetailType, Resources: e.Resources, Time: &e.Time, Detail: aws.String(string(e.Detail)),
		})
		if size > MaxBytes {
			p.errs[i] = fmt.Errorf("bus: %w: %d bytes, more than %d", ErrTooLarge, size, MaxBytes)
		} else {
			waiting = append(waiting, i)
		}
	}
	for attempt := 0; len(waiting) > 0; attempt++ {
		if waiting = p.round(ctx, waiting); len(waiting) > 0 && !retry.Pause(ctx, attempt) {
			break
		}
	}
	if !slices.ContainsFunc(p.errs, func(err error) bool { return err != nil }) {
		return nil
	}
	return p.errs
}

// publishing is one call of Put. Events are known by their index.
type publishing struct {
	bus     *Bus
	entries []types.PutEventsRequestEntry
	sizes   []int
	errs    []error // of the last attempt
}

// round tries to publish each of the waiting events once, and returns those that are
// worth another attempt.
func (p *publishing) round(ctx context.Context, waiting []int) (remaining []int) {
	for len(waiting) > 0 {
		n, size := 0, 0
		for n < min(len(waiting), maxEntries) && (n == 0 || size+p.sizes[waiting[n]] <= MaxBytes) {
			size += p.sizes[waiting[n]]
			n++
		}
		remaining = append(remaining, p.put(ctx, waiting[:n])...)
		waiting = waiting[n:]
	}
	return remaining
}

// refused is the code of a failed entry, without the message, which can quote the
// event.
type refused string

func (r refused) Error() string { return string(r) }

// IsDenied reports whether the permission is missing.
func (r refused) IsDenied() bool { return retry.IsDenied(string(r)) }

// put makes one call. When that is refused as a whole, each event is published by
// itself, so that one that is at fault does not keep back the others.
func (p *publishing) put(ctx context.Context, batch []int) (remaining []int) {
	in := &eventbridge.PutEventsInput{}
	for _, n := range batch {
		in.Entries = append(in.Entries, p.entries[n])
	}
	out, err := p.bus.api.PutEvents(ctx, in)
	if err != nil {
		failed := retry.Of(err)
		if !failed.Temporary && !failed.IsDenied() && ctx.Err() == nil && len(batch) > 1 {
			for i := range batch {
				remaining = append(remaining, p.put(ctx, batch[i:i+1])...)
			}
			return remaining
		}
		for _, n := range batch {
			p.errs[n] = fmt.Errorf("bus: event not published: %w", failed)
		}
		if failed.Temporary {
			return batch
		}
		return nil
	}
	for i, n := range batch {
		p.errs[n] = nil
		if out.FailedEntryCount == 0 {
			continue
		}
		code := "no reason given"
		if i < len(out.Entries) {
			if out.Entries[i].ErrorCode == nil {
				continue
			}
			code = *out.Entries[i].ErrorCode
		}
		p.errs[n] = fmt.Errorf("bus: event not published: %w", refused(code))
		switch code { // source: the reference of PutEventsResultEntry
		case "InternalFailure", "InternalException", "ThrottlingException":
			remaining = append(remaining, n)
		}
	}
	return remaining
}
