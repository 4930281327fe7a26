package eventbridge_test

import (
	"context"
	"errors"
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
				err := eventbridge.New(&tt.api, "outcomes", "vpnattach").Put(ctx, "Settled", []string{"vco-1"}, at, []byte(`{"key":"`+psk+`"}`))
				got := ""
				if err != nil {
					got = err.Error()
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
	api := service{codes: []string{""}}
	b := eventbridge.New(&api, "outcomes", "source")
	if err := b.Put(t.Context(), "type", []string{"vco-1"}, at, []byte(strings.Repeat("x", fits))); err != nil {
		t.Error(err)
	}
	err := b.Put(t.Context(), "type", []string{"vco-1"}, at, []byte(strings.Repeat("x", fits+1)))
	if !errors.Is(err, eventbridge.ErrTooLarge) || api.calls != 1 {
		t.Errorf("got %v after %d calls", err, api.calls)
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

	must(eventbridge.New(events, "outcomes", "vpnattach").Put(t.Context(), "VPN Attachment Settled", []string{"vco-1"}, at, []byte(`{"outcome":"settled"}`)))
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
