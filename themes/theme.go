package themes

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// The layouts: a raised card, a rail with numbered steps, a bar with panels.
const (
	LayoutCard    = "card"
	LayoutStepper = "stepper"
	LayoutPortal  = "portal"
	LayoutConsole = "console" // the console's, whatever a theme chose for the rest
)

// Theme is a brand as a tenant states it: about 30 tokens. What is left out is computed or takes
// DefaultTheme's value. The same names stand in tenant files (yaml) and in the database (json).
type Theme struct {
	Layout     string     `yaml:"layout" json:"layout"`         // card, stepper, portal
	SiteTitle  string     `yaml:"site_title" json:"site_title"` // in the bar or the rail; "" is the tenant's name
	Colors     Colors     `yaml:"colors" json:"colors"`         // one to three, the rest computed
	Shape      Shape      `yaml:"shape" json:"shape"`           //
	Type       Type       `yaml:"type" json:"type"`             //
	Density    string     `yaml:"density" json:"density"`       // compact, comfortable, generous
	Logo       Logo       `yaml:"logo" json:"logo"`             // none shows the tenant's name
	Background Background `yaml:"background" json:"background"` // behind the card
	Nav        Nav        `yaml:"nav" json:"nav"`               // of the portal's bar
	LetterCTA  string     `yaml:"letter_cta" json:"letter_cta"` // button, link (at the bottom of the letter)
	ColorMode  string     `yaml:"color_mode" json:"color_mode"` // auto, light
}

// Colors are the brand's colours, #rrggbb. Accent alone is enough.
type Colors struct {
	Accent string `yaml:"accent" json:"accent"` // buttons, links, focus
	Ink    string `yaml:"ink" json:"ink"`       // text; "" is a near-black of the accent's hue
	Paper  string `yaml:"paper" json:"paper"`   // the page; "" is a near-white
	Light  Roles  `yaml:"light" json:"light"`   // overrides by role, kept as given or refused
	Dark   Roles  `yaml:"dark" json:"dark"`     // the same for dark screens
}

// Roles overrides single computed colours, #rrggbb; "" computes.
type Roles struct {
	Surface       string `yaml:"surface" json:"surface,omitempty"`
	SurfaceRaised string `yaml:"surface_raised" json:"surface_raised,omitempty"`
	Text          string `yaml:"text" json:"text,omitempty"`
	TextQuiet     string `yaml:"text_quiet" json:"text_quiet,omitempty"`
	Line          string `yaml:"line" json:"line,omitempty"`
	Accent        string `yaml:"accent" json:"accent,omitempty"`
	OnAccent      string `yaml:"on_accent" json:"on_accent,omitempty"`
	AccentQuiet   string `yaml:"accent_quiet" json:"accent_quiet,omitempty"`
	Good          string `yaml:"good" json:"good,omitempty"`
	Warn          string `yaml:"warn" json:"warn,omitempty"`
	Bad           string `yaml:"bad" json:"bad,omitempty"`
	Bar           string `yaml:"bar" json:"bar,omitempty"`             // the portal's bar, the stepper's rail
	OnBar         string `yaml:"on_bar" json:"on_bar,omitempty"`       // text on it
	Highlight     string `yaml:"highlight" json:"highlight,omitempty"` // the mark on the bar: current step, thin line
}

// Shape is one radius, one shadow, one border for everything.
type Shape struct {
	Radius int `yaml:"radius" json:"radius"` // px, 0 to 24
	Shadow int `yaml:"shadow" json:"shadow"` // depth, 0 (flat) to 3
	Border int `yaml:"border" json:"border"` // px, 1 to 3
}

// Type chooses from the bundled fonts: system, grotesque, humanist, serif, hyperlegible, condensed.
type Type struct {
	Title  string `yaml:"title" json:"title"`
	Text   string `yaml:"text" json:"text"`
	Weight int    `yaml:"weight" json:"weight"` // of titles: 400, 500, 600, 700
	Case   string `yaml:"case" json:"case"`     // of titles: as_written, upper
}

// Logo is a picture of the tenant's (by content) or an embedded mark; a name in letters otherwise.
type Logo struct {
	Image     string `yaml:"image" json:"image"`           // SHA-256 of an uploaded picture, 64 hex digits
	ImageDark string `yaml:"image_dark" json:"image_dark"` // the same for dark grounds
	Mark      string `yaml:"mark" json:"mark"`             // embedded: alliants, university, power
	Alt       string `yaml:"alt" json:"alt"`               // "" is the tenant's name
	Height    int    `yaml:"height" json:"height"`         // px, 20 to 96
}

// Background lies behind everything.
type Background struct {
	Kind  string `yaml:"kind" json:"kind"`   // none, gradient, image
	Image string `yaml:"image" json:"image"` // SHA-256 of an uploaded picture, for kind image
}

// Nav turns the entries of the portal's bar on. An entry without its module stays hidden.
type Nav struct {
	Home          bool `yaml:"home" json:"home"`
	KnowledgeBase bool `yaml:"kb" json:"kb"`
	Support       bool `yaml:"support" json:"support"`
	Search        bool `yaml:"search" json:"search"`
	SignIn        bool `yaml:"sign_in" json:"sign_in"`
}

// DefaultTheme is ink on paper with one blue: what a new tenant starts from.
func DefaultTheme() Theme {
	return Theme{
		Layout:     LayoutCard,
		Colors:     Colors{Accent: "#1f5fbf"},
		Shape:      Shape{Radius: 8, Shadow: 1, Border: 1},
		Type:       Type{Title: "system", Text: "system", Weight: 600, Case: "as_written"},
		Density:    "comfortable",
		Logo:       Logo{Height: 40},
		Background: Background{Kind: "none"},
		Nav:        Nav{Home: true, SignIn: true},
		LetterCTA:  "button",
		ColorMode:  "auto",
	}
}

// ParseTheme reads a theme's JSON document over DefaultTheme. Unknown fields and anything after the
// document are errors; an empty document is the default. Validate is the caller's next step.
func ParseTheme(doc []byte) (Theme, error) {
	t := DefaultTheme()
	if len(bytes.TrimSpace(doc)) == 0 {
		return t, nil
	}
	d := json.NewDecoder(bytes.NewReader(doc))
	d.DisallowUnknownFields()
	if err := d.Decode(&t); err != nil {
		return Theme{}, fmt.Errorf("theme: %w", err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return Theme{}, errors.New("theme: more than one document")
	}
	return t, nil
}
