package themes

import (
	"fmt"
	"html/template"
	"slices"
)

// tokenGroup is one group of the editor's fields.
type tokenGroup struct {
	Name   string
	Tokens []tokenField
}

// tokenField is one value of a theme in its form.
type tokenField struct {
	Token
	Label string
	Field field
	Pick  pick
	On    bool
	Color string // the colour in force, #rrggbb
}

// TokenGroups are the editor's fields; pictures have forms of their own.
func (v *view) TokenGroups() []tokenGroup {
	p := v.P.(LookPage)
	light, dark := p.Theme.palettes()
	groups := []tokenGroup{}
	for _, name := range TokenGroups() {
		g := tokenGroup{Name: name}
		for _, t := range p.Theme.Tokens() {
			if t.Group == name && t.Kind != "picture" {
				of := light
				if name == "dark" {
					of = dark
				}
				g.Tokens = append(g.Tokens, v.tokenField(p, t, of))
			}
		}
		groups = append(groups, g)
	}
	return groups
}

func (v *view) tokenField(p LookPage, t Token, of palette) tokenField {
	f := tokenField{Token: t, Label: v.r.Text(v.B, v.Locale, tokenKey(t), nil), On: t.Value() == "yes"}
	value := t.Value()
	if typed, ok := p.Typed[t.Name]; ok {
		value = typed
	}
	switch t.Kind {
	case "choice":
		var options []Option
		for _, o := range t.Options {
			options = append(options, Option{Value: o, Text: v.optionText(t, o), Chosen: o == value})
		}
		f.Pick = pick{Name: t.Name, Label: f.Label, Options: options, Error: v.fault(p.Errors, t.Name), View: v}
	case "color", "number", "text":
		f.Field = field{Name: t.Name, Type: "text", Label: f.Label, Value: value, Autocomplete: "off", Error: v.fault(p.Errors, t.Name),
			Hint: v.tokenHint(t, of), View: v}
		if t.Kind == "number" {
			f.Field.InputMode = "numeric"
		}
		f.Color = of.named(t)
	}
	return f
}

func tokenKey(t Token) string {
	if t.Role != "" {
		return "look.role_" + t.Role
	}
	return "look.t_" + t.Name
}

// optionText is a choice in words; a mark is a proper name.
func (v *view) optionText(t Token, option string) string {
	switch {
	case option == "":
		return v.r.Text(v.B, v.Locale, "look.o_empty", nil)
	case t.Name == "mark":
		return option
	}
	return v.r.Text(v.B, v.Locale, "look.o_"+option, nil)
}

func (v *view) tokenHint(t Token, of palette) template.HTML {
	switch {
	case t.Kind == "color" && t.Optional:
		return v.Msg(Message{Key: "look.h_computed", Args: map[string]any{"color": of.named(t)}})
	case t.Kind == "color":
		return v.Msg(Message{Key: "look.h_color"})
	case t.Kind == "number" && t.Unit != "":
		return v.Msg(Message{Key: "look.h_pixels", Args: map[string]any{"low": t.Low, "high": t.High}})
	case t.Kind == "number":
		return v.Msg(Message{Key: "look.h_number", Args: map[string]any{"low": t.Low, "high": t.High}})
	}
	return v.Msg(Message{Key: "look.h_line", Args: map[string]any{"most": t.Most}})
}

// named is the colour in force for a token, #rrggbb; "" for what is no colour.
func (p palette) named(t Token) string {
	c, ok := map[string]rgb{
		"surface": p.surface, "surface_raised": p.raised, "text": p.text, "text_quiet": p.quiet, "line": p.line, "accent": p.accent,
		"on_accent": p.onAccent, "accent_quiet": p.accentQuiet, "good": p.good, "warn": p.warn, "bad": p.bad, "bar": p.bar,
		"on_bar": p.onBar, "highlight": p.highlight,
	}[t.Role]
	switch {
	case ok:
	case t.Name == "accent":
		c = p.accent
	case t.Name == "ink":
		c = p.text
	case t.Name == "paper":
		c = p.surface
	default:
		return ""
	}
	return c.hex()
}

// Swatch is a colour as a small square; nothing for what is no colour.
func (v *view) Swatch(hex string) template.HTML {
	c, err := parseHex(hex)
	if err != nil {
		return ""
	}
	return template.HTML(fmt.Sprintf(`<svg class="swatch" viewBox="0 0 16 16" aria-hidden="true"><rect width="16" height="16" rx="3" fill="%s"/></svg>`, c.hex())) //nolint:gosec // six digits
}

