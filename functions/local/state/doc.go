// Package state is what one machine must not forget: a bbolt file in which every
// value is sealed, because queued changes and the emulated attachments hold
// pre-shared keys.
//
//	db, err := state.Open(".state")
//	err = db.Update(func(tx *state.Tx) error {
//		return tx.Put("queue", id, message)
//	})
//
// Values are sealed with AES-256-GCM under a random key that stands beside them
// in the file "key", which only its owner can read. That keeps them out of backups
// of the state alone, support bundles and search tools; it is no protection from
// whoever may read the whole folder. Keys of the database are in clear and must not
// hold secrets.
package state
