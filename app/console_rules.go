package app

import (
	"portico/app/console/rules"
	rulesdomain "portico/app/rules"
	"portico/rbac"
)

// rulesRoutes are the pages about the policy. What leads to a change asks for the password anew, and goes
// through its effects before it is saved.
func (s *Server) rulesRoutes() []Route {
	f := &rules.Flow{Rules: &rulesdomain.Rules{DB: s.set.DB, Proofs: s.set.proofs()}}
	return []Route{
		{Method: "GET", Path: "/console/rules", Trust: Permitted, Permission: rbac.RulesRead, Handle: f.List},
		{Method: "GET", Path: "/console/rules/compare", Trust: Permitted, Permission: rbac.RulesRead, Handle: f.Compare},
		{Method: "GET", Path: "/console/rules/history", Trust: Permitted, Permission: rbac.RulesRead, Handle: f.History},
		{Method: "GET", Path: "/console/rules/history/:version", Trust: Permitted, Permission: rbac.RulesRead, Handle: f.Version},
		{Method: "GET", Path: "/console/rules/edit/:group", Trust: Permitted, Permission: rbac.RulesEdit, Fresh: true, Handle: f.Edit},
		{Method: "POST", Path: "/console/rules/edit/:group", Trust: Permitted, Permission: rbac.RulesEdit, Fresh: true, Ceiling: ceiling, Handle: f.TakeEdit},
		{Method: "POST", Path: "/console/rules/check", Trust: Permitted, Permission: rbac.RulesEdit, Fresh: true, Ceiling: ceiling, Handle: f.Check},
		{Method: "POST", Path: "/console/rules/save", Trust: Permitted, Permission: rbac.RulesEdit, Fresh: true, Ceiling: ceiling, Handle: f.Save},
	}
}
