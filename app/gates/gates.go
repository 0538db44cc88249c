package gates

import (
	"errors"
	"fmt"
	"time"

	"portico/app/accounts"
	"portico/app/phones"
	"portico/app/proofs"
	"portico/tenants"
)

// Gates does the work of this package; its fields are its needs.
type Gates struct {
	DB       *tenants.DB
	Seals    tenants.Keyring // names of counters
	Accounts *accounts.Accounts
	Proofs   *proofs.Proofs
	Phones   *phones.Book
}

// Goals of a recovery.
const (
	Reset  = "reset"
	Unlock = "unlock"
)

// ErrEnded is the one answer to a flow that is over, somebody else's, or never was, and to a step that is
// not its next.
var ErrEnded = errors.New("this recovery is over")

// BlockedError means that codes and answers are refused for this account from this client; Until is when
// that ends.
type BlockedError struct{ Until time.Time }

func (e *BlockedError) Error() string { return fmt.Sprintf("blocked until %s", e.Until) }

// WrongError means that a code or an answer was not right. Left is how many tries there still are; 0 means
// that another code, or other questions, must be asked for.
type WrongError struct{ Left int }

func (e *WrongError) Error() string { return fmt.Sprintf("wrong, %d left", e.Left) }

// ErrCodeEnded means that the code has run out of time or tries: another one must be asked for.
var ErrCodeEnded = errors.New("this code has ended")

// ErrMismatch means that the number or address typed is not the one registered.
var ErrMismatch = errors.New("not the contact on record")

// UnavailableError means that this way cannot be used now (budget, a stopped or dead provider); the others
// can. RetryAt may be zero.
type UnavailableError struct {
	Why     string // too_often, over_budget, stopped, down
	RetryAt time.Time
}

func (e *UnavailableError) Error() string { return "this way is not available: " + e.Why }

// The bounds of security.md 4.2, whatever a policy says: wrong codes in a flow, wrong draws of questions in
// a flow, wrong codes a day for one account from all strangers together.
const (
	wrongPerFlow   = 10
	wrongDraws     = 3
	strangersADay  = 30
	startsAnHour   = 5 // of one way, where throttle.method_use is off
	defaultSession = 15 * time.Minute
)

func sessionLife(p tenants.Policy) time.Duration {
	if d := p.Gates.SessionTTL.Std(); d > 0 {
		return d
	}
	return defaultSession
}
