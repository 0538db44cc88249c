package rbac

import (
	_ "embed"
	"errors"
	"fmt"
	"slices"

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
	shared *casbin.Enforcer // the built-in roles, the same for every tenant; never changed
	own    *otter.Cache[tenants.ID, ownRules]
}

// ownRules is the enforcer of the roles that one tenant made, at one version of its settings.
type ownRules struct {
	version  int64
	enforcer *casbin.Enforcer // nil: the tenant made none
}

// keptRules bounds the tenants whose own rules are kept; one with twenty roles is about 100 KB.
const keptRules = 2_000

// NewGuard loads the built-in rules. It fails only when the program's own model is wrong.
func NewGuard() (*Guard, error) {
	shared, err := newEnforcer(builtIn(), "*")
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

// newEnforcer holds the rules of some roles in one domain. Roles and people never share a name space:
// subjects of rules carry "r:" (a person named like a role would pass in Casbin, security.md F10).
func newEnforcer(roles []Role, domain string) (*casbin.Enforcer, error) {
	m, err := model.NewModelFromString(modelText)
	if err != nil {
		return nil, fmt.Errorf("rbac model: %w", err)
	}
	e, err := casbin.NewEnforcer(m)
	if err != nil {
		return nil, fmt.Errorf("rbac: %w", err)
	}
	var rules [][]string
	for _, r := range roles {
		for _, p := range r.Permissions {
			rules = append(rules, []string{subject(r.Name), domain, p.Resource(), p.Action()})
		}
	}
	if len(rules) == 0 {
		return nil, errNoRules
	}
	if _, err := e.AddPolicies(rules); err != nil {
		return nil, fmt.Errorf("rbac rules: %w", err)
	}
	return e, nil
}

func subject(role string) string      { return "r:" + role }
func domain(tenant tenants.ID) string { return "t:" + tenant.String() }

// rulesOf are the enforcers that know a tenant's roles.
func (g *Guard) rulesOf(t *tenants.Tenant) []*casbin.Enforcer {
	all := []*casbin.Enforcer{g.shared}
	kept, ok := g.own.GetIfPresent(t.ID)
	if !ok || kept.version != t.Version {
		kept = ownRules{version: t.Version}
		if e, err := newEnforcer(ownRoles(t), domain(t.ID)); err == nil {
			kept.enforcer = e
		} // no rules of its own, or none that hold: nothing is allowed by them
		g.own.Set(t.ID, kept)
	}
	if kept.enforcer != nil {
		all = append(all, kept.enforcer)
	}
	return all
}

// allows asks the rules whether a role holds a permission at a tenant. Empty parts and errors deny.
func (g *Guard) allows(t *tenants.Tenant, role string, p Permission) bool {
	if role == "" || !p.Known() || t == nil || t.ID == (tenants.ID{}) {
		return false
	}
	return slices.ContainsFunc(g.rulesOf(t), func(e *casbin.Enforcer) bool {
		ok, err := e.Enforce(subject(role), domain(t.ID), p.Resource(), p.Action())
		return err == nil && ok
	})
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
	if who.ID == (uuid.UUID{}) {
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
