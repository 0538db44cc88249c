package accounts

import (
	"crypto/pbkdf2"
	"crypto/rand"
	"crypto/sha1" //nolint:gosec // foreign PBKDF2 hashes made with it are verified once, then replaced
	"crypto/sha256"
	"crypto/sha512"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"hash"
	"strconv"
	"strings"

	"golang.org/x/crypto/argon2"
	"golang.org/x/crypto/bcrypt"
	"golang.org/x/crypto/scrypt"
)

// Our own hash: argon2id with OWASP's m=19456 KiB, t=2, p=1, 16-byte salt, 32-byte tag.
const (
	argonMemory = 19456
	argonTime   = 2
	argonLanes  = 1
	argonTag    = 32
	argonSalt   = 16
)

// ErrForeignHash means that an imported hash is of no kind that we verify, or asks for more work than
// we are ready to do.
var ErrForeignHash = errors.New("hash cannot be verified")

var b64 = base64.RawStdEncoding

// hashPassword makes a PHC string of our own kind.
func hashPassword(password string) string {
	salt := make([]byte, argonSalt)
	_, _ = rand.Read(salt) // never fails (crypto/rand since Go 1.24)
	tag := argonTagOf(password, salt)
	return fmt.Sprintf("$argon2id$v=19$m=%d,t=%d,p=%d$%s$%s", argonMemory, argonTime, argonLanes,
		b64.EncodeToString(salt), b64.EncodeToString(tag))
}

// ownHash tells whether a PHC string is as hashPassword makes it now; others are replaced at sign-in.
func ownHash(phc string) bool {
	return strings.HasPrefix(phc, fmt.Sprintf("$argon2id$v=19$m=%d,t=%d,p=%d$", argonMemory, argonTime, argonLanes))
}

// verifyPassword compares a password with a stored hash: argon2id and argon2i, bcrypt, scrypt
// ($scrypt$ln=,r=,p=) and PBKDF2 ($pbkdf2-sha256$i=… or passlib's $pbkdf2-sha256$…, also sha1 and
// sha512). Parameters are bounded before any work, so that a hash from a file cannot take the machine
// down.
func verifyPassword(phc, password string) (bool, error) {
	switch {
	case strings.HasPrefix(phc, "$argon2"):
		return verifyArgon2(phc, password)
	case bcryptHash(phc):
		return verifyBcrypt(phc, password)
	case strings.HasPrefix(phc, "$scrypt$"):
		return verifyScrypt(phc, password)
	case strings.HasPrefix(phc, "$pbkdf2"):
		return verifyPBKDF2(phc, password)
	}
	return false, ErrForeignHash
}

func bcryptHash(phc string) bool {
	return strings.HasPrefix(phc, "$2a$") || strings.HasPrefix(phc, "$2b$") || strings.HasPrefix(phc, "$2y$")
}

// CheckForeign tells whether an imported hash is one that verifyPassword could verify.
func CheckForeign(phc string) error {
	if bcryptHash(phc) {
		cost, err := bcrypt.Cost([]byte(phc))
		if err != nil || cost > 14 {
			return ErrForeignHash
		}
		return nil
	}
	_, err := parsePHC(phc)
	return err
}

// phcHash is $id[$v=19]$params$salt$tag.
type phcHash struct {
	id        string
	params    map[string]int
	salt, tag []byte
}

// bounds of foreign parameters: about two seconds and 256 MiB at the most.
var bounds = map[string]map[string][2]int{
	"argon2id":      {"m": {8, 262144}, "t": {1, 10}, "p": {1, 16}},
	"argon2i":       {"m": {8, 262144}, "t": {1, 10}, "p": {1, 16}},
	"scrypt":        {"ln": {1, 18}, "r": {1, 16}, "p": {1, 16}},
	"pbkdf2":        {"i": {1, 5_000_000}},
	"pbkdf2-sha1":   {"i": {1, 5_000_000}},
	"pbkdf2-sha256": {"i": {1, 5_000_000}},
	"pbkdf2-sha512": {"i": {1, 5_000_000}},
}

// bearable bounds what the parameters cost together: scrypt's r·N is its memory (128 bytes each) and
// r·N·p its work; PBKDF2 repeats its iterations for every block of the tag.
func (h phcHash) bearable() bool {
	switch {
	case h.id == "scrypt":
		blocks := h.params["r"] << h.params["ln"]
		return blocks <= 1<<21 && blocks*h.params["p"] <= 1<<22
	case strings.HasPrefix(h.id, "pbkdf2"):
		size := pbkdf2Digests[h.id]().Size()
		return h.params["i"]*((len(h.tag)+size-1)/size) <= 5_000_000
	}
	return true
}

