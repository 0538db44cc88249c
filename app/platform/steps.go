package platform

import (
	"errors"
	"slices"

	"github.com/gofiber/fiber/v2"

	"portico/app/accounts"
	"portico/app/directory"
	"portico/app/tenantfile"
	"portico/app/visit"
	"portico/tenants"
	"portico/themes"
)

// drafted reads the draft that a step is of; once it is live, the step is no page any more.
func (f *Flow) drafted(v *visit.Visit) (directory.Customer, *tenants.Tenant, error) {
	c, t, err := f.known(v)
	if err == nil && c.State != tenants.Draft {
		err = visit.ErrNotFound
	}
	return c, t, err
}

func (f *Flow) known(v *visit.Visit) (c directory.Customer, t *tenants.Tenant, err error) {
	if c, err = f.Directory.Get(v.Context(), v.C.Params("slug")); err != nil {
		return c, nil, err
	}
	t, err = f.Directory.Tenant(v.Context(), c.Slug)
	return c, t, err
}

// saved leads back to the checklist.
func saved(v *visit.Visit, c directory.Customer, flash string) error {
	v.Say(flash)
	return v.Redirect("/platform/customers/" + c.Slug)
}

// refusals are what a tenant file would be refused for, as a page shows them: the program's own sentences.
func refusals(err error) []string {
	var refused *tenantfile.Refused
	var look *directory.LookFault
	var all []string
	switch {
	case errors.As(err, &refused):
		for _, f := range refused.Faults {
			all = append(all, f.Field+": "+f.Problem)
		}
	case errors.As(err, &look):
		all = look.Faults
	}
	return all
}

// PresetPage is the step "rules".
func (f *Flow) PresetPage(v *visit.Visit) error {
	c, t, err := f.drafted(v)
	if err != nil {
		return err
	}
	return v.Page(fiber.StatusOK, themes.CustomerPresetPage{Customer: row(c), Preset: t.Policy.Preset, Presets: tenants.PresetNames()})
}

// Preset takes it.
func (f *Flow) Preset(v *visit.Visit) error {
	form, err := v.Form("preset")
	if err != nil {
		return err
	}
	c, _, err := f.drafted(v)
	if err != nil {
		return err
	}
	if err := f.Directory.ChoosePreset(v.Context(), by(v), c.Slug, form["preset"]); err != nil {
		if errors.Is(err, directory.ErrPreset) {
			return visit.ErrBadForm
		}
		return err
	}
	return saved(v, c, visit.SayStepSaved)
}

// LookPage is the step "look".
func (f *Flow) LookPage(v *visit.Visit) error {
	c, t, err := f.drafted(v)
	if err != nil {
		return err
	}
	return v.Page(fiber.StatusOK, lookPage(c, directory.LookOf(t)))
}

func lookPage(c directory.Customer, l directory.Look) themes.CustomerLookPage {
	return themes.CustomerLookPage{Customer: row(c), Name: l.Name, Title: l.SiteTitle, Accent: l.Accent, Layouts: l.Layout}
}

// Look takes it.
func (f *Flow) Look(v *visit.Visit) error {
	form, err := v.Form("name", "title", "accent", "layout")
	if err != nil {
		return err
	}
	c, _, err := f.drafted(v)
	if err != nil {
		return err
	}
	look := directory.Look{Name: form["name"], SiteTitle: form["title"], Accent: form["accent"], Layout: form["layout"]}
	err = f.Directory.ChooseLook(v.Context(), by(v), c.Slug, look)
	page := lookPage(c, look)
	page.Errors, page.Faults = faultOf(err), refusals(err)
	if page.Errors != nil || page.Faults != nil {
		return v.Page(fiber.StatusUnprocessableEntity, page)
	}
	if err != nil {
		return err
	}
	return saved(v, c, visit.SayStepSaved)
}

// SignInStepPage is the step "signing in".
func (f *Flow) SignInStepPage(v *visit.Visit) error {
	c, t, err := f.drafted(v)
	if err != nil {
		return err
	}
	return v.Page(fiber.StatusOK, themes.CustomerSignInPage{Customer: row(c), Identifier: t.Policy.SignIn.Identifier,
		Factor: t.Policy.MFA.Admins == "required" || t.Policy.MFA.SignIn == "required"})
}

// SignInStep takes it.
func (f *Flow) SignInStep(v *visit.Visit) error {
	form, err := v.Form("identifier", "factor")
	if err != nil {
		return err
	}
	c, _, err := f.drafted(v)
	if err != nil {
		return err
	}
	page := themes.CustomerSignInPage{Customer: row(c), Identifier: form["identifier"], Factor: form["factor"] == "on"}
	err = f.Directory.ChooseSignIn(v.Context(), by(v), c.Slug, page.Identifier, page.Factor)
	if page.Faults = refusals(err); page.Faults != nil {
		return v.Page(fiber.StatusUnprocessableEntity, page)
	}
	if errors.Is(err, directory.ErrKind) {
		return visit.ErrBadForm
	}
	if err != nil {
		return err
	}
	return saved(v, c, visit.SayStepSaved)
}

// AdminPage is the step "first administrator"; it stays open after the first day.
func (f *Flow) AdminPage(v *visit.Visit) error {
	return f.askAdmin(v, fiber.StatusOK, directory.Admin{}, nil)
}

func (f *Flow) askAdmin(v *visit.Visit, status int, typed directory.Admin, wrong themes.FieldErrors) error {
	c, t, err := f.known(v)
	if err != nil {
		return err
	}
	page := themes.CustomerAdminPage{Parts: themes.Parts{Errors: wrong}, Customer: row(c), Name: typed.Name, Email: typed.Email, Identifier: typed.Identifier}
	if kind := t.Policy.SignIn.Identifier; kind != accounts.Email {
		page.Kind = kind
	}
	if page.Owners, err = f.Directory.Owners(v.Context(), t); err != nil {
		return err
	}
	return v.Page(status, page)
}

// Admin adds them.
func (f *Flow) Admin(v *visit.Visit) error {
	form, err := v.Form("name", "email", "identifier")
	if err != nil {
		return err
	}
	c, t, err := f.known(v)
	if err != nil {
		return err
	}
	if !slices.Contains([]tenants.State{tenants.Draft, tenants.Live}, c.State) {
		return visit.ErrNotFound
	}
	who := directory.Admin{Name: form["name"], Email: form["email"], Identifier: form["identifier"], Locale: t.Policy.Routing.LocaleDefault}
	err = f.Directory.AddAdmin(v.Context(), by(v), c.Slug, who)
	wrong := faultOf(err)
	switch {
	case wrong != nil:
	case errors.Is(err, accounts.ErrBadIdentifier) && t.Policy.SignIn.Identifier != accounts.Email && form["identifier"] == "":
		wrong = themes.FieldErrors{"identifier": {Key: "error.platform_identifier"}}
	case errors.Is(err, accounts.ErrBadIdentifier):
		wrong = themes.FieldErrors{"email": {Key: "error.platform_email"}}
	case errors.Is(err, accounts.ErrTaken):
		wrong = themes.FieldErrors{"email": {Key: "error.platform_taken"}}
	case err != nil:
		return err
	}
	if wrong != nil {
		return f.askAdmin(v, fiber.StatusUnprocessableEntity, who, wrong)
	}
	return saved(v, c, visit.SayAdminAdded)
}
