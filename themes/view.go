package themes

import (
	"cmp"
	"fmt"
	"html/template"
	"slices"
	"strings"
	"time"
)

// view is what a page's template sees: the page, what stands around it, and the words.
type view struct {
	r      *Renderer
	B      *Brand
	Locale string
	Dir    string
	C      Chrome
	P      Page
}

func newView(r *Renderer, b *Brand, locale string, c Chrome, p Page) *view {
	return &view{r: r, B: b, Locale: locale, Dir: direction(locale), C: c, P: p}
}

// T is a message as plain text; pairs are names and values in turn.
func (v *view) T(key string, pairs ...any) (string, error) {
	args, err := named(pairs)
	return v.r.Text(v.B, v.Locale, key, args), err
}

// H is a message as HTML: its own text and its values escaped, times and names marked up.
func (v *view) H(key string, pairs ...any) (template.HTML, error) {
	args, err := named(pairs)
	return v.Msg(Message{Key: key, Args: args}), err
}

// Msg is a Message as HTML.
func (v *view) Msg(m Message) template.HTML {
	s := fill(v.r.message(v.B, v.Locale, m.Key, m.Args), v.B, m.Args, func(name string, val any) string {
		return v.r.markup(v.B, v.Locale, name, val)
	})
	return template.HTML(s) //nolint:gosec // every part went through HTMLEscapeString
}

func named(pairs []any) (map[string]any, error) {
	if len(pairs)%2 != 0 {
		return nil, fmt.Errorf("words: values come in pairs of name and value")
	}
	args := make(map[string]any, len(pairs)/2)
	for i := 0; i < len(pairs); i += 2 {
		name, ok := pairs[i].(string)
		if !ok {
			return nil, fmt.Errorf("words: %v is no name", pairs[i])
		}
		args[name] = pairs[i+1]
	}
	return args, nil
}

// URL puts the base path before a path of the tenant. In a frame nothing leads anywhere.
func (v *view) URL(path string) string {
	if v.Framed() {
		return nowhere
	}
	return v.C.Base + path
}

// Asset is the address of an embedded file by its plain name.
func (v *view) Asset(plain string) string { return v.C.Base + "/assets/" + assetName(plain) }

// Breakable is an address as HTML that may break after its @ and its dots, so that a narrow page does
// not part a word. What is read out and copied stays the address.
func (v *view) Breakable(address string) template.HTML {
	s := template.HTMLEscapeString(address)
	return template.HTML(breaks.Replace(s)) //nolint:gosec // escaped above; no escape holds a dot or an @
}

// breaks offers a place to break after each @ and dot.
var breaks = strings.NewReplacer("@", "@<wbr>", ".", ".<wbr>")

// Icon is an inline picture that assistive technology skips: words always stand beside it.
func (v *view) Icon(name string) (template.HTML, error) {
	svg, ok := v.r.icons[name]
	if !ok {
		return "", fmt.Errorf("icon %q: no such file", name)
	}
	return svg, nil
}

// Name is the page's template name.
func (v *view) Name() string { return v.P.Template() }

// Layout is the theme's; the platform's pages are cards.
func (v *view) Layout() string {
	if len(v.C.Console) > 0 {
		return LayoutConsole
	}
	return v.B.theme.Layout
}

// Within tells whether this page belongs to a subject of the console's navigation.
func (v *view) Within(path string) bool {
	return v.C.Path == path || strings.HasPrefix(v.C.Path, path+"/")
}

// Is asks for a layout by name.
func (v *view) Is(layout string) bool { return v.Layout() == layout }

// Bare pages name nobody: a host that is nobody's must not look like somebody's.
func (v *view) Bare() bool { return v.Name() == NowherePage{}.Template() }

// Platform pages belong to no tenant.
func (v *view) Platform() bool { return v.B.platform }

// Site is the site's title.
func (v *view) Site() string { return v.B.siteTitle() }

// IconFile is the plain name of the browser tab's picture.
func (v *view) IconFile() string {
	if m := v.B.theme.Logo.Mark; m != "" {
		return m + "-icon.svg"
	}
	return "icon.svg"
}

