// Package bolt keeps the ledger in a bbolt file: the store of one machine.
//
//	db, err := bbolt.Open(path, 0o600, nil)
//	store, err := bolt.New(db)
package bolt

import (
	"context"
	"encoding/json"
	"fmt"

	"go.etcd.io/bbolt"

	"vpnattach/shared/ledger"
)

var bucketName = []byte("ledger")

// Store is a [ledger.Store] in the bucket "ledger" of a bbolt database, which may
// hold other buckets. Each write is on disk when Save returns.
type Store struct{ db *bbolt.DB }

// New makes the bucket if it is not there yet. The database stays the caller's to
// close.
func New(db *bbolt.DB) (*Store, error) {
	err := db.Update(func(tx *bbolt.Tx) error {
		_, err := tx.CreateBucketIfNotExists(bucketName)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("ledger: %w", err)
	}
	return &Store{db}, nil
}

// Load implements [ledger.Store].
func (s *Store) Load(_ context.Context, key ledger.Key) (entry ledger.Entry, err error) {
	err = s.db.View(func(tx *bbolt.Tx) error {
		entry, err = read(tx, key)
		return err
	})
	return entry, err
}

// Save implements [ledger.Store].
func (s *Store) Save(_ context.Context, key ledger.Key, entry ledger.Entry) error {
	return s.db.Update(func(tx *bbolt.Tx) error {
		stored, err := read(tx, key)
		if err != nil {
			return err
		}
		if stored.Version != entry.Version {
			return ledger.ErrConflict
		}
		entry.Version++
		data, err := json.Marshal(entry)
		if err != nil {
			return fmt.Errorf("ledger: encode %s: %w", key, err)
		}
		if err := tx.Bucket(bucketName).Put([]byte(key.String()), data); err != nil {
			return fmt.Errorf("ledger: %w", err)
		}
		return nil
	})
}

func read(tx *bbolt.Tx, key ledger.Key) (entry ledger.Entry, err error) {
	data := tx.Bucket(bucketName).Get([]byte(key.String()))
	if data == nil {
		return entry, nil
	}
	if err := json.Unmarshal(data, &entry); err != nil {
		return entry, fmt.Errorf("ledger: decode %s: %w", key, err)
	}
	return entry, nil
}
