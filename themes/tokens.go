package themes

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Token is one value of a theme as its editor shows it. Its label is the word look.t_<Name>, or, of a role's
// colour, look.role_<Role>.
type Token struct {
	Name     string // of the form's field: accent, light_surface, radius
	Field    string // as Validate and tenant files name it: theme.colors.accent
	Group    string // brand, light, dark, shape, type, logo, background, nav, letters
	Kind     string // color, number, choice, text, switch, picture
	Role     string // of colours that a scheme overrides: surface, text …
	Low      int    // of a number, both included
	High     int
	Unit     string   // px; "" has none
	Options  []string // of a choice
	Most     int      // characters of a text
	Optional bool     // "" is computed, or none

	at any // *string, *int or *bool of the theme
}

// TokenGroups are the groups in their order.
func TokenGroups() []string {
	return []string{"brand", "layout", "shape", "type", "logo", "background", "nav", "light", "dark"}
}

// Tokens lists every value of a theme.
func (t *Theme) Tokens() []Token {
	all := []Token{
		{Name: "accent", Field: "theme.colors.accent", Group: "brand", Kind: "color", at: &t.Colors.Accent},
		{Name: "ink", Field: "theme.colors.ink", Group: "brand", Kind: "color", Optional: true, at: &t.Colors.Ink},
		{Name: "paper", Field: "theme.colors.paper", Group: "brand", Kind: "color", Optional: true, at: &t.Colors.Paper},
		{Name: "site_title", Field: "theme.site_title", Group: "brand", Kind: "text", Most: 80, Optional: true, at: &t.SiteTitle},
		choiceToken("color_mode", "brand", &t.ColorMode, "auto", "light"),

		choiceToken("layout", "layout", &t.Layout, LayoutCard, LayoutStepper, LayoutPortal),
		choiceToken("density", "layout", &t.Density, "compact", "comfortable", "generous"),
		choiceToken("letter_cta", "layout", &t.LetterCTA, "button", "link"),

		numberToken("radius", "theme.shape.radius", "shape", &t.Shape.Radius, 0, 24, "px"),
		numberToken("shadow", "theme.shape.shadow", "shape", &t.Shape.Shadow, 0, 3, ""),
		numberToken("border", "theme.shape.border", "shape", &t.Shape.Border, 1, 3, "px"),

		{Name: "title_font", Field: "theme.type.title", Group: "type", Kind: "choice", Options: fontNames(), at: &t.Type.Title},
		{Name: "text_font", Field: "theme.type.text", Group: "type", Kind: "choice", Options: fontNames(), at: &t.Type.Text},
		{Name: "weight", Field: "theme.type.weight", Group: "type", Kind: "choice", Options: []string{"400", "500", "600", "700"}, at: &t.Type.Weight},
		{Name: "case", Field: "theme.type.case", Group: "type", Kind: "choice", Options: []string{"as_written", "upper"}, at: &t.Type.Case},

		{Name: "logo_image", Field: "theme.logo.image", Group: "logo", Kind: "picture", Optional: true, at: &t.Logo.Image},
		{Name: "logo_image_dark", Field: "theme.logo.image_dark", Group: "logo", Kind: "picture", Optional: true, at: &t.Logo.ImageDark},
		{Name: "mark", Field: "theme.logo.mark", Group: "logo", Kind: "choice", Options: append([]string{""}, markNames()...), Optional: true, at: &t.Logo.Mark},
		{Name: "alt", Field: "theme.logo.alt", Group: "logo", Kind: "text", Most: 120, Optional: true, at: &t.Logo.Alt},
		numberToken("logo_height", "theme.logo.height", "logo", &t.Logo.Height, 20, 96, "px"),

		{Name: "background", Field: "theme.background.kind", Group: "background", Kind: "choice", Options: []string{"none", "gradient", "image"}, at: &t.Background.Kind},
		{Name: "background_image", Field: "theme.background.image", Group: "background", Kind: "picture", Optional: true, at: &t.Background.Image},

		switchToken("nav_home", &t.Nav.Home), switchToken("nav_kb", &t.Nav.KnowledgeBase), switchToken("nav_support", &t.Nav.Support),
		switchToken("nav_search", &t.Nav.Search), switchToken("nav_sign_in", &t.Nav.SignIn),
	}
	return append(append(all, t.Colors.Light.tokens("light")...), t.Colors.Dark.tokens("dark")...)
}

func choiceToken(name, group string, at *string, options ...string) Token {
	return Token{Name: name, Field: "theme." + name, Group: group, Kind: "choice", Options: options, at: at}
}

func numberToken(name, field, group string, at *int, low, high int, unit string) Token {
	return Token{Name: name, Field: field, Group: group, Kind: "number", Low: low, High: high, Unit: unit, at: at}
}

func switchToken(name string, at *bool) Token {
	return Token{Name: name, Field: "theme.nav." + strings.TrimPrefix(name, "nav_"), Group: "nav", Kind: "switch", at: at}
}

func (r *Roles) tokens(scheme string) []Token {
	var all []Token
	for _, x := range []struct {
		role string
		at   *string
	}{
		{"surface", &r.Surface}, {"surface_raised", &r.SurfaceRaised}, {"text", &r.Text}, {"text_quiet", &r.TextQuiet},
		{"line", &r.Line}, {"accent", &r.Accent}, {"on_accent", &r.OnAccent}, {"accent_quiet", &r.AccentQuiet},
		{"good", &r.Good}, {"warn", &r.Warn}, {"bad", &r.Bad}, {"bar", &r.Bar}, {"on_bar", &r.OnBar}, {"highlight", &r.Highlight},
	} {
		all = append(all, Token{Name: scheme + "_" + x.role, Field: "theme.colors." + scheme + "." + x.role, Group: scheme, Kind: "color",
			Role: x.role, Optional: true, at: x.at})
	}
	return all
}

