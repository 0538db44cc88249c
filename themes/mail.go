package themes

import (
	"bytes"
	"fmt"
	"html/template"
	"regexp"
	"strings"
	"time"
)

// Mail is a letter drawn: a subject of one line, a text part that reads well alone, an HTML part.
type Mail struct{ Subject, Text, HTML string }

// letterView is what a letter's templates see. Colours are literal: mail programs know no properties.
type letterView struct {
	*view
	L Letter
}

// Letter draws a letter in the locale given, both parts from the one value.
func (r *Renderer) Letter(b *Brand, locale string, l Letter) (Mail, error) {
	if drawn, ok := l.(TestLetter); ok {
		return drawn.Mail, nil
	}
	name := l.Template()
	html, ok := r.letterHTML[name]
	if !ok {
		return Mail{}, fmt.Errorf("letter %q: no such template", name)
	}
	locale = localeOr(locale, b.localeDefault)
	v := letterView{view: newView(r, b, locale, Chrome{Base: b.base}, nil), L: l}
	var page, plain bytes.Buffer
	if err := html.ExecuteTemplate(&page, "letter.html", v); err != nil {
		return Mail{}, fmt.Errorf("letter %s: %w", name, err)
	}
	if err := r.letterText[name].ExecuteTemplate(&plain, "letter.txt", v); err != nil {
		return Mail{}, fmt.Errorf("letter %s: %w", name, err)
	}
	return Mail{
		Subject: oneLine(r.Text(b, locale, "mail."+name+".subject", nil)),
		Text:    paragraphs(plain.String()),
		HTML:    string(squeeze(page.Bytes())),
	}, nil
}

// oneLine turns every line break and control character into a space: a subject is a header.
func oneLine(s string) string {
	return strings.Join(strings.FieldsFunc(s, func(r rune) bool { return r < 0x20 || r == 0x7f || r == ' ' || r == '\u2028' || r == '\u2029' }), " ")
}

var blankLines = regexp.MustCompile(`\n{3,}`)

// paragraphs leaves one blank line between paragraphs and none at the ends.
func paragraphs(s string) string {
	var lines []string
	for l := range strings.Lines(s) {
		lines = append(lines, strings.TrimSpace(l))
	}
	return strings.TrimSpace(blankLines.ReplaceAllString(strings.Join(lines, "\n"), "\n\n")) + "\n"
}

// Key is a key of this letter: "mail.recovery.intro" for "intro".
func (v letterView) Key(part string) string { return "mail." + v.L.Template() + "." + part }

// Subject is the letter's own, for the HTML title.
func (v letterView) Subject() string {
	return oneLine(v.r.Text(v.B, v.Locale, v.Key("subject"), nil))
}

// Href is a path of the tenant as an absolute address.
func (v letterView) Href(path string) string { return v.B.origin + v.B.base + path }

// LogoSrc is the absolute address of an uploaded logo; mail programs show no SVG mark.
func (v letterView) LogoSrc() string {
	if img := v.B.theme.Logo.Image; img != "" {
		return v.Href("/images/" + img)
	}
	return ""
}

// Color is a colour of the light scheme by the name that the stylesheet uses, as #rrggbb.
func (v letterView) Color(role string) (string, error) {
	p := v.B.light
	c, ok := map[string]rgb{
		"surface": p.surface, "raised": p.raised, "text": p.text, "quiet": p.quiet, "line": p.line,
		"accent": p.accent, "on-accent": p.onAccent, "link": p.link, "bar": p.bar, "on-bar": p.onBar,
	}[role]
	if !ok {
		return "", fmt.Errorf("colour %q: no such role", role)
	}
	return c.hex(), nil
}

// Radius is the button's corner in px.
func (v letterView) Radius() int { return min(v.B.theme.Shape.Radius, 24) }

// AsLink says that the letter has no button: its hyperlink stands at the bottom.
func (v letterView) AsLink() bool { return v.B.theme.LetterCTA == "link" }

// Start is the side where lines begin: mail programs know no logical properties.
func (v letterView) Start() string {
	if v.Dir == "rtl" {
		return "right"
	}
	return "left"
}

// Greeting is a line for somebody with a name, or for nobody in particular.
func (v letterView) Greeting(name string) string {
	if name == "" {
		return v.r.Text(v.B, v.Locale, "mail.greeting_plain", nil)
	}
	return v.r.Text(v.B, v.Locale, "mail.greeting", map[string]any{"name": name})
}

// Forever says that a lock has no end of its own.
func (v letterView) Forever(t time.Time) bool { return t.IsZero() }

// action is what a letter asks for: one address, its label, and whether it opens a new tab.
type action struct {
	letterView
	URL    template.URL
	Label  string
	NewTab bool
}

// Action makes the one button of a letter from a path of the tenant.
func (v letterView) Action(path string, newTab bool) action {
	label := v.r.Text(v.B, v.Locale, v.Key("cta"), nil)
	return action{v, template.URL(v.Href(path)), label, newTab} //nolint:gosec // the tenant's own origin and a path of ours
}

// Contact is whom a letter names: the tenant's own help.
func (v letterView) Contact() Help { return v.B.help }

// ShowSecurity says that the tenant's letters carry the note on passwords.
func (v letterView) ShowSecurity() bool { return v.B.help.SecurityNote }

// SSOKey is the text that fits how the account is managed.
func (v letterView) SSOKey() string {
	switch v.L.(SSOLetter).Mode {
	case "contact_admin":
		return "mail.sso.contact_admin"
	case "generic":
		return "mail.sso.generic"
	}
	return "mail.sso.message"
}
