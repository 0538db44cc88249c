package domains

import (
	"errors"
	"strings"
	"testing"
	"unicode/utf8"
)

var ownZones = Zones{Platform: "portico.example", BaseDomain: "apps.portico.example"}

func TestNamesThatCanBeClaimed(t *testing.T) {
	t.Parallel()
	for typed, want := range map[string]string{
		"login.alliants.example":               "login.alliants.example",
		" Login.Alliants.Example. ":            "login.alliants.example",
		"bücher.example.com":                   "xn--bcher-kva.example.com",
		"xn--bcher-kva.example.com":            "xn--bcher-kva.example.com",
		"ＬＯＧＩＮ．example.com":                    "login.example.com", // full width, as some keyboards write
		"例え.example.jp":                        "xn--r8jz45g.example.jp",
		"портал.пример.рф":                     "xn--80awhdgm.xn--e1afmkfd.xn--p1ai",
		"customer.github.io":                   "customer.github.io", // below a suffix
		"example.co.uk":                        "example.co.uk",
		"notportico.example.com":               "notportico.example.com",
		strings.Repeat("a", 63) + ".x.example": strings.Repeat("a", 63) + ".x.example",
	} {
		got, err := ownZones.ParseName(typed)
		if err != nil || got != want {
			t.Errorf("%q: %q, %v; want %q", typed, got, err, want)
		}
	}
	if got := Shown("xn--bcher-kva.example.com"); got != "bücher.example.com" {
		t.Errorf("shown as %q", got)
	}
}

func TestNamesThatNobodyCanClaim(t *testing.T) {
	t.Parallel()
	for typed, want := range map[string]error{
		"": ErrNoName, " . ": ErrNoName,
		"192.0.2.1": ErrIPLiteral, "[2001:db8::1]": ErrIPLiteral, "2001:db8::1": ErrIPLiteral, "0x7f.1": ErrIPLiteral, "1.2.3": ErrIPLiteral, "example.0x1": ErrIPLiteral,
		"intranet": ErrSingleLabel, "localhost": ErrSingleLabel, "portal.localhost": ErrNotPublic, "printer.local": ErrNotPublic, "a.onion": ErrNotPublic, "1.0.0.127.in-addr.arpa": ErrNotPublic,
		"com": ErrSingleLabel, "co.uk": ErrPublicSuffix, "github.io": ErrPublicSuffix, "xn--p1ai": ErrSingleLabel,
		"portico.example": ErrOwnZone, "PORTICO.example.": ErrOwnZone, "a.portico.example": ErrOwnZone, "x.apps.portico.example": ErrOwnZone,
		"portic0.example": ErrLookAlike, "p0rtico.example": ErrLookAlike, "pörtico.example": ErrLookAlike, "login.portíco.example": ErrLookAlike,
		"роrtico.example": ErrMixedScripts, "аpple.example": ErrMixedScripts, "раураl-login.example": ErrMixedScripts,
		"https://a.example": ErrBadName, "a.example/x": ErrBadName, "a.example:443": ErrBadName, "*.a.example": ErrBadName, "a_b.example": ErrBadName,
		"user@a.example": ErrBadName, "a..example": ErrBadName, "-a.example": ErrBadName, "a\x00.example": ErrBadName, "a.example\r\nX: y": ErrBadName,
		"xn--a.example": ErrBadName, "xn--.example": ErrBadName, "a%2eb.example": ErrBadName, "a\u200b.example\u202e": ErrBadName,
		strings.Repeat("a", 64) + ".example": ErrBadName, strings.Repeat("a.", 130) + "example": ErrBadName, strings.Repeat("ü", 100_000): ErrBadName,
	} {
		got, err := ownZones.ParseName(typed)
		if !errors.Is(err, want) {
			t.Errorf("%.60q: %q, %v; want %v", typed, got, err, want)
		}
		if Fault(err) == "" {
			t.Errorf("%.60q: the error has no code", typed)
		}
	}
}

func TestLookAlikesHaveOneSkeleton(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"аррӏе.com": "apple.com", "раураӏ.com": "paypal.com", "ѕсоре.com": "scope.com", "gοοgle.com": "google.com", "ıkea.com": "ikea.com",
		"müller.de": "müller.de", "muller.de": "muller.de", "οο.gr": "oo.gr",
	} {
		if got := skeleton(name); got != want {
			t.Errorf("%s looks like %s, want %s", name, got, want)
		}
	}
	for label, mixed := range map[string]bool{"apple": false, "аррӏе": false, "аpple": true, "日本ab": false, "ひらカナ漢字": false, "한국어": false, "日本한": false, "ひ한": true, "а1-2": false, "aα": true} {
		if mixesScripts(label) != mixed {
			t.Errorf("%s: mixed is %v", label, !mixed)
		}
	}
}

func FuzzParseName(f *testing.F) {
	for _, seed := range []string{"a.example", "xn--bcher-kva.example", "192.0.2.1", "аррӏе.com", "a\xff.b", "%00.x"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, typed string) {
		name, err := ownZones.ParseName(typed)
		if err != nil {
			return
		}
		if again, err := ownZones.ParseName(name); err != nil || again != name {
			t.Errorf("%q became %q, which became %q, %v", typed, name, again, err)
		}
		if !utf8.ValidString(Shown(name)) || strings.ContainsAny(name, " \r\n\x00/:@") {
			t.Errorf("%q became %q", typed, name)
		}
	})
}
