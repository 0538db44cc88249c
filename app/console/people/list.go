package people

import (
	"errors"
	"net/url"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"

	"portico/app/people"
	"portico/app/visit"
	"portico/rbac"
	"portico/themes"
)

// farOff is how far in the future the end of a lock is none.
const farOff = 1000

// List is /console/people: the people within reach, with search, filters and pages, all of them in the
// address.
func (f *Flow) List(v *visit.Visit) error {
	filter := themes.PeopleFilter{Typed: v.C.Query("q"), State: v.C.Query("state"), Role: v.C.Query("role"), Group: v.C.Query("group"), Order: v.C.Query("order")}
	q := people.Query{Typed: filter.Typed, State: filter.State, Role: filter.Role, Order: filter.Order, Cursor: v.C.Query("at")}
	if _, known := rbac.RoleNamed(v.Tenant, q.Role); !known {
		q.Role, filter.Role = "", ""
	}
	if id, err := uuid.Parse(filter.Group); err == nil {
		q.Group = id
	} else {
		filter.Group = ""
	}
	q = q.Clean()
	filter.Typed, filter.State, filter.Order = q.Typed, q.State, q.Order
	listed, err := f.People.List(v.Context(), by(v), q)
	if errors.Is(err, people.ErrBadCursor) {
		return v.Redirect(listPath(filter, "")) // a place of another order, tenant or key: from the beginning
	}
	if err != nil {
		return err
	}
	groups, err := f.People.GroupNames(v.Context(), by(v), rbac.PeopleRead)
	if err != nil {
		return err
	}
	page := themes.PeoplePage{Parts: themes.Parts{Help: v.Help()}, Filter: filter, Count: listed.Count, More: listed.More, Anybody: listed.Anybody,
		Invite: v.Can(rbac.PeopleInvite).Allowed, Export: v.Can(rbac.PeopleExport).Allowed, SignsIn: v.Tenant.Policy.SignIn.Identifier, Groups: boxes(groups)}
	for _, r := range rbac.Roles(v.Tenant) {
		page.Roles = append(page.Roles, roleName(v.Tenant, r.Name))
	}
	for _, r := range listed.Rows {
		page.Rows = append(page.Rows, personRow(v, r))
	}
	if listed.Before != "" {
		page.Before = v.Base + listPath(filter, listed.Before)
	}
	if listed.After != "" {
		page.After = v.Base + listPath(filter, listed.After)
	}
	return v.Page(fiber.StatusOK, page)
}

// listPath is the address of a page of the list.
func listPath(f themes.PeopleFilter, at string) string {
	values := url.Values{}
	for name, value := range map[string]string{"q": f.Typed, "state": f.State, "role": f.Role, "group": f.Group, "order": f.Order, "at": at} {
		if value != "" && (name != "order" || value != people.ByName) {
			values.Set(name, value)
		}
	}
	if len(values) == 0 {
		return "/console/people"
	}
	return "/console/people?" + values.Encode()
}

func personRow(v *visit.Visit, r people.Row) themes.PersonRow {
	return themes.PersonRow{ID: r.ID.String(), Name: r.Name, SignsInWith: r.SignsInWith, Address: r.Address, State: r.State,
		LockedUntil: r.LockedUntil, ForGood: r.LockedUntil.Year() > v.Clock.Now().Year()+farOff, NoPassword: r.NoPassword, Elsewhere: r.Elsewhere,
		Roles: heldRoles(v, r.Roles), Groups: r.Groups, SignedInAt: r.SignedInAt, Bounced: r.Bounced}
}

func heldRoles(v *visit.Visit, roles []people.Role) []themes.HeldRole {
	var all []themes.HeldRole
	for _, h := range roles {
		all = append(all, themes.HeldRole{Role: roleName(v.Tenant, h.Role), Within: h.GroupName})
	}
	return all
}

func boxes(groups []people.Group) []themes.GroupBox {
	var all []themes.GroupBox
	for _, g := range groups {
		all = append(all, themes.GroupBox{ID: g.ID.String(), Name: g.Name, Depth: g.Depth})
	}
	return all
}