// Nav is the theme's choice of entries for the bar.
func (v *view) Nav() Nav { return v.B.theme.Nav }

// Star says that required fields carry "* " before their label (the portal's way).
func (v *view) Star() bool { return v.Is(LayoutPortal) }

// Errors are the faults of the page's fields, for the summary, in the order of the form.
func (v *view) Errors() []summaryLine {
	var errs FieldErrors
	switch p := v.P.(type) {
	case SignInPage:
		errs = p.Errors
	case RecoverPage:
		errs = p.Errors
	case PasswordPage:
		errs = p.Errors
	case FindPortalPage:
		errs = p.Errors
	case parted:
		errs = p.parts().Errors
	}
	var lines []summaryLine
	for name, m := range errs {
		lines = append(lines, summaryLine{Name: name, Text: v.Msg(m)})
	}
	order := []string{"form", "", "email", "identifier", "password", "confirm", "captcha_answer"}
	slices.SortFunc(lines, func(a, b summaryLine) int {
		return cmp.Or(slices.Index(order, a.Name)-slices.Index(order, b.Name), strings.Compare(a.Name, b.Name))
	})
	return lines
}

// parted is a page that embeds Parts.
type parted interface{ parts() Parts }

// summaryLine is one fault; a Name of "" or "form" belongs to the form as a whole.
type summaryLine struct {
	Name string
	Text template.HTML
}

// Field says that the fault belongs to a field that can be jumped to.
func (l summaryLine) Field() bool { return l.Name != "" && l.Name != "form" }

// Help is whom to ask, where the page carries it.
func (v *view) Help() Help {
	switch p := v.P.(type) {
	case SignInPage:
		return p.Help
	case RecoverPage:
		return p.Help
	case RecoverSentPage:
		return p.Help
	case PasswordPage:
		return p.Help
	case LinkEndedPage:
		return p.Help
	case RecoverDonePage:
		return p.Help
	case UnlockPage:
		return p.Help
	case UnlockDonePage:
		return p.Help
	case HomePage:
		return p.Help
	case AccountPage:
		return p.Help
	case HelpPage:
		return p.Help
	case FailurePage:
		return p.Help
	case parted:
		return p.parts().Help
	}
	return Help{}
}

// Known says that there is somebody to ask.
func (h Help) Known() bool {
	return h.Escalation != "" || h.Phone != "" || h.Email != "" || h.URL != ""
}

// Tel is the address that a phone dials.
func (h Help) Tel() template.URL {
	n := h.PhoneLink
	if n == "" {
		n = h.Phone
	}
	keep := func(r rune) rune {
		if r >= '0' && r <= '9' || r == '+' || r == ',' || r == ';' {
			return r
		}
		return -1
	}
	return template.URL("tel:" + strings.Map(keep, n)) //nolint:gosec // digits, +, comma and semicolon alone
}

// Contact says that the panel offers the way to somebody.
func (h Help) Contact() bool { return slices.Contains(h.Panel, "contact") }

// steps are the numbered steps of the page, if it has some.
func (v *view) steps() Steps {
	switch p := v.P.(type) {
	case RecoverPage:
		return p.Steps
	case RecoverSentPage:
		return p.Steps
	case PasswordPage:
		return p.Steps
	case LinkEndedPage:
		return p.Steps
	case RecoverDonePage:
		return p.Steps
	case parted:
		return p.parts().Steps
	}
	return Steps{}
}

// step is one line of the rail.
type step struct {
	Number int
	Label  string
	State  string // done, current, ahead
}

// StepList is the progress of a recovery; empty where there is none.
func (v *view) StepList() []step {
	s := v.steps()
	if s.Current == 0 {
		return nil
	}
	var list []step
	for i, key := range s.Keys {
		state := "ahead"
		if i+1 < s.Current {
			state = "done"
		} else if i+1 == s.Current {
			state = "current"
		}
		list = append(list, step{i + 1, v.r.Text(v.B, v.Locale, key, nil), state})
	}
	return list
}

// Stamp is a time as browsers read it.
func (v *view) Stamp(t time.Time) string { return t.UTC().Format(time.RFC3339) }
