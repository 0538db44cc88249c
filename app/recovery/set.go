package recovery

import (
	"errors"
	"net/url"

	"github.com/gofiber/fiber/v2"

	"portico/app/accounts"
	"portico/app/gates"
	"portico/app/visit"
	"portico/themes"
)

// SetPage asks for the new password, if the link still works.
func (f *Flow) SetPage(v *visit.Visit) error {
	if flow, _ := secret(v); flow != "" {
		return f.setThroughGates(v, nil)
	}
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
	if flow, _ := secret(v); flow != "" {
		return f.setThroughGates(v, form)
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
	return finish(v, link.ReturnTo)
}

// setThroughGates asks for the new password, or takes it, once all gates are passed.
func (f *Flow) setThroughGates(v *visit.Visit, form visit.Form) error {
	st, done, err := f.state(v)
	if done {
		return err
	}
	if st.Step != gates.SetNew || st.Goal != gates.Reset {
		if form != nil {
			return f.gateError(v, gates.ErrEnded)
		}
		return onward(v, st)
	}
	page := func(broken []accounts.Rule) themes.PasswordPage {
		p := passwordPage(v, st.Person.Username, broken)
		p.Steps = gateSteps(st.Goal, st.Required, st.Required+2)
		return p
	}
	if form == nil {
		return v.Page(fiber.StatusOK, page(nil))
	}
	p := page(nil)
	if p.Errors = v.PasswordTyped(form); p.Errors != nil {
		return v.Page(fiber.StatusUnprocessableEntity, p)
	}
	flow, _ := secret(v)
	returnTo, err := f.Gates.SetPassword(v.Context(), v.Tenant, flow, form["password"], v.Client)
	var refused *accounts.PasswordError
	switch {
	case errors.As(err, &refused):
		return v.Page(fiber.StatusUnprocessableEntity, page(refused.Broken))
	case err != nil:
		return f.gateError(v, err)
	}
	return finish(v, returnTo)
}

// finish ends as the policy says. Whoever is signed in on this browser is signed out: the reset ended
// their session.
func finish(v *visit.Visit, returnTo string) error {
	v.ClearCookie(visit.CookieFlow)
	v.ClearCookie(visit.CookieSession)
	if v.Tenant.Policy.Finish.Mode == "redirect_login" {
		v.Say(visit.SayPasswordChanged)
		return v.Redirect("/login" + returnQuery(v, returnTo))
	}
	return v.Redirect("/recover/done" + returnQuery(v, returnTo))
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
		Next: "/login" + returnQuery(v, v.C.Query("return_to")), Steps: done(v), Help: v.Help()})
}

func done(v *visit.Visit) themes.Steps {
	s := steps(3)
	if v.Tenant.Policy.ThroughGates() {
		s = gateSteps(gates.Reset, v.Tenant.Policy.Gates.Required, 0)
	}
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
	if !f.holdsLink(v) {
		return visit.ErrStaleForm // only whoever was mailed a link may spend our time
	}
	score, err := f.Accounts.Score(v.Context(), v.Tenant, form["password"])
	if err != nil {
		return err
	}
	return v.JSON(fiber.StatusOK, map[string]int{"score": score})
}

// holdsLink tells whether this browser opened a link to a password, new or first, that works.
func (f *Flow) holdsLink(v *visit.Visit) bool {
	if flow, _ := secret(v); flow != "" {
		st, err := f.Gates.State(v.Context(), v.Tenant, flow, v.Client)
		return err == nil && st.Step == gates.SetNew
	}
	if opened, ok := v.Opened("pass"); ok { // a one-time pass: app/invite
		_, err := f.Accounts.CheckPass(v.Context(), v.Tenant, opened)
		return err == nil
	}
	for _, purpose := range []string{accounts.ForRecovery, accounts.ForInvite} {
		if token, ok := v.Opened(purpose); ok {
			_, err := f.Accounts.CheckLink(v.Context(), v.Tenant, purpose, token, v.Client)
			return err == nil
		}
	}
	return false
}

// passwordPage shows the rules, with the first of the broken ones explained beside the field.
func passwordPage(v *visit.Visit, username string, broken []accounts.Rule) themes.PasswordPage {
	return v.NewPassword(themes.PasswordPage{
		Title: "set.title", Label: "set.new", Confirm: "set.confirm", Submit: "set.submit",
		Action: "/recover/set", Username: username, Steps: steps(3),
	}, broken)
}
