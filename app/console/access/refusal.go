package access

import (
	"slices"

	"portico/app/visit"
	"portico/rbac"
	"portico/themes"
)

// Refusal is the page that says why something is not open to who is signed in, and who could change that.
// It names roles, never people: who is refused may not know them.
func (f *Flow) Refusal(v *visit.Visit, p rbac.Permission, higher bool) (themes.Page, error) {
	return f.refusal(v, p, higher)
}

func (f *Flow) refusal(v *visit.Visit, p rbac.Permission, higher bool) (themes.DeniedPage, error) {
	page := themes.DeniedPage{Parts: themes.Parts{Help: v.Help()}, Permission: string(p), Higher: higher}
	for _, h := range v.Session.Holdings {
		if r := named(v.Tenant, h.Role); !slices.Contains(page.Holds, r) {
			page.Holds = append(page.Holds, r)
		}
	}
	if p == "" || higher {
		return page, nil
	}
	e := v.Guard.Explain(v.Tenant, v.Session.Subject(), p)
	page.Would, page.Grantors = shownAll(e.Would), shownAll(e.Grantors)
	var err error
	page.AskedAt, err = f.Access.Open(v.Context(), v.Tenant, v.Session.AccountID, p)
	page.CanAsk = page.AskedAt.IsZero() && !e.Allowed
	return page, err
}
