package api

import (
	"slices"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humafiber"
	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp"

	"portico/app/access"
	"portico/app/apikeys"
	"portico/app/directory"
	"portico/app/imports"
	"portico/app/looks"
	"portico/app/people"
	"portico/app/rules"
	"portico/app/tenantfile"
	"portico/app/visit"
	"portico/tenants"
)

// Rooms are the needs of the API: the rooms of the domain in which its work is done.
type Rooms struct {
	Web     *visit.Web
	DB      *tenants.DB
	Keys    *apikeys.Keys
	People  *people.People
	Access  *access.Access
	Imports *imports.Imports
	Looks   *looks.Looks
	Rules   *rules.Rules
	Files   *tenantfile.Files

	Directory *directory.Directory

	Matched func(ctx *fasthttp.RequestCtx, pattern string) // notes the operation for metrics; nil does not
}

// API is all operations with their description.
type API struct {
	Rooms

	huma     huma.API
	tenant   *fiber.App
	platform *fiber.App
	handlers [2]fasthttp.RequestHandler
	ops      []Operation
	spec     []byte
}

// Operation is one operation as the list of routes shows it.
type Operation struct {
	Method     string
	Path       string // with parameters as Fiber writes them
	ID         string
	Permission string // of the key; "" is any key, and of a public page ("public") none
	Platform   bool   // on the platform's own host; else at a tenant's address
	Upload     bool   // its body streams
	Keep       bool   // keeps its answer under an Idempotency-Key
}

// public marks what is open without a key: the description itself.
const public = "public"

// New builds the API; its description is made once.
func New(r Rooms) (*API, error) {
	a := &API{Rooms: r}
	a.tenant, a.platform = a.router(), a.router()
	a.huma = huma.NewAPI(a.config(), &hosts{tenant: adapter(a.tenant), platform: adapter(a.platform)})
	a.register()
	if err := a.describe(); err != nil {
		return nil, err
	}
	for i, f := range []*fiber.App{a.tenant, a.platform} {
		f.Use(func(c *fiber.Ctx) error { return a.nothing(c, f == a.platform) })
		a.handlers[i] = f.Handler()
	}
	return a, nil
}

// Describe is the description alone, for who asks nothing of the rooms.
func Describe() ([]byte, error) {
	a, err := New(Rooms{})
	if err != nil {
		return nil, err
	}
	return a.Spec(), nil
}

func adapter(f *fiber.App) huma.Adapter {
	return humafiber.New(f, huma.Config{OpenAPI: &huma.OpenAPI{}}).Adapter()
}

// router is a Fiber with what stands before and behind all operations.
func (a *API) router() *fiber.App {
	f := fiber.New(fiber.Config{
		Immutable:             true, // strings of a request outlive its buffers (security.md F5)
		CaseSensitive:         true,
		StrictRouting:         true,
		DisableStartupMessage: true,
		ErrorHandler:          a.fail,
	})
	f.Use(a.enter)
	return f
}

// hosts hands each operation to the address at which it answers, HEAD with GET (RFC 9110 §9.1).
type hosts struct {
	huma.Adapter

	tenant, platform huma.Adapter
}

// Handle registers an operation.
func (h *hosts) Handle(op *huma.Operation, handler func(huma.Context)) {
	to := h.tenant
	if op.Metadata[metaPlatform] == true {
		to = h.platform
	}
	to.Handle(op, handler)
	if op.Method == fiber.MethodGet {
		head := *op
		head.Method = fiber.MethodHead
		to.Handle(&head, handler)
	}
}

// Tenant answers at a tenant's address; the door has made the visit.
func (a *API) Tenant() fasthttp.RequestHandler { return a.handlers[0] }

// Platform answers on the platform's own host.
func (a *API) Platform() fasthttp.RequestHandler { return a.handlers[1] }

// Operations lists every URL and its guards, for the golden test.
func (a *API) Operations() []Operation { return a.ops }

// Spec is the description in OpenAPI 3.1, as it is served and committed: the same bytes for the same program.
func (a *API) Spec() []byte { return a.spec }

// Below tells whether a path, below a tenant's base, belongs to the API.
func Below(path string) bool {
	return path == "/api" || strings.HasPrefix(path, "/api/") || path == "/openapi.json"
}

// nothing answers what is no operation: 405 with what is allowed, or 404.
func (a *API) nothing(c *fiber.Ctx, platform bool) error {
	var allowed []string
	for _, op := range a.ops {
		if op.Platform == platform || op.Permission == public {
			if matches(op.Path, c.Path()) {
				allowed = append(allowed, op.Method)
				if op.Method == fiber.MethodGet {
					allowed = append(allowed, fiber.MethodHead)
				}
			}
		}
	}
	if len(allowed) == 0 {
		return problem(fiber.StatusNotFound, "not_found")
	}
	slices.Sort(allowed)
	c.Set(fiber.HeaderAllow, strings.Join(slices.Compact(allowed), ", "))
	return problem(fiber.StatusMethodNotAllowed, "method_not_allowed")
}

func matches(pattern, path string) bool {
	p, q := strings.Split(pattern, "/"), strings.Split(path, "/")
	if len(p) != len(q) {
		return false
	}
	for i := range p {
		if p[i] != q[i] && (!strings.HasPrefix(p[i], ":") || q[i] == "") {
			return false
		}
	}
	return true
}
