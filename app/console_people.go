package app

import "portico/rbac"

// peopleRoutes are the list of people and invitations. Fixed paths stand before those of one person.
func (s *Server) peopleRoutes() []Route {
	return []Route{
		{Method: "GET", Path: "/console/people", Trust: Permitted, Permission: rbac.PeopleRead, Handle: s.people.List},
		{Method: "GET", Path: "/console/people/invite", Trust: Permitted, Permission: rbac.PeopleInvite, FreshFor: rbac.RolesAssign, Handle: s.people.InviteForm},
		{Method: "POST", Path: "/console/people/invite", Trust: Permitted, Permission: rbac.PeopleInvite, FreshFor: rbac.RolesAssign, Ceiling: ceiling, Handle: s.people.InviteOne},
		{Method: "POST", Path: "/console/people/invite/many", Trust: Permitted, Permission: rbac.PeopleInvite, FreshFor: rbac.RolesAssign, Ceiling: ceiling, Handle: s.people.InviteMany},
		{Method: "GET", Path: "/console/people/invitations", Trust: Permitted, Permission: rbac.PeopleInvite, Handle: s.people.Invitations},
		{Method: "POST", Path: "/console/people/invitations/again", Trust: Permitted, Permission: rbac.PeopleInvite, Ceiling: ceiling, Handle: s.people.InvitationAgain},
		{Method: "POST", Path: "/console/people/invitations/revoke", Trust: Permitted, Permission: rbac.PeopleInvite, Ceiling: ceiling, Handle: s.people.InvitationRevoke},
	}
}
