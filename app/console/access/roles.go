package access

import (
	"errors"
	"strconv"

	"github.com/gofiber/fiber/v2"

	"portico/app/access"
	"portico/app/staff"
	"portico/app/visit"
	"portico/rbac"
	"portico/tenants"
	"portico/themes"
)

// Flow is the pages about roles.
type Flow struct {
	Access *access.Access
	Staff  *staff.Staff // the platform's own people, who may ask to enter
}

// Start is /console: it leads to the first subject that is open.
func (f *Flow) Start(v *visit.Visit) error { return v.Redirect(v.Subjects()[0].Path) }

// Roles lists the roles of the tenant, with how many hold each where the visitor may look.
func (f *Flow) Roles(v *visit.Visit) error {
	holders, err := f.holders(v)
	if err != nil {
		return err
	}
	page := themes.RolesPage{Parts: themes.Parts{Help: v.Help()}, All: len(rbac.Permissions()), Edit: v.Can(rbac.RolesEdit).Allowed}
	for _, r := range rbac.Roles(v.Tenant) {
		page.Roles = append(page.Roles, themes.RoleRow{Role: shown(r), Own: r.Own, Permissions: len(r.Permissions), Holders: holders[r.Name]})
	}
	return v.Page(fiber.StatusOK, page)
}

func (f *Flow) holders(v *visit.Visit) (map[string]int, error) {
	reach, err := v.Reach(rbac.RolesRead)
	if err != nil {
		return nil, err
	}
	return f.Access.Holders(v.Context(), v.Tenant, reach)
}

// Role shows one role, or with "new" the form of a new one.
func (f *Flow) Role(v *visit.Visit) error {
	name := v.C.Params("name")
	if name == "new" {
		if !v.Can(rbac.RolesEdit).Allowed {
			return &visit.DeniedError{Permission: rbac.RolesEdit}
		}
		return f.rolePage(v, fiber.StatusOK, rbac.Role{Own: true}, true, nil)
	}
	r, ok := rbac.RoleNamed(v.Tenant, name)
	if !ok {
		return visit.ErrNotFound
	}
	return f.rolePage(v, fiber.StatusOK, r, false, nil)
}

func (f *Flow) rolePage(v *visit.Visit, status int, r rbac.Role, fresh bool, wrong themes.FieldErrors) error {
	holders, err := f.holders(v)
	if err != nil {
		return err
	}
	base, err := f.Access.RolesVersion(v.Context(), v.Tenant)
	if err != nil {
		return err
	}
	edit := r.Own && v.Can(rbac.RolesEdit).Allowed && (fresh || v.Guard.Covers(v.Tenant, nil, v.Session.Subject(), []rbac.Holding{{Role: r.Name}}))
	page := themes.RolePage{Parts: themes.Parts{Errors: wrong, Help: v.Help()}, Role: shown(r), Own: r.Own, New: fresh, Edit: edit, Base: base,
		Label: r.Label, Note: r.Note, Holders: holders[r.Name], Delete: edit && !fresh}
	for _, p := range rbac.Permissions() {
		held := r.Allows(p)
		if !edit && !held {
			continue
		}
		if n := len(page.Resources); n == 0 || page.Resources[n-1].Resource != p.Resource() {
			page.Resources = append(page.Resources, themes.ResourceChoice{Resource: p.Resource()})
		}
		last := &page.Resources[len(page.Resources)-1]
		last.Permissions = append(last.Permissions, themes.PermissionChoice{Permission: string(p), Held: held, Beyond: !v.Can(p).Everywhere})
	}
	return v.Page(status, page)
}

