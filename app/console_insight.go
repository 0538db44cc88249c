package app

import (
	"portico/app/console/audit"
	"portico/rbac"
)

// insightRoutes are what happened, how letters went, and the figures.
func (s *Server) insightRoutes() []Route {
	happened := &audit.Flow{DB: s.set.DB}
	return []Route{
		{Method: "GET", Path: "/console/audit", Trust: Permitted, Permission: rbac.AuditRead, Handle: happened.List},
		{Method: "GET", Path: "/console/audit/:id", Trust: Permitted, Permission: rbac.AuditRead, Handle: happened.Event},
		{Method: "POST", Path: "/console/audit/export", Trust: Permitted, Permission: rbac.AuditExport, Ceiling: ceiling, Handle: happened.Export},
	}
}
