package store

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

const keySize = 32 // AES-256

// openKey reads the key of the folder, or makes it for a state that is empty.
func openKey(dir string, empty bool) ([]byte, error) {
	name := filepath.Join(dir, "key")
	key, err := os.ReadFile(name)
	switch {
	case errors.Is(err, fs.ErrNotExist) && empty:
		key, err = newKey(dir, name)
	case errors.Is(err, fs.ErrNotExist):
		return nil, ErrNoKey
	}
	if err != nil {
		return nil, err
	}
	if len(key) != keySize {
		return nil, fmt.Errorf("the file key has %d bytes, not %d, so values %w", len(key), keySize, errOtherKey)
	}
	return key, nil
}

// newKey writes the key to another name first, so that no crash leaves half of it.
func newKey(dir, name string) ([]byte, error) {
	key := make([]byte, keySize)
	_, _ = rand.Read(key)                    // never fails
	file, err := os.CreateTemp(dir, "key-*") // only its owner can read it
	if err != nil {
		return nil, err
	}
	defer os.Remove(file.Name())
	_, err = file.Write(key)
	if err == nil {
		err = file.Sync()
	}
	if closed := file.Close(); err == nil {
		err = closed
	}
	if err == nil {
		err = os.Rename(file.Name(), name)
	}
	return key, err
}

func newSealer(key []byte) (cipher.AEAD, error) {
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	return cipher.NewGCMWithRandomNonce(block)
}
