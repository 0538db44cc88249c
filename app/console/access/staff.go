package access

import (
	"encoding/json"
	"errors"
	"strconv"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"

	"portico/app/audit"
	"portico/app/staff"
	"portico/app/visit"
	"portico/tenants"
	"portico/themes"
)

// StaffPage is /console/staff: who of the platform's staff entered this console, may enter it, or asks to.
func (f *Flow) StaffPage(v *visit.Visit) error {
	grants, err := f.Staff.Grants(v.Context(), v.Tenant)
	if err != nil {
		return err
	}
	page := themes.StaffAccessPage{Approval: v.Tenant.Portal.StaffApproval}
	for _, g := range grants {
		state := g.State(v.Clock.Now())
		page.Rows = append(page.Rows, themes.AccessGrant{ID: g.ID.String(), Who: g.StaffName, Level: g.Level, Reason: g.Reason, State: state,
			AskedAt: g.AskedAt, EndsAt: g.EndsAt, Mine: g.Account == v.Session.AccountID, MayEnd: state == "open"})
	}
	return v.Page(fiber.StatusOK, page)
}

// Staffed decides about a request of the platform's staff, ends an access, or says whether they must ask first. Staff
// cannot decide for the tenant that they look after.
func (f *Flow) Staffed(v *visit.Visit) error {
	form, err := v.Form("id", "do", "approval")
	if err != nil {
		return err
	}
	standsIn := false
	grants, err := f.Staff.Grants(v.Context(), v.Tenant)
	if err != nil {
		return err
	}
	for _, g := range grants {
		standsIn = standsIn || g.Account == v.Session.AccountID
	}
	if standsIn && form["do"] != "end" {
		return &visit.DeniedError{}
	}
	if form["do"] == "approval" {
		err = f.saveApproval(v, form["approval"] == "on")
	} else {
		err = f.decideStaff(v, form)
	}
	if err != nil && !errors.Is(err, staff.ErrAccess) {
		return err
	}
	v.Resolver.Forget(v.Tenant.ID)
	v.Say(visit.SayStaffDecided)
	return v.Redirect("/console/staff")
}

func (f *Flow) decideStaff(v *visit.Visit, form visit.Form) error {
	id, err := uuid.Parse(form["id"])
	if err != nil {
		return visit.ErrBadForm
	}
	switch form["do"] {
	case "approve", "refuse":
		return f.Staff.Decide(v.Context(), v.Tenant, v.Session.AccountID, id, form["do"] == "approve")
	case "end":
		return f.Staff.End(v.Context(), v.Tenant, audit.AccountActor(v.Session.AccountID), id)
	}
	return visit.ErrBadForm
}

// saveApproval says whether the platform's staff must ask first.
func (f *Flow) saveApproval(v *visit.Visit, ask bool) error {
	var base int64
	err := f.Access.DB.In(v.Context(), v.Tenant.ID, func(s *tenants.Scope) (err error) {
		base, _, err = tenants.Setting(v.Context(), s, tenants.SubjectPortal)
		return err
	})
	if err != nil {
		return err
	}
	return f.Access.DB.ChangeSetting(v.Context(), v.Tenant.ID, tenants.SubjectPortal, base, audit.AccountActor(v.Session.AccountID),
		func(s *tenants.Scope, was json.RawMessage) (any, error) {
			var portal tenants.Portal
			if was != nil {
				if err := json.Unmarshal(was, &portal); err != nil {
					return nil, err
				}
			}
			before := portal.StaffApproval
			portal.StaffApproval = ask
			return portal, audit.Write(v.Context(), s, audit.Event{Kind: audit.StaffAccess, Outcome: audit.Success, Reason: "approval",
				Details: map[string]any{"before": strconv.FormatBool(before), "after": strconv.FormatBool(ask)}})
		})
}

// Enter signs somebody of the platform's staff in who comes with a token of their own pages.
func (f *Flow) Enter(v *visit.Visit) error {
	cookie, err := f.Staff.Enter(v.Context(), v.Tenant, v.C.Params("token"), v.Client)
	if errors.Is(err, staff.ErrAccess) {
		return visit.ErrNotFound
	}
	if err != nil {
		return err
	}
	v.SetCookie(visit.CookieSession, cookie.Value, cookie.Ends)
	return v.Redirect("/console")
}
