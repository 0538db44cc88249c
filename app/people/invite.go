package people

import (
	"context"
	"errors"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/google/uuid"

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

func inviter(by By) string { return audit.AccountActor(by.Who.ID) }

// Invite makes an account without a password and mails its link. Whatever is wrong is a *FieldError with the
// codes bad_name, bad_address, bad_identifier, taken, known, bad_role, bad_group; nobody gives a role that
// they do not hold, and who reaches some groups alone puts people into one of them.
func (p *People) Invite(ctx context.Context, by By, n NewPerson) error {
	n.Name, n.Address = strings.TrimSpace(n.Name), strings.TrimSpace(n.Address)
	if err := n.check(by.Tenant); err != nil {
		return err
	}
	return p.DB.In(ctx, by.Tenant.ID, func(s *tenants.Scope) error {
		// The groups stay as they are until the invitation is written.
		if _, err := s.Exec(ctx, "SELECT id FROM groups WHERE tenant_id = $1 AND id = ANY ($2) FOR SHARE", s.Tenant(), []uuid.UUID{n.Group, n.Scope}); err != nil {
			return err
		}
		tree, err := rbac.ReadTree(ctx, s)
		if err != nil {
			return err
		}
		if err := p.mayInvite(by, tree, n); err != nil {
			return err
		}
		return p.inviteIn(ctx, s, by, n)
	})
}

func (n NewPerson) check(t *tenants.Tenant) error {
	if !utf8.ValidString(n.Name) || n.Name == "" || utf8.RuneCountInString(n.Name) > 200 || strings.ContainsFunc(n.Name, unicode.IsControl) {
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

func (p *People) inviteIn(ctx context.Context, s *tenants.Scope, by By, n NewPerson) error {
	ids := map[string]string{accounts.Email: n.Address}
	if kind := NeedsIdentifier(by.Tenant); kind != "" {
		ids[kind] = n.Identifiers[kind]
	}
	for kind, typed := range ids {
		var taken bool
		err := s.Row(ctx, "SELECT EXISTS (SELECT FROM account_identifiers WHERE tenant_id = $1 AND kind = $2 AND norm = $3)",
			[]any{s.Tenant(), kind, accounts.LookUpKey(kind, typed)}, &taken)
		if err != nil {
			return err
		}
		if taken && kind == accounts.Email {
			return &FieldError{"address", "known"}
		}
		if taken {
			return &FieldError{kind, "taken"}
		}
	}
	done, err := p.Accounts.Invite(ctx, s, by.Tenant, accounts.Invitation{By: inviter(by),
		New: accounts.New{DisplayName: n.Name, Locale: n.Locale, Identifiers: ids}})
	if errors.Is(err, accounts.ErrNotInvited) || errors.Is(err, accounts.ErrBadIdentifier) {
		return &FieldError{"address", "known"}
	}
	if err != nil {
		return err
	}
	return fix(ctx, s, by, n, done.AccountID)
}

// fix gives a new account the group and the role of its invitation.
func fix(ctx context.Context, s *tenants.Scope, by By, n NewPerson, account uuid.UUID) error {
	b := &tenants.Batch{}
	if n.Group != (uuid.UUID{}) {
		b.Exec("INSERT INTO account_groups (tenant_id, account_id, group_id) VALUES ($1, $2, $3)", s.Tenant(), account, n.Group)
	}
	if n.Role != "" {
		b.Exec(`INSERT INTO role_assignments (tenant_id, id, account_id, role, scope_id, granted_by, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7)`,
			s.Tenant(), tenants.NewID(), account, n.Role, orNone(n.Scope), inviter(by), s.Now())
		details := map[string]any{"after": n.Role}
		if n.Scope != (uuid.UUID{}) {
			details["group"] = n.Scope
		}
		if err := audit.Add(ctx, b, s, audit.Event{Kind: audit.RoleChanged, Outcome: audit.Success, AccountID: &account, Details: details}); err != nil {
			return err
		}
	}
	return s.Send(ctx, b)
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
