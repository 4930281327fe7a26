package sqs_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awssqs "github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
	"github.com/aws/smithy-go"

	"vpnattach/shared/aws/retry"
	"vpnattach/shared/aws/sqs"
)

const psk = "n3w-pre-shared-key"

// service plays SQS: it refuses what the test says, and keeps what it takes.
type service struct {
	refuse func(call int, body string) *types.BatchResultErrorEntry // nil: take it
	fail   func(call int, bodies []string) error
	calls  [][]string // bodies of each call
	taken  []string
	inputs []types.SendMessageBatchRequestEntry
}

func (s *service) SendMessageBatch(_ context.Context, in *awssqs.SendMessageBatchInput, _ ...func(*awssqs.Options)) (*awssqs.SendMessageBatchOutput, error) {
	call := len(s.calls)
	var bodies []string
	for _, e := range in.Entries {
		bodies = append(bodies, *e.MessageBody)
	}
	s.calls = append(s.calls, bodies)
	if s.fail != nil {
		if err := s.fail(call, bodies); err != nil {
			return nil, err
		}
	}
	out := &awssqs.SendMessageBatchOutput{}
	for _, e := range in.Entries {
		if s.refuse != nil {
			if failed := s.refuse(call, *e.MessageBody); failed != nil {
				failed.Id = e.Id
				out.Failed = append(out.Failed, *failed)
				continue
			}
		}
		s.taken = append(s.taken, *e.MessageBody)
		s.inputs = append(s.inputs, e)
		out.Successful = append(out.Successful, types.SendMessageBatchResultEntry{Id: e.Id})
	}
	return out, nil
}

func serverFault() *types.BatchResultErrorEntry {
	return &types.BatchResultErrorEntry{Code: aws.String("InternalError"), Message: aws.String(psk)}
}

func senderFault() *types.BatchResultErrorEntry {
	return &types.BatchResultErrorEntry{Code: aws.String("InvalidMessageContents"), Message: aws.String(psk), SenderFault: true}
}

// once refuses the body at its first time.
func once(body string) func(int, string) *types.BatchResultErrorEntry {
	refused := false
	return func(_ int, b string) *types.BatchResultErrorEntry {
		if b != body || refused {
			return nil
		}
		refused = true
		return serverFault()
	}
}

func always(bodies ...string) func(int, string) *types.BatchResultErrorEntry {
	return func(_ int, b string) *types.BatchResultErrorEntry {
		if slices.Contains(bodies, b) {
			return serverFault()
		}
		return nil
	}
}

func apiError(code string) error {
	return &smithy.OperationError{ServiceID: "SQS", OperationName: "SendMessageBatch", Err: &smithy.GenericAPIError{Code: code, Message: "about " + psk}}
}

// entries makes entries of texts such as "a1": group a.
func entries(bodies ...string) (list []sqs.Entry) {
	for _, b := range bodies {
		list = append(list, sqs.Entry{Body: b, Group: b[:1], DeduplicationID: b})
	}
	return list
}

func numbered(n int) (bodies []string) {
	for i := range n {
		bodies = append(bodies, fmt.Sprintf("%c%d", 'A'+i, i))
	}
	return bodies
}

