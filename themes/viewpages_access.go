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
	return strings.Join(names, v.r.Text(v.B, v.Locale, "console.comma", nil))
}

// PermissionText is the sentence of a permission.
func (v *view) PermissionText(permission string) string {
	return v.r.Text(v.B, v.Locale, "perm."+permission, nil)
}
