package access

import (
	"errors"
	"strings"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"

	"portico/app/access"
	"portico/app/visit"
	"portico/rbac"
	"portico/tenants"
	"portico/themes"
)

// Requests lists who asks for access.
func (f *Flow) Requests(v *visit.Visit) error { return f.requestsPage(v, fiber.StatusOK, nil) }

func (f *Flow) requestsPage(v *visit.Visit, status int, wrong themes.FieldErrors) error {
	reach, err := v.Reach(rbac.RolesAssign)
	if err != nil {
		return err
	}
	all, ways, err := f.Access.Requests(v.Context(), v.Tenant, v.Session.Subject(), reach)
	if err != nil {
		return err
	}
	page := themes.RequestsPage{Parts: themes.Parts{Errors: wrong, Help: v.Help()}}
	for _, r := range all {
		row := themes.AccessRequest{ID: r.ID.String(), Who: r.Name, WhoID: r.AccountID.String(), Permission: string(r.Permission),
			Reason: r.Reason, At: r.CreatedAt, Approved: r.State == "approved", Role: named(v.Tenant, r.Role), Note: r.Note}
		for _, w := range ways[r.ID] {
			row.Ways = append(row.Ways, themes.RequestWay{Value: wayValue(w.Holding), Role: shown(w.Label), Group: w.Group})
		}
		if r.DecidedAt != nil {
			row.DecidedAt = *r.DecidedAt
			page.Decided = append(page.Decided, row)
		} else {
			page.Open = append(page.Open, row)
		}
	}
	return v.Page(status, page)
}

// wayValue is a role and a group as one value of a list, "people_manager@<uuid>".
func wayValue(h rbac.Holding) string {
	if h.Everywhere() {
		return h.Role
	}
	return h.Role + "@" + h.Group.String()
}

func wayOf(value string) (rbac.Holding, error) {
	role, group, scoped := strings.Cut(value, "@")
	h := rbac.Holding{Role: role}
	if role == "" {
		return h, visit.ErrBadForm
	}
	if !scoped {
		return h, nil
	}
	id, err := uuid.Parse(group)
	if err != nil {
		return h, visit.ErrBadForm
	}
	h.Group = id
	return h, nil
}

// Decide approves or declines a request.
func (f *Flow) Decide(v *visit.Visit) error {
	form, err := v.Form("id", "way", "note", "decision")
	if err != nil {
		return err
	}
	id, err := uuid.Parse(form["id"])
	if err != nil {
		return visit.ErrBadForm
	}
	var h rbac.Holding
	switch form["decision"] {
	case "approve":
		if h, err = wayOf(form["way"]); err != nil {
			return err
		}
	case "decline":
	default:
		return visit.ErrBadForm
	}
	reach, err := v.Reach(rbac.RolesAssign)
	if err != nil {
		return err
	}
	err = f.Access.Decide(v.Context(), v.Tenant, v.Session.Subject(), reach, id, h, nil, form["note"])
	var until *access.UntilError
	switch wrong := giveFault(err); {
	case errors.As(err, &until): // the page of requests asks for no end
		return f.requestsPage(v, fiber.StatusUnprocessableEntity, themes.FieldErrors{"form": {Key: "error.role_ends_here", Args: map[string]any{"when": until.Until}}})
	case errors.Is(err, access.ErrDecided):
		return f.requestsPage(v, fiber.StatusConflict, themes.FieldErrors{"form": {Key: "error.access_decided"}})
	case errors.Is(err, access.ErrReason):
		return f.requestsPage(v, fiber.StatusUnprocessableEntity, themes.FieldErrors{"form": {Key: "error.access_reason"}})
	case errors.Is(err, tenants.ErrNotFound):
		return visit.ErrNotFound
	case wrong != nil:
		return f.requestsPage(v, fiber.StatusUnprocessableEntity, wrong)
	case err != nil:
		return err
	}
	v.Say(visit.SayAccessDecided)
	return v.Redirect("/console/requests")
}

// Ask puts a request for access before those who can grant it. Anybody who is signed in may ask.
func (f *Flow) Ask(v *visit.Visit) error {
	form, err := v.Form("permission", "reason")
	if err != nil {
		return err
	}
	p := rbac.Permission(form["permission"])
	if !p.Known() {
		return visit.ErrBadForm
	}
	err = f.Access.Ask(v.Context(), v.Tenant, v.Session.Subject(), v.Session.Name, p, form["reason"])
	var wrong themes.FieldErrors
	switch {
	case errors.Is(err, access.ErrHeld):
		return v.Redirect("/console")
	case errors.Is(err, access.ErrReason):
		wrong = themes.FieldErrors{"reason": {Key: "error.access_reason"}}
	case errors.Is(err, access.ErrOften):
		wrong = themes.FieldErrors{"form": {Key: "error.access_often"}}
	case err != nil:
		return err
	}
	if wrong != nil {
		page, err := f.refusal(v, p, false)
		if err != nil {
			return err
		}
		page.Errors, page.Reason = wrong, form["reason"]
		return v.Page(fiber.StatusUnprocessableEntity, page)
	}
	v.Say(visit.SayAccessAsked)
	return v.Redirect("/account")
}
