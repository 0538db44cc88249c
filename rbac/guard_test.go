package rbac_test

import (
	"encoding/json"
	"slices"
	"sync"
	"testing"

	"github.com/google/uuid"

	"portico/rbac"
	"portico/tenants"
)

func guard(t *testing.T) *rbac.Guard {
	t.Helper()
	g, err := rbac.NewGuard()
	if err != nil {
		t.Fatal(err)
	}
	return g
}

func tenant(own ...tenants.OwnRole) *tenants.Tenant {
	return &tenants.Tenant{ID: tenants.NewID(), Version: 1, Roles: own}
}

func who(holdings ...rbac.Holding) rbac.Subject {
	return rbac.Subject{ID: tenants.NewID(), Holdings: holdings}
}

// TestBuiltInRolesAllowWhatTheySay compares every role and permission of the catalogue with the rules.
func TestBuiltInRolesAllowWhatTheySay(t *testing.T) {
	t.Parallel()
	g := guard(t)
	for _, preset := range []string{"portico", "axp", "university", "portal"} {
		at := tenant()
		at.Policy.Users.RolesPreset = preset
		roles := rbac.Roles(at)
		if len(roles) < 4 {
			t.Fatalf("%s offers %d roles", preset, len(roles))
		}
		for _, r := range roles {
			for _, p := range rbac.Permissions() {
				d := g.Decide(at, who(rbac.Holding{Role: r.Name}), p)
				if d.Allowed != r.Allows(p) || d.Allowed != d.Everywhere {
					t.Errorf("%s %s %s: %+v", preset, r.Name, p, d)
				}
			}
		}
	}
	for _, p := range rbac.Permissions() {
		if !g.Decide(tenant(), who(rbac.Holding{Role: rbac.BrandAdmin}), p).Allowed {
			t.Errorf("a Brand Administrator may not %s", p)
		}
		if p.Action() != "read" && p != rbac.AuditExport && g.Decide(tenant(), who(rbac.Holding{Role: rbac.Auditor}), p).Allowed {
			t.Errorf("an Auditor may %s", p)
		}
	}
}

// TestEmptyAndUnknownDeny: what is empty, unknown or named like something else allows nothing.
func TestEmptyAndUnknownDeny(t *testing.T) {
	t.Parallel()
	g, at := guard(t), tenant()
	admin := rbac.Holding{Role: rbac.BrandAdmin}
	for name, d := range map[string]rbac.Decision{
		"nobody":               g.Decide(at, rbac.Subject{Holdings: []rbac.Holding{admin}}, rbac.PeopleRead),
		"no holding":           g.Decide(at, who(), rbac.PeopleRead),
		"empty permission":     g.Decide(at, who(admin), ""),
		"unknown permission":   g.Decide(at, who(admin), "people.own"),
		"half a permission":    g.Decide(at, who(admin), "people"),
		"empty role":           g.Decide(at, who(rbac.Holding{}), rbac.PeopleRead),
		"role by its subject":  g.Decide(at, who(rbac.Holding{Role: "r:brand_admin"}), rbac.PeopleRead),
		"role in capitals":     g.Decide(at, who(rbac.Holding{Role: "Brand_Admin"}), rbac.PeopleRead),
		"wildcard":             g.Decide(at, who(rbac.Holding{Role: "*"}), rbac.PeopleRead),
		"no tenant":            g.Decide(&tenants.Tenant{}, who(admin), rbac.PeopleRead),
		"nil tenant":           g.Decide(nil, who(rbac.Holding{Role: "x"}), rbac.PeopleRead),
		"permission as a path": g.Decide(at, who(admin), "people.read/../edit"),
	} {
		if d.Allowed {
			t.Errorf("%s is allowed: %+v", name, d)
		}
	}
}

// TestOwnRolesStayAtHome: a role that one tenant made means nothing at another, follows its version, and
// cannot take a built-in role's name.
func TestOwnRolesStayAtHome(t *testing.T) {
	t.Parallel()
	g := guard(t)
	desk := tenants.OwnRole{Name: "night_desk", Label: "Night desk", Permissions: []string{"people.read", "people.unlock", "nothing.known"}}
	a, b := tenant(desk, tenants.OwnRole{Name: "auditor", Permissions: []string{"people.erase"}}), tenant()
	held := who(rbac.Holding{Role: "night_desk"})
	if !g.Decide(a, held, rbac.PeopleUnlock).Allowed || g.Decide(a, held, rbac.PeopleErase).Allowed {
		t.Error("an own role does not do what it says")
	}
	if g.Decide(b, held, rbac.PeopleUnlock).Allowed {
		t.Error("an own role counts at another tenant")
	}
	if g.Decide(a, who(rbac.Holding{Role: "auditor"}), rbac.PeopleErase).Allowed {
		t.Error("a tenant widened a built-in role")
	}
	changed := *a
	changed.Version, changed.Roles = 2, nil
	if g.Decide(&changed, held, rbac.PeopleUnlock).Allowed {
		t.Error("a role that is gone still counts")
	}
	if !slices.Contains(rbac.AdministrativeRoles(a), "night_desk") || slices.Contains(rbac.AdministrativeRoles(b), "night_desk") {
		t.Error("administrative roles do not follow the tenant's own")
	}
	if raw, _ := json.Marshal(rbac.Roles(a)); !slices.ContainsFunc(rbac.Roles(a), func(r rbac.Role) bool { return r.Own && r.Label == "Night desk" }) {
		t.Errorf("the own role is not offered: %s", raw)
	}
}

