package themes

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"portico/tenants"
)

// Brand is one tenant's look and words, worked out: parsed theme, palette, stylesheet, overrides.
// It never changes; callers keep one per tenant version.
type Brand struct {
	name, origin, base string
	platform           bool
	theme              Theme
	light              palette
	stylesheet         sheet
	consoleStylesheet  sheet
	words              tenants.Words
	localeDefault      string
	localeFromBrowser  bool
	help               Help // for letters, which no flow hands it to
}

// NewBrand works a tenant's theme out. It fails on a theme that does not parse or that Validate refuses.
func NewBrand(t *tenants.Tenant) (*Brand, error) {
	theme, err := ParseTheme(t.Theme)
	if err != nil {
		return nil, err
	}
	if f := theme.Validate(); len(f) > 0 {
		return nil, fmt.Errorf("theme of %s: %s", t.Slug, strings.Join(f, "; "))
	}
	b := newBrand(t.Name, t.Origin, t.BasePath, theme)
	b.words = t.Words
	b.localeDefault = localeOr(t.Policy.Routing.LocaleDefault, "en")
	b.localeFromBrowser = t.Policy.Routing.LocaleFromBrowser
	b.help = HelpOf(t.Policy.Help)
	return b, nil
}

// PlatformBrand is the platform's own: neutral ink on paper, one blue. Origin is scheme://host[:port].
func PlatformBrand(origin string) *Brand {
	theme := DefaultTheme()
	theme.Type = Type{Title: "grotesque", Text: "grotesque", Weight: 600, Case: "as_written"}
	b := newBrand("Portico", origin, "", theme)
	b.platform, b.localeDefault, b.localeFromBrowser = true, "en", true
	return b
}

func newBrand(name, origin, base string, theme Theme) *Brand {
	b := &Brand{name: name, origin: strings.TrimSuffix(origin, "/"), base: base, theme: theme}
	b.light, _ = theme.palettes()
	b.stylesheet = newSheet(theme.stylesheet(fontsSwap))
	b.consoleStylesheet = newSheet(theme.stylesheet(fontsOptional))
	return b
}

// sheet is a stylesheet and its address, "/assets/theme.<hash>.css", below the base path.
type sheet struct {
	path string
	css  []byte
}

func newSheet(css []byte) sheet {
	return sheet{"/assets/" + hashedName("theme.css", css), css}
}

// Name is the brand's name as people know it.
func (b *Brand) Name() string { return b.name }

// Origin is the canonical scheme://host[:port]; addresses in letters begin with it.
func (b *Brand) Origin() string { return b.origin }

// Base is "" or "/t/<slug>": it stands before every path of a page.
func (b *Brand) Base() string { return b.base }

// StylesheetPath is "/assets/theme.<hash>.css", below the base path.
func (b *Brand) StylesheetPath() string { return b.stylesheet.path }

// Stylesheet is the brand's own CSS file: custom properties and font faces, nothing else.
func (b *Brand) Stylesheet() []byte { return b.stylesheet.css }

// StylesheetAt is the brand's CSS file at an address: that of its pages or that of its console, which
// differs in how it waits for fonts. Nil when neither is there.
func (b *Brand) StylesheetAt(path string) []byte {
	for _, s := range []sheet{b.stylesheet, b.consoleStylesheet} {
		if s.path == path {
			return s.css
		}
	}
	return nil
}

// TitleFont is the theme's choice for titles: system, grotesque, humanist, serif, hyperlegible, condensed.
func (b *Brand) TitleFont() string { return b.theme.Type.Title }

// Fonts are the names of the files that this brand's text cannot do without, for Asset: a page asks for
// them before its stylesheets have come, so that text is set once and does not move (look.md, 5).
func (b *Brand) Fonts(locale string) []string {
	var names []string
	faces := slices.Concat(fontNamed(b.theme.Type.Text).faces, fontNamed(b.theme.Type.Title).faces)
	if direction(locale) == "rtl" { // of these scripts there is Arabic, for which no face of a reader's own could stand in
		faces = append(faces, arabicFaces()...)
	}
	for _, f := range faces {
		if !slices.Contains(names, f.file) {
			names = append(names, f.file)
		}
	}
	return names
}

// HelpOf is what pages and letters show of a tenant's help policy.
func HelpOf(p tenants.HelpPolicy) Help {
	return Help{
		Escalation: p.Escalation, Phone: p.Phone, PhoneLink: p.PhoneLink, Email: p.Email, URL: p.URL,
		SecurityNote: p.SecurityNote, Panel: p.Panel,
	}
}

// siteTitle names the site in the bar, the rail and page titles.
func (b *Brand) siteTitle() string { return cmp.Or(b.theme.SiteTitle, b.name) }

// logo is the picture at the top of pages: addresses below the base path; Src is "" for a name in letters.
type logo struct {
	Src, Dark, OnBar string
	Name             string // stands beside a mark, or is the picture's alternative text
	Named            bool   // a mark: its name stands beside it in the title's font
	Height           int
}

func (b *Brand) logo(base string) logo {
	l := logo{Name: cmp.Or(b.theme.Logo.Alt, b.name), Height: b.theme.Logo.Height}
	switch t := b.theme.Logo; {
	case t.Image != "":
		l.Src = base + "/images/" + t.Image
		l.Dark = base + "/images/" + cmp.Or(t.ImageDark, t.Image)
		l.OnBar = l.Dark
	case t.Mark != "":
		l.Named = true
		l.Src = base + "/assets/" + assetName(t.Mark+".svg")
		l.Dark = base + "/assets/" + assetName(t.Mark+"-dark.svg")
		l.OnBar = l.Dark
	}
	if b.theme.ColorMode == "light" {
		l.Dark = ""
	}
	return l
}
