package themes

import (
	"net/url"
	"slices"
	"strings"
)

// optionGroup is a part of a list to choose from.
type optionGroup struct {
	Label   string
	Options []Option
}

// previewView hands a choice to the parts that draw it.
type previewView struct {
	*view
	S Preview
}

// WithPreview hands a choice to the parts that draw it.
func (v *view) WithPreview(p Preview) previewView { return previewView{v, p} }

// Groups are the pages and letters to choose from, by story. Pages are named by their titles in the brand's
// words.
func (v previewView) Groups() []optionGroup {
	var groups []optionGroup
	for _, story := range v.S.Stories {
		g := optionGroup{Label: v.r.Text(v.B, v.Locale, "preview.story_"+story.Name, nil)}
		for _, s := range story.Pages {
			g.Options = append(g.Options, Option{Value: s.Name, Text: v.pageText(s), Chosen: s.Name == v.S.Name})
		}
		groups = append(groups, g)
	}
	if len(v.S.Letters) > 0 {
		g := optionGroup{Label: v.r.Text(v.B, v.Locale, "preview.story_letters", nil)}
		for _, s := range v.S.Letters {
			g.Options = append(g.Options, Option{Value: s.Name, Text: v.letterText(s), Chosen: s.Name == v.S.Name})
		}
		groups = append(groups, g)
	}
	return groups
}

func (v *view) pageText(s Sample) string {
	return v.withState(v.r.TitleOf(v.B, v.Locale, s.Page), stateOfSample(s.Name))
}

func (v *view) letterText(s LetterSample) string {
	if s.Platform() { // no tenant's deliveries tell of it
		if _, ours := s.Letter.(StaffLetter); ours {
			return v.r.TitleOf(v.B, v.Locale, StaffStartPage{})
		}
		return v.r.TitleOf(v.B, v.Locale, FindPortalPage{})
	}
	return v.withState(v.LetterKind(s.Letter.Template()), stateOfSample(s.Name))
}

func (v *view) withState(what, state string) string {
	if state == "" {
		return what
	}
	return v.r.Text(v.B, v.Locale, "preview.with_state", map[string]any{"page": what, "state": Message{Key: "preview.state_" + state}})
}

// sampleStates are the ends of samples' names that say in which state a page or letter is, the longer ones
// first. Each has a word.
func sampleStates() []string {
	return []string{
		"captcha_error", "captcha_work", "captcha", "questions_wrong", "questions", "by_pass",
		"error", "wrong", "flash", "saved", "locked", "first", "second", "one", "phone", "link", "totp", "text", "email", "key", "shown",
		"replaced", "unknown", "needed", "confirm", "empty", "few", "taken", "sent", "done", "gone", "outside", "suspended", "added", "removed", "recovery", "register", "signin", "unlock",
		"admin", "forever", "delayed", "begun", "verified", "lost", "paused", "approved", "declined",
	}
}

// stateOfSample is the state that a sample's name ends in; "" for the plain one.
func stateOfSample(name string) string {
	for _, state := range sampleStates() {
		if strings.HasSuffix(name, "_"+state) && !slices.Contains(plainSamples(), name) {
			return state
		}
	}
	return ""
}

// plainSamples end in what is no state of theirs.
func plainSamples() []string {
	return []string{"recovery", "add_phone", "add_email", "add_questions", "person_address_confirm", "gate_link", "contact_admin"}
}

// Query is the choice as the query of an address; each pair of more replaces one value.
func (v previewView) Query(more ...string) string {
	values := url.Values{"page": {v.S.Name}, "in": {v.S.Locale}, "scheme": {v.S.Scheme}, "width": {v.S.Width}}
	if v.IsLetter() {
		values.Set("part", v.S.Part)
	}
	for i := 0; i+1 < len(more); i += 2 {
		values.Set(more[i], more[i+1])
	}
	return values.Encode()
}

