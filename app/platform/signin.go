package platform

import (
	"errors"
	"regexp"
	"strings"

	"github.com/gofiber/fiber/v2"

	"portico/app/staff"
	"portico/app/visit"
	"portico/themes"
)

// SignInPage is /platform/login.
func (f *Flow) SignInPage(v *visit.Visit) error {
	return v.Page(fiber.StatusOK, themes.StaffSignInPage{})
}

// SignIn takes the password; a code of the app follows.
func (f *Flow) SignIn(v *visit.Visit) error {
	form, err := v.Form("email", "password")
	if err != nil {
		return err
	}
	cookie, err := f.Staff.SignIn(v.Context(), form["email"], form["password"], v.Client)
	if errors.Is(err, staff.ErrWrong) {
		return v.Page(fiber.StatusUnprocessableEntity, themes.StaffSignInPage{Typed: strings.TrimSpace(form["email"]),
			Parts: themes.Parts{Errors: themes.FieldErrors{"password": {Key: "error.staff_wrong"}}}})
	}
	if err != nil {
		return err
	}
	v.SetCookie(visit.CookieStaff, cookie.Value, cookie.Ends)
	return v.Redirect("/platform/verify")
}

// here is a page of the platform's own that somebody may be led back to.
var here = regexp.MustCompile(`^/platform(/[a-z0-9_-]{1,64}){0,5}$`)

// VerifyPage asks for the app's code: of a sign-in on its way, or of somebody who is in, before what weighs.
func (f *Flow) VerifyPage(v *visit.Visit) error {
	return f.askCode(v, fiber.StatusOK, nil, v.C.Query("to"))
}

func (f *Flow) askCode(v *visit.Visit, status int, wrong themes.FieldErrors, to string) error {
	page := themes.StaffVerifyPage{Parts: themes.Parts{Errors: wrong}}
	if here.MatchString(to) {
		page.To = to
	}
	cookie := v.Cookie(visit.CookieStaff)
	waits, err := f.Staff.OnTheWay(v.Context(), cookie)
	if err != nil {
		return err
	}
	if !waits {
		_, err := f.Staff.Session(v.Context(), cookie)
		if errors.Is(err, staff.ErrNoSession) {
			return v.Redirect("/platform/login")
		}
		if err != nil {
			return err
		}
		page.Again = true
	}
	return v.Page(status, page)
}

// Verify takes the code.
func (f *Flow) Verify(v *visit.Visit) error {
	form, err := v.Form("code", "to")
	if err != nil {
		return err
	}
	cookie, err := f.Staff.Prove(v.Context(), v.Cookie(visit.CookieStaff), form["code"], v.Client)
	switch {
	case errors.Is(err, staff.ErrNoSession):
		v.ClearCookie(visit.CookieStaff)
		v.Say(visit.SaySignInFirst)
		return v.Redirect("/platform/login")
	case errors.Is(err, staff.ErrCode):
		return f.askCode(v, fiber.StatusUnprocessableEntity, themes.FieldErrors{"code": {Key: "error.staff_code"}}, form["to"])
	case err != nil:
		return err
	}
	v.SetCookie(visit.CookieStaff, cookie.Value, cookie.Ends)
	if here.MatchString(form["to"]) {
		return v.Redirect(form["to"])
	}
	return v.Redirect("/platform/customers")
}

// SignOut ends the session.
func (f *Flow) SignOut(v *visit.Visit) error {
	if _, err := v.Form(); err != nil {
		return err
	}
	if err := f.Staff.SignOut(v.Context(), v.Cookie(visit.CookieStaff)); err != nil {
		return err
	}
	v.ClearCookie(visit.CookieStaff)
	v.Say(visit.SayStaffSignedOut)
	return v.Redirect("/platform/login")
}

// Start is /platform: in, or to the sign-in page.
func (f *Flow) Start(v *visit.Visit) error { return v.Redirect("/platform/customers") }
