package profile

import (
	"errors"
	"slices"
	"strings"

	"github.com/gofiber/fiber/v2"

	"portico/app/accounts"
	"portico/app/proofs"
	"portico/app/visit"
	"portico/themes"
)

// ProvePage asks for the password once more, before what opens the account is changed.
func (f *Flow) ProvePage(v *visit.Visit) error {
	return f.askAnew(v, fiber.StatusOK, v.C.Query("to"), nil)
}

// Prove tries the password, and the code of the app where that is the second factor.
func (f *Flow) Prove(v *visit.Visit) error {
	form, err := v.Form("password", "code", "username", "return_to")
	if err != nil {
		return err
	}
	to := v.OpenReturn(form["return_to"])
	own := owner(v)
	p, err := f.Own.Profile(v.Context(), v.Tenant, own)
	if err != nil {
		return err
	}
	app := proofs.AsksApp(v.Tenant, p)
	wrong := themes.FieldErrors{}
	if form["password"] == "" {
		wrong["password"] = themes.Message{Key: "error.required_password"}
	}
	if app && strings.TrimSpace(form["code"]) == "" {
		wrong["code"] = themes.Message{Key: "error.code_empty"}
	}
	if len(wrong) > 0 {
		return f.askAnew(v, fiber.StatusUnprocessableEntity, to, wrong)
	}
	err = f.Accounts.TryPassword(v.Context(), v.Tenant, *v.Session, form["password"], v.Client)
	if err == nil && app {
		err = f.Own.TryApp(v.Context(), v.Tenant, own, form["code"])
	}
	if err == nil {
		err = f.Accounts.StepUp(v.Context(), v.Tenant, *v.Session)
	}
	if err != nil {
		return f.notAnew(v, to, err)
	}
	return v.Redirect(within(to))
}

func (f *Flow) notAnew(v *visit.Visit, to string, err error) error {
	var locked *accounts.LockedError
	var code *proofs.WrongError
	var wrong themes.FieldErrors
	switch {
	case errors.As(err, &code):
		wrong = themes.FieldErrors{"code": {Key: "error.proof_app_time"}}
	case errors.Is(err, accounts.ErrWrong):
		wrong = themes.FieldErrors{"password": {Key: "error.old_wrong"}}
	case errors.As(err, &locked) && locked.Until.IsZero():
		wrong = themes.FieldErrors{"password": {Key: "error.old_locked"}}
	case errors.As(err, &locked):
		wrong = themes.FieldErrors{"password": {Key: "error.old_locked_until", Args: map[string]any{"time": locked.Until}}}
	default:
		return err
	}
	return f.askAnew(v, fiber.StatusUnprocessableEntity, to, wrong)
}

func (f *Flow) askAnew(v *visit.Visit, status int, to string, wrong themes.FieldErrors) error {
	p, err := f.Own.Profile(v.Context(), v.Tenant, owner(v))
	if err != nil {
		return err
	}
	return answer(v, status, themes.ProveAnewPage{Parts: themes.Parts{Errors: wrong, Help: v.Help()}, Username: p.Person.Username,
		Code: proofs.AsksApp(v.Tenant, p), ReturnTo: v.SealReturn(within(to))})
}

// within is one of the pages that ask for this, and nothing else.
func within(to string) string {
	path, query, _ := strings.Cut(to, "?")
	switch {
	case path == removePath && slices.Contains(kinds(), strings.TrimPrefix(query, "kind=")):
		return to
	case path == "/console", strings.HasPrefix(path, "/console/"):
		return path // sealed as a target of this tenant, which is checked again when it is opened
	case path == setupPath, slices.ContainsFunc(kinds(), func(kind string) bool { return paths[kind] == path }):
		return path
	}
	return "/account/security"
}

// kinds are what people register themselves.
func kinds() []string {
	return []string{proofs.AuthPhone, proofs.AuthEmail, proofs.Questions, proofs.Authenticator, proofs.RecoveryCodes}
}
