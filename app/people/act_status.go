package people

import (
	"context"

	"github.com/google/uuid"

	"portico/app/access"
	"portico/app/accounts"
	"portico/rbac"
	"portico/tenants"
)

// Disable closes an account at once, everywhere; done already is no error. access.ErrLastOwner for the last
// who may do everything; *RefusedError for oneself; ErrHigher, tenants.ErrNotFound.
func (p *People) Disable(ctx context.Context, by By, account uuid.UUID) error {
	return p.DB.In(ctx, by.Tenant.ID, func(s *tenants.Scope) error {
		return access.KeepOwner(ctx, s, func() error { // first: roles are held before accounts, everywhere
			if _, err := p.hold(ctx, s, by, rbac.PeopleDisable, account); err != nil {
				return err
			}
			if account == by.Who.ID {
				return refused("self")
			}
			return accounts.SetStatus(ctx, s, account, true)
		})
	})
}

// Enable opens an account again; done already is no error.
func (p *People) Enable(ctx context.Context, by By, account uuid.UUID) error {
	return p.DB.In(ctx, by.Tenant.ID, func(s *tenants.Scope) error {
		if _, err := p.hold(ctx, s, by, rbac.PeopleDisable, account); err != nil {
			return err
		}
		return accounts.SetStatus(ctx, s, account, false)
	})
}

// Unlock lifts an account's locks and the blocks of its recoveries; the person hears of it. Where nothing is
// locked, nothing is done and nobody hears. *RefusedError where the policy lets no administrator unlock.
func (p *People) Unlock(ctx context.Context, by By, account uuid.UUID) error {
	return p.DB.In(ctx, by.Tenant.ID, func(s *tenants.Scope) error {
		if _, err := p.hold(ctx, s, by, rbac.PeopleUnlock, account); err != nil {
			return err
		}
		if !by.Tenant.Policy.Lockout.AdminUnlock {
			return refused("unlock_off")
		}
		var locked bool
		err := s.Row(ctx, `SELECT EXISTS (SELECT 1 FROM account_locks WHERE tenant_id = $1 AND account_id = $2 AND locked_until > $3)
			OR EXISTS (SELECT 1 FROM recovery_blocks WHERE tenant_id = $1 AND account_id = $2 AND blocked_until > $3)`,
			[]any{s.Tenant(), account, s.Now()}, &locked)
		if err != nil || !locked {
			return err
		}
		return p.Accounts.LiftLocks(ctx, s, by.Tenant, account)
	})
}

// EndSessions signs somebody out everywhere.
func (p *People) EndSessions(ctx context.Context, by By, account uuid.UUID) error {
	return p.DB.In(ctx, by.Tenant.ID, func(s *tenants.Scope) error {
		if _, err := p.hold(ctx, s, by, rbac.PeopleSessions, account); err != nil {
			return err
		}
		_, err := accounts.EndAllSessions(ctx, s, account)
		return err
	})
}
