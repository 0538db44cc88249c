package tenants

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"regexp"
	"strings"
)

// ErrSealed means that sealed bytes could not be opened: wrong key, tenant, purpose or row, or altered.
var ErrSealed = errors.New("sealed bytes could not be opened")

// Keyring seals and authenticates with named keys. The first key is current; the others still open
// what they sealed, so a key can be changed without downtime.
type Keyring struct {
	ids  []string
	keys map[string][]byte
}

var keyID = regexp.MustCompile(`^[a-z0-9]{1,16}$`)

// ParseKeyring reads a list `id:base64[,id:base64…]`; every key has at least 32 bytes. Placeholders
// (all bytes alike) are refused.
func ParseKeyring(list string) (Keyring, error) {
	k := Keyring{keys: map[string][]byte{}}
	for _, item := range strings.FieldsFunc(list, func(r rune) bool { return r == ',' || r == ' ' || r == '\n' }) {
		id, encoded, ok := strings.Cut(item, ":")
		if !ok || !keyID.MatchString(id) {
			return Keyring{}, errors.New("each key is id:base64, the id of lower-case letters and digits")
		}
		key, err := base64.StdEncoding.DecodeString(encoded)
		if err != nil {
			return Keyring{}, fmt.Errorf("key %q is not base64", id)
		}
		if len(key) < 32 {
			return Keyring{}, fmt.Errorf("key %q has %d bytes, at least 32 are needed", id, len(key))
		}
		if strings.Count(string(key), string(key[:1])) == len(key) {
			return Keyring{}, fmt.Errorf("key %q is a placeholder", id)
		}
		if _, twice := k.keys[id]; twice {
			return Keyring{}, fmt.Errorf("key id %q stands twice", id)
		}
		k.ids = append(k.ids, id)
		k.keys[id] = key
	}
	if len(k.ids) == 0 {
		return Keyring{}, errors.New("no key given")
	}
	return k, nil
}

// Current is the id of the key that seals now.
func (k Keyring) Current() string { return k.ids[0] }

// Has tells whether the ring holds a key of this id.
func (k Keyring) Has(id string) bool { _, ok := k.keys[id]; return ok }

// KeyOf reads the id of the key that sealed, for reports before a key is retired.
func KeyOf(sealed []byte) string {
	if len(sealed) < 1 || len(sealed) < 1+int(sealed[0]) {
		return ""
	}
	return string(sealed[1 : 1+int(sealed[0])])
}

// Seal encrypts plain with AES-256-GCM under HKDF(current key, purpose, tenant), bound to the row that
// it belongs to: key id length, key id, nonce, ciphertext.
func (k Keyring) Seal(purpose string, tenant ID, row string, plain []byte) []byte {
	id := k.ids[0]
	aead := k.aead(id, purpose, tenant)
	out := append([]byte{byte(len(id))}, id...)
	nonce := make([]byte, aead.NonceSize())
	_, _ = rand.Read(nonce) // never fails (crypto/rand since Go 1.24)
	out = append(out, nonce...)
	return aead.Seal(out, nonce, plain, []byte(row))
}

// Open is the inverse of Seal; anything that does not fit is ErrSealed.
func (k Keyring) Open(purpose string, tenant ID, row string, sealed []byte) ([]byte, error) {
	id := KeyOf(sealed)
	if _, ok := k.keys[id]; !ok {
		return nil, fmt.Errorf("%w: unknown key", ErrSealed)
	}
	aead := k.aead(id, purpose, tenant)
	rest := sealed[1+len(id):]
	if len(rest) < aead.NonceSize() {
		return nil, fmt.Errorf("%w: too short", ErrSealed)
	}
	plain, err := aead.Open(nil, rest[:aead.NonceSize()], rest[aead.NonceSize():], []byte(row))
	if err != nil {
		return nil, ErrSealed
	}
	return plain, nil
}

// MAC authenticates parts (each prefixed by its length) for a purpose and a tenant with the current key.
func (k Keyring) MAC(purpose string, tenant ID, parts ...string) []byte {
	return k.mac(k.ids[0], purpose, tenant, parts)
}

// MACs is MAC with every key of the ring, the current one first: for finding what an older key named.
func (k Keyring) MACs(purpose string, tenant ID, parts ...string) [][]byte {
	macs := make([][]byte, 0, len(k.ids))
	for _, id := range k.ids {
		macs = append(macs, k.mac(id, purpose, tenant, parts))
	}
	return macs
}

// CheckMAC compares in constant time, with every key of the ring.
func (k Keyring) CheckMAC(mac []byte, purpose string, tenant ID, parts ...string) bool {
	ok := false
	for _, id := range k.ids {
		if hmac.Equal(mac, k.mac(id, purpose, tenant, parts)) {
			ok = true
		}
	}
	return ok
}

func (k Keyring) mac(id, purpose string, tenant ID, parts []string) []byte {
	h := hmac.New(sha256.New, k.keys[id])
	part := func(p string) {
		h.Write([]byte{byte(len(p) >> 16), byte(len(p) >> 8), byte(len(p))})
		h.Write([]byte(p))
	}
	part("portico mac v1")
	part(purpose)
	h.Write(tenant[:])
	for _, p := range parts {
		part(p)
	}
	return h.Sum(nil)
}

func (k Keyring) aead(id, purpose string, tenant ID) cipher.AEAD {
	key, err := hkdf.Key(sha256.New, k.keys[id], tenant[:], "portico seal v1 "+purpose, 32)
	if err != nil {
		panic("hkdf: " + err.Error()) // only for lengths beyond 255 hashes
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		panic("aes: " + err.Error()) // only for wrong key lengths
	}
	aead, err := cipher.NewGCM(block)
	if err != nil {
		panic("gcm: " + err.Error())
	}
	return aead
}
