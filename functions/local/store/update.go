package store

import (
	"fmt"

	"go.etcd.io/bbolt"
)

// update is a transaction that waits to be written.
type update struct {
	run  func(*Tx) error
	done chan error
}

// Update runs a transaction that can write: all of it is on disk when Update
// returns nil, else none.
//
// Transactions run one at a time, and those that have waited for the same one share
// a write to disk, which takes far longer than they do. When one of them fails, each
// is run again by itself, so run must bear to be called twice.
func (db *DB) Update(run func(*Tx) error) error {
	u := &update{run, make(chan error, 1)}
	db.mu.Lock()
	db.waiting = append(db.waiting, u)
	if !db.writing {
		db.writing = true
		go db.write()
	}
	db.mu.Unlock()
	return <-u.done
}

// write runs what waits until nothing does.
func (db *DB) write() {
	for {
		db.mu.Lock()
		all := db.waiting
		db.waiting = nil
		db.writing = len(all) > 0
		db.mu.Unlock()
		if len(all) == 0 {
			return
		}
		db.together(all)
	}
}

func (db *DB) together(all []*update) {
	err := safely(func() error {
		return db.bolt.Update(func(tx *bbolt.Tx) error {
			for _, u := range all {
				if err := safely(func() error { return u.run(&Tx{tx, db.aead}) }); err != nil {
					return err
				}
			}
			return nil
		})
	})
	if err != nil && len(all) > 1 {
		for _, u := range all {
			db.together([]*update{u})
		}
		return
	}
	for _, u := range all {
		u.done <- err
	}
}

// safely keeps a panic of one transaction from the others, and one of a damaged file
// from the process. What it holds is not shown, since that could be anything.
func safely(run func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("store: a transaction panicked with a %T", p)
		}
	}()
	return run()
}
