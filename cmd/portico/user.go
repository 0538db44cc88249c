package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/google/uuid"

	"portico/app/accounts"
	"portico/app/audit"
	"portico/tenants"
)

type userVerb struct {
	Unlock  userUnlock  `cmd:"" help:"Lift a person's locks and blocked recoveries; the owner gets a notice."`
	Blocks  userBlocks  `cmd:"" help:"List what blocks a person's recoveries, since when and until when."`
	Disable userDisable `cmd:"" help:"Disable an account; its sessions and links end at once."`
	Enable  userEnable  `cmd:"" help:"Enable a disabled account."`
	Phone   userPhone   `cmd:"" help:"Set or remove somebody's office phone."`
	Invite  userInvite  `cmd:"" help:"Invite somebody by mail: a link to a first password."`
	Pass    userPass    `cmd:"" help:"One-time passes for people without a mailbox or phone: issue, approve, revoke, list."`
	Import  userImport  `cmd:"" help:"Bring many people in from a CSV file, or bring those who are there up to date."`
}

type person struct {
	config
	Tenant string `arg:"" help:"The tenant's slug."`
	Who    string `arg:"" help:"Email address, username or user id."`
}

// with finds the account and runs work in one transaction of its tenant.
func (u person) with(ctx context.Context, work func(*portal, *tenants.Scope, *tenants.Tenant, uuid.UUID) error) error {
	p, err := u.operate()
	if err != nil {
		return err
	}
	defer p.close()
	t, err := p.resolver.BySlug(ctx, u.Tenant)
	if errors.Is(err, tenants.ErrNoTenant) {
		return fmt.Errorf("there is no tenant %q", u.Tenant)
	}
	if err != nil {
		return err
	}
	ctx = audit.With(ctx, audit.Origin{Actor: audit.Operator})
	return p.db.In(ctx, t.ID, func(s *tenants.Scope) error {
		id, err := accounts.Find(ctx, s, u.Who)
		if errors.Is(err, tenants.ErrNotFound) {
			return fmt.Errorf("nobody at %s is known as %q", u.Tenant, u.Who)
		}
		if err != nil {
			return err
		}
		return work(p, s, t, id)
	})
}

type userUnlock struct{ person }

// Run unlocks.
func (u *userUnlock) Run(ctx context.Context) error {
	return u.with(ctx, func(p *portal, s *tenants.Scope, t *tenants.Tenant, id uuid.UUID) error {
		return p.accounts.LiftLocks(ctx, s, t, id)
	})
}

type userDisable struct{ person }

// Run disables.
func (u *userDisable) Run(ctx context.Context) error {
	return u.with(ctx, func(_ *portal, s *tenants.Scope, _ *tenants.Tenant, id uuid.UUID) error {
		return accounts.SetStatus(ctx, s, id, true)
	})
}

type userEnable struct{ person }

// Run enables.
func (u *userEnable) Run(ctx context.Context) error {
	return u.with(ctx, func(_ *portal, s *tenants.Scope, _ *tenants.Tenant, id uuid.UUID) error {
		return accounts.SetStatus(ctx, s, id, false)
	})
}