// Source is the address of what stands in the frame.
func (v previewView) Source(more ...string) string {
	return v.URL(v.S.Path+"/page") + "?" + v.Query(more...)
}

// At is the address of another choice.
func (v previewView) At(more ...string) string { return v.URL(v.S.Path) + "?" + v.Query(more...) }

// IsLetter tells whether a letter is looked at.
func (v previewView) IsLetter() bool {
	_, is := LetterSampleNamed(v.S.Name)
	return is
}

// Names are those of all that there is to choose from, in their order.
func (p Preview) Names() []string {
	var names []string
	for _, story := range p.Stories {
		for _, s := range story.Pages {
			names = append(names, s.Name)
		}
	}
	for _, s := range p.Letters {
		names = append(names, s.Name)
	}
	return names
}

// FrameTitle names what stands in the frame.
func (v previewView) FrameTitle() string {
	if s, ok := LetterSampleNamed(v.S.Name); ok {
		return v.letterText(s)
	}
	if _, s, ok := SampleNamed(v.S.Stories, v.S.Name); ok {
		return v.pageText(s)
	}
	return ""
}

// FromPlatform tells whether what is looked at is the platform's own, which no brand changes.
func (v previewView) FromPlatform() bool {
	if s, ok := LetterSampleNamed(v.S.Name); ok {
		return s.Platform()
	}
	story, _, _ := SampleNamed(v.S.Stories, v.S.Name)
	return story.Platform
}

// Neighbour is the name of the sample before (-1) or behind (1) the chosen one; "" at an end.
func (v previewView) Neighbour(step int) string {
	names := v.S.Names()
	at := slices.Index(names, v.S.Name) + step
	if at < 0 || at >= len(names) {
		return ""
	}
	return names[at]
}

// SchemePicks are the two ways in which a screen may be set, to choose from.
func (v previewView) SchemePicks() []Option { return v.picks("preview.scheme_", Schemes(), v.S.Scheme) }

// WidthPicks are the widths to choose from.
func (v previewView) WidthPicks() []Option {
	return v.picks("preview.width_", PreviewWidths(), v.S.Width)
}

// PartPicks are the ways in which the chosen letter is sent; none of a page.
func (v previewView) PartPicks() []Option {
	s, ok := LetterSampleNamed(v.S.Name)
	if !ok {
		return nil
	}
	return v.picks("preview.part_", s.Parts(), v.S.Part)
}

func (v *view) picks(family string, values []string, chosen string) []Option {
	var all []Option
	for _, value := range values {
		all = append(all, Option{Value: value, Text: v.r.Text(v.B, v.Locale, family+value, nil), Chosen: value == chosen})
	}
	return all
}

// PreviewWidths are the widths that a preview can have.
func PreviewWidths() []string { return []string{"desktop", "phone"} }

// FrameWidth is the width of the frame in CSS pixels.
func (v previewView) FrameWidth() int {
	if v.S.Width == "phone" {
		return 390
	}
	return 1280
}

// LocaleName is a language by its own name.
func (v *view) LocaleName(locale string) string {
	for _, o := range v.LocaleOptions(locale) {
		if o.Chosen {
			return o.Text
		}
	}
	return locale
}

// LetterPicks are the states of one kind of letter, to choose from.
func (v *view) LetterPicks(p Preview) []Option {
	var all []Option
	for _, s := range p.Letters {
		text := v.LetterKind(s.Letter.Template())
		if state := stateOfSample(s.Name); state != "" {
			text = v.r.Text(v.B, v.Locale, "preview.state_"+state, nil)
		}
		all = append(all, Option{Value: s.Name, Text: text, Chosen: s.Name == p.Name})
	}
	return all
}

// textsView hands texts to the part that draws them.
type textsView struct {
	View   *view
	Texts  []Text
	Locale string
}

// WithTexts hands texts to the part that draws them.
func (v *view) WithTexts(texts []Text, locale string) textsView { return textsView{v, texts, locale} }
