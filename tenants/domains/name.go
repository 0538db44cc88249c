package domains

import (
	"net/netip"
	"slices"
	"strings"

	"golang.org/x/net/idna"
	"golang.org/x/net/publicsuffix"

	"portico/tenants"
)

// Zones are the platform's own names, which nobody can claim.
type Zones struct {
	Platform   string // the host of PORTICO_BASE_URL
	BaseDomain string // "" where tenants have no addresses below one
}

// all lists the zones that there are.
func (z Zones) all() []string {
	return slices.DeleteFunc([]string{z.Platform, z.BaseDomain}, func(s string) bool { return s == "" })
}

// Holds tells whether a host is one of the zones or stands below one.
func (z Zones) Holds(host string) bool {
	return slices.ContainsFunc(z.all(), func(zone string) bool { return host == zone || strings.HasSuffix(host, "."+zone) })
}

// notPublic are the names of RFC 6761, 6762, 7686 and 9476 that the public DNS does not know.
var notPublic = []string{"localhost", "local", "internal", "invalid", "onion", "arpa", "alt", "home", "lan", "corp"}

// ParseName turns what somebody typed into the name as hosts keep it: lower-case ASCII, international names in
// their xn-- form (IDNA, UTS 46). It refuses what nobody can claim, each with an error of its own; whether
// another tenant has the name, or one that looks like it, is Claim's to know.
func (z Zones) ParseName(typed string) (string, error) {
	typed = strings.TrimSuffix(strings.TrimSpace(typed), ".")
	if typed == "" {
		return "", ErrNoName
	}
	if _, err := netip.ParseAddr(strings.Trim(typed, "[]")); err == nil {
		return "", ErrIPLiteral
	}
	if len(typed) > 1_000 || strings.ContainsAny(typed, ":/@*_ %\x00") {
		return "", ErrBadName
	}
	name, err := idna.Lookup.ToASCII(typed)
	if err != nil {
		return "", ErrBadName
	}
	if name, err = tenants.NormalizeHost(name); err != nil {
		return "", ErrBadName
	}
	shown, err := idna.Lookup.ToUnicode(name)
	if err != nil {
		return "", ErrBadName
	}
	labels := strings.Split(name, ".")
	last := labels[len(labels)-1]
	switch {
	case strings.Trim(last, "0123456789") == "" || strings.HasPrefix(last, "0x"): // browsers read such names as addresses (WHATWG URL, 3.5)
		return "", ErrIPLiteral
	case len(labels) < 2:
		return "", ErrSingleLabel
	case slices.Contains(notPublic, last):
		return "", ErrNotPublic
	case z.Holds(name):
		return "", ErrOwnZone
	}
	if suffix, _ := publicsuffix.PublicSuffix(name); suffix == name {
		return "", ErrPublicSuffix
	}
	return name, z.judgeLooks(name, shown)
}

// judgeLooks refuses names that people take for one of the platform's.
func (z Zones) judgeLooks(name, shown string) error {
	for label := range strings.SplitSeq(shown, ".") {
		if mixesScripts(label) {
			return ErrMixedScripts
		}
	}
	looks := roughSkeleton(shown)
	for _, zone := range z.all() {
		if rough := roughSkeleton(Shown(zone)); name != zone && (looks == rough || strings.HasSuffix(looks, "."+rough)) {
			return ErrLookAlike
		}
	}
	return nil
}

// Shown is the name as people read it: "bücher.example" for "xn--bcher-kva.example", and the name itself
// where it is plain or cannot be read.
func Shown(name string) string {
	shown, err := idna.Lookup.ToUnicode(name)
	if err != nil {
		return name
	}
	return shown
}

// Apex tells whether a name is the top of its zone (example.com, example.co.uk), where DNS allows no CNAME
// (RFC 1912, 2.4).
func Apex(name string) bool {
	top, err := publicsuffix.EffectiveTLDPlusOne(name)
	return err == nil && top == name
}
