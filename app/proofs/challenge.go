package proofs

import (
	"context"
	"errors"
	"time"

	"github.com/google/uuid"

	"portico/tenants"
)

// The bounds of security.md 4.2: tries of one code, and the wait before the next one, doubled each time.
const (
	TriesPerCode = 5
	resendAfter  = time.Minute
)

// Challenge is one proof asked for.
type Challenge struct {
	ID        uuid.UUID
	Account   *uuid.UUID
	Method    string
	Asked     []string // the questions, in their order
	Pending   []byte   // while registering: what is to be shown to work, sealed by whoever asked
	Tries     int
	SentAt    time.Time
	ExpiresAt time.Time
	Sent      int // challenges by the same method for this subject so far, this one included

	hash []byte // of a code
}

// NextAt is when another one may be asked for.
func (c Challenge) NextAt() time.Time {
	return c.SentAt.Add(resendAfter << min(max(c.Sent-1, 0), 6))
}

// Left is how many tries a code has left.
func (c Challenge) Left() int { return max(0, TriesPerCode-c.Tries) }

// Standing adds the challenge that a subject has to answer now to a batch. found is false when there is
// none, or none that could still be answered.
func Standing(b *tenants.Batch, s *tenants.Scope, subject string, found *bool, into *Challenge) {
	b.Row(found, `SELECT c.id, c.account_id, c.method, c.hash, c.asked, c.sealed, c.tries, c.sent_at, c.expires_at,
			(SELECT count(*) FROM challenges o WHERE o.tenant_id = c.tenant_id AND o.subject = c.subject AND o.method = c.method)
		FROM challenges c WHERE c.tenant_id = $1 AND c.subject = $2 AND c.ended_at IS NULL`, []any{s.Tenant(), subject},
		&into.ID, &into.Account, &into.Method, &into.hash, &into.Asked, &into.Pending, &into.Tries, &into.SentAt, &into.ExpiresAt, &into.Sent)
}

// Ask writes a challenge by the named proof and lets its code go, ending the one that stood. The caller
// holds the subject (its flow, session or sign-in) in this transaction. *TooSoonError when a code went a
// moment ago. pending travels with the challenge, for registering.
func (p *Proofs) Ask(ctx context.Context, s *tenants.Scope, method string, w Work, pending []byte) (Challenge, error) {
	proof, err := ByName(method)
	if err != nil {
		return Challenge{}, err
	}
	if err := paced(ctx, s, w.Subject, proof.Kind()); err != nil {
		return Challenge{}, err
	}
	w.p, w.s, w.b = p, s, &tenants.Batch{}
	w.challenge = Challenge{ID: tenants.NewID(), Account: w.Person.Ref(), Method: method, Pending: pending, SentAt: s.Now(),
		ExpiresAt: s.Now().Add(codeLife(w.Tenant)), Sent: 1}
	End(w.b, s, w.Subject)
	if err := proof.Start(&w); err != nil {
		return Challenge{}, err
	}
	c := w.challenge
	asked := c.Asked
	if asked == nil {
		asked = []string{}
	}
	w.b.Exec(`INSERT INTO challenges (tenant_id, id, subject, account_id, method, hash, asked, sealed, sent_at, expires_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
		s.Tenant(), c.ID, w.Subject, c.Account, method, c.hash, asked, pending, c.SentAt, c.ExpiresAt)
	return c, s.Send(ctx, w.b)
}

// paced holds back codes that follow each other too soon: a minute, then two, then four.
func paced(ctx context.Context, s *tenants.Scope, subject string, kind tenants.ProofKind) error {
	if !kind.SendCode && kind.Name != "email_link" {
		return nil
	}
	var last Challenge
	var sentAt *time.Time
	err := s.Row(ctx, `SELECT count(*), max(sent_at) FROM challenges WHERE tenant_id = $1 AND subject = $2 AND method = $3`,
		[]any{s.Tenant(), subject, kind.Name}, &last.Sent, &sentAt)
	if err != nil || sentAt == nil {
		return err
	}
	last.SentAt = *sentAt
	if s.Now().Before(last.NextAt()) {
		return &TooSoonError{At: last.NextAt()}
	}
	return nil
}

// End adds the end of a subject's standing challenge to a batch.
func End(b *tenants.Batch, s *tenants.Scope, subject string) {
	b.Exec("UPDATE challenges SET ended_at = $3 WHERE tenant_id = $1 AND subject = $2 AND ended_at IS NULL", s.Tenant(), subject, s.Now())
}

// Charge counts one try of a subject's standing challenge before anything is compared: guesses at the
// same moment cannot outrun its five, and a program that dies in between has counted. ErrEnded when
// there is nothing left to try.
func Charge(ctx context.Context, s *tenants.Scope, subject string) (Challenge, error) {
	var c Challenge
	err := s.Row(ctx, `UPDATE challenges SET tries = tries + 1
		WHERE tenant_id = $1 AND subject = $2 AND ended_at IS NULL AND expires_at > $3 AND tries < $4
		RETURNING id, account_id, method, hash, asked, sealed, tries, sent_at, expires_at`,
		[]any{s.Tenant(), subject, s.Now(), TriesPerCode},
		&c.ID, &c.Account, &c.Method, &c.hash, &c.Asked, &c.Pending, &c.Tries, &c.SentAt, &c.ExpiresAt)
	if errors.Is(err, tenants.ErrNotFound) {
		return c, ErrEnded
	}
	return c, err
}

// Uncharge adds the return of one try to a batch, when nothing was compared.
func Uncharge(b *tenants.Batch, s *tenants.Scope, c Challenge) {
	b.Exec("UPDATE challenges SET tries = greatest(tries - 1, 0) WHERE tenant_id = $1 AND id = $2 AND ended_at IS NULL", s.Tenant(), c.ID)
}

// Check compares what was given with a charged challenge, outside of any transaction.
func (p *Proofs) Check(ctx context.Context, c Challenge, w Work, g Given) (Verdict, error) {
	proof, err := ByName(c.Method)
	if err != nil {
		return Verdict{}, err
	}
	w.p, w.challenge = p, c
	return proof.Check(ctx, &w, g)
}

// Settle ends a rightly answered challenge and spends what can be used once. ErrEnded when somebody was
// quicker: of many right answers at once, one counts.
func Settle(ctx context.Context, s *tenants.Scope, c Challenge, v Verdict) error {
	b := &tenants.Batch{}
	ended, spent := int64(0), int64(1)
	b.ExecCount(&ended, "UPDATE challenges SET ended_at = $3 WHERE tenant_id = $1 AND id = $2 AND ended_at IS NULL", s.Tenant(), c.ID, s.Now())
	if v.Spend != nil {
		v.Spend(b, s, &spent)
	}
	if err := s.Send(ctx, b); err != nil {
		return err
	}
	if ended != 1 || spent != 1 {
		return ErrEnded
	}
	return nil
}
