package accounts

import (
	"errors"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/idna"
	"golang.org/x/text/secure/precis"
	"golang.org/x/text/unicode/norm"
)

// Kinds of identifiers.
const (
	Email    = "email"
	Username = "username"
	UserID   = "user_id"
)

// ErrBadIdentifier means that a text cannot be an identifier of its kind.
var ErrBadIdentifier = errors.New("not an identifier of this kind")

// KeysOf is what a typed text may name somebody by: its key as an identifier of each kind that it can be.
func KeysOf(typed string) map[string]string {
	keys := map[string]string{}
	for _, kind := range []string{Email, Username, UserID} {
		if norm, err := Normalize(kind, typed); err == nil {
			keys[kind] = norm
		}
	}
	return keys
}

// Normalize makes the one key under which an identifier of a kind is stored and looked up. Everything
// that compares identifiers compares these keys, byte by byte.
func Normalize(kind, typed string) (string, error) {
	typed = strings.TrimSpace(typed)
	if kind == Email {
		return NormalizeEmail(typed)
	}
	return NormalizeUsername(typed)
}

// NormalizeEmail folds the local part to lower case when it is all ASCII and leaves its bytes alone
// otherwise (Go and PostgreSQL fold Kelvin and dotted İ differently: security.md F13); the domain goes
// through IDNA. Addresses over 254 bytes, with control characters, quotes or spaces are refused.
func NormalizeEmail(typed string) (string, error) {
	at := strings.LastIndexByte(typed, '@')
	if at < 1 || at == len(typed)-1 || len(typed) > 254 || !utf8.ValidString(typed) {
		return "", ErrBadIdentifier
	}
	local, domain := typed[:at], typed[at+1:]
	if len(local) > 64 || strings.ContainsAny(local, "@\"<>()[]:;,\\ ") || local[0] == '.' ||
		strings.HasSuffix(local, ".") || strings.Contains(local, "..") {
		return "", ErrBadIdentifier
	}
	ascii := true
	for _, r := range local {
		if unicode.IsControl(r) || unicode.IsSpace(r) || unicode.Is(unicode.Cf, r) {
			return "", ErrBadIdentifier
		}
		ascii = ascii && r < utf8.RuneSelf
	}
	if ascii {
		local = strings.ToLower(local)
	}
	domain, err := idna.Lookup.ToASCII(domain)
	domain = strings.TrimSuffix(domain, ".") // after the mapping, which makes dots of other full stops
	if err != nil || !strings.Contains(domain, ".") || strings.Contains("."+domain+".", "..") || len(domain) > 253 {
		return "", ErrBadIdentifier
	}
	return local + "@" + domain, nil
}

// NormalizeUsername applies PRECIS UsernameCaseMapped (RFC 8265) to user names and user ids; at most
// 128 bytes.
func NormalizeUsername(typed string) (string, error) {
	if len(typed) > 128 {
		return "", ErrBadIdentifier
	}
	name, err := precis.UsernameCaseMapped.String(typed)
	if err != nil || name == "" {
		return "", ErrBadIdentifier
	}
	return name, nil
}

// lookUpKey is Normalize for what a stranger typed: a text that cannot be an identifier becomes a key
// that nobody has, so that it costs the same look-up.
func lookUpKey(kind, typed string) string {
	key, err := Normalize(kind, typed)
	if err != nil {
		return "\x01" // no identifier has a control character
	}
	return key
}

// nfc is how passwords are normalised before hashing and checking (NIST SP 800-63B-4 §3.1.1.2).
func nfc(password string) string { return norm.NFC.String(password) }
