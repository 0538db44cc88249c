package people

import (
	"cmp"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"

	"portico/app/people"
	"portico/app/visit"
	"portico/rbac"
	"portico/themes"
)

// Groups is /console/groups: the tree within reach.
func (f *Flow) Groups(v *visit.Visit) error {
	return f.groupsPage(v, fiber.StatusOK, people.NewGroup{Kind: "location"}, nil)
}

func (f *Flow) groupsPage(v *visit.Visit, status int, n people.NewGroup, errs themes.FieldErrors) error {
	groups, err := f.People.Groups(v.Context(), by(v))
	if err != nil {
		return err
	}
	page := themes.GroupsPage{Parts: themes.Parts{Help: v.Help(), Errors: errs}, Edit: v.Can(rbac.GroupsEdit).Allowed, New: groupForm(v, groups, n, uuid.UUID{})}
	for _, g := range groups {
		page.Groups = append(page.Groups, themes.GroupLine{ID: g.ID.String(), Name: g.Name, Kind: g.Kind, Depth: g.Depth, People: g.People, Edit: g.Edit})
	}
	return v.Page(status, page)
}

// groupForm offers the places where a group may stand: those that the visitor may change, but not itself.
func groupForm(v *visit.Visit, groups []people.Group, n people.NewGroup, but uuid.UUID) themes.GroupForm {
	form := themes.GroupForm{Name: n.Name, Kind: cmp.Or(n.Kind, "location"), Top: v.Can(rbac.GroupsEdit).Everywhere}
	if n.Above != (uuid.UUID{}) {
		form.Above = n.Above.String()
	}
	for _, g := range groups {
		if g.Edit && g.ID != but {
			form.Places = append(form.Places, themes.GroupBox{ID: g.ID.String(), Name: g.Name, Depth: g.Depth})
		}
	}
	return form
}

// AddGroup adds one.
func (f *Flow) AddGroup(v *visit.Visit) error {
	n, err := typedGroup(v)
	if err != nil {
		return err
	}
	_, err = f.People.AddGroup(v.Context(), by(v), n)
	if errs := atField(err); errs != nil {
		return f.groupsPage(v, fiber.StatusUnprocessableEntity, n, errs)
	}
	if err != nil {
		return answered(err, rbac.GroupsEdit)
	}
	v.Say(visit.SayGroupSaved)
	return v.Redirect("/console/groups")
}

func typedGroup(v *visit.Visit) (people.NewGroup, error) {
	form, err := v.Form("name", "kind", "above")
	if err != nil {
		return people.NewGroup{}, err
	}
	above, err := idOrNone(form["above"])
	return people.NewGroup{Name: form["name"], Kind: form["kind"], Above: above}, err
}

// Group is one group with what hangs on it.
func (f *Flow) Group(v *visit.Visit) error { return f.groupPage(v, fiber.StatusOK, nil, "", nil, nil) }

func (f *Flow) groupPage(v *visit.Visit, status int, typed *people.NewGroup, confirm string, errs themes.FieldErrors, problem *themes.Message) error {
	id, err := whom(v)
	if err != nil {
		return err
	}
	g, err := f.People.ReadGroup(v.Context(), by(v), id)
	if err != nil {
		return answered(err, rbac.PeopleRead)
	}
	page := themes.GroupPage{Parts: themes.Parts{Help: v.Help(), Errors: errs}, ID: id.String(), Name: g.Name, Path: g.Path, Delete: g.Move,
		Below: g.Below, People: g.People, Members: g.Members, Policy: g.Recovery, Typed: confirm, Problem: problem}
	for _, r := range g.Roles {
		page.Roles = append(page.Roles, themes.GroupRoleLine{Name: r.Name, Role: roleName(v.Tenant, r.Role)})
	}
	if g.Edit {
		groups, err := f.People.GroupsSeen(v.Context(), by(v))
		if err != nil {
			return err
		}
		n := people.NewGroup{Name: g.Name, Kind: g.Kind, Above: g.Above}
		if typed != nil {
			n = *typed
		}
		page.Form = groupForm(v, groups, n, id)
		page.Form.Fixed = !g.Move
	}
	return v.Page(status, page)
}

// SaveGroup renames and moves one.
func (f *Flow) SaveGroup(v *visit.Visit) error {
	n, err := typedGroup(v)
	if err != nil {
		return err
	}
	id, err := whom(v)
	if err != nil {
		return err
	}
	err = f.People.SaveGroup(v.Context(), by(v), id, n)
	if errs := atField(err); errs != nil {
		return f.groupPage(v, fiber.StatusUnprocessableEntity, &n, "", errs, nil)
	}
	if err != nil {
		return answered(err, rbac.GroupsEdit)
	}
	v.Say(visit.SayGroupSaved)
	return v.Redirect("/console/groups/" + id.String())
}

// DeleteGroup deletes one whose name was typed.
func (f *Flow) DeleteGroup(v *visit.Visit) error {
	form, err := v.Form("confirm")
	if err != nil {
		return err
	}
	id, err := whom(v)
	if err != nil {
		return err
	}
	err = f.People.DeleteGroup(v.Context(), by(v), id, form["confirm"])
	if errs := atField(err); errs != nil {
		return f.groupPage(v, fiber.StatusUnprocessableEntity, nil, form["confirm"], themes.FieldErrors{"confirm": errs["name"]}, nil)
	}
	if m, ok := said(err); ok {
		return f.groupPage(v, fiber.StatusConflict, nil, form["confirm"], nil, &m)
	}
	if err != nil {
		return answered(err, rbac.GroupsEdit)
	}
	v.Say(visit.SayGroupDeleted)
	return v.Redirect("/console/groups")
}
