package app

import (
	"context"
	"time"

	"github.com/valyala/fasthttp"
)

// health answers /healthz (this process) and /readyz (its database answers and it is not draining) on
// any Host (decisions.md 15).
func (s *Server) health(ctx *fasthttp.RequestCtx) bool {
	path := string(ctx.URI().PathOriginal())
	if path != "/healthz" && path != "/readyz" {
		return false
	}
	status, said := fasthttp.StatusOK, "ok\n"
	if path == "/readyz" {
		asking, cancel := context.WithTimeout(context.Background(), 2*time.Second)
		defer cancel()
		switch {
		case s.set.Ready != nil && !s.set.Ready():
			status, said = fasthttp.StatusServiceUnavailable, "draining\n"
		case s.set.DB.Ping(asking) != nil:
			status, said = fasthttp.StatusServiceUnavailable, "no database\n"
		}
	}
	plainHeaders(ctx, s.set.Resolver.Secure())
	ctx.Response.Header.Set("Cache-Control", "no-store")
	ctx.Response.Header.SetContentType("text/plain; charset=utf-8")
	ctx.SetStatusCode(status)
	ctx.SetBodyString(said)
	return true
}
