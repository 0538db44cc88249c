package people

import (
	"context"
	"errors"

	"github.com/google/uuid"

	"portico/app/accounts"
	"portico/app/audit"
	"portico/app/phones"
	"portico/rbac"
	"portico/tenants"
)

// SendRecovery writes somebody a letter with a recovery link, under the limits that they have themselves.
// *RefusedError says why there is none.
func (p *People) SendRecovery(ctx context.Context, by By, account uuid.UUID, locale string) error {
	return p.DB.In(ctx, by.Tenant.ID, func(s *tenants.Scope) error {
		if _, err := p.hold(ctx, s, by, rbac.PeopleRecover, account); err != nil {
			return err
		}
		reason, err := p.Accounts.SendRecovery(ctx, s, by.Tenant, account, locale)
		if err == nil && reason != "" {
			err = refused("letter_" + reason)
		}
		return err
	})
}

// SendInvitation writes somebody who has no password yet a new invitation; the one before ends.
func (p *People) SendInvitation(ctx context.Context, by By, account uuid.UUID) error {
	return p.DB.In(ctx, by.Tenant.ID, func(s *tenants.Scope) error {
		t, err := p.hold(ctx, s, by, rbac.PeopleInvite, account)
		if err != nil {
			return err
		}
		_, err = p.Accounts.Invite(ctx, s, by.Tenant, accounts.Invitation{By: audit.AccountActor(by.Who.ID),
			New: accounts.New{Identifiers: map[string]string{accounts.Email: t.Email}}})
		if errors.Is(err, accounts.ErrNotInvited) || errors.Is(err, accounts.ErrBadIdentifier) {
			return refused("invite")
		}
		return err
	})
}

// RegisterAnew removes what somebody registered themselves to get back in, signs them out everywhere and
// lets their next sign-in begin with registering. They hear of each proof.
func (p *People) RegisterAnew(ctx context.Context, by By, account uuid.UUID) error {
	return p.DB.In(ctx, by.Tenant.ID, func(s *tenants.Scope) error {
		t, err := p.hold(ctx, s, by, rbac.PeopleRecover, account)
		switch {
		case err != nil:
			return err
		case t.SignIn != "local":
			return refused("elsewhere")
		case account == by.Who.ID:
			return refused("self")
		}
		removed, err := p.enrolment().RemoveOwn(ctx, s, by.Tenant, account)
		if err != nil {
			return err
		}
		var asked bool
		err = s.Row(ctx, "SELECT register_asked_at IS NOT NULL FROM accounts WHERE tenant_id = $1 AND id = $2", []any{s.Tenant(), account}, &asked)
		if err != nil || asked && len(removed) == 0 {
			return err // the second click
		}
		if err := accounts.AskToRegister(ctx, s, account); err != nil {
			return err
		}
		if _, err := accounts.EndAllSessions(ctx, s, account); err != nil {
			return err
		}
		return audit.Write(ctx, s, audit.Event{Kind: audit.MethodsAsked, Outcome: audit.Success, AccountID: &account,
			Details: map[string]any{"removed": removed}})
	})
}

// SetOffice sets the number at which somebody's office phone rings, as typed; "" removes it. They hear of
// it. *phones.NumberError for what is no number; *RefusedError for one's own, and where the tenant has no
// such proof.
func (p *People) SetOffice(ctx context.Context, by By, account uuid.UUID, typed string) error {
	number := ""
	if typed != "" {
		n, err := phones.ParseFor(typed, by.Tenant.Sender.Phone.Countries)
		if err != nil {
			return err
		}
		number = n.E164
	}
	return p.DB.In(ctx, by.Tenant.ID, func(s *tenants.Scope) error {
		if _, err := p.hold(ctx, s, by, rbac.PeopleEdit, account); err != nil {
			return err
		}
		if account == by.Who.ID {
			return refused("self")
		}
		return p.enrolment().SetOffice(ctx, s, by.Tenant, account, number)
	})
}
