package app

import (
	"context"
	"encoding/hex"
	"errors"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp"

	"portico/app/visit"
	"portico/tenants"
	"portico/themes"
)

// asset serves what the program and the theme brought, under names that hold their checksum: caches
// may keep them for a year.
func (s *Server) asset(v *visit.Visit) error {
	name := v.C.Params("name")
	if css := v.Brand.StylesheetAt("/assets/" + name); css != nil {
		return s.immutable(v, css, "text/css; charset=utf-8")
	}
	file, ok := themes.Asset(name)
	if !ok {
		return s.olderStylesheet(v, name)
	}
	return s.immutable(v, file.Bytes, file.MediaType)
}

// olderStylesheet sends a page that was rendered just before a theme changed to the stylesheet of now.
func (s *Server) olderStylesheet(v *visit.Visit, name string) error {
	if strings.HasPrefix(name, "theme.") && strings.HasSuffix(name, ".css") {
		return v.Redirect(v.Brand.StylesheetPath())
	}
	return visit.ErrNotFound
}

func (s *Server) immutable(v *visit.Visit, body []byte, mediaType string) error {
	ctx := v.C.Context()
	plainHeaders(ctx, v.Secure())
	ctx.Response.Header.Set("Cache-Control", "public, max-age=31536000, immutable")
	ctx.Response.Header.SetContentType(mediaType)
	ctx.Response.SetBodyRaw(body)
	return nil
}

// neutralAsset serves the program's own assets on hosts that are nobody's, so that the neutral page
// looks like one.
func (s *Server) neutralAsset(ctx *fasthttp.RequestCtx) bool {
	name, ok := strings.CutPrefix(string(ctx.Path()), "/assets/")
	if !ok {
		return false
	}
	body, mediaType := s.web.Neutral().Stylesheet(), "text/css; charset=utf-8"
	if s.web.Neutral().StylesheetPath() != "/assets/"+name {
		file, ok := themes.Asset(name)
		if !ok {
			return false
		}
		body, mediaType = file.Bytes, file.MediaType
	}
	plainHeaders(ctx, s.set.Resolver.Secure())
	ctx.Response.Header.Set("Cache-Control", "public, max-age=31536000, immutable")
	ctx.Response.Header.SetContentType(mediaType)
	ctx.Response.SetBodyRaw(body)
	return true
}

func plainHeaders(ctx *fasthttp.RequestCtx, secure bool) {
	visit.SecurityHeaders(&ctx.Response.Header, secure, true, "", visit.Additions{})
}

// image serves a tenant's uploaded picture by the SHA-256 of its bytes. Letters show pictures, too, so
// other origins may embed them; the sandbox keeps an SVG from being a page.
func (s *Server) image(v *visit.Visit) error {
	name, _, _ := strings.Cut(v.C.Params("name"), ".")
	sum, err := hex.DecodeString(name)
	if err != nil || len(sum) != 32 {
		return visit.ErrNotFound
	}
	var body []byte
	var mediaType string
	ctx, cancel := context.WithTimeout(v.Context(), 3*time.Second)
	defer cancel()
	err = s.set.DB.One(ctx, v.Tenant.ID, "SELECT bytes, media_type FROM images WHERE tenant_id = $1 AND sha256 = $2",
		[]any{v.Tenant.ID, sum}, &body, &mediaType)
	if errors.Is(err, tenants.ErrNotFound) {
		return visit.ErrNotFound
	}
	if err != nil {
		return err
	}
	if err := s.immutable(v, body, mediaType); err != nil {
		return err
	}
	h := &v.C.Context().Response.Header
	h.Set("Content-Security-Policy", "sandbox; default-src 'none'; style-src 'unsafe-inline'")
	h.Set("Cross-Origin-Resource-Policy", "cross-origin")
	return nil
}

func (s *Server) favicon(v *visit.Visit) error {
	file, ok := themes.Asset(iconName())
	if !ok {
		return visit.ErrNotFound
	}
	ctx := v.C.Context()
	plainHeaders(ctx, v.Secure())
	ctx.Response.Header.Set("Cache-Control", "public, max-age=86400")
	ctx.Response.Header.SetContentType(file.MediaType)
	ctx.Response.SetBodyRaw(file.Bytes)
	return nil
}

// robots keeps doors out of search results.
func robots(v *visit.Visit) error { return text(v, "User-agent: *\nDisallow: /\n") }

// securityText is RFC 9116.
func (s *Server) securityText(v *visit.Visit) error {
	if s.set.Contact == "" {
		return visit.ErrNotFound
	}
	expires := time.Now().UTC().AddDate(0, 6, 0).Truncate(24 * time.Hour).Format(time.RFC3339)
	return text(v, "Contact: "+s.set.Contact+"\nExpires: "+expires+"\nCanonical: "+canonical(v)+"/.well-known/security.txt\n")
}

// canonical is the address that stands in our own records: never the Host of the request.
func canonical(v *visit.Visit) string {
	if v.Tenant == nil {
		return v.Resolver.PlatformOrigin()
	}
	return v.Tenant.Origin + v.Tenant.BasePath
}

// changePassword is the W3C's well-known address; it redirects and is never the form itself.
func changePassword(v *visit.Visit) error {
	if v.Base != "" {
		return visit.ErrNotFound // a well-known address belongs to an origin, not to a path (decisions.md 11)
	}
	return v.Redirect("/recover")
}

func text(v *visit.Visit, body string) error {
	ctx := v.C.Context()
	plainHeaders(ctx, v.Secure())
	ctx.Response.Header.Set(fiber.HeaderCacheControl, "public, max-age=3600")
	ctx.Response.Header.SetContentType("text/plain; charset=utf-8")
	ctx.SetBodyString(body)
	return nil
}

// baseStylesheet names the program's own stylesheet.
func baseStylesheet() string {
	for _, name := range themes.AssetNames() {
		if strings.HasPrefix(name, "portico.") && strings.HasSuffix(name, ".css") {
			return name
		}
	}
	return ""
}

// iconName names the picture that browsers ask for on their own.
func iconName() string {
	for _, name := range themes.AssetNames() {
		if strings.HasPrefix(name, "icon.") {
			return name
		}
	}
	return ""
}
