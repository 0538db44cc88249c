package app

import (
	"bytes"
	"context"
	"errors"
	"net/netip"
	"strings"
	"time"

	"github.com/valyala/fasthttp"

	"portico/app/accounts"
	"portico/app/api"
	"portico/app/directory"
	"portico/app/visit"
	"portico/tenants"
	"portico/themes"
)

// Serve answers one request. Before any route runs it decides, once, whose address was asked: a
// verified custom host, <slug>.<base domain>, /t/<slug>/… on the platform's own host, or the platform.
// Nothing else of the request can choose a tenant.
func (s *Server) Serve(ctx *fasthttp.RequestCtx) {
	began := time.Now()
	defer func() {
		if what := recover(); what != nil {
			s.recovered(ctx, what)
		}
		s.metrics.observe(ctx, time.Since(began))
	}()
	if ambiguous(&ctx.Request.Header) {
		s.malformed(ctx, errAmbiguous)
		return
	}
	if !s.takeBody(ctx) {
		return
	}
	if s.health(ctx) {
		return
	}
	if s.set.Unseen {
		s.nowhere(ctx, "unknown")
		return
	}
	if len(ctx.Request.Header.ContentEncoding()) > 0 { // compressed bodies can hide bombs (stack.md §6.3)
		s.bare(ctx, fasthttp.StatusUnsupportedMediaType, "unsupported")
		return
	}
	host, sent, ok := hostOf(ctx)
	if !ok {
		s.nowhere(ctx, "unknown")
		return
	}
	v, routes, err := s.enter(ctx, host, sent)
	if err != nil && s.neutralAsset(ctx) {
		return
	}
	switch {
	case errors.Is(err, tenants.ErrNoTenant):
		s.nowhere(ctx, "unknown")
		return
	case errors.Is(err, errNotLive):
		s.nowhere(ctx, "suspended")
		return
	case err != nil:
		s.set.Log.Error("finding the tenant failed", "host", host, "error", err)
		s.bare(ctx, fasthttp.StatusServiceUnavailable, "unavailable")
		return
	}
	defer v.End()
	v.Keep(ctx.SetUserValue)
	if v.Path == "" { // /t/<slug> without its slash: cookies live below the slash
		plainHeaders(ctx, v.Secure())
		ctx.Response.Header.Set("Cache-Control", "no-store")
		ctx.Response.Header.Set("Location", v.Base+"/") // relative: neither scheme nor Host of the request count
		ctx.SetStatusCode(fasthttp.StatusPermanentRedirect)
		return
	}
	routes(ctx)
}

var errAmbiguous = errors.New("a request that two servers could read differently")

// ambiguous finds what fasthttp lets pass and a proxy before us may read otherwise: versions that do
// not exist, and a body with two ways to tell its end (RFC 9112 §6.3: request smuggling).
func ambiguous(h *fasthttp.RequestHeader) bool {
	if version := string(h.Protocol()); version != "HTTP/1.1" && version != "HTTP/1.0" {
		return true
	}
	raw := bytes.ToLower(h.RawHeaders()) // as they were sent: what fasthttp tells of a length may be its own
	return hasHeader(raw, "transfer-encoding:") && hasHeader(raw, "content-length:")
}

// hasHeader finds a name at the beginning of a line, not within somebody's value.
func hasHeader(raw []byte, name string) bool {
	return bytes.HasPrefix(raw, []byte(name)) || bytes.Contains(raw, []byte("\n"+name))
}

var errNotLive = errors.New("the tenant is not live")

// hostOf validates the raw Host header (security.md F4): name is lower case without port, sent keeps
// the port. An absolute-form request target that names another host is refused.
func hostOf(ctx *fasthttp.RequestCtx) (name, sent string, ok bool) {
	raw := string(ctx.Request.Header.Host())
	name, err := tenants.NormalizeHost(raw)
	if err != nil || !strings.EqualFold(string(ctx.URI().Host()), raw) {
		return "", "", false
	}
	sent = name
	if i := strings.LastIndexByte(raw, ':'); i >= 0 {
		sent += raw[i:]
	}
	return name, sent, true
}

