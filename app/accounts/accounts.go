package accounts

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"portico/app/letters"
	"portico/tenants"
)

// Accounts does the work of this package; its fields are its needs.
type Accounts struct {
	DB      *tenants.DB
	Seals   tenants.Keyring // links in cookies, limit keys
	Peppers tenants.Keyring // password hashes
	Hasher  *Hasher
	Outbox  *letters.Outbox
}

// ErrWrong is the one answer to a sign-in that did not work, whatever the reason: unknown, wrong,
// locked, disabled, signs in elsewhere.
var ErrWrong = errors.New("sign-in refused")

// LockedError tells a device of the owner's that the account is locked; strangers get ErrWrong.
type LockedError struct{ Until time.Time } // zero: until unlocked by mail

func (e *LockedError) Error() string { return fmt.Sprintf("locked until %s", e.Until) }

// LimitError means too many tries from one address.
type LimitError struct {
	RetryAt  time.Time
	Solvable bool // with a solved CAPTCHA the same try may go on at once (decisions.md 21)
}

func (e *LimitError) Error() string { return fmt.Sprintf("too many tries until %s", e.RetryAt) }

// LinkError explains a mailed link that does not work (any more).
type LinkError struct {
	Reason string // replaced, used, expired, revoked, unknown
	At     time.Time
}

func (e *LinkError) Error() string { return "link " + e.Reason }

// PasswordError lists the rules that a new password breaks.
type PasswordError struct{ Broken []Rule }

func (e *PasswordError) Error() string { return fmt.Sprintf("password breaks %d rules", len(e.Broken)) }

// reason names the broken rules for the audit; the words that were found stay out of it.
func (e *PasswordError) reason() string {
	names := make([]string, len(e.Broken))
	for i, r := range e.Broken {
		names[i] = r.Name
	}
	return strings.Join(names, " ")
}
