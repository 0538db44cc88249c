package app

import (
	"github.com/valyala/fasthttp"

	accessdomain "portico/app/access"
	"portico/app/api"
	"portico/app/apikeys"
	importsdomain "portico/app/imports"
	"portico/app/looks"
	"portico/app/people"
	"portico/app/rules"
	"portico/rbac"
)

// buildAPI builds the API on the rooms that the console's pages stand on, too.
func (s *Server) buildAPI() (err error) {
	guard, set := s.web.Guard, s.set
	s.api, err = api.New(api.Rooms{
		Web: s.web, DB: set.DB, Keys: s.keys(),
		People:  &people.People{DB: set.DB, Accounts: set.Accounts, Guard: guard, Seals: set.Seals},
		Access:  &accessdomain.Access{DB: set.DB, Guard: guard, Outbox: set.Outbox},
		Imports: &importsdomain.Imports{DB: set.DB, Resolver: set.Resolver, Accounts: set.Accounts, Guard: guard, Seals: set.Seals, Log: set.Log},
		Looks:   &looks.Looks{DB: set.DB, Renderer: set.Renderer, Outbox: set.Outbox, Seals: set.Seals, Slots: make(chan struct{}, 1)},
		Rules:   &rules.Rules{DB: set.DB, Proofs: set.proofs()},
		Files:   set.Files, Directory: s.directory,
		Matched: func(ctx *fasthttp.RequestCtx, pattern string) { ctx.SetUserValue(routeKey{}, pattern) },
	})
	if err != nil {
		return err
	}
	for _, op := range s.api.Operations() {
		r := Route{Method: op.Method, Path: op.Path, Trust: Keyed, Permission: rbac.Permission(op.Permission), Upload: op.Upload}
		s.routes = append(s.routes, withHead([]Route{r})...)
	}
	return nil
}

// keys are the API's.
func (s *Server) keys() *apikeys.Keys {
	return &apikeys.Keys{DB: s.set.DB, Guard: s.web.Guard, Seals: s.set.Seals}
}

// Spec is the API's description, which `portico openapi` prints.
func (s *Server) Spec() []byte { return s.api.Spec() }
