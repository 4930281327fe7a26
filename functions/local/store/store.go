package store

import (
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/sha256"
	"errors"
	"fmt"
	"hash/crc32"
	"io/fs"
	"os"
	"path/filepath"
	"runtime/debug"
	"sync"
	"syscall"
	"time"

	"go.etcd.io/bbolt"
	bolterrors "go.etcd.io/bbolt/errors"

	"vpnattach/shared/core/secret"
)

// What [Open] can return.
var (
	ErrInUse    = errors.New("another process uses this state")
	ErrDamaged  = errors.New("state.db is damaged; put back a copy of the folder, or remove the folder to start anew, without the changes that wait in it")
	ErrNoKey    = errors.New("the file key is missing, and state.db can't be read without it; put it back, or remove the folder to start anew, without the changes that wait in it")
	ErrLost     = errors.New("state.db is missing or empty, and the file key beside it shows that there was a state; put back a copy of the folder, or remove the folder to start anew, without the changes that waited in it")
	errOtherKey = errors.New("can't be opened with the key beside it; put back the key that belongs to state.db, or remove the folder to start anew, without the changes that wait in it")
)

// lockWait is how long Open waits for a process that is about to end.
const lockWait = time.Second

// DB is an open state. It is safe for concurrent use.
type DB struct {
	bolt *bbolt.DB
	key  []byte
	aead cipher.AEAD

	mu      sync.Mutex
	writing bool
	waiting []*update
}

// Open opens the state in the folder dir, which it makes, readable by its owner
// only, when it is not there. It returns [ErrInUse] when another process has it,
// [ErrDamaged] when not all of it can be read, [ErrNoKey] when there is a state
// without its key, and [ErrLost] when there is a key without its state.
func Open(dir string) (*DB, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("open the state: %w", err)
	}
	if err := checkFiles(dir); err != nil {
		return nil, fmt.Errorf("open the state in %s: %w", dir, err)
	}
	// The lock comes first, so that two processes can't both make a key.
	bolt, empty, err := openFile(filepath.Join(dir, "state.db"))
	if err != nil {
		return nil, fmt.Errorf("open the state in %s: %w", dir, err)
	}
	key, err := openKey(dir, empty)
	if err == nil {
		db := &DB{bolt: bolt, key: key}
		if db.aead, err = newSealer(key); err == nil {
			return db, nil
		}
	}
	return nil, errors.Join(fmt.Errorf("open the state in %s: %w", dir, err), bolt.Close())
}

// checkFiles refuses what bbolt would take for a new database, although there is a key,
// which is made after it, and what is not a file.
func checkFiles(dir string) error {
	found := map[string]fs.FileInfo{}
	for _, name := range []string{"key", "state.db"} { // in this order, as another process makes them in the other
		info, err := os.Stat(filepath.Join(dir, name))
		switch {
		case errors.Is(err, fs.ErrNotExist):
			continue
		case err != nil:
			return err
		case !info.Mode().IsRegular():
			return fmt.Errorf("%s is not a file; remove the folder to start anew, or set STATE_DIR to another", name)
		}
		found[name] = info
	}
	if db := found["state.db"]; found["key"] != nil && (db == nil || db.Size() == 0) {
		return ErrLost
	}
	return nil
}

// openFile opens the database and reads all of it once, since bbolt panics, or
// reads beyond the file, where it is damaged. empty reports that nothing is in it.
func openFile(name string) (bolt *bbolt.DB, empty bool, err error) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		if recover() != nil {
			// The file stays open and locked: closing it might wait for the transaction
			// that the panic has cut off.
			bolt, err = nil, ErrDamaged
		}
	}()
	bolt, err = bbolt.Open(name, 0o600, &bbolt.Options{Timeout: lockWait})
	switch {
	case errors.Is(err, bolterrors.ErrTimeout):
		return nil, false, ErrInUse
	case errors.As(err, new(*fs.PathError)), errors.As(err, new(syscall.Errno)):
		return nil, false, err
	case err != nil: // the system has no objection, so it is what the file holds
		return nil, false, ErrDamaged
	}
	empty = true
	err = bolt.View(func(tx *bbolt.Tx) error {
		return tx.ForEach(func(_ []byte, b *bbolt.Bucket) error {
			empty = false
			return b.ForEach(func(_, value []byte) error {
				_ = crc32.ChecksumIEEE(value) // reads all of it
				return nil
			})
		})
	})
	if err != nil {
		return nil, false, errors.Join(ErrDamaged, bolt.Close())
	}
	return bolt, empty, nil
}

// Close waits for transactions to end and closes the file.
func (db *DB) Close() error { return db.bolt.Close() }

