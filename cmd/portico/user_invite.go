package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"portico/app/accounts"
	"portico/app/audit"
	"portico/tenants"
	"portico/themes"
)

type userInvite struct {
	config
	Tenant     string   `arg:"" help:"The tenant's slug."`
	Email      string   `required:"" help:"Where the letter goes. Somebody who has an account with this address and no password yet is invited as they are."`
	Name       string   `help:"The name as shown; needed for somebody new."`
	Username   string   `help:"The username."`
	UserID     string   `name:"user-id" help:"The user id."`
	ExternalID string   `name:"external-id" help:"Names the account for ever, for imports."`
	Locale     string   `help:"The person's language, such as de."`
	Role       []string `help:"A role, or ROLE:GROUP for one group and what is below it; may be repeated." placeholder:"ROLE[:GROUP]"`
	Group      []string `help:"external_id of a group; may be repeated."`
	By         string   `help:"Who invites, for the audit." default:"operator"`
	Revoke     bool     `help:"End the invitation that stands for this address instead."`
	JSON       bool     `help:"As JSON."`
}

// invited is what `user invite --json` prints; the link is in the letter alone.
type invited struct {
	Account string `json:"account"`
	To      string `json:"to"`
	Created bool   `json:"created"`
	Expires string `json:"expires"`
}

// Run writes the letter, which an instance that serves sends, or revokes the invitation.
func (u *userInvite) Run(ctx context.Context) error {
	inv, err := u.invitation()
	if err != nil {
		return err
	}
	return at(ctx, u.config, u.Tenant, func(ctx context.Context, p *portal, s *tenants.Scope, t *tenants.Tenant) error {
		if u.Revoke {
			return u.revoke(ctx, p, s)
		}
		done, err := p.accounts.Invite(ctx, s, t, inv)
		if err != nil {
			return fmt.Errorf("%s: %w", u.Email, err)
		}
		out := invited{Account: done.AccountID.String(), To: done.To, Created: done.Created, Expires: done.ExpiresAt.UTC().Format("2006-01-02 15:04 UTC")}
		if u.JSON {
			return printJSON(out)
		}
		fmt.Printf("invited %s (%s); the link works once, until %s\n", out.To, map[bool]string{true: "new account", false: "known account"}[out.Created], out.Expires)
		return nil
	})
}

func (u *userInvite) revoke(ctx context.Context, p *portal, s *tenants.Scope) error {
	id, err := accounts.Find(ctx, s, u.Email)
	if err == nil {
		err = p.accounts.RevokeInvitation(ctx, s, id, u.By)
	}
	if errors.Is(err, tenants.ErrNotFound) {
		return fmt.Errorf("no invitation stands for %q", u.Email)
	}
	return err
}

// invitation reads the flags; what a tenant file would refuse of a person is refused here too.
func (u *userInvite) invitation() (accounts.Invitation, error) {
	inv := accounts.Invitation{By: u.By, Groups: u.Group, New: accounts.New{ExternalID: u.ExternalID, DisplayName: strings.TrimSpace(u.Name),
		Locale: u.Locale, Identifiers: map[string]string{accounts.Email: u.Email, accounts.Username: u.Username, accounts.UserID: u.UserID}}}
	for _, role := range u.Role {
		name, group, _ := strings.Cut(role, ":")
		inv.Roles = append(inv.Roles, accounts.Grant{Role: name, Scope: group})
	}
	if u.Locale != "" && !slices.Contains(themes.Locales(), u.Locale) {
		return inv, fmt.Errorf("--locale: %q is none of %s", u.Locale, strings.Join(themes.Locales(), ", "))
	}
	person := tenants.FileAccount{ExternalID: u.ExternalID, Name: cmp.Or(u.Name, u.Email), Email: u.Email, Username: u.Username, UserID: u.UserID}
	for _, g := range inv.Roles {
		person.Roles = append(person.Roles, tenants.FileRole{Role: g.Role})
	}
	if faults := person.Faults(); !u.Revoke && len(faults) > 0 {
		return inv, fmt.Errorf("%s", faults[0])
	}
	return inv, nil
}

// at runs work in one transaction of a tenant, as the operator.
func at(ctx context.Context, c config, slug string, work func(context.Context, *portal, *tenants.Scope, *tenants.Tenant) error) error {
	p, err := c.operate()
	if err != nil {
		return err
	}
	defer p.close()
	t, err := p.resolver.BySlug(ctx, slug)
	if errors.Is(err, tenants.ErrNoTenant) {
		return fmt.Errorf("there is no tenant %q", slug)
	}
	if err != nil {
		return err
	}
	ctx = audit.With(ctx, audit.Origin{Actor: audit.Operator})
	return p.db.In(ctx, t.ID, func(s *tenants.Scope) error { return work(ctx, p, s, t) })
}
