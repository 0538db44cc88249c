package themes

// palette is every colour of one scheme (light or dark), ready to print.
type palette struct {
	dark bool

	surface, raised, text, quiet, line, control                    rgb
	accent, onAccent, accentHover, accentPressed                   rgb
	accentQuiet, onAccentQuiet, link, linkHover                    rgb
	good, onGood, goodQuiet, onGoodQuiet                           rgb
	warn, onWarn, warnQuiet, onWarnQuiet                           rgb
	bad, onBad, badQuiet, onBadQuiet                               rgb
	bar, onBar, onBarQuiet, barLine, highlight, onHighlight, focus rgb
	glowA, glowB                                                   rgb // of the gradient behind the card
}

// The ratios of WCAG 2.2: 1.4.3 for text, 1.4.11 for controls and focus.
const (
	textRatio    = 4.5
	controlRatio = 3.0
)

// palettes computes both schemes. Colours that do not parse count as left out: Validate tells them.
func (t Theme) palettes() (light, dark palette) {
	return t.palette(false), t.palette(true)
}

// given is a stated colour, or the computed one.
func given(stated string, computed rgb) rgb {
	if c, err := parseHex(stated); err == nil {
		return c
	}
	return computed
}

func (t Theme) palette(dark bool) palette {
	roles := t.Colors.Light
	if dark {
		roles = t.Colors.Dark
	}
	brand := given(t.Colors.Accent, rgb{0x1f / 255., 0x5f / 255., 0xbf / 255.})
	p := palette{dark: dark}
	p.grounds(t, roles, brand)
	p.accents(roles, brand)
	p.signals(roles)
	p.bars(t, roles, brand)
	return p
}

// grounds sets surfaces, text and lines.
func (p *palette) grounds(t Theme, roles Roles, brand rgb) {
	ink := given(t.Colors.Ink, brand.at(0.24, 0.35))
	paper := given(t.Colors.Paper, brand.at(0.985, 0.05))
	if p.dark {
		p.surface = given(roles.Surface, ink.at(0.175, 0.5))
		p.raised = given(roles.SurfaceRaised, p.surface.at(p.surface.oklch().l+0.045, 1))
		p.text = given(roles.Text, ink.at(0.94, 0.15))
		quiet, _ := reach(p.text.at(0.74, 1), textRatio+0.3, p.surface, p.raised)
		p.quiet = given(roles.TextQuiet, quiet)
		p.line = given(roles.Line, p.raised.mix(p.text, 0.09))
	} else {
		p.surface = given(roles.Surface, paper)
		p.raised = given(roles.SurfaceRaised, p.surface.mix(white, 0.8))
		p.text = given(roles.Text, ink)
		quiet, _ := reach(p.text.mix(p.surface, 0.22), textRatio+0.3, p.surface, p.raised)
		p.quiet = given(roles.TextQuiet, quiet)
		p.line = given(roles.Line, p.surface.at(p.surface.oklch().l-0.085, 1.2))
	}
	p.control, _ = reach(p.line, controlRatio+0.1, p.surface, p.raised)
}

// accents sets the one strong colour and what follows from it.
func (p *palette) accents(roles Roles, brand rgb) {
	if p.dark && brand.oklch().l < 0.68 {
		brand = brand.at(0.7, 1)
	}
	accent, _ := reach(brand, controlRatio, p.surface, p.raised)
	light, dark := white, p.text
	if p.dark {
		dark = p.surface
	}
	if on := onColor(accent, light, dark); contrast(on, accent) < textRatio {
		accent, _ = reach(accent, textRatio, on)
	}
	p.accent = given(roles.Accent, accent)
	p.onAccent = given(roles.OnAccent, onColor(p.accent, light, dark))
	p.accentHover = p.step(0.045)
	p.accentPressed = p.step(0.09)
	p.link, _ = reach(p.accent, textRatio+0.2, p.surface, p.raised)
	p.linkHover, _ = reach(p.link.mix(p.text, 0.4), textRatio+0.2, p.surface, p.raised)
	p.focus, _ = reach(p.accent, controlRatio+0.2, p.surface, p.raised)
	p.accentQuiet = given(roles.AccentQuiet, p.tint(p.accent))
	p.onAccentQuiet, _ = reach(p.link, textRatio, p.accentQuiet)
}

// step moves the accent away from the text on it, so that hover and pressed only gain contrast.
func (p *palette) step(by float64) rgb {
	o := p.accent.oklch()
	if p.onAccent.luminance() > p.accent.luminance() {
		o.l -= by
	} else {
		o.l += by
	}
	c := o.rgb()
	if least(c, p.surface, p.raised) < controlRatio || contrast(c, p.onAccent) < textRatio {
		return p.accent
	}
	return c
}

// tint is a quiet ground of c's hue.
func (p *palette) tint(c rgb) rgb {
	if p.dark {
		return p.raised.mix(c, 0.06) // light counts more in the dark
	}
	return p.raised.mix(c, 0.09)
}

// signals sets good, warn and bad with their pairs.
func (p *palette) signals(roles Roles) {
	l := 0.5
	if p.dark {
		l = 0.76
	}
	set := func(stated string, o oklch) (c, on, quiet, onQuiet rgb) {
		computed, _ := reach(o.rgb(), textRatio, p.surface, p.raised)
		c = given(stated, computed)
		on = onColor(c, white, p.inkOn())
		quiet = p.tint(c)
		onQuiet, _ = reach(c, textRatio+0.2, quiet)
		return c, on, quiet, onQuiet
	}
	p.good, p.onGood, p.goodQuiet, p.onGoodQuiet = set(roles.Good, oklch{l, 0.13, 150})
	p.warn, p.onWarn, p.warnQuiet, p.onWarnQuiet = set(roles.Warn, oklch{l + 0.02, 0.12, 70})
	p.bad, p.onBad, p.badQuiet, p.onBadQuiet = set(roles.Bad, oklch{l, 0.18, 27})
}

// inkOn is the dark that stands on light signals.
func (p *palette) inkOn() rgb {
	if p.dark {
		return p.surface
	}
	return p.text
}

// bars sets the portal's bar, the stepper's rail and the gradient.
func (p *palette) bars(t Theme, roles Roles, brand rgb) {
	ink := given(t.Colors.Ink, brand.at(0.24, 0.35))
	bar := ink.at(min(ink.oklch().l, 0.3), 1)
	if p.dark {
		bar = p.surface.at(max(p.surface.oklch().l-0.045, 0.05), 1)
	}
	p.bar = given(roles.Bar, bar)
	p.onBar = given(roles.OnBar, onColor(p.bar, white, black))
	p.onBarQuiet, _ = reach(p.onBar.mix(p.bar, 0.3), textRatio+0.3, p.bar)
	p.barLine = p.bar.mix(p.onBar, 0.12)
	mark, _ := reach(brand, controlRatio+0.2, p.bar)
	p.highlight = given(roles.Highlight, mark)
	p.onHighlight = onColor(p.highlight, p.bar, p.onBar)
	if p.dark {
		p.glowA, p.glowB = p.surface.mix(p.accent, 0.1), p.surface.mix(p.text, 0.03)
	} else {
		p.glowA, p.glowB = p.surface.mix(p.accent, 0.2), p.surface.mix(p.text, 0.04)
	}
}
