package app

import (
	"crypto/rand"

	"github.com/valyala/fasthttp"

	"portico/app/api"
	"portico/app/visit"
	"portico/themes"
)

// bare answers before any visit exists: a fixed page of the neutral look, nothing of the request in it.
func (s *Server) bare(ctx *fasthttp.RequestCtx, status int, kind string) {
	if status == fasthttp.StatusServiceUnavailable {
		ctx.Response.Header.Set("Retry-After", "1")
	}
	if forAPI(ctx) {
		api.Refuse(ctx, status, kind, s.set.Resolver.Secure())
		return
	}
	s.neutral(ctx, status, themes.FailurePage{Status: status, Kind: kind})
}

// neutral renders a page without brand, cookie or token. Its stylesheet is served on every host.
func (s *Server) neutral(ctx *fasthttp.RequestCtx, status int, p themes.Page) {
	nonce := rand.Text()
	h := &ctx.Response.Header
	visit.SecurityHeaders(h, s.set.Resolver.Secure(), true, nonce, visit.Additions{})
	h.Set("Cache-Control", "no-store")
	ctx.SetStatusCode(status)
	locale := s.set.Renderer.Locale(s.web.Neutral(), "", "", string(ctx.Request.Header.Peek("Accept-Language")))
	body, err := s.set.Renderer.Page(s.web.Neutral(), locale, themes.Chrome{Nonce: nonce, Path: "/"}, p)
	if err != nil {
		s.set.Log.Error("the neutral page could not be rendered", "error", err)
		h.SetContentType("text/plain; charset=utf-8")
		ctx.SetBodyString("This page is not available right now.\n")
		return
	}
	h.SetContentType("text/html; charset=utf-8")
	ctx.Response.SetBodyRaw(body)
}

// malformed answers what is no HTTP request, with a fixed text: never what the client sent.
func (s *Server) malformed(ctx *fasthttp.RequestCtx, err error) {
	status := fasthttp.StatusBadRequest
	switch err.(type) { //nolint:errorlint // fasthttp hands out these very types
	case *fasthttp.ErrSmallBuffer:
		status = fasthttp.StatusRequestHeaderFieldsTooLarge
	default:
		if err == fasthttp.ErrBodyTooLarge { //nolint:errorlint // a sentinel
			status = fasthttp.StatusRequestEntityTooLarge
		}
	}
	ctx.Response.Reset()
	if status != fasthttp.StatusRequestHeaderFieldsTooLarge && forAPI(ctx) {
		api.Refuse(ctx, status, "malformed", s.set.Resolver.Secure())
		ctx.SetConnectionClose()
		return
	}
	visit.SecurityHeaders(&ctx.Response.Header, s.set.Resolver.Secure(), true, "", visit.Additions{})
	ctx.Response.Header.Set("Cache-Control", "no-store")
	ctx.Response.Header.SetContentType("text/plain; charset=utf-8")
	ctx.SetStatusCode(status)
	ctx.SetBodyString("The request could not be understood.\n")
	ctx.SetConnectionClose()
}