// SaveRole makes or changes a role of the tenant's own.
func (f *Flow) SaveRole(v *visit.Visit) error {
	form, err := v.WideForm(func(field string) bool {
		p, isPermission := permissionField(field)
		return field == "name" || field == "base" || field == "label" || field == "note" || isPermission && p.Known()
	})
	if err != nil {
		return err
	}
	base, err := strconv.ParseInt(form["base"], 10, 64)
	if err != nil {
		return visit.ErrBadForm
	}
	own := tenants.OwnRole{Name: form["name"], Label: form["label"], Note: form["note"]}
	typed := rbac.Role{Name: own.Name, Own: true, Label: own.Label, Note: own.Note}
	for _, p := range rbac.Permissions() {
		if form["perm."+string(p)] == "on" {
			own.Permissions = append(own.Permissions, string(p))
			typed.Permissions = append(typed.Permissions, p)
		}
	}
	_, err = f.Access.SaveRole(v.Context(), v.Tenant, v.Session.Subject(), base, own)
	if wrong := roleFault(err); wrong != nil {
		if errors.Is(err, tenants.ErrChanged) {
			v.Resolver.Forget(v.Tenant.ID)
		}
		return f.rolePage(v, fiber.StatusUnprocessableEntity, typed, own.Name == "", wrong)
	}
	if err != nil {
		return err
	}
	v.Resolver.Forget(v.Tenant.ID)
	v.Say(visit.SayRoleSaved)
	return v.Redirect("/console/roles")
}

// permissionField reads the name of a checkbox, "perm.people.read".
func permissionField(field string) (rbac.Permission, bool) {
	const prefix = "perm."
	if len(field) <= len(prefix) || field[:len(prefix)] != prefix {
		return "", false
	}
	return rbac.Permission(field[len(prefix):]), true
}

func roleFault(err error) themes.FieldErrors {
	at := func(field, key string) themes.FieldErrors { return themes.FieldErrors{field: {Key: key}} }
	switch {
	case errors.Is(err, access.ErrRoleName):
		return at("label", "error.role_label")
	case errors.Is(err, access.ErrRoleNote):
		return at("note", "error.role_note")
	case errors.Is(err, access.ErrRoleBeyond), errors.Is(err, access.ErrBeyond):
		return at("form", "error.role_beyond")
	case errors.Is(err, access.ErrRoleInUse):
		return at("form", "error.role_in_use")
	case errors.Is(err, access.ErrTooMany):
		return at("form", "error.role_many")
	case errors.Is(err, tenants.ErrChanged):
		return at("form", "error.role_changed")
	}
	return nil
}

// DeleteRole deletes a role of the tenant's own that nobody holds.
func (f *Flow) DeleteRole(v *visit.Visit) error {
	form, err := v.Form("name", "base")
	if err != nil {
		return err
	}
	base, err := strconv.ParseInt(form["base"], 10, 64)
	if err != nil {
		return visit.ErrBadForm
	}
	r, ok := rbac.RoleNamed(v.Tenant, form["name"])
	if !ok || !r.Own {
		return visit.ErrNotFound
	}
	err = f.Access.DeleteRole(v.Context(), v.Tenant, v.Session.Subject(), base, r.Name)
	if wrong := roleFault(err); wrong != nil {
		v.Resolver.Forget(v.Tenant.ID)
		return f.rolePage(v, fiber.StatusUnprocessableEntity, r, false, wrong)
	}
	if err != nil {
		return err
	}
	v.Resolver.Forget(v.Tenant.ID)
	v.Say(visit.SayRoleDeleted)
	return v.Redirect("/console/roles")
}

func shown(r rbac.Role) themes.RoleName { return themes.RoleName{Name: r.Name, Label: r.Label} }

func shownAll(roles []rbac.Role) []themes.RoleName {
	var all []themes.RoleName
	for _, r := range roles {
		all = append(all, shown(r))
	}
	return all
}

// named shows a role by its name, also one that the tenant does not offer any more.
func named(t *tenants.Tenant, name string) themes.RoleName {
	if r, ok := rbac.RoleNamed(t, name); ok {
		return shown(r)
	}
	return themes.RoleName{Name: name, Label: name}
}

func namedAll(t *tenants.Tenant, names []string) []themes.RoleName {
	var all []themes.RoleName
	for _, n := range names {
		all = append(all, named(t, n))
	}
	return all
}
