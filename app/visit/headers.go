package visit

import (
	"strings"

	"github.com/valyala/fasthttp"
)

const (
	cspStart = "default-src 'none'; script-src 'nonce-"
	cspEnd   = "' 'strict-dynamic'; style-src 'self'; img-src 'self'; font-src 'self'; connect-src 'self'; " +
		"base-uri 'none'; object-src 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; form-action 'self'"
	cspNothing = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)

// Additions are what one page needs beyond the base (decisions.md 13).
type Additions struct {
	// FormTargets are the origins, beyond its own, that a form may end up at: browsers hold form-action
	// against the redirect that answers a form, too.
	FormTargets []string
	Media       bool // plays audio of this origin
	Frames      bool // shows pages of this origin in a frame
}

// SecurityHeaders writes what every answer carries. Without a nonce the answer may load nothing at all,
// whatever is added.
func SecurityHeaders(h *fasthttp.ResponseHeader, secure, custom bool, nonce string, add Additions) {
	csp := cspNothing
	if nonce != "" {
		csp = cspStart + nonce + cspEnd
		if len(add.FormTargets) > 0 {
			csp += " " + strings.Join(add.FormTargets, " ") // form-action comes last
		}
		if add.Media {
			csp += "; media-src 'self'"
		}
		if add.Frames {
			csp += "; frame-src 'self'"
		}
	}
	h.Set("Content-Security-Policy", csp)
	h.Set("Referrer-Policy", "same-origin")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("X-Frame-Options", "DENY")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Permissions-Policy", "camera=(), microphone=(), geolocation=(), payment=(), usb=()")
	h.Set("X-Permitted-Cross-Domain-Policies", "none")
	switch {
	case !secure:
	case custom:
		h.Set("Strict-Transport-Security", "max-age=63072000")
	default:
		h.Set("Strict-Transport-Security", "max-age=63072000; includeSubDomains")
	}
}
