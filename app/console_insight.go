package app

import (
	"portico/app/console/audit"
	"portico/app/console/dashboard"
	"portico/app/console/letters"
	"portico/rbac"
)

// insightRoutes are what happened, how letters went, and the figures.
func (s *Server) insightRoutes() []Route {
	figures := &dashboard.Flow{DB: s.set.DB, Kept: s.kept}
	way := &letters.Flow{DB: s.set.DB, People: s.people.People}
	happened := &audit.Flow{DB: s.set.DB}
	return []Route{
		{Method: "GET", Path: "/console/dashboard", Trust: Permitted, Permission: rbac.DashboardRead, Handle: figures.Page},

		{Method: "GET", Path: "/console/letters", Trust: Permitted, Permission: rbac.LettersRead, Handle: way.List},
		{Method: "GET", Path: "/console/letters/:id", Trust: Permitted, Permission: rbac.LettersRead, Handle: way.Letter},
		{Method: "POST", Path: "/console/letters/:id/again", Trust: Permitted, Permission: rbac.LettersResend, Ceiling: ceiling, Handle: way.Again},

		{Method: "GET", Path: "/console/audit", Trust: Permitted, Permission: rbac.AuditRead, Handle: happened.List},
		{Method: "GET", Path: "/console/audit/:id", Trust: Permitted, Permission: rbac.AuditRead, Handle: happened.Event},
		{Method: "POST", Path: "/console/audit/export", Trust: Permitted, Permission: rbac.AuditExport, Ceiling: ceiling, Handle: happened.Export},
	}
}
