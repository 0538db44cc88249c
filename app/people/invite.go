package people

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/google/uuid"

	"portico/app/access"
	"portico/app/accounts"
	"portico/app/audit"
	"portico/rbac"
	"portico/tenants"
)

// NewPerson is who is invited, with what the invitation fixes.
type NewPerson struct {
	Name, Address string
	Identifiers   map[string]string // kinds beside the address, where the policy signs in with one
	Role          string            // "" is none
	Scope         uuid.UUID         // of the role; the zero UUID is the whole tenant
	Group         uuid.UUID         // to be put into; the zero UUID is none
	Locale        string
}

// NeedsIdentifier is the kind beside the address that somebody signs in with; "" where the address is it.
func NeedsIdentifier(t *tenants.Tenant) string {
	if kind := t.Policy.SignIn.Identifier; kind != accounts.Email {
		return kind
	}
	return ""
}

// TakesInvitations tells whether the policy takes new people by invitation.
func TakesInvitations(t *tenants.Tenant) bool { return slices.Contains(t.Policy.Users.Mode, "invite") }

// inviter is who invites, as the audit names them: a key of the API where one acts for by.
func inviter(ctx context.Context, by By) string {
	return cmp.Or(audit.From(ctx).Actor, audit.AccountActor(by.Who.ID))
}

// Invite makes an account without a password and mails its link. Whatever is wrong is a *FieldError with the
// codes bad_name, bad_address, bad_identifier, taken, known, bad_role, bad_group; nobody gives a role that
// they do not hold (*access.UntilError: or hold until a moment), and who reaches some groups alone puts people
// into one of them.
// It answers the new account.
func (p *People) Invite(ctx context.Context, by By, n NewPerson) (account uuid.UUID, err error) {
	n.Name, n.Address = strings.TrimSpace(n.Name), strings.TrimSpace(n.Address)
	if err := n.check(by.Tenant); err != nil {
		return account, err
	}
	err = p.DB.In(ctx, by.Tenant.ID, func(s *tenants.Scope) error {
		// The groups stay as they are until the invitation is written.
		if _, err := s.Exec(ctx, "SELECT id FROM groups WHERE tenant_id = $1 AND id = ANY ($2) FOR SHARE", s.Tenant(), []uuid.UUID{n.Group, n.Scope}); err != nil {
			return err
		}
		tree, err := treeAbove(ctx, s, n.Group, n.Scope)
		if err != nil {
			return err
		}
		if err := p.mayInvite(by, tree, n); err != nil {
			return err
		}
		if n.Role != "" { // it comes without an end
			if err := access.Lasts(ctx, s, p.Guard, by.Tenant, tree, by.Who, rbac.Holding{Role: n.Role, Group: n.Scope}, nil); err != nil {
				return err
			}
		}
		account, err = p.inviteIn(ctx, s, by, n)
		return err
	})
	return account, err
}

func (n NewPerson) check(t *tenants.Tenant) error {
	if !properName(n.Name) {
		return &FieldError{"name", "bad_name"}
	}
	if _, _, err := accounts.Storable(accounts.Email, n.Address); err != nil {
		return &FieldError{"address", "bad_address"}
	}
	if kind := NeedsIdentifier(t); kind != "" {
		if _, _, err := accounts.Storable(kind, n.Identifiers[kind]); err != nil {
			return &FieldError{kind, "bad_identifier"}
		}
	}
	return nil
}

// treeAbove reads as much of the tree as says where some groups are: themselves, and those above.
func treeAbove(ctx context.Context, s *tenants.Scope, groups ...uuid.UUID) (rbac.Tree, error) {
	tree := rbac.Tree{}
	err := s.Each(ctx, `WITH RECURSIVE up AS (
			SELECT id, parent_id FROM groups WHERE tenant_id = $1 AND id = ANY ($2)
			UNION SELECT g.id, g.parent_id FROM groups g JOIN up ON g.id = up.parent_id WHERE g.tenant_id = $1)
		SELECT id, coalesce(parent_id, '00000000-0000-0000-0000-000000000000') FROM up`, []any{s.Tenant(), groups}, func(scan func(...any) error) error {
		var id, above uuid.UUID
		err := scan(&id, &above)
		tree[id] = above
		return err
	})
	return tree, err
}

