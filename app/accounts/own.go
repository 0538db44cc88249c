package accounts

import (
	"context"
	"errors"
	"time"

	"github.com/google/uuid"

	"portico/tenants"
)

// How long it is believed that the person at a browser still is its owner, before what opens the account
// may be changed (ASVS 7.5.1): after signing in, and after saying the password once more.
const (
	freshFor  = 5 * time.Minute
	stepUpFor = 10 * time.Minute
)

// ProvedAnew tells whether the person behind a session showed lately who they are. The session of a one-time
// pass is for nothing else than changing what opens the account, and ends in half an hour: whoever lost
// their app could not show it again.
func (a *Accounts) ProvedAnew(ctx context.Context, t *tenants.Tenant, who Session) (bool, error) {
	now := a.DB.Clock().Now()
	if now.Sub(who.AuthenticatedAt) < freshFor {
		return true, nil
	}
	var at *time.Time
	var pass bool
	err := a.DB.One(ctx, t.ID, "SELECT stepped_up_at, 'pass' = ANY (amr) FROM sessions WHERE tenant_id = $1 AND account_id = $2 AND public_id = $3",
		[]any{t.ID, who.AccountID, who.PublicID}, &at, &pass)
	return err == nil && (pass || at != nil && now.Sub(*at) < stepUpFor), err
}

// TryPassword tries the password of somebody who is signed in, at the cost and under the counters of a
// sign-in. ErrWrong, *LockedError, *LimitError, ErrBusy.
func (a *Accounts) TryPassword(ctx context.Context, t *tenants.Tenant, who Session, password string, client Client) error {
	_, err := a.tryOld(ctx, t, who, password, client)
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
				amr = CASE WHEN duty = 'factor' THEN amr || '{otp}' ELSE amr END,
				ended_at = CASE WHEN 'pass' = ANY (amr) THEN $5 ELSE ended_at END,
				ended_reason = CASE WHEN 'pass' = ANY (amr) THEN 'pass spent' ELSE ended_reason END
			WHERE tenant_id = $1 AND account_id = $2 AND public_id = $3 AND duty = $4 AND ended_at IS NULL RETURNING duty`,
			[]any{s.Tenant(), who.AccountID, who.PublicID, who.Duty, s.Now()}, &next)
		if errors.Is(err, tenants.ErrNotFound) { // done already, in another tab
			return nil
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
