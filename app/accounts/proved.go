package accounts

import (
	"context"
	"errors"

	"github.com/google/uuid"

	"portico/app/audit"
	"portico/tenants"
)

// AskLimit is the counting of one request for recovery against its client's address, filled when the
// batch was sent.
type AskLimit struct{ answer addressAnswer }

// Err is nil or *LimitError.
func (l *AskLimit) Err() error { return l.answer.err() }

// CountAsk adds the counting to a batch.
func (a *Accounts) CountAsk(b *tenants.Batch, s *tenants.Scope, p tenants.Policy, client Client, into *AskLimit) {
	a.takeAddress(b, s, askLimit(p, client), &into.answer)
}

// Blocked writes the audit's one row of a refusal, when this one is the first.
func (l *AskLimit) Blocked(ctx context.Context, s *tenants.Scope) error {
	return l.answer.blocked(ctx, s, audit.ResetBlocked)
}

// SameEmail tells whether what was typed is the address, by the one rule for comparing addresses.
func SameEmail(typed, address string) bool {
	a, err := NormalizeEmail(typed)
	if err != nil {
		return false
	}
	b, err := NormalizeEmail(address)
	return err == nil && a == b
}

// OpenLock lifts every lock of somebody who proved who they are, by the named proofs: the password stays,
// the owner gets a notice. event names the recovery that ends so.
func (a *Accounts) OpenLock(ctx context.Context, b *tenants.Batch, s *tenants.Scope, who Person, event string, methods []string) error {
	return a.unlocked(ctx, b, s, who.found(), event, map[string]any{"method": methods, "flow": event}, audit.AccountActor(who.ID))
}

// Proved is how somebody showed who they are before a new password is set.
type Proved struct {
	Event   uuid.UUID                  // of the notice: one letter for one event
	Methods []string                   // proofs, for the audit
	Again   func(*tenants.Scope) error // asks, in the transaction that writes and with the account held, whether it still holds
}

// ResetProved is ResetPassword for somebody who proved who they are by other means than one mailed link.
// *PasswordError, ErrBusy and whatever Again answers leave everything as it was.
func (a *Accounts) ResetProved(ctx context.Context, t *tenants.Tenant, who Person, how Proved, password string, client Client) error {
	l := Link{ID: how.Event, who: who.found(), by: how.Methods}
	err := a.judge(ctx, t, l.who, password, t.Policy.Password.HistoryReset)
	var refused *PasswordError
	if errors.As(err, &refused) {
		return errors.Join(err, a.DB.In(ctx, t.ID, func(s *tenants.Scope) error {
			return audit.Write(ctx, s, audit.Event{Kind: audit.ResetStep, Outcome: audit.Failure, Reason: refused.reason(),
				AccountID: l.who.ref(), Details: map[string]any{"method": l.proofs()}})
		}))
	}
	if err != nil {
		return err
	}
	var sealed []byte
	err = a.Hasher.Do(ctx, t.ID, func() { sealed = a.sealPassword(t.ID, l.who.ID, hashPassword(nfc(password))) })
	if err != nil {
		return err
	}
	return a.DB.In(ctx, t.ID, func(s *tenants.Scope) error {
		b := &tenants.Batch{}
		Hold(b, s, who.Ref())
		if err := s.Send(ctx, b); err != nil {
			return err
		}
		if err := how.Again(s); err != nil {
			return err
		}
		return a.finishReset(ctx, s, t, l, sealed, client)
	})
}

// proofs names what opened the account, for the audit.
func (l Link) proofs() []string {
	if l.by == nil {
		return []string{"email_link"}
	}
	return l.by
}
