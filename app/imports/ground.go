package imports

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/google/uuid"

	"portico/app/access"
	"portico/app/apikeys"
	"portico/rbac"
	"portico/tenants"
)

// errRights means that whoever imports may not do so any more.
var errRights = errors.New("whoever imports may not do so any more")

// ground is what rows are judged by, read once a chunk: groups, roles, who imports and what they may do.
type ground struct {
	m       *Imports
	t       *tenants.Tenant
	who     rbac.Subject
	lasting rbac.Subject // with what they hold without an end
	all     bool         // an operator: no permission is asked for
	fields  []Field
	invite  bool

	groups map[string]uuid.UUID // by external_id
	named  map[uuid.UUID]string
	tree   rbac.Tree
	owners map[uuid.UUID]bool // of access.OwnersSQL; changes as rows are judged

	grants map[rbac.Holding]bool // what MayGrant answered
	kept   map[rbac.Holding]bool // of lasting
	covers map[string]bool       // what Covers answered, by the holdings
}

func (m *Imports) readGround(ctx context.Context, s *tenants.Scope, t *tenants.Tenant, i Import) (*ground, error) {
	g := &ground{m: m, t: t, all: i.By.Account == uuid.Nil, fields: i.Fields, invite: i.Options.Invite,
		groups: map[string]uuid.UUID{}, named: map[uuid.UUID]string{}, owners: map[uuid.UUID]bool{},
		grants: map[rbac.Holding]bool{}, kept: map[rbac.Holding]bool{}, covers: map[string]bool{}}
	if err := g.readImporter(ctx, s, i.By); err != nil {
		return nil, err
	}
	err := s.Each(ctx, "SELECT id, external_id FROM groups WHERE tenant_id = $1 AND external_id IS NOT NULL", []any{s.Tenant()},
		func(scan func(...any) error) error {
			var id uuid.UUID
			var external string
			err := scan(&id, &external)
			g.groups[external], g.named[id] = id, external
			return err
		})
	if err != nil {
		return nil, err
	}
	err = s.Each(ctx, access.OwnersSQL, []any{s.Tenant(), rbac.Owners()}, func(scan func(...any) error) error {
		var id uuid.UUID
		err := scan(&id)
		g.owners[id] = true
		return err
	})
	if err != nil {
		return nil, err
	}
	g.tree, err = rbac.ReadTree(ctx, s)
	return g, err
}

// readImporter reads what who imports holds now: rights that ended meanwhile count no more, and neither does
// a key that was revoked.
func (g *ground) readImporter(ctx context.Context, s *tenants.Scope, by By) error {
	if g.all {
		return nil
	}
	account := by.Account
	var status string
	var held []string
	err := s.Row(ctx, "SELECT a.status, "+rbac.HoldingsSQL("a.tenant_id", "a.id", "$3")+" FROM accounts a WHERE a.tenant_id = $1 AND a.id = $2",
		[]any{s.Tenant(), account, s.Now()}, &status, &held)
	if errors.Is(err, tenants.ErrNotFound) {
		return errRights
	}
	if err != nil {
		return err
	}
	g.who = rbac.Subject{ID: account}
	if g.who.Holdings, err = rbac.ParseHoldings(held); err != nil {
		return err
	}
	g.lasting.ID = account
	if g.lasting.Holdings, err = access.Lasting(ctx, s, account); err != nil {
		return err
	}
	if by.Key != uuid.Nil {
		only, err := apikeys.Standing(ctx, s, by.Key)
		if errors.Is(err, apikeys.ErrNoKey) {
			return errRights
		}
		if err != nil {
			return err
		}
		g.who, g.lasting = g.who.Limited(only), g.lasting.Limited(only)
	}
	if status != "active" || !g.may(rbac.PeopleImport) || g.invite && !g.may(rbac.PeopleInvite) {
		return errRights
	}
	return nil
}

// may tells whether who imports may do something in the whole tenant.
func (g *ground) may(p rbac.Permission) bool {
	return g.all || g.m.Guard.Decide(g.t, g.who, p).Everywhere
}

// mayGrant is rbac's rule, asked once a holding.
func (g *ground) mayGrant(h rbac.Holding) bool {
	may, known := g.grants[h]
	if !known {
		may = g.all || g.m.Guard.MayGrant(g.t, g.tree, g.who, h)
		g.grants[h] = may
	}
	return may
}

// mayKeep tells whether who imports may give something without an end, as a file does: by what they hold
// without one.
func (g *ground) mayKeep(h rbac.Holding) bool {
	may, known := g.kept[h]
	if !known {
		may = g.all || g.m.Guard.MayGrant(g.t, g.tree, g.lasting, h)
		g.kept[h] = may
	}
	return may
}

// above tells whether who imports covers what somebody holds.
func (g *ground) above(held []rbac.Holding) bool {
	if g.all || len(held) == 0 {
		return true
	}
	names := make([]string, len(held))
	for i, h := range held {
		names[i] = h.Role + "/" + h.Group.String()
	}
	slices.Sort(names)
	key := strings.Join(names, " ")
	above, known := g.covers[key]
	if !known {
		above = g.m.Guard.Covers(g.t, g.tree, g.who, held)
		g.covers[key] = above
	}
	return above
}

// owner tells whether a holding makes an owner.
func owner(h rbac.Holding) bool { return h.Everywhere() && slices.Contains(rbac.Owners(), h.Role) }

// holdingText is a role as a file writes it.
func (g *ground) holdingText(h rbac.Holding) string {
	if h.Everywhere() {
		return h.Role
	}
	if name, ok := g.named[h.Group]; ok {
		return h.Role + "@" + name
	}
	return fmt.Sprintf("%s@(%s)", h.Role, h.Group)
}
