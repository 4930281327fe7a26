package eventbridge_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awseventbridge "github.com/aws/aws-sdk-go-v2/service/eventbridge"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge/types"
	awssqs "github.com/aws/aws-sdk-go-v2/service/sqs"
	sqstypes "github.com/aws/aws-sdk-go-v2/service/sqs/types"
	"github.com/aws/smithy-go"
	"github.com/tidwall/gjson"

	"vpnattach/shared/aws/awstest"
	"vpnattach/shared/aws/eventbridge"
)

const psk = "n3w-pre-shared-key"

var at = time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)

// service is a fake EventBridge that answers with the codes in turn; an empty one is success.
type service struct {
	codes []string
	err   error
	calls int
	last  types.PutEventsRequestEntry
}

func (s *service) PutEvents(_ context.Context, in *awseventbridge.PutEventsInput, _ ...func(*awseventbridge.Options)) (*awseventbridge.PutEventsOutput, error) {
	code := s.codes[min(s.calls, len(s.codes)-1)]
	s.calls++
	s.last = in.Entries[0]
	if s.err != nil {
		return nil, s.err
	}
	if code != "" {
		return &awseventbridge.PutEventsOutput{FailedEntryCount: 1, Entries: []types.PutEventsResultEntry{{ErrorCode: &code, ErrorMessage: aws.String("about " + psk)}}}, nil
	}
	return &awseventbridge.PutEventsOutput{Entries: []types.PutEventsResultEntry{{EventId: aws.String("1")}}}, nil
}

func TestPut(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name  string
		api   service
		calls int
		want  string
	}{
		{"at once", service{codes: []string{""}}, 1, ""},
		{"again", service{codes: []string{"InternalFailure", "ThrottlingException", ""}}, 3, ""},
		{"until time is up", service{codes: []string{"InternalException"}}, 4, "bus: event not published: InternalException"},
		{"refused", service{codes: []string{"MalformedDetail"}}, 1, "bus: event not published: MalformedDetail"},
		{"no permission", service{codes: []string{""}, err: &smithy.GenericAPIError{Code: "AccessDeniedException", Message: "not authorized to perform: events:PutEvents"}}, 1,
			"bus: event not published: AccessDeniedException: not authorized to perform: events:PutEvents"},
		{"a call that failed", service{codes: []string{""}, err: &smithy.GenericAPIError{Code: "ValidationException", Message: psk}}, 1, "bus: event not published: ValidationException"},
		{"throttled", service{codes: []string{""}, err: &smithy.GenericAPIError{Code: "ThrottlingException"}}, 4, "bus: event not published: ThrottlingException"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithTimeout(t.Context(), time.Second)
				defer cancel()
				err := eventbridge.New(&tt.api, "outcomes", "vpnattach").Put(ctx, []eventbridge.Event{{DetailType: "Settled", Resources: []string{"vco-1"}, Time: at, Detail: []byte(`{"key":"` + psk + `"}`)}})
				got := ""
				if err != nil {
					got = err[0].Error()
				}
				if got != tt.want || tt.api.calls != tt.calls {
					t.Errorf("got %q after %d calls, want %q after %d", got, tt.api.calls, tt.want, tt.calls)
				}
			})
		})
	}
}

func TestSize(t *testing.T) {
	t.Parallel()
	fits := eventbridge.MaxBytes - 14 - len("source") - len("type") - len("vco-1")
	event := func(size int) eventbridge.Event {
		return eventbridge.Event{DetailType: "type", Resources: []string{"vco-1"}, Time: at, Detail: []byte(strings.Repeat("x", size))}
	}
	api := service{codes: []string{""}}
	b := eventbridge.New(&api, "outcomes", "source")
	if err := b.Put(t.Context(), []eventbridge.Event{event(fits)}); err != nil {
		t.Error(err)
	}
	err := b.Put(t.Context(), []eventbridge.Event{event(fits + 1)})
	if !errors.Is(err[0], eventbridge.ErrTooLarge) || api.calls != 1 {
		t.Errorf("got %v after %d calls", err, api.calls)
	}
	err = b.Put(t.Context(), []eventbridge.Event{event(fits), event(1), event(fits + 1), event(2)})
	if err[0] != nil || err[1] != nil || !errors.Is(err[2], eventbridge.ErrTooLarge) || err[3] != nil || api.calls != 3 {
		t.Errorf("got %v after %d calls", err, api.calls-1)
	}
}

// bus takes calls of several events, and refuses what the test says.
type bus struct {
	calls  [][]string // the details
	taken  []string
	refuse func(call int, detail string) string // a code; empty: it is taken
	fail   func(call int, details []string) error
}

func (b *bus) PutEvents(_ context.Context, in *awseventbridge.PutEventsInput, _ ...func(*awseventbridge.Options)) (*awseventbridge.PutEventsOutput, error) {
	var details []string
	for _, e := range in.Entries {
		details = append(details, *e.Detail)
	}
	call := len(b.calls)
	b.calls = append(b.calls, details)
	if b.fail != nil {
		if err := b.fail(call, details); err != nil {
			return nil, err
		}
	}
	out := &awseventbridge.PutEventsOutput{}
	for _, detail := range details {
		entry := types.PutEventsResultEntry{EventId: aws.String("1")}
		if code := b.refuse(call, detail); code != "" {
			entry = types.PutEventsResultEntry{ErrorCode: &code, ErrorMessage: aws.String("about " + psk)}
			out.FailedEntryCount++
		} else {
			b.taken = append(b.taken, detail)
		}
		out.Entries = append(out.Entries, entry)
	}
	return out, nil
}

