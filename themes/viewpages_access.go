package themes

import "strings"

// RoleText is a role as people read it.
func (v *view) RoleText(r RoleName) string {
	if r.Label != "" {
		return r.Label
	}
	return v.r.Text(v.B, v.Locale, "role."+r.Name, nil)
}

// RoleList is some roles in a row of words.
func (v *view) RoleList(roles []RoleName) string {
	names := make([]string, len(roles))
	for i, r := range roles {
		names[i] = v.RoleText(r)
	}
	return v.List(names)
}

// List is some texts in a row.
func (v *view) List(texts []string) string {
	return strings.Join(texts, v.r.Text(v.B, v.Locale, "console.comma", nil))
}

// PermissionText is the sentence of a permission.
func (v *view) PermissionText(permission string) string {
	return v.r.Text(v.B, v.Locale, "perm."+permission, nil)
}

// ResourceText names a resource.
func (v *view) ResourceText(resource string) string {
	return v.r.Text(v.B, v.Locale, "resource."+resource, nil)
}

// GroupPath is a group with the names above it, "Lisbon › Front desk"; none is everywhere.
func (v *view) GroupPath(path []string) string {
	if len(path) == 0 {
		return v.r.Text(v.B, v.Locale, "access.everywhere", nil)
	}
	return strings.Join(path, " › ")
}

// GroupName is a group's name, or the word for everywhere.
func (v *view) GroupName(name string) string {
	if name == "" {
		return v.r.Text(v.B, v.Locale, "access.everywhere", nil)
	}
	return name
}

// GiveRoles are the roles to choose from.
func (v *view) GiveRoles(p PersonRolesPage) []Option {
	all := make([]Option, len(p.Roles))
	for i, r := range p.Roles {
		all[i] = Option{Value: r.Name, Text: v.RoleText(r), Chosen: r.Name == p.Role}
	}
	return all
}

// GivePlaces are the places to choose from.
func (v *view) GivePlaces(p PersonRolesPage) []Option {
	all := make([]Option, len(p.Groups))
	for i, g := range p.Groups {
		all[i] = Option{Value: g.ID, Text: v.GroupPath(g.Path), Chosen: g.ID == p.Group}
	}
	return all
}

// WayOptions are the ways to say yes to a request.
func (v *view) WayOptions(r AccessRequest) []Option {
	all := make([]Option, len(r.Ways))
	for i, w := range r.Ways {
		all[i] = Option{Value: w.Value, Chosen: i == 0,
			Text: v.r.Text(v.B, v.Locale, "access.way", map[string]any{"role": v.RoleText(w.Role), "group": v.GroupName(w.Group)})}
	}
	return all
}
