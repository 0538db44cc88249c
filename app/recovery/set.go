package recovery

import (
	"errors"
	"net/url"

	"github.com/gofiber/fiber/v2"

	"portico/app/accounts"
	"portico/app/visit"
	"portico/themes"
)

// SetPage asks for the new password, if the link still works.
func (f *Flow) SetPage(v *visit.Visit) error {
	o, ok := readOpened(v, accounts.ForRecovery)
	if !ok {
		return endedPage(v, accounts.ForRecovery, "", &accounts.LinkError{Reason: "cookies"})
	}
	link, err := f.Accounts.CheckLink(v.Context(), v.Tenant, accounts.ForRecovery, o.Token, v.Client)
	if err != nil {
		return linkError(v, accounts.ForRecovery, o.Token, err)
	}
	return v.Page(fiber.StatusOK, passwordPage(v, link.Username, nil))
}

// Set stores the new password and spends the link, and ends as the policy says. Whoever is signed in
// on this browser is signed out: the reset ended their session.
func (f *Flow) Set(v *visit.Visit) error {
	form, err := v.Form("password", "confirm", "username")
	if err != nil {
		return err
	}
	o, ok := readOpened(v, accounts.ForRecovery)
	if !ok {
		return endedPage(v, accounts.ForRecovery, "", &accounts.LinkError{Reason: "cookies"})
	}
	link, err := f.Accounts.CheckLink(v.Context(), v.Tenant, accounts.ForRecovery, o.Token, v.Client)
	if err != nil {
		return linkError(v, accounts.ForRecovery, o.Token, err)
	}
	p := passwordPage(v, link.Username, nil)
	if p.Errors = v.PasswordTyped(form); p.Errors != nil {
		return v.Page(fiber.StatusUnprocessableEntity, p)
	}
	err = f.Accounts.ResetPassword(v.Context(), v.Tenant, o.Token, form["password"], v.Client)
	var refused *accounts.PasswordError
	if errors.As(err, &refused) {
		return v.Page(fiber.StatusUnprocessableEntity, passwordPage(v, link.Username, refused.Broken))
	}
	if err != nil {
		return linkError(v, accounts.ForRecovery, o.Token, err)
	}
	v.ClearCookie(visit.CookieFlow)
	v.ClearCookie(visit.CookieSession)
	if v.Tenant.Policy.Finish.Mode == "redirect_login" {
		v.Say(visit.SayPasswordChanged)
		return v.Redirect("/login" + returnQuery(v, link.ReturnTo))
	}
	return v.Redirect("/recover/done" + returnQuery(v, link.ReturnTo))
}

// returnQuery carries a target on to the sign-in page, if it is still allowed.
func returnQuery(v *visit.Visit, target string) string {
	if target = v.ReturnTarget(target); target == "" {
		return ""
	}
	return "?return_to=" + url.QueryEscape(target)
}

// Done says that it worked. It holds no secret and knows nobody, so that reloading is harmless.
func (f *Flow) Done(v *visit.Visit) error {
	if v.Tenant.Policy.Finish.Mode == "redirect_login" {
		return v.Redirect("/login")
	}
	return v.Page(fiber.StatusOK, themes.RecoverDonePage{Mode: v.Tenant.Policy.Finish.Mode,
		Next: "/login" + returnQuery(v, v.C.Query("return_to")), Steps: done(), Help: v.Help()})
}

func done() themes.Steps {
	s := steps(3)
	s.Current = len(s.Keys) + 1
	return s
}

// Strength scores a password for the meter: 0 to 4, for whoever holds a link that works. It stores
// nothing and writes nothing down.
func (f *Flow) Strength(v *visit.Visit) error {
	form, err := v.Form("password")
	if err != nil {
		return err
	}
	o, ok := readOpened(v, accounts.ForRecovery)
	if !ok {
		return visit.ErrStaleForm
	}
	if _, err := f.Accounts.CheckLink(v.Context(), v.Tenant, accounts.ForRecovery, o.Token, v.Client); err != nil {
		return visit.ErrStaleForm // only whoever was mailed a link may spend our time
	}
	score, err := f.Accounts.Score(v.Context(), v.Tenant, form["password"])
	if err != nil {
		return err
	}
	return v.JSON(fiber.StatusOK, map[string]int{"score": score})
}

// passwordPage shows the rules, with the first of the broken ones explained beside the field.
func passwordPage(v *visit.Visit, username string, broken []accounts.Rule) themes.PasswordPage {
	return v.NewPassword(themes.PasswordPage{
		Title: "set.title", Label: "set.new", Confirm: "set.confirm", Submit: "set.submit",
		Action: "/recover/set", Username: username, Steps: steps(3),
	}, broken)
}
