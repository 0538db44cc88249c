package people

import (
	"context"
	"errors"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"

	"portico/app/people"
	"portico/app/visit"
	"portico/rbac"
	"portico/themes"
)

// PassPage asks how somebody was recognised before a one-time pass is issued.
func (f *Flow) PassPage(v *visit.Visit) error {
	return f.passPage(v, fiber.StatusOK, "", nil)
}

func (f *Flow) passPage(v *visit.Visit, status int, proofing string, errs themes.FieldErrors) error {
	p, err := f.may(v, rbac.PeopleRecover)
	if err != nil {
		return err
	}
	page := themes.PersonPassPage{Parts: themes.Parts{Help: v.Help(), Errors: errs}, Person: head(p), Proofing: proofing}
	switch p.PassState {
	case "unapproved", "waiting", "ready":
		page.Standing, page.ID = passLine(p), p.Pass.ID.String()
	}
	return v.Page(status, page)
}

// Pass issues it, and shows it this once.
func (f *Flow) Pass(v *visit.Visit) error {
	form, err := v.Form("standing", "proofing")
	if err != nil {
		return err
	}
	id, err := whom(v)
	if err != nil {
		return err
	}
	standing, err := idOrNone(form["standing"])
	if err != nil {
		return err
	}
	p, err := f.may(v, rbac.PeopleRecover) // before: a pass that no page shows would stand
	if err != nil {
		return err
	}
	out, err := f.People.IssuePass(v.Context(), by(v), id, form["proofing"], standing)
	if m, ok := said(err); ok {
		field, status := "form", fiber.StatusConflict
		var no *people.RefusedError
		if errors.As(err, &no) && no.Code == "proofing" {
			field, status = "proofing", fiber.StatusUnprocessableEntity
		}
		return f.passPage(v, status, form["proofing"], themes.FieldErrors{field: m})
	}
	if err != nil {
		return answered(err, rbac.PeopleRecover)
	}
	return v.Page(fiber.StatusOK, themes.PersonPassPage{Parts: themes.Parts{Help: v.Help()}, Person: head(p), Plain: out.Plain, Told: out.Told,
		Second: out.Pass.ReadyAt.IsZero(), Works: out.Pass.ReadyAt, Where: v.Tenant.Origin + v.Base + "/recover/pass"})
}

// idOrNone reads an id of a form; "" is the zero UUID.
func idOrNone(text string) (uuid.UUID, error) {
	if text == "" {
		return uuid.UUID{}, nil
	}
	id, err := uuid.Parse(text)
	if err != nil {
		return id, visit.ErrBadForm
	}
	return id, nil
}

// ApprovePass lets a pass work, as the second operator.
func (f *Flow) ApprovePass(v *visit.Visit) error {
	return f.withPass(v, visit.SayPassApproved, f.People.ApprovePass)
}

// RevokePass ends a pass.
func (f *Flow) RevokePass(v *visit.Visit) error {
	return f.withPass(v, visit.SayPassRevoked, f.People.RevokePass)
}

func (f *Flow) withPass(v *visit.Visit, flash string, do func(context.Context, people.By, uuid.UUID, uuid.UUID) error) error {
	form, err := v.Form("pass")
	if err != nil {
		return err
	}
	pass, err := idOrNone(form["pass"])
	if err != nil {
		return err
	}
	return f.acted(v, rbac.PeopleRecover, flash, func(ctx context.Context, b people.By, id uuid.UUID) error { return do(ctx, b, id, pass) })
}