// enter makes the visit and chooses the routes.
func (s *Server) enter(ctx *fasthttp.RequestCtx, host, sent string) (*visit.Visit, fasthttp.RequestHandler, error) {
	v := &visit.Visit{Web: s.web, Host: sent, Path: string(ctx.URI().PathOriginal()), Deadline: s.set.RequestTimeout}
	if i := strings.IndexByte(v.Path, '?'); i >= 0 {
		v.Path = v.Path[:i]
	}
	var err error
	if s.set.Resolver.IsPlatform(host) {
		slug, rest, isTenant := splitTenantPath(v.Path)
		if !isTenant {
			v.Brand = s.web.Neutral()
			if api.Below(v.Path) {
				s.knowProgram(ctx, v)
				return v, s.api.Platform(), nil
			}
			s.know(ctx, v)
			return v, s.platform, nil
		}
		if v.Tenant, err = s.set.Resolver.BySlug(context.Background(), slug); err != nil {
			return nil, nil, err
		}
		v.Base, v.Path = "/t/"+slug, rest
		ctx.URI().SetPath(rest)
	} else if v.Tenant, err = s.set.Resolver.ByHost(context.Background(), host); err != nil {
		return nil, nil, err
	}
	if v.Tenant.State != tenants.Live && (api.Below(v.Path) || !s.tries(ctx, v)) {
		return nil, nil, errNotLive
	}
	v.Brand = s.web.Brand(v.Tenant)
	if api.Below(v.Path) {
		s.knowProgram(ctx, v)
		return v, s.api.Tenant(), nil
	}
	s.know(ctx, v)
	return v, s.tenant, nil
}

// tries tells whether this browser may see a draft: staff began the test run in it, or are about to.
func (s *Server) tries(ctx *fasthttp.RequestCtx, v *visit.Visit) bool {
	if v.Tenant.State != tenants.Draft {
		return false
	}
	pass, entering := strings.CutPrefix(v.Path, "/trial/")
	if strings.HasPrefix(v.Path, "/assets/") || strings.HasPrefix(v.Path, "/images/") {
		return true // named by their content; the letter of the run shows them, too
	}
	if !entering {
		pass = v.PeekCookie(ctx, visit.CookieTrial)
	}
	_, ok := s.trialPass(v.Tenant.ID, pass)
	return ok
}

// trialPass reads a pass to a draft.
func (s *Server) trialPass(tenant tenants.ID, pass string) (until time.Time, ok bool) {
	return directory.OpensTrial(s.set.Seals, tenant, pass, s.set.DB.Clock().Now())
}

// splitTenantPath reads /t/<slug> and what follows; the rest begins with a slash, or is empty for the
// bare /t/<slug>, which is then sent on to its slash.
func splitTenantPath(path string) (slug, rest string, ok bool) {
	after, ok := strings.CutPrefix(path, "/t/")
	if !ok {
		return "", "", false
	}
	slug, rest, slash := strings.Cut(after, "/")
	if !tenants.ValidSlug(slug) {
		return "", "", false
	}
	if slash {
		rest = "/" + rest
	}
	return slug, rest, true
}

// know fills in who asks: the address behind trusted proxies, the device, the language.
func (s *Server) know(ctx *fasthttp.RequestCtx, v *visit.Visit) {
	h := &ctx.Request.Header
	v.Client = accounts.Client{Address: clientAddress(ctx, s.set.TrustedProxies, s.set.ClientIPHeader), UserAgent: string(h.UserAgent())}
	var query, accept string
	kept := v.PeekCookie(ctx, visit.CookieLocale)
	if v.Tenant != nil {
		p := v.Tenant.Policy.Routing
		query = localeQuery(ctx, p.LocaleQueryParam)
		if p.LocaleFromBrowser {
			accept = string(h.Peek("Accept-Language"))
		}
	} else {
		query, accept = localeQuery(ctx, ""), string(h.Peek("Accept-Language"))
	}
	v.Locale = s.set.Renderer.Locale(v.Brand, query, kept, accept)
	v.LocaleAsked = query != "" && v.Locale != kept
	v.Client.Locale = v.Locale
	v.Client.Device = v.PeekCookie(ctx, visit.CookieDevice)
}