// Value is the token's as a form shows it: of a switch "yes" or "".
func (t Token) Value() string {
	switch at := t.at.(type) {
	case *string:
		return *at
	case *int:
		return strconv.Itoa(*at)
	case *bool:
		if *at {
			return "yes"
		}
	}
	return ""
}

// Set gives the theme that the token is of a value as a form sends it, and answers what is wrong with it as
// a word, look.bad_…, or nothing.
func (t Token) Set(v string) *Message {
	if t.Kind != "text" {
		v = strings.TrimSpace(v)
	}
	bad := func(key string, args map[string]any) *Message { return &Message{Key: key, Args: args} }
	switch at := t.at.(type) {
	case *bool:
		*at = v == "yes"
	case *int:
		n, err := strconv.Atoi(v)
		if t.Kind == "choice" && !slices.Contains(t.Options, v) {
			return bad("look.bad_choice", nil)
		}
		if err != nil || t.Kind == "number" && (n < t.Low || n > t.High) {
			return bad("look.bad_number", map[string]any{"low": t.Low, "high": t.High})
		}
		*at = n
	case *string:
		switch {
		case t.Kind == "choice" && !slices.Contains(t.Options, v):
			return bad("look.bad_choice", nil)
		case t.Kind == "picture" && v != "" && !sha256Hex.MatchString(v):
			return bad("look.bad_picture", nil)
		case t.Kind == "text" && (len([]rune(v)) > t.Most || strings.ContainsFunc(v, func(r rune) bool { return r < ' ' || r == 0x7f })):
			return bad("look.bad_line", map[string]any{"most": t.Most})
		case t.Kind == "color":
			v = strings.ToLower(v)
			if v != "" && !strings.HasPrefix(v, "#") {
				v = "#" + v
			}
			if _, err := parseHex(v); err != nil && (v != "" || !t.Optional) {
				return bad("look.bad_color", nil)
			}
		}
		*at = v
	}
	return nil
}

// Contrast is how two colours that meet on a page can be told apart.
type Contrast struct {
	Scheme        string // light, dark
	Front, Ground string // their names: the words look.role_<name>
	FrontHex, Hex string // #rrggbb
	Ratio, Needs  float64
	Token         string // the field that decides it, of the front or else of the ground; "" none alone
	Nearest       string // the nearest colour for Token with which all its pairs hold; "" where there is none
	Passes        bool
}

// Contrasts computes every pair of both schemes; of a theme whose colours parse.
func (t Theme) Contrasts() []Contrast {
	light, dark := t.palettes()
	var all []Contrast
	for _, s := range []struct {
		scheme string
		p      palette
	}{{"light", light}, {"dark", dark}} {
		pairs := s.p.pairs()
		for _, x := range pairs {
			c := Contrast{Scheme: s.scheme, Front: slugOf(x.front), Ground: slugOf(x.ground), FrontHex: x.a.hex(), Hex: x.b.hex(),
				Ratio: contrast(x.a, x.b), Needs: x.ratio}
			c.Passes = c.Ratio >= c.Needs
			if !c.Passes {
				c.Token, c.Nearest = t.mend(s.scheme, x, pairs)
			}
			all = append(all, c)
		}
	}
	return all
}

// mend finds the field that a person would change for a pair that fails, and its nearest colour that does.
func (t *Theme) mend(scheme string, x pair, pairs []pair) (token, nearest string) {
	role := func(name string) (string, bool) {
		i := slices.IndexFunc(t.Tokens(), func(k Token) bool { return k.Name == scheme+"_"+name })
		return scheme + "_" + name, i >= 0
	}
	front, _, _ := strings.Cut(x.front, " ")
	if name, ok := role(front); ok && x.front != "on" {
		c, ok := reach(x.a, worst(x.front, pairs), groundsOf(x.front, pairs)...)
		if ok {
			return name, c.hex()
		}
		return name, ""
	}
	ground, _, _ := strings.Cut(x.ground, " ")
	if name, ok := role(ground); ok {
		if c, ok := reach(x.b, x.ratio, x.a); ok {
			return name, c.hex()
		}
		return name, ""
	}
	return "", ""
}

// groundsOf are all the grounds that a colour stands on.
func groundsOf(front string, pairs []pair) (grounds []rgb) {
	for _, p := range pairs {
		if p.front == front {
			grounds = append(grounds, p.b)
		}
	}
	return grounds
}

func worst(front string, pairs []pair) (ratio float64) {
	for _, p := range pairs {
		if p.front == front {
			ratio = max(ratio, p.ratio)
		}
	}
	return ratio
}

// slugOf makes a word's key of a pair's name: "accent (link, hover)" is accent_link_hover.
func slugOf(name string) string {
	return strings.Join(strings.FieldsFunc(name, func(r rune) bool { return r < 'a' || r > 'z' }), "_")
}

// RatioText is a ratio as it is written: "4.53:1", cut and not rounded, so that 4.499 is not shown as enough.
func RatioText(r float64) string { return fmt.Sprintf("%.2f:1", float64(int(r*100))/100) }
