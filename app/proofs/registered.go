package proofs

import (
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"

	"portico/app/accounts"
	"portico/tenants"
)

// Kinds of registered proofs, as gates.methods_register names them.
const (
	AuthPhone     = "auth_phone"
	OfficePhone   = "office_phone"
	AuthEmail     = "auth_email"
	Questions     = "security_questions"
	Authenticator = "totp"
	RecoveryCodes = "recovery_code"
)

// Who set a proof.
const (
	ByOwner         = "owner"
	ByAdministrator = "administrator"
	ByImport        = "import"
)

// sealPurpose names the key of contacts and secrets; each is bound to its row.
const sealPurpose = "proof"

// Registered is one proof that a person has. The zero value is none.
type Registered struct {
	ID         uuid.UUID
	Kind       string
	Contact    string // E.164 number, address, or the authenticator's secret (base32)
	SetBy      string
	VerifiedAt time.Time // zero: never shown to work
	CountsFrom time.Time
	LastStep   int64
	UsedAt     time.Time
	UpdatedAt  time.Time
	SaidAt     time.Time // when the owner last confirmed it; zero: not since
	Asked      []string  // questions answered
	CodesLeft  int
}

// Held is what a person has registered.
type Held []Registered

// Read adds everything that a person registered to a batch; nobody has nothing, at the same cost.
func (p *Proofs) Read(b *tenants.Batch, s *tenants.Scope, account *uuid.UUID, into *Held) {
	b.Rows(`SELECT p.id, p.kind, p.sealed, p.set_by, p.verified_at, p.counts_from, p.last_step, p.last_used_at, p.updated_at, p.confirmed_at,
			(SELECT coalesce(array_agg(q.question ORDER BY q.question), '{}') FROM proof_answers q
				WHERE q.tenant_id = p.tenant_id AND q.proof_id = p.id),
			(SELECT count(*) FROM recovery_codes c WHERE c.tenant_id = p.tenant_id AND c.proof_id = p.id AND c.used_at IS NULL)
		FROM proofs p WHERE p.tenant_id = $1 AND p.account_id = $2 ORDER BY p.kind`,
		[]any{s.Tenant(), account}, func(scan func(...any) error) error {
			var r Registered
			var sealed []byte
			var verified, used, said *time.Time
			err := scan(&r.ID, &r.Kind, &sealed, &r.SetBy, &verified, &r.CountsFrom, &r.LastStep, &used, &r.UpdatedAt, &said, &r.Asked, &r.CodesLeft)
			if err != nil {
				return err
			}
			r.VerifiedAt, r.UsedAt, r.SaidAt = moment(verified), moment(used), moment(said)
			if len(sealed) > 0 {
				plain, err := p.Seals.Open(sealPurpose, s.Tenant(), r.ID.String(), sealed)
				if err != nil {
					return fmt.Errorf("proof %s: %w", r.ID, err)
				}
				r.Contact = string(plain)
			}
			*into = append(*into, r)
			return nil
		})
}

// Of finds a kind.
func (h Held) Of(kind string) (Registered, bool) {
	i := slices.IndexFunc(h, func(r Registered) bool { return r.Kind == kind })
	if i < 0 {
		return Registered{}, false
	}
	return h[i], true
}

// Shown tells whether a registered proof was shown to work, or an administrator or an import vouches for it.
func (r Registered) Shown() bool { return !r.VerifiedAt.IsZero() || r.SetBy != ByOwner }

// Counts tells whether a registered proof may prove something now: it was shown to work, or an
// administrator or an import vouches for it (behaviour.md 2A: those work without registering), the
// policy's delay is over, and something of it is left.
func (r Registered) Counts(t *tenants.Tenant, now time.Time) bool {
	if !r.Shown() || now.Before(r.CountsFrom) {
		return false
	}
	switch r.Kind {
	case Questions:
		return len(r.answerable(t)) >= t.Policy.Questions.Ask
	case RecoveryCodes:
		return r.CodesLeft > 0
	}
	return r.Contact != ""
}

// Has finds what a proof rests on for this person, if it counts now: a registered proof, or for the
// mailed link the account's own address.
func Has(t *tenants.Tenant, who accounts.Person, held Held, kind tenants.ProofKind, now time.Time) (Registered, bool) {
	if kind.Needs == "" {
		return Registered{Kind: AuthEmail, Contact: who.Email}, who.TakesRecovery(t)
	}
	r, ok := held.Of(kind.Needs)
	return r, ok && r.Counts(t, now)
}

func moment(t *time.Time) time.Time {
	if t == nil {
		return time.Time{}
	}
	return t.UTC()
}
