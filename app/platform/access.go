package platform

import (
	"errors"
	"slices"
	"strconv"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"

	"portico/app/staff"
	"portico/app/visit"
	"portico/rbac"
	"portico/tenants"
	"portico/themes"
)

// AccessPage is /platform/customers/:slug/access: who of the staff entered, may enter, or asks to.
func (f *Flow) AccessPage(v *visit.Visit) error {
	return f.askAccess(v, fiber.StatusOK, visit.Form{"level": staff.LevelHelp, "hours": "1"}, nil)
}

func (f *Flow) askAccess(v *visit.Visit, status int, typed visit.Form, wrong themes.FieldErrors) error {
	c, t, err := f.entered(v)
	if err != nil {
		return err
	}
	grants, err := f.Staff.Grants(v.Context(), t)
	if err != nil {
		return err
	}
	page := themes.CustomerAccessPage{Parts: themes.Parts{Errors: wrong}, Customer: row(c), Approval: t.Portal.StaffApproval,
		Level: typed["level"], Reason: typed["reason"], Hours: typed["hours"]}
	for _, g := range grants {
		state := g.State(v.Clock.Now())
		mine := g.StaffID == v.Staff.StaffID
		page.Rows = append(page.Rows, themes.AccessGrant{ID: g.ID.String(), Who: g.StaffName, Level: g.Level, Reason: g.Reason, State: state,
			AskedAt: g.AskedAt, EndsAt: g.EndsAt, Mine: mine, MayEnd: (mine || v.StaffCan(rbac.StaffEdit)) && slices.Contains([]string{"asked", "open"}, state)})
	}
	v.AllowForm(t.Origin) // entering leads there
	return v.Page(status, page)
}

// entered reads a customer whose console can be entered: one that is live.
func (f *Flow) entered(v *visit.Visit) (c customer, t *tenants.Tenant, err error) {
	if c, t, err = f.known(v); err == nil && c.State != tenants.Live {
		err = visit.ErrNotFound
	}
	return c, t, err
}

// Access asks for it.
func (f *Flow) Access(v *visit.Visit) error {
	form, err := v.Form("level", "reason", "hours")
	if err != nil {
		return err
	}
	c, t, err := f.entered(v)
	if err != nil {
		return err
	}
	hours, err := strconv.Atoi(form["hours"])
	if err != nil {
		return visit.ErrBadForm
	}
	granted, err := f.Staff.Ask(v.Context(), *v.Staff, t, form["level"], form["reason"], hours)
	switch {
	case errors.Is(err, staff.ErrReason):
		return f.askAccess(v, fiber.StatusUnprocessableEntity, form, themes.FieldErrors{"reason": {Key: "error.platform_access"}})
	case errors.Is(err, staff.ErrOpen):
		return f.askAccess(v, fiber.StatusUnprocessableEntity, form, themes.FieldErrors{"level": {Key: "error.platform_open"}})
	case errors.Is(err, staff.ErrLevel):
		return visit.ErrBadForm
	case err != nil:
		return err
	}
	v.Resolver.Forget(t.ID)
	v.Say(map[bool]string{true: visit.SayStaffGranted, false: visit.SayStaffAsked}[granted])
	return v.Redirect("/platform/customers/" + c.Slug + "/access")
}

// Enter leads into the customer's console.
func (f *Flow) Enter(v *visit.Visit) error {
	c, t, id, err := f.named(v)
	if err != nil {
		return err
	}
	token, err := f.Staff.Entry(v.Context(), *v.Staff, t, id)
	if errors.Is(err, staff.ErrAccess) {
		return v.Redirect("/platform/customers/" + c.Slug + "/access")
	}
	if err != nil {
		return err
	}
	return v.LeaveTo(t, "/enter/"+token)
}

// EndAccess ends one, one's own or, for owners, anybody's.
func (f *Flow) EndAccess(v *visit.Visit) error {
	c, t, id, err := f.named(v)
	if err != nil {
		return err
	}
	grants, err := f.Staff.Grants(v.Context(), t)
	if err != nil {
		return err
	}
	i := slices.IndexFunc(grants, func(g staff.Grant) bool { return g.ID == id })
	if i < 0 {
		return visit.ErrNotFound
	}
	if grants[i].StaffID != v.Staff.StaffID && !v.StaffCan(rbac.StaffEdit) {
		return &visit.StaffDeniedError{Permission: rbac.StaffEdit}
	}
	if err := f.Staff.End(v.Context(), t, staff.Actor(v.Staff.StaffID), id); err != nil && !errors.Is(err, staff.ErrAccess) {
		return err
	}
	v.Resolver.Forget(t.ID)
	v.Say(visit.SayStaffAccessEnded)
	return v.Redirect("/platform/customers/" + c.Slug + "/access")
}

// named reads the customer and the access that a form is about.
func (f *Flow) named(v *visit.Visit) (c customer, t *tenants.Tenant, id uuid.UUID, err error) {
	form, err := v.Form("id")
	if err != nil {
		return c, nil, id, err
	}
	if id, err = uuid.Parse(form["id"]); err != nil {
		return c, nil, id, visit.ErrBadForm
	}
	c, t, err = f.entered(v)
	return c, t, id, err
}