// TestPutMany: ten events are one call, and each has its own error.
func TestPutMany(t *testing.T) {
	t.Parallel()
	none := func(int, string) string { return "" }
	for _, tt := range []struct {
		name   string
		events int
		refuse func(call int, detail string) string
		fail   func(call int, details []string) error
		sizes  string // of the calls
		failed string // the events
	}{
		{"none", 0, none, nil, "[]", "[]"},
		{"ten", 10, none, nil, "[10]", "[]"},
		{"more", 23, none, nil, "[10 10 3]", "[]"},
		{"two again", 12, func(call int, detail string) string {
			if call == 0 && (detail == "3" || detail == "7") {
				return "InternalFailure"
			}
			return ""
		}, nil, "[10 2 2]", "[]"},
		{"one refused", 5, func(_ int, detail string) string {
			if detail == "2" {
				return "MalformedDetail"
			}
			return ""
		}, nil, "[5]", "[2: bus: event not published: MalformedDetail]"},
		{"refused because of one", 3, none, func(_ int, details []string) error {
			if slices.Contains(details, "1") {
				return &smithy.GenericAPIError{Code: "ValidationException", Message: psk}
			}
			return nil
		}, "[3 1 1 1]", "[1: bus: event not published: ValidationException]"},
		{"no permission", 2, none, func(int, []string) error {
			return &smithy.GenericAPIError{Code: "AccessDeniedException", Message: "no"}
		}, "[2]", "[0: bus: event not published: AccessDeniedException: no 1: bus: event not published: AccessDeniedException: no]"},
		{"throttled once", 2, none, func(call int, _ []string) error {
			if call == 0 {
				return &smithy.GenericAPIError{Code: "ThrottlingException"}
			}
			return nil
		}, "[2 2]", "[]"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithTimeout(t.Context(), time.Second)
				defer cancel()
				api := &bus{refuse: tt.refuse, fail: tt.fail}
				var events []eventbridge.Event
				for i := range tt.events {
					events = append(events, eventbridge.Event{DetailType: "t", Time: at, Detail: []byte(strconv.Itoa(i))})
				}
				errs := eventbridge.New(api, "outcomes", "vpnattach").Put(ctx, events)
				sizes, failed := []int{}, []string{}
				for _, call := range api.calls {
					sizes = append(sizes, len(call))
				}
				for i, err := range errs {
					if err != nil {
						failed = append(failed, fmt.Sprintf("%d: %v", i, err))
					}
				}
				if got := fmt.Sprint(sizes); got != tt.sizes {
					t.Errorf("got calls of %s, want %s", got, tt.sizes)
				}
				if got := fmt.Sprint(failed); got != tt.failed || len(api.taken) != tt.events-len(failed) {
					t.Errorf("got %s, %d taken; want %s", got, len(api.taken), tt.failed)
				}
			})
		})
	}
}

// Over the wire an event reaches the queue of a rule of the bus.
func TestWire(t *testing.T) {
	t.Parallel()
	config := awstest.Shared(t).Config()
	events, queues := awseventbridge.NewFromConfig(config), awssqs.NewFromConfig(config)
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	_, err := events.CreateEventBus(t.Context(), &awseventbridge.CreateEventBusInput{Name: aws.String("outcomes")})
	must(err)
	q, err := queues.CreateQueue(t.Context(), &awssqs.CreateQueueInput{QueueName: aws.String("outcomes")})
	must(err)
	attributes, err := queues.GetQueueAttributes(t.Context(), &awssqs.GetQueueAttributesInput{QueueUrl: q.QueueUrl, AttributeNames: []sqstypes.QueueAttributeName{"QueueArn"}})
	must(err)
	_, err = events.PutRule(t.Context(), &awseventbridge.PutRuleInput{Name: aws.String("all"), EventBusName: aws.String("outcomes"), EventPattern: aws.String(`{"source":["vpnattach"]}`)})
	must(err)
	_, err = events.PutTargets(t.Context(), &awseventbridge.PutTargetsInput{Rule: aws.String("all"), EventBusName: aws.String("outcomes"), Targets: []types.Target{{Id: aws.String("q"), Arn: aws.String(attributes.Attributes["QueueArn"])}}})
	must(err)

	must(errors.Join(eventbridge.New(events, "outcomes", "vpnattach").Put(t.Context(), []eventbridge.Event{
		{DetailType: "VPN Attachment Settled", Resources: []string{"vco-1"}, Time: at, Detail: []byte(`{"outcome":"settled"}`)},
	})...))
	received, err := queues.ReceiveMessage(t.Context(), &awssqs.ReceiveMessageInput{QueueUrl: q.QueueUrl, WaitTimeSeconds: 5})
	must(err)
	if len(received.Messages) != 1 {
		t.Fatalf("got %d messages", len(received.Messages))
	}
	for path, want := range map[string]string{
		"source": "vpnattach", "detail-type": "VPN Attachment Settled", "resources.0": "vco-1", "detail.outcome": "settled", "time": "2026-03-04T05:06:07Z",
	} {
		if got := gjson.Get(*received.Messages[0].Body, path).String(); got != want {
			t.Errorf("%s: got %q, want %q", path, got, want)
		}
	}
}
