package themes

import (
	"bytes"
	"regexp"
	"strings"
	"testing"

	"portico/tenants"
)

func TestPreparedIsThePage(t *testing.T) {
	t.Parallel()
	r, b := testRenderer(t), testBrand(t, "power")
	for _, e := range examplePages("power") {
		want, err := r.Page(b, "de", e.Chrome, e.Page)
		if err != nil {
			t.Fatal(err)
		}
		p, err := r.Prepare(b, "de", e.Chrome, e.Page)
		if err != nil {
			t.Fatal(err)
		}
		if got := p.Append(nil, e.Chrome.Nonce, e.Chrome.Token, e.Chrome.Person); !bytes.Equal(got, want) {
			t.Errorf("%s: prepared and drawn differ", e.Name)
		}
	}
}

// Not parallel: AllocsPerRun counts for the whole program.
func TestAppendKeepsItsSlots(t *testing.T) {
	r, b := testRenderer(t), testBrand(t, "alliants")
	p, err := r.Prepare(b, "en", Chrome{}, examplePages("alliants")[0].Page)
	if err != nil {
		t.Fatal(err)
	}
	page := string(p.Append(nil, `n"><script>`, `t'" x`, `<b>&`))
	if strings.Contains(page, "<script>") || !strings.Contains(page, `nonce="nscript"`) || !strings.Contains(page, `value="tx"`) {
		t.Error("a nonce or a token can leave its attribute")
	}
	buf := make([]byte, 0, p.Size()+256)
	if n := testing.AllocsPerRun(50, func() { buf = p.Append(buf[:0], "nonce", "token", "") }); n > 0 {
		t.Errorf("Append allocates %v times", n)
	}
}

// TestNothingInline holds the pages to the policy of security.md 4.6.
func TestNothingInline(t *testing.T) {
	t.Parallel()
	r := testRenderer(t)
	inline := regexp.MustCompile(`(?i)\sstyle=|\son[a-z]+=|<style|javascript:|ZgotmplZ|<no value>|\{[a-z_]+\}`)
	for _, slug := range []string{"alliants", "university", "power", "platform"} {
		b := testBrand(t, slug)
		list := examplePages(slug)
		if slug == "platform" {
			list = platformPages()
		}
		for _, e := range list {
			for _, locale := range Locales() {
				page, err := r.Page(b, locale, e.Chrome, e.Page)
				if err != nil {
					t.Fatal(err)
				}
				// The countdown's {clock} is filled by the script.
				seen := bytes.ReplaceAll(page, []byte("{clock}"), nil)
				if m := inline.Find(seen); m != nil {
					t.Errorf("%s %s %s holds %q", slug, locale, e.Name, m)
				}
				if forms, tokens := bytes.Count(page, []byte(`method="post"`)), bytes.Count(page, []byte(`name="token"`)); forms != tokens {
					t.Errorf("%s %s: %d forms, %d tokens", slug, e.Name, forms, tokens)
				}
				if weight := len(page) + len(mustAsset(t, "portico.css")) + len(mustAsset(t, "portico.js")) + len(b.Stylesheet()); weight > 60<<10 {
					t.Errorf("%s %s weighs %d bytes", slug, e.Name, weight)
				}
			}
		}
	}
}

func mustAsset(t *testing.T, plain string) []byte {
	t.Helper()
	f, ok := Asset(assetName(plain))
	if !ok {
		t.Fatalf("%s is missing", plain)
	}
	return f.Bytes
}

func TestWordsAndValuesAreText(t *testing.T) {
	t.Parallel()
	r := testRenderer(t)
	b := newBrand(`Evil "Co" <b>`, "https://evil.example", "/t/evil", DefaultTheme())
	b.localeDefault = "en"
	b.words = tenants.Words{"en": {
		"reset.sent": `<script>alert(1)</script> {email} {{.C.Token}}`, "reset.title": `"><img src=x onerror=a>`,
	}}
	page, err := r.Page(b, "en", Chrome{Base: "/t/evil"}, RecoverSentPage{Echo: `<i>"{brand}"@x`})
	if err != nil {
		t.Fatal(err)
	}
	for _, bad := range []string{"<script>", "<i>", "<img src=x", "<b>", "Evil \"Co\" &lt;b&gt;&quot;@x"} {
		if bytes.Contains(page, []byte(bad)) {
			t.Errorf("the page holds %q", bad)
		}
	}
	for _, want := range []string{"&lt;script&gt;", "{{.C.Token}}", `href="/t/evil/assets/portico.`, `href="/t/evil/login"`} {
		if !bytes.Contains(page, []byte(want)) {
			t.Errorf("the page lacks %q", want)
		}
	}
}

func TestContactsBreakBetweenWords(t *testing.T) {
	t.Parallel()
	h := Help{Email: `a.b@<i>"x".example`}
	page, err := testRenderer(t).Page(testBrand(t, "alliants"), "en", Chrome{}, HelpPage{Help: h})
	if err != nil {
		t.Fatal(err)
	}
	want := `<span dir="ltr">a.<wbr>b@<wbr>&lt;i&gt;&#34;x&#34;.<wbr>example</span>`
	if !bytes.Contains(page, []byte(want)) {
		t.Errorf("the page lacks %q", want)
	}
}

func TestSubjectsAreOneLine(t *testing.T) {
	t.Parallel()
	r := testRenderer(t)
	b := newBrand("Two\r\nBcc: x@example.com", "https://a.example", "", DefaultTheme())
	b.localeDefault = "en"
	b.words = tenants.Words{"en": {"mail.recovery.subject": "Hello {brand}\u2028\x00again"}}
	m, err := r.Letter(b, "en", exampleLetters()["recovery"])
	if err != nil {
		t.Fatal(err)
	}
	if m.Subject != "Hello Two Bcc: x@example.com again" {
		t.Errorf("subject %q", m.Subject)
	}
}

func TestLettersCarryTheirLink(t *testing.T) {
	t.Parallel()
	r := testRenderer(t)
	for _, slug := range []string{"alliants", "power"} {
		b := testBrand(t, slug)
		l := exampleLetters()["recovery"].(RecoveryLetter)
		m, err := r.Letter(b, "en", l)
		if err != nil {
			t.Fatal(err)
		}
		link := "http://" + slug + ".localhost:8080" + l.Link
		if !strings.Contains(m.Text, link) || !strings.Contains(m.HTML, `href="`+link+`" target="_blank"`) {
			t.Errorf("%s: the link is missing", slug)
		}
		if button := strings.Contains(m.HTML, "bgcolor"); button != (slug == "alliants") {
			t.Errorf("%s: button %v", slug, button)
		}
		if strings.Contains(m.HTML, "ZgotmplZ") || strings.Contains(m.HTML, "<img") {
			t.Errorf("%s: the letter holds a picture or a blocked value", slug)
		}
	}
}

func BenchmarkAppend(b *testing.B) {
	r, brand := testRenderer(b), testBrand(b, "alliants")
	p, err := r.Prepare(brand, "en", Chrome{}, examplePages("alliants")[0].Page)
	if err != nil {
		b.Fatal(err)
	}
	buf := make([]byte, 0, p.Size()+256)
	for b.Loop() {
		buf = p.Append(buf[:0], "bm9uY2Vub25jZW5vbmNl", "dG9rZW50b2tlbnRva2VudG9rZW50b2tlbnRva2Vu", "")
	}
}
