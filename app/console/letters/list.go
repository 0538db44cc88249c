package letters

import (
	"slices"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"

	"portico/app/accounts"
	"portico/app/insight"
	"portico/app/letters"
	"portico/app/people"
	"portico/app/visit"
	"portico/rbac"
	"portico/tenants"
	"portico/themes"
)

// Flow is the delivery view.
type Flow struct {
	DB     *tenants.DB
	People *people.People // who writes letters anew
}

const pageRows = 50

// fates are the stages that only a carrier can tell.
var fates = []string{string(letters.Delivered), string(letters.Bounced), string(letters.Complained)}

// List is /console/letters: each letter's way, newest first.
func (f *Flow) List(v *visit.Visit) error {
	a, err := read(v)
	if err != nil {
		return err
	}
	reach, err := v.Reach(rbac.LettersRead)
	if err != nil {
		return err
	}
	var rows []letters.Delivery
	var names insight.Names
	reported := true
	if len(a.errs) == 0 {
		err = f.DB.In(v.Context(), v.Tenant.ID, func(s *tenants.Scope) error {
			if err := a.narrow(v, s, reach); err != nil {
				return err
			}
			a.filter.Limit = pageRows + 1 // one more tells whether there is another page
			var err error
			if rows, err = letters.Deliveries(v.Context(), s, a.filter); err != nil {
				return err
			}
			if names, err = insight.NamesFor(v.Context(), s, whose(rows)); err != nil || len(rows) > 0 || !slices.Contains(fates, a.Stage) {
				return err
			}
			reported, err = letters.Reported(v.Context(), s)
			return err
		})
	}
	if err != nil {
		return err
	}
	page := themes.DeliveryPage{Parts: themes.Parts{Help: v.Help(), Errors: a.errs}, Filter: a.DeliveryFilter, Filtered: a.query("", "") != "",
		Everywhere: reach.Everywhere, Silent: !reported}
	for _, r := range a.pages(rows, &page, v.Base) {
		page.Rows = append(page.Rows, shown(r, names))
	}
	status := fiber.StatusOK
	if len(a.errs) > 0 {
		status = fiber.StatusUnprocessableEntity
	}
	return v.Page(status, page)
}

// narrow bounds the filter to a reach and to whom the letters went: an account that has what was typed, or
// else the address as it stands on letters.
func (a *asked) narrow(v *visit.Visit, s *tenants.Scope, reach rbac.Reach) error {
	if !reach.Everywhere {
		a.filter.Groups = &reach.Groups
	}
	if a.To == "" {
		return nil
	}
	if id, err := uuid.Parse(a.To); err == nil && len(a.To) == 36 {
		a.filter.Account = &id
		return nil
	}
	id, err := insight.Person(v.Context(), s, insight.Keys{Norm: accounts.KeysOf(a.To)})
	switch {
	case err == nil:
		a.filter.Account = &id
	case isNobody(err):
		a.filter.To = a.To
	default:
		return err
	}
	return nil
}

// pages cuts the row that only told of another page, and makes the addresses of the pages around.
func (a *asked) pages(rows []letters.Delivery, page *themes.DeliveryPage, base string) []letters.Delivery {
	rows, page.Before, page.After = visit.Around(rows, pageRows, a.filter.Before, a.filter.After, func(cursor string, r letters.Delivery) string {
		return base + "/console/letters" + a.query(cursor, r.ID.String())
	})
	return rows
}

func whose(rows []letters.Delivery) map[uuid.UUID]bool {
	all := map[uuid.UUID]bool{}
	for _, r := range rows {
		if r.AccountID != nil {
			all[*r.AccountID] = true
		}
	}
	return all
}

func shown(r letters.Delivery, names insight.Names) themes.DeliveryRow {
	row := themes.DeliveryRow{ID: r.ID.String(), Kind: r.Kind, To: r.To, Channel: r.Channel, Lane: string(r.Lane), Stage: r.Stage,
		Why: letters.Why(r.Reason), At: r.CreatedAt, Dead: r.AddressDead}
	if r.AccountID != nil {
		row.Account, row.Name = r.AccountID.String(), names[*r.AccountID]
	}
	return row
}
