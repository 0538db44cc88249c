package apikeys

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"hash/crc32"
	"strings"

	"github.com/google/uuid"
)

// What a key opens, as its text says it.
const (
	OfTenant   = "tenant"
	OfPlatform = "platform"
)

const (
	prefix       = "portico_"
	secretLength = 43 // characters of 32 bytes in base64url
	sumLength    = 8  // hexadecimal digits of CRC-32 (IEEE)
)

// parsed is what the text of a key says.
type parsed struct {
	opens string
	id    uuid.UUID
	hash  [sha256.Size]byte // of the secret
}

// newText makes a key's text and the hash that is kept of it:
// portico_<tenant|platform>_<id, 32 hexadecimal digits>_<secret, 43 characters of base64url><CRC-32, 8 hexadecimal digits>.
func newText(opens string, id uuid.UUID) (text string, hash []byte) {
	var b [32]byte
	_, _ = rand.Read(b[:]) // never fails (crypto/rand since Go 1.24)
	secret := base64.RawURLEncoding.EncodeToString(b[:])
	sum := sha256.Sum256([]byte(secret))
	text = prefix + opens + "_" + hex.EncodeToString(id[:]) + "_" + secret
	return text + checkSum(text), sum[:]
}

func checkSum(text string) string { return fmt.Sprintf("%08x", crc32.ChecksumIEEE([]byte(text))) }

// parse reads the text of a key; false for whatever is none, without asking anybody.
func parse(text string) (p parsed, ok bool) {
	body, ok := strings.CutPrefix(text, prefix)
	if !ok || len(text) > 160 {
		return p, false
	}
	p.opens, body, ok = strings.Cut(body, "_")
	if !ok || p.opens != OfTenant && p.opens != OfPlatform {
		return p, false
	}
	if len(body) != 32+1+secretLength+sumLength || body[32] != '_' || strings.ToLower(body[:32]) != body[:32] {
		return p, false
	}
	if n, err := hex.Decode(p.id[:], []byte(body[:32])); err != nil || n != 16 {
		return p, false
	}
	if split := len(text) - sumLength; checkSum(text[:split]) != text[split:] {
		return p, false
	}
	p.hash = sha256.Sum256([]byte(body[33 : 33+secretLength]))
	return p, true
}
