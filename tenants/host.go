package tenants

import (
	"errors"
	"strings"
)

// ErrBadHost means that a Host header is not a plain host name with an optional port.
var ErrBadHost = errors.New("not a host name")

// NormalizeHost turns a raw Host header into a lower-case name without port and without one trailing
// dot. It accepts only [a-z0-9.-]{1,253} and a port of up to five digits (security.md F4); userinfo,
// brackets, spaces, escapes and empty labels are ErrBadHost.
func NormalizeHost(raw string) (string, error) {
	name, port, hasPort := strings.Cut(raw, ":")
	if hasPort && (len(port) < 1 || len(port) > 5 || strings.Trim(port, "0123456789") != "") {
		return "", ErrBadHost
	}
	name = strings.TrimSuffix(name, ".")
	if len(name) < 1 || len(name) > 253 {
		return "", ErrBadHost
	}
	lower := true
	label := 0
	for i := range len(name) {
		c := name[i]
		switch {
		case c >= 'a' && c <= 'z', c >= '0' && c <= '9', c == '-':
			label++
		case c >= 'A' && c <= 'Z':
			lower = false
			label++
		case c == '.' && label > 0:
			label = 0
		default:
			return "", ErrBadHost
		}
		if label > 63 {
			return "", ErrBadHost
		}
	}
	if label == 0 {
		return "", ErrBadHost
	}
	if !lower {
		name = asciiLower(name)
	}
	return name, nil
}

// ValidSlug tells whether s is a tenant's slug: ^[a-z0-9][a-z0-9-]{0,62}$.
func ValidSlug(s string) bool {
	if len(s) < 1 || len(s) > 63 || s[0] == '-' {
		return false
	}
	for i := range len(s) {
		c := s[i]
		if (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '-' {
			return false
		}
	}
	return true
}

func asciiLower(s string) string {
	b := []byte(s)
	for i, c := range b {
		if c >= 'A' && c <= 'Z' {
			b[i] = c + 32
		}
	}
	return string(b)
}
