package themes

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

var sha256Hex = regexp.MustCompile(`^[0-9a-f]{64}$`)

// Validate tells every fault of a theme as a sentence that begins with the field's name. An empty
// answer means that every pair of colours keeps its contrast: 4.5:1 for text, 3:1 for controls.
func (t Theme) Validate() []string {
	var f faults
	f.oneOf("theme.layout", t.Layout, LayoutCard, LayoutStepper, LayoutPortal)
	f.oneOf("theme.density", t.Density, "compact", "comfortable", "generous")
	f.oneOf("theme.letter_cta", t.LetterCTA, "button", "link")
	f.oneOf("theme.color_mode", t.ColorMode, "auto", "light")
	f.oneOf("theme.background.kind", t.Background.Kind, "none", "gradient", "image")
	f.oneOf("theme.type.title", t.Type.Title, fontNames()...)
	f.oneOf("theme.type.text", t.Type.Text, fontNames()...)
	f.oneOf("theme.type.case", t.Type.Case, "as_written", "upper")
	f.between("theme.type.weight", t.Type.Weight, 400, 700)
	f.between("theme.shape.radius", t.Shape.Radius, 0, 24)
	f.between("theme.shape.shadow", t.Shape.Shadow, 0, 3)
	f.between("theme.shape.border", t.Shape.Border, 1, 3)
	f.between("theme.logo.height", t.Logo.Height, 20, 96)
	f.line("theme.site_title", t.SiteTitle, 80)
	f.line("theme.logo.alt", t.Logo.Alt, 120)
	f.pictures(t)
	if f.colors(t) {
		f.pairs(t)
	}
	return f
}

type faults []string

func (f *faults) add(format string, args ...any) { *f = append(*f, fmt.Sprintf(format, args...)) }

func (f *faults) oneOf(field, v string, allowed ...string) {
	if !slices.Contains(allowed, v) {
		f.add("%s: %q is none of %s", field, v, strings.Join(allowed, ", "))
	}
}

func (f *faults) between(field string, v, low, high int) {
	if v < low || v > high {
		f.add("%s: %d is not between %d and %d", field, v, low, high)
	}
}

func (f *faults) line(field, v string, most int) {
	if strings.ContainsAny(v, "\r\n\x00") || len([]rune(v)) > most {
		f.add("%s: must be one line of at most %d characters", field, most)
	}
}

func (f *faults) pictures(t Theme) {
	for _, p := range []struct{ field, v string }{
		{"theme.logo.image", t.Logo.Image},
		{"theme.logo.image_dark", t.Logo.ImageDark},
		{"theme.background.image", t.Background.Image},
	} {
		if p.v != "" && !sha256Hex.MatchString(p.v) {
			f.add("%s: must be the SHA-256 of an uploaded picture, 64 hexadecimal digits", p.field)
		}
	}
	if t.Logo.Mark != "" {
		f.oneOf("theme.logo.mark", t.Logo.Mark, markNames()...)
	}
	if t.Background.Kind == "image" && t.Background.Image == "" {
		f.add("theme.background.image: is missing although theme.background.kind is image")
	}
}

// colors checks that every stated colour is one; false where a pair would make no sense.
func (f *faults) colors(t Theme) bool {
	before := len(*f)
	check := func(field, v string) {
		if v == "" {
			return
		}
		if _, err := parseHex(v); err != nil {
			f.add("%s: %v", field, err)
		}
	}
	if t.Colors.Accent == "" {
		f.add("theme.colors.accent: is missing; one brand colour is the least that a theme states")
	}
	check("theme.colors.accent", t.Colors.Accent)
	check("theme.colors.ink", t.Colors.Ink)
	check("theme.colors.paper", t.Colors.Paper)
	for _, r := range t.Colors.Light.stated() {
		check("theme.colors.light."+r.name, r.value)
	}
	for _, r := range t.Colors.Dark.stated() {
		check("theme.colors.dark."+r.name, r.value)
	}
	return len(*f) == before
}

type statedRole struct{ name, value string }

