package themes

import (
	"bytes"
	"crypto/rand"
	"embed"
	"fmt"
	"html/template"
	"io/fs"
	"path"
	"strings"
	"sync"
	"sync/atomic"
	text "text/template"

	"golang.org/x/text/language"
)

//go:embed pages/*.html letters/*.html letters/*.txt static/icons/*.svg
var templateFiles embed.FS

// Renderer turns typed pages and letters into bytes. It holds the parsed templates and the words;
// it is safe for concurrent use.
type Renderer struct {
	pages      map[string]*template.Template
	letterHTML map[string]*template.Template
	letterText map[string]*text.Template
	words      *catalogue
	matcher    language.Matcher
	matched    sync.Map // language list of a browser → locale, "" for none
	kept       atomic.Int64
	icons      map[string]template.HTML
	nonceSlot  string // stands in Prepared pages where the nonce goes; nobody outside can guess it
	tokenSlot  string
	personSlot string
}

// NewRenderer parses every template and all words. It fails only when the program's own files are wrong.
func NewRenderer() (*Renderer, error) {
	words, err := readCatalogue()
	if err != nil {
		return nil, err
	}
	r := &Renderer{
		pages:      map[string]*template.Template{},
		letterHTML: map[string]*template.Template{},
		letterText: map[string]*text.Template{},
		words:      words,
		icons:      map[string]template.HTML{},
		nonceSlot:  "N" + rand.Text(),
		tokenSlot:  "T" + rand.Text(),
		personSlot: "P" + rand.Text(),
	}
	var tags []language.Tag
	for _, l := range Locales() {
		tags = append(tags, language.Make(l))
	}
	r.matcher = language.NewMatcher(tags)
	if err := r.readIcons(); err != nil {
		return nil, err
	}
	if err := r.parsePages(); err != nil {
		return nil, err
	}
	return r, r.parseLetters()
}

// parsePages gives every page its own set: the document around it, the shared parts, its own file.
func (r *Renderer) parsePages() error {
	shared, err := template.New("document.html").Option("missingkey=error").
		ParseFS(templateFiles, "pages/document.html", "pages/parts_*.html")
	if err != nil {
		return fmt.Errorf("pages: %w", err)
	}
	files, err := fs.Glob(templateFiles, "pages/*.html")
	if err != nil {
		return err
	}
	for _, f := range files {
		name := strings.TrimSuffix(path.Base(f), ".html")
		if name == "document" || strings.HasPrefix(name, "parts_") {
			continue
		}
		set, err := shared.Clone()
		if err != nil {
			return err
		}
		if r.pages[name], err = set.ParseFS(templateFiles, f); err != nil {
			return fmt.Errorf("pages: %w", err)
		}
	}
	return nil
}

func (r *Renderer) parseLetters() error {
	names, err := fs.Glob(templateFiles, "letters/*.html")
	if err != nil {
		return err
	}
	for _, f := range names {
		name := strings.TrimSuffix(path.Base(f), ".html")
		if name == "letter" {
			continue
		}
		if r.letterHTML[name], err = template.ParseFS(templateFiles, "letters/letter.html", f); err != nil {
			return fmt.Errorf("letters: %w", err)
		}
		if r.letterText[name], err = text.ParseFS(templateFiles, "letters/letter.txt", "letters/"+name+".txt"); err != nil {
			return fmt.Errorf("letters: %w", err)
		}
	}
	return nil
}

// readIcons keeps each icon as inline SVG without a name of its own: words stand beside it.
func (r *Renderer) readIcons() error {
	files, err := fs.Glob(templateFiles, "static/icons/*.svg")
	if err != nil {
		return err
	}
	for _, f := range files {
		b, err := templateFiles.ReadFile(f)
		if err != nil {
			return err
		}
		r.icons[strings.TrimSuffix(path.Base(f), ".svg")] = template.HTML(bytes.TrimSpace(b)) //nolint:gosec // our own file
	}
	return nil
}

// Page draws a complete HTML document in the locale given (one of Locales; others become the brand's
// own). It writes nothing before the whole page is drawn, so an error leaves nothing half sent.
func (r *Renderer) Page(b *Brand, locale string, c Chrome, p Page) ([]byte, error) {
	set, ok := r.pages[p.Template()]
	if !ok {
		return nil, fmt.Errorf("page %q: no such template", p.Template())
	}
	locale = localeOr(locale, b.localeDefault)
	v := newView(r, b, locale, c, p)
	var buf bytes.Buffer
	buf.Grow(8 << 10)
	if err := set.ExecuteTemplate(&buf, "document.html", v); err != nil {
		return nil, fmt.Errorf("page %s: %w", p.Template(), err)
	}
	return squeeze(buf.Bytes()), nil
}

// squeeze drops the blank lines and the indentation that templates leave behind. No page holds
// <pre> or <textarea>, so white space at the start of a line means nothing.
func squeeze(page []byte) []byte {
	out := page[:0]
	for line := range bytes.Lines(page) {
		if t := bytes.TrimSpace(line); len(t) > 0 {
			out = append(append(out, t...), '\n')
		}
	}
	return out
}
