package people

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/google/uuid"

	"portico/app/audit"
	"portico/rbac"
	"portico/tenants"
)

// Group is a location, a department or another group of a tenant.
type Group struct {
	ID     uuid.UUID
	Name   string
	Kind   string    // location, department, group
	Above  uuid.UUID // the zero UUID: topmost
	Depth  int       // 0 of those that are shown topmost
	People int       // in the group itself, where a list counts them
	Edit   bool      // may be renamed
	Move   bool      // may be moved or deleted, too: what stands above is within reach
}

// mostGroups bounds a tenant's tree, and deepest how far down it goes.
const (
	mostGroups = 5000
	deepest    = 12
)

// Groups lists the groups within reach of people.read, each below the one above, by name, with how many
// people are in them: that reads a row a membership, so other lists of groups go without.
func (p *People) Groups(ctx context.Context, by By) ([]Group, error) {
	var all []Group
	err := p.DB.In(ctx, by.Tenant.ID, func(s *tenants.Scope) (err error) {
		if all, err = p.groups(ctx, s, by, rbac.PeopleRead); err != nil {
			return err
		}
		return countMembers(ctx, s, all)
	})
	return all, err
}

// countMembers counts who is in each group.
func countMembers(ctx context.Context, s *tenants.Scope, all []Group) error {
	at := make(map[uuid.UUID]int, len(all))
	ids := make([]uuid.UUID, len(all))
	for n, g := range all {
		at[g.ID], ids[n] = n, g.ID
	}
	return s.Each(ctx, "SELECT group_id, count(*) FROM account_groups WHERE tenant_id = $1 AND group_id = ANY ($2::uuid[]) GROUP BY group_id",
		[]any{s.Tenant(), ids}, func(scan func(...any) error) error {
			var id uuid.UUID
			var n int
			err := scan(&id, &n)
			all[at[id]].People = n
			return err
		})
}

// GroupsSeen lists what Groups does, without counting anybody: for choosing among them.
func (p *People) GroupsSeen(ctx context.Context, by By) ([]Group, error) {
	var all []Group
	err := p.DB.In(ctx, by.Tenant.ID, func(s *tenants.Scope) (err error) {
		all, err = p.groups(ctx, s, by, rbac.PeopleRead)
		return err
	})
	return all, err
}

// GroupsToEdit lists the groups that somebody may put people into.
func (p *People) GroupsToEdit(ctx context.Context, by By) ([]Group, error) {
	var all []Group
	err := p.DB.In(ctx, by.Tenant.ID, func(s *tenants.Scope) (err error) {
		all, err = p.groups(ctx, s, by, rbac.PeopleEdit)
		return err
	})
	return all, err
}

func (p *People) groups(ctx context.Context, s *tenants.Scope, by By, need rbac.Permission) ([]Group, error) {
	rows, tree, err := readGroups(ctx, s)
	if err != nil {
		return nil, err
	}
	see, edit := p.Guard.Decide(by.Tenant, by.Who, need), p.Guard.Decide(by.Tenant, by.Who, rbac.GroupsEdit)
	below := map[uuid.UUID][]Group{}
	for _, g := range rows {
		if !within(see, tree, g.ID) {
			continue
		}
		g.Edit = within(edit, tree, g.ID)
		g.Move = g.Edit && within(edit, tree, g.Above)
		above := g.Above
		if !within(see, tree, above) {
			above = uuid.UUID{}
		}
		below[above] = append(below[above], g)
	}
	var all []Group
	var walk func(above uuid.UUID, depth int)
	walk = func(above uuid.UUID, depth int) {
		for _, g := range below[above] {
			g.Depth = depth
			all = append(all, g)
			if depth < mostGroups {
				walk(g.ID, depth+1)
			}
		}
	}
	walk(uuid.UUID{}, 0)
	return all, nil
}

// readGroups reads them all by name, and how they hang together.
func readGroups(ctx context.Context, s *tenants.Scope) ([]Group, rbac.Tree, error) {
	var rows []Group
	tree := rbac.Tree{}
	err := s.Each(ctx, "SELECT id, name, kind, parent_id FROM groups WHERE tenant_id = $1", []any{s.Tenant()}, func(scan func(...any) error) error {
		var g Group
		var above *uuid.UUID
		err := scan(&g.ID, &g.Name, &g.Kind, &above)
		if above != nil {
			g.Above = *above
		}
		rows, tree[g.ID] = append(rows, g), g.Above
		return err
	})
	slices.SortFunc(rows, func(a, b Group) int {
		return cmp.Or(strings.Compare(strings.ToLower(a.Name), strings.ToLower(b.Name)), strings.Compare(a.ID.String(), b.ID.String()))
	})
	return rows, tree, err
}

// NewGroup is what a form says of a group.
type NewGroup struct {
	Name  string
	Kind  string
	Above uuid.UUID // the zero UUID: topmost
}

func (n *NewGroup) check() error {
	n.Name = strings.Join(strings.Fields(n.Name), " ")
	if c := utf8.RuneCountInString(n.Name); c == 0 || c > 100 || strings.ContainsFunc(n.Name, func(r rune) bool { return !unicode.IsPrint(r) }) {
		return &FieldError{"name", "group_name"}
	}
	if !slices.Contains(GroupKinds(), n.Kind) {
		return &FieldError{"kind", "group_kind"}
	}
	return nil
}

// GroupKinds are what a group can be.
func GroupKinds() []string { return []string{"location", "department", "group"} }

