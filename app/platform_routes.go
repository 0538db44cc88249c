package app

import (
	"errors"
	"strings"

	"portico/app/platform"
	"portico/app/platform/senders"
	"portico/app/staff"
	"portico/app/visit"
	"portico/rbac"
)

// staffRoutes are the staff's pages, on the platform's own host alone.
func (s *Server) staffRoutes(p *platform.Flow) []Route {
	read := func(path string, needs rbac.StaffPermission, handle func(*visit.Visit) error) Route {
		return Route{Method: "GET", Path: path, Trust: Staffed, Staff: needs, Handle: handle}
	}
	write := func(path string, needs rbac.StaffPermission, handle func(*visit.Visit) error) Route {
		return Route{Method: "POST", Path: path, Trust: Staffed, Ceiling: ceiling, Staff: needs, Handle: handle}
	}
	weighs := func(r Route) Route {
		r.Fresh = true
		return r
	}
	all := []Route{
		route("GET", "/platform/login", Open, noCeiling, p.SignInPage),
		route("POST", "/platform/login", Open, ceiling, p.SignIn),
		route("GET", "/platform/verify", Open, noCeiling, p.VerifyPage),
		route("POST", "/platform/verify", Open, ceiling, p.Verify),
		route("GET", "/platform/start", Open, noCeiling, p.StartPage),
		route("POST", "/platform/start", Open, ceiling, p.Begin),
		route("GET", "/platform/start/qr.png", Open, noCeiling, p.Picture),
		route("GET", "/platform/start/:token", Open, noCeiling, p.Open),

		read("/platform", "", p.Start),
		write("/platform/logout", "", p.SignOut),
		read("/platform/customers", rbac.CustomersRead, p.Customers),
		read("/platform/customers/new", rbac.CustomersEdit, p.NewPage),
		write("/platform/customers/new", rbac.CustomersEdit, p.Create),
		read("/platform/customers/:slug", rbac.CustomersRead, p.Customer),
		read("/platform/customers/:slug/preset", rbac.CustomersEdit, p.PresetPage),
		write("/platform/customers/:slug/preset", rbac.CustomersEdit, p.Preset),
		read("/platform/customers/:slug/look", rbac.CustomersEdit, p.LookPage),
		write("/platform/customers/:slug/look", rbac.CustomersEdit, p.Look),
		read("/platform/customers/:slug/signin", rbac.CustomersEdit, p.SignInStepPage),
		write("/platform/customers/:slug/signin", rbac.CustomersEdit, p.SignInStep),
		weighs(read("/platform/customers/:slug/admin", rbac.CustomersEdit, p.AdminPage)),
		weighs(write("/platform/customers/:slug/admin", rbac.CustomersEdit, p.Admin)),
		read("/platform/customers/:slug/trial", rbac.CustomersEdit, p.TrialPage),
		write("/platform/customers/:slug/trial", rbac.CustomersEdit, p.Trial),
		weighs(read("/platform/customers/:slug/state/:to", rbac.CustomersRead, p.StatePage)), // what it asks for depends on the state
		weighs(write("/platform/customers/:slug/state/:to", rbac.CustomersRead, p.SetState)),
		weighs(read("/platform/customers/:slug/access", rbac.AccessAsk, p.AccessPage)),
		weighs(write("/platform/customers/:slug/access", rbac.AccessAsk, p.Access)),
		weighs(write("/platform/customers/:slug/access/enter", rbac.AccessAsk, p.Enter)),
		weighs(write("/platform/customers/:slug/access/end", rbac.AccessAsk, p.EndAccess)),
		weighs(read("/platform/staff", rbac.StaffRead, p.Members)),
		weighs(write("/platform/staff", rbac.StaffEdit, p.Add)),
		weighs(write("/platform/staff/change", rbac.StaffEdit, p.Change)),
		read("/platform/audit", rbac.StaffRead, p.Audit),
	}
	if s.set.Senders != nil {
		from := &senders.Flow{Directory: s.directory, Senders: s.set.Senders}
		all = append(all,
			read("/platform/customers/:slug/sender", rbac.CustomersRead, from.Page),
			write("/platform/customers/:slug/sender/ask", rbac.CustomersEdit, from.Ask),
			write("/platform/customers/:slug/sender/test", rbac.CustomersEdit, from.Test),
			write("/platform/customers/:slug/sender/resume", rbac.CustomersEdit, from.Resume),
			write("/platform/customers/:slug/sender/lift", rbac.CustomersEdit, from.Lift))
	}
	return withPages(append(all, s.hostRoutes()...))
}

// enterPlatform is the guard of the staff's pages: a session that showed a code, the permission of its role, and
// before what weighs a code of the last minutes. It answers true when it sent them elsewhere.
func (s *Server) enterPlatform(v *visit.Visit, r Route, unsafe bool) (bool, error) {
	session, err := s.staff.Session(v.Context(), v.Cookie(visit.CookieStaff))
	if errors.Is(err, staff.ErrNoSession) {
		v.Say(visit.SaySignInFirst) // the cookie stays: it may be of somebody between password and code
		return true, v.Redirect("/platform/login")
	}
	if err != nil {
		return true, err
	}
	v.EnterStaff(session)
	if !legible(v) {
		return true, visit.ErrNotFound
	}
	if r.Staff != "" && !v.StaffCan(r.Staff) {
		return true, &visit.StaffDeniedError{Permission: r.Staff}
	}
	within := freshPage
	if unsafe {
		within = freshForm
	}
	if r.Fresh && v.Clock.Now().Sub(session.ProvedAt) > within {
		to := v.Path
		if parts := strings.Split(to, "/"); unsafe {
			to = strings.Join(parts[:min(r.page, len(parts))], "/")
		}
		return true, v.Redirect("/platform/verify?to=" + to)
	}
	return false, nil
}

// trial lets a browser see a draft: the pass stands in the address once, then in a cookie.
func (s *Server) trial(v *visit.Visit) error {
	until, ok := s.trialPass(v.Tenant.ID, v.C.Params("pass"))
	if !ok {
		return visit.ErrNotFound
	}
	v.SetCookie(visit.CookieTrial, v.C.Params("pass"), until)
	return v.Redirect("/recover")
}
