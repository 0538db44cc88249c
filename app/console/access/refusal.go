package access

import (
	"portico/app/visit"
	"portico/rbac"
	"portico/themes"
)

// Refusal is the page that says why something is not open to who is signed in, and who could change that.
// It names roles; people are named to those alone who may see them.
func (f *Flow) Refusal(v *visit.Visit, p rbac.Permission, higher bool) (themes.Page, error) {
	page := themes.DeniedPage{Parts: themes.Parts{Help: v.Help()}, Permission: string(p), Higher: higher}
	for _, h := range v.Session.Holdings {
		if r, ok := rbac.RoleNamed(v.Tenant, h.Role); ok {
			page.Holds = append(page.Holds, shown(r))
		}
	}
	if p == "" || higher {
		return page, nil
	}
	e := v.Guard.Explain(v.Tenant, v.Session.Subject(), p)
	page.Would, page.Grantors = shownAll(e.Would), shownAll(e.Grantors)
	return page, nil
}
