// Package sqs sends messages to an Amazon SQS queue, and changes the visibility
// timeout of received ones.
//
//	changes := sqs.NewSender(awssqs.NewFromConfig(config), url)
//	err := changes.Send(ctx, []sqs.Entry{{Body: body, Group: id, DeduplicationID: hash}})
//
// Both go in batches, and a batch can fail in parts: the failed entries are retried
// while there is time. In a group of a FIFO queue nothing overtakes
// an entry that failed. So a batch holds one entry of each group at most: of two, the
// service could accept the second and not the first.
//
// A Sender needs sqs:SendMessage, a Consumer sqs:ChangeMessageVisibility, and each
// nothing else. No error holds a body, an attribute or a receipt.
package sqs
