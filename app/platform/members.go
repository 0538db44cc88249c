package platform

import (
	"errors"
	"slices"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"

	"portico/app/directory"
	"portico/app/staff"
	"portico/app/visit"
	"portico/rbac"
	"portico/themes"
)

// Members is /platform/staff.
func (f *Flow) Members(v *visit.Visit) error {
	return f.members(v, fiber.StatusOK, staff.New{Role: rbac.StaffSupport}, nil)
}

func (f *Flow) members(v *visit.Visit, status int, typed staff.New, wrong themes.FieldErrors) error {
	all, err := f.Staff.All(v.Context())
	if err != nil {
		return err
	}
	page := themes.StaffPage{Parts: themes.Parts{Errors: wrong}, Edit: v.StaffCan(rbac.StaffEdit), Name: typed.Name, Email: typed.Email, Role: string(typed.Role)}
	for _, r := range rbac.StaffRoles() {
		page.Roles = append(page.Roles, string(r))
	}
	for _, m := range all {
		page.Rows = append(page.Rows, themes.StaffRow{ID: m.ID.String(), Name: m.Name, Email: m.Email, Role: string(m.Role), Disabled: m.Disabled,
			Begun: m.Begun, Self: m.ID == v.Staff.StaffID, SignedInAt: m.SignedInAt, LinkEnds: m.LinkEndsAt})
	}
	return v.Page(status, page)
}

// staffFaults are the errors of staff that stand beside a field.
var staffFaults = []struct {
	is    error
	field string
	key   string
}{
	{staff.ErrName, "name", "error.platform_name"},
	{staff.ErrAddress, "email", "error.platform_email"},
	{staff.ErrKnown, "email", "error.platform_known"},
	{staff.ErrSelf, "role", "error.platform_self"},
	{staff.ErrLastOwner, "role", "error.platform_last_owner"},
}

func staffFault(err error) themes.FieldErrors {
	for _, f := range staffFaults {
		if errors.Is(err, f.is) {
			return themes.FieldErrors{f.field: {Key: f.key}}
		}
	}
	return nil
}

// Add adds one of the staff and mails them a link.
func (f *Flow) Add(v *visit.Visit) error {
	form, err := v.Form("name", "email", "role")
	if err != nil {
		return err
	}
	n := staff.New{Name: form["name"], Email: form["email"], Role: rbac.StaffRole(form["role"]), Locale: v.Locale}
	_, _, err = f.Staff.Add(v.Context(), staff.Actor(v.Staff.StaffID), n)
	if wrong := staffFault(err); wrong != nil {
		return f.members(v, fiber.StatusUnprocessableEntity, n, wrong)
	}
	if errors.Is(err, staff.ErrRole) {
		return visit.ErrBadForm
	}
	if err != nil {
		return err
	}
	v.Say(visit.SayStaffAdded)
	return v.Redirect("/platform/staff")
}

// Change changes role or access of one of the staff, or sends them a new link.
func (f *Flow) Change(v *visit.Visit) error {
	form, err := v.Form("id", "role", "do")
	if err != nil {
		return err
	}
	id, err := uuid.Parse(form["id"])
	if err != nil {
		return visit.ErrBadForm
	}
	flash := visit.SayStaffChanged
	switch form["do"] {
	case "role":
		role := rbac.StaffRole(form["role"])
		if !slices.Contains(rbac.StaffRoles(), role) {
			return visit.ErrBadForm
		}
		err = f.Staff.Change(v.Context(), *v.Staff, id, staff.Change{Role: &role})
	case "disable", "enable":
		disabled := form["do"] == "disable"
		err = f.Staff.Change(v.Context(), *v.Staff, id, staff.Change{Disabled: &disabled})
	case "link":
		_, err = f.Staff.Renew(v.Context(), staff.Actor(v.Staff.StaffID), id, v.Locale)
		flash = visit.SayStaffLink
	default:
		return visit.ErrBadForm
	}
	if wrong := staffFault(err); wrong != nil {
		return f.members(v, fiber.StatusUnprocessableEntity, staff.New{Role: rbac.StaffSupport}, wrong)
	}
	if err != nil {
		return err
	}
	v.Say(flash)
	return v.Redirect("/platform/staff")
}

// Audit is /platform/audit.
func (f *Flow) Audit(v *visit.Visit) error {
	before, after, err := visit.Cursors(func(name string) string { return v.C.Query(name) })
	if err != nil {
		return err
	}
	events, err := f.Directory.Events(v.Context(), nil, directory.EventsQuery{Before: before, After: after, Most: eventsPage + 1})
	if err != nil {
		return err
	}
	rows, back, on := visit.Around(events, eventsPage, before, after, func(cursor string, e directory.Event) string {
		return "/platform/audit?" + cursor + "=" + e.ID.String()
	})
	return v.Page(fiber.StatusOK, themes.PlatformAuditPage{Rows: shown(rows), Before: back, After: on})
}

const eventsPage = 50

func shown(events []directory.Event) []themes.PlatformEvent {
	var all []themes.PlatformEvent
	for _, e := range events {
		all = append(all, themes.PlatformEvent{At: e.At, Kind: string(e.Kind), Outcome: string(e.Outcome), Reason: e.Reason, Who: e.Who, Tenant: e.Slug, From: e.From})
	}
	return all
}