func TestSend(t *testing.T) {
	t.Parallel()
	failures := func(list ...sqs.Failure) []sqs.Failure { return list }
	large := strings.Repeat("x", 100<<10)
	tests := []struct {
		name    string
		bodies  []string
		service service
		calls   string // bodies of each call, shortened
		taken   string
		want    []sqs.Failure
	}{
		{name: "nothing"},
		{name: "one", bodies: []string{"a1"}, calls: "a1", taken: "a1"},
		{name: "ten at a time", bodies: numbered(12), calls: "A0 B1 C2 D3 E4 F5 G6 H7 I8 J9|K10 L11", taken: "A0 B1 C2 D3 E4 F5 G6 H7 I8 J9 K10 L11"},
		{name: "one of each group at a time", bodies: []string{"a1", "a2", "b1", "a3"}, calls: "a1 b1|a2|a3", taken: "a1 b1 a2 a3"},
		{name: "by size", bodies: []string{"a" + large, "b" + large, "c" + large, "d1"}, calls: "ax bx d1|cx", taken: "ax bx d1 cx"},
		{name: "a large one alone", bodies: []string{"a1", "b" + large + large + large, "b2", "c1"}, calls: "a1 c1|bx|b2", taken: "a1 c1 bx b2"},
		{name: "again, and what succeeded not", bodies: []string{"a1", "b1", "c1"}, service: service{refuse: once("b1")}, calls: "a1 b1 c1|b1", taken: "a1 c1 b1"},
		{name: "nothing overtakes in its group", bodies: []string{"a1", "a2", "b1", "a3", "b2"}, service: service{refuse: once("a1")},
			calls: "a1 b1|b2|a1|a2|a3", taken: "b1 b2 a1 a2 a3"},
		{name: "refused for good", bodies: []string{"a1", "b1", "a2", "c1"}, taken: "b1 c1", calls: "a1 b1 c1", service: service{refuse: func(_ int, b string) *types.BatchResultErrorEntry {
			if b == "a1" {
				return senderFault()
			}
			return nil
		}}, want: failures(sqs.Failure{Index: 0, Code: "InvalidMessageContents", Refused: true}, sqs.Failure{Index: 2, Code: sqs.Behind})},
		{name: "until time is up", bodies: []string{"a1", "a2", "b1"}, service: service{refuse: always("a1")}, calls: "a1 b1|a1|a1|a1", taken: "b1",
			want: failures(sqs.Failure{Index: 0, Code: "InternalError"}, sqs.Failure{Index: 1, Code: sqs.Behind})},
		{name: "the whole call, then not", bodies: []string{"a1", "a2"}, service: service{fail: func(call int, _ []string) error {
			if call == 0 {
				return apiError("ThrottlingException")
			}
			return nil
		}}, calls: "a1|a1|a2", taken: "a1 a2"},
		{name: "no permission", bodies: []string{"a1", "a2", "b1"}, service: service{fail: func(int, []string) error { return apiError("AccessDeniedException") }}, calls: "a1 b1",
			want: failures(sqs.Failure{Index: 0, Code: "AccessDeniedException"}, sqs.Failure{Index: 1, Code: "AccessDeniedException"}, sqs.Failure{Index: 2, Code: "AccessDeniedException"})},
		{name: "no permission for the key", bodies: []string{"a1", "a2"}, service: service{refuse: func(int, string) *types.BatchResultErrorEntry {
			return &types.BatchResultErrorEntry{Code: aws.String("KMS.AccessDeniedException"), SenderFault: true}
		}}, calls: "a1", want: failures(sqs.Failure{Index: 0, Code: "KMS.AccessDeniedException"}, sqs.Failure{Index: 1, Code: sqs.Behind})},
		{name: "one spoils the call", bodies: []string{"a1", "b1", "c1", "b2"}, service: service{fail: func(_ int, bodies []string) error {
			if slices.Contains(bodies, "b1") {
				return apiError("InvalidParameterValue")
			}
			return nil
		}}, calls: "a1 b1 c1|a1|b1|c1", taken: "a1 c1",
			want: failures(sqs.Failure{Index: 1, Code: "InvalidParameterValue", Refused: true}, sqs.Failure{Index: 3, Code: sqs.Behind})},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithTimeout(t.Context(), time.Second)
				defer cancel()
				err := sqs.NewSender(&tt.service, "url").Send(ctx, entries(tt.bodies...))
				var calls []string
				for _, c := range tt.service.calls {
					calls = append(calls, short(c))
				}
				if got := strings.Join(calls, "|"); got != tt.calls {
					t.Errorf("calls: got %s, want %s", got, tt.calls)
				}
				if got := short(tt.service.taken); got != tt.taken {
					t.Errorf("taken: got %s, want %s", got, tt.taken)
				}
				checkFailures(t, err, tt.want)
			})
		})
	}
}

func short(bodies []string) string {
	var words []string
	for _, b := range bodies {
		if len(b) > 10 {
			b = b[:2]
		}
		words = append(words, b)
	}
	return strings.Join(words, " ")
}

func checkFailures(t *testing.T, err error, want []sqs.Failure) {
	t.Helper()
	if len(want) == 0 {
		if err != nil {
			t.Error(err)
		}
		return
	}
	var failed *sqs.Error
	if !errors.As(err, &failed) || !slices.Equal(failed.Failures, want) {
		t.Fatalf("got %v, want %v", err, want)
	}
	if denied := new(retry.Error); strings.Contains(err.Error(), psk) && !(errors.As(err, &denied) && retry.IsDenied(denied.Code)) {
		t.Errorf("the error quotes what was sent: %v", err)
	}
}

