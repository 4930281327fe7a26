// Package eventbridge publishes events on an Amazon EventBridge bus.
//
//	outcomes := eventbridge.New(awseventbridge.NewFromConfig(config), "vpnattach", "vpnattach")
//	err := outcomes.Put(ctx, "VPN Attachment Change Outcome", []string{"vco-p0w5112fgnl2ihlmf0000"}, now, detail)
//
// It needs events:PutEvents on the bus. No error holds an event's detail.
package eventbridge

import (
	"context"
	"errors"
	"fmt"
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

// Put publishes one event. The detail is a JSON object, the resources are the ids of
// what it is about, and the time is kept in whole seconds. Failures of the service are
// retried until the context is about to end: give it a deadline.
// After an error without an answer the event may be on the bus nevertheless.
func (b *Bus) Put(ctx context.Context, detailType string, resources []string, t time.Time, detail []byte) error {
	size := timeBytes + len(b.source) + len(detailType) + len(detail)
	for _, r := range resources {
		size += len(r)
	}
	if size > MaxBytes {
		return fmt.Errorf("bus: %w: %d bytes, more than %d", ErrTooLarge, size, MaxBytes)
	}
	in := &eventbridge.PutEventsInput{Entries: []types.PutEventsRequestEntry{{
		EventBusName: &b.name,
		Source:       &b.source,
		DetailType:   &detailType,
		Resources:    resources,
		Time:         &t,
		Detail:       aws.String(string(detail)),
	}}}
	for attempt := 0; ; attempt++ {
		temporary, err := b.put(ctx, in)
		if err == nil {
			return nil
		}
		if !temporary || !retry.Pause(ctx, attempt) {
			return fmt.Errorf("bus: event not published: %w", err)
		}
	}
}

// refused is the code of a failed entry, without the message, which can quote the
// event.
type refused string

func (r refused) Error() string { return string(r) }

// IsDenied reports whether the permission is missing.
func (r refused) IsDenied() bool { return retry.IsDenied(string(r)) }

// put makes one call, and reports whether a failure is worth a retry.
func (b *Bus) put(ctx context.Context, in *eventbridge.PutEventsInput) (temporary bool, err error) {
	out, err := b.api.PutEvents(ctx, in)
	if err != nil {
		failed := retry.Of(err)
		return failed.Temporary, failed
	}
	if out.FailedEntryCount == 0 {
		return false, nil
	}
	code := "no reason given"
	if len(out.Entries) > 0 && out.Entries[0].ErrorCode != nil {
		code = *out.Entries[0].ErrorCode
	}
	switch code { // source: the reference of PutEventsResultEntry
	case "InternalFailure", "InternalException", "ThrottlingException":
		temporary = true
	}
	return temporary, refused(code)
}
