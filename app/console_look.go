package app

import (
	"portico/app/console/look"
	"portico/app/looks"
	"portico/rbac"
	"portico/tenants"
)

// lookRoutes is every URL about look and words.
func (s *Server) lookRoutes() []Route {
	f := &look.Flow{Looks: &looks.Looks{DB: s.set.DB, Renderer: s.set.Renderer, Outbox: s.set.Outbox, Seals: s.set.Seals, Slots: make(chan struct{}, 2)}}
	routes := []Route{
		{Method: "GET", Path: "/console/look", Trust: Permitted, Permission: rbac.LookRead, Handle: f.Page},
		{Method: "POST", Path: "/console/look", Trust: Permitted, Permission: rbac.LookEdit, Ceiling: ceiling, Handle: f.Save},
		{Method: "POST", Path: "/console/look/picture", Trust: Permitted, Permission: rbac.LookEdit, Ceiling: ceiling, Upload: true, Handle: f.Upload},
		{Method: "POST", Path: "/console/look/picture/remove", Trust: Permitted, Permission: rbac.LookEdit, Ceiling: ceiling, Handle: f.RemovePicture},
		{Method: "GET", Path: "/console/look/preview", Trust: Permitted, Permission: rbac.LookRead, Handle: f.Preview},
		{Method: "GET", Path: "/console/look/preview/page", Trust: Permitted, Permission: rbac.LookRead, Handle: f.PreviewFrame},
		{Method: "GET", Path: "/console/look/preview/style", Trust: Permitted, Permission: rbac.LookRead, Handle: f.PreviewStyle},
		{Method: "GET", Path: "/console/look/links", Trust: Permitted, Permission: rbac.LookRead, Handle: f.Links},
		{Method: "POST", Path: "/console/look/links", Trust: Permitted, Permission: rbac.LookEdit, Ceiling: ceiling, Handle: f.MakeLink},
		{Method: "POST", Path: "/console/look/links/end", Trust: Permitted, Permission: rbac.LookEdit, Ceiling: ceiling, Handle: f.EndLink},
		{Method: "GET", Path: "/preview/:token", Trust: Open, Handle: f.Shared}, // who has the link needs no session
		{Method: "GET", Path: "/preview/:token/page", Trust: Open, Handle: f.SharedFrame},
		{Method: "GET", Path: "/preview/:token/style", Trust: Open, Handle: f.SharedStyle},
		{Method: "GET", Path: "/console/words/letters", Trust: Permitted, Permission: rbac.LookRead, Handle: f.Letters},
		{Method: "GET", Path: "/console/words/letters/:kind", Trust: Permitted, Permission: rbac.LookRead, Handle: f.Letter},
		{Method: "POST", Path: "/console/words/letters/:kind/test", Trust: Permitted, Permission: rbac.LettersEdit, Ceiling: ceiling, Handle: f.TryLetter},
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