// The waits between attempts grow, and the end of the context is not waited for.
func TestPauses(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		begun := time.Now()
		var at []time.Duration
		s := service{refuse: func(int, string) *types.BatchResultErrorEntry {
			at = append(at, time.Since(begun))
			return serverFault()
		}}
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		defer cancel()
		err := sqs.NewSender(&s, "url").Send(ctx, entries("a1"))
		want := []time.Duration{0, 100 * time.Millisecond, 300 * time.Millisecond, 700 * time.Millisecond, 1500 * time.Millisecond, 3100 * time.Millisecond, 6300 * time.Millisecond, 9500 * time.Millisecond}
		if !slices.Equal(at, want) || time.Since(begun) != want[len(want)-1] {
			t.Errorf("got attempts at %v, return after %v, want %v", at, time.Since(begun), want)
		}
		if want := "queue: 1 of 1 messages not sent: 1 InternalError"; err == nil || err.Error() != want {
			t.Errorf("got %v, want %s", err, want)
		}
	})
}

func TestSendEnded(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	s := service{fail: func(int, []string) error {
		cancel()
		return fmt.Errorf("request canceled: %w", context.Canceled)
	}}
	err := sqs.NewSender(&s, "url").Send(ctx, entries("a1", "b1"))
	if !errors.Is(err, context.Canceled) || len(s.calls) != 1 {
		t.Errorf("got %v after %d calls", err, len(s.calls))
	}
}

// An answer that leaves an entry out doesn't say that it is in the queue.
func TestForgottenEntry(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	err := sqs.NewSender(silent{}, "url").Send(ctx, entries("a1"))
	checkFailures(t, err, []sqs.Failure{{Index: 0, Code: sqs.NoAnswer}})
}

type silent struct{}

func (silent) SendMessageBatch(context.Context, *awssqs.SendMessageBatchInput, ...func(*awssqs.Options)) (*awssqs.SendMessageBatchOutput, error) {
	return &awssqs.SendMessageBatchOutput{}, nil
}

func TestEntry(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name  string
		entry sqs.Entry
		check func(types.SendMessageBatchRequestEntry) bool
	}{
		{"bare", sqs.Entry{Body: "b"}, func(r types.SendMessageBatchRequestEntry) bool {
			return r.MessageGroupId == nil && r.MessageDeduplicationId == nil && r.DelaySeconds == 0 && r.MessageAttributes == nil
		}},
		{"ordered", sqs.Entry{Body: "b", Group: "g", DeduplicationID: "d"}, func(r types.SendMessageBatchRequestEntry) bool {
			return *r.MessageGroupId == "g" && *r.MessageDeduplicationId == "d"
		}},
		{"delay rounded up", sqs.Entry{Body: "b", Delay: 1001 * time.Millisecond}, func(r types.SendMessageBatchRequestEntry) bool { return r.DelaySeconds == 2 }},
		{"delay too long", sqs.Entry{Body: "b", Delay: time.Hour}, func(r types.SendMessageBatchRequestEntry) bool { return r.DelaySeconds == 900 }},
		{"delay below 0", sqs.Entry{Body: "b", Delay: -time.Hour}, func(r types.SendMessageBatchRequestEntry) bool { return r.DelaySeconds == 0 }},
		{"attributes", sqs.Entry{Body: "b", Attributes: map[string]string{"reason": "bad\x00\uffff\tline\n", "empty": ""}}, func(r types.SendMessageBatchRequestEntry) bool {
			return len(r.MessageAttributes) == 1 && *r.MessageAttributes["reason"].StringValue == "bad\ufffd\ufffd\tline\n" && *r.MessageAttributes["reason"].DataType == "String"
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var s service
			if err := sqs.NewSender(&s, "url").Send(t.Context(), []sqs.Entry{tt.entry}); err != nil {
				t.Fatal(err)
			}
			if !tt.check(s.inputs[0]) {
				t.Errorf("got %+v", s.inputs[0])
			}
		})
	}
}

// hiding plays SQS for visibility.
type hiding struct {
	answer func(call int, receipt string) *types.BatchResultErrorEntry
	fail   error
	calls  []string
	after  int32
}

