package platform

import (
	"errors"
	"net/url"
	"slices"
	"strings"

	"github.com/gofiber/fiber/v2"

	"portico/app/directory"
	"portico/app/visit"
	"portico/rbac"
	"portico/tenants"
	"portico/themes"
)

// Customers is /platform/customers: the list by name, with search and state in its address.
func (f *Flow) Customers(v *visit.Visit) error {
	q := directory.Query{Typed: strings.TrimSpace(v.C.Query("q")), State: tenants.State(v.C.Query("state")), Cursor: v.C.Query("at")}
	if !slices.Contains([]tenants.State{"", tenants.Draft, tenants.Live, tenants.Suspended, tenants.Leaving}, q.State) || len(q.Typed) > 200 {
		return visit.ErrNotFound
	}
	listed, err := f.Directory.List(v.Context(), q)
	if errors.Is(err, directory.ErrBadCursor) {
		return v.Redirect(listPath(q, ""))
	}
	if err != nil {
		return err
	}
	page := themes.CustomersPage{Typed: q.Typed, State: string(q.State), Count: listed.Count, More: listed.More, Anybody: listed.Anybody,
		Create: v.StaffCan(rbac.CustomersEdit)}
	for _, c := range listed.Rows {
		page.Rows = append(page.Rows, row(c))
	}
	if listed.Before != "" {
		page.Before = listPath(q, listed.Before)
	}
	if listed.After != "" {
		page.After = listPath(q, listed.After)
	}
	return v.Page(fiber.StatusOK, page)
}

func listPath(q directory.Query, at string) string {
	values := url.Values{}
	for name, value := range map[string]string{"q": q.Typed, "state": string(q.State), "at": at} {
		if value != "" {
			values.Set(name, value)
		}
	}
	if len(values) == 0 {
		return "/platform/customers"
	}
	return "/platform/customers?" + values.Encode()
}

func row(c directory.Customer) themes.CustomerRow {
	return themes.CustomerRow{Slug: c.Slug, Name: c.Name, State: string(c.State), Address: c.Address, Waiting: c.Waiting, Lost: c.Lost,
		CreatedAt: c.CreatedAt, LeavesAt: c.LeavesAt}
}

// NewPage asks for name, short name and rules of a new customer.
func (f *Flow) NewPage(v *visit.Visit) error {
	return v.Page(fiber.StatusOK, themes.CustomerNewPage{Presets: tenants.PresetNames(), Preset: tenants.DefaultPreset})
}

// Create begins a draft.
func (f *Flow) Create(v *visit.Visit) error {
	form, err := v.Form("name", "slug", "preset")
	if err != nil {
		return err
	}
	page := themes.CustomerNewPage{Presets: tenants.PresetNames(), Name: form["name"], Slug: strings.TrimSpace(form["slug"]), Preset: form["preset"]}
	if !slices.Contains(page.Presets, page.Preset) {
		return visit.ErrBadForm
	}
	_, err = f.Directory.Create(v.Context(), by(v), directory.New{Name: page.Name, Slug: page.Slug, Preset: page.Preset})
	if wrong := faultOf(err); wrong != nil {
		page.Errors = wrong
		return v.Page(fiber.StatusUnprocessableEntity, page)
	}
	if err != nil {
		return err
	}
	v.Say(visit.SayCustomerBegun)
	return v.Redirect("/platform/customers/" + page.Slug)
}

// faults are the errors that stand beside a field.
var faults = []struct {
	is    error
	field string
	key   string
}{
	{directory.ErrName, "name", "error.platform_name"},
	{directory.ErrSlug, "slug", "error.platform_slug"},
	{directory.ErrSlugTaken, "slug", "error.platform_slug_taken"},
	{directory.ErrReason, "reason", "error.platform_reason"},
	{directory.ErrNotReady, "reason", "error.platform_state"},
	{directory.ErrState, "reason", "error.platform_state"},
	{directory.ErrPastDraft, "page", "error.platform_live"},
}

// faultOf is an error as a page shows it beside its fields; nil for those that are no field's.
func faultOf(err error) themes.FieldErrors {
	var all themes.FieldErrors
	for _, f := range faults {
		if !errors.Is(err, f.is) {
			continue
		}
		if all == nil {
			all = themes.FieldErrors{}
		}
		all[f.field] = themes.Message{Key: f.key}
	}
	return all
}
