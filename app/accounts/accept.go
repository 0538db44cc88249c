package accounts

import (
	"context"
	"errors"

	"portico/app/audit"
	"portico/tenants"
)

// AcceptInvitation spends an invitation: its owner chooses the first password, and the address that the
// letter reached counts as confirmed. Nobody is signed in by it. *LinkError, *PasswordError or ErrBusy
// leave everything as it was.
func (a *Accounts) AcceptInvitation(ctx context.Context, t *tenants.Tenant, token, password string, client Client) error {
	l, err := a.CheckLink(ctx, t, ForInvite, token, client)
	if err != nil {
		return err
	}
	if err := a.judge(ctx, t, l.who, password, 0); err != nil {
		return a.refusedInvitation(ctx, t, l, err)
	}
	var sealed []byte
	err = a.Hasher.Do(ctx, t.ID, func() {
		sealed = a.sealPassword(t.ID, l.who.ID, hashPassword(nfc(password)))
	})
	if err != nil {
		return err
	}
	return a.DB.In(ctx, t.ID, func(s *tenants.Scope) error {
		var spent int64
		b := &tenants.Batch{}
		Hold(b, s, &l.who.ID)
		spend(b, s, ForInvite, token, &spent)
		if err := s.Send(ctx, b); err != nil {
			return err
		}
		if spent != 1 { // somebody was quicker, or it ended meanwhile: say which
			return whyNotSpent(ctx, s, t, ForInvite, token)
		}
		return a.finishInvitation(ctx, s, t, l, sealed, client)
	})
}

// refusedInvitation writes down which rules a password broke; other errors pass.
func (a *Accounts) refusedInvitation(ctx context.Context, t *tenants.Tenant, l Link, err error) error {
	var refused *PasswordError
	if !errors.As(err, &refused) {
		return err
	}
	return errors.Join(err, a.DB.In(ctx, t.ID, func(s *tenants.Scope) error {
		return audit.Write(ctx, s, audit.Event{Kind: audit.InviteRedeemed, Outcome: audit.Failure, Reason: refused.reason(), AccountID: l.who.ref()})
	}))
}

// finishInvitation writes the first password. Whatever else stood for the account (a link that the
// person asked for meanwhile, a lock from guesses at no password) ends with it.
func (a *Accounts) finishInvitation(ctx context.Context, s *tenants.Scope, t *tenants.Tenant, l Link, sealed []byte, client Client) error {
	b := &tenants.Batch{}
	b.Exec(`UPDATE accounts SET password = $3, password_set_at = $4, updated_at = $4, stamp = stamp + 1
		WHERE tenant_id = $1 AND id = $2`, s.Tenant(), l.who.ID, sealed, s.Now())
	revoke(b, s, l.who, "reset", client)
	b.Exec("DELETE FROM account_locks WHERE tenant_id = $1 AND account_id = $2", s.Tenant(), l.who.ID)
	b.Exec(`UPDATE account_identifiers SET verified_at = $3 WHERE tenant_id = $1 AND account_id = $2
		AND kind = 'email' AND value = $4 AND verified_at IS NULL`, s.Tenant(), l.who.ID, s.Now(), l.who.Email)
	err := audit.Add(ctx, b, s, audit.Event{Kind: audit.InviteRedeemed, Outcome: audit.Success, AccountID: l.who.ref(),
		Actor: audit.AccountActor(l.who.ID), Details: map[string]any{"method": "email_link"}})
	if err != nil {
		return err
	}
	return s.SendAndCommit(ctx, b)
}