// TestGroupsBoundWhatARoleGives: a role in a group reaches that group and what is below, never the tenant.
func TestGroupsBoundWhatARoleGives(t *testing.T) {
	t.Parallel()
	g, at := guard(t), tenant()
	north, desk, south := uuid.New(), uuid.New(), uuid.New()
	tree := rbac.Tree{north: {}, desk: north, south: {}}
	local := who(rbac.Holding{Role: rbac.BrandAdmin, Group: north})
	if d := g.Decide(at, local, rbac.PeopleRead); !d.Allowed || d.Everywhere || !slices.Equal(d.Groups, []uuid.UUID{north}) {
		t.Errorf("%+v", d)
	}
	for _, p := range []rbac.Permission{rbac.LookEdit, rbac.LookPublish, rbac.RulesEdit, rbac.RolesEdit} {
		if g.Decide(at, local, p).Allowed {
			t.Errorf("a role in a group allows %s", p)
		}
	}
	for group, want := range map[uuid.UUID]bool{north: true, desk: true, south: false, {}: false} {
		if got := g.MayGrant(at, tree, local, rbac.Holding{Role: rbac.SupportAgent, Group: group}); got != want {
			t.Errorf("granting in %s: %t", group, got)
		}
	}
}

// TestNobodyGrantsMoreThanTheyHold also holds for acting on people.
func TestNobodyGrantsMoreThanTheyHold(t *testing.T) {
	t.Parallel()
	g, at := guard(t), tenant()
	every := func(role string) rbac.Holding { return rbac.Holding{Role: role} }
	for _, c := range []struct {
		by, role string
		may      bool
	}{
		{rbac.BrandAdmin, rbac.BrandAdmin, true}, {rbac.BrandAdmin, rbac.Auditor, true}, {rbac.BrandAdmin, "gone", true},
		{rbac.PeopleManager, rbac.SupportAgent, true}, {rbac.PeopleManager, rbac.Member, true}, {rbac.PeopleManager, rbac.PeopleManager, true},
		{rbac.PeopleManager, rbac.BrandAdmin, false}, {rbac.PeopleManager, rbac.Auditor, false}, {rbac.PeopleManager, "gone", false},
		{rbac.SupportAgent, rbac.Member, false}, {rbac.Auditor, rbac.Auditor, false}, {rbac.Member, rbac.Member, false},
	} {
		if got := g.MayGrant(at, nil, who(every(c.by)), every(c.role)); got != c.may {
			t.Errorf("%s grants %s: %t", c.by, c.role, got)
		}
	}
	if g.Covers(at, nil, who(every(rbac.SupportAgent)), []rbac.Holding{every(rbac.Member), every(rbac.PeopleManager)}) {
		t.Error("a Support Agent stands above a People Manager")
	}
	if !g.Covers(at, nil, who(every(rbac.SupportAgent)), nil) {
		t.Error("somebody without a role is above a Support Agent")
	}
}

// TestExplainAgreesWithDecide for every role and permission, and what it says would help does help.
func TestExplainAgreesWithDecide(t *testing.T) {
	t.Parallel()
	g := guard(t)
	at := tenant(tenants.OwnRole{Name: "night_desk", Label: "Night desk", Permissions: []string{"people.read"}})
	for _, r := range append(rbac.Roles(at), rbac.Role{Name: "unknown"}) {
		for _, p := range append(rbac.Permissions(), "", "people.own") {
			s := who(rbac.Holding{Role: r.Name})
			e, d := g.Explain(at, s, p), g.Decide(at, s, p)
			if e.Allowed != d.Allowed || !slices.Equal(e.By, d.By) {
				t.Errorf("%s %s: explained %+v, decided %+v", r.Name, p, e.Decision, d)
			}
			for _, would := range e.Would {
				if !g.Decide(at, who(rbac.Holding{Role: would.Name}), p).Allowed {
					t.Errorf("%s would not help with %s", would.Name, p)
				}
			}
			if p.Known() && (len(e.Would) == 0 || len(e.Grantors) == 0) {
				t.Errorf("%s: nothing would help", p)
			}
		}
	}
}

func TestManyDecideAtOnce(t *testing.T) {
	t.Parallel()
	g := guard(t)
	at := tenant(tenants.OwnRole{Name: "night_desk", Permissions: []string{"people.read"}})
	var all sync.WaitGroup
	for i := range 16 {
		all.Go(func() {
			mine := *at
			for n := range 200 {
				mine.Version = int64(n % 3)
				if g.Decide(&mine, who(rbac.Holding{Role: "night_desk"}), rbac.PeopleErase).Allowed != (i < 0) {
					t.Error("allowed")
				}
			}
		})
	}
	all.Wait()
}

func TestCirclesEnd(t *testing.T) {
	t.Parallel()
	a, b := uuid.New(), uuid.New()
	if (rbac.Tree{a: b, b: a}).Within(a, uuid.New()) {
		t.Error("within a circle")
	}
}

func TestHoldingsAreRead(t *testing.T) {
	t.Parallel()
	id := uuid.New()
	got, err := rbac.ParseHoldings([]string{"auditor/", "member/" + id.String()})
	if err != nil || len(got) != 2 || !got[0].Everywhere() || got[1].Group != id {
		t.Errorf("%+v %v", got, err)
	}
	for _, bad := range []string{"", "/", "auditor", "auditor/x", "/" + id.String()} {
		if _, err := rbac.ParseHoldings([]string{bad}); err == nil {
			t.Errorf("%q was read", bad)
		}
	}
}
