// Package sqs sends messages to an Amazon SQS queue, and puts off the next
// delivery of received ones.
//
//	changes := sqs.NewSender(awssqs.NewFromConfig(config), url)
//	err := changes.Send(ctx, []sqs.Entry{{Body: body, Group: id, DeduplicationID: hash}})
//
// Both go in batches, and a batch can fail in parts: what failed is sent again while
// there is time, what succeeded is not. In a group of a FIFO queue nothing overtakes
// an entry that failed. For that, a batch holds one entry of each group at most:
// were there two, the service could take the second and not the first.
//
// A Sender needs sqs:SendMessage, a Consumer sqs:ChangeMessageVisibility, and each
// nothing else. No error holds a body, an attribute or a receipt.
package sqs
