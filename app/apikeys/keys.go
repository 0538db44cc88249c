package apikeys

import (
	"errors"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/google/uuid"

	"portico/rbac"
	"portico/tenants"
)

// Errors of making and using keys.
var (
	ErrNoKey   = errors.New("no key that holds here")
	ErrName    = errors.New("a key needs a name of 1 to 80 characters")
	ErrEnd     = errors.New("a key ends within a year, and not before an hour has passed")
	ErrNothing = errors.New("a key needs at least one permission")
	ErrBeyond  = errors.New("a key may not have a permission that its maker has not")
	ErrTooMany = errors.New("as many keys stand already as may")
)

// Bounds of keys.
const (
	longest   = 365 * 24 * time.Hour
	shortest  = time.Hour
	mostKeys  = 50 // of one tenant, or of the platform, that stand
	usedEvery = time.Minute
)

// Keys makes, opens and revokes keys; its fields are its needs.
type Keys struct {
	DB    *tenants.DB
	Guard *rbac.Guard
	Seals tenants.Keyring // names counters of limits
}

// Key is a key without its secret.
type Key struct {
	ID          uuid.UUID
	Name        string
	Account     uuid.UUID // for whom it acts; of one of the platform's, the zero UUID
	Maker       string    // their name, or the actor that made one of the platform's
	Permissions []string  // rbac's, or of one of the platform's, of Scopes
	CreatedAt   time.Time
	EndsAt      time.Time
	UsedAt      time.Time // to the minute; zero: never
	RevokedAt   time.Time // zero: it was not
	Asleep      bool      // its maker is disabled: it opens nothing while they are
}

// Stands tells whether a key may be used at a moment.
func (k Key) Stands(at time.Time) bool { return k.RevokedAt.IsZero() && k.EndsAt.After(at) }

// New is what somebody wants of a key.
type New struct {
	Name        string
	Permissions []string
	EndsAt      time.Time
}

// check tells what cannot be; known are the permissions that there are.
func (n *New) check(now time.Time, known func(string) bool) error {
	n.Name = strings.Join(strings.Fields(n.Name), " ")
	if c := utf8.RuneCountInString(n.Name); !utf8.ValidString(n.Name) || c == 0 || c > 80 ||
		strings.ContainsFunc(n.Name, func(r rune) bool { return !unicode.IsPrint(r) }) {
		return ErrName
	}
	if n.EndsAt.Before(now.Add(shortest)) || n.EndsAt.After(now.Add(longest)) {
		return ErrEnd
	}
	n.Permissions = slices.Compact(slices.Sorted(slices.Values(n.Permissions)))
	if len(n.Permissions) == 0 {
		return ErrNothing
	}
	if slices.ContainsFunc(n.Permissions, func(p string) bool { return !known(p) }) {
		return ErrBeyond
	}
	return nil
}

// Permissions are those that a tenant's key may have: all of the catalogue but those about keys, so that no
// key makes another.
func Permissions() []rbac.Permission {
	return slices.DeleteFunc(rbac.Permissions(), func(p rbac.Permission) bool { return p.Resource() == rbac.KeysEdit.Resource() })
}