func (h *hiding) ChangeMessageVisibilityBatch(_ context.Context, in *awssqs.ChangeMessageVisibilityBatchInput, _ ...func(*awssqs.Options)) (*awssqs.ChangeMessageVisibilityBatchOutput, error) {
	call := len(h.calls)
	var receipts []string
	out := &awssqs.ChangeMessageVisibilityBatchOutput{}
	for _, e := range in.Entries {
		receipts = append(receipts, *e.ReceiptHandle)
		h.after = e.VisibilityTimeout
		if h.answer != nil {
			if failed := h.answer(call, *e.ReceiptHandle); failed != nil {
				failed.Id = e.Id
				out.Failed = append(out.Failed, *failed)
				continue
			}
		}
		out.Successful = append(out.Successful, types.ChangeMessageVisibilityBatchResultEntry{Id: e.Id})
	}
	h.calls = append(h.calls, strings.Join(receipts, " "))
	return out, h.fail
}

func TestChangeVisibility(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name     string
		receipts []string
		after    time.Duration
		api      hiding
		calls    string
		seconds  int32
		want     []sqs.Failure
	}{
		{name: "nothing", after: time.Minute},
		{name: "ten at a time", receipts: numbered(11), after: 90 * time.Second, calls: "A0 B1 C2 D3 E4 F5 G6 H7 I8 J9|K10", seconds: 90},
		{name: "rounded up", receipts: []string{"r"}, after: time.Millisecond, calls: "r", seconds: 1},
		{name: "at once", receipts: []string{"r"}, calls: "r"},
		{name: "too long", receipts: []string{"r"}, after: 24 * time.Hour, calls: "r", seconds: 42300},
		{name: "again", receipts: []string{"a", "b"}, after: time.Second, api: hiding{answer: once("b")}, calls: "a b|b", seconds: 1},
		{name: "gone", receipts: []string{"a", "b"}, after: time.Second, api: hiding{answer: func(_ int, r string) *types.BatchResultErrorEntry {
			if r == "a" {
				return &types.BatchResultErrorEntry{Code: aws.String("ReceiptHandleIsInvalid"), SenderFault: true}
			}
			return nil
		}}, calls: "a b", seconds: 1, want: []sqs.Failure{{Index: 0, Code: "ReceiptHandleIsInvalid", Refused: true}}},
		{name: "no permission", receipts: []string{"a"}, after: time.Second, api: hiding{fail: apiError("AccessDenied")}, calls: "a", seconds: 1,
			want: []sqs.Failure{{Index: 0, Code: "AccessDenied"}}},
		{name: "until time is up", receipts: []string{"a", "b"}, after: time.Second, api: hiding{answer: always("a")}, calls: "a b|a|a|a", seconds: 1,
			want: []sqs.Failure{{Index: 0, Code: "InternalError"}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithTimeout(t.Context(), time.Second)
				defer cancel()
				err := sqs.NewConsumer(&tt.api, "url").ChangeVisibility(ctx, tt.receipts, tt.after)
				if got := strings.Join(tt.api.calls, "|"); got != tt.calls || tt.api.after != tt.seconds {
					t.Errorf("got %s for %d s, want %s for %d s", got, tt.api.after, tt.calls, tt.seconds)
				}
				checkFailures(t, err, tt.want)
			})
		})
	}
}

// TestSendInAnyOrder: a batch takes as many of one group as fit, and what fails of them
// keeps no other back.
func TestSendInAnyOrder(t *testing.T) {
	t.Parallel()
	var bodies []string
	for i := range 23 {
		bodies = append(bodies, fmt.Sprintf("a%d", i))
	}
	api := &service{refuse: func(_ int, body string) *types.BatchResultErrorEntry {
		if body == "a1" {
			return senderFault()
		}
		return nil
	}}
	err := sqs.NewSender(api, "url").SendInAnyOrder(t.Context(), entries(bodies...))
	if len(api.calls) != 3 || len(api.taken) != 22 || *api.inputs[0].MessageGroupId != "a" {
		t.Errorf("got %d calls, %d taken", len(api.calls), len(api.taken))
	}
	each := sqs.Errors(err, len(bodies))
	for i := range bodies {
		if failed := each[i] != nil; failed != (i == 1) {
			t.Errorf("%s: got %v", bodies[i], each[i])
		}
	}
	if got := sqs.Errors(nil, 3); got != nil {
		t.Errorf("got %v for none", got)
	}
	if got := sqs.Errors(errors.New("no"), 2); len(got) != 2 || got[0] == nil || got[1] == nil {
		t.Errorf("got %v for an error of something else", got)
	}
}
