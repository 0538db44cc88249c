package audit

import (
	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"

	"portico/app/audit"
	"portico/app/insight"
	"portico/app/visit"
	"portico/rbac"
	"portico/tenants"
	"portico/themes"
)

// Flow is the pages about what happened.
type Flow struct{ DB *tenants.DB }

const pageRows = 50

// List is /console/audit: what happened, newest first.
func (f *Flow) List(v *visit.Visit) error {
	get := func(name string) string { return v.C.Query(name) }
	a, err := read(get)
	if err == nil {
		err = a.cursors(get)
	}
	if err != nil {
		return err
	}
	reach, err := v.Reach(rbac.AuditRead)
	if err != nil {
		return err
	}
	var rows []audit.Row
	var names insight.Names
	err = f.DB.In(v.Context(), v.Tenant.ID, func(s *tenants.Scope) error {
		if err := a.narrow(v, s, reach); err != nil || len(a.errs) > 0 {
			return err
		}
		a.filter.Limit = pageRows + 1 // one more tells whether there is another page
		var err error
		if rows, err = audit.List(v.Context(), s, a.filter); err != nil {
			return err
		}
		names, err = insight.NamesOf(v.Context(), s, rows)
		return err
	})
	if err != nil {
		return err
	}
	page := themes.AuditPage{Parts: themes.Parts{Help: v.Help(), Errors: a.errs}, Filter: a.AuditFilter, Filtered: a.query("", "") != "",
		Days: v.Tenant.Policy.Audit.RetentionDays, Export: v.Tenant.Policy.Audit.Export && v.Can(rbac.AuditExport).Allowed, Everywhere: reach.Everywhere}
	rows = a.pages(rows, &page, v.Base)
	for _, r := range rows {
		page.Rows = append(page.Rows, shown(r, names))
	}
	status := fiber.StatusOK
	if len(a.errs) > 0 {
		status = fiber.StatusUnprocessableEntity
	}
	return v.Page(status, page)
}

// pages cuts the row that only told of another page, and makes the addresses of the pages around.
func (a *asked) pages(rows []audit.Row, page *themes.AuditPage, base string) []audit.Row {
	rows, page.Before, page.After = visit.Around(rows, pageRows, a.filter.Before, a.filter.After, func(cursor string, r audit.Row) string {
		return base + "/console/audit" + a.query(cursor, r.ID.String())
	})
	return rows
}

// Event is /console/audit/:id: one event with everything that is kept of it.
func (f *Flow) Event(v *visit.Visit) error {
	text := v.C.Params("id")
	id, err := uuid.Parse(text)
	if err != nil || len(text) != 36 {
		return visit.ErrNotFound
	}
	reach, err := v.Reach(rbac.AuditRead)
	if err != nil {
		return err
	}
	var filter audit.Filter
	if !reach.Everywhere {
		filter.Groups = &reach.Groups
	}
	var row audit.Row
	var names insight.Names
	err = f.DB.In(v.Context(), v.Tenant.ID, func(s *tenants.Scope) (err error) {
		if row, err = audit.Find(v.Context(), s, id, filter); err != nil {
			return err
		}
		names, err = insight.NamesOf(v.Context(), s, []audit.Row{row})
		return err
	})
	if err != nil {
		return gone(err)
	}
	page := themes.AuditEventPage{Parts: themes.Parts{Help: v.Help()}, Row: shown(row, names), From: row.ClientAddress, Request: row.RequestID,
		People: v.Can(rbac.PeopleRead).Allowed}
	page.Changes, page.Facts = told(row.Details, names)
	return v.Page(fiber.StatusOK, page)
}
