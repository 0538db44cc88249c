package audit

import (
	"cmp"
	"context"
	"io"
	"strings"

	"github.com/google/uuid"

	"portico/app/insight"
	"portico/app/visit"
	"portico/rbac"
	"portico/tenants"
)

// Export answers with a file of everything that the filter shows, within the reach of both permissions:
// reading the audit and taking it out. That it was taken out is itself written down.
func (f *Flow) Export(v *visit.Visit) error {
	if !v.Tenant.Policy.Audit.Export {
		return visit.ErrNotFound
	}
	form, err := v.Form(append([]string{"format"}, fields...)...)
	if err != nil {
		return err
	}
	format := form["format"]
	media := map[string]string{insight.CSV: "text/csv; charset=utf-8", insight.Lines: "application/x-ndjson"}[format]
	if media == "" {
		return visit.ErrNotFound
	}
	a, err := read(func(name string) string { return form[name] })
	if err != nil {
		return err
	}
	reach, err := bothReach(v)
	if err != nil {
		return err
	}
	err = f.DB.In(v.Context(), v.Tenant.ID, func(s *tenants.Scope) error {
		if err := a.narrow(v, s, reach); err != nil || len(a.errs) > 0 {
			return err
		}
		return insight.Taken(v.Context(), s, format, a.kept())
	})
	if err != nil {
		return err
	}
	if len(a.errs) > 0 {
		return v.Redirect("/console/audit" + a.query("", "")) // which says what is wrong
	}
	a.filter.Until = earlier(a.filter.Until, v.Clock.Now()) // a file ends, however much goes on happening
	tenant, filter, name := v.Tenant.ID, a.filter, "audit-"+v.Tenant.Slug+"-"+v.Clock.Now().UTC().Format("2006-01-02")+"."+format
	return v.Stream(media, name, func(ctx context.Context, w io.Writer, flush func() error) error {
		return insight.Export(ctx, f.DB, tenant, filter, format, w, flush)
	})
}

// kept is the filter as the audit keeps it: whom it named by their id, never by what was typed, which would
// outlast them there.
func (a *asked) kept() string {
	named := *a
	switch whom := cmp.Or(a.filter.Account, a.filter.By); {
	case whom == nil:
	case *whom == uuid.UUID{}:
		named.Person = "nobody"
	default:
		named.Person = whom.String()
	}
	return strings.TrimPrefix(named.query("", ""), "?")
}

// bothReach is where somebody may read the audit and take it out.
func bothReach(v *visit.Visit) (rbac.Reach, error) {
	reads, err := v.Reach(rbac.AuditRead)
	if err != nil {
		return reads, err
	}
	takes, err := v.Reach(rbac.AuditExport)
	return reads.And(takes), err
}
