package themes

import (
	"fmt"
	"slices"
	"strings"
)

// How a page waits for its fonts. Visitors see their brand's face as soon as it is there. Who works in the
// console has it kept from the page before; a page that has to do without it once stays in its stand-in
// rather than move its tables under the pointer.
const (
	fontsSwap     = "swap"
	fontsOptional = "optional"
)

// stylesheet prints a validated theme as custom properties: the only CSS that differs from tenant
// to tenant. Everything in it is a number, a colour of ours or a name from a list.
func (t Theme) stylesheet(display string) []byte {
	light, dark := t.palettes()
	var b strings.Builder
	title, text := fontNamed(t.Type.Title), fontNamed(t.Type.Text)
	faces, standIns := slices.Clone(text.faces), slices.Clone(text.standIns)
	if title.name != text.name {
		faces, standIns = append(faces, title.faces...), append(standIns, title.standIns...)
	}
	for _, f := range append(faces, arabicFaces()...) {
		f.css(&b, display)
	}
	for _, s := range standIns {
		s.css(&b)
	}
	b.WriteString("@layer theme{\n:root{")
	scheme := "light dark"
	if t.ColorMode == "light" {
		scheme = "light"
	}
	fmt.Fprintf(&b, "color-scheme:%s;", scheme)
	t.shapes(&b, title, text)
	light.css(&b)
	b.WriteString("}\n")
	if t.ColorMode != "light" {
		b.WriteString("@media (prefers-color-scheme:dark){:root{")
		dark.css(&b)
		b.WriteString("}}\n")
	}
	b.WriteString("}\n")
	return []byte(b.String())
}

// shapes prints everything but colours.
func (t Theme) shapes(b *strings.Builder, title, text font) {
	fmt.Fprintf(b, "--font-title:%s;--font-text:%s;--title-weight:%d;", title.stack, text.stack, t.Type.Weight)
	if t.Type.Case == "upper" {
		b.WriteString("--title-case:uppercase;--title-spacing:.035em;")
	}
	if title.name == "condensed" {
		b.WriteString("--title-scale:1.12;")
	}
	fmt.Fprintf(b, "--radius:%dpx;--radius-small:%dpx;--border:%dpx;--shadow:%s;",
		t.Shape.Radius, min(t.Shape.Radius, 10), t.Shape.Border, shadow(t.Shape.Shadow))
	space := map[string]string{"compact": ".875", "comfortable": "1", "generous": "1.2"}[t.Density]
	fmt.Fprintf(b, "--space:%s;--logo-height:%dpx;", space, t.Logo.Height)
	switch t.Background.Kind {
	case "gradient":
		b.WriteString("--backdrop:radial-gradient(70rem 44rem at 88% -8%,var(--glow-a),transparent 70%),radial-gradient(60rem 40rem at 4% 108%,var(--glow-b),transparent 70%);")
	case "image":
		fmt.Fprintf(b, "--backdrop:url(../images/%s);", t.Background.Image)
	}
}

// shadow is one of four depths, in ink at low strength.
func shadow(depth int) string {
	return []string{
		"none",
		"0 1px 2px rgb(0 0 0/.06),0 2px 8px rgb(0 0 0/.05)",
		"0 1px 2px rgb(0 0 0/.05),0 8px 28px rgb(0 0 0/.08)",
		"0 2px 4px rgb(0 0 0/.05),0 24px 64px -12px rgb(0 0 0/.18)",
	}[min(max(depth, 0), 3)]
}

// css prints the colours of one scheme.
func (p palette) css(b *strings.Builder) {
	for _, c := range []struct {
		name string
		rgb
	}{
		{"surface", p.surface}, {"raised", p.raised}, {"text", p.text}, {"quiet", p.quiet},
		{"line", p.line}, {"control", p.control},
		{"accent", p.accent}, {"on-accent", p.onAccent}, {"accent-hover", p.accentHover},
		{"accent-pressed", p.accentPressed}, {"accent-quiet", p.accentQuiet},
		{"on-accent-quiet", p.onAccentQuiet}, {"link", p.link}, {"link-hover", p.linkHover},
		{"focus", p.focus},
		{"good", p.good}, {"on-good", p.onGood}, {"good-quiet", p.goodQuiet}, {"on-good-quiet", p.onGoodQuiet},
		{"warn", p.warn}, {"on-warn", p.onWarn}, {"warn-quiet", p.warnQuiet}, {"on-warn-quiet", p.onWarnQuiet},
		{"bad", p.bad}, {"on-bad", p.onBad}, {"bad-quiet", p.badQuiet}, {"on-bad-quiet", p.onBadQuiet},
		{"bar", p.bar}, {"on-bar", p.onBar}, {"on-bar-quiet", p.onBarQuiet}, {"bar-line", p.barLine},
		{"highlight", p.highlight}, {"on-highlight", p.onHighlight}, {"glow-a", p.glowA}, {"glow-b", p.glowB},
	} {
		fmt.Fprintf(b, "--%s:%s;", c.name, c.hex())
	}
}
