package signin

import (
	"cmp"
	"errors"
	"strings"

	"github.com/gofiber/fiber/v2"

	"portico/app/accounts"
	"portico/app/proofs"
	"portico/app/visit"
	"portico/themes"
)

// Flow is the sign-in of one portal.
type Flow struct {
	Accounts *accounts.Accounts
	Second   *proofs.SecondFactor
}

// maxIdentifier is more than any address or name may have.
const maxIdentifier = 320

// Page shows the sign-in page; somebody who is signed in is sent on.
func (f *Flow) Page(v *visit.Visit) error {
	target := v.ReturnTarget(v.C.Query("return_to"))
	if v.Session != nil {
		return f.onward(v, target)
	}
	if target == "" && !v.CaptchaAsked() {
		return v.Cached("signin", func() themes.Page { return page(v, target) })
	}
	v.AllowForm(target)
	p := page(v, target)
	if v.CaptchaAsked() && p.Layout != "two_step" {
		p.Captcha = v.AskCaptcha("/login")
	}
	return v.Page(fiber.StatusOK, p)
}

// Submit tries the identifier and password of the form.
func (f *Flow) Submit(v *visit.Visit) error {
	form, err := v.Form("identifier", "password", "remember", "return_to",
		visit.CaptchaID, visit.CaptchaAnswer, visit.CaptchaWork)
	if errors.Is(err, visit.ErrStaleForm) && v.Session != nil { // a second tab, or a second click: they are in
		return f.onward(v, "")
	}
	if err != nil {
		return err
	}
	target := v.OpenReturn(form["return_to"])
	v.AllowForm(target)
	p := page(v, target)
	p.Typed = strings.TrimSpace(form["identifier"])
	p.Remember = p.RememberMe && form["remember"] != ""
	_, asked := form["password"]
	if wrong := missing(v, p.Typed, form["password"], asked); wrong != nil {
		p.Errors = wrong
		p.AskPassword = p.Layout == "two_step" && asked && wrong["identifier"].Key == ""
		if form[visit.CaptchaID] != "" {
			p.Captcha = v.SameCaptcha(form, "/login")
		}
		return v.Page(fiber.StatusUnprocessableEntity, p)
	}
	if !asked { // two_step: the same page for everybody, whoever they say they are
		p.AskPassword = true
		return v.Page(fiber.StatusOK, p)
	}
	if _, err := v.TakeCaptcha(form); err != nil { // answered wrong it only lifts no limit
		return err
	}
	in, err := f.Accounts.SignIn(v.Context(), v.Tenant, accounts.Try{
		Identifier: p.Typed, Password: form["password"], Remember: p.Remember, Client: v.Client, ReturnTo: target})
	if err != nil {
		return f.refused(v, p, err)
	}
	if in.Factor.Value != "" {
		v.KeepUntil(forFactor, in.Factor.Value, in.Factor.Ends)
		return v.Redirect(factorPath)
	}
	return f.admit(v, in, target)
}

// admit gives the browser its session and its device, and leads on: first to what must be done first.
func (f *Flow) admit(v *visit.Visit, in accounts.SignedIn, target string) error {
	v.SetCookie(visit.CookieSession, in.Session.Value, in.Session.Ends)
	v.SetCookie(visit.CookieDevice, in.Device.Value, in.Device.Ends)
	v.ClearCookie(visit.CookieFlow)
	switch {
	case in.Duty == accounts.DutyFactor: // what comes after it, the set-up knows
		return v.ToDuty(in.Duty, cmp.Or(target, v.ReturnTarget(v.Tenant.Policy.Finish.AfterLogin), "/"))
	case in.Duty == accounts.DutyPassword && in.SetUp: // first the one, then the other
		return v.ToDuty(in.Duty, v.DutyTarget(accounts.DutyRegister, target))
	case in.SetUp:
		return v.ToDuty(accounts.DutyRegister, cmp.Or(target, v.ReturnTarget(v.Tenant.Policy.Finish.AfterLogin), "/"))
	case in.Duty != "":
		return v.ToDuty(in.Duty, target)
	}
	return f.onward(v, target)
}

// refused answers a try that did not work: 422 with one sentence, the identifier kept; 429 with a CAPTCHA
// where the address is over its limit and a solved one would let the try go on.
func (f *Flow) refused(v *visit.Visit, p themes.SignInPage, err error) error {
	var locked *accounts.LockedError
	p.AskPassword = p.Layout == "two_step"
	switch {
	case errors.Is(err, accounts.ErrWrong):
		p.Errors = themes.FieldErrors{"form": {Key: "error.credentials"}}
	case errors.As(err, &locked) && locked.Until.IsZero():
		p.Errors = themes.FieldErrors{"form": {Key: "error.locked"}}
	case errors.As(err, &locked):
		p.Errors = themes.FieldErrors{"form": {Key: "error.locked_until", Args: map[string]any{"time": locked.Until}}}
	default:
		if p.Captcha, p.Errors = v.CaptchaInstead(err, "/login"); p.Captcha != nil {
			return v.Page(fiber.StatusTooManyRequests, p)
		}
		return err
	}
	if v.Client.Captcha != accounts.CaptchaNone { // the next try needs one, too
		p.Captcha = v.AskCaptcha("/login")
	}
	return v.Page(fiber.StatusUnprocessableEntity, p)
}

// onward goes where they wanted to go, else where the tenant's policy says.
func (f *Flow) onward(v *visit.Visit, target string) error {
	if v.Session != nil && visit.DutyPage(v.Session.Duty) != "" {
		return v.ToDuty(v.Session.Duty, target)
	}
	if target == "" {
		target = v.ReturnTarget(v.Tenant.Policy.Finish.AfterLogin)
	}
	if target == "" {
		target = "/"
	}
	return v.Leave(target)
}

func missing(v *visit.Visit, typed, password string, asked bool) themes.FieldErrors {
	wrong := themes.FieldErrors{}
	switch {
	case typed == "":
		wrong["identifier"] = themes.Message{Key: "error.required_" + v.Tenant.Policy.SignIn.Identifier}
	case len(typed) > maxIdentifier:
		wrong["identifier"] = themes.Message{Key: "error.identifier_long"}
	}
	if password == "" && (asked || v.Tenant.Policy.SignIn.Layout != "two_step") {
		wrong["password"] = themes.Message{Key: "error.required_password"}
	}
	if len(wrong) == 0 {
		return nil
	}
	return wrong
}

func page(v *visit.Visit, target string) themes.SignInPage {
	p := v.Tenant.Policy
	return themes.SignInPage{
		Layout: p.SignIn.Layout, Identifier: p.SignIn.Identifier,
		RememberMe:   p.SignIn.RememberMe,
		Forgot:       p.Reset.Enabled && p.Reset.Scope != "none",
		AccountTypes: len(p.SignIn.AccountTypeChooser) > 0, ForgotKind: p.SignIn.ForgotKind, ForgotPosition: p.SignIn.ForgotPosition,
		ReturnTo: v.SealReturn(target), Help: v.Help(),
	}
}
