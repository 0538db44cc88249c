package visit

import (
	"encoding/base64"
	"net/url"
	"strings"
	"unicode"

	"github.com/gofiber/fiber/v2"

	"portico/tenants"
)

// Redirect answers 303 See Other with a path of our own below the tenant's base. The path is the
// program's, never a request's text.
func (v *Visit) Redirect(path string) error { return v.see(v.Base + path) }

// see writes the location; anything that could break out of the header line ends the response instead.
func (v *Visit) see(location string) error {
	if strings.ContainsAny(location, "\r\n\x00") {
		return ErrNotFound
	}
	v.headers("")
	v.C.Context().Response.Header.Set(fiber.HeaderLocation, location)
	v.C.Status(fiber.StatusSeeOther)
	return nil
}

// ReturnTarget reads where somebody wants to go after signing in: a path of this tenant, or an address
// that the tenant's portal allows. Everything else is "", so that no text of a request ever becomes a
// redirect (security.md F2).
func (v *Visit) ReturnTarget(raw string) string {
	if v.Tenant == nil {
		return ""
	}
	return returnTarget(v.Tenant.Portal, raw)
}

func returnTarget(p tenants.Portal, raw string) string {
	if raw == "" || len(raw) > 2048 || strings.ContainsFunc(raw, func(r rune) bool { return r <= ' ' || r == '\\' || r == 0x7f }) {
		return ""
	}
	u, err := url.Parse(raw)
	if err != nil || u.User != nil || u.Opaque != "" {
		return ""
	}
	if u.Scheme == "" && u.Host == "" {
		if !strings.HasPrefix(raw, "/") || strings.HasPrefix(raw, "//") || escapes(u) {
			return ""
		}
		return u.RequestURI()
	}
	for _, allowed := range p.ReturnTargets {
		a, err := url.Parse(allowed)
		if err == nil && a.Host != "" && strings.EqualFold(u.Scheme, a.Scheme) && strings.EqualFold(u.Host, a.Host) &&
			below(u, a) && !escapes(u) {
			return u.String()
		}
	}
	return ""
}

// below tells whether a path equals the allowed one or lies under it.
func below(u, allowed *url.URL) bool {
	prefix := strings.TrimSuffix(allowed.EscapedPath(), "/")
	path := u.EscapedPath()
	return prefix == "" || path == prefix || strings.HasPrefix(path, prefix+"/")
}

// escapes finds dot segments, encoded slashes and what nobody can see, which browsers and servers read
// differently.
func escapes(u *url.URL) bool {
	if strings.ContainsFunc(u.Path, func(r rune) bool { return !unicode.IsPrint(r) }) {
		return true
	}
	path := strings.ToLower(u.EscapedPath())
	if strings.Contains(path, "%2f") || strings.Contains(path, "%5c") || strings.Contains(path, "%2e") || strings.Contains(path, "//") {
		return true
	}
	for segment := range strings.SplitSeq(path, "/") {
		if segment == "." || segment == ".." {
			return true
		}
	}
	return false
}

// SealReturn carries a checked target through a form; "" stays "".
func (v *Visit) SealReturn(target string) string {
	if target == "" {
		return ""
	}
	return base64.RawURLEncoding.EncodeToString(v.Seals.Seal("return", v.TenantID(), "", []byte(target)))
}

// OpenReturn is the inverse; a text that is not ours, or a target no longer allowed, is "".
func (v *Visit) OpenReturn(sealed string) string {
	raw, err := base64.RawURLEncoding.DecodeString(sealed)
	if err != nil || sealed == "" {
		return ""
	}
	target, err := v.Seals.Open("return", v.TenantID(), "", raw)
	if err != nil {
		return ""
	}
	return v.ReturnTarget(string(target))
}

// AllowForm lets this page's forms end up at a checked target of ReturnTarget.
func (v *Visit) AllowForm(target string) {
	if u, err := url.Parse(target); err == nil && u.Host != "" {
		v.targets = append(v.targets, u.Scheme+"://"+u.Host)
	}
}

// LeaveTo answers 303 with a path of ours at a tenant's own address.
func (v *Visit) LeaveTo(t *tenants.Tenant, path string) error {
	return v.see(t.Origin + t.BasePath + path)
}

// Leave answers 303 with a checked target of ReturnTarget or OpenReturn: paths get the tenant's base.
func (v *Visit) Leave(target string) error {
	if strings.HasPrefix(target, "/") {
		target = v.Base + target
	}
	return v.see(target)
}
