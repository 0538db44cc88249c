package tenants

import (
	"errors"
	"regexp"
	"strings"
	"testing"
)

func TestHostsAreNormalizedOrRefused(t *testing.T) {
	t.Parallel()
	label := strings.Repeat("a", 63)
	longest := label + "." + label + "." + label + "." + strings.Repeat("a", 61) // 253
	for raw, want := range map[string]string{
		"brand.example": "brand.example", "BRAND.Example": "brand.example", "brand.example.": "brand.example",
		"brand.example:8080": "brand.example", "brand.example.:443": "brand.example", "127.0.0.1:1": "127.0.0.1",
		"xn--mnchen-3ya.example": "xn--mnchen-3ya.example", "localhost": "localhost", longest: longest, longest + ".": longest,
	} {
		if got, err := NormalizeHost(raw); err != nil || got != want {
			t.Errorf("%q: got %q, %v; want %q", raw, got, err, want)
		}
	}
	for _, raw := range []string{
		"", ".", "..", "a..b", ".a", "a..", ":80", "a:", "a:123456", "a:8o", "a:80:90", "a:-1", "a@b", "a:80@b", "a b", "a\tb", "a\r\nb", "a\x00",
		"[::1]", "[::1]:80", "a/b", "a?b", "a#b", "a%2eb", "a_b", "a\"><script>", "münchen.example", "a\u2024b", "\u212aelvin.example",
		"evil.test,brand.example", label + "a.example", longest + "a",
	} {
		if got, err := NormalizeHost(raw); !errors.Is(err, ErrBadHost) || got != "" {
			t.Errorf("%q: got %q, %v; want ErrBadHost", raw, got, err)
		}
	}
}

func TestSlugs(t *testing.T) {
	t.Parallel()
	for slug, want := range map[string]bool{
		"a": true, "0": true, "a-b": true, "a-": true, strings.Repeat("a", 63): true,
		"": false, "-a": false, "A": false, "a_b": false, "a.b": false, "a/b": false, "a%2f": false, "ü": false, "a b": false,
		"a\n": false, strings.Repeat("a", 64): false,
	} {
		if ValidSlug(slug) != want {
			t.Errorf("ValidSlug(%q) is %v", slug, !want)
		}
	}
}

func FuzzNormalizeHost(f *testing.F) {
	for _, s := range []string{"brand.example:80", "a..b", "a:80@b", "BRAND.", "\u212a", "x\x00", strings.Repeat("a.", 130)} {
		f.Add(s)
	}
	plain := regexp.MustCompile(`^[a-z0-9-]{1,63}(\.[a-z0-9-]{1,63})*$`)
	slug := regexp.MustCompile(`^[a-z0-9][a-z0-9-]{0,62}$`)
	f.Fuzz(func(t *testing.T, raw string) {
		if ValidSlug(raw) != (slug.MatchString(raw) && !strings.HasSuffix(raw, "\n")) {
			t.Fatalf("ValidSlug(%q) is %v", raw, ValidSlug(raw))
		}
		got, err := NormalizeHost(raw)
		if err != nil {
			return
		}
		if !plain.MatchString(got) || len(got) > 253 {
			t.Fatalf("%q became %q", raw, got)
		}
		if again, err := NormalizeHost(got); err != nil || again != got {
			t.Fatalf("%q became %q and then %q, %v", raw, got, again, err)
		}
	})
}
