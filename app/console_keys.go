package app

import (
	"portico/app/console/keys"
	"portico/rbac"
)

// keyRoutes are the pages about the keys of the API. Whoever makes one hands out what they may do themselves, so
// they show anew who they are.
func (s *Server) keyRoutes() []Route {
	f := &keys.Flow{Keys: s.keys()}
	return []Route{
		{Method: "GET", Path: "/console/keys", Trust: Permitted, Permission: rbac.KeysRead, FreshFor: rbac.KeysEdit, Handle: f.Page},
		{Method: "POST", Path: "/console/keys", Trust: Permitted, Permission: rbac.KeysEdit, Fresh: true, Ceiling: ceiling, Handle: f.Make},
		{Method: "POST", Path: "/console/keys/revoke", Trust: Permitted, Permission: rbac.KeysEdit, Ceiling: ceiling, Handle: f.Revoke},
	}
}
