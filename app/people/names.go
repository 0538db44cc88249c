package people

import (
	"context"
	"strings"

	"github.com/google/uuid"

	"portico/rbac"
	"portico/tenants"
)

// mostNames bounds the groups that a list offers to choose from.
const mostNames = 500

// GroupNames lists the groups within reach of a permission, each below the one above, without counting who
// is in them; at most 500.
func (p *People) GroupNames(ctx context.Context, by By, need rbac.Permission) ([]Group, error) {
	var all []Group
	err := p.DB.In(ctx, by.Tenant.ID, func(s *tenants.Scope) (err error) {
		all, err = p.groupNames(ctx, s, by, need)
		return err
	})
	return all, err
}

func (p *People) groupNames(ctx context.Context, s *tenants.Scope, by By, need rbac.Permission) ([]Group, error) {
	var named []Group
	tree := rbac.Tree{}
	err := s.Each(ctx, `SELECT id, name, kind, coalesce(parent_id, '00000000-0000-0000-0000-000000000000') FROM groups
		WHERE tenant_id = $1 ORDER BY lower(name), id`, []any{s.Tenant()}, func(scan func(...any) error) error {
		var g Group
		err := scan(&g.ID, &g.Name, &g.Kind, &g.Above)
		named, tree[g.ID] = append(named, g), g.Above
		return err
	})
	if err != nil {
		return nil, err
	}
	d := p.Guard.Decide(by.Tenant, by.Who, need)
	below := map[uuid.UUID][]Group{}
	for _, g := range named {
		if within(d, tree, g.ID) {
			if !within(d, tree, g.Above) {
				g.Above = uuid.UUID{}
			}
			below[g.Above] = append(below[g.Above], g)
		}
	}
	var all []Group
	var walk func(above uuid.UUID, depth int)
	walk = func(above uuid.UUID, depth int) {
		for _, g := range below[above] {
			if len(all) == mostNames || depth > deepest {
				return
			}
			g.Depth, g.Name = depth, strings.TrimSpace(g.Name)
			all = append(all, g)
			walk(g.ID, depth+1)
		}
	}
	walk(uuid.UUID{}, 0)
	return all, nil
}
