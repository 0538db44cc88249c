package access

import (
	"errors"
	"slices"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"

	"portico/app/access"
	"portico/app/visit"
	"portico/rbac"
	"portico/tenants"
	"portico/themes"
)

// whom is the person of a page, within the reach of a permission; everybody else is not found.
func (f *Flow) whom(v *visit.Visit, p rbac.Permission) (access.Whom, error) {
	id, err := uuid.Parse(v.C.Params("id"))
	if err != nil {
		return access.Whom{}, visit.ErrNotFound
	}
	reach, err := v.Reach(p)
	if err != nil {
		return access.Whom{}, err
	}
	who, err := f.Access.Whom(v.Context(), v.Tenant, reach, id)
	if errors.Is(err, tenants.ErrNotFound) {
		return access.Whom{}, visit.ErrNotFound
	}
	return who, err
}

// PersonRoles shows what somebody holds.
func (f *Flow) PersonRoles(v *visit.Visit) error {
	who, err := f.whom(v, rbac.RolesRead)
	if err != nil {
		return err
	}
	return f.personPage(v, fiber.StatusOK, who, themes.PersonRolesPage{})
}

func (f *Flow) personPage(v *visit.Visit, status int, who access.Whom, page themes.PersonRolesPage) error {
	given, err := f.Access.Of(v.Context(), v.Tenant, v.Session.Subject(), who.ID)
	if err != nil {
		return err
	}
	page.ID, page.Name, page.Help = who.ID.String(), who.Name, v.Help()
	for _, g := range given {
		row := themes.GivenRole{ID: g.ID.String(), Role: named(v.Tenant, g.Role), Group: g.Group, Since: g.CreatedAt, May: g.May}
		if g.EndsAt != nil {
			row.Ends = *g.EndsAt
		}
		page.Given = append(page.Given, row)
	}
	if v.Can(rbac.RolesAssign).Allowed {
		if err := f.offer(v, &page); err != nil {
			return err
		}
	}
	return v.Page(status, page)
}

// offer fills in what the visitor may give, and where.
func (f *Flow) offer(v *visit.Visit, page *themes.PersonRolesPage) error {
	reach, err := v.Reach(rbac.RolesAssign)
	if err != nil {
		return err
	}
	groups, err := f.Access.GroupsWithin(v.Context(), v.Tenant, reach)
	if err != nil {
		return err
	}
	page.Assign = true
	if reach.Everywhere {
		page.Groups = append(page.Groups, themes.GroupOption{})
	}
	for _, g := range groups {
		page.Groups = append(page.Groups, themes.GroupOption{ID: g.ID.String(), Path: g.Path})
	}
	may, err := f.Access.MayGive(v.Context(), v.Tenant, v.Session.Subject(), reach)
	page.Roles = shownAll(may)
	return err
}

// Give gives somebody a role.
func (f *Flow) Give(v *visit.Visit) error {
	who, err := f.whom(v, rbac.RolesAssign)
	if err != nil {
		return err
	}
	form, err := v.Form("role", "group", "until")
	if err != nil {
		return err
	}
	page := themes.PersonRolesPage{Role: form["role"], Group: form["group"], Until: form["until"]}
	h, ends, wrong := holding(form["role"], form["group"], form["until"])
	if wrong == nil {
		_, err = f.Access.Give(v.Context(), v.Tenant, v.Session.Subject(), who.ID, h, ends)
		wrong = giveFault(err)
	}
	if wrong != nil {
		page.Errors = wrong
		return f.personPage(v, fiber.StatusUnprocessableEntity, who, page)
	}
	if err != nil {
		return err
	}
	v.Say(visit.SayRoleGiven)
	return v.Redirect("/console/people/" + who.ID.String() + "/roles")
}

func holding(role, group, until string) (rbac.Holding, *time.Time, themes.FieldErrors) {
	h := rbac.Holding{Role: role}
	if group != "" {
		id, err := uuid.Parse(group)
		if err != nil {
			return h, nil, themes.FieldErrors{"group": {Key: "error.role_group"}}
		}
		h.Group = id
	}
	if until == "" {
		return h, nil, nil
	}
	ends, err := time.Parse(time.DateOnly, until)
	if err != nil {
		return h, nil, themes.FieldErrors{"until": {Key: "error.role_until"}}
	}
	return h, &ends, nil
}

func giveFault(err error) themes.FieldErrors {
	var until *access.UntilError
	switch {
	case errors.As(err, &until):
		return themes.FieldErrors{"until": {Key: "error.role_ends", Args: map[string]any{"when": until.Until}}}
	case errors.Is(err, access.ErrNoRole):
		return themes.FieldErrors{"role": {Key: "error.role_choose"}}
	case errors.Is(err, access.ErrPast):
		return themes.FieldErrors{"until": {Key: "error.role_until"}}
	case errors.Is(err, tenants.ErrNotFound):
		return themes.FieldErrors{"group": {Key: "error.role_group"}}
	case errors.Is(err, access.ErrHigher):
		return themes.FieldErrors{"form": {Key: "error.role_higher"}}
	case errors.Is(err, access.ErrLastOwner):
		return themes.FieldErrors{"form": {Key: "error.last_owner"}}
	}
	return roleFault(err)
}

// Take takes a role from somebody.
func (f *Flow) Take(v *visit.Visit) error {
	who, err := f.whom(v, rbac.RolesAssign)
	if err != nil {
		return err
	}
	form, err := v.Form("assignment")
	if err != nil {
		return err
	}
	id, err := uuid.Parse(form["assignment"])
	if err != nil {
		return visit.ErrBadForm
	}
	err = f.Access.Take(v.Context(), v.Tenant, v.Session.Subject(), who.ID, id)
	if wrong := giveFault(err); wrong != nil {
		return f.personPage(v, fiber.StatusUnprocessableEntity, who, themes.PersonRolesPage{Parts: themes.Parts{Errors: wrong}})
	}
	if err != nil {
		return err
	}
	v.Say(visit.SayRoleTaken)
	return v.Redirect("/console/people/" + who.ID.String() + "/roles")
}

// May answers what somebody may do, permission by permission, with the words of the refusal.
func (f *Flow) May(v *visit.Visit) error {
	who, err := f.whom(v, rbac.RolesRead)
	if err != nil {
		return err
	}
	page := themes.MayPage{Parts: themes.Parts{Help: v.Help()}, ID: who.ID.String(), Name: who.Name}
	for _, h := range who.Holdings {
		if r := named(v.Tenant, h.Role); !slices.Contains(page.Holds, r) {
			page.Holds = append(page.Holds, r)
		}
	}
	for _, p := range rbac.Permissions() {
		e := v.Guard.Explain(v.Tenant, rbac.Subject{ID: who.ID, Holdings: who.Holdings}, p)
		answer := themes.MayAnswer{Permission: string(p), Allowed: e.Allowed && who.Active, Everywhere: e.Everywhere, By: namedAll(v.Tenant, e.By),
			Would: shownAll(e.Would), Grantors: shownAll(e.Grantors)}
		for _, g := range e.Groups {
			answer.Groups = append(answer.Groups, who.GroupNames[g])
		}
		page.Answers = append(page.Answers, answer)
	}
	return v.Page(fiber.StatusOK, page)
}
