package profile

import (
	"errors"

	"github.com/gofiber/fiber/v2"

	"portico/app/proofs"
	"portico/app/visit"
	"portico/themes"
)

const removePath = "/account/security/remove"

// RemovePage says what removing a proof means, or why it cannot be removed.
func (f *Flow) RemovePage(v *visit.Visit) error {
	return f.askRemove(v, fiber.StatusOK, v.C.Query("kind"))
}

func (f *Flow) askRemove(v *visit.Visit, status int, kind string) error {
	if !v.Tenant.Policy.Gates.Registers(kind) {
		return visit.ErrNotFound
	}
	if done, err := f.anew(v, removePath+"?kind="+kind); done {
		return err
	}
	p, err := f.Own.Profile(v.Context(), v.Tenant, owner(v))
	if err != nil {
		return err
	}
	r, has := p.Held.Of(kind)
	if !has {
		return v.Redirect("/account/security")
	}
	byPass, err := f.Accounts.ByPass(v.Context(), v.Tenant, *v.Session)
	if err != nil {
		return err
	}
	return answer(v, status, themes.RemoveProofPage{Parts: themes.Parts{Help: v.Help()}, Kind: kind, Contact: r.Masked(), ByPass: byPass,
		Needed: proofs.Needed(v.Tenant, p, kind), Able: able(proofs.Without(v.Tenant, p, kind))})
}

// Remove takes a proof away.
func (f *Flow) Remove(v *visit.Visit) error {
	form, err := v.Form("kind")
	if err != nil {
		return err
	}
	kind := form["kind"]
	if !v.Tenant.Policy.Gates.Registers(kind) {
		return visit.ErrNotFound
	}
	if done, err := f.anew(v, removePath+"?kind="+kind); done {
		return err
	}
	err = f.Own.Remove(v.Context(), v.Tenant, owner(v), kind)
	if errors.Is(err, proofs.ErrNeeded) || errors.Is(err, proofs.ErrByPass) {
		return f.askRemove(v, fiber.StatusUnprocessableEntity, kind)
	}
	if err != nil {
		return refuse(err)
	}
	return f.changed(v, visit.SayProofRemoved)
}
