package access

import (
	"context"
	"slices"
	"strings"

	"github.com/google/uuid"

	"portico/rbac"
	"portico/tenants"
)

// Group is one location or department, with the names above it.
type Group struct {
	ID   uuid.UUID
	Path []string // from the top: "Lisbon", "Front desk"
}

// GroupsWithin lists the groups of a reach by their paths.
func (a *Access) GroupsWithin(ctx context.Context, t *tenants.Tenant, reach rbac.Reach) ([]Group, error) {
	type row struct {
		above *uuid.UUID
		name  string
	}
	rows := map[uuid.UUID]row{}
	err := a.DB.In(ctx, t.ID, func(s *tenants.Scope) error {
		return s.Each(ctx, "SELECT id, parent_id, name FROM groups WHERE tenant_id = $1", []any{s.Tenant()}, func(scan func(...any) error) error {
			var id uuid.UUID
			var r row
			err := scan(&id, &r.above, &r.name)
			rows[id] = r
			return err
		})
	})
	var all []Group
	for id := range rows {
		if !reach.Everywhere && !slices.Contains(reach.Groups, id) {
			continue
		}
		g := Group{ID: id}
		for at, n := &id, 0; at != nil && n <= len(rows); n++ {
			r, ok := rows[*at]
			if !ok {
				break
			}
			g.Path = append([]string{r.name}, g.Path...)
			at = r.above
		}
		all = append(all, g)
	}
	slices.SortFunc(all, func(a, b Group) int {
		return strings.Compare(strings.Join(a.Path, "\x00"), strings.Join(b.Path, "\x00"))
	})
	return all, err
}
