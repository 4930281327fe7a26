package state

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

// openKey reads the key of the folder, or makes it at the first start.
func openKey(dir string) ([]byte, error) {
	name := filepath.Join(dir, "key")
	key, err := os.ReadFile(name)
	if errors.Is(err, fs.ErrNotExist) {
		key, err = newKey(dir, name)
	}
	if err != nil {
		return nil, fmt.Errorf("key of the state: %w", err)
	}
	if len(key) != keySize {
		return nil, fmt.Errorf("key of the state: %s has %d bytes, not %d", name, len(key), keySize)
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
