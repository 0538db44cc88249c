package app

import "portico/rbac"

// peopleRoutes are the list of people and invitations. Fixed paths stand before those of one person.
func (s *Server) peopleRoutes() []Route {
	return []Route{
		{Method: "GET", Path: "/console/people", Trust: Permitted, Permission: rbac.PeopleRead, Handle: s.people.List},
	}
}
