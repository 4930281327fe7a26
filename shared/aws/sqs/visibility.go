package sqs

import (
	"context"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"vpnattach/shared/aws/retry"
)

// longestHidden is less than the 12 hours that SQS allows: those count from when the
// message was received, which is up to the 15 minutes ago that a function can run.
const longestHidden = 12*time.Hour - 15*time.Minute

// HideAPI is what a Hider needs of [sqs.Client].
type HideAPI interface {
	ChangeMessageVisibilityBatch(context.Context, *sqs.ChangeMessageVisibilityBatchInput, ...func(*sqs.Options)) (*sqs.ChangeMessageVisibilityBatchOutput, error)
}

// Hider puts off deliveries from one queue. It is safe for concurrent use.
type Hider struct {
	api HideAPI
	url string
}

// NewHider returns a Hider for the queue with this URL.
func NewHider(api HideAPI, url string) *Hider { return &Hider{api, url} }

// Hide keeps received messages, given by their receipt handles, from being delivered
// again before that time is over: whole seconds, rounded up, 11 hours and 45 minutes
// at most. What fails for a reason of the service is tried again until the context is
// about to end. The error is an [*Error]; the messages that it names come back after
// the queue's own visibility timeout.
func (h *Hider) Hide(ctx context.Context, receipts []string, after time.Duration) error {
	hidden := seconds(after, longestHidden)
	var gone, open []Failure
	var call *retry.Error
	left := make([]int, len(receipts))
	for i := range left {
		left[i] = i
	}
	for attempt := 0; len(left) > 0; attempt++ {
		hopeless := false
		waiting := left
		left, open = nil, nil
		for len(waiting) > 0 {
			batch := waiting[:min(maxEntries, len(waiting))]
			waiting = waiting[len(batch):]
			o := h.hide(ctx, receipts, batch, hidden)
			hopeless = hopeless || o.hopeless
			if o.call != nil {
				call = o.call
			}
			for _, f := range o.failures {
				if f.Refused {
					gone = append(gone, f)
				} else {
					open = append(open, f)
					left = append(left, f.Index)
				}
			}
		}
		if len(left) == 0 || hopeless || !retry.Pause(ctx, attempt) {
			break
		}
	}
	return newError("hidden", len(receipts), call, append(gone, open...))
}

// hide makes one call.
func (h *Hider) hide(ctx context.Context, receipts []string, batch []int, hidden int32) outcome {
	in := &sqs.ChangeMessageVisibilityBatchInput{QueueUrl: &h.url}
	for i, n := range batch {
		in.Entries = append(in.Entries, types.ChangeMessageVisibilityBatchRequestEntry{
			Id: aws.String(strconv.Itoa(i)), ReceiptHandle: &receipts[n], VisibilityTimeout: hidden,
		})
	}
	out, err := h.api.ChangeMessageVisibilityBatch(ctx, in)
	if err != nil {
		return unanswered(batch, retry.Of(err))
	}
	done := make(map[string]bool, len(batch))
	for i := range out.Successful {
		done[aws.ToString(out.Successful[i].Id)] = true
	}
	return answered(batch, done, out.Failed)
}
