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

// longestTimeout is less than the 12 hours that SQS allows: those count from when the
// message was received, up to 15 minutes ago, the time that a function can run.
const longestTimeout = 12*time.Hour - 15*time.Minute

// VisibilityAPI is what a Consumer needs of [sqs.Client].
type VisibilityAPI interface {
	ChangeMessageVisibilityBatch(context.Context, *sqs.ChangeMessageVisibilityBatchInput, ...func(*sqs.Options)) (*sqs.ChangeMessageVisibilityBatchOutput, error)
}

// Consumer changes the visibility timeout of messages received from one queue. It is safe for concurrent use.
type Consumer struct {
	api VisibilityAPI
	url string
}

// NewConsumer returns a Consumer for the queue with this URL.
func NewConsumer(api VisibilityAPI, url string) *Consumer { return &Consumer{api, url} }

// ChangeVisibility hides received messages, given by their receipt handles, for that
// time: whole seconds, rounded up, 11 hours and 45 minutes at most. Failures of the service
// are retried until the context is about to end. The error is an [*Error]; the messages
// that it names come back after the queue's own visibility timeout.
func (c *Consumer) ChangeVisibility(ctx context.Context, receipts []string, after time.Duration) error {
	timeout := seconds(after, longestTimeout)
	var gone, open []Failure
	var call *retry.Error
	remaining := make([]int, len(receipts))
	for i := range remaining {
		remaining[i] = i
	}
	for attempt := 0; len(remaining) > 0; attempt++ {
		permanent := false
		waiting := remaining
		remaining, open = nil, nil
		for len(waiting) > 0 {
			batch := waiting[:min(maxEntries, len(waiting))]
			waiting = waiting[len(batch):]
			o := c.changeBatch(ctx, receipts, batch, timeout)
			permanent = permanent || o.permanent
			if o.call != nil {
				call = o.call
			}
			for _, f := range o.failures {
				if f.Refused {
					gone = append(gone, f)
				} else {
					open = append(open, f)
					remaining = append(remaining, f.Index)
				}
			}
		}
		if len(remaining) == 0 || permanent || !retry.Pause(ctx, attempt) {
			break
		}
	}
	return newError("hidden", len(receipts), call, append(gone, open...))
}

// changeBatch makes one call.
func (c *Consumer) changeBatch(ctx context.Context, receipts []string, batch []int, timeout int32) callResult {
	in := &sqs.ChangeMessageVisibilityBatchInput{QueueUrl: &c.url}
	for i, n := range batch {
		in.Entries = append(in.Entries, types.ChangeMessageVisibilityBatchRequestEntry{
			Id: aws.String(strconv.Itoa(i)), ReceiptHandle: &receipts[n], VisibilityTimeout: timeout,
		})
	}
	out, err := c.api.ChangeMessageVisibilityBatch(ctx, in)
	if err != nil {
		return unanswered(batch, retry.Of(err))
	}
	done := make(map[string]bool, len(batch))
	for i := range out.Successful {
		done[aws.ToString(out.Successful[i].Id)] = true
	}
	return answered(batch, done, out.Failed)
}
