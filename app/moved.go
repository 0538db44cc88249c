package app

import (
	"strings"

	"github.com/gofiber/fiber/v2"

	"portico/app/visit"
	"portico/tenants"
)

// movedTo is where a page of an address that was canonical before is shown now: the same path and question at the
// canonical origin, so that bookmarks and the links of letters lead on. "" stays: on an address that did not move;
// for whoever is signed in or in the middle of a recovery here, whose cookies no other host gets (__Host-), until
// that is over. Forms are answered where their page stands; what follows them is read here, too.
func movedTo(v *visit.Visit) string {
	host, err := tenants.NormalizeHost(v.Host)
	if err != nil || v.Tenant == nil || v.Session != nil || !v.Tenant.Moved(host) {
		return ""
	}
	home := v.Tenant.Origin + v.Tenant.BasePath
	if home == v.Origin()+v.Base { // the canonical host was lost: this is home again
		return ""
	}
	if v.Cookie(visit.CookieFlow) != "" || v.Cookie(visit.CookieFlash) != "" {
		return ""
	}
	to := home + v.Path
	if query := v.C.Context().URI().QueryString(); len(query) > 0 {
		to += "?" + string(query)
	}
	return to
}

// toHome sends on for good, as far as methods go (RFC 9110, 15.4.9), but lets nobody keep the answer: the canonical
// host may move back, and a browser that remembered would go in circles.
func toHome(v *visit.Visit, to string) error {
	if strings.ContainsAny(to, "\r\n\x00") {
		return visit.ErrNotFound
	}
	plainHeaders(v.C.Context(), v.Secure())
	v.C.Set(fiber.HeaderCacheControl, "no-store")
	v.C.Context().Response.Header.Set(fiber.HeaderLocation, to)
	v.C.Status(fiber.StatusPermanentRedirect)
	return nil
}
