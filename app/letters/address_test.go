package letters

import (
	"strings"
	"testing"
)

func TestCleanAddress(t *testing.T) {
	t.Parallel()
	good := map[string]string{
		"ada@people.example":              "ada@people.example",
		"Ada.Lovelace+x@People.Example":   "Ada.Lovelace+x@people.example",
		"o'brien@people.example":          "o'brien@people.example",
		"ada@bücher.example":              "ada@xn--bcher-kva.example",
		"a@localhost":                     "a@localhost",
		strings.Repeat("a", 64) + "@b.de": strings.Repeat("a", 64) + "@b.de",
	}
	for raw, want := range good {
		if got, ok := CleanAddress(raw); !ok || got != want {
			t.Errorf("CleanAddress(%q) = %q, %v; want %q", raw, got, ok, want)
		}
	}
	bad := []string{
		"", "ada", "@people.example", "ada@", "ada@@people.example", "a@b@people.example",
		"ada@people.example\r\nBcc: eve@evil.example", "ada\n@people.example", "ada@people.example\n", "ada@people.example\x00",
		"ada@people.example,eve@evil.example", "ada@people.example eve@evil.example", "ada@people.example;eve@evil.example",
		"<ada@people.example>", "Ada <ada@people.example>", "\"ada b\"@people.example", "\"ada\"@people.example",
		"ada(comment)@people.example", "@relay.example:ada@people.example", "ada%evil.example@people.example\t",
		"ada@[127.0.0.1]", "ada@people..example", "ada@.people.example", "ada@-people.example", "ada@peo ple.example",
		".ada@people.example", "ada.@people.example", "a..da@people.example", "adä@people.example", "ada@people.example>",
		"ada@people.example\u2028", "аda@people.example", "ada@people.example> SIZE=1", strings.Repeat("a", 65) + "@b.de",
		"ada@" + strings.Repeat("a", 64) + ".example", "ada@" + strings.Repeat("a.", 130) + "example", "\u202eada@people.example",
	}
	for _, raw := range bad {
		if got, ok := CleanAddress(raw); ok {
			t.Errorf("CleanAddress(%q) = %q, want it refused", raw, got)
		}
	}
}

func FuzzCleanAddress(f *testing.F) {
	for _, s := range []string{"ada@people.example", "a@b\r\nBcc: c@d", "\"x\"@y", "ada@bücher.example", "a@b@c", "<a@b>"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		got, ok := CleanAddress(raw)
		if !ok {
			return
		}
		if strings.Count(got, "@") != 1 || strings.ContainsFunc(got, func(r rune) bool { return r <= ' ' || r >= 0x7f }) ||
			strings.ContainsAny(got, "<>,;:\\\"()[]") {
			t.Errorf("%q became %q", raw, got)
		}
		if again, ok := CleanAddress(got); !ok || again != got {
			t.Errorf("%q is not stable: %q, %v", got, again, ok)
		}
	})
}