// mayInvite looks whether who invites reaches the group and may grant the role.
func (p *People) mayInvite(by By, tree rbac.Tree, n NewPerson) error {
	d := p.Guard.Decide(by.Tenant, by.Who, rbac.PeopleInvite)
	known := func(g uuid.UUID) bool { _, ok := tree[g]; return ok || g == (uuid.UUID{}) }
	if !known(n.Group) || !within(d, tree, n.Group) {
		return &FieldError{"group", "bad_group"}
	}
	if n.Role == "" {
		return nil
	}
	offered := slices.ContainsFunc(rbac.Roles(by.Tenant), func(r rbac.Role) bool { return r.Name == n.Role })
	if !offered || !known(n.Scope) || !p.Guard.MayGrant(by.Tenant, tree, by.Who, rbac.Holding{Role: n.Role, Group: n.Scope}) {
		return &FieldError{"role", "bad_role"}
	}
	return nil
}

func (p *People) inviteIn(ctx context.Context, s *tenants.Scope, by By, n NewPerson) (account uuid.UUID, err error) {
	ids := map[string]string{accounts.Email: n.Address}
	if kind := NeedsIdentifier(by.Tenant); kind != "" {
		ids[kind] = n.Identifiers[kind]
	}
	for kind, typed := range ids {
		var taken bool
		err := s.Row(ctx, "SELECT EXISTS (SELECT FROM account_identifiers WHERE tenant_id = $1 AND kind = $2 AND norm = $3)",
			[]any{s.Tenant(), kind, accounts.LookUpKey(kind, typed)}, &taken)
		if err != nil {
			return account, err
		}
		if taken && kind == accounts.Email {
			return account, &FieldError{"address", "known"}
		}
		if taken {
			return account, &FieldError{kind, "taken"}
		}
	}
	done, err := p.Accounts.Invite(ctx, s, by.Tenant, accounts.Invitation{By: inviter(ctx, by),
		New: accounts.New{DisplayName: n.Name, Locale: n.Locale, Identifiers: ids}})
	if errors.Is(err, accounts.ErrNotInvited) || errors.Is(err, accounts.ErrBadIdentifier) || errors.Is(err, accounts.ErrTaken) {
		return account, &FieldError{"address", "known"} // ErrTaken: at this very moment, as by a double click
	}
	if err != nil {
		return account, err
	}
	return done.AccountID, fix(ctx, s, n, done.AccountID)
}

// fix gives a new account the group and the role of its invitation.
func fix(ctx context.Context, s *tenants.Scope, n NewPerson, account uuid.UUID) error {
	if n.Group != (uuid.UUID{}) {
		_, err := s.Exec(ctx, "INSERT INTO account_groups (tenant_id, account_id, group_id) VALUES ($1, $2, $3)", s.Tenant(), account, n.Group)
		if err != nil {
			return err
		}
	}
	if n.Role == "" {
		return nil
	}
	_, err := access.Assign(ctx, s, account, rbac.Holding{Role: n.Role, Group: n.Scope})
	return err
}

// Grantable are the roles that somebody may give somewhere.
func (p *People) Grantable(by By) []rbac.Role {
	d := p.Guard.Decide(by.Tenant, by.Who, rbac.RolesAssign)
	places := append([]uuid.UUID{{}}, d.Groups...)
	var all []rbac.Role
	for _, r := range rbac.Roles(by.Tenant) {
		if slices.ContainsFunc(places, func(g uuid.UUID) bool {
			tree := rbac.Tree{g: {}}
			return p.Guard.MayGrant(by.Tenant, tree, by.Who, rbac.Holding{Role: r.Name, Group: g})
		}) {
			all = append(all, r)
		}
	}
	return all
}
