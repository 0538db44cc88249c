package rbac

import (
	_ "embed"
	"errors"
	"fmt"
	"slices"
	"sync"

	"github.com/casbin/casbin/v2"
	"github.com/casbin/casbin/v2/model"
	"github.com/google/uuid"
	"github.com/maypok86/otter/v2"

	"portico/tenants"
)

//go:embed model.conf
var modelText string

// Guard decides. It is built once and shared by all requests.
type Guard struct {
	shared *rules // of the built-in roles, the same for every tenant; never changed
	own    *otter.Cache[tenants.ID, ownRules]
}

// rules are an enforcer's, with what it has answered: Casbin walks its rules one by one, and of roles and
// permissions there are few.
type rules struct {
	enforcer *casbin.Enforcer
	roles    map[string]bool // those that have rules; others are not asked about, nor kept
	answers  sync.Map        // question → bool
}

type question struct {
	role       string
	permission Permission
}

// allow asks about a role at a tenant. Errors deny, and are asked anew.
func (r *rules) allow(role string, at tenants.ID, p Permission) bool {
	if !r.roles[role] {
		return false
	}
	q := question{role, p}
	if known, ok := r.answers.Load(q); ok {
		return known == true
	}
	if !p.Known() {
		return false
	}
	ok, err := r.enforcer.Enforce(subject(role), domain(at), p.Resource(), p.Action())
	if err != nil {
		return false
	}
	r.answers.Store(q, ok)
	return ok
}

// ownRules are the roles that one tenant made, at one version of its settings.
type ownRules struct {
	version int64
	rules   *rules // nil: none that hold
}

// keptRules bounds the tenants whose own rules are kept.
const keptRules = 2_000

// NewGuard loads the built-in rules. It fails only when the program's own model is wrong.
func NewGuard() (*Guard, error) {
	shared, err := newRules(builtIn(), "*")
	if err != nil {
		return nil, err
	}
	own, err := otter.New(&otter.Options[tenants.ID, ownRules]{MaximumSize: keptRules})
	if err != nil {
		return nil, fmt.Errorf("rbac cache: %w", err)
	}
	return &Guard{shared: shared, own: own}, nil
}

var errNoRules = errors.New("rbac: no rule was loaded")

// newRules holds the rules of some roles in one domain. Roles and people never share a name space:
// subjects of rules carry "r:" (a person named like a role would pass in Casbin, security.md F10).
func newRules(roles []Role, domain string) (*rules, error) {
	m, err := model.NewModelFromString(modelText)
	if err != nil {
		return nil, fmt.Errorf("rbac model: %w", err)
	}
	e, err := casbin.NewEnforcer(m)
	if err != nil {
		return nil, fmt.Errorf("rbac: %w", err)
	}
	named := map[string]bool{}
	var lines [][]string
	for _, r := range roles {
		for _, p := range r.Permissions {
			named[r.Name] = true
			lines = append(lines, []string{subject(r.Name), domain, p.Resource(), p.Action()})
		}
	}
	if len(lines) == 0 {
		return nil, errNoRules
	}
	if _, err := e.AddPolicies(lines); err != nil {
		return nil, fmt.Errorf("rbac rules: %w", err)
	}
	return &rules{enforcer: e, roles: named}, nil
}

func subject(role string) string      { return "r:" + role }
func domain(tenant tenants.ID) string { return "t:" + tenant.String() }

// ownOf are the rules of the roles that a tenant made; nil where there are none, or none that hold.
func (g *Guard) ownOf(t *tenants.Tenant) *rules {
	if len(t.Roles) == 0 {
		return nil
	}
	kept, ok := g.own.GetIfPresent(t.ID)
	if !ok || kept.version != t.Version {
		kept = ownRules{version: t.Version}
		if made, err := newRules(ownRoles(t), domain(t.ID)); err == nil {
			kept.rules = made
		} // else nothing is allowed by them
		g.own.Set(t.ID, kept)
	}
	return kept.rules
}

// allows asks the rules whether a role holds a permission at a tenant. Empty parts and errors deny.
func (g *Guard) allows(t *tenants.Tenant, role string, p Permission) bool {
	if role == "" || t == nil || t.ID == (tenants.ID{}) {
		return false
	}
	if g.shared.roles[role] { // no tenant makes one of that name
		return g.shared.allow(role, t.ID, p)
	}
	own := g.ownOf(t)
	return own != nil && own.allow(role, t.ID, p)
}

// Decision is the answer about one permission.
type Decision struct {
	Permission Permission
	Allowed    bool        // somewhere, at least
	Everywhere bool        // in the whole tenant
	Groups     []uuid.UUID // else in these groups and what is below them
	By         []string    // the roles of the person that allow it
}

// Decide answers where somebody may do something at a tenant.
func (g *Guard) Decide(t *tenants.Tenant, who Subject, p Permission) Decision {
	d := Decision{Permission: p}
	if who.ID == (uuid.UUID{}) || who.Only != nil && !slices.Contains(who.Only, p) {
		return d
	}
	for _, h := range who.Holdings {
		if !h.Everywhere() && p.wide() || !g.allows(t, h.Role, p) {
			continue
		}
		d.Allowed = true
		if !slices.Contains(d.By, h.Role) {
			d.By = append(d.By, h.Role)
		}
		if h.Everywhere() {
			d.Everywhere = true
		} else {
			d.Groups = append(d.Groups, h.Group)
		}
	}
	if d.Everywhere {
		d.Groups = nil
	}
	return d
}
