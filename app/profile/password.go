package profile

import (
	"cmp"
	"errors"

	"github.com/gofiber/fiber/v2"

	"portico/app/accounts"
	"portico/app/visit"
	"portico/themes"
)

// PasswordPage asks for the old password and a new one. Where the policy does not let people change it
// while they are signed in, it says how it is done instead.
func (f *Flow) PasswordPage(v *visit.Visit) error {
	if !v.Tenant.Policy.Password.ChangeInside {
		return v.Page(fiber.StatusOK, themes.ChangeOutsidePage{Parts: themes.Parts{Help: v.Help()}})
	}
	return f.askPassword(v, fiber.StatusOK, v.ReturnTarget(v.C.Query("return_to")), nil, nil)
}

// ChangePassword stores the new password if the old one is right. Every other session ends, this one goes
// on under a new cookie.
func (f *Flow) ChangePassword(v *visit.Visit) error {
	form, err := v.Form("old", "password", "confirm", "username", "return_to")
	if err != nil {
		return err
	}
	if !v.Tenant.Policy.Password.ChangeInside {
		return v.Page(fiber.StatusForbidden, themes.ChangeOutsidePage{Parts: themes.Parts{Help: v.Help()}})
	}
	target := v.OpenReturn(form["return_to"])
	wrong := v.PasswordTyped(form)
	if form["old"] == "" {
		if wrong == nil {
			wrong = themes.FieldErrors{}
		}
		wrong["old"] = themes.Message{Key: "error.required_old"}
	}
	if wrong != nil {
		return f.askPassword(v, fiber.StatusUnprocessableEntity, target, nil, wrong)
	}
	cookie, err := f.Accounts.ChangePassword(v.Context(), v.Tenant, *v.Session, form["old"], form["password"], v.Client)
	if err != nil {
		return f.refusedChange(v, target, err)
	}
	v.SetCookie(visit.CookieSession, cookie.Value, cookie.Ends)
	v.Say(visit.SayPasswordReplaced)
	if v.Session.Duty == accounts.DutyPassword { // they were on their way somewhere
		target = cmp.Or(target, v.ReturnTarget(v.Tenant.Policy.Finish.AfterLogin), "/")
	}
	return v.Leave(cmp.Or(target, "/account"))
}

// refusedChange answers a change that did not happen: 422 with one sentence beside its field.
func (f *Flow) refusedChange(v *visit.Visit, target string, err error) error {
	var refused *accounts.PasswordError
	var locked *accounts.LockedError
	var old themes.Message
	switch {
	case errors.As(err, &refused):
		return f.askPassword(v, fiber.StatusUnprocessableEntity, target, refused.Broken, nil)
	case errors.Is(err, accounts.ErrNoSession): // it ended, or another change was quicker: the account page tells
		return v.Redirect("/account")
	case errors.Is(err, accounts.ErrWrong):
		old.Key = "error.old_wrong"
	case errors.As(err, &locked) && locked.Until.IsZero():
		old.Key = "error.old_locked"
	case errors.As(err, &locked):
		old = themes.Message{Key: "error.old_locked_until", Args: map[string]any{"time": locked.Until}}
	default:
		return err
	}
	return f.askPassword(v, fiber.StatusUnprocessableEntity, target, nil, themes.FieldErrors{"old": old})
}

// askPassword draws the form. Its hidden user name is what the person signs in with, for password managers.
func (f *Flow) askPassword(v *visit.Visit, status int, target string, broken []accounts.Rule, wrong themes.FieldErrors) error {
	ids, err := f.Accounts.IdentifiersOf(v.Context(), v.Tenant, v.Session.AccountID)
	if err != nil {
		return err
	}
	v.AllowForm(target)
	page := v.NewPassword(themes.PasswordPage{
		Title: "change.title", Lead: themes.Message{Key: "change.lead"},
		Old: "change.old", Label: "change.new", Confirm: "change.confirm", Submit: "change.submit",
		Action: "/account/password", Ask: "/account/strength", ReturnTo: v.SealReturn(target),
	}, broken)
	if v.Session.Duty == accounts.DutyPassword {
		page.Lead = themes.Message{Key: "change.due", Args: map[string]any{"count": v.Tenant.Policy.Password.MaxAgeDays}}
	}
	for _, id := range ids {
		if id.Kind == v.Tenant.Policy.SignIn.Identifier {
			page.Username = id.Value
		}
	}
	if wrong != nil {
		page.Errors = wrong
	}
	return v.Page(status, page)
}

// Strength scores a password for the meter: 0 to 4, one at a time. It stores nothing and writes nothing down.
func (f *Flow) Strength(v *visit.Visit) error {
	form, err := v.Form("password")
	if err != nil {
		return err
	}
	score, err := f.Accounts.Score(v.Context(), v.Tenant, form["password"])
	if err != nil {
		return err
	}
	return v.JSON(fiber.StatusOK, map[string]int{"score": score})
}
