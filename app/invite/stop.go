package invite

import (
	"github.com/gofiber/fiber/v2"

	"portico/app/accounts"
	"portico/app/visit"
	"portico/themes"
)

// OpenStop answers the link with which an owner objects to a one-time pass; it changes nothing.
func (f *Flow) OpenStop(v *visit.Visit) error {
	token := v.C.Params("token")
	if !accounts.WellFormedSecret(token) {
		return endedAs(v, forStop, &accounts.LinkError{Reason: "unknown"})
	}
	v.KeepOpened(forStop, token)
	return v.Redirect("/recover/stop")
}

// StopPage asks to confirm.
func (f *Flow) StopPage(v *visit.Visit) error {
	token, ok := v.Opened(forStop)
	if !ok {
		return endedAs(v, forStop, &accounts.LinkError{Reason: "cookies"})
	}
	if err := f.Accounts.CheckStop(v.Context(), v.Tenant, token); err != nil {
		return endedAs(v, forStop, err)
	}
	return v.Page(fiber.StatusOK, themes.PassStopPage{Parts: themes.Parts{Help: v.Help()}})
}

// Stop withdraws the pass.
func (f *Flow) Stop(v *visit.Visit) error {
	if _, err := v.Form(); err != nil {
		return err
	}
	token, ok := v.Opened(forStop)
	if !ok {
		return endedAs(v, forStop, &accounts.LinkError{Reason: "cookies"})
	}
	if err := f.Accounts.StopPass(v.Context(), v.Tenant, token); err != nil {
		return endedAs(v, forStop, err)
	}
	v.ClearCookie(visit.CookieFlow)
	return v.Page(fiber.StatusOK, themes.PassStoppedPage{Parts: themes.Parts{Help: v.Help()}})
}
