package tenantfile

import (
	"context"
	"encoding/json"
	"errors"

	"github.com/google/uuid"

	"portico/tenants"
)

// state is a tenant as the file speaks of it. Zero values are sections that nobody has stated.
type state struct {
	id        tenants.ID
	found     bool
	slug      string
	name      string
	state     tenants.State
	canonical string
	hosts     []tenants.Host
	policy    *tenants.Policy
	theme     json.RawMessage
	words     tenants.Words
	sender    *tenants.Sender
	portal    *tenants.Portal
	pictures  []exported // of exports alone
	groups    []group
	people    map[string]uuid.UUID // external id → account, of those whom the file names
}

// group is one row of groups that has an external id, with its parent's.
type group struct {
	id                       uuid.UUID
	external, kind, name, up string
	unspoken                 bool // below a group without an external id: a file cannot say where it stands
}

func (s state) group(external string) (group, bool) {
	for _, g := range s.groups {
		if g.external == external {
			return g, true
		}
	}
	return group{}, false
}

// lock finds the tenant and holds its row until the transaction ends. Apply makes the row of a new
// tenant first, so that two who make the same one take turns.
func (w *work) lock(ctx context.Context) error {
	w.was = state{slug: w.file.Slug, id: tenants.NewID()}
	if !w.o.DryRun {
		made, err := w.a.Exec(ctx, `INSERT INTO tenants (id, slug, name, state, created_at, updated_at)
			VALUES ($1, $2, $3, $4, $5, $5) ON CONFLICT (slug) DO NOTHING`,
			w.was.id, w.file.Slug, w.file.Name, string(tenants.Draft), w.a.Now())
		if err != nil {
			return err
		}
		if made == 1 {
			return nil
		}
	}
	err := w.a.Row(ctx, "SELECT id FROM tenants WHERE slug = $1 FOR UPDATE", []any{w.file.Slug}, &w.was.id)
	if errors.Is(err, tenants.ErrNotFound) {
		return nil
	}
	w.was.found = err == nil
	return err
}

// read fills the state of an existing tenant.
func (s *state) read(ctx context.Context, a *tenants.Across) error {
	s.people = map[string]uuid.UUID{}
	if !s.found {
		return nil
	}
	t, err := tenants.ReadTenant(ctx, a, s.id)
	if err != nil {
		return err
	}
	s.name, s.state, s.hosts, s.theme, s.words = t.Name, t.State, t.Hosts, t.Theme, t.Words
	if t.Policy.Preset != "" {
		s.policy = &t.Policy
	}
	if t.Sender.Transport != "" {
		s.sender = &t.Sender
	}
	if t.Portal.Links != nil || t.Portal.ReturnTargets != nil || t.Portal.StaffApproval {
		s.portal = &t.Portal
	}
	if err := a.Row(ctx, "SELECT canonical_host FROM tenants WHERE id = $1", []any{s.id}, &s.canonical); err != nil {
		return err
	}
	return a.In(ctx, s.id, s.readGroups(ctx))
}

func (s *state) readGroups(ctx context.Context) func(*tenants.Scope) error {
	return func(scope *tenants.Scope) error {
		return scope.Each(ctx, `SELECT g.id, g.external_id, g.kind, g.name, CASE WHEN g.parent_id IS NULL THEN '' ELSE coalesce(p.external_id, '(a group without external_id)') END,
			g.parent_id IS NOT NULL AND p.external_id IS NULL
			FROM groups g LEFT JOIN groups p ON p.tenant_id = g.tenant_id AND p.id = g.parent_id
			WHERE g.tenant_id = $1 AND g.external_id IS NOT NULL ORDER BY g.external_id`, []any{s.id},
			func(scan func(...any) error) error {
				var g group
				err := scan(&g.id, &g.external, &g.kind, &g.name, &g.up, &g.unspoken)
				s.groups = append(s.groups, g)
				return err
			})
	}
}

// wish lays the file over what is there: absent sections stay, and a new tenant gets defaults.
func (w *work) wish() {
	f, s := w.file, w.was
	s.name = f.Name
	if f.State != "" {
		s.state = f.State
	} else if !s.found {
		s.state = tenants.Live
	}
	if f.Hosts != nil {
		s.canonical, s.hosts = "", nil
		for _, h := range f.Hosts {
			s.hosts = append(s.hosts, w.host(h.Host))
			if h.Canonical {
				s.canonical = h.Host
			}
		}
	}
	if f.Policy != nil {
		s.policy = f.Policy
	} else if s.policy == nil {
		p, _ := tenants.Preset(tenants.DefaultPreset)
		s.policy = &p
	}
	if f.Theme != nil {
		s.theme = f.Theme
	}
	if f.Words != nil {
		s.words = f.Words
	}
	if f.Sender != nil {
		s.sender = f.Sender
	}
	if f.Portal != nil {
		s.portal = f.Portal
	}
	w.want = s
}

// host keeps a verification that stands, and adds the operator's word where it is given.
func (w *work) host(name string) tenants.Host {
	h := tenants.Host{Name: name}
	for _, old := range w.was.hosts {
		if old.Name == name {
			h = old
		}
	}
	if h.VerifiedAt == nil && w.o.TrustHosts {
		now := w.a.Now()
		h.VerifiedAt = &now
	}
	return h
}