// Bolt is the file itself, for what holds no secrets: what is put into it is not
// sealed. The buckets must be others than those of the transactions here.
func (db *DB) Bolt() *bbolt.DB { return db.bolt }

// Derive makes a key for a purpose, the same one at every start, from the key of
// the state.
func (db *DB) Derive(purpose string) (secret.Secret, error) {
	key, err := hkdf.Key(sha256.New, db.key, nil, "vpnattach "+purpose, keySize)
	if err != nil {
		return secret.Secret{}, fmt.Errorf("store: key for %s: %w", purpose, err)
	}
	return secret.New(string(key)), nil
}

// View runs a transaction that only reads.
func (db *DB) View(run func(*Tx) error) error {
	return safely(func() error {
		return db.bolt.View(func(tx *bbolt.Tx) error { return run(&Tx{tx, db.aead}) })
	})
}

// Tx is a transaction. It must not be used after the function it was given to has
// returned.
type Tx struct {
	bolt *bbolt.Tx
	aead cipher.AEAD
}

// OnCommit calls done once the transaction is on disk, and before the next one runs.
func (tx *Tx) OnCommit(done func()) { tx.bolt.OnCommit(done) }

// Put sets the value of a key, which must not be empty.
func (tx *Tx) Put(bucket, key string, value []byte) error {
	b, err := tx.bolt.CreateBucketIfNotExists([]byte(bucket))
	if err != nil {
		return fmt.Errorf("store: bucket %s: %w", bucket, err)
	}
	if err := b.Put([]byte(key), tx.aead.Seal(nil, nil, value, place(bucket, key))); err != nil {
		return fmt.Errorf("store: put %s/%s: %w", bucket, key, err)
	}
	return nil
}

// Get returns the value of a key; nil for a key that is not there.
func (tx *Tx) Get(bucket, key string) ([]byte, error) {
	b := tx.bolt.Bucket([]byte(bucket))
	if b == nil {
		return nil, nil
	}
	sealed := b.Get([]byte(key))
	if sealed == nil {
		return nil, nil
	}
	return tx.open(bucket, key, sealed)
}

// Delete removes a key, if it is there.
func (tx *Tx) Delete(bucket, key string) error {
	b := tx.bolt.Bucket([]byte(bucket))
	if b == nil {
		return nil
	}
	if err := b.Delete([]byte(key)); err != nil {
		return fmt.Errorf("store: delete %s/%s: %w", bucket, key, err)
	}
	return nil
}

// Each calls each with every key of the bucket, in byte order, until it returns
// an error, which Each returns. The bucket must not be changed meanwhile.
func (tx *Tx) Each(bucket string, each func(key string, value []byte) error) error {
	b := tx.bolt.Bucket([]byte(bucket))
	if b == nil {
		return nil
	}
	return b.ForEach(func(key, sealed []byte) error {
		value, err := tx.open(bucket, string(key), sealed)
		if err != nil {
			return err
		}
		return each(string(key), value)
	})
}

// Backward is Each from the last key to the first.
func (tx *Tx) Backward(bucket string, each func(key string, value []byte) error) error {
	b := tx.bolt.Bucket([]byte(bucket))
	if b == nil {
		return nil
	}
	cursor := b.Cursor()
	for key, sealed := cursor.Last(); key != nil; key, sealed = cursor.Prev() {
		value, err := tx.open(bucket, string(key), sealed)
		if err == nil {
			err = each(string(key), value)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// Len returns how many keys the bucket has.
func (tx *Tx) Len(bucket string) int {
	b := tx.bolt.Bucket([]byte(bucket))
	if b == nil {
		return 0
	}
	return b.Stats().KeyN
}

// Size returns about how many bytes the bucket holds.
func (tx *Tx) Size(bucket string) int {
	b := tx.bolt.Bucket([]byte(bucket))
	if b == nil {
		return 0
	}
	return b.Stats().LeafInuse
}

// Next returns a number that no earlier call for the bucket has returned, and
// that is larger than those.
func (tx *Tx) Next(bucket string) (uint64, error) {
	b, err := tx.bolt.CreateBucketIfNotExists([]byte(bucket))
	if err != nil {
		return 0, fmt.Errorf("store: bucket %s: %w", bucket, err)
	}
	return b.NextSequence()
}

func (tx *Tx) open(bucket, key string, sealed []byte) ([]byte, error) {
	value, err := tx.aead.Open(nil, nil, sealed, place(bucket, key))
	if err != nil {
		return nil, fmt.Errorf("store: %s/%s: %w", bucket, key, errOtherKey)
	}
	return value, nil
}

// place binds a sealed value to where it stands.
func place(bucket, key string) []byte { return []byte(bucket + "/" + key) }
