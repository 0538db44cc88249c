package themes

import (
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"portico/tenants"
)

// TestEveryLocaleSaysEverything holds the catalogues together: the same keys everywhere, the same
// placeholders, and every plural form that the language has.
func TestEveryLocaleSaysEverything(t *testing.T) {
	t.Parallel()
	c, err := readCatalogue()
	if err != nil {
		t.Fatal(err)
	}
	plural := map[string][]string{
		"en": {"one", "other"}, "de": {"one", "other"}, "fr": {"one", "many", "other"},
		"es": {"one", "many", "other"}, "ar": {"zero", "one", "two", "few", "many", "other"},
	}
	for _, locale := range Locales() {
		for key, en := range c.keys["en"] {
			m, ok := c.keys[locale][key]
			if !ok {
				t.Errorf("%s: %s is missing", locale, key)
				continue
			}
			if !maps.Equal(placeholdersOf(m), c.placeholders[key]) {
				t.Errorf("%s: %s has other placeholders than in English", locale, key)
			}
			if (m.Other == "") != (en.Other == "") {
				t.Errorf("%s: %s is empty where English is not, or the other way round", locale, key)
			}
			if en.One == "" {
				continue
			}
			has := map[string]string{"zero": m.Zero, "one": m.One, "two": m.Two, "few": m.Few, "many": m.Many, "other": m.Other}
			for _, form := range plural[locale] {
				if !strings.Contains(has[form], "{count}") {
					t.Errorf("%s: %s lacks the form %q with its {count}", locale, key, form)
				}
			}
		}
		for key := range c.keys[locale] {
			if _, ok := c.keys["en"][key]; !ok {
				t.Errorf("%s: %s is not in English", locale, key)
			}
		}
	}
	if n := len(c.keys["en"]); n < 200 {
		t.Errorf("only %d keys were read", n)
	}
}

// spokenByFlows are the families of keys that flows hand over in a Message, a Flash or a page.
var spokenByFlows = regexp.MustCompile(`^people\.said_[a-z]+$|^(error|rule|step|set|change)\.|^invite\.(title|lead|label|confirm|submit)$|^pass\.set_lead$|^signin\.(signed_out|please|ended|password_reset)$|^proof\.said_[a-z]+$|^resend\.sent$|^factor\.again$|^account\.(session_ended|all_ended|session_gone)$|^gate\.(too_often|unavailable|soon)$|^question\.q\d\d$|^look\.(bad|said|pic)_[a-z_]+$`)

// ways are the names of the proofs, each with its words for the choice and for the page after it.
const ways = `(email_link|email_code|sms_mobile|voice_mobile|voice_office|security_questions|totp|recovery_code)`

// composed are the keys that this package puts together from parts, with what stands for the part.
var composed = regexp.MustCompile(`^addr\.(is|story|item|code|days)_[a-z0-9_]+$|^keys\.(days|state)_[a-z0-9]+$|^people\.(state|invitation|order)_[a-z_]+$|^failure\.[a-z_]+\.(title|text|next)$|^month\.\d+$|^mail\.[a-z_]+\.(subject|reason|cta)$|^ended\.(replaced|used)_plain$|^look\.(t|role|o|g|light|dark)_[a-z0-9_]+$|^look\.(light|dark)$|^preview\.(state|story|scheme|width|part)_[a-z_]+$|^rules\.(knob|why|is|group|mark|effect|fixed|fault|part|whypart)\.[a-z_.-]+$|^(perm|role|resource|gate\.|answer\.sent_)\.[a-z_.]+$|^imports\.(field|state|result|why)_[a-z_]+$|^delivery\.(stage|channel|lane|why|kind|as)\.[a-z_]+$|^dashboard\.(chart|line|hint|span)\.[a-z0-9_]+$|^platform\.(is|preset|step|state|note|to|do|does|layout|kind|level|hours|grant|role|outcome|said)_[a-z0-9_]+$|^audit\.(kind|reason|fact|method|actor|outcome|side)[._][a-z_.]+$|^mail\.sender_notice\.[a-z_]+$|^sender\.(state|next|trouble|rest|record|test|as|ses)_[a-z_]+$|^(gate\.|answer\.sent_)` + ways + `$`)

