package sender

import (
	"errors"
	"net/url"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"portico/app/letters"
	"portico/app/senders"
	"portico/app/visit"
	"portico/rbac"
	"portico/tenants"
	"portico/themes"
)

// Flow is the page and what can be done on it.
type Flow struct {
	DB      *tenants.DB
	Senders *senders.Senders
}

const path = "/console/sender"

// Page is /console/sender.
func (f *Flow) Page(v *visit.Visit) error { return f.page(v, fiber.StatusOK, nil, nil) }

func (f *Flow) page(v *visit.Visit, status int, errs themes.FieldErrors, tried *letters.Tried) error {
	address := strings.TrimSpace(v.C.Query("address"))
	before, err := Before(v)
	if err != nil || len(address) > 320 {
		return visit.ErrNotFound
	}
	reach, err := v.Reach(rbac.LettersRead)
	if err != nil {
		return err
	}
	shown, more, err := f.Senders.Shown(v.Context(), v.Tenant, reach.Everywhere, address, before)
	if err != nil {
		return err
	}
	lift, err := f.everywhere(v)
	if err != nil {
		return err
	}
	shown.Path, shown.Edit, shown.Lift = path, v.Can(rbac.LettersEdit).Allowed, lift
	if shown.TestsTo, err = f.own(v); err != nil {
		return err
	}
	shown.More = More(v.Base+path, address, more)
	if tried != nil {
		senders.Tested(&shown, *tried)
	}
	return v.Page(status, themes.SenderPage{Parts: themes.Parts{Help: v.Help(), Errors: errs}, Sender: shown})
}

// Before reads the cursor of the list of addresses.
func Before(v *visit.Visit) (at time.Time, err error) {
	if text := v.C.Query("before"); text != "" {
		at, err = time.Parse(time.RFC3339Nano, text)
	}
	return at, err
}

// More is the address of what follows; "" when nothing does.
func More(base, address string, at time.Time) string {
	if at.IsZero() {
		return ""
	}
	q := url.Values{"before": {at.Format(time.RFC3339Nano)}}
	if address != "" {
		q.Set("address", address)
	}
	return base + "?" + q.Encode()
}

// everywhere tells whether who looks may send letters anew in the whole tenant: addresses belong to no group.
func (f *Flow) everywhere(v *visit.Visit) (bool, error) {
	if !v.Can(rbac.LettersResend).Allowed {
		return false, nil
	}
	reach, err := v.Reach(rbac.LettersResend)
	return reach.Everywhere, err
}

// own is the address of who is signed in; "" without one.
func (f *Flow) own(v *visit.Visit) (address string, err error) {
	err = f.DB.In(v.Context(), v.Tenant.ID, func(s *tenants.Scope) error {
		err := s.Row(v.Context(), `SELECT value FROM account_identifiers WHERE tenant_id = $1 AND account_id = $2 AND kind = 'email'
			ORDER BY created_at, norm LIMIT 1`, []any{s.Tenant(), v.Session.AccountID}, &address)
		if errors.Is(err, tenants.ErrNotFound) {
			return nil
		}
		return err
	})
	return address, err
}

// Ask has the domain looked at now.
func (f *Flow) Ask(v *visit.Visit) error {
	if _, err := v.Form(); err != nil {
		return err
	}
	if err := f.Senders.Ask(v.Context(), v.Tenant); err != nil {
		return Missing(err)
	}
	v.Say(visit.SaySenderAsked)
	return v.Redirect(path)
}

// Missing turns what is not there into a page that is not.
func Missing(err error) error {
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
	to, err := f.own(v)
	if err != nil {
		return err
	}
	if to == "" {
		return visit.ErrNotFound
	}
	tried, err := f.Senders.Test(v.Context(), v.Tenant, to, v.Locale)
	if errors.Is(err, senders.ErrOften) {
		return f.page(v, fiber.StatusTooManyRequests, themes.FieldErrors{"form": {Key: "error.sender_often"}}, nil)
	}
	if err != nil {
		return err
	}
	return f.page(v, fiber.StatusOK, nil, &tried)
}

// Resume lets a sender that rests go on.
func (f *Flow) Resume(v *visit.Visit) error {
	if _, err := v.Form(); err != nil {
		return err
	}
	if err := f.Senders.Resume(v.Context(), v.Tenant.ID); err != nil {
		return Missing(err)
	}
	v.Say(visit.SaySenderResumed)
	return v.Redirect(path)
}

// Lift lets letters go to an address again, or one.
func (f *Flow) Lift(v *visit.Visit) error {
	form, err := v.Form("address", "what")
	if err != nil {
		return err
	}
	may, err := f.everywhere(v)
	if err != nil {
		return err
	}
	if !may {
		return visit.ErrNotFound
	}
	switch form["what"] {
	case "lift":
		err = f.Senders.Lift(v.Context(), v.Tenant.ID, form["address"])
		v.Say(visit.SaySenderLifted)
	case "one":
		err = f.Senders.LetOne(v.Context(), v.Tenant.ID, form["address"])
		v.Say(visit.SaySenderOne)
	default:
		return visit.ErrNotFound
	}
	if errors.Is(err, letters.ErrForced) {
		return f.page(v, fiber.StatusConflict, themes.FieldErrors{"form": {Key: "error.sender_let"}}, nil)
	}
	if err != nil {
		return Missing(err)
	}
	return v.Redirect(path)
}
