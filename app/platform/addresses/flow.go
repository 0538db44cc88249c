package addresses

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"portico/app/audit"
	"portico/app/directory"
	"portico/app/staff"
	"portico/app/visit"
	"portico/rbac"
	"portico/tenants"
	"portico/tenants/domains"
	"portico/themes"
)

// Flow is the pages; its fields are its needs.
type Flow struct {
	Directory *directory.Directory
	Domains   *domains.Domains
}

// checkFor bounds how long a page waits for DNS; a worker goes on where it stopped.
const checkFor = 8 * time.Second

// Check answers for the step "addresses" of bringing a customer live.
func Check(d *domains.Domains) directory.Check {
	return directory.Check{Step: directory.StepAddresses, State: func(ctx context.Context, t *tenants.Tenant) (string, string, error) {
		s, err := d.StateOf(ctx, t.ID)
		switch {
		case err != nil:
			return "", "", err
		case s.Losing > 0:
			return directory.Broken, "host_losing", nil
		case s.Pending > 0:
			return directory.Waiting, "host_pending", nil
		case s.Hosts > 0:
			return directory.Done, "", nil
		}
		return directory.Optional, "", nil
	}}
}

// as names who acts, for the customer's audit.
func as(v *visit.Visit) context.Context {
	return audit.With(v.Context(), audit.Origin{Actor: staff.Actor(v.Staff.StaffID), ClientAddress: v.Client.Address.String(), RequestID: v.ID()})
}

func at(c directory.Customer) string { return "/platform/customers/" + c.Slug + "/addresses" }

// Page is /platform/customers/:slug/addresses.
func (f *Flow) Page(v *visit.Visit) error { return f.show(v, fiber.StatusOK, shown{}) }

// shown is what a page has beside what is stored.
type shown struct {
	typed, link string
	wrong       themes.FieldErrors
}

func (f *Flow) show(v *visit.Visit, status int, with shown) error {
	c, err := f.Directory.Get(v.Context(), v.C.Params("slug"))
	if err != nil {
		return err
	}
	hosts, lists, err := f.Domains.Everything(v.Context(), c.ID)
	if err != nil {
		return err
	}
	shares, err := f.Domains.Shares(v.Context(), c.ID)
	if err != nil {
		return err
	}
	page := themes.CustomerAddressesPage{Parts: themes.Parts{Errors: with.wrong}, Customer: row(c), Typed: with.typed, Link: with.link,
		Edit: v.StaffCan(rbac.CustomersEdit), Hosts: hostsOf(hosts, lists), Mail: recordsOf(lists[""]), Zone: zoneOf(hosts, lists), SlugCanonical: true}
	for _, h := range hosts {
		page.SlugCanonical = page.SlugCanonical && !h.Canonical
	}
	for _, s := range shares {
		page.Shares = append(page.Shares, themes.DNSShare{ID: s.ID.String(), By: s.MadeBy, EndsAt: s.EndsAt})
	}
	return v.Page(status, page)
}

// Claim takes a host for the customer and looks at its DNS at once.
func (f *Flow) Claim(v *visit.Visit) error {
	form, err := v.Form("host")
	if err != nil {
		return err
	}
	c, err := f.Directory.Get(v.Context(), v.C.Params("slug"))
	if err != nil {
		return err
	}
	h, err := f.Domains.Claim(as(v), c.ID, form["host"])
	if code := domains.Fault(err); code != "" {
		return f.show(v, fiber.StatusUnprocessableEntity, shown{typed: form["host"], wrong: themes.FieldErrors{"host": {Key: "error.host_" + code}}})
	}
	if err == nil {
		err = f.look(v, c, h.Name)
	}
	if err != nil {
		return err
	}
	v.Say(visit.SayStepSaved)
	return v.Redirect(at(c))
}

// Look asks DNS now.
func (f *Flow) Look(v *visit.Visit) error {
	return f.change(v, func(c directory.Customer, host string) error { return f.look(v, c, host) })
}

func (f *Flow) look(v *visit.Visit, c directory.Customer, host string) error {
	ctx, cancel := context.WithTimeout(as(v), checkFor)
	defer cancel()
	_, err := f.Domains.Check(ctx, c.ID, host)
	if errors.Is(ctx.Err(), context.DeadlineExceeded) {
		return nil // DNS is slow; the page shows what is known, and the worker looks again
	}
	return err
}

// Home makes a host canonical; "" is the slug's own address.
func (f *Flow) Home(v *visit.Visit) error {
	return f.change(v, func(c directory.Customer, host string) error { return f.Domains.SetCanonical(as(v), c.ID, host) })
}

// change does something to a host of the customer and comes back to the page.
func (f *Flow) change(v *visit.Visit, do func(c directory.Customer, host string) error) error {
	form, err := v.Form("host")
	if err != nil {
		return err
	}
	c, err := f.Directory.Get(v.Context(), v.C.Params("slug"))
	if err != nil {
		return err
	}
	err = do(c, form["host"])
	if errors.Is(err, domains.ErrNoClaim) {
		return visit.ErrNotFound
	}
	if code := domains.Fault(err); code != "" {
		return f.show(v, fiber.StatusConflict, shown{wrong: themes.FieldErrors{"page": {Key: "error.host_" + code}}})
	}
	if err != nil {
		return err
	}
	return v.Redirect(at(c))
}

// ReleasePage asks before a host is given up.
func (f *Flow) ReleasePage(v *visit.Visit) error {
	c, h, err := f.hostOf(v)
	if err != nil {
		return err
	}
	return v.Page(fiber.StatusOK, themes.CustomerReleasePage{Customer: row(c), Host: hostOf(h, nil)})
}

// Release gives it up.
func (f *Flow) Release(v *visit.Visit) error {
	if _, err := v.Form(); err != nil {
		return err
	}
	c, h, err := f.hostOf(v)
	if err != nil {
		return err
	}
	if err := f.Domains.Release(as(v), c.ID, h.Name); err != nil && !errors.Is(err, domains.ErrNoClaim) {
		return err
	}
	v.Say(visit.SayStepSaved)
	return v.Redirect(at(c))
}

func (f *Flow) hostOf(v *visit.Visit) (c directory.Customer, h domains.Host, err error) {
	if c, err = f.Directory.Get(v.Context(), v.C.Params("slug")); err != nil {
		return c, h, err
	}
	h, err = f.Domains.Host(v.Context(), c.ID, strings.ToLower(v.C.Params("host")))
	if errors.Is(err, domains.ErrNoClaim) {
		err = visit.ErrNotFound
	}
	return c, h, err
}
