package app

import "portico/rbac"

// personRoutes are the pages of one person, what can be done to them, and the groups. They stand behind
// those of the list, whose paths have no ids.
func (s *Server) personRoutes() []Route {
	p := s.people
	const at = "/console/people/:id"
	return []Route{
		{Method: "GET", Path: at, Trust: Permitted, Permission: rbac.PeopleRead, Handle: p.Person},
		{Method: "GET", Path: at + "/edit", Trust: Permitted, Permission: rbac.PeopleEdit, Handle: p.EditPage},
		{Method: "POST", Path: at + "/edit", Trust: Permitted, Permission: rbac.PeopleEdit, Ceiling: ceiling, Handle: p.Edit},
		{Method: "GET", Path: at + "/address", Trust: Permitted, Permission: rbac.PeopleEdit, Fresh: true, Handle: p.AddressPage},
		{Method: "POST", Path: at + "/address", Trust: Permitted, Permission: rbac.PeopleEdit, Fresh: true, Ceiling: ceiling, Handle: p.Address},
		{Method: "POST", Path: at + "/address/cancel", Trust: Permitted, Permission: rbac.PeopleEdit, Ceiling: ceiling, Handle: p.CancelAddress},
		{Method: "GET", Path: at + "/phone", Trust: Permitted, Permission: rbac.PeopleEdit, Fresh: true, Handle: p.PhonePage},
		{Method: "POST", Path: at + "/phone", Trust: Permitted, Permission: rbac.PeopleEdit, Fresh: true, Ceiling: ceiling, Handle: p.Phone},
		{Method: "GET", Path: at + "/disable", Trust: Permitted, Permission: rbac.PeopleDisable, Handle: p.AskDisable},
		{Method: "POST", Path: at + "/disable", Trust: Permitted, Permission: rbac.PeopleDisable, Ceiling: ceiling, Handle: p.Disable},
		{Method: "POST", Path: at + "/enable", Trust: Permitted, Permission: rbac.PeopleDisable, Ceiling: ceiling, Handle: p.Enable},
		{Method: "POST", Path: at + "/unlock", Trust: Permitted, Permission: rbac.PeopleUnlock, Ceiling: ceiling, Handle: p.Unlock},
		{Method: "POST", Path: at + "/letter", Trust: Permitted, Permission: rbac.PeopleRecover, Ceiling: ceiling, Handle: p.Letter},
		{Method: "POST", Path: at + "/invite", Trust: Permitted, Permission: rbac.PeopleInvite, Ceiling: ceiling, Handle: p.Invite},
		{Method: "GET", Path: at + "/register", Trust: Permitted, Permission: rbac.PeopleRecover, Fresh: true, Handle: p.AskRegister},
		{Method: "POST", Path: at + "/register", Trust: Permitted, Permission: rbac.PeopleRecover, Fresh: true, Ceiling: ceiling, Handle: p.Register},
		{Method: "GET", Path: at + "/sessions", Trust: Permitted, Permission: rbac.PeopleSessions, Handle: p.AskSessions},
		{Method: "POST", Path: at + "/sessions", Trust: Permitted, Permission: rbac.PeopleSessions, Ceiling: ceiling, Handle: p.Sessions},
		{Method: "GET", Path: at + "/pass", Trust: Permitted, Permission: rbac.PeopleRecover, Fresh: true, Handle: p.PassPage},
		{Method: "POST", Path: at + "/pass", Trust: Permitted, Permission: rbac.PeopleRecover, Fresh: true, Ceiling: ceiling, Handle: p.Pass},
		{Method: "POST", Path: at + "/pass/approve", Trust: Permitted, Permission: rbac.PeopleRecover, Fresh: true, Ceiling: ceiling, Handle: p.ApprovePass},
		{Method: "POST", Path: at + "/pass/revoke", Trust: Permitted, Permission: rbac.PeopleRecover, Ceiling: ceiling, Handle: p.RevokePass},
		{Method: "GET", Path: at + "/erase", Trust: Permitted, Permission: rbac.PeopleErase, Fresh: true, Handle: p.AskErase},
		{Method: "POST", Path: at + "/erase", Trust: Permitted, Permission: rbac.PeopleErase, Fresh: true, Ceiling: ceiling, Handle: p.Erase},
		{Method: "POST", Path: at + "/data", Trust: Permitted, Permission: rbac.PeopleErase, Fresh: true, Ceiling: ceiling, Handle: p.Data},
		{Method: "GET", Path: "/console/groups", Trust: Permitted, Permission: rbac.PeopleRead, Handle: p.Groups},
		{Method: "POST", Path: "/console/groups", Trust: Permitted, Permission: rbac.GroupsEdit, Ceiling: ceiling, Handle: p.AddGroup},
		{Method: "GET", Path: "/console/groups/:id", Trust: Permitted, Permission: rbac.PeopleRead, Handle: p.Group},
		{Method: "POST", Path: "/console/groups/:id", Trust: Permitted, Permission: rbac.GroupsEdit, Ceiling: ceiling, Handle: p.SaveGroup},
		{Method: "POST", Path: "/console/groups/:id/delete", Trust: Permitted, Permission: rbac.GroupsEdit, Fresh: true, Ceiling: ceiling, Handle: p.DeleteGroup},
	}
}

// addressRoutes are the pages of a link to a new mail address, for whoever was sent it.
func (s *Server) addressRoutes() []Route {
	return []Route{
		{Method: "GET", Path: "/address/confirm", Trust: Tenanted, Handle: s.people.ConfirmPage},
		{Method: "POST", Path: "/address/confirm", Trust: Tenanted, Ceiling: ceiling, Handle: s.people.Confirm},
		{Method: "GET", Path: "/address/:token", Trust: Tenanted, Handle: s.people.OpenAddress},
	}
}
