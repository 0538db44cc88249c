package signin

import (
	"errors"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"portico/app/accounts"
	"portico/app/proofs"
	"portico/app/visit"
	"portico/themes"
)

// forFactor names what a right password leaves in the flow cookie: the secret of a sign-in that waits.
const (
	forFactor  = "second factor"
	factorPath = "/login/verify"
)

// FactorPage asks for the code of the authenticator app, or for a saved one. Without a sign-in that waits
// in this browser it leads back to the beginning.
func (f *Flow) FactorPage(v *visit.Visit) error {
	return f.askFactor(v, fiber.StatusOK, themes.FactorPage{Saved: v.C.Query("way") == proofs.RecoveryCodes})
}

func (f *Flow) askFactor(v *visit.Visit, status int, p themes.FactorPage) error {
	secret, ok := v.Opened(forFactor)
	if !ok {
		return f.factorOver(v)
	}
	asked, err := f.Second.Asked(v.Context(), v.Tenant, secret, v.Client)
	if errors.Is(err, accounts.ErrNoFactor) {
		return f.factorOver(v)
	}
	if err != nil {
		return err
	}
	p.Help, p.Offer = v.Help(), asked.Saved > 0
	if m := v.Tenant.Policy.MFA; m.RememberBrowser {
		p.TrustFor = m.RememberFor.Std()
	}
	v.AllowForm(v.ReturnTarget(asked.ReturnTo))
	return v.Page(status, p)
}

// factorOver answers a sign-in that took too long, was finished in another tab, or is another's, all alike.
func (f *Flow) factorOver(v *visit.Visit) error {
	if v.Session != nil {
		return f.onward(v, "")
	}
	v.ClearCookie(visit.CookieFlow)
	v.Say(visit.SayFactorEnded)
	return v.Redirect("/login")
}

// Factor tries the code, and signs in when it is right.
func (f *Flow) Factor(v *visit.Visit) error {
	form, err := v.Form("code", "way", "trust")
	if errors.Is(err, visit.ErrStaleForm) && v.Session != nil { // a second click: they are in
		return f.onward(v, "")
	}
	if err != nil {
		return err
	}
	p := themes.FactorPage{Saved: form["way"] == proofs.RecoveryCodes, Trust: form["trust"] != ""}
	secret, ok := v.Opened(forFactor)
	if !ok {
		return f.factorOver(v)
	}
	if strings.TrimSpace(form["code"]) == "" {
		p.Errors = themes.FieldErrors{"code": {Key: "error.code_empty"}}
		return f.askFactor(v, fiber.StatusUnprocessableEntity, p)
	}
	in, err := f.Second.Try(v.Context(), v.Tenant, secret, form["way"], form["code"], p.Trust, v.Client)
	if err != nil {
		return f.wrongFactor(v, p, err)
	}
	target := v.ReturnTarget(in.ReturnTo)
	v.AllowForm(target)
	return f.admit(v, in, target)
}

func (f *Flow) wrongFactor(v *visit.Visit, p themes.FactorPage, err error) error {
	var wrong *proofs.WrongError
	var locked *accounts.LockedError
	var limit *accounts.LimitError
	switch {
	case errors.As(err, &wrong) && wrong.Left > 0:
		key := "error.factor_app"
		if p.Saved {
			key = "error.factor_saved"
		}
		p.Errors = themes.FieldErrors{"code": {Key: key, Args: map[string]any{"count": wrong.Left}}}
		return f.askFactor(v, fiber.StatusUnprocessableEntity, p)
	case errors.As(err, &wrong), errors.Is(err, accounts.ErrNoFactor):
		return f.factorOver(v)
	case errors.As(err, &locked):
		return factorBlocked(v, locked.Until)
	case errors.As(err, &limit):
		return factorBlocked(v, limit.RetryAt)
	}
	return err
}

// factorBlocked says until when no code is looked at; the zero time is until somebody lifts it.
func factorBlocked(v *visit.Visit, until time.Time) error {
	if !until.IsZero() {
		v.RetryAfter(until.Sub(v.Clock.Now()))
	}
	return v.Page(fiber.StatusTooManyRequests, themes.FactorBlockedPage{Parts: themes.Parts{Help: v.Help()}, Until: until})
}
