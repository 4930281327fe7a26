package rotate

import (
	"crypto/rand"

	"vpnattach/shared/core/secret"
)

// Draw makes a key as a Handler does.
func Draw() secret.Secret {
	key, err := draw(rand.Read)
	if err != nil {
		panic(err)
	}
	return key
}
