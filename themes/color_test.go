package themes

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func anyColor(t *rapid.T, label string) rgb {
	n := rapid.Uint32Range(0, 0xffffff).Draw(t, label)
	c, err := parseHex(fmt.Sprintf("#%06x", n))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestContrastKnownValues(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		a, b string
		want float64
	}{{"#000000", "#ffffff", 21}, {"#777777", "#ffffff", 4.48}, {"#767676", "#ffffff", 4.54}, {"#ff0000", "#ffffff", 4.00}} {
		a, _ := parseHex(c.a)
		b, _ := parseHex(c.b)
		if got := contrast(a, b); math.Abs(got-c.want) > 0.005 {
			t.Errorf("%s on %s: %.3f, want %.2f", c.a, c.b, got, c.want)
		}
	}
	for _, bad := range []string{"", "#fff", "red", "#12345g", "#1234567", "123456#", "#+12345"} {
		if _, err := parseHex(bad); err == nil {
			t.Errorf("%q passed as a colour", bad)
		}
	}
}

func TestColorMaths(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		a, b := anyColor(t, "a"), anyColor(t, "b")
		if back := a.oklch().rgb(); back.hex() != a.hex() {
			t.Fatalf("%s came back as %s", a.hex(), back.hex())
		}
		if r := contrast(a, b); r < 1 || r > 21.0001 || r != contrast(b, a) {
			t.Fatalf("contrast %v", r)
		}
		if c, ok := reach(a, 4.5, b); ok && contrast(c, b) < 4.5 {
			t.Fatalf("reach said yes at %.2f", contrast(c, b))
		} else if !ok {
			t.Fatalf("no lightness of %s reads on %s", a.hex(), b.hex())
		}
	})
}

// TestAnyBrandColorWorks: one brand colour, whichever, gives a theme that keeps every ratio.
func TestAnyBrandColorWorks(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		theme := DefaultTheme()
		theme.Colors.Accent = anyColor(t, "accent").hex()
		if f := theme.Validate(); len(f) > 0 {
			t.Fatalf("accent %s: %s", theme.Colors.Accent, f[0])
		}
	})
}

func TestValidateRefuses(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		change func(*Theme)
		want   string
	}{
		{"unreadable ink", func(t *Theme) { t.Colors.Ink, t.Colors.Paper = "#aaaaaa", "#ffffff" }, "theme.colors.light.text: #aaaaaa on surface (#ffffff) is 2.32:1"},
		{"pale text on button", func(t *Theme) { t.Colors.Light.Accent, t.Colors.Light.OnAccent = "#1f5fbf", "#5588cc" }, "theme.colors.light.on_accent"},
		{"dark role", func(t *Theme) { t.Colors.Dark.Text = "#222222" }, "theme.colors.dark.text"},
		{"no colour", func(t *Theme) { t.Colors.Accent = "" }, "theme.colors.accent: is missing"},
		{"css in a colour", func(t *Theme) { t.Colors.Accent = "red;}body{" }, "theme.colors.accent"},
		{"layout", func(t *Theme) { t.Layout = "poster" }, "theme.layout"},
		{"font", func(t *Theme) { t.Type.Title = "Comic" }, "theme.type.title"},
		{"radius", func(t *Theme) { t.Shape.Radius = 99 }, "theme.shape.radius: 99"},
		{"picture", func(t *Theme) { t.Logo.Image = "../../etc/passwd" }, "theme.logo.image"},
		{"mark", func(t *Theme) { t.Logo.Mark = "nobody" }, "theme.logo.mark"},
		{"background", func(t *Theme) { t.Background.Kind = "image" }, "theme.background.image"},
		{"title", func(t *Theme) { t.SiteTitle = "a\nb" }, "theme.site_title"},
	} {
		theme := DefaultTheme()
		c.change(&theme)
		if got := strings.Join(theme.Validate(), "\n"); !strings.Contains(got, c.want) {
			t.Errorf("%s: got %q, want %q", c.name, got, c.want)
		}
	}
	if f := DefaultTheme().Validate(); len(f) > 0 {
		t.Errorf("the default theme is refused: %q", f)
	}
}

func TestParseThemeIsStrict(t *testing.T) {
	t.Parallel()
	for _, bad := range []string{`{"colour":"red"}`, `{"shape":{"radios":3}}`, `{} {}`, `[`, `"x"`} {
		if _, err := ParseTheme([]byte(bad)); err == nil {
			t.Errorf("%s passed", bad)
		}
	}
	theme, err := ParseTheme([]byte(`{"shape":{"radius":3}}`))
	if err != nil || theme.Shape.Radius != 3 || theme.Shape.Border != 1 || theme.Layout != LayoutCard {
		t.Errorf("defaults are lost: %+v %v", theme, err)
	}
	if theme, err = ParseTheme(nil); err != nil || theme != DefaultTheme() {
		t.Errorf("an empty document is not the default: %v", err)
	}
}
