package app

import (
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"

	"portico/app/visit"
	"portico/rbac"
)

// Bounds of what counts as fresh on routes that ask for it: a page is opened while it is fresh, and its
// form may take a while to fill in.
const (
	freshPage = 10 * time.Minute
	freshForm = 30 * time.Minute
)

// enterConsole is the guard of the console's routes: a session that did not rest, the permission, and where
// the route asks for it, somebody who showed lately who they are. It answers true when it sent them to do so.
func enterConsole(v *visit.Visit, r Route, unsafe bool) (bool, error) {
	if !opens(v.Session.Duty, r) {
		return false, nil // what they must do first comes first
	}
	v.Console()
	if r.Permission != "" && !v.Can(r.Permission).Allowed {
		return false, &visit.DeniedError{Permission: r.Permission}
	}
	if r.Permission == "" && len(v.Subjects()) == 0 {
		return false, &visit.DeniedError{}
	}
	within := freshPage
	if unsafe {
		within = freshForm
	}
	now := v.Clock.Now()
	fresh := r.Fresh || r.FreshFor != "" && v.Can(r.FreshFor).Allowed
	if v.Session.ConsoleRests(now) || fresh && now.Sub(v.Session.ProvedAt) > within {
		return true, toProve(v, r, unsafe)
	}
	if r.Asked {
		return false, nil
	}
	return false, v.Accounts.ConsoleSeen(v.Context(), v.Tenant, *v.Session)
}

// toProve asks who is there, and leads back: to the page itself, or to the one that the form stands on.
func toProve(v *visit.Visit, r Route, unsafe bool) error {
	v.Say(visit.SayProveFirst)
	to := v.Path
	if parts := strings.Split(to, "/"); unsafe {
		to = strings.Join(parts[:min(r.page, len(parts))], "/")
	}
	return v.Redirect("/account/security/prove?to=" + to)
}

// refuse answers somebody who may not do what they tried, with why and whom to ask.
func (s *Server) refuse(v *visit.Visit, err error) error {
	var higher *visit.HigherError
	var denied *visit.DeniedError
	var about *uuid.UUID
	p, reason := rbac.Permission(""), "permission"
	switch {
	case errors.As(err, &higher):
		p, reason = higher.Permission, "higher"
		if id, err := uuid.Parse(v.C.Params("id")); err == nil && strings.HasPrefix(v.Path, "/console/people/") {
			about = &id
		}
	case errors.As(err, &denied):
		p = denied.Permission
	}
	if err := v.Denied(p, about, reason); err != nil {
		return err
	}
	page, err := s.access.Refusal(v, p, higher != nil)
	if err != nil {
		return err
	}
	return v.Page(fiber.StatusForbidden, page)
}

// consoleRoutes is every URL of the console, with the permission that opens it.
func (s *Server) consoleRoutes() []Route {
	return withPages(slices.Concat(s.accessRoutes(), s.importRoutes(), s.peopleRoutes(), s.personRoutes(), s.addressRoutes(), s.lookRoutes(), s.insightRoutes(), s.rulesRoutes(), s.keyRoutes()))
}

// withPages notes of each form on which page it stands: where its person is led back to after showing who they are.
func withPages(all []Route) []Route {
	pages := map[string]bool{}
	for _, r := range all {
		pages[r.Path] = pages[r.Path] || r.Method == fiber.MethodGet
	}
	for i, r := range all {
		parts := strings.Split(r.Path, "/")
		for all[i].page = len(parts); all[i].page > 2 && !pages[strings.Join(parts[:all[i].page], "/")]; {
			all[i].page--
		}
	}
	return all
}