// PairText is a pair of colours in words.
func (v *view) PairText(c Contrast) string {
	return v.r.Text(v.B, v.Locale, "look.on", map[string]any{"front": Message{Key: "look.role_" + c.Front}, "ground": Message{Key: "look.role_" + c.Ground}})
}

// Ratio is a ratio as it is written.
func (v *view) Ratio(r float64) string { return RatioText(r) }

// contrastGroup is one scheme's pairs, those that fail first.
type contrastGroup struct {
	Scheme string
	Pairs  []Contrast
	Least  float64
}

// ContrastGroups are the pairs of both schemes.
func (v *view) ContrastGroups() []contrastGroup {
	var groups []contrastGroup
	for _, scheme := range []string{"light", "dark"} {
		g := contrastGroup{Scheme: scheme, Least: 21}
		for _, c := range v.P.(LookPage).Contrasts {
			if c.Scheme == scheme {
				g.Pairs, g.Least = append(g.Pairs, c), min(g.Least, c.Ratio)
			}
		}
		slices.SortStableFunc(g.Pairs, func(a, b Contrast) int {
			switch {
			case a.Passes == b.Passes:
				return 0
			case b.Passes:
				return -1
			}
			return 1
		})
		groups = append(groups, g)
	}
	return groups
}

// LowContrast is what is wrong with a pair, with the nearest colour that works.
func LowContrast(c Contrast) Message {
	args := map[string]any{"front": Message{Key: "look.role_" + c.Front}, "ground": Message{Key: "look.role_" + c.Ground},
		"ratio": RatioText(c.Ratio), "needs": RatioText(c.Needs)}
	if c.Nearest == "" {
		return Message{Key: "look.low_contrast_none", Args: args}
	}
	args["nearest"] = c.Nearest
	return Message{Key: "look.low_contrast", Args: args}
}

// ChangeText names a value that changed.
func (v *view) ChangeText(c ChangeRow) string {
	switch {
	case c.Key == "":
		return c.Name
	case c.Scheme != "":
		return v.r.Text(v.B, v.Locale, c.Key, nil) + " · " + v.r.Text(v.B, v.Locale, "look."+c.Scheme, nil)
	}
	return v.r.Text(v.B, v.Locale, c.Key, nil)
}

// ByText is a person's name, or the operator.
func (v *view) ByText(name string) string {
	if name == "" {
		return v.r.Text(v.B, v.Locale, "look.by_operator", nil)
	}
	return name
}

// NameChange is a change of a theme's document with the word for its field, which is the way to the value
// below "theme.".
func NameChange(field, before, after string) ChangeRow {
	t := DefaultTheme()
	for _, k := range t.Tokens() {
		if k.Field == "theme."+field {
			row := ChangeRow{Key: tokenKey(k), Name: field, Before: before, After: after}
			if k.Role != "" {
				row.Scheme = k.Group
			}
			return row
		}
	}
	return ChangeRow{Name: field, Before: before, After: after}
}

// draftView hands a draft's state to the parts that draw it.
type draftView struct {
	View *view
	D    DraftState
}

// WithDraft hands a draft's state to the parts that draw it.
func (v *view) WithDraft(d DraftState) draftView { return draftView{v, d} }

// changesView hands changes to the part that draws them.
type changesView struct {
	View          *view
	Rows          []ChangeRow
	Before, After string
}

// WithChanges hands changes to the part that draws them; before and after are words.
func (v *view) WithChanges(rows []ChangeRow, before, after string) changesView {
	return changesView{v, rows, before, after}
}

// pictureField is one picture of a theme with the forms that change it.
type pictureField struct {
	Token
	Label string
	Src   string // "" where there is none
	Error template.HTML
}

// Pictures are the editor's pictures.
func (v *view) Pictures() []pictureField {
	p := v.P.(LookPage)
	var all []pictureField
	for _, t := range p.Theme.Tokens() {
		if t.Kind != "picture" {
			continue
		}
		f := pictureField{Token: t, Label: v.r.Text(v.B, v.Locale, tokenKey(t), nil), Error: v.fault(p.Errors, t.Name)}
		if t.Value() != "" {
			f.Src = v.C.Base + "/images/" + t.Value()
		}
		all = append(all, f)
	}
	return all
}
