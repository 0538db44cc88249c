package rbac

import (
	"cmp"
	"slices"

	"portico/tenants"
)

// Explanation says why a decision came out, in roles.
type Explanation struct {
	Decision
	Would    []Role // roles of the tenant that would allow it, those that give least first
	Grantors []Role // roles whose holders could give one of Would
}

// Explain decides, and says which role would change the answer and who may grant it. It agrees with Decide
// by being made of it.
func (g *Guard) Explain(t *tenants.Tenant, who Subject, p Permission) Explanation {
	e := Explanation{Decision: g.Decide(t, who, p)}
	for _, r := range Roles(t) {
		if g.allows(t, r.Name, p) {
			e.Would = append(e.Would, r)
		}
	}
	slices.SortStableFunc(e.Would, func(a, b Role) int { return cmp.Compare(len(a.Permissions), len(b.Permissions)) })
	for _, r := range Roles(t) {
		holder := Subject{ID: t.ID, Holdings: []Holding{{Role: r.Name}}} // any id that is not empty
		if slices.ContainsFunc(e.Would, func(w Role) bool { return g.MayGrant(t, nil, holder, Holding{Role: w.Name}) }) {
			e.Grantors = append(e.Grantors, r)
		}
	}
	return e
}