// stated lists the roles with their names in tenant files.
func (r Roles) stated() []statedRole {
	return []statedRole{
		{"surface", r.Surface}, {"surface_raised", r.SurfaceRaised}, {"text", r.Text},
		{"text_quiet", r.TextQuiet}, {"line", r.Line}, {"accent", r.Accent}, {"on_accent", r.OnAccent},
		{"accent_quiet", r.AccentQuiet}, {"good", r.Good}, {"warn", r.Warn}, {"bad", r.Bad},
		{"bar", r.Bar}, {"on_bar", r.OnBar}, {"highlight", r.Highlight},
	}
}

// pair is two colours that meet on a page, by the fields that decide them.
type pair struct {
	front, ground string
	a, b          rgb
	ratio         float64
}

// pairs is the contrast gate.
func (f *faults) pairs(t Theme) {
	light, dark := t.palettes()
	for _, s := range []struct {
		scheme string
		p      palette
	}{{"light", light}, {"dark", dark}} {
		for _, x := range s.p.pairs() {
			if r := contrast(x.a, x.b); r < x.ratio {
				f.add("theme.colors.%s.%s: %s on %s (%s) is %.2f:1, less than the %.1f:1 that people need to read it",
					s.scheme, x.front, x.a.hex(), x.ground, x.b.hex(), r, x.ratio)
			}
		}
	}
}

// pairs lists what must be told apart, for text and for controls.
func (p palette) pairs() []pair {
	all := []pair{
		{"text", "surface", p.text, p.surface, textRatio},
		{"text", "surface_raised", p.text, p.raised, textRatio},
		{"text_quiet", "surface", p.quiet, p.surface, textRatio},
		{"text_quiet", "surface_raised", p.quiet, p.raised, textRatio},
		{"accent", "surface", p.accent, p.surface, controlRatio},
		{"accent", "surface_raised", p.accent, p.raised, controlRatio},
		{"on_accent", "accent", p.onAccent, p.accent, textRatio},
		{"on_accent", "accent (hover)", p.onAccent, p.accentHover, textRatio},
		{"on_accent", "accent (pressed)", p.onAccent, p.accentPressed, textRatio},
		{"accent (link)", "surface", p.link, p.surface, textRatio},
		{"accent (link)", "surface_raised", p.link, p.raised, textRatio},
		{"accent (link, hover)", "surface", p.linkHover, p.surface, textRatio},
		{"accent (link, hover)", "surface_raised", p.linkHover, p.raised, textRatio},
		{"accent (focus)", "surface", p.focus, p.surface, controlRatio},
		{"accent (focus)", "surface_raised", p.focus, p.raised, controlRatio},
		{"accent (on quiet)", "accent_quiet", p.onAccentQuiet, p.accentQuiet, textRatio},
		{"text", "accent_quiet", p.text, p.accentQuiet, textRatio},
		{"line (control)", "surface", p.control, p.surface, controlRatio},
		{"line (control)", "surface_raised", p.control, p.raised, controlRatio},
		{"on_bar", "bar", p.onBar, p.bar, textRatio},
		{"on_bar (quiet)", "bar", p.onBarQuiet, p.bar, textRatio},
		{"highlight", "bar", p.highlight, p.bar, controlRatio},
		{"on highlight", "highlight", p.onHighlight, p.highlight, textRatio},
	}
	signal := func(name string, c, on, quiet, onQuiet rgb) {
		all = append(all,
			pair{name, "surface_raised", c, p.raised, textRatio},
			pair{name, "surface", c, p.surface, textRatio},
			pair{"on " + name, name, on, c, textRatio},
			pair{name + " (on quiet)", name + " (quiet)", onQuiet, quiet, textRatio},
			pair{"text", name + " (quiet)", p.text, quiet, textRatio})
	}
	signal("good", p.good, p.onGood, p.goodQuiet, p.onGoodQuiet)
	signal("warn", p.warn, p.onWarn, p.warnQuiet, p.onWarnQuiet)
	signal("bad", p.bad, p.onBad, p.badQuiet, p.onBadQuiet)
	return all
}
