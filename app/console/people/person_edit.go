package people

import (
	"errors"
	"strconv"
	"strings"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"

	"portico/app/accounts"
	"portico/app/people"
	"portico/app/phones"
	"portico/app/visit"
	"portico/rbac"
	"portico/themes"
)

// EditPage is the form for name, identifiers and groups.
func (f *Flow) EditPage(v *visit.Visit) error {
	p, err := f.may(v, rbac.PeopleEdit)
	if err != nil {
		return err
	}
	return f.editPage(v, fiber.StatusOK, p, people.Edit{Version: p.Version, Name: p.Name, Username: valueOf(p, accounts.Username),
		UserID: valueOf(p, accounts.UserID)}, nil)
}

// mostBoxes bounds the groups of one form: its fields are two a group.
const mostBoxes = 190

func (f *Flow) editPage(v *visit.Visit, status int, p people.Person, e people.Edit, errs themes.FieldErrors) error {
	groups, err := f.People.GroupsToEdit(v.Context(), by(v))
	if err != nil {
		return err
	}
	in := map[uuid.UUID]bool{}
	for _, g := range p.Groups {
		in[g.ID] = true
	}
	for _, id := range e.Shown {
		in[id] = false
	}
	for _, id := range e.Groups {
		in[id] = true
	}
	groups, more := boxed(groups, in, v.C.Query("group"))
	page := themes.PersonEditPage{Parts: themes.Parts{Help: v.Help(), Errors: errs}, Person: head(p), Version: e.Version, Name: e.Name,
		Username: e.Username, UserID: e.UserID, More: more, Sought: v.C.Query("group")}
	for _, g := range groups {
		page.Groups = append(page.Groups, themes.GroupBox{ID: g.ID.String(), Name: g.Name, Depth: g.Depth, In: in[g.ID]})
	}
	return v.Page(status, page)
}

// boxed chooses the groups of one form, where there are more than it can hold: those that somebody is in, and
// of the others those whose name has a part.
func boxed(all []people.Group, in map[uuid.UUID]bool, part string) (some []people.Group, more bool) {
	if len(all) <= mostBoxes {
		return all, false
	}
	part = strings.ToLower(strings.ToValidUTF8(part, ""))
	free := mostBoxes
	for _, g := range all {
		if in[g.ID] {
			free--
		}
	}
	for _, g := range all {
		if !in[g.ID] {
			if free <= 0 || !strings.Contains(strings.ToLower(g.Name), part) {
				continue
			}
			free--
		}
		some = append(some, g)
	}
	return some[:min(len(some), mostBoxes)], true
}

// Edit saves it.
func (f *Flow) Edit(v *visit.Visit) error {
	form, err := v.WideForm(editField)
	if err != nil {
		return err
	}
	id, err := whom(v)
	if err != nil {
		return err
	}
	e := people.Edit{Name: form["name"], Username: form["username"], UserID: form["user_id"]}
	if e.Version, err = strconv.ParseInt(form["version"], 10, 64); err != nil {
		return visit.ErrBadForm
	}
	for name := range form {
		if group, ok := strings.CutPrefix(name, "shown_"); ok {
			e.Shown = append(e.Shown, uuid.MustParse(group)) // editField has parsed it
		}
		if group, ok := strings.CutPrefix(name, "group_"); ok {
			e.Groups = append(e.Groups, uuid.MustParse(group))
		}
	}
	err = f.People.Save(v.Context(), by(v), id, e)
	if err == nil {
		return done(v, id, visit.SayPersonSaved)
	}
	errs := atField(err)
	status := fiber.StatusUnprocessableEntity
	if errors.Is(err, people.ErrStale) {
		errs, status = themes.FieldErrors{"form": {Key: "person.bad_stale"}}, fiber.StatusConflict
	}
	if errs == nil {
		return answered(err, rbac.PeopleEdit)
	}
	p, err := f.may(v, rbac.PeopleEdit)
	if err != nil {
		return err
	}
	return f.editPage(v, status, p, e, errs)
}

// editField tells which fields belong to the form.
func editField(name string) bool {
	switch name {
	case "version", "name", "username", "user_id":
		return true
	}
	group, ok := strings.CutPrefix(name, "group_")
	if !ok {
		group, ok = strings.CutPrefix(name, "shown_")
	}
	id, err := uuid.Parse(group)
	return ok && err == nil && id.String() == group
}

// PhonePage is the form for the office phone.
func (f *Flow) PhonePage(v *visit.Visit) error { return f.phonePage(v, fiber.StatusOK, "", nil) }

func (f *Flow) phonePage(v *visit.Visit, status int, typed string, errs themes.FieldErrors) error {
	p, err := f.may(v, rbac.PeopleEdit)
	if err != nil {
		return err
	}
	return v.Page(status, themes.PersonPhonePage{Parts: themes.Parts{Help: v.Help(), Errors: errs}, Person: head(p), Has: masked(p), Typed: typed})
}

// Phone sets it; empty removes it.
func (f *Flow) Phone(v *visit.Visit) error {
	form, err := v.Form("phone")
	if err != nil {
		return err
	}
	id, err := whom(v)
	if err != nil {
		return err
	}
	err = f.People.SetOffice(v.Context(), by(v), id, strings.TrimSpace(form["phone"]))
	var number *phones.NumberError
	if errors.As(err, &number) {
		return f.phonePage(v, fiber.StatusUnprocessableEntity, form["phone"], themes.FieldErrors{"phone": {Key: number.Key(),
			Args: map[string]any{"example": number.Example}}})
	}
	if m, ok := said(err); ok {
		return f.phonePage(v, fiber.StatusConflict, form["phone"], themes.FieldErrors{"form": m})
	}
	if err != nil {
		return answered(err, rbac.PeopleEdit)
	}
	return done(v, id, visit.SayPersonSaved)
}
