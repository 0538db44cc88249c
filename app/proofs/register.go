package proofs

import (
	"context"
	"time"

	"github.com/google/uuid"

	"portico/app/accounts"
	"portico/tenants"
)

// New is a proof to be stored for a person, in place of the one of its kind.
type New struct {
	Account  uuid.UUID
	Kind     string
	Contact  string            // E.164 number, address, authenticator secret
	Answers  map[string]string // question id → answer, for security questions
	Codes    []string          // recovery codes as shown
	SetBy    string
	Verified bool          // shown to work just now
	Delay    time.Duration // before it counts for recovery
	LastStep int64         // of an authenticator: the step that showed it to work
}

// Store writes a proof within the scope, replacing what stood. Answers cost a hash each.
func (p *Proofs) Store(ctx context.Context, s *tenants.Scope, n New) (uuid.UUID, error) {
	id := tenants.NewID()
	sealedAnswers := map[string][]byte{}
	for question, answer := range n.Answers {
		sealed, err := p.sealAnswer(ctx, s.Tenant(), id.String(), answer)
		if err != nil {
			return id, err
		}
		sealedAnswers[question] = sealed
	}
	var contact []byte
	if n.Contact != "" {
		contact = p.Seals.Seal(sealPurpose, s.Tenant(), id.String(), []byte(n.Contact))
	}
	var verified *time.Time
	if n.Verified {
		at := s.Now()
		verified = &at
	}
	b := &tenants.Batch{}
	Remove(b, s, n.Account, n.Kind) // and no browser is trusted any more
	b.Exec(`INSERT INTO proofs (tenant_id, id, account_id, kind, sealed, set_by, verified_at, counts_from, last_step, created_at, updated_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $10)`,
		s.Tenant(), id, n.Account, n.Kind, contact, n.SetBy, verified, s.Now().Add(n.Delay), n.LastStep, s.Now())
	for question, sealed := range sealedAnswers {
		b.Exec("INSERT INTO proof_answers (tenant_id, proof_id, question, answer) VALUES ($1, $2, $3, $4)", s.Tenant(), id, question, sealed)
	}
	for _, code := range n.Codes {
		plain, _ := readRecoveryCode(code)
		b.Exec("INSERT INTO recovery_codes (tenant_id, proof_id, hash) VALUES ($1, $2, $3)",
			s.Tenant(), id, p.Peppers.MAC(codesPurpose, s.Tenant(), id.String(), plain))
	}
	return id, s.Send(ctx, b)
}

// Remove adds the removal of a person's proof of a kind to a batch; every browser asks for a second
// factor again.
func Remove(b *tenants.Batch, s *tenants.Scope, account uuid.UUID, kind string) {
	b.Exec("DELETE FROM proofs WHERE tenant_id = $1 AND account_id = $2 AND kind = $3", s.Tenant(), account, kind)
	accounts.Distrust(b, s, account)
}
