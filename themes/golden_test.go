package themes

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"testing"
)

var update = flag.Bool("update", false, "write the golden files anew")

// assetHash is masked: a new rule in the stylesheet does not make every page differ.
var assetHash = regexp.MustCompile(`\.[0-9a-f]{10}\.`)

// golden compares with testdata/golden/<name>, or writes it with -update.
func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", "golden", name)
	got = assetHash.ReplaceAll(got, []byte(".HASH."))
	if *update {
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatalf("%v; run go test ./themes -update and look at the difference", err)
	}
	if !bytes.Equal(want, got) {
		t.Errorf("%s differs; run go test ./themes -update and look at the difference", path)
	}
}

func testRenderer(t testing.TB) *Renderer {
	t.Helper()
	r, err := NewRenderer()
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestPagesAsBefore(t *testing.T) {
	t.Parallel()
	r := testRenderer(t)
	for _, c := range []struct{ slug, locale string }{{"alliants", "en"}, {"power", "en"}, {"university", "en"}, {"alliants", "ar"}} {
		b := testBrand(t, c.slug)
		for _, e := range examplePages(c.slug) {
			page, err := r.Page(b, c.locale, e.Chrome, e.Page)
			if err != nil {
				t.Fatalf("%s %s: %v", c.slug, e.Name, err)
			}
			golden(t, filepath.Join(c.slug+"-"+c.locale, e.Name+".html"), page)
		}
	}
	for _, c := range []struct{ slug, locale string }{{"alliants", "en"}, {"power", "ar"}} {
		b := testBrand(t, c.slug)
		for _, e := range consolePages() {
			page, err := r.Page(b, c.locale, e.Chrome, e.Page)
			if err != nil {
				t.Fatalf("console %s %s: %v", c.slug, e.Name, err)
			}
			golden(t, filepath.Join("console-"+c.slug+"-"+c.locale, e.Name+".html"), page)
		}
	}
	b := testBrand(t, "platform")
	for _, e := range platformPages() {
		page, err := r.Page(b, "en", e.Chrome, e.Page)
		if err != nil {
			t.Fatalf("platform %s: %v", e.Name, err)
		}
		golden(t, filepath.Join("platform-en", e.Name+".html"), page)
	}
}

func TestLettersAsBefore(t *testing.T) {
	t.Parallel()
	r := testRenderer(t)
	for _, c := range []struct{ slug, locale string }{{"alliants", "en"}, {"power", "en"}, {"power", "ar"}} {
		b := testBrand(t, c.slug)
		for name, l := range exampleLetters() {
			m, err := r.Letter(b, c.locale, l)
			if err != nil {
				t.Fatalf("%s %s: %v", c.slug, name, err)
			}
			dir := filepath.Join("letters", c.slug+"-"+c.locale)
			golden(t, filepath.Join(dir, name+".html"), []byte(m.HTML))
			golden(t, filepath.Join(dir, name+".txt"), []byte("Subject: "+m.Subject+"\n\n"+m.Text))
		}
	}
}

func TestStylesheetsAsBefore(t *testing.T) {
	t.Parallel()
	for _, slug := range []string{"alliants", "university", "power", "platform"} {
		golden(t, "theme-"+slug+".css", testBrand(t, slug).Stylesheet())
	}
}
