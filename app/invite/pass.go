package invite

import (
	"errors"
	"strings"

	"github.com/gofiber/fiber/v2"

	"portico/app/accounts"
	"portico/app/visit"
	"portico/themes"
)

// Purposes of the flow cookie and of the page of an ended link.
const (
	forPass = "pass"
	forStop = "pass_stop"
)

// The most that the fields may hold.
const (
	maxIdentifier = 320
	maxPass       = 64
)

// PassPage asks for a one-time pass and whose it is.
func (f *Flow) PassPage(v *visit.Visit) error {
	if !v.Tenant.Policy.Passes.Enabled {
		return visit.ErrNotFound
	}
	return v.Cached("pass", func() themes.Page { return passPage(v) })
}

// TryPass looks at the pass. Whatever is wrong, the answer is the same for everybody.
func (f *Flow) TryPass(v *visit.Visit) error {
	form, err := v.Form("identifier", "pass")
	if err != nil {
		return err
	}
	if !v.Tenant.Policy.Passes.Enabled {
		return visit.ErrNotFound
	}
	p := passPage(v)
	p.Typed = strings.TrimSpace(form["identifier"])
	switch {
	case p.Typed == "":
		p.Errors = themes.FieldErrors{"identifier": {Key: "error.required_" + p.Identifier}}
	case len(p.Typed) > maxIdentifier:
		p.Errors = themes.FieldErrors{"identifier": {Key: "error.identifier_long"}}
	case strings.TrimSpace(form["pass"]) == "":
		p.Errors = themes.FieldErrors{"pass": {Key: "error.required_pass"}}
	}
	if p.Errors != nil {
		return v.Page(fiber.StatusUnprocessableEntity, p)
	}
	opened, err := f.Accounts.TryPass(v.Context(), v.Tenant, p.Typed, form["pass"][:min(len(form["pass"]), maxPass)], v.Client)
	if errors.Is(err, accounts.ErrPassRefused) {
		p.Errors = themes.FieldErrors{"form": {Key: "error.pass"}}
		return v.Page(fiber.StatusUnprocessableEntity, p)
	}
	if err != nil {
		return err
	}
	v.KeepOpened(forPass, opened)
	return v.Redirect("/recover/pass/set")
}

// PassSetPage asks for the new password, if the pass still opens.
func (f *Flow) PassSetPage(v *visit.Visit) error {
	who, _, err := f.openedPass(v)
	if err != nil {
		return endedAs(v, forPass, err)
	}
	return v.Page(fiber.StatusOK, passPasswordPage(v, who, nil))
}

// PassSet stores the new password and spends the pass. The session that follows registers proofs and
// opens nothing else.
func (f *Flow) PassSet(v *visit.Visit) error {
	form, err := v.Form("password", "confirm", "username")
	if err != nil {
		return err
	}
	who, opened, err := f.openedPass(v)
	if err != nil {
		return endedAs(v, forPass, err)
	}
	p := passPasswordPage(v, who, nil)
	if p.Errors = v.PasswordTyped(form); p.Errors != nil {
		return v.Page(fiber.StatusUnprocessableEntity, p)
	}
	cookie, err := f.Accounts.UsePass(v.Context(), v.Tenant, opened, form["password"], v.Client)
	var refused *accounts.PasswordError
	if errors.As(err, &refused) {
		return v.Page(fiber.StatusUnprocessableEntity, passPasswordPage(v, who, refused.Broken))
	}
	if err != nil {
		return endedAs(v, forPass, err)
	}
	v.ClearCookie(visit.CookieFlow)
	v.SetCookie(visit.CookieSession, cookie.Value, cookie.Ends)
	return v.ToDuty(accounts.DutyRegister, "")
}

func (f *Flow) openedPass(v *visit.Visit) (who accounts.Person, opened string, err error) {
	opened, ok := v.Opened(forPass)
	if !ok || !v.Tenant.Policy.Passes.Enabled {
		return who, "", &accounts.LinkError{Reason: "cookies"}
	}
	who, err = f.Accounts.CheckPass(v.Context(), v.Tenant, opened)
	return who, opened, err
}

func passPage(v *visit.Visit) themes.PassPage {
	return themes.PassPage{Identifier: v.Tenant.Policy.SignIn.Identifier, Parts: themes.Parts{Help: v.Help()}}
}

func passPasswordPage(v *visit.Visit, who accounts.Person, broken []accounts.Rule) themes.PasswordPage {
	return v.NewPassword(themes.PasswordPage{
		Title: "set.title", Label: "set.new", Confirm: "set.confirm", Submit: "set.submit",
		Lead: themes.Message{Key: "pass.set_lead"}, Action: "/recover/pass/set", Username: who.Username,
	}, broken)
}
