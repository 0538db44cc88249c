package visit

import (
	"time"

	"github.com/valyala/fasthttp"
)

// Purposes of cookies; one cookie each (decisions.md 11).
const (
	CookieSession = "sid"
	CookieForm    = "pre"
	CookieFlow    = "rs" // a recovery on its way
	CookieDevice  = "dev"
	CookieLocale  = "lang"
	CookieFlash   = "say"
	CookieStaff   = "staff" // the platform's own people, on its own host alone
	CookieTrial   = "trial" // a draft may be seen in this browser
)

// cookieName: __Host-<purpose> on HTTPS, __Secure-<purpose>-<slug> for a tenant by path (__Host- allows
// no path), without prefix over plain HTTP, which only `portico dev` serves.
func (v *Visit) cookieName(purpose string) string {
	switch {
	case v.Base != "" && v.Secure():
		return "__Secure-" + purpose + "-" + v.Tenant.Slug
	case v.Base != "":
		return purpose + "-" + v.Tenant.Slug
	case v.Secure():
		return hostNames[purpose]
	}
	return purpose
}

// hostNames are the names on a tenant's own host, made once: every page asks for several.
var hostNames = map[string]string{
	CookieSession: "__Host-" + CookieSession, CookieForm: "__Host-" + CookieForm, CookieFlow: "__Host-" + CookieFlow,
	CookieDevice: "__Host-" + CookieDevice, CookieLocale: "__Host-" + CookieLocale, CookieFlash: "__Host-" + CookieFlash,
	CookieStaff: "__Host-" + CookieStaff, CookieTrial: "__Host-" + CookieTrial,
}

// Cookie reads a cookie of this tenant; "" when there is none.
func (v *Visit) Cookie(purpose string) string { return v.PeekCookie(v.C.Context(), purpose) }

// PeekCookie is Cookie before a route has begun.
func (v *Visit) PeekCookie(ctx *fasthttp.RequestCtx, purpose string) string {
	return string(ctx.Request.Header.Cookie(v.cookieName(purpose)))
}

// SetCookie writes one; zero ends means until the browser closes.
func (v *Visit) SetCookie(purpose, value string, ends time.Time) {
	c := fasthttp.AcquireCookie()
	defer fasthttp.ReleaseCookie(c)
	c.SetKey(v.cookieName(purpose))
	c.SetValue(value)
	c.SetPath(v.Base + "/")
	c.SetHTTPOnly(true)
	c.SetSecure(v.Secure())
	c.SetSameSite(fasthttp.CookieSameSiteLaxMode)
	if !ends.IsZero() {
		// Browsers count in real time; the program's clock may have been moved (portico dev).
		c.SetMaxAge(max(1, int(ends.Sub(v.Clock.Now()).Seconds())))
	}
	v.C.Context().Response.Header.SetCookie(c)
}

// ClearCookie makes the browser forget one.
func (v *Visit) ClearCookie(purpose string) {
	c := fasthttp.AcquireCookie()
	defer fasthttp.ReleaseCookie(c)
	c.SetKey(v.cookieName(purpose))
	c.SetPath(v.Base + "/")
	c.SetHTTPOnly(true)
	c.SetSecure(v.Secure())
	c.SetSameSite(fasthttp.CookieSameSiteLaxMode)
	c.SetExpire(fasthttp.CookieExpireDelete)
	v.C.Context().Response.Header.SetCookie(c)
}
