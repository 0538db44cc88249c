package platform

import (
	"errors"
	"strings"

	"github.com/gofiber/fiber/v2"

	"portico/app/accounts"
	"portico/app/visit"
	"portico/themes"
)

// TrialPage is the step "test run", with how it stands.
func (f *Flow) TrialPage(v *visit.Visit) error {
	return f.askTrial(v, fiber.StatusOK, v.Staff.Email, nil)
}

func (f *Flow) askTrial(v *visit.Visit, status int, typed string, wrong themes.FieldErrors) error {
	c, t, err := f.known(v)
	if err != nil {
		return err
	}
	trial, begun, err := f.Directory.TrialOf(v.Context(), by(v), c.Slug)
	if err != nil {
		return err
	}
	page := themes.CustomerTrialPage{Parts: themes.Parts{Errors: wrong}, Customer: row(c), Address: typed, Begun: begun}
	if begun {
		page.SignsIn, page.Invites, page.Reset, page.SignedIn, page.BegunAt = trial.SignsIn, trial.Invites, trial.Reset, trial.SignedIn, trial.BegunAt
		if wrong == nil {
			page.Address = trial.Address
		}
		page.Enter = c.Address + "/trial/" + f.Directory.TrialPass(t)
	}
	return v.Page(status, page)
}

// Trial begins a run.
func (f *Flow) Trial(v *visit.Visit) error {
	form, err := v.Form("address")
	if err != nil {
		return err
	}
	c, _, err := f.drafted(v)
	if err != nil {
		return err
	}
	address := strings.TrimSpace(form["address"])
	err = f.Directory.BeginTrial(v.Context(), by(v), c.Slug, address)
	switch {
	case errors.Is(err, accounts.ErrBadIdentifier):
		return f.askTrial(v, fiber.StatusUnprocessableEntity, address, themes.FieldErrors{"address": {Key: "error.platform_email"}})
	case errors.Is(err, accounts.ErrTaken):
		return f.askTrial(v, fiber.StatusUnprocessableEntity, address, themes.FieldErrors{"address": {Key: "error.platform_taken"}})
	case err != nil:
		return err
	}
	v.Say(visit.SayTrialBegun)
	return v.Redirect("/platform/customers/" + c.Slug + "/trial")
}
