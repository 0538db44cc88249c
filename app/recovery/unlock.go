package recovery

import (
	"github.com/gofiber/fiber/v2"

	"portico/app/accounts"
	"portico/app/visit"
	"portico/themes"
)

// UnlockPage asks to confirm: opening a link in a mail changes nothing.
func (f *Flow) UnlockPage(v *visit.Visit) error {
	o, ok := readOpened(v, accounts.ForUnlock)
	if !ok {
		return endedPage(v, accounts.ForUnlock, "", &accounts.LinkError{Reason: "cookies"})
	}
	if _, err := f.Accounts.CheckLink(v.Context(), v.Tenant, accounts.ForUnlock, o.Token, v.Client); err != nil {
		return linkError(v, accounts.ForUnlock, o.Token, err)
	}
	return v.Page(fiber.StatusOK, themes.UnlockPage{Action: "/unlock/confirm", Help: v.Help()})
}

// Unlock spends the link and lifts the locks; the password stays.
func (f *Flow) Unlock(v *visit.Visit) error {
	if _, err := v.Form(); err != nil {
		return err
	}
	o, ok := readOpened(v, accounts.ForUnlock)
	if !ok {
		return endedPage(v, accounts.ForUnlock, "", &accounts.LinkError{Reason: "cookies"})
	}
	if err := f.Accounts.Unlock(v.Context(), v.Tenant, o.Token); err != nil {
		return linkError(v, accounts.ForUnlock, o.Token, err)
	}
	v.ClearCookie(visit.CookieFlow)
	return v.Page(fiber.StatusOK, themes.UnlockDonePage{Help: v.Help()})
}
