package proofs

import (
	"context"
	"errors"
	"fmt"
	"time"

	"portico/app/accounts"
	"portico/app/letters"
	"portico/tenants"
)

// Proofs does the work of this package; its fields are its needs.
type Proofs struct {
	DB      *tenants.DB
	Seals   tenants.Keyring // contacts, secrets, codes
	Peppers tenants.Keyring // answers
	Hasher  *accounts.Hasher
	Outbox  *letters.Outbox
}

// ErrEnded means that there is no challenge to answer: it was used, replaced, has run out of tries or of
// time, or never was this subject's.
var ErrEnded = errors.New("no such challenge")

// ErrUnknown means a name that is no proof here.
var ErrUnknown = errors.New("no such proof")

// TooSoonError means that a code was sent a moment ago; At is when the next may be.
type TooSoonError struct{ At time.Time }

func (e *TooSoonError) Error() string { return fmt.Sprintf("the next code may go at %s", e.At) }

// Proof is one way to show that it is you.
type Proof interface {
	// Kind names it and its family: two proofs of one family never make two gates.
	Kind() tenants.ProofKind
	// Describe is the contact as it may be shown: masked, or "" where there is none.
	Describe(r Registered) string
	// Start adds what has to leave and what has to be kept to the work's batch.
	Start(w *Work) error
	// Check compares what was given, outside of any transaction. A right answer that can be given once
	// comes with the statement that spends it.
	Check(ctx context.Context, w *Work, g Given) (Verdict, error)
}

// Given is what somebody typed: a code, or the answers in the order in which they were asked.
type Given struct {
	Code    string
	Answers []string
}

// Verdict is what Check found. Spend, where there is one, must touch exactly one row.
type Verdict struct {
	Right bool
	Spend func(b *tenants.Batch, s *tenants.Scope, n *int64)
}

// Work is one challenge on its way: for whom, by which registered proof, in which words.
type Work struct {
	Tenant  *tenants.Tenant
	Person  accounts.Person // zero: nobody, whose challenge must cost what anybody's costs
	Held    Registered      // zero: nobody's
	Subject string          // "flow:<uuid>", "session:<uuid>", "signin:<uuid>"
	For     string          // recovery, register, signin: which words go with a code
	Locale  string
	Decoy   []byte // shapes what nobody is asked

	challenge Challenge
	p         *Proofs
	s         *tenants.Scope
	b         *tenants.Batch
}

// ByName finds a proof by its name in gates.methods_use; ErrUnknown for passkeys, which come later.
func ByName(name string) (Proof, error) {
	kind, ok := tenants.ProofOf(name)
	if !ok {
		return nil, fmt.Errorf("%w: %q", ErrUnknown, name)
	}
	switch name {
	case "email_link":
		return mailedLink{kind}, nil
	case "email_code":
		return mailedCode{kind}, nil
	case "sms_mobile":
		return textMessage{kind}, nil
	case "voice_mobile":
		return callMobile{kind}, nil
	case "voice_office":
		return callOffice{kind}, nil
	case "security_questions":
		return questions{kind}, nil
	case "totp":
		return authenticator{kind}, nil
	case "recovery_code":
		return recoveryCode{kind}, nil
	}
	return nil, fmt.Errorf("%w: %q", ErrUnknown, name)
}
