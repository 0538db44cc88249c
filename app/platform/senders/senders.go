package senders

import (
	"errors"
	"net/url"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"portico/app/directory"
	"portico/app/letters"
	"portico/app/senders"
	"portico/app/visit"
	"portico/rbac"
	"portico/tenants"
	"portico/themes"
)

// Flow is the page and what can be done on it.
type Flow struct {
	Directory *directory.Directory
	Senders   *senders.Senders
}

// Page is /platform/customers/:slug/sender.
func (f *Flow) Page(v *visit.Visit) error { return f.page(v, fiber.StatusOK, nil, nil) }

func pathOf(slug string) string { return "/platform/customers/" + slug + "/sender" }

func (f *Flow) page(v *visit.Visit, status int, errs themes.FieldErrors, tried *letters.Tried) error {
	c, t, err := f.known(v)
	if err != nil {
		return err
	}
	address := strings.TrimSpace(v.C.Query("address"))
	var before time.Time
	if text := v.C.Query("before"); text != "" {
		before, err = time.Parse(time.RFC3339Nano, text)
	}
	if err != nil || len(address) > 320 {
		return visit.ErrNotFound
	}
	// Addresses are the customer's people: staff look one up that somebody asks about, and list none.
	shown, _, err := f.Senders.Shown(v.Context(), t, address != "", address, before)
	if err != nil {
		return err
	}
	edit := v.StaffCan(rbac.CustomersEdit)
	shown.Path, shown.Edit, shown.Lift, shown.TestsTo = pathOf(c.Slug), edit, edit, v.Staff.Email
	if tried != nil {
		senders.Tested(&shown, *tried)
	}
	return v.Page(status, themes.CustomerSenderPage{Parts: themes.Parts{Errors: errs}, Customer: themes.CustomerRow{Slug: c.Slug, Name: c.Name, State: string(c.State)}, Sender: shown})
}

func (f *Flow) known(v *visit.Visit) (c directory.Customer, t *tenants.Tenant, err error) {
	if c, err = f.Directory.Get(v.Context(), v.C.Params("slug")); err != nil {
		return c, nil, err
	}
	t, err = f.Directory.Tenant(v.Context(), c.Slug)
	return c, t, err
}

// Ask has the domain looked at now.
func (f *Flow) Ask(v *visit.Visit) error {
	return f.do(v, visit.SaySenderAsked, func(t *tenants.Tenant) error { return f.Senders.Ask(v.Context(), t) })
}

// Resume lets a sender that rests go on.
func (f *Flow) Resume(v *visit.Visit) error {
	return f.do(v, visit.SaySenderResumed, func(t *tenants.Tenant) error { return f.Senders.Resume(v.Context(), t.ID) })
}

func (f *Flow) do(v *visit.Visit, say string, what func(*tenants.Tenant) error) error {
	if _, err := v.Form(); err != nil {
		return err
	}
	c, t, err := f.known(v)
	if err != nil {
		return err
	}
	if err := what(t); err != nil {
		return missing(err)
	}
	v.Say(say)
	return v.Redirect(pathOf(c.Slug))
}

func missing(err error) error {
	if errors.Is(err, tenants.ErrNotFound) {
		return visit.ErrNotFound
	}
	return err
}

// Test sends a test to who asks for it, and shows what the server said.
func (f *Flow) Test(v *visit.Visit) error {
	if _, err := v.Form(); err != nil {
		return err
	}
	_, t, err := f.known(v)
	if err != nil {
		return err
	}
	tried, err := f.Senders.Test(v.Context(), t, v.Staff.Email, v.Locale)
	if errors.Is(err, senders.ErrOften) {
		return f.page(v, fiber.StatusTooManyRequests, themes.FieldErrors{"form": {Key: "error.sender_often"}}, nil)
	}
	if err != nil {
		return err
	}
	return f.page(v, fiber.StatusOK, nil, &tried)
}

// Lift lets letters go to an address again, or one.
func (f *Flow) Lift(v *visit.Visit) error {
	form, err := v.Form("address", "what")
	if err != nil {
		return err
	}
	c, t, err := f.known(v)
	if err != nil {
		return err
	}
	switch form["what"] {
	case "lift":
		err = f.Senders.Lift(v.Context(), t.ID, form["address"])
		v.Say(visit.SaySenderLifted)
	case "one":
		err = f.Senders.LetOne(v.Context(), t.ID, form["address"])
		v.Say(visit.SaySenderOne)
	default:
		return visit.ErrNotFound
	}
	if errors.Is(err, letters.ErrForced) {
		return f.page(v, fiber.StatusConflict, themes.FieldErrors{"form": {Key: "error.sender_let"}}, nil)
	}
	if err != nil {
		return missing(err)
	}
	return v.Redirect(pathOf(c.Slug) + "?" + url.Values{"address": {form["address"]}}.Encode())
}
