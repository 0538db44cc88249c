package accounts

import (
	"crypto/rand"
	"encoding/base64"
)

// newSecret makes 32 random bytes as 43 base64url characters: session ids, device ids, link tokens.
func newSecret() string {
	b := make([]byte, 32)
	_, _ = rand.Read(b) // never fails (crypto/rand since Go 1.24)
	return base64.RawURLEncoding.EncodeToString(b)
}
