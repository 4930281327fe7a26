//go:build !wasip1

package request

import (
	"crypto/hmac"
	"crypto/sha1"
	"crypto/sha256"
)

var (
	newHMAC   = hmac.New
	newSHA1   = sha1.New
	newSHA256 = sha256.New
	sum256    = sha256.Sum256
)
