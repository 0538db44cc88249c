package app

import (
	"portico/app/console/look"
	"portico/app/looks"
	"portico/rbac"
	"portico/tenants"
)

// lookRoutes is every URL about look and words.
func (s *Server) lookRoutes() []Route {
	f := &look.Flow{Looks: &looks.Looks{DB: s.set.DB, Renderer: s.set.Renderer, Outbox: s.set.Outbox, Seals: s.set.Seals}}
	routes := []Route{
		{Method: "GET", Path: "/console/look", Trust: Permitted, Permission: rbac.LookRead, Handle: f.Page},
		{Method: "POST", Path: "/console/look", Trust: Permitted, Permission: rbac.LookEdit, Ceiling: ceiling, Handle: f.Save},
		{Method: "POST", Path: "/console/look/picture", Trust: Permitted, Permission: rbac.LookEdit, Ceiling: ceiling, Upload: true, Handle: f.Upload},
		{Method: "POST", Path: "/console/look/picture/remove", Trust: Permitted, Permission: rbac.LookEdit, Ceiling: ceiling, Handle: f.RemovePicture},
		{Method: "GET", Path: "/console/words", Trust: Permitted, Permission: rbac.LookRead, Handle: f.Words},
		{Method: "GET", Path: "/console/words/text", Trust: Permitted, Permission: rbac.LookRead, Handle: f.Text},
		{Method: "POST", Path: "/console/words/text", Trust: Permitted, Permission: rbac.LookEdit, Ceiling: ceiling, Handle: f.SaveText(false)},
		{Method: "POST", Path: "/console/words/letter", Trust: Permitted, Permission: rbac.LettersEdit, Ceiling: ceiling, Handle: f.SaveText(true)},
	}
	for _, subject := range []string{tenants.SubjectTheme, tenants.SubjectWords} {
		at := look.PathOf(subject)
		routes = append(routes,
			Route{Method: "GET", Path: at + "/history", Trust: Permitted, Permission: rbac.LookRead, Handle: f.History(subject)},
			Route{Method: "POST", Path: at + "/publish", Trust: Permitted, Permission: rbac.LookPublish, Ceiling: ceiling, Fresh: true, Handle: f.Publish(subject)},
			Route{Method: "POST", Path: at + "/roll-back", Trust: Permitted, Permission: rbac.LookPublish, Ceiling: ceiling, Fresh: true, Handle: f.RollBack(subject)},
			Route{Method: "POST", Path: at + "/discard", Trust: Permitted, Permission: rbac.LookEdit, Ceiling: ceiling, Handle: f.Discard(subject)},
			Route{Method: "POST", Path: at + "/rebase", Trust: Permitted, Permission: rbac.LookEdit, Ceiling: ceiling, Handle: f.Rebase(subject)},
		)
	}
	return routes
}
