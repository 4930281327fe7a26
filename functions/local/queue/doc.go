// Package queue is a durable queue in groups, as SQS FIFO queues are: messages of
// one group are handed out in order, in batches, and nothing overtakes a message
// that has failed.
//
//	q, err := queue.Open(db, "apply")
//	err = db.Update(func(tx *state.Tx) error {
//		_, err := q.Send(tx, queue.Message{Group: attachment, Body: change})
//		return err
//	})
//	q.Run(ctx, 8, func(batch []queue.Message) (failed []string) { … }, func(batch []queue.Message, err error) { … })
//
// A message stays on disk until a batch with it has come back without it among the
// failed ones, so after a crash it is handed out again: handlers must bear that.
package queue
