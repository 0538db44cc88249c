package proofs

import (
	"crypto/rand"
	"encoding/base32"
	"time"
)

// AppSecret makes a fresh secret for an authenticator app, in base32 as people type it.
func AppSecret() string {
	raw := make([]byte, secretBytes)
	_, _ = rand.Read(raw) // never fails (crypto/rand since Go 1.24)
	return base32.StdEncoding.EncodeToString(raw)
}

// AppStep finds the time step whose code of six digits this is, one step around now (RFC 6238); spaces in it
// do not count. The caller keeps the step: each works once. Nobody's secret, "", costs as much and never fits.
func AppStep(secret, code string, now time.Time) (int64, bool) {
	step, ok := totpStep(secret, plainCode(code), now)
	return step, ok && secret != ""
}
