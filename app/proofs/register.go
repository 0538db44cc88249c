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

// Ready is a proof whose answers are hashed: what is left to do needs no slot of the Hasher.
type Ready struct {
	New
	id      uuid.UUID
	answers map[string][]byte // question id → sealed hash
}

// Prepare chooses the proof's id and hashes the answers, one slot of the Hasher each. It waits for slots, so
// whoever could be many at once calls it outside of any transaction: one that waits holds a connection, and
// the row of the account. accounts.ErrBusy.
func (p *Proofs) Prepare(ctx context.Context, tenant tenants.ID, n New) (Ready, error) {
	r := Ready{New: n, id: tenants.NewID(), answers: map[string][]byte{}}
	for question, answer := range n.Answers {
		sealed, err := p.sealAnswer(ctx, tenant, r.id.String(), answer)
		if err != nil {
			return Ready{}, err
		}
		r.answers[question] = sealed
	}
	return r, nil
}

// Store is Prepare and StoreReady at once, for a tenant's file: one operator, one transaction.
func (p *Proofs) Store(ctx context.Context, s *tenants.Scope, n New) (uuid.UUID, error) {
	r, err := p.Prepare(ctx, s.Tenant(), n)
	if err != nil {
		return uuid.Nil, err
	}
	return p.StoreReady(ctx, s, r)
}

// StoreReady writes a proof within the scope, replacing what stood; the account's row is held. Recoveries
// that were begun with what stood end.
func (p *Proofs) StoreReady(ctx context.Context, s *tenants.Scope, n Ready) (uuid.UUID, error) {
	id := n.id
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
	Remove(b, s, n.Account, n.Kind) // with what was begun by it
	b.Exec(`INSERT INTO proofs (tenant_id, id, account_id, kind, sealed, set_by, verified_at, counts_from, last_step, created_at, updated_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $10)`,
		s.Tenant(), id, n.Account, n.Kind, contact, n.SetBy, verified, s.Now().Add(n.Delay), n.LastStep, s.Now())
	for question, sealed := range n.answers {
		b.Exec("INSERT INTO proof_answers (tenant_id, proof_id, question, answer) VALUES ($1, $2, $3, $4)", s.Tenant(), id, question, sealed)
	}
	for _, code := range n.Codes {
		plain, _ := readRecoveryCode(code)
		b.Exec("INSERT INTO recovery_codes (tenant_id, proof_id, hash) VALUES ($1, $2, $3)",
			s.Tenant(), id, p.Peppers.MAC(codesPurpose, s.Tenant(), id.String(), plain))
	}
	return id, s.Send(ctx, b)
}

// Remove adds the removal of a person's proof of a kind to a batch, which holds the account's row. Open
// recoveries end with their challenges: a stranger who passed a gate by the old proof goes no further. Every
// browser asks for a second factor again.
func Remove(b *tenants.Batch, s *tenants.Scope, account uuid.UUID, kind string) {
	b.Exec("UPDATE recovery_flows SET ended_at = $3, outcome = 'revoked' WHERE tenant_id = $1 AND account_id = $2 AND ended_at IS NULL",
		s.Tenant(), account, s.Now())
	b.Exec(`UPDATE challenges SET ended_at = $3 WHERE tenant_id = $1 AND account_id = $2 AND subject LIKE 'flow:%' AND ended_at IS NULL`,
		s.Tenant(), account, s.Now())
	b.Exec("DELETE FROM proofs WHERE tenant_id = $1 AND account_id = $2 AND kind = $3", s.Tenant(), account, kind)
	accounts.Distrust(b, s, account)
}
