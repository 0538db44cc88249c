package look

import (
	"errors"
	"time"

	"github.com/gofiber/fiber/v2"

	"portico/app/looks"
	"portico/app/visit"
	"portico/rbac"
	"portico/themes"
)

const linksPath = path + "/links"

// Links lists the links that show a draft to people without the console.
func (f *Flow) Links(v *visit.Visit) error { return f.links(v, fiber.StatusOK, "", time.Time{}, nil) }

func (f *Flow) links(v *visit.Visit, status int, made string, until time.Time, errs themes.FieldErrors) error {
	all, err := f.Looks.Links(v.Context(), v.Tenant.ID)
	if err != nil {
		return err
	}
	page := themes.PreviewLinksPage{Parts: themes.Parts{Help: v.Help(), Errors: errs}, Most: looks.LinksMost,
		CanEdit: v.Can(rbac.LookEdit).Allowed, Made: made, Until: until}
	for _, l := range all {
		page.Links = append(page.Links, themes.PreviewLink{ID: l.ID.String(), By: l.By.Name, Made: l.Made, Ends: l.Ends})
	}
	return v.Page(status, page)
}

// MakeLink makes a link to the draft as it is now, and shows it, this once.
func (f *Flow) MakeLink(v *visit.Visit) error {
	if _, err := v.Form(); err != nil {
		return err
	}
	secret, until, err := f.Looks.MakeLink(v.Context(), v.Tenant.ID)
	if errors.Is(err, looks.ErrManyLinks) {
		return f.links(v, fiber.StatusConflict, "", time.Time{}, themes.FieldErrors{"form": {Key: "preview.many", Args: map[string]any{"most": looks.LinksMost}}})
	}
	if err != nil {
		return err
	}
	return f.links(v, fiber.StatusOK, v.Tenant.Origin+v.Tenant.BasePath+"/preview/"+secret, until, nil)
}

// EndLink ends a link before its time.
func (f *Flow) EndLink(v *visit.Visit) error {
	form, err := v.Form("id")
	if err != nil {
		return err
	}
	if err := f.Looks.EndLink(v.Context(), v.Tenant.ID, form["id"]); err != nil {
		return err
	}
	v.Say(visit.SayPreviewEnded)
	return v.Redirect(linksPath)
}
