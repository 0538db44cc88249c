package access

import (
	"github.com/gofiber/fiber/v2"

	"portico/app/access"
	"portico/app/visit"
	"portico/rbac"
	"portico/themes"
)

// Flow is the pages about roles.
type Flow struct{ Access *access.Access }

// Start is /console: it leads to the first subject that is open.
func (f *Flow) Start(v *visit.Visit) error { return v.Redirect(v.Subjects()[0].Path) }

// Roles lists the roles of the tenant, with how many hold each where the visitor may look.
func (f *Flow) Roles(v *visit.Visit) error {
	reach, err := v.Reach(rbac.RolesRead)
	if err != nil {
		return err
	}
	holders, err := f.Access.Holders(v.Context(), v.Tenant, reach)
	if err != nil {
		return err
	}
	page := themes.RolesPage{Parts: themes.Parts{Help: v.Help()}, All: len(rbac.Permissions()), Edit: v.Can(rbac.RolesEdit).Allowed}
	for _, r := range rbac.Roles(v.Tenant) {
		page.Roles = append(page.Roles, themes.RoleRow{Role: shown(r), Own: r.Own, Permissions: len(r.Permissions), Holders: holders[r.Name]})
	}
	return v.Page(fiber.StatusOK, page)
}

func shown(r rbac.Role) themes.RoleName { return themes.RoleName{Name: r.Name, Label: r.Label} }

func shownAll(roles []rbac.Role) []themes.RoleName {
	var all []themes.RoleName
	for _, r := range roles {
		all = append(all, shown(r))
	}
	return all
}