// AddGroup makes a group. *FieldError; tenants.ErrNotFound where what stands above is out of reach.
func (p *People) AddGroup(ctx context.Context, by By, n NewGroup) (id uuid.UUID, err error) {
	if err := n.check(); err != nil {
		return id, err
	}
	id = tenants.NewID()
	return id, p.DB.In(ctx, by.Tenant.ID, func(s *tenants.Scope) error {
		t, err := p.holdTree(ctx, s, by)
		if err != nil {
			return err
		}
		if err := errors.Join(t.mayStand(n.Above, id), t.twin(n, id)); err != nil {
			return err
		}
		if len(t.rows) >= mostGroups {
			return &FieldError{"name", "group_many"}
		}
		_, err = s.Exec(ctx, "INSERT INTO groups (tenant_id, id, parent_id, kind, name, created_at) VALUES ($1, $2, $3, $4, $5, $6)",
			s.Tenant(), id, orNone(n.Above), n.Kind, n.Name, s.Now())
		if err != nil {
			return err
		}
		return audit.Write(ctx, s, audit.Event{Kind: audit.GroupAdded, Outcome: audit.Success,
			Details: map[string]any{"group": id, "name": n.Name, "kind": n.Kind, "above": orNone(n.Above)}})
	})
}

// SaveGroup renames and moves a group. A circle is a *FieldError, also when two are moved at once; ErrHigher
// where roles would begin or end to hold there that the operator may not give. Nothing changed is no error
// and leaves no event.
func (p *People) SaveGroup(ctx context.Context, by By, id uuid.UUID, n NewGroup) error {
	if err := n.check(); err != nil {
		return err
	}
	return p.DB.In(ctx, by.Tenant.ID, func(s *tenants.Scope) error {
		t, err := p.holdTree(ctx, s, by)
		if err != nil {
			return err
		}
		old, err := t.editable(id)
		if err != nil {
			return err
		}
		if n.Above != old.Above {
			if !within(t.edit, t.tree, old.Above) {
				return tenants.ErrNotFound
			}
			if t.tree.Within(n.Above, id) {
				return &FieldError{"above", "group_circle"}
			}
			if err := t.mayStand(n.Above, id); err != nil {
				return err
			}
			if err := p.mayMove(ctx, s, by, t, old, n.Above); err != nil {
				return err
			}
		}
		if err := t.twin(n, id); err != nil {
			return err
		}
		if n.Name == old.Name && n.Kind == old.Kind && n.Above == old.Above {
			return nil
		}
		_, err = s.Exec(ctx, "UPDATE groups SET parent_id = $3, kind = $4, name = $5 WHERE tenant_id = $1 AND id = $2",
			s.Tenant(), id, orNone(n.Above), n.Kind, n.Name)
		if err != nil {
			return err
		}
		return audit.Write(ctx, s, audit.Event{Kind: audit.GroupChanged, Outcome: audit.Success, Details: map[string]any{"group": id,
			"before": map[string]any{"name": old.Name, "kind": old.Kind, "above": orNone(old.Above)},
			"after":  map[string]any{"name": n.Name, "kind": n.Kind, "above": orNone(n.Above)}}})
	})
}

// heldTree is a tenant's groups, kept as they are until the transaction ends.
type heldTree struct {
	rows []Group
	tree rbac.Tree
	edit rbac.Decision
}

var errNoTenant = errors.New("no such tenant")

// holdTree lets one change of a tenant's tree follow the other.
func (p *People) holdTree(ctx context.Context, s *tenants.Scope, by By) (heldTree, error) {
	t := heldTree{edit: p.Guard.Decide(by.Tenant, by.Who, rbac.GroupsEdit)}
	if !t.edit.Allowed {
		return t, tenants.ErrNotFound
	}
	_, err := s.Exec(ctx, "SELECT pg_advisory_xact_lock(hashtextextended('groups:' || $1::uuid::text, 0))", s.Tenant())
	if err != nil {
		return t, errors.Join(errNoTenant, err)
	}
	t.rows, t.tree, err = readGroups(ctx, s)
	return t, err
}

func (t heldTree) editable(id uuid.UUID) (Group, error) {
	i := slices.IndexFunc(t.rows, func(g Group) bool { return g.ID == id })
	if i < 0 || !within(t.edit, t.tree, id) {
		return Group{}, tenants.ErrNotFound
	}
	return t.rows[i], nil
}

// mayStand tells whether a group, with all below it, may stand below another.
func (t heldTree) mayStand(above, id uuid.UUID) error {
	if _, known := t.tree[above]; !known && above != (uuid.UUID{}) || !within(t.edit, t.tree, above) {
		return &FieldError{"above", "group_above"}
	}
	if len(t.above(above))+t.height(id) > deepest {
		return &FieldError{"above", "group_deep"}
	}
	return nil
}

// above lists a group and those above it, itself first; the zero UUID has none.
func (t heldTree) above(id uuid.UUID) []uuid.UUID {
	var chain []uuid.UUID
	for at := id; at != (uuid.UUID{}) && len(chain) <= len(t.tree); at = t.tree[at] {
		chain = append(chain, at)
	}
	return chain
}

// height is how many groups stand below one another from a group down, itself counted.
func (t heldTree) height(id uuid.UUID) int {
	height := 1
	for _, g := range t.rows {
		if n := slices.Index(t.above(g.ID), id); n >= 0 {
			height = max(height, n+1)
		}
	}
	return height
}

// twin is the fault of a name that another group has at the same place.
func (t heldTree) twin(n NewGroup, id uuid.UUID) error {
	for _, g := range t.rows {
		if g.ID != id && g.Above == n.Above && strings.EqualFold(g.Name, n.Name) {
			return &FieldError{"name", "group_twice"}
		}
	}
	return nil
}

func orNone(id uuid.UUID) *uuid.UUID {
	if id == (uuid.UUID{}) {
		return nil
	}
	return &id
}
