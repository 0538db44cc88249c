package themes

import (
	"slices"
	"strings"

	"portico/tenants"
)

// Text is one text of the catalogue in one language, with what a tenant says in its place.
type Text struct {
	Key    string
	Forms  []string // the catalogue's own: one, or one a plural form; a tenant's stands for all of them
	Own    string
	Has    bool     // the tenant has its own
	Values []string // the placeholders that it may use, without braces; {brand} always
}

// Letter tells whether the text is one of a letter, a text message or a call.
func (t Text) Letter() bool { return IsLetterKey(t.Key) }

// IsLetterKey tells whether a key is of a letter, a text message or a call.
func IsLetterKey(key string) bool {
	part, _, _ := strings.Cut(key, ".")
	return part == "mail" || part == "sms" || part == "voice"
}

// Texts lists the texts of a language that hold query in their key, their own or the tenant's text, by key;
// "" is all. It is nil for a language that there is none of.
func (r *Renderer) Texts(locale string, own tenants.Words, query string) []Text {
	query = strings.ToLower(query)
	var all []Text
	for key := range r.words.keys[locale] {
		t, _ := r.TextOf(locale, own, key)
		if strings.Contains(key, query) || strings.Contains(strings.ToLower(t.Own), query) ||
			slices.ContainsFunc(t.Forms, func(f string) bool { return strings.Contains(strings.ToLower(f), query) }) {
			all = append(all, t)
		}
	}
	slices.SortFunc(all, func(a, b Text) int { return strings.Compare(a.Key, b.Key) })
	return all
}

// TextOf is one text; false where there is no such key or language.
func (r *Renderer) TextOf(locale string, own tenants.Words, key string) (Text, bool) {
	m, ok := r.words.keys[locale][key]
	if !ok {
		return Text{}, false
	}
	t := Text{Key: key, Values: sortedKeys(r.words.placeholders[key])}
	t.Own, t.Has = own[locale][key]
	for _, form := range forms(m) {
		if form != "" && !slices.Contains(t.Forms, form) {
			t.Forms = append(t.Forms, form)
		}
	}
	return t, true
}
