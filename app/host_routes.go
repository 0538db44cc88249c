package app

import (
	"portico/app/platform/addresses"
	"portico/app/visit"
	"portico/rbac"
)

// hostRoutes are the staff's pages of customers' hosts, and what a shared link shows.
func (s *Server) hostRoutes() []Route {
	if s.set.Domains == nil {
		return nil
	}
	f := &addresses.Flow{Directory: s.directory, Domains: s.set.Domains}
	staffed := func(method, path string, needs rbac.StaffPermission, fresh bool, handle func(*visit.Visit) error) Route {
		r := Route{Method: method, Path: "/platform/customers/:slug/addresses" + path, Trust: Staffed, Staff: needs, Handle: handle, Fresh: fresh}
		if method == "POST" {
			r.Ceiling = ceiling
		}
		return r
	}
	return []Route{
		staffed("GET", "", rbac.CustomersRead, false, f.Page),
		staffed("POST", "", rbac.CustomersEdit, false, f.Claim),
		staffed("POST", "/check", rbac.CustomersEdit, false, f.Look),
		staffed("POST", "/canonical", rbac.CustomersEdit, true, f.Home),
		staffed("POST", "/share", rbac.CustomersEdit, false, f.Share),
		staffed("POST", "/unshare", rbac.CustomersEdit, false, f.Unshare),
		staffed("GET", "/release/:host", rbac.CustomersEdit, true, f.ReleasePage),
		staffed("POST", "/release/:host", rbac.CustomersEdit, true, f.Release),
		route("GET", "/dns/:token", Open, noCeiling, f.Shared),
	}
}