// knowProgram fills in who asks the API: no cookie is looked at.
func (s *Server) knowProgram(ctx *fasthttp.RequestCtx, v *visit.Visit) {
	v.Client = accounts.Client{Address: clientAddress(ctx, s.set.TrustedProxies, s.set.ClientIPHeader), UserAgent: string(ctx.Request.Header.UserAgent())}
	v.Locale = s.set.Renderer.Locale(v.Brand, "", "", "")
	v.Client.Locale = v.Locale
}

// forAPI tells whether a request that is refused at the door was for the API, where even that is a problem's
// document. Nothing of it was looked up yet, so only its path can tell.
func forAPI(ctx *fasthttp.RequestCtx) bool {
	path, _, _ := strings.Cut(string(ctx.URI().PathOriginal()), "?")
	if _, rest, ok := splitTenantPath(path); ok {
		path = rest
	}
	return api.Below(path)
}

func localeQuery(ctx *fasthttp.RequestCtx, param string) string {
	args := ctx.QueryArgs()
	if args.Len() == 0 {
		return ""
	}
	if param != "" && args.Has(param) {
		return string(args.Peek(param))
	}
	return string(args.Peek("ui_locales")) // OpenID Connect's name for it
}

// clientAddress walks X-Forwarded-For from the right past trusted proxies (security.md F9): the first
// address that is not ours is the client; a text that is no address ends the walk. Where the proxy names
// the client in a header of its own, that header goes first: some platforms put their own public address
// last in X-Forwarded-For, and everybody would be one client.
func clientAddress(ctx *fasthttp.RequestCtx, trusted []netip.Prefix, header string) netip.Addr {
	peer, ok := netip.AddrFromSlice(ctx.RemoteIP())
	if !ok {
		return netip.IPv4Unspecified()
	}
	addr := peer.Unmap()
	if !within(trusted, addr) {
		return addr
	}
	if named, ok := namedClient(ctx, header); ok {
		return named
	}
	var chain []string
	for _, line := range ctx.Request.Header.PeekAll("X-Forwarded-For") {
		chain = append(chain, strings.Split(string(line), ",")...)
	}
	for i := len(chain) - 1; i >= 0; i-- {
		hop, err := netip.ParseAddr(strings.TrimSpace(chain[i]))
		if err != nil {
			return addr
		}
		if addr = hop.Unmap().WithZone(""); !within(trusted, addr) {
			return addr
		}
	}
	return addr
}

// namedClient reads the header in which a trusted proxy names the client: once, and one address.
func namedClient(ctx *fasthttp.RequestCtx, header string) (netip.Addr, bool) {
	if header == "" {
		return netip.Addr{}, false
	}
	lines := ctx.Request.Header.PeekAll(header)
	if len(lines) != 1 {
		return netip.Addr{}, false
	}
	addr, err := netip.ParseAddr(strings.TrimSpace(string(lines[0])))
	return addr.Unmap().WithZone(""), err == nil
}

func within(prefixes []netip.Prefix, addr netip.Addr) bool {
	for _, p := range prefixes {
		if p.Contains(addr) {
			return true
		}
	}
	return false
}

// nowhere answers for hosts that are nobody's: neutral, without cookie or echo (421, RFC 9110 §15.5.20).
func (s *Server) nowhere(ctx *fasthttp.RequestCtx, reason string) {
	status := fasthttp.StatusMisdirectedRequest
	if reason == "suspended" {
		status = fasthttp.StatusServiceUnavailable
	}
	if forAPI(ctx) {
		api.Refuse(ctx, status, reason, s.set.Resolver.Secure())
		return
	}
	s.neutral(ctx, status, themes.NowherePage{Reason: reason})
}