var pbkdf2Digests = map[string]func() hash.Hash{
	"pbkdf2": sha1.New, "pbkdf2-sha1": sha1.New, "pbkdf2-sha256": sha256.New, "pbkdf2-sha512": sha512.New,
}

func parsePHC(s string) (phcHash, error) {
	parts := strings.Split(s, "$")
	if len(s) > 1024 || len(parts) < 5 || parts[0] != "" {
		return phcHash{}, ErrForeignHash
	}
	h := phcHash{id: parts[1], params: map[string]int{}}
	rest := parts[2:]
	if strings.HasPrefix(rest[0], "v=") {
		if rest[0] != "v=19" {
			return phcHash{}, fmt.Errorf("%w: version %s", ErrForeignHash, rest[0])
		}
		rest = rest[1:]
	}
	limits, known := bounds[h.id]
	if !known || len(rest) != 3 {
		return phcHash{}, ErrForeignHash
	}
	for _, p := range strings.Split(rest[0], ",") {
		name, value, named := strings.Cut(p, "=")
		if !named && strings.HasPrefix(h.id, "pbkdf2") { // passlib: $pbkdf2-sha256$29000$…
			name, value = "i", p
		}
		n, err := strconv.Atoi(value)
		limit, ok := limits[name]
		if err != nil || !ok || n < limit[0] || n > limit[1] {
			return phcHash{}, fmt.Errorf("%w: parameter %q", ErrForeignHash, p)
		}
		h.params[name] = n
	}
	if len(h.params) != len(limits) {
		return phcHash{}, fmt.Errorf("%w: parameters missing", ErrForeignHash)
	}
	var err error
	if h.salt, err = decode64(rest[1]); err != nil || len(h.salt) > 128 {
		return phcHash{}, fmt.Errorf("%w: salt", ErrForeignHash)
	}
	if h.tag, err = decode64(rest[2]); err != nil || len(h.tag) < 16 || len(h.tag) > 128 {
		return phcHash{}, fmt.Errorf("%w: tag", ErrForeignHash)
	}
	if !h.bearable() {
		return phcHash{}, fmt.Errorf("%w: it asks for too much work", ErrForeignHash)
	}
	return h, nil
}

// decode64 accepts the spellings of base64 that hash libraries write: with and without padding, and
// passlib's "." for "+".
func decode64(s string) ([]byte, error) {
	s = strings.ReplaceAll(strings.TrimRight(s, "="), ".", "+")
	return b64.DecodeString(s)
}

func verifyArgon2(phc, password string) (bool, error) {
	h, err := parsePHC(phc)
	if err != nil {
		return false, err
	}
	if ownHash(phc) && len(h.tag) == argonTag {
		return subtle.ConstantTimeCompare(argonTagOf(password, h.salt), h.tag) == 1, nil
	}
	key := argon2.IDKey
	if h.id == "argon2i" {
		key = argon2.Key
	}
	//nolint:gosec // the parameters are bounded by parsePHC
	got := key([]byte(password), h.salt, uint32(h.params["t"]), uint32(h.params["m"]), uint8(h.params["p"]), uint32(len(h.tag)))
	return subtle.ConstantTimeCompare(got, h.tag) == 1, nil
}

// verifyBcrypt refuses more than 72 bytes after the work, since bcrypt compares the first 72 alone
// (security.md F12).
func verifyBcrypt(phc, password string) (bool, error) {
	if err := CheckForeign(phc); err != nil {
		return false, err
	}
	short := password
	if len(short) > 72 {
		short = short[:72]
	}
	err := bcrypt.CompareHashAndPassword([]byte(phc), []byte(short))
	if err != nil && !errors.Is(err, bcrypt.ErrMismatchedHashAndPassword) {
		return false, fmt.Errorf("%w: %w", ErrForeignHash, err)
	}
	return err == nil && len(password) <= 72, nil
}

func verifyScrypt(phc, password string) (bool, error) {
	h, err := parsePHC(phc)
	if err != nil {
		return false, err
	}
	got, err := scrypt.Key([]byte(password), h.salt, 1<<h.params["ln"], h.params["r"], h.params["p"], len(h.tag))
	if err != nil {
		return false, fmt.Errorf("%w: %w", ErrForeignHash, err)
	}
	return subtle.ConstantTimeCompare(got, h.tag) == 1, nil
}

func verifyPBKDF2(phc, password string) (bool, error) {
	h, err := parsePHC(phc)
	if err != nil {
		return false, err
	}
	got, err := pbkdf2.Key(pbkdf2Digests[h.id], password, h.salt, h.params["i"], len(h.tag))
	if err != nil {
		return false, fmt.Errorf("%w: %w", ErrForeignHash, err)
	}
	return subtle.ConstantTimeCompare(got, h.tag) == 1, nil
}
