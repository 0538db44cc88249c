package accounts

import (
	"cmp"
	"context"
	"errors"
	"slices"

	"github.com/google/uuid"

	"portico/app/audit"
	"portico/tenants"
	"portico/themes"
)

// ResetPassword spends a recovery link: checks the new password, stores it, lifts the locks, and ends
// every other session, link and half-done flow of the account by a new stamp. The owner gets a notice.
// *LinkError, *PasswordError or ErrBusy leave everything as it was.
func (a *Accounts) ResetPassword(ctx context.Context, t *tenants.Tenant, token, password string, client Client) error {
	l, err := a.CheckLink(ctx, t, ForRecovery, token, client)
	if err != nil {
		return err
	}
	err = a.judge(ctx, t, l.who, password, t.Policy.Password.HistoryReset)
	var refused *PasswordError
	if errors.As(err, &refused) {
		return errors.Join(err, a.DB.In(ctx, t.ID, func(s *tenants.Scope) error {
			return audit.Write(ctx, s, audit.Event{Kind: audit.ResetStep, Outcome: audit.Failure, Reason: refused.reason(),
				AccountID: l.who.ref(), Details: map[string]any{"method": "email_link"}})
		}))
	}
	if err != nil {
		return err
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
		// The account first, as a request for a newer link holds it: the two must not wait for each other.
		b.Exec("SELECT FROM accounts WHERE tenant_id = $1 AND id = $2 FOR NO KEY UPDATE", s.Tenant(), l.who.ID)
		spend(b, s, ForRecovery, token, &spent)
		if err := s.Send(ctx, b); err != nil {
			return err
		}
		if spent != 1 { // somebody was quicker, or it ended meanwhile: say which
			return whyNotSpent(ctx, s, t, ForRecovery, token)
		}
		return a.finishReset(ctx, s, t, l, sealed, client)
	})
}

func (a *Accounts) finishReset(ctx context.Context, s *tenants.Scope, t *tenants.Tenant, l Link, sealed []byte, client Client) error {
	b := &tenants.Batch{}
	rememberPassword(b, s, t.Policy.Password, l.who.ID)
	b.Exec(`UPDATE accounts SET password = $3, password_set_at = $4, updated_at = $4, stamp = stamp + 1
		WHERE tenant_id = $1 AND id = $2`, s.Tenant(), l.who.ID, sealed, s.Now())
	revoke(b, s, l.who, "reset", client) // links before locks, the order in which a refused sign-in takes them
	if t.Policy.Lockout.ClearedByReset {
		b.Exec("DELETE FROM account_locks WHERE tenant_id = $1 AND account_id = $2", s.Tenant(), l.who.ID)
	}
	if slices.Contains(l.proofs(), "email_link") { // it reached them there
		b.Exec(`UPDATE account_identifiers SET verified_at = $3 WHERE tenant_id = $1 AND account_id = $2
			AND kind = 'email' AND value = $4 AND verified_at IS NULL`, s.Tenant(), l.who.ID, s.Now(), l.who.Email)
	}
	if err := s.Send(ctx, b); err != nil {
		return err
	}
	b = &tenants.Batch{}
	if !slices.Contains(l.proofs(), "pass") { // that letter is written, and says it
		l.who.Locale = cmp.Or(l.who.Locale, client.Locale)
		if err := a.tellChanged(ctx, b, s, l.who, l.ID.String()); err != nil {
			return err
		}
	}
	if err := a.noticeAdmins(ctx, b, s, t, l.who, l.ID.String()); err != nil {
		return err
	}
	err := audit.Add(ctx, b, s, audit.Event{Kind: audit.ResetCompleted, Outcome: audit.Success, AccountID: l.who.ref(),
		Actor: audit.AccountActor(l.who.ID), Details: map[string]any{"method": l.proofs()}})
	if err != nil {
		return err
	}
	return s.SendAndCommit(ctx, b)
}

// tellChanged tells the owner that a new password was set.
func (a *Accounts) tellChanged(ctx context.Context, b *tenants.Batch, s *tenants.Scope, who found, event string) error {
	_, err := a.tell(ctx, b, s, Person{ID: who.ID, Name: who.Name, Locale: who.Locale, Email: who.Email}, event,
		themes.ResetNotice{Name: who.Name, At: s.Now(), From: audit.From(ctx).ClientAddress})
	return err
}

// revoke ends what the old password may have begun: links, flows, sessions, and every known device but
// the one that asks.
func revoke(b *tenants.Batch, s *tenants.Scope, who found, outcome string, client Client) {
	endBegun(b, s, who.ID, outcome)
	b.Exec(`UPDATE sessions SET ended_at = $3, ended_reason = 'password reset' WHERE tenant_id = $1 AND account_id = $2
		AND ended_at IS NULL`, s.Tenant(), who.ID, s.Now())
	forgetDevices(b, s, who.ID, client)
}

// endBegun ends an account's standing links and half-done recoveries.
func endBegun(b *tenants.Batch, s *tenants.Scope, account uuid.UUID, outcome string) {
	b.Exec(`UPDATE links SET revoked_at = $3 WHERE tenant_id = $1 AND account_id = $2
		AND used_at IS NULL AND replaced_at IS NULL AND revoked_at IS NULL`, s.Tenant(), account, s.Now())
	b.Exec(`UPDATE recovery_flows SET ended_at = $3, outcome = $4 WHERE tenant_id = $1 AND account_id = $2
		AND ended_at IS NULL`, s.Tenant(), account, s.Now(), outcome)
}

// judge decides whether an account may have a password: the policy's rules first, then the last n that
// it had. *PasswordError names what is broken. What n compares is told to nobody who has not proved
// themselves: the caller saw to that.
func (a *Accounts) judge(ctx context.Context, t *tenants.Tenant, who found, password string, n int) error {
	about, err := a.personal(ctx, t, who)
	if err != nil {
		return err
	}
	if broken := CheckPassword(t.Policy.Password, password, about); len(broken) > 0 {
		return &PasswordError{Broken: broken}
	}
	used, err := a.reused(ctx, t, who.ID, nfc(password), n)
	if err == nil && used {
		err = &PasswordError{Broken: []Rule{{Name: "reused", N: n}}}
	}
	return err
}

// personal gathers the words that the account's password must not be built from.
func (a *Accounts) personal(ctx context.Context, t *tenants.Tenant, who found) (Personal, error) {
	about := Personal{Brand: t.Name, Slug: t.Slug, Name: who.Name}
	err := a.DB.In(ctx, t.ID, func(s *tenants.Scope) error {
		return s.Each(ctx, "SELECT value FROM account_identifiers WHERE tenant_id = $1 AND account_id = $2",
			[]any{s.Tenant(), who.ID}, func(scan func(...any) error) error {
				var value string
				err := scan(&value)
				about.Words = append(about.Words, value)
				return err
			})
	})
	return about, err
}
