package app

import (
	"strings"

	"github.com/gofiber/fiber/v2"

	"portico/app/accounts"
	"portico/app/visit"
	"portico/themes"
)

// findPage is the platform's own front page: "Find your sign-in page".
func (s *Server) findPage(v *visit.Visit) error {
	return v.Cached("find", func() themes.Page { return themes.FindPortalPage{} })
}

// find mails the addresses of the portals that know an address; the page is the same for everybody.
func (s *Server) find(v *visit.Visit) error {
	form, err := v.Form("email")
	if err != nil {
		return err
	}
	typed := strings.TrimSpace(form["email"])
	key := ""
	if typed == "" {
		key = "error.required_email"
	} else if _, err := accounts.NormalizeEmail(typed); err != nil {
		key = "error.email_form"
	}
	if key != "" {
		return v.Page(fiber.StatusUnprocessableEntity, themes.FindPortalPage{Typed: typed,
			Errors: themes.FieldErrors{"email": {Key: key}}})
	}
	if err := s.set.Accounts.FindPortals(v.Context(), s.set.Resolver, typed, v.Client); err != nil {
		return err
	}
	return v.Page(fiber.StatusOK, themes.FindPortalSentPage{Echo: typed})
}
