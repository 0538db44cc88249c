package profile

import (
	"cmp"
	"errors"
	"slices"
	"strings"

	"github.com/gofiber/fiber/v2"

	"portico/app/accounts"
	"portico/app/phones"
	"portico/app/proofs"
	"portico/app/visit"
	"portico/themes"
)

// PhonePage asks for the number of a mobile phone.
func (f *Flow) PhonePage(v *visit.Visit) error { return f.contactPage(v, proofs.AuthPhone) }

// EmailPage asks for an address beside the account's own.
func (f *Flow) EmailPage(v *visit.Visit) error { return f.contactPage(v, proofs.AuthEmail) }

// Phone sends a code to the number.
func (f *Flow) Phone(v *visit.Visit) error { return f.sendTo(v, proofs.AuthPhone) }

// Email sends a code to the address.
func (f *Flow) Email(v *visit.Visit) error { return f.sendTo(v, proofs.AuthEmail) }

func (f *Flow) contactPage(v *visit.Visit, kind string) error {
	page, err := f.contact(v, kind)
	if err != nil {
		return err
	}
	if done, err := f.anew(v, paths[kind]); done {
		return err
	}
	return answer(v, fiber.StatusOK, page)
}

// contact is the empty page of a kind; ErrNotFound where it is not offered.
func (f *Flow) contact(v *visit.Visit, kind string) (themes.AddContactPage, error) {
	page := themes.AddContactPage{Parts: themes.Parts{Help: v.Help()}, Kind: kind, Delay: v.Tenant.Policy.Gates.NewProofDelay.Std()}
	if !v.Tenant.Policy.Gates.Registers(kind) {
		return page, visit.ErrNotFound
	}
	if kind == proofs.AuthPhone {
		page.Ways = proofs.PhoneWays(v.Tenant)
		if len(page.Ways) == 0 {
			return page, visit.ErrNotFound
		}
		page.Chosen = page.Ways[0]
		page.Example = cmp.Or(phones.Example(v.Tenant.Sender.Phone.Countries[0]), phones.Example("US"))
	}
	p, err := f.Own.Profile(v.Context(), v.Tenant, owner(v))
	if err != nil {
		return page, err
	}
	if r, ok := p.Held.Of(kind); ok {
		page.Replace = r.Masked()
	}
	return page, nil
}

func (f *Flow) sendTo(v *visit.Visit, kind string) error {
	form, err := v.Form("contact", "way")
	if err != nil {
		return err
	}
	page, err := f.contact(v, kind)
	if err != nil {
		return err
	}
	if done, err := f.anew(v, paths[kind]); done {
		return err
	}
	page.Typed = strings.TrimSpace(form["contact"])
	if kind == proofs.AuthEmail {
		err = f.Own.BeginEmail(v.Context(), v.Tenant, owner(v), page.Typed)
	} else {
		page.Chosen = form["way"]
		if !slices.Contains(page.Ways, page.Chosen) {
			page.Errors = themes.FieldErrors{"way": {Key: "error.proof_way"}}
			return answer(v, fiber.StatusUnprocessableEntity, page)
		}
		err = f.Own.BeginPhone(v.Context(), v.Tenant, owner(v), page.Typed, page.Chosen)
	}
	if err == nil {
		return v.Redirect("/account/security/code")
	}
	fault, status, ok := notSent(err)
	if !ok {
		return refuse(err)
	}
	page.Errors = themes.FieldErrors{"contact": fault}
	return answer(v, status, page)
}

// notSent says why no code left; ok is false for errors that have a page of their own.
func notSent(err error) (fault themes.Message, status int, ok bool) {
	var number *phones.NumberError
	var budget *proofs.BudgetError
	var soon *proofs.TooSoonError
	var limit *accounts.LimitError
	switch {
	case errors.As(err, &number):
		return themes.Message{Key: number.Key(), Args: map[string]any{"example": number.Example, "country": number.Country}}, fiber.StatusUnprocessableEntity, true
	case errors.Is(err, accounts.ErrBadIdentifier):
		return themes.Message{Key: "error.proof_email"}, fiber.StatusUnprocessableEntity, true
	case errors.As(err, &soon):
		return themes.Message{Key: "error.proof_soon", Args: map[string]any{"when": soon.At}}, fiber.StatusTooManyRequests, true
	case errors.As(err, &budget) && budget.Why == phones.TooOften && !budget.RetryAt.IsZero():
		return themes.Message{Key: "error.proof_too_often", Args: map[string]any{"when": budget.RetryAt}}, fiber.StatusTooManyRequests, true
	case errors.As(err, &budget):
		return themes.Message{Key: "error.proof_no_phone"}, fiber.StatusServiceUnavailable, true
	case errors.As(err, &limit) && !limit.RetryAt.IsZero():
		return themes.Message{Key: "error.proof_too_often", Args: map[string]any{"when": limit.RetryAt}}, fiber.StatusTooManyRequests, true
	}
	return fault, 0, false
}
