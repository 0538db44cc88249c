package people

import (
	"context"
	"slices"

	"github.com/google/uuid"

	"portico/rbac"
	"portico/tenants"
)

// mayMove answers ErrHigher where a move gives or takes what the operator may not: who holds a role in a
// group holds it in all below, so it begins to hold in the moved group, or ends there.
func (p *People) mayMove(ctx context.Context, s *tenants.Scope, by By, t heldTree, g Group, to uuid.UUID) error {
	before, after := t.above(g.Above), t.above(to)
	var differ []uuid.UUID
	for _, id := range slices.Concat(before, after) {
		if slices.Contains(before, id) != slices.Contains(after, id) {
			differ = append(differ, id)
		}
	}
	roles, err := rolesIn(ctx, s, differ)
	for _, role := range roles {
		if err == nil && !p.Guard.MayGrant(by.Tenant, t.tree, by.Who, rbac.Holding{Role: role, Group: g.ID}) {
			return ErrHigher
		}
	}
	return err
}

// mayJoin answers ErrHigher where putting somebody into a group lets those who hold roles there, or above, do
// to them what the operator may not: whoever may only sort people would come by more over them.
func (p *People) mayJoin(ctx context.Context, s *tenants.Scope, by By, t target, group uuid.UUID) error {
	roles, err := rolesIn(ctx, s, heldTree{tree: t.tree}.above(group))
	for _, name := range roles {
		role, _ := rbac.RoleNamed(by.Tenant, name) // one that nobody knows gives nothing
		for _, need := range overPeople() {
			if err == nil && role.Allows(need) && !reaches(p.Guard.Decide(by.Tenant, by.Who, need), t.tree, t.groups) {
				return ErrHigher
			}
		}
	}
	return err
}

// overPeople are the permissions that change what somebody's account may do or is opened by. Who may merely
// see one person more is a matter of where people are.
func overPeople() []rbac.Permission {
	return []rbac.Permission{rbac.PeopleInvite, rbac.PeopleEdit, rbac.PeopleDisable, rbac.PeopleUnlock, rbac.PeopleRecover,
		rbac.PeopleSessions, rbac.PeopleErase, rbac.RolesAssign, rbac.LettersResend}
}

// rolesIn are the roles that somebody holds in one of some groups now, each once.
func rolesIn(ctx context.Context, s *tenants.Scope, groups []uuid.UUID) (roles []string, err error) {
	if len(groups) == 0 {
		return nil, nil
	}
	err = s.Each(ctx, `SELECT DISTINCT role FROM role_assignments WHERE tenant_id = $1 AND scope_id = ANY ($2)
		AND (ends_at IS NULL OR ends_at > $3) ORDER BY role`, []any{s.Tenant(), groups, s.Now()}, func(scan func(...any) error) error {
		var role string
		err := scan(&role)
		roles = append(roles, role)
		return err
	})
	return roles, err
}
