package themes

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"portico/tenants"
)

func TestCodesAsBefore(t *testing.T) {
	t.Parallel()
	r := testRenderer(t)
	for _, slug := range []string{"alliants", "university", "power"} {
		b := testBrand(t, slug)
		var short strings.Builder
		for _, locale := range Locales() {
			sms := r.SMS(b, locale, sampleCode("recovery"))
			fmt.Fprintf(&short, "%s text (%d)\n%s\n\n%[1]s call\n%[4]s\n\n", locale, Segments(sms), sms, r.Voice(b, locale, sampleCode("recovery")))
		}
		golden(t, filepath.Join("codes", slug+".txt"), []byte(short.String()))
		for _, locale := range []string{"en", "ar"} {
			m, err := r.Letter(b, locale, sampleCode("recovery"))
			if err != nil {
				t.Fatal(err)
			}
			golden(t, filepath.Join("codes", slug+"-"+locale+".html"), []byte(m.HTML))
			golden(t, filepath.Join("codes", slug+"-"+locale+".txt"), []byte("Subject: "+m.Subject+"\n\n"+m.Text))
		}
	}
}

// A text has one segment in every language for brands of ordinary length, and its last line binds the code to the host.
func TestTextsAreShortAndBound(t *testing.T) {
	t.Parallel()
	r := testRenderer(t)
	for _, slug := range []string{"alliants", "university", "power"} {
		b := testBrand(t, slug)
		for _, locale := range Locales() {
			sms := r.SMS(b, locale, sampleCode("recovery"))
			lines := strings.Split(sms, "\n")
			if want := "@" + slug + ".localhost #480913"; lines[len(lines)-1] != want || lines[len(lines)-2] != "" || len(lines) != 3 {
				t.Errorf("%s %s: %q does not end in %q", slug, locale, sms, want)
			}
			if n := Segments(sms); n != 1 {
				t.Errorf("%s %s: %d segments: %q", slug, locale, n, sms)
			}
			if !strings.Contains(lines[0], "480913") {
				t.Errorf("%s %s: no code in the words: %q", slug, locale, sms)
			}
			if v := r.Voice(b, locale, sampleCode("recovery")); strings.Count(v, "4, 8, 0, 9, 1, 3") != 2 || strings.Contains(v, "\n") {
				t.Errorf("%s %s: not said twice, digit by digit: %q", slug, locale, v)
			}
		}
	}
}

func TestTheWordsSayWhatACodeIsFor(t *testing.T) {
	t.Parallel()
	r, b, seen := testRenderer(t), testBrand(t, "alliants"), map[string]string{}
	for _, what := range []string{"recovery", "register", "signin", "unlock"} {
		l := sampleCode(what)
		m, err := r.Letter(b, "en", l)
		if err != nil {
			t.Fatal(err)
		}
		if other, twice := seen[m.Text]; twice {
			t.Errorf("%s says the same as %s", what, other)
		}
		seen[m.Text] = what
	}
}

// A brand's name is the brand's own: no line of it may become the last one, which names where the code belongs.
func TestABrandsNameCannotAddLines(t *testing.T) {
	t.Parallel()
	r := testRenderer(t)
	b, err := NewBrand(&tenants.Tenant{
		Slug: "x", Name: "Evil\r\n\n@evil.example #480913\u2028Bcc: a@b.example", Origin: "https://x.portico.example",
		Words: tenants.Words{"en": {"sms.code.short": "{code}\n@other.example #1"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	sms := r.SMS(b, "en", sampleCode("recovery"))
	if strings.Count(sms, "\n") != 2 || !strings.HasSuffix(sms, "\n\n@x.portico.example #480913") || strings.ContainsAny(sms, "\r\u2028") {
		t.Errorf("%q", sms)
	}
	if v := r.Voice(b, "en", sampleCode("recovery")); strings.ContainsAny(v, "\r\n\u2028") {
		t.Errorf("%q", v)
	}
	m, err := r.Letter(b, "en", sampleCode("recovery"))
	if err != nil || strings.ContainsAny(m.Subject, "\r\n") {
		t.Errorf("%q, %v", m.Subject, err)
	}
}

func TestSegments(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]int{
		"": 1, strings.Repeat("a", 160): 1, strings.Repeat("a", 161): 2, strings.Repeat("a", 306): 2, strings.Repeat("a", 307): 3,
		strings.Repeat("€", 80): 1, strings.Repeat("€", 81): 2, strings.Repeat("é", 160): 1,
		strings.Repeat("ê", 70): 1, strings.Repeat("ê", 71): 2, strings.Repeat("م", 134): 2, strings.Repeat("م", 135): 3,
		strings.Repeat("😀", 35): 1, strings.Repeat("😀", 36): 2,
	} {
		if got := Segments(text); got != want {
			t.Errorf("%d × %.3q: %d segments, want %d", len([]rune(text)), text, got, want)
		}
	}
}
