package rbac

import (
	"slices"

	"github.com/google/uuid"

	"portico/tenants"
)

// Covers tells whether somebody holds everything that some holdings give, at least where those give it.
// It is the rule about ranks: who does not cover a role may not grant it, and who does not cover what
// somebody holds may not reset, unlock, disable or change them. A role that nobody knows any more gives
// nothing, and is covered by who may do everything everywhere.
func (g *Guard) Covers(t *tenants.Tenant, tree Tree, who Subject, what []Holding) bool {
	for _, h := range what {
		role, ok := RoleNamed(t, h.Role)
		if !ok {
			role.Permissions = Permissions()
		}
		for _, p := range role.Permissions {
			if !h.Everywhere() && p.wide() {
				continue // gives nothing there
			}
			if !g.Decide(t, who, p).reaches(tree, h.Group) {
				return false
			}
		}
	}
	return true
}

// reaches tells whether a decision holds in a group, or with the zero UUID in the whole tenant.
func (d Decision) reaches(tree Tree, group uuid.UUID) bool {
	if !d.Allowed || d.Everywhere {
		return d.Allowed
	}
	return group != (uuid.UUID{}) && slices.ContainsFunc(d.Groups, func(top uuid.UUID) bool { return tree.Within(group, top) })
}

// MayGrant tells whether somebody may give or take a role in a group (the zero UUID: the whole tenant):
// they may assign roles there, and hold themselves what the role gives.
func (g *Guard) MayGrant(t *tenants.Tenant, tree Tree, who Subject, h Holding) bool {
	return g.Decide(t, who, RolesAssign).reaches(tree, h.Group) && g.Covers(t, tree, who, []Holding{h})
}
