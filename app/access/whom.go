package access

import (
	"context"

	"github.com/google/uuid"

	"portico/rbac"
	"portico/tenants"
)

// Whom is somebody whose roles are looked at.
type Whom struct {
	ID         uuid.UUID
	Name       string
	Active     bool
	Holdings   []rbac.Holding
	GroupNames map[uuid.UUID]string // of the groups in Holdings
}

// Whom reads a person within a reach; tenants.ErrNotFound for everybody else.
func (a *Access) Whom(ctx context.Context, t *tenants.Tenant, reach rbac.Reach, id uuid.UUID) (Whom, error) {
	w := Whom{GroupNames: map[uuid.UUID]string{}}
	err := a.DB.In(ctx, t.ID, func(s *tenants.Scope) error {
		err := s.Row(ctx, `SELECT a.id, a.display_name, a.status = 'active' FROM accounts a WHERE a.tenant_id = $1 AND a.id = $2 AND `+
			rbac.PeopleSQL("a.id", 3, 4), []any{s.Tenant(), id, reach.Everywhere, reach.Groups}, &w.ID, &w.Name, &w.Active)
		if err != nil {
			return err
		}
		all, err := given(ctx, s, id)
		for _, g := range all {
			w.Holdings = append(w.Holdings, g.Holding)
			w.GroupNames[g.Holding.Group] = g.Group
		}
		return err
	})
	return w, err
}

// MayGive lists the offered roles that somebody may give somewhere within their reach.
func (a *Access) MayGive(ctx context.Context, t *tenants.Tenant, by rbac.Subject, reach rbac.Reach) ([]rbac.Role, error) {
	var all []rbac.Role
	err := a.DB.In(ctx, t.ID, func(s *tenants.Scope) error {
		tree, err := rbac.ReadTree(ctx, s)
		if err != nil {
			return err
		}
		places := reach.Groups
		if reach.Everywhere {
			places = []uuid.UUID{{}}
		}
		for _, r := range rbac.Roles(t) {
			for _, g := range places {
				if a.Guard.MayGrant(t, tree, by, rbac.Holding{Role: r.Name, Group: g}) {
					all = append(all, r)
					break
				}
			}
		}
		return nil
	})
	return all, err
}
