package rbac

import (
	"context"
	"fmt"
	"slices"

	"github.com/google/uuid"

	"portico/tenants"
)

// Reach is where a decision holds: the whole tenant, or some groups with everything below them spelled out.
type Reach struct {
	Everywhere bool
	Groups     []uuid.UUID // those of the decision and all below; empty with Everywhere
}

// ReachOf spells a decision's groups out. It reads nothing where the decision holds everywhere or nowhere.
func ReachOf(ctx context.Context, s *tenants.Scope, d Decision) (Reach, error) {
	r := Reach{Everywhere: d.Allowed && d.Everywhere}
	if r.Everywhere || len(d.Groups) == 0 {
		return r, nil
	}
	tree, err := ReadTree(ctx, s)
	if err != nil {
		return Reach{}, err
	}
	for id := range tree {
		if slices.ContainsFunc(d.Groups, func(top uuid.UUID) bool { return tree.Within(id, top) }) {
			r.Groups = append(r.Groups, id)
		}
	}
	return r, nil
}

// PeopleSQL is the condition that an account lies within a reach, for a WHERE: the account's id, and the
// numbers of two parameters, Everywhere (boolean) and Groups (uuid[]). The tenant is parameter 1.
func PeopleSQL(account string, everywhere, groups int) string {
	return fmt.Sprintf(`($%d::boolean OR EXISTS (SELECT 1 FROM account_groups reach WHERE reach.tenant_id = $1
		AND reach.account_id = %s AND reach.group_id = ANY ($%d::uuid[])))`, everywhere, account, groups)
}

// Holds tells whether the reach covers somebody who is in some groups. Somebody in no group is reached
// from everywhere alone.
func (r Reach) Holds(groups []uuid.UUID) bool {
	return r.Everywhere || slices.ContainsFunc(groups, func(g uuid.UUID) bool { return slices.Contains(r.Groups, g) })
}

// And is where both reaches hold.
func (r Reach) And(other Reach) Reach {
	switch {
	case r.Everywhere:
		return other
	case other.Everywhere:
		return r
	}
	var both Reach
	for _, g := range r.Groups {
		if slices.Contains(other.Groups, g) {
			both.Groups = append(both.Groups, g)
		}
	}
	return both
}

// Tree leads from each group of a tenant to the one above; the zero UUID stands above the topmost.
type Tree map[uuid.UUID]uuid.UUID

// ReadTree reads a tenant's groups: brand, locations, departments.
func ReadTree(ctx context.Context, s *tenants.Scope) (Tree, error) {
	tree := Tree{}
	err := s.Each(ctx, "SELECT id, parent_id FROM groups WHERE tenant_id = $1", []any{s.Tenant()}, func(scan func(...any) error) error {
		var id uuid.UUID
		var above *uuid.UUID
		if err := scan(&id, &above); err != nil {
			return err
		}
		tree[id] = uuid.UUID{}
		if above != nil {
			tree[id] = *above
		}
		return nil
	})
	return tree, err
}

// Within tells whether a group is another one or below it. A circle, which the database does not hold off
// by itself, ends the search.
func (t Tree) Within(group, top uuid.UUID) bool {
	for range len(t) + 1 {
		if group == top {
			return true
		}
		above, ok := t[group]
		if !ok || above == (uuid.UUID{}) {
			return false
		}
		group = above
	}
	return false
}
