package accounts

import (
	"cmp"
	"context"
	"errors"

	"portico/app/audit"
	"portico/tenants"
)

// ChangePassword replaces the password of somebody who is signed in and knows it. Every other session,
// every link and half-done recovery ends; this session goes on under the new cookie that comes back, and
// known devices stay known. The owner gets a notice.
//
// The old password is tried as at sign-in, against the same counters and locks: ErrWrong when it is not
// right, *LockedError with the end of the lock, *LimitError. *PasswordError names what the new one
// breaks; what it is compared with (history) is told only to who knows the old one. ErrNoSession when the
// session or the password changed meanwhile: of two changes at once, one wins. ErrBusy says "later".
func (a *Accounts) ChangePassword(ctx context.Context, t *tenants.Tenant, who Session, old, password string, client Client) (Cookie, error) {
	err := a.judge(ctx, t, found{ok: true, ID: who.AccountID, Name: who.Name}, password, 0)
	if err != nil {
		return Cookie{}, a.refusedChange(ctx, t, who, err)
	}
	c, err := a.tryOld(ctx, t, who, old, client, audit.PasswordChanged)
	if err != nil {
		return Cookie{}, err
	}
	n := t.Policy.Password.HistoryChange
	used, err := a.reused(ctx, t, who.AccountID, nfc(password), n)
	if err == nil && used {
		err = a.refusedChange(ctx, t, who, &PasswordError{Broken: []Rule{{Name: "reused", N: n}}})
	}
	if err != nil {
		return Cookie{}, err
	}
	var sealed []byte
	err = a.Hasher.Do(ctx, t.ID, func() { sealed = a.sealPassword(t.ID, who.AccountID, hashPassword(nfc(password))) })
	if err != nil {
		return Cookie{}, err
	}
	cookie := Cookie{Value: newSecret()}
	if who.Remembered {
		cookie.Ends = who.EndsAt
	}
	return cookie, a.DB.In(ctx, t.ID, func(s *tenants.Scope) error {
		return a.writeChange(ctx, s, t, c.who, who, sealed, cookie, client)
	})
}

// tryOld tries the old password at the cost and under the counters of a sign-in. A right one takes its
// charge back and clears the browser's lock, as a sign-in does. A refusal is written down as a failure of
// kind; one that is no change of the password says what it was for.
func (a *Accounts) tryOld(ctx context.Context, t *tenants.Tenant, who Session, old string, client Client, kind audit.Kind) (*attempt, error) {
	if a.Hasher.Full(t.ID) {
		return nil, ErrBusy
	}
	if len(old) > maxPasswordBytes {
		old = "" // never right, costs what any wrong password costs
	}
	old = nfc(old)
	c, err := a.begin(ctx, t, Try{account: who.AccountID, Password: old, Client: client})
	if err != nil {
		return nil, err
	}
	c.kind = kind
	if kind != audit.PasswordChanged {
		c.details = map[string]any{"for": "prove anew"}
	}
	var right bool
	err = a.Hasher.Do(ctx, t.ID, func() { right, _ = a.verify(t.ID, c.who, old) })
	if err != nil {
		return nil, errors.Join(err, a.refund(ctx, t, c))
	}
	if reason := c.refusal(right); reason != "" {
		err = a.refuse(ctx, t, c, reason)
		if errors.Is(err, ErrWrong) && c.lock.LockedUntil.After(a.DB.Clock().Now()) {
			err = &LockedError{Until: finite(c.lock.LockedUntil)} // whoever is signed in may know
		}
		return nil, err
	}
	return c, a.DB.In(ctx, t.ID, func(s *tenants.Scope) error {
		b := &tenants.Batch{}
		a.giveBack(b, s, c.counters...)
		clearLocks(b, s, c.who.ID, c.who.lockKey())
		return s.SendAndCommit(ctx, b)
	})
}

// writeChange writes the new password if the account still is what it was when the old one was read and
// the session still stands.
func (a *Accounts) writeChange(ctx context.Context, s *tenants.Scope, t *tenants.Tenant, acc found, who Session, sealed []byte, cookie Cookie, client Client) error {
	var changed, kept int64
	b := &tenants.Batch{}
	Hold(b, s, &acc.ID)
	rememberPassword(b, s, t.Policy.Password, acc.ID)
	b.ExecCount(&changed, `UPDATE accounts SET password = $3, password_set_at = $4, updated_at = $4, stamp = stamp + 1
		WHERE tenant_id = $1 AND id = $2 AND stamp = $5 AND status = 'active'`, s.Tenant(), acc.ID, sealed, s.Now(), acc.Stamp)
	b.ExecCount(&kept, `UPDATE sessions SET stamp = stamp + 1, id_hash = $4, duty = CASE duty WHEN 'password' THEN '' ELSE duty END
		WHERE tenant_id = $1 AND account_id = $2 AND public_id = $3 AND stamp = $5 AND ended_at IS NULL`,
		s.Tenant(), acc.ID, who.PublicID, secretHash(cookie.Value), acc.Stamp)
	if err := s.Send(ctx, b); err != nil {
		return err
	}
	if changed != 1 || kept != 1 {
		return ErrNoSession
	}
	b = &tenants.Batch{}
	endBegun(b, s, acc.ID, "revoked")
	b.Exec(`UPDATE sessions SET ended_at = $3, ended_reason = 'password changed' WHERE tenant_id = $1 AND account_id = $2
		AND public_id <> $4 AND ended_at IS NULL`, s.Tenant(), acc.ID, s.Now(), who.PublicID)
	acc.Locale = cmp.Or(acc.Locale, client.Locale)
	if err := a.tellChanged(ctx, b, s, acc, tenants.NewID().String()); err != nil {
		return err
	}
	err := audit.Add(ctx, b, s, audit.Event{Kind: audit.PasswordChanged, Outcome: audit.Success, AccountID: acc.ref(),
		Actor: audit.AccountActor(acc.ID)})
	if err != nil {
		return err
	}
	return s.SendAndCommit(ctx, b)
}

// refusedChange writes down which rules a new password broke; other errors pass.
func (a *Accounts) refusedChange(ctx context.Context, t *tenants.Tenant, who Session, err error) error {
	var refused *PasswordError
	if !errors.As(err, &refused) {
		return err
	}
	return errors.Join(err, a.DB.In(ctx, t.ID, func(s *tenants.Scope) error {
		return audit.Write(ctx, s, audit.Event{Kind: audit.PasswordChanged, Outcome: audit.Failure, Reason: refused.reason(),
			AccountID: &who.AccountID, Actor: audit.AccountActor(who.AccountID)})
	}))
}
