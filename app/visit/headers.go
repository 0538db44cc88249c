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

// SecurityHeaders writes what every answer carries. Without a nonce the answer may load nothing at
// all. formTargets are the origins, beyond its own, that a form of this page may end up at: browsers
// hold form-action against the redirect that answers a form, too.
func SecurityHeaders(h *fasthttp.ResponseHeader, secure, custom bool, nonce string, formTargets ...string) {
	csp := cspNothing
	if nonce != "" {
		csp = cspStart + nonce + cspEnd
	}
	if nonce != "" && len(formTargets) > 0 {
		csp += " " + strings.Join(formTargets, " ")
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
