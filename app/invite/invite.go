package invite

import (
	"errors"

	"github.com/gofiber/fiber/v2"

	"portico/app/accounts"
	"portico/app/visit"
	"portico/themes"
)

// Flow is the way in, at one portal, for those who have no password yet, no mailbox or no phone.
type Flow struct{ Accounts *accounts.Accounts }

// Open answers a mailed invitation. Mail scanners may open it as often as they like.
func (f *Flow) Open(v *visit.Visit) error {
	token := v.C.Params("token")
	if !accounts.WellFormedSecret(token) {
		return endedAs(v, accounts.ForInvite, &accounts.LinkError{Reason: "unknown"})
	}
	v.KeepOpened(accounts.ForInvite, token)
	return v.Redirect("/invite/accept")
}

// Page asks for the first password, if the invitation still works.
func (f *Flow) Page(v *visit.Visit) error {
	link, _, err := f.opened(v)
	if err != nil {
		return endedAs(v, accounts.ForInvite, err)
	}
	return v.Page(fiber.StatusOK, passwordPage(v, link, nil))
}

// Accept stores the password and spends the invitation. Whoever is signed in on this browser is signed
// out: the next sign-in is the invited person's.
func (f *Flow) Accept(v *visit.Visit) error {
	form, err := v.Form("password", "confirm", "username")
	if err != nil {
		return err
	}
	link, token, err := f.opened(v)
	if err != nil {
		return endedAs(v, accounts.ForInvite, err)
	}
	p := passwordPage(v, link, nil)
	if p.Errors = v.PasswordTyped(form); p.Errors != nil {
		return v.Page(fiber.StatusUnprocessableEntity, p)
	}
	err = f.Accounts.AcceptInvitation(v.Context(), v.Tenant, token, form["password"], v.Client)
	var refused *accounts.PasswordError
	if errors.As(err, &refused) {
		return v.Page(fiber.StatusUnprocessableEntity, passwordPage(v, link, refused.Broken))
	}
	if err != nil {
		return endedAs(v, accounts.ForInvite, err)
	}
	if v.Session != nil {
		if err := f.Accounts.SignOut(v.Context(), v.Tenant, *v.Session); err != nil {
			return err
		}
	}
	v.ClearCookie(visit.CookieFlow)
	v.ClearCookie(visit.CookieSession)
	v.Say(visit.SayPasswordChanged)
	return v.Redirect("/login")
}

// opened is the invitation that this browser opened.
func (f *Flow) opened(v *visit.Visit) (accounts.Link, string, error) {
	token, ok := v.Opened(accounts.ForInvite)
	if !ok {
		return accounts.Link{}, "", &accounts.LinkError{Reason: "cookies"}
	}
	link, err := f.Accounts.CheckLink(v.Context(), v.Tenant, accounts.ForInvite, token, v.Client)
	return link, token, err
}

func passwordPage(v *visit.Visit, link accounts.Link, broken []accounts.Rule) themes.PasswordPage {
	return v.NewPassword(themes.PasswordPage{
		Title: "invite.title", Label: "invite.label", Confirm: "invite.confirm", Submit: "invite.submit",
		Lead:   themes.Message{Key: "invite.lead", Args: map[string]any{"identifier": link.Username}},
		Action: "/invite/accept", Username: link.Username,
	}, broken)
}

// endedAs shows the page of a link or pass that does not work; other errors pass through.
func endedAs(v *visit.Visit, purpose string, err error) error {
	var link *accounts.LinkError
	if !errors.As(err, &link) {
		return err
	}
	return v.Page(fiber.StatusGone, themes.LinkEndedPage{Reason: link.Reason, At: link.At, Purpose: purpose, Help: v.Help()})
}
