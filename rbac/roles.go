package rbac

import (
	"cmp"
	"slices"

	"portico/tenants"
)

// Role is a name for a set of permissions. Built-in roles are shown by the word "role.<name>"; a tenant's
// own by their Label.
type Role struct {
	Name        string
	Own         bool   // made by the tenant
	Label, Note string // of an own role
	Permissions []Permission
}

// Allows tells whether the role holds a permission.
func (r Role) Allows(p Permission) bool { return slices.Contains(r.Permissions, p) }

// The built-in roles of Portico. The presets of users.roles (behaviour.md, knob 87) add those that the
// followed systems know; their names are what tenant files and imports write.
const (
	BrandAdmin    = "brand_admin"
	PeopleManager = "people_manager"
	SupportAgent  = "support_agent"
	Auditor       = "auditor"
	Member        = "member"
)

func builtIn() []Role {
	manages := []Permission{DashboardRead, PeopleRead, PeopleInvite, PeopleEdit, PeopleDisable, PeopleUnlock, PeopleRecover, PeopleSessions,
		PeopleExport, GroupsEdit, RolesRead, RolesAssign, LettersRead, LettersResend, AuditRead}
	helps := []Permission{PeopleRead, PeopleUnlock, PeopleRecover, PeopleSessions, LettersRead, LettersResend}
	watches := []Permission{DashboardRead, PeopleRead, RolesRead, LookRead, RulesRead, LettersRead, AuditRead, AuditExport}
	return []Role{
		{Name: BrandAdmin, Permissions: Permissions()},
		{Name: PeopleManager, Permissions: manages},
		{Name: SupportAgent, Permissions: helps},
		{Name: Auditor, Permissions: watches},
		{Name: Member},

		// axp
		{Name: "location_admin", Permissions: manages},
		{Name: "converser"},
		{Name: "marketer"},
		{Name: "contractor"},
		{Name: "report_viewer", Permissions: []Permission{DashboardRead}},

		// university
		{Name: "global_admin", Permissions: Permissions()},
		{Name: "user_admin", Permissions: append(slices.Clone(manages), PeopleErase, PeopleImport)},
		{Name: "helpdesk", Permissions: helps},
		{Name: "reports_reader", Permissions: []Permission{DashboardRead, AuditRead}},
		{Name: "user"},

		// portal
		{Name: "authenticated"},
	}
}

// presets are the built-in roles that a tenant offers, by its users.roles.
var presets = map[string][]string{
	"portico":    {BrandAdmin, PeopleManager, SupportAgent, Auditor, Member},
	"axp":        {BrandAdmin, "location_admin", "converser", "marketer", "contractor", "report_viewer"},
	"university": {"global_admin", "user_admin", "helpdesk", "reports_reader", "user", BrandAdmin},
	"portal":     {BrandAdmin, PeopleManager, SupportAgent, Auditor, "authenticated"},
}

// Roles are those that a tenant offers: its preset's, then its own by label. A role that somebody holds
// and that is not offered (the preset changed) still counts and is found by RoleNamed.
func Roles(t *tenants.Tenant) []Role {
	var all []Role
	for _, name := range presets[cmp.Or(t.Policy.Users.RolesPreset, "portico")] {
		if r, ok := builtInNamed(name); ok {
			all = append(all, r)
		}
	}
	return append(all, ownRoles(t)...)
}

// RoleNamed finds a role of the tenant, built in or its own.
func RoleNamed(t *tenants.Tenant, name string) (Role, bool) {
	if r, ok := builtInNamed(name); ok {
		return r, true
	}
	for _, r := range ownRoles(t) {
		if r.Name == name {
			return r, true
		}
	}
	return Role{}, false
}

// IsBuiltIn tells whether a name belongs to a built-in role: no role of a tenant's own may take it.
func IsBuiltIn(name string) bool {
	_, ok := builtInNamed(name)
	return ok
}

func builtInNamed(name string) (Role, bool) {
	all := builtIn()
	i := slices.IndexFunc(all, func(r Role) bool { return r.Name == name })
	if i < 0 {
		return Role{}, false
	}
	return all[i], true
}

// ownRoles are the tenant's own, by label. What a newer program wrote and this one does not know is left
// out: an unknown permission allows nothing.
func ownRoles(t *tenants.Tenant) []Role {
	var all []Role
	for _, o := range t.Roles {
		if IsBuiltIn(o.Name) {
			continue
		}
		r := Role{Name: o.Name, Own: true, Label: o.Label, Note: o.Note}
		for _, p := range o.Permissions {
			if Permission(p).Known() {
				r.Permissions = append(r.Permissions, Permission(p))
			}
		}
		all = append(all, r)
	}
	slices.SortFunc(all, func(a, b Role) int { return cmp.Or(cmp.Compare(a.Label, b.Label), cmp.Compare(a.Name, b.Name)) })
	return all
}

// Owners are the roles that hold everything: one active person must hold one of them in the whole tenant
// without an end, else nobody could give roles any more.
func Owners() []string {
	var names []string
	for _, r := range builtIn() {
		if len(r.Permissions) == len(Permissions()) {
			names = append(names, r.Name)
		}
	}
	return names
}

// AdministrativeRoles names the roles whose holders look after other people's accounts or a brand's rules,
// for SQL: the recovery of such people is stricter, and their second factor may be asked for. They are the
// roles with a permission beyond reading.
func AdministrativeRoles(t *tenants.Tenant) []string {
	var names []string
	for _, r := range append(builtIn(), ownRoles(t)...) {
		if r.administrative() {
			names = append(names, r.Name)
		}
	}
	return names
}

func (r Role) administrative() bool {
	return slices.ContainsFunc(r.Permissions, func(p Permission) bool { return !p.reads() })
}
