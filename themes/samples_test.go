package themes

import (
	"bytes"
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// templatesOf are the names that the types of this package give themselves as pages and letters, read from
// its code.
func templatesOf(t *testing.T) map[string]string {
	t.Helper()
	names := map[string]string{}
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range files {
		if strings.HasSuffix(path, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range file.Decls {
			f, ok := d.(*ast.FuncDecl)
			if !ok || f.Name.Name != "Template" || f.Recv == nil || len(f.Body.List) != 1 {
				continue
			}
			if lit, ok := f.Body.List[0].(*ast.ReturnStmt).Results[0].(*ast.BasicLit); ok {
				name, _ := strconv.Unquote(lit.Value)
				names[name] = f.Recv.List[0].Type.(*ast.Ident).Name
			}
		}
	}
	return names
}

// TestEveryPageAndLetterHasASample finds the pages and letters in the code and among the templates: each must
// have a sample, but for pages that are shown within the console alone, and for what previews are shown by.
func TestEveryPageAndLetterHasASample(t *testing.T) {
	t.Parallel()
	r, sampled, inConsole := testRenderer(t), map[string]bool{}, map[string]bool{}
	for _, story := range SampleStories(sampleOf("alliants")) {
		for _, s := range story.Pages {
			sampled[s.Page.Template()] = true
		}
	}
	for _, s := range LetterSamples() {
		sampled[s.Letter.Template()] = true
	}
	outside := map[string]bool{}
	for _, e := range consolePages() {
		if len(e.Chrome.Console) > 0 {
			inConsole[e.Page.Template()] = true
		} else {
			outside[e.Page.Template()] = true
		}
	}
	for _, e := range platformExamples() { // the staff's own, which no customer previews
		inConsole[e.Page.Template()] = true
	}
	for _, e := range sharedExamples() {
		inConsole[e.Page.Template()] = true
	}
	names := templatesOf(t)
	if len(names) < 60 || names["signin"] != "SignInPage" || names["recovery"] != "RecoveryLetter" {
		t.Fatalf("only %d pages and letters were found: %v", len(names), names)
	}
	delete(names, TestLetter{}.Template()) // looks like what it tries
	files := slices.Concat(slices.Collect(maps.Keys(r.pages)), slices.Collect(maps.Keys(r.letterHTML)))
	for _, name := range files {
		if names[name] == "" {
			t.Errorf("%s.html: no type is drawn by it", name)
		}
	}
	for name, typ := range names {
		_, page := r.pages[name]
		switch {
		case !slices.Contains(files, name):
			t.Errorf("%s: there is no template %s", typ, name)
		case sampled[name]:
		case !page:
			t.Errorf("%s: no sample of this letter in LetterSamples", typ)
		case !inConsole[name] || outside[name]:
			t.Errorf("%s: no sample of this page in SampleStories", typ)
		}
	}
}

func TestSamplesAreNamedOnce(t *testing.T) {
	t.Parallel()
	p := Preview{Stories: SampleStories(sampleOf("power")), Letters: LetterSamples()}
	names, v := p.Names(), newView(testRenderer(t), testBrand(t, "power"), "en", Chrome{}, nil)
	if len(names) < 100 {
		t.Errorf("only %d samples", len(names))
	}
	plain := regexp.MustCompile(`^[a-z_]+$`)
	for i, name := range names {
		if slices.Contains(names[i+1:], name) || !plain.MatchString(name) {
			t.Errorf("%s is no name of its own", name)
		}
	}
	for _, g := range v.WithPreview(p).Groups() {
		var texts []string
		for _, o := range g.Options {
			if o.Text == "" || strings.Contains(o.Text, "preview.") || strings.Contains(o.Text, "<") || strings.Contains(o.Text, "&amp;") {
				t.Errorf("%s is called %q", o.Value, o.Text)
			}
			if slices.Contains(texts, o.Text) {
				t.Errorf("%s: two samples are called %q", g.Label, o.Text)
			}
			texts = append(texts, o.Text)
		}
	}
}

// TestFramesDoNothing draws every sample in a frame, of every brand and language: no script, no address that
// leads anywhere, no value left open.
func TestFramesDoNothing(t *testing.T) {
	t.Parallel()
	r := testRenderer(t)
	// what a frame may name: its own places, its assets and pictures, and whom to ask
	leads := regexp.MustCompile(`(?:href|src|srcset|action|data-ask|data-captcha-from)="([^"]*)"`)
	may := regexp.MustCompile(`^(#[^"]*|/t/x/assets/[a-z0-9.-]+|/t/x/images/[0-9a-f]{64}|/style\?scheme=dark|tel:[^"]+|mailto:[^?]+)$`)
	active := regexp.MustCompile(`(?i)<script|\sstyle=|\son[a-z]+=|javascript:|ZgotmplZ|<no value>`)
	f := Frame{Stylesheet: "/style?scheme=dark", Scheme: "dark"}
	for _, slug := range []string{"alliants", "university", "power"} {
		b := testBrand(t, slug)
		for _, story := range SampleStories(sampleOf(slug)) {
			brand := b
			if story.Platform {
				brand = testBrand(t, "platform")
			}
			for _, s := range story.Pages {
				for _, locale := range Locales() {
					page, err := r.FramedPage(brand, locale, "/t/x", f, s)
					if err != nil {
						t.Fatal(err)
					}
					if m := active.Find(page); m != nil {
						t.Errorf("%s %s %s holds %q", slug, locale, s.Name, m)
					}
					if bytes.Contains(page, []byte("console.css")) || bytes.Contains(page, []byte("console-nav")) {
						t.Errorf("%s stands in the console", s.Name)
					}
					for _, m := range leads.FindAllSubmatch(page, -1) {
						if !may.Match(m[1]) {
							t.Errorf("%s %s leads to %q", slug, s.Name, m[0])
						}
					}
				}
			}
		}
	}
}

func TestFramesAreLightOrDark(t *testing.T) {
	t.Parallel()
	for _, slug := range []string{"alliants", "university", "power", "platform"} {
		b := testBrand(t, slug)
		live := string(b.Stylesheet())
		light, dark := string(b.FrameSheet("/t/x", "light")), string(b.FrameSheet("/t/x", "dark"))
		for _, sheet := range []string{light, dark} {
			if strings.Contains(sheet, "prefers-color-scheme") || strings.Contains(sheet, "url(../") || strings.Count(sheet, "url(/t/x/") != strings.Count(live, "url(") {
				t.Errorf("%s: a frame's stylesheet is not its own: %s", slug, sheet)
			}
		}
		if !strings.Contains(light, "color-scheme:light;") || !strings.Contains(light, "@media not all{") || strings.Contains(light, "@media all{") {
			t.Errorf("%s: the light one is not light alone", slug)
		}
		if !strings.Contains(dark, "color-scheme:dark;") || !strings.Contains(dark, "@media all{") {
			t.Errorf("%s: the dark one is not dark alone", slug)
		}
	}
	r, b := testRenderer(t), testBrand(t, "alliants")
	for _, s := range LetterSamples() {
		for _, part := range s.Parts() {
			for _, scheme := range Schemes() {
				doc, err := r.FramedLetter(b, "ar", "/t/x", part, Frame{Stylesheet: "/style", Scheme: scheme}, s)
				if err != nil {
					t.Fatal(err)
				}
				if text := string(doc); !strings.Contains(text, `dir="rtl"`) || strings.Contains(text, "prefers-color-scheme") || strings.Contains(text, "<script") {
					t.Errorf("%s %s %s: %s", s.Name, part, scheme, text)
				}
			}
		}
	}
	mail, err := r.Letter(b, "en", sampleCode("signin"))
	if err != nil {
		t.Fatal(err)
	}
	if light, dark := mail.Schemed("light"), mail.Schemed("dark"); light == dark || !strings.Contains(dark, "@media all {") || !strings.Contains(light, "@media not all {") {
		t.Error("a letter is not light or dark")
	}
}

func TestTestLettersSayThatTheyAre(t *testing.T) {
	t.Parallel()
	r, b := testRenderer(t), testBrand(t, "alliants")
	for _, s := range LetterSamples() {
		was, err := r.Letter(b, "en", s.Letter)
		if err != nil {
			t.Fatal(err)
		}
		l, err := r.TestLetter(b, "en", s.Letter)
		if err != nil {
			t.Fatal(err)
		}
		again, err := r.Letter(b, "en", l)
		if err != nil || again.Subject != "[Test] "+was.Subject || again.Text != was.Text || again.HTML != was.HTML {
			t.Errorf("%s: %q, %v", s.Name, again.Subject, err)
		}
	}
}
