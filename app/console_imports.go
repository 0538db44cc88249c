package app

import (
	"portico/app/console/imports"
	importsdomain "portico/app/imports"
	"portico/rbac"
)

// importRoutes is every URL of the console about people who come in from a file or go out as one.
func (s *Server) importRoutes() []Route {
	f := &imports.Flow{Imports: &importsdomain.Imports{DB: s.set.DB, Resolver: s.set.Resolver, Accounts: s.set.Accounts,
		Guard: s.web.Guard, Seals: s.set.Seals, Log: s.set.Log}}
	return []Route{
		{Method: "POST", Path: "/console/people/export", Trust: Permitted, Permission: rbac.PeopleExport, Fresh: true, Ceiling: ceiling, Handle: f.Export},
		{Method: "GET", Path: "/console/imports", Trust: Permitted, Permission: rbac.PeopleImport, Handle: f.List},
		{Method: "POST", Path: "/console/imports", Trust: Permitted, Permission: rbac.PeopleImport, Ceiling: ceiling, Upload: true, Handle: f.Receive},
		{Method: "GET", Path: "/console/imports/:id", Trust: Permitted, Permission: rbac.PeopleImport, Handle: f.Show},
		{Method: "GET", Path: "/console/imports/:id/progress", Trust: Permitted, Permission: rbac.PeopleImport, Asked: true, Handle: f.Progress},
		{Method: "GET", Path: "/console/imports/:id/report.csv", Trust: Permitted, Permission: rbac.PeopleImport, Handle: f.Report},
		{Method: "POST", Path: "/console/imports/:id/columns", Trust: Permitted, Permission: rbac.PeopleImport, Ceiling: ceiling, Handle: f.Columns},
		{Method: "POST", Path: "/console/imports/:id/start", Trust: Permitted, Permission: rbac.PeopleImport, Ceiling: ceiling, Fresh: true, Handle: f.Start},
		{Method: "POST", Path: "/console/imports/:id/cancel", Trust: Permitted, Permission: rbac.PeopleImport, Ceiling: ceiling, Handle: f.Cancel},
		{Method: "POST", Path: "/console/imports/:id/waves", Trust: Permitted, Permission: rbac.PeopleImport, Ceiling: ceiling, Handle: f.Waves},
		{Method: "POST", Path: "/console/imports/:id/remove", Trust: Permitted, Permission: rbac.PeopleImport, Ceiling: ceiling, Handle: f.Remove},
	}
}
