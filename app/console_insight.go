package app

import (
	"portico/app/console/audit"
	"portico/app/console/dashboard"
	"portico/app/console/letters"
	"portico/app/console/sender"
	"portico/rbac"
)

// insightRoutes are what happened, how letters went, and the figures.
func (s *Server) insightRoutes() []Route {
	figures := &dashboard.Flow{DB: s.set.DB, Kept: s.kept}
	way := &letters.Flow{DB: s.set.DB, People: s.people.People}
	happened := &audit.Flow{DB: s.set.DB}
	all := []Route{
		{Method: "GET", Path: "/console/dashboard", Trust: Permitted, Permission: rbac.DashboardRead, Handle: figures.Page},

		{Method: "GET", Path: "/console/letters", Trust: Permitted, Permission: rbac.LettersRead, Handle: way.List},
		{Method: "GET", Path: "/console/letters/:id", Trust: Permitted, Permission: rbac.LettersRead, Handle: way.Letter},
		{Method: "POST", Path: "/console/letters/:id/again", Trust: Permitted, Permission: rbac.LettersResend, Ceiling: ceiling, Handle: way.Again},

		{Method: "GET", Path: "/console/audit", Trust: Permitted, Permission: rbac.AuditRead, Handle: happened.List},
		{Method: "GET", Path: "/console/audit/:id", Trust: Permitted, Permission: rbac.AuditRead, Handle: happened.Event},
		{Method: "POST", Path: "/console/audit/export", Trust: Permitted, Permission: rbac.AuditExport, Ceiling: ceiling, Handle: happened.Export},
	}
	if s.set.Senders == nil {
		return all
	}
	from := &sender.Flow{DB: s.set.DB, Senders: s.set.Senders}
	return append(all,
		Route{Method: "GET", Path: "/console/sender", Trust: Permitted, Permission: rbac.LettersRead, Handle: from.Page},
		Route{Method: "POST", Path: "/console/sender/ask", Trust: Permitted, Permission: rbac.LettersEdit, Ceiling: ceiling, Handle: from.Ask},
		Route{Method: "POST", Path: "/console/sender/test", Trust: Permitted, Permission: rbac.LettersEdit, Ceiling: ceiling, Handle: from.Test},
		Route{Method: "POST", Path: "/console/sender/resume", Trust: Permitted, Permission: rbac.LettersEdit, Ceiling: ceiling, Handle: from.Resume},
		Route{Method: "POST", Path: "/console/sender/lift", Trust: Permitted, Permission: rbac.LettersResend, Ceiling: ceiling, Handle: from.Lift})
}
