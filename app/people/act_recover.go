package people

import (
	"context"
	"errors"
	"slices"

	"github.com/google/uuid"

	"portico/app/accounts"
	"portico/app/audit"
	"portico/app/phones"
	"portico/app/proofs"
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
		var inScope bool
		b := &tenants.Batch{}
		proofs.InScope(b, s, by.Tenant, account, &inScope)
		if err := s.Send(ctx, b); err != nil {
			return err
		}
		if !inScope {
			return refused("letter_off")
		}
		reason, err := p.Accounts.SendRecovery(ctx, s, by.Tenant, account, locale)
		if err == nil && reason != "" {
			err = refused("letter_" + reason)
		}
		return err
	})
}

// SendInvitation writes somebody who has no password yet a new invitation; the one before ends. *RefusedError
// says why there is none: invite, or invite_limited when as many went to them lately as may.
func (p *People) SendInvitation(ctx context.Context, by By, account uuid.UUID) error {
	return p.DB.In(ctx, by.Tenant.ID, func(s *tenants.Scope) error {
		if _, err := p.hold(ctx, s, by, rbac.PeopleInvite, account); err != nil {
			return err
		}
		return p.inviteAgain(ctx, s, by, account)
	})
}

func (p *People) inviteAgain(ctx context.Context, s *tenants.Scope, by By, account uuid.UUID) error {
	_, err := p.Accounts.InviteAgain(ctx, s, by.Tenant, account, inviter(ctx, by))
	switch {
	case errors.Is(err, accounts.ErrInvitedLately):
		return refused("invite_limited")
	case errors.Is(err, accounts.ErrNotInvited):
		return refused("invite")
	}
	return err
}

// CanRegister tells whether people of a tenant register anything themselves.
func CanRegister(t *tenants.Tenant) bool {
	return slices.ContainsFunc(t.Policy.Gates.MethodsRegister, func(kind string) bool { return kind != "passkey" && t.Policy.Gates.Registers(kind) })
}

// RegisterAnew removes what somebody registered themselves to get back in, signs them out everywhere and
// lets their next sign-in begin with registering. They hear of each proof. *RefusedError for oneself, for
// somebody who signs in elsewhere, and where there is nothing to register.
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
		case !CanRegister(by.Tenant):
			return refused("register_off")
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
// it. *phones.NumberError for what is no number; *RefusedError for one's own, for a closed account, one that
// signs in elsewhere, and where the tenant has no such proof.
func (p *People) SetOffice(ctx context.Context, by By, account uuid.UUID, typed string) error {
	number := ""
	if typed != "" {
		sender := by.Tenant.Sender.Phone
		if sender == nil || !slices.Contains(by.Tenant.Policy.Gates.MethodsRegister, proofs.OfficePhone) {
			return refused("phone_off")
		}
		n, err := phones.ParseFor(typed, sender.Countries)
		if err != nil {
			return err
		}
		number = n.E164
	}
	return p.DB.In(ctx, by.Tenant.ID, func(s *tenants.Scope) error {
		t, err := p.hold(ctx, s, by, rbac.PeopleEdit, account)
		if err != nil {
			return err
		}
		switch {
		case account == by.Who.ID:
			return refused("self")
		case t.Status != "active":
			return refused("disabled")
		case t.SignIn != "local":
			return refused("elsewhere")
		}
		if err := p.Accounts.TakeLetter(ctx, s, "office phone", account.String()); err != nil {
			return often(err, refused("often"))
		}
		return p.enrolment().SetOffice(ctx, s, by.Tenant, account, number)
	})
}

// often puts what a page says in the place of a limit on letters; other errors stay.
func often(err, said error) error {
	var limit *accounts.LimitError
	if errors.As(err, &limit) {
		return said
	}
	return err
}
