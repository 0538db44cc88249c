package rbac

import "slices"

// administrative are the built-in roles whose holders look after other people's accounts or a brand's
// rules, in the presets of users.roles (behaviour.md, knob 87). Their recovery is stricter.
var administrative = []string{
	"brand_admin", "location_admin", // axp, portico, portal
	"global_admin", "user_admin", "helpdesk", // university
}

// AdministrativeRoles names the roles that make somebody an administrator, for SQL.
func AdministrativeRoles() []string { return slices.Clone(administrative) }

// Administrative tells whether a role makes its holder an administrator.
func Administrative(role string) bool { return slices.Contains(administrative, role) }
