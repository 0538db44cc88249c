package app

import (
	"context"
	"errors"
	"net"
	"runtime/debug"
	"sync"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp"

	accessdomain "portico/app/access"
	"portico/app/api"
	"portico/app/captcha"
	"portico/app/console/access"
	peoplepages "portico/app/console/people"
	"portico/app/directory"
	"portico/app/insight"
	"portico/app/invite"
	"portico/app/people"
	"portico/app/profile"
	"portico/app/recovery"
	"portico/app/signin"
	"portico/app/staff"
	"portico/app/visit"
	"portico/rbac"
)

// Server is the whole portal as a value: tests start as many as they like.
type Server struct {
	set      Settings
	web      *visit.Web
	ceilings *ceilings
	metrics  *Metrics
	tenant   fasthttp.RequestHandler // routes of a tenant's address
	platform fasthttp.RequestHandler // routes of the platform's own
	http     *fasthttp.Server
	routes   []Route
	access   *access.Flow // its page of refusal answers for all of the console
	people   *peoplepages.Flow
	kept     *insight.Kept
	api      *api.API

	staff     *staff.Staff
	directory *directory.Directory

	mu        sync.Mutex
	listeners []*closeOnce
	ended     bool
}

// Bounds of one connection (security.md F8).
const (
	maxBody        = 64 << 10
	maxHeader      = 16 << 10
	maxConnections = 50_000
)

// New builds the portal.
func New(set Settings) (*Server, error) {
	if set.RequestTimeout <= 0 {
		set.RequestTimeout = 10 * time.Second
	}
	if set.Captcha == nil {
		set.Captcha = &captcha.Desk{DB: set.DB, Seals: set.Seals}
	}
	guard, err := rbac.NewGuard()
	if err != nil {
		return nil, err
	}
	web := &visit.Web{Guard: guard, Renderer: set.Renderer, Resolver: set.Resolver, Accounts: set.Accounts, Captcha: set.Captcha, Seals: set.Seals,
		Clock: set.DB.Clock(), Log: set.Log}
	if err := web.Open(); err != nil {
		return nil, err
	}
	s := &Server{set: set, web: web, ceilings: newCeilings(), metrics: newMetrics(set)}
	if s.kept, err = insight.NewKept(set.DB, insight.SlowCount); err != nil {
		return nil, err
	}
	s.staff = &staff.Staff{DB: set.DB, Accounts: set.Accounts, Seals: set.Seals, Outbox: set.Outbox}
	s.directory = &directory.Directory{DB: set.DB, Resolver: set.Resolver, Files: set.Files, Accounts: set.Accounts, Seals: set.Seals, Steps: set.Steps}
	s.access = &access.Flow{Staff: s.staff, Access: &accessdomain.Access{DB: set.DB, Guard: guard, Outbox: set.Outbox}}
	s.people = &peoplepages.Flow{People: &people.People{DB: set.DB, Accounts: set.Accounts, Guard: guard, Seals: set.Seals}}
	s.tenant = s.build(s.tenantRoutes(&signin.Flow{Accounts: set.Accounts, Second: set.secondFactor()}, &recovery.Flow{Accounts: set.Accounts, Gates: set.gates()}, &profile.Flow{Accounts: set.Accounts, Own: set.enrolment()},
		&invite.Flow{Accounts: set.Accounts}))
	s.platform = s.build(s.platformRoutes())
	if err := s.buildAPI(); err != nil {
		return nil, err
	}
	s.http = &fasthttp.Server{
		Handler:                       s.Serve,
		ErrorHandler:                  s.malformed,
		Name:                          "",
		NoDefaultServerHeader:         true,
		Concurrency:                   maxConnections,
		ReadBufferSize:                maxHeader,
		ReadTimeout:                   10 * time.Second,
		WriteTimeout:                  30 * time.Second,
		IdleTimeout:                   60 * time.Second,
		MaxRequestBodySize:            maxBody,
		StreamRequestBody:             true, // takeBody decides what is read
		DisablePreParseMultipartForm:  true,
		DisableHeaderNamesNormalizing: false,
		CloseOnShutdown:               true,
		Logger:                        quiet{},
	}
	return s, nil
}

// quiet swallows fasthttp's own lines: they quote what clients sent.
type quiet struct{}

func (quiet) Printf(string, ...any) {}

func (s *Server) build(routes []Route) fasthttp.RequestHandler {
	f := fiber.New(fiber.Config{
		Immutable:             true, // strings of a request outlive its buffers (security.md F5)
		CaseSensitive:         true,
		StrictRouting:         true,
		DisableStartupMessage: true,
		ErrorHandler:          s.fail,
		BodyLimit:             maxBody,
	})
	for _, r := range routes {
		f.Add(r.Method, r.Path, s.guarded(r))
	}
	f.Use(func(c *fiber.Ctx) error { return s.noRoute(visit.Of(c), routes) })
	s.routes = append(s.routes, routes...)
	return f.Handler()
}

// Listen serves on ln until Shutdown, or not at all when that came first: fasthttp alone would serve on
// after a Shutdown that it heard before it had begun.
func (s *Server) Listen(ln net.Listener) error {
	once := &closeOnce{Listener: ln}
	s.mu.Lock()
	ended := s.ended
	s.listeners = append(s.listeners, once)
	s.mu.Unlock()
	if ended {
		return once.Close()
	}
	err := s.http.Serve(once)
	if errors.Is(err, net.ErrClosed) {
		return nil
	}
	return err
}

// closeOnce lets Shutdown and fasthttp both close a listener.
type closeOnce struct {
	net.Listener
	once sync.Once
}

func (c *closeOnce) Close() (err error) {
	c.once.Do(func() { err = c.Listener.Close() })
	return err
}

// Shutdown stops accepting, lets requests under way finish, and closes idle connections.
func (s *Server) Shutdown(ctx context.Context) error {
	s.mu.Lock()
	s.ended = true
	var err error
	for _, ln := range s.listeners {
		err = errors.Join(err, ln.Close())
	}
	s.mu.Unlock()
	return errors.Join(err, s.http.ShutdownWithContext(ctx))
}

// Metrics is the registry of what this server counts.
func (s *Server) Metrics() *Metrics { return s.metrics }

// recovered turns a panic into a plain page and a log line with its stack.
func (s *Server) recovered(ctx *fasthttp.RequestCtx, what any) {
	s.set.Log.Error("a handler panicked", "panic", what, "stack", string(debug.Stack()))
	ctx.Response.Reset()
	s.bare(ctx, fasthttp.StatusInternalServerError, "internal")
}
