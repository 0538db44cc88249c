package themes

import (
	"html"
	"strings"
)

// Frame makes a page a picture of itself, for previews: it runs no script, its links lead nowhere, its
// pictures are samples, and it is light or dark whatever the screen is.
type Frame struct {
	Stylesheet string // the address of the brand's FrameSheet; as it stands in the page
	Scheme     string // light, dark
}

// Schemes are the two ways in which a screen may be set.
func Schemes() []string { return []string{"light", "dark"} }

// FrameSheet is the brand's stylesheet for one scheme alone. Its addresses are absolute below the base, so
// that it may be served from anywhere.
func (b *Brand) FrameSheet(base, scheme string) []byte {
	dark, says := "@media not all{", "color-scheme:light;"
	if scheme == "dark" {
		dark, says = "@media all{", "color-scheme:dark;"
	}
	return []byte(strings.NewReplacer(
		"src:url(", "src:url("+base+"/assets/",
		"url(../images/", "url("+base+"/images/",
		"@media (prefers-color-scheme:dark){", dark,
		"color-scheme:light dark;", says,
	).Replace(string(b.stylesheet.css)))
}

// Schemed is a mail's HTML part as a program shows it that is set to light or to dark.
func (m Mail) Schemed(scheme string) string {
	dark, says := "@media not all {", `content="light"`
	if scheme == "dark" {
		dark, says = "@media all {", `content="dark"`
	}
	return strings.NewReplacer("@media (prefers-color-scheme: dark) {", dark, `content="light dark"`, says).Replace(m.HTML)
}

// Framed tells whether the page is a picture of itself.
func (v *view) Framed() bool { return v.C.Frame != nil }

// Nowhere is where the links and forms of a page in a frame lead: to where one is.
const nowhere = "#main"

// StylesheetURL is where the brand's stylesheet is.
func (v *view) StylesheetURL() string {
	if v.Framed() {
		return v.C.Frame.Stylesheet
	}
	if v.Is(LayoutConsole) {
		return v.URL(v.B.consoleStylesheet.path)
	}
	return v.URL(v.B.StylesheetPath())
}

// Away is an address elsewhere; in a frame, nowhere.
func (v *view) Away(address string) string {
	if v.Framed() {
		return nowhere
	}
	return address
}

// Drawn is the address of a picture that the program draws for one person; in a frame, of a sample of it.
func (v *view) Drawn(path, sample string) string {
	if v.Framed() {
		return v.Asset(sample)
	}
	return v.URL(path)
}

// Logo is the brand's picture for this page's base path; in a frame, the one of its scheme.
func (v *view) Logo() logo {
	l := v.B.logo(v.C.Base)
	if v.Framed() {
		if v.C.Frame.Scheme == "dark" && l.Dark != "" {
			l.Src = l.Dark
		}
		l.Dark = ""
	}
	return l
}

// TitleOf is the title of a page in the brand's words as plain text, without the site's name; "" when there is no such page.
func (r *Renderer) TitleOf(b *Brand, locale string, p Page) string {
	set, ok := r.pages[p.Template()]
	if !ok {
		return ""
	}
	var out strings.Builder
	v := newView(r, b, localeOr(locale, b.localeDefault), Chrome{}, p)
	if err := set.ExecuteTemplate(&out, "title", v); err != nil {
		return ""
	}
	return html.UnescapeString(strings.TrimSpace(out.String()))
}
