package visit

import (
	"strings"

	"github.com/gofiber/fiber/v2"

	"portico/themes"
)

// cspFrame lets a document be looked at and nothing else: no script, no form, no frame of its own, nothing of
// another origin; pages of this very origin may show it in a frame.
const cspFrame = "default-src 'none'; style-src 'self'; img-src 'self'; font-src 'self'; base-uri 'none'; object-src 'none'; " +
	"form-action 'none'; frame-ancestors 'self'; sandbox allow-same-origin"

// ShowsFrames lets this page show others of this origin in a frame.
func (v *Visit) ShowsFrames() { v.frames = true }

// Private marks an answer that everybody may see who has its address: the address goes nowhere else, and
// no search engine keeps it.
func (v *Visit) Private() { v.private = true }

// Framed answers with a document that is a picture: of a page, or of a letter, whose style stands in it.
// It sets no cookie.
func (v *Visit) Framed(body []byte, letter bool) error {
	csp := cspFrame
	if letter { // its pictures have the address that mail programs ask
		csp = strings.NewReplacer("style-src 'self'", "style-src 'self' 'unsafe-inline'", "img-src 'self'", "img-src 'self' "+v.Tenant.Origin).Replace(csp)
	}
	v.framed("text/html; charset=utf-8", body)
	h := &v.C.Context().Response.Header
	h.Set("Content-Security-Policy", csp)
	h.Set("X-Frame-Options", "SAMEORIGIN")
	return nil
}

// FramedStyle answers with the stylesheet of such a document.
func (v *Visit) FramedStyle(body []byte) error {
	v.framed("text/css; charset=utf-8", body)
	return nil
}

func (v *Visit) framed(mediaType string, body []byte) {
	v.headers("")
	res := &v.C.Context().Response
	res.Header.Set(fiber.HeaderCacheControl, "private, no-store")
	res.Header.SetContentType(mediaType)
	res.SetStatusCode(fiber.StatusOK)
	res.SetBodyRaw(body)
}

// Notice answers with a page for somebody who may not be known at all: it has no form, so it needs no
// cookie, and leaves none.
func (v *Visit) Notice(status int, p themes.Page) error {
	body, err := v.Renderer.Page(v.Brand, v.Locale, themes.Chrome{Path: v.Path, Base: v.Base, Nonce: v.Nonce()}, p)
	if err != nil {
		return err
	}
	return v.HTML(status, body)
}
