package accounts

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"portico/app/audit"
	"portico/rbac"
	"portico/tenants"
)

// How long it is believed that the person at a browser still is its owner, before what opens the account
// may be changed (ASVS 7.5.1): after signing in, and after saying the password once more.
const (
	freshFor  = 5 * time.Minute
	stepUpFor = 10 * time.Minute
)

// ProvedAnew tells whether the person behind a session showed lately who they are. Where a sign-in asks them
// for their app, a session proves it that saw a code of it: a browser that is remembered left that out. The
// session of a one-time pass is for nothing else than changing what opens the account, and ends in half an
// hour: whoever lost their app could not show it again.
func (a *Accounts) ProvedAnew(ctx context.Context, t *tenants.Tenant, who Session) (bool, error) {
	var at *time.Time
	var pass, showed, app, admin bool
	now := a.DB.Clock().Now()
	err := a.DB.One(ctx, t.ID, `SELECT stepped_up_at, 'pass' = ANY (amr), 'otp' = ANY (amr),
			EXISTS (SELECT 1 FROM proofs p WHERE p.tenant_id = $1 AND p.account_id = $2 AND p.kind = 'totp'
				AND (p.verified_at IS NOT NULL OR p.set_by <> 'owner')),
			EXISTS (SELECT 1 FROM role_assignments r WHERE r.tenant_id = $1 AND r.account_id = $2 AND r.role = ANY ($4)
				AND (r.ends_at IS NULL OR r.ends_at > $5))
		FROM sessions WHERE tenant_id = $1 AND account_id = $2 AND public_id = $3`,
		[]any{t.ID, who.AccountID, who.PublicID, rbac.AdministrativeRoles(t), now}, &at, &pass, &showed, &app, &admin)
	if err != nil {
		return false, err
	}
	asked := app && t.Policy.MFA.For(admin) != "off"
	fresh := now.Sub(who.AuthenticatedAt) < freshFor && (showed || !asked)
	return pass || fresh || at != nil && now.Sub(*at) < stepUpFor, nil
}

// ShowedApp adds to a batch that the person behind a session showed a code of their app in it just now. It
// makes the session no younger.
func ShowedApp(b *tenants.Batch, s *tenants.Scope, who Session) {
	b.Exec(`UPDATE sessions SET amr = amr || '{otp}' WHERE tenant_id = $1 AND account_id = $2 AND public_id = $3
		AND NOT 'otp' = ANY (amr)`, s.Tenant(), who.AccountID, who.PublicID)
}

// ByPass tells whether a one-time pass opened a session; none has another duty.
func (a *Accounts) ByPass(ctx context.Context, t *tenants.Tenant, who Session) (pass bool, err error) {
	if who.Duty != DutyRegister {
		return false, nil
	}
	err = a.DB.One(ctx, t.ID, "SELECT 'pass' = ANY (amr) FROM sessions WHERE tenant_id = $1 AND account_id = $2 AND public_id = $3",
		[]any{t.ID, who.AccountID, who.PublicID}, &pass)
	return pass, err
}

// WhichIsPassword answers which of some texts is an account's password, as typed or without spaces around
// it; -1 is none. It takes one slot of the Hasher for all, and counts nothing: the caller does. ErrBusy.
func (a *Accounts) WhichIsPassword(ctx context.Context, t *tenants.Tenant, account uuid.UUID, texts []string) (int, error) {
	var sealed []byte
	err := a.DB.One(ctx, t.ID, "SELECT password FROM accounts WHERE tenant_id = $1 AND id = $2", []any{t.ID, account}, &sealed)
	if err != nil || len(sealed) == 0 {
		return -1, err
	}
	phc, err := a.Peppers.Open("password", t.ID, account.String(), sealed)
	if err != nil {
		return -1, err
	}
	at := -1
	err = a.Hasher.Do(ctx, t.ID, func() {
		at = slices.IndexFunc(texts, func(text string) bool {
			trimmed := strings.TrimSpace(text)
			return VerifySecret(string(phc), text) || trimmed != text && VerifySecret(string(phc), trimmed)
		})
	})
	return at, err
}

// TryPassword tries the password of somebody who is signed in, at the cost and under the counters of a
// sign-in. ErrWrong, *LockedError, *LimitError, ErrBusy.
func (a *Accounts) TryPassword(ctx context.Context, t *tenants.Tenant, who Session, password string, client Client) error {
	_, err := a.tryOld(ctx, t, who, password, client, audit.SignInFailed)
	return err
}

// StepUp remembers for ten minutes that the person behind a session showed who they are.
func (a *Accounts) StepUp(ctx context.Context, t *tenants.Tenant, who Session) error {
	return a.DB.In(ctx, t.ID, func(s *tenants.Scope) error {
		_, err := s.Exec(ctx, "UPDATE sessions SET stepped_up_at = $4 WHERE tenant_id = $1 AND account_id = $2 AND public_id = $3",
			s.Tenant(), who.AccountID, who.PublicID, s.Now())
		return err
	})
}

// EndDuty lifts a duty of a session that did it and answers what is to be done next; "" is nothing. One
// that a one-time pass opened ends instead: its owner signs in properly.
func (a *Accounts) EndDuty(ctx context.Context, t *tenants.Tenant, who Session) (next string, err error) {
	err = a.DB.In(ctx, t.ID, func(s *tenants.Scope) error {
		err := s.Row(ctx, `UPDATE sessions SET duty = CASE WHEN 'pass' = ANY (amr) THEN duty ELSE next_duty END, next_duty = '',
				amr = CASE WHEN duty = 'factor' AND NOT 'otp' = ANY (amr) THEN amr || '{otp}' ELSE amr END,
				ended_at = CASE WHEN 'pass' = ANY (amr) THEN $5 ELSE ended_at END,
				ended_reason = CASE WHEN 'pass' = ANY (amr) THEN 'pass spent' ELSE ended_reason END
			WHERE tenant_id = $1 AND account_id = $2 AND public_id = $3 AND duty = $4 AND ended_at IS NULL RETURNING duty`,
			[]any{s.Tenant(), who.AccountID, who.PublicID, who.Duty, s.Now()}, &next)
		if errors.Is(err, tenants.ErrNotFound) { // done already, in another tab
			return nil
		}
		if err == nil && who.Duty == DutyRegister {
			_, err = s.Exec(ctx, "UPDATE accounts SET register_asked_at = NULL WHERE tenant_id = $1 AND id = $2 AND register_asked_at IS NOT NULL",
				s.Tenant(), who.AccountID)
		}
		return err
	})
	return next, err
}

// TakeOwn counts one event of somebody who is signed in, against most in a window, in the caller's
// transaction. *LimitError when there were too many; then it has not counted.
func (a *Accounts) TakeOwn(ctx context.Context, s *tenants.Scope, what string, account uuid.UUID, most int, per time.Duration) error {
	var answer limitAnswer
	b := &tenants.Batch{}
	a.takeLimits(b, s, 1, &answer, counter{name: what, subject: account.String(), limit: window(most, per)})
	if err := s.Send(ctx, b); err != nil {
		return err
	}
	return answer.err()
}
