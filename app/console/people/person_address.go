package people

import (
	"context"
	"errors"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"

	"portico/app/accounts"
	"portico/app/people"
	"portico/app/visit"
	"portico/rbac"
	"portico/themes"
)

// AddressPage is the form for a new mail address.
func (f *Flow) AddressPage(v *visit.Visit) error { return f.addressPage(v, fiber.StatusOK, "", nil) }

func (f *Flow) addressPage(v *visit.Visit, status int, typed string, errs themes.FieldErrors) error {
	p, err := f.may(v, rbac.PeopleEdit)
	if err != nil {
		return err
	}
	return v.Page(status, themes.PersonAddressPage{Parts: themes.Parts{Help: v.Help(), Errors: errs}, Person: head(p), Now: p.Email,
		New: p.NewAddress, Until: p.NewUntil, Typed: typed})
}

// Address mails a link to the new address.
func (f *Flow) Address(v *visit.Visit) error {
	form, err := v.Form("address")
	if err != nil {
		return err
	}
	id, err := whom(v)
	if err != nil {
		return err
	}
	err = f.People.ChangeAddress(v.Context(), by(v), id, form["address"])
	if errs := atField(err); errs != nil {
		return f.addressPage(v, fiber.StatusUnprocessableEntity, form["address"], errs)
	}
	if m, ok := said(err); ok {
		return f.addressPage(v, fiber.StatusConflict, form["address"], themes.FieldErrors{"form": m})
	}
	if err != nil {
		return answered(err, rbac.PeopleEdit)
	}
	return done(v, id, visit.SayAddressMailed)
}

// CancelAddress takes it back before it was confirmed.
func (f *Flow) CancelAddress(v *visit.Visit) error {
	return f.act(v, rbac.PeopleEdit, visit.SayPersonSaved, func(ctx context.Context, b people.By, id uuid.UUID) error {
		return f.People.CancelAddress(ctx, b, id)
	})
}

// OpenAddress answers the link that went to a new address. Mail scanners may open it as often as they like.
func (f *Flow) OpenAddress(v *visit.Visit) error {
	token := v.C.Params("token")
	if !accounts.WellFormedSecret(token) {
		return addressEnded(v, &accounts.LinkError{Reason: "unknown"})
	}
	v.KeepOpened(accounts.ForAddress, token)
	return v.Redirect("/address/confirm")
}

// ConfirmPage asks to confirm the address.
func (f *Flow) ConfirmPage(v *visit.Visit) error {
	token, ok := v.Opened(accounts.ForAddress)
	if !ok {
		return addressEnded(v, &accounts.LinkError{Reason: "cookies"})
	}
	if _, err := f.People.Accounts.CheckLink(v.Context(), v.Tenant, accounts.ForAddress, token, v.Client); err != nil {
		return addressEnded(v, err)
	}
	return v.Page(fiber.StatusOK, themes.AddressConfirmPage{Parts: themes.Parts{Help: v.Help()}})
}

// Confirm spends the link.
func (f *Flow) Confirm(v *visit.Visit) error {
	if _, err := v.Form(); err != nil {
		return err
	}
	token, ok := v.Opened(accounts.ForAddress)
	if !ok {
		return addressEnded(v, &accounts.LinkError{Reason: "cookies"})
	}
	err := f.People.Accounts.ConfirmAddress(v.Context(), v.Tenant, token, v.Client)
	taken := errors.Is(err, accounts.ErrTaken)
	if err != nil && !taken {
		return addressEnded(v, err)
	}
	v.ClearCookie(visit.CookieFlow)
	status := fiber.StatusOK
	if taken {
		status = fiber.StatusConflict
	}
	return v.Page(status, themes.AddressDonePage{Parts: themes.Parts{Help: v.Help()}, Taken: taken})
}

// addressEnded shows the page of a link that does not work; other errors pass through.
func addressEnded(v *visit.Visit, err error) error {
	var link *accounts.LinkError
	if !errors.As(err, &link) {
		return err
	}
	return v.Page(fiber.StatusGone, themes.LinkEndedPage{Reason: link.Reason, At: link.At, Purpose: accounts.ForAddress, Help: v.Help()})
}
