package profile

import (
	"errors"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"

	"portico/app/accounts"
	"portico/app/proofs"
	"portico/app/visit"
	"portico/tenants"
	"portico/themes"
)

// Flow is the own account of one portal.
type Flow struct {
	Accounts *accounts.Accounts
	Own      *proofs.Enrolment
}

// Home shows where the tenant's people can go; a stranger is sent to sign in.
func (f *Flow) Home(v *visit.Visit) error {
	if v.Session == nil {
		return v.Redirect("/login")
	}
	return v.Cached("home", func() themes.Page {
		page := themes.HomePage{Help: v.Help()}
		for _, l := range v.Tenant.Portal.Links {
			page.Links = append(page.Links, themes.Link{Label: l.Label, URL: l.URL, Note: l.Note})
		}
		return page
	})
}

// Page shows the account's sign-in details and its sessions.
func (f *Flow) Page(v *visit.Visit) error {
	ids, err := f.Accounts.IdentifiersOf(v.Context(), v.Tenant, v.Session.AccountID)
	if err != nil {
		return err
	}
	sessions, err := f.Accounts.SessionsOf(v.Context(), v.Tenant, v.Session.AccountID)
	if err != nil {
		return err
	}
	page := themes.AccountPage{Name: v.Session.Name, ChangeInside: v.Tenant.Policy.Password.ChangeInside, Help: v.Help()}
	for _, id := range ids {
		page.Identifiers = append(page.Identifiers, themes.Identifier{Kind: id.Kind, Value: id.Value})
	}
	for _, s := range sessions {
		page.Sessions = append(page.Sessions, themes.SessionRow{ID: s.PublicID.String(), Browser: browserOf(s.UserAgent),
			Address: s.ClientAddress, SignedIn: s.AuthenticatedAt, Seen: s.SeenAt, Current: s.PublicID == v.Session.PublicID})
	}
	return v.Page(fiber.StatusOK, page)
}

// EndSession ends one of the person's own sessions. One that has ended already, or is another's, looks
// the same: it is not in the list.
func (f *Flow) EndSession(v *visit.Visit) error {
	form, err := v.Form("id")
	if err != nil {
		return err
	}
	id, err := uuid.Parse(form["id"])
	if err != nil {
		return visit.ErrNotFound
	}
	err = f.Accounts.EndSession(v.Context(), v.Tenant, *v.Session, id)
	if err != nil && !errors.Is(err, tenants.ErrNotFound) {
		return err
	}
	if id == v.Session.PublicID {
		return f.left(v, visit.SaySignedOut)
	}
	v.Say(visit.SaySessionEnded)
	return v.Redirect("/account")
}

// EndAll signs the person out everywhere, here too.
func (f *Flow) EndAll(v *visit.Visit) error {
	if _, err := v.Form(); err != nil {
		return err
	}
	if err := f.Accounts.EndSessions(v.Context(), v.Tenant, *v.Session, v.Client); err != nil && !errors.Is(err, tenants.ErrNotFound) {
		return err
	}
	return f.left(v, visit.SayEverywhere)
}

// SignOut ends this session.
func (f *Flow) SignOut(v *visit.Visit) error {
	if _, err := v.Form(); err != nil {
		return err
	}
	if err := f.Accounts.SignOut(v.Context(), v.Tenant, *v.Session); err != nil && !errors.Is(err, tenants.ErrNotFound) {
		return err
	}
	return f.left(v, visit.SaySignedOut)
}

// SignOutPage is /logout opened as a page: signing out is a button, never a link that a picture on
// another page could open. The account page has it.
func (f *Flow) SignOutPage(v *visit.Visit) error { return v.Redirect("/account") }

func (f *Flow) left(v *visit.Visit, say string) error {
	v.ClearCookie(visit.CookieSession)
	v.C.Set("Clear-Site-Data", `"cache"`)
	v.Say(say)
	return v.Redirect("/login")
}
