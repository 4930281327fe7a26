// Package store is what survives a restart of one machine: a bbolt file in which every
// value is sealed, because queued changes and the emulated attachments hold pre-shared
// keys, and in it durable queues.
//
//	db, err := store.Open(".state")
//	err = db.Update(func(tx *store.Tx) error {
//		return tx.Put("outcomes", id, outcome)
//	})
//
// Values are sealed with AES-256-GCM under a random key that stands beside them
// in the file "key", which only its owner can read. That keeps them out of backups
// of the file alone, support bundles and search tools; it does not protect from
// a person who may read the whole folder. Keys of the database are in clear and must not
// hold secrets.
//
// # Queues
//
// A [Queue] is in groups, as SQS FIFO queues are: messages of one group are handed out
// in order, in batches, and nothing overtakes a message that has failed.
//
//	q, err := store.OpenQueue(db, "apply")
//	err = db.Update(func(tx *store.Tx) error {
//		_, err := q.Send(tx, store.Message{Group: attachment, Body: change})
//		return err
//	})
//	q.Run(ctx, 8, func(batch []store.Message) (failed []string) { … }, func(batch []store.Message, err error) { … })
//
// A message stays on disk until a batch with it has come back without it among the
// failed ones, so after a crash it is handed out again: handlers must bear that.
package store
