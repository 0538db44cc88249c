package platform

import (
	"errors"
	"time"

	"github.com/gofiber/fiber/v2"

	"portico/app/accounts"
	"portico/app/proofs"
	"portico/app/staff"
	"portico/app/visit"
	"portico/themes"
)

const startPurpose = "staff start"

// Open takes a mailed link out of the address bar: the token travels sealed in a cookie from here on. Nothing is
// stored and nothing is spent.
func (f *Flow) Open(v *visit.Visit) error {
	v.KeepOpened(startPurpose, v.C.Params("token"))
	return v.Redirect("/platform/start")
}

// StartPage asks for a password and shows the app's key.
func (f *Flow) StartPage(v *visit.Visit) error { return f.askStart(v, fiber.StatusOK, nil) }

func (f *Flow) askStart(v *visit.Visit, status int, wrong themes.FieldErrors) error {
	token, ok := v.Opened(startPurpose)
	if !ok {
		return f.ended(v, &accounts.LinkError{Reason: "cookies"})
	}
	link, err := f.Staff.Opened(v.Context(), token)
	if err != nil {
		return f.ended(v, err)
	}
	key, err := proofs.AppKeyOf("Portico", link.Email, link.Secret)
	if err != nil {
		return err
	}
	return v.Page(status, themes.StaffStartPage{Parts: themes.Parts{Errors: wrong}, Name: link.Name, Email: link.Email,
		Secret: link.Secret, Link: key.URL(), Min: staff.PasswordMin, EndsAt: link.EndsAt})
}

// ended explains a link that does not work (any more).
func (f *Flow) ended(v *visit.Visit, err error) error {
	var link *accounts.LinkError
	if !errors.As(err, &link) {
		return err
	}
	return v.Page(fiber.StatusGone, themes.LinkEndedPage{Purpose: "staff", Reason: link.Reason, At: link.At})
}

// Picture is the app's key as a QR code, for the browser that holds the link.
func (f *Flow) Picture(v *visit.Visit) error {
	token, ok := v.Opened(startPurpose)
	if !ok {
		return visit.ErrNotFound
	}
	link, err := f.Staff.Opened(v.Context(), token)
	if err != nil {
		return visit.ErrNotFound
	}
	key, err := proofs.AppKeyOf("Portico", link.Email, link.Secret)
	if err != nil {
		return err
	}
	picture, err := key.QR()
	if err != nil {
		return err
	}
	return v.Bytes("image/png", "", picture)
}

// Begin sets the password and the app, and signs in.
func (f *Flow) Begin(v *visit.Visit) error {
	form, err := v.Form("email", "password", "code")
	if err != nil {
		return err
	}
	token, ok := v.Opened(startPurpose)
	if !ok {
		return f.ended(v, &accounts.LinkError{Reason: "cookies"})
	}
	cookie, err := f.Staff.Begin(v.Context(), token, form["password"], form["code"], v.Client)
	var bad *accounts.PasswordError
	var link *accounts.LinkError
	switch {
	case errors.As(err, &bad):
		return f.askStart(v, fiber.StatusUnprocessableEntity, themes.FieldErrors{"password": fault(bad.Broken[0])})
	case errors.Is(err, staff.ErrCode):
		return f.askStart(v, fiber.StatusUnprocessableEntity, themes.FieldErrors{"code": {Key: "error.staff_code"}})
	case errors.As(err, &link):
		return f.ended(v, err)
	case err != nil:
		return err
	}
	v.ClearCookie(visit.CookieFlow)
	v.SetCookie(visit.CookieStaff, cookie.Value, time.Time{})
	return v.Redirect("/platform/customers")
}

// fault says which rule a password of staff broke, and what to do.
func fault(r accounts.Rule) themes.Message {
	args := map[string]any{"count": r.N}
	switch {
	case r.Name == "min" && r.N > 0:
		return themes.Message{Key: "error.too_short", Args: args}
	case r.Name == "max":
		return themes.Message{Key: "error.too_long", Args: args}
	case r.Name == "common":
		return themes.Message{Key: "error.common"}
	}
	return themes.Message{Key: "error.personal_word"}
}
