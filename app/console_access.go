package app

import (
	"portico/rbac"
)

// accessRoutes are the pages about roles and requests for access.
func (s *Server) accessRoutes() []Route {
	a := s.access
	return []Route{
		{Method: "POST", Path: "/account/access", Trust: SignedIn, Ceiling: ceiling, Handle: a.Ask},
		{Method: "GET", Path: "/console", Trust: Permitted, Handle: a.Start},
		{Method: "GET", Path: "/console/roles", Trust: Permitted, Permission: rbac.RolesRead, Handle: a.Roles},
		{Method: "POST", Path: "/console/roles", Trust: Permitted, Permission: rbac.RolesEdit, Fresh: true, Ceiling: ceiling, Handle: a.SaveRole},
		{Method: "POST", Path: "/console/roles/delete", Trust: Permitted, Permission: rbac.RolesEdit, Fresh: true, Ceiling: ceiling, Handle: a.DeleteRole},
		{Method: "GET", Path: "/console/roles/:name", Trust: Permitted, Permission: rbac.RolesRead, FreshFor: rbac.RolesEdit, Handle: a.Role},
		{Method: "GET", Path: "/console/people/:id/roles", Trust: Permitted, Permission: rbac.RolesRead, FreshFor: rbac.RolesAssign, Handle: a.PersonRoles},
		{Method: "POST", Path: "/console/people/:id/roles", Trust: Permitted, Permission: rbac.RolesAssign, Fresh: true, Ceiling: ceiling, Handle: a.Give},
		{Method: "POST", Path: "/console/people/:id/roles/take", Trust: Permitted, Permission: rbac.RolesAssign, Fresh: true, Ceiling: ceiling, Handle: a.Take},
		{Method: "GET", Path: "/console/people/:id/may", Trust: Permitted, Permission: rbac.RolesRead, Handle: a.May},
		{Method: "GET", Path: "/console/staff", Trust: Permitted, Permission: rbac.RolesEdit, Handle: a.StaffPage},
		{Method: "POST", Path: "/console/staff", Trust: Permitted, Permission: rbac.RolesEdit, Fresh: true, Ceiling: ceiling, Handle: a.Staffed},
		{Method: "GET", Path: "/enter/:token", Trust: Tenanted, Ceiling: ceiling, Handle: a.Enter},
		{Method: "GET", Path: "/console/requests", Trust: Permitted, Permission: rbac.RolesAssign, Fresh: true, Handle: a.Requests},
		{Method: "POST", Path: "/console/requests", Trust: Permitted, Permission: rbac.RolesAssign, Fresh: true, Ceiling: ceiling, Handle: a.Decide},
	}
}
