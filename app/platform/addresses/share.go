package addresses

import (
	"errors"
	"strconv"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"

	"portico/app/visit"
	"portico/tenants"
	"portico/tenants/domains"
	"portico/themes"
)

// Share makes a link for the customer's own people. It is shown once: nothing here can show it again.
func (f *Flow) Share(v *visit.Visit) error {
	form, err := v.Form("days")
	if err != nil {
		return err
	}
	days, err := strconv.Atoi(form["days"])
	if err != nil || days < 1 || days > 14 {
		return visit.ErrBadForm
	}
	c, err := f.Directory.Get(v.Context(), v.C.Params("slug"))
	if err != nil {
		return err
	}
	token, _, err := f.Domains.NewShare(as(v), c.ID, v.Staff.Name, time.Duration(days)*24*time.Hour)
	if code := domains.Fault(err); code != "" {
		return f.show(v, fiber.StatusConflict, shown{wrong: themes.FieldErrors{"page": {Key: "error.host_" + code}}})
	}
	if err != nil {
		return err
	}
	return f.show(v, fiber.StatusOK, shown{link: v.Origin() + "/dns/" + token})
}

// Unshare ends a link.
func (f *Flow) Unshare(v *visit.Visit) error {
	form, err := v.Form("id")
	if err != nil {
		return err
	}
	id, err := uuid.Parse(form["id"])
	if err != nil {
		return visit.ErrNotFound
	}
	c, err := f.Directory.Get(v.Context(), v.C.Params("slug"))
	if err != nil {
		return err
	}
	if err := f.Domains.EndShare(as(v), c.ID, id); err != nil && !errors.Is(err, tenants.ErrNotFound) {
		return err
	}
	return v.Redirect(at(c))
}

// Shared is /dns/:token, for whoever has the link: no session and no cookie, nothing can be changed, and any
// other address is not found.
func (f *Flow) Shared(v *visit.Visit) error {
	s, err := f.Domains.OpenShare(v.Context(), v.C.Params("token"))
	if errors.Is(err, tenants.ErrNotFound) {
		return visit.ErrNotFound
	}
	if err != nil {
		return err
	}
	v.Private()
	return v.Sheet(fiber.StatusOK, themes.DNSSharedPage{Name: s.Name, EndsAt: s.EndsAt, Hosts: hostsOf(s.Hosts, s.Lists), Mail: recordsOf(s.Lists[""]),
		Zone: zoneOf(s.Hosts, s.Lists)})
}
