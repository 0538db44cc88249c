package people

import (
	"context"
	"strings"

	"github.com/google/uuid"

	"portico/app/audit"
	"portico/rbac"
	"portico/tenants"
)

// GroupUses is what hangs on a group.
type GroupUses struct {
	Group
	Path     []string    // the names above, the topmost first
	Below    int         // groups directly below: they have to go elsewhere first
	Members  []string    // the first twenty in it
	Roles    []GroupRole // as far as who looks may know who holds what
	Recovery bool        // the policy's reset.scope names it: only its people recover
}

// GroupRole is a role that somebody holds in a group.
type GroupRole struct {
	Account uuid.UUID
	Name    string
	Role    string
}

const shownMembers = 20

// ReadGroup reads a group with what hangs on it, for who may see it; tenants.ErrNotFound otherwise.
func (p *People) ReadGroup(ctx context.Context, by By, id uuid.UUID) (GroupUses, error) {
	var out GroupUses
	err := p.DB.In(ctx, by.Tenant.ID, func(s *tenants.Scope) error {
		all, err := p.groups(ctx, s, by, rbac.PeopleRead)
		if err != nil {
			return err
		}
		byID := map[uuid.UUID]Group{}
		for _, g := range all {
			byID[g.ID] = g
		}
		g, ok := byID[id]
		if !ok {
			return tenants.ErrNotFound
		}
		out.Group = g
		for at, ok := byID[g.Above]; ok && len(out.Path) < deepest; at, ok = byID[at.Above] {
			out.Path = append([]string{at.Name}, out.Path...)
		}
		if err := out.read(ctx, s, by); err != nil {
			return err
		}
		if !p.holdersShown(by, byID, id) {
			out.Roles = nil
		}
		return nil
	})
	return out, err
}

// holdersShown tells whether somebody may know who holds roles in a group: a role is held by people from anywhere.
func (p *People) holdersShown(by By, groups map[uuid.UUID]Group, id uuid.UUID) bool {
	tree := rbac.Tree{}
	for _, g := range groups {
		tree[g.ID] = g.Above
	}
	return within(p.Guard.Decide(by.Tenant, by.Who, rbac.RolesRead), tree, id)
}

func (u *GroupUses) read(ctx context.Context, s *tenants.Scope, by By) error {
	b := &tenants.Batch{}
	var external string
	b.Row(nil, "SELECT count(*) FROM groups WHERE tenant_id = $1 AND parent_id = $2", []any{s.Tenant(), u.ID}, &u.Below)
	b.Row(nil, "SELECT count(*) FROM account_groups WHERE tenant_id = $1 AND group_id = $2", []any{s.Tenant(), u.ID}, &u.People)
	b.Row(nil, "SELECT coalesce(external_id, '') FROM groups WHERE tenant_id = $1 AND id = $2", []any{s.Tenant(), u.ID}, &external)
	b.Rows(`SELECT a.display_name FROM account_groups m JOIN accounts a ON a.tenant_id = m.tenant_id AND a.id = m.account_id
		WHERE m.tenant_id = $1 AND m.group_id = $2 ORDER BY a.display_name, a.id LIMIT $3`, []any{s.Tenant(), u.ID, shownMembers}, func(scan func(...any) error) error {
		var name string
		err := scan(&name)
		u.Members = append(u.Members, name)
		return err
	})
	b.Rows(`SELECT a.id, a.display_name, r.role FROM role_assignments r JOIN accounts a ON a.tenant_id = r.tenant_id AND a.id = r.account_id
		WHERE r.tenant_id = $1 AND r.scope_id = $2 AND (r.ends_at IS NULL OR r.ends_at > $3) ORDER BY a.display_name, r.role, r.id`, []any{s.Tenant(), u.ID, s.Now()}, func(scan func(...any) error) error {
		var r GroupRole
		err := scan(&r.Account, &r.Name, &r.Role)
		u.Roles = append(u.Roles, r)
		return err
	})
	if err := s.Send(ctx, b); err != nil {
		return err
	}
	r := by.Tenant.Policy.Reset
	u.Recovery = external != "" && r.Scope == "group" && r.ScopeGroup == external
	return nil
}

// DeleteGroup deletes a group that has none below: its people stay, roles within it end. typed is its name:
// code confirm otherwise. Roles that the operator does not cover are ErrHigher; *RefusedError where something
// else hangs on it. One that is gone already is tenants.ErrNotFound.
func (p *People) DeleteGroup(ctx context.Context, by By, id uuid.UUID, typed string) error {
	return p.DB.In(ctx, by.Tenant.ID, func(s *tenants.Scope) error {
		t, err := p.holdTree(ctx, s, by)
		if err != nil {
			return err
		}
		g, err := t.editable(id)
		if err != nil {
			return err
		}
		if !within(t.edit, t.tree, g.Above) {
			return tenants.ErrNotFound
		}
		u := GroupUses{Group: g}
		if err := u.read(ctx, s, by); err != nil {
			return err
		}
		if err := p.mayDelete(by, t, u, typed); err != nil {
			return err
		}
		return dropGroup(ctx, s, u)
	})
}

func (p *People) mayDelete(by By, t heldTree, u GroupUses, typed string) error {
	for _, r := range u.Roles {
		if !p.Guard.MayGrant(by.Tenant, t.tree, by.Who, rbac.Holding{Role: r.Role, Group: u.ID}) {
			return ErrHigher
		}
	}
	switch {
	case u.Below > 0:
		return refused("group_below")
	case u.Recovery:
		return refused("group_recovery")
	case strings.Join(strings.Fields(typed), " ") != strings.Join(strings.Fields(u.Name), " "):
		return &FieldError{"name", "confirm"}
	}
	return nil
}

func dropGroup(ctx context.Context, s *tenants.Scope, u GroupUses) error {
	b := &tenants.Batch{}
	for _, r := range u.Roles {
		err := audit.Add(ctx, b, s, audit.Event{Kind: audit.RoleChanged, Outcome: audit.Success, Reason: "group deleted", AccountID: &r.Account,
			Details: map[string]any{"role": r.Role, "group": u.ID, "change": "taken"}})
		if err != nil {
			return err
		}
	}
	b.Exec("DELETE FROM groups WHERE tenant_id = $1 AND id = $2", s.Tenant(), u.ID)
	err := audit.Add(ctx, b, s, audit.Event{Kind: audit.GroupDeleted, Outcome: audit.Success,
		Details: map[string]any{"group": u.ID, "name": u.Name, "kind": u.Kind, "people": u.People, "roles": len(u.Roles)}})
	if err != nil {
		return err
	}
	return s.Send(ctx, b)
}
