package people

import (
	"context"
	"errors"

	"github.com/google/uuid"

	"portico/app/accounts"
	"portico/app/audit"
	"portico/app/letters"
	"portico/rbac"
	"portico/tenants"
)

// Letter is one letter with its way, within reach of a permission; tenants.ErrNotFound.
func (p *People) Letter(ctx context.Context, by By, need rbac.Permission, id uuid.UUID) (letters.Delivery, error) {
	var one letters.Delivery
	err := p.DB.In(ctx, by.Tenant.ID, func(s *tenants.Scope) (err error) {
		one, err = p.letter(ctx, s, by, need, id)
		return err
	})
	return one, err
}

func (p *People) letter(ctx context.Context, s *tenants.Scope, by By, need rbac.Permission, id uuid.UUID) (one letters.Delivery, err error) {
	d := p.Guard.Decide(by.Tenant, by.Who, need)
	if !d.Allowed {
		return one, tenants.ErrNotFound
	}
	reach, err := rbac.ReachOf(ctx, s, d)
	if err != nil {
		return one, err
	}
	filter := letters.DeliveryFilter{ID: &id}
	if !reach.Everywhere {
		filter.Groups = &reach.Groups
	}
	rows, err := letters.Deliveries(ctx, s, filter)
	if err == nil && len(rows) == 0 {
		err = tenants.ErrNotFound
	}
	if err != nil {
		return one, err
	}
	return rows[0], nil
}

// ResendLetter writes a letter anew by the story that wrote it: the person gets a new link, the one before ends,
// and their limits hold. Never a copy: what a letter said is gone once it was handed over. tenants.ErrNotFound for
// a letter out of reach or of a kind that is not written anew; ErrHigher; *RefusedError with letter_<reason>,
// when nothing was sent and nothing is written down.
func (p *People) ResendLetter(ctx context.Context, by By, id uuid.UUID, locale string) error {
	return p.DB.In(ctx, by.Tenant.ID, func(s *tenants.Scope) error {
		one, err := p.letter(ctx, s, by, rbac.LettersResend, id)
		if err != nil {
			return err
		}
		if !one.Again() {
			return tenants.ErrNotFound
		}
		if err := p.outranks(ctx, s, by, *one.AccountID); err != nil {
			return err
		}
		err = audit.Write(ctx, s, audit.Event{Kind: audit.LetterResent, Outcome: audit.Success, AccountID: one.AccountID,
			Details: map[string]any{"letter": one.ID, "kind": one.Kind}})
		if err != nil {
			return err
		}
		if one.Suppressed { // one letter goes there because an administrator says so
			if err := letters.LetOne(ctx, s, one.To); err != nil {
				return err
			}
		}
		return p.writeAgain(ctx, s, by, one, locale)
	})
}

// writeAgain lets the story write its letter.
func (p *People) writeAgain(ctx context.Context, s *tenants.Scope, by By, one letters.Delivery, locale string) error {
	if one.Kind == "recovery" {
		why, err := p.Accounts.SendRecovery(ctx, s, by.Tenant, *one.AccountID, locale)
		if err == nil && why != "" {
			err = refused("letter_" + why)
		}
		return err
	}
	// By the account: whoever has the letter's address by now may be somebody else.
	_, err := p.Accounts.InviteAgain(ctx, s, by.Tenant, *one.AccountID, inviter(ctx, by))
	switch {
	case errors.Is(err, accounts.ErrInvitedLately):
		return refused("letter_limited")
	case errors.Is(err, accounts.ErrNotInvited):
		return refused("letter_invite")
	}
	return err
}

// outranks refuses somebody who may do more than who asks, and keeps them as they are; tenants.ErrNotFound when
// they were erased since.
func (p *People) outranks(ctx context.Context, s *tenants.Scope, by By, account uuid.UUID) error {
	b := &tenants.Batch{}
	accounts.Hold(b, s, &account)
	found := false
	var holds []string
	b.Row(&found, "SELECT "+rbac.HoldingsSQL("a.tenant_id", "a.id", "$3")+" FROM accounts a WHERE a.tenant_id = $1 AND a.id = $2",
		[]any{s.Tenant(), account, s.Now()}, &holds)
	if err := s.Send(ctx, b); err != nil {
		return err
	}
	if !found {
		return tenants.ErrNotFound
	}
	holdings, err := rbac.ParseHoldings(holds)
	if err != nil {
		return err
	}
	tree, err := rbac.ReadTree(ctx, s)
	if err != nil {
		return err
	}
	if !p.Guard.Covers(by.Tenant, tree, by.Who, holdings) {
		return ErrHigher
	}
	return nil
}
