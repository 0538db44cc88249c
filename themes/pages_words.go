package themes

import (
	"html/template"
	"strings"
)

// WordsPage is /console/words: the texts of one language, those that a search found.
type WordsPage struct {
	Parts
	Draft   DraftState
	Locale  string
	Query   string
	Texts   []Text
	More    int // found and not shown
	Changes []ChangeRow
}

// TextPage is one text in its editor.
type TextPage struct {
	Parts
	Draft   DraftState
	Locale  string
	Text    Text
	Typed   string
	CanEdit bool
	Action  string
}

// Template names the file.
func (WordsPage) Template() string { return "words" }

// Template names the file.
func (TextPage) Template() string { return "words_text" }

// LocaleOptions are the languages to choose from, each by its own name.
func (v *view) LocaleOptions(chosen string) []Option {
	names := map[string]string{"en": "English", "de": "Deutsch", "fr": "Français", "es": "Español", "ar": "العربية"}
	var all []Option
	for _, l := range Locales() {
		all = append(all, Option{Value: l, Text: names[l], Chosen: l == chosen})
	}
	return all
}

// AreaText is a text inside a textarea, whose line breaks outlive the squeezing of pages.
func (v *view) AreaText(s string) template.HTML {
	return template.HTML(strings.ReplaceAll(template.HTMLEscapeString(s), "\n", "&#10;")) //nolint:gosec // escaped just there
}

// Braces writes a placeholder as texts hold it.
func (v *view) Braces(name string) string { return "{" + name + "}" }