// TestKeysMeetTheirPages finds keys that no page says and pages that say a key that is not there.
func TestKeysMeetTheirPages(t *testing.T) {
	t.Parallel()
	c, err := readCatalogue()
	if err != nil {
		t.Fatal(err)
	}
	said := map[string]bool{}
	literal := regexp.MustCompile(`"([a-z_]+(?:\.[a-z0-9_]+)+)"`)
	spoken := regexp.MustCompile(`\.(?:T|H|Lead) "([^"]+)"`)
	read := func(path string) {
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range literal.FindAllStringSubmatch(string(b), -1) {
			said[m[1]] = true
		}
		for _, m := range spoken.FindAllStringSubmatch(string(b), -1) {
			if _, ok := c.keys["en"][m[1]]; !ok {
				t.Errorf("%s says %s, which is no key", path, m[1])
			}
		}
	}
	for _, pattern := range []string{"*.go", "pages/*.html", "letters/*.html", "letters/*.txt", "../app/visit/*.go", "../app/console/*/*.go"} {
		files, _ := filepath.Glob(pattern)
		for _, f := range files {
			if !strings.HasSuffix(f, "_test.go") {
				read(f)
			}
		}
	}
	for key := range c.keys["en"] {
		if !said[key] && !spokenByFlows.MatchString(key) && !composed.MatchString(key) {
			t.Errorf("%s: no page and no letter says it", key)
		}
	}
	for kind := range failureKinds(t) {
		if _, ok := c.keys["en"]["failure."+kind+".text"]; !ok {
			t.Errorf("failure.%s has no text", kind)
		}
	}
}

// failureKinds are the kinds of failure that FailurePage names.
func failureKinds(t *testing.T) map[string]bool {
	t.Helper()
	b, err := os.ReadFile("pages.go")
	if err != nil {
		t.Fatal(err)
	}
	m := regexp.MustCompile(`Kind\s+string\s+// (not_found,[a-z_, ]+)`).FindSubmatch(b)
	if m == nil {
		t.Fatal("FailurePage.Kind lists its kinds no more")
	}
	kinds := map[string]bool{}
	for k := range strings.SplitSeq(string(m[1]), ",") {
		kinds[strings.TrimSpace(k)] = true
	}
	return kinds
}

func TestDemoWordsAreSound(t *testing.T) {
	t.Parallel()
	r := testRenderer(t)
	for _, slug := range []string{"alliants", "university", "power"} {
		theme, words := demo(t, slug)
		for _, fault := range append(theme.Validate(), r.CheckWords(words)...) {
			t.Errorf("%s: %s", slug, fault)
		}
	}
}

func TestCheckWordsRefuses(t *testing.T) {
	t.Parallel()
	r := testRenderer(t)
	for _, c := range []struct{ locale, key, text, want string }{
		{"xx", "reset.title", "a", "languages"},
		{"en", "reset.tittle", "a", "no such text"},
		{"en", "reset.sent", "Sent to {address}.", "{address} is not a value"},
		{"en", "mail.recovery.subject", "a\r\nBcc: b@example.com", "one line"},
		{"en", "mail.recovery.subject", strings.Repeat("a", 201), "more than the 200"},
		{"en", "reset.title", strings.Repeat("a", 2001), "more than the 2000"},
		{"en", "reset.title", "a\x00b", "control"},
		{"en", "signin.submit", "", "empty"},
		{"de", "signin.submit", " \u00a0\u200b\n", "empty"},
		{"en", "mail.recovery.subject", " ", "empty"},
		{"en", "sms.code.text", "Your code has been sent.", "{code}"},
		{"fr", "sms.code.short", "Bonjour", "{code}"},
		{"en", "voice.code.text", "Hello {digit}", "{digit}"},
		{"en", "voice.code.text", "Hello from {brand}.", "{digits}"},
		{"en", "mail.contact_admin.code", "Support", "{code}"},
	} {
		got := r.CheckWords(tenants.Words{c.locale: {c.key: c.text}})
		if len(got) == 0 || !strings.Contains(got[0], c.want) || !strings.HasPrefix(got[0], "words."+c.locale) {
			t.Errorf("%s %q: got %q, want something with %q", c.key, c.text, got, c.want)
		}
	}
	if got := r.CheckWords(tenants.Words{"en": {"reset.sent": "Sent to {email} by {brand}.", "signin.lead": "", "voice.code.text": "{digits}"}}); len(got) > 0 {
		t.Errorf("a sound text was refused: %q", got)
	}
}

