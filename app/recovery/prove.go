package recovery

import (
	"errors"

	"github.com/gofiber/fiber/v2"

	"portico/app/accounts"
	"portico/app/visit"
	"portico/themes"
)

// opened is a link that was opened in this browser.
type opened struct{ Token string }

// Open answers a mailed recovery link. It stores and spends nothing, so that mail scanners may open it
// as often as they like, and takes the token out of the address.
func (f *Flow) Open(v *visit.Visit) error {
	return openLink(v, accounts.ForRecovery, "/recover/set")
}

// OpenUnlock is Open for a mailed unlock link.
func (f *Flow) OpenUnlock(v *visit.Visit) error {
	return openLink(v, accounts.ForUnlock, "/unlock/confirm")
}

func openLink(v *visit.Visit, purpose, next string) error {
	token := v.C.Params("token")
	if !accounts.WellFormedSecret(token) {
		return endedPage(v, purpose, "", &accounts.LinkError{Reason: "unknown"})
	}
	v.KeepOpened(purpose, token)
	return v.Redirect(next)
}

func readOpened(v *visit.Visit, purpose string) (opened, bool) {
	token, ok := v.Opened(purpose)
	return opened{Token: token}, ok
}

// endedPage explains a link that does not work. A token that once was sent to somebody may ask for a
// fresh mail to the same person; nothing on the page says who that is.
func endedPage(v *visit.Visit, purpose, token string, link *accounts.LinkError) error {
	return v.Page(fiber.StatusGone, themes.LinkEndedPage{
		Reason: link.Reason, At: link.At, Purpose: purpose,
		Resend: purpose == accounts.ForRecovery && token != "" && link.Reason != "unknown" && enabled(v),
		Steps:  steps(2), Help: v.Help(),
	})
}

// Again asks for a fresh mail in place of the link that ended, with one click.
func (f *Flow) Again(v *visit.Visit) error {
	if _, err := v.Form(); err != nil {
		return err
	}
	o, ok := readOpened(v, accounts.ForRecovery)
	if !ok {
		return v.Redirect("/recover")
	}
	v.ClearCookie(visit.CookieFlow)
	return f.resend(v, request{Token: o.Token})
}

// linkError shows the page of an ended link; other errors pass through.
func linkError(v *visit.Visit, purpose, token string, err error) error {
	var link *accounts.LinkError
	if errors.As(err, &link) {
		return endedPage(v, purpose, token, link)
	}
	return err
}