func TestPluralsAndValues(t *testing.T) {
	t.Parallel()
	r, b := testRenderer(t), testBrand(t, "platform")
	for _, c := range []struct {
		locale, key string
		args        map[string]any
		want        string
	}{
		{"en", "rule.min", map[string]any{"count": 1}, "At least 1 character"},
		{"en", "rule.min", map[string]any{"count": 8}, "At least 8 characters"},
		{"de", "time.hours", map[string]any{"count": 1}, "1 Stunde"},
		{"ar", "time.hours", map[string]any{"count": 3}, "3 ساعات"},
		{"ar", "time.hours", map[string]any{"count": 24}, "24 ساعة"},
		{"en", "ended.used", map[string]any{"time": noon}, "It was already used at 10:42 UTC. A link works once."},
		{"fr", "mail.unlock.expires", map[string]any{"when": noon}, "Le lien fonctionne une fois, jusqu’au 22 novembre 2026, 10:42 UTC."},
		{"en", "reset.latest_link", map[string]any{"ttl": 90 * time.Minute}, "Only the newest link works. It can be used once, within 90 minutes."},
		{"en", "no.such_key", nil, "no.such_key"},
		{"zz", "signin.title", nil, "Sign in"},
	} {
		if got := r.Text(b, c.locale, c.key, c.args); got != c.want {
			t.Errorf("%s %s: got %q, want %q", c.locale, c.key, got, c.want)
		}
	}
}

func TestLocaleOrder(t *testing.T) {
	t.Parallel()
	r := testRenderer(t)
	follows := testBrand(t, "alliants")
	fixed := *follows
	fixed.localeFromBrowser, fixed.localeDefault = false, "fr"
	for _, c := range []struct {
		b                           *Brand
		query, cookie, accept, want string
	}{
		{follows, "de", "fr", "es", "de"},
		{follows, "", "fr", "es", "fr"},
		{follows, "", "", "es-MX,en;q=0.5", "es"},
		{follows, "es-us", "", "", "es"},
		{follows, "", "", "ja", "en"},
		{follows, "<script>", "x", "", "en"},
		{follows, "", "", strings.Repeat("de,", 100), "en"},
		{&fixed, "", "", "de", "fr"},
		{&fixed, "ar", "", "de", "ar"},
	} {
		if got := r.Locale(c.b, c.query, c.cookie, c.accept); got != c.want {
			t.Errorf("%q %q %q: got %s, want %s", c.query, c.cookie, c.accept, got, c.want)
		}
	}
}

func TestAssetsAreThere(t *testing.T) {
	t.Parallel()
	err := fs.WalkDir(staticFiles, "static", func(p string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			if f, ok := Asset(assetName(filepath.Base(p))); !ok || len(f.Bytes) == 0 || f.MediaType == "application/octet-stream" {
				t.Errorf("%s is not served", p)
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, ok := Asset("portico.css"); ok {
		t.Error("an asset is served under a name without its hash")
	}
	if names := AssetNames(); !slices.IsSorted(names) || len(names) < 10 {
		t.Errorf("AssetNames: %v", names)
	}
}
