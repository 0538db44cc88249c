package themes

import (
	"slices"

	"golang.org/x/text/language"
)

// Locales lists the catalogue's languages; the first is the one that everything falls back to.
func Locales() []string { return []string{"en", "de", "fr", "es", "ar"} }

// Locale chooses the language of a page: what the address asks for, then the person's cookie, then
// the browser (where the tenant follows it), then the tenant's own. The answer is one of Locales.
func (r *Renderer) Locale(b *Brand, query, cookie, acceptLanguage string) string {
	if l, ok := r.match(query); ok {
		return l
	}
	if l, ok := r.match(cookie); ok {
		return l
	}
	if b.localeFromBrowser {
		if l, ok := r.match(acceptLanguage); ok {
			return l
		}
	}
	return b.localeDefault
}

// match finds the best locale for a language list such as "de-AT, en;q=0.5". Over-long lists are
// ignored: parsing them costs more than they are worth.
func (r *Renderer) match(list string) (string, bool) {
	if list == "" || len(list) > 200 {
		return "", false
	}
	if slices.Contains(Locales(), list) {
		return list, true
	}
	if kept, ok := r.matched.Load(list); ok {
		locale, _ := kept.(string)
		return locale, locale != ""
	}
	locale := ""
	if tags, _, err := language.ParseAcceptLanguage(list); err == nil && len(tags) > 0 {
		if _, i, confidence := r.matcher.Match(tags...); confidence != language.No {
			locale = Locales()[i]
		}
	}
	if r.kept.Add(1) <= keptLists {
		r.matched.Store(list, locale)
	}
	return locale, locale != ""
}

// keptLists bounds the remembered language lists: browsers send a few hundred different ones, attackers
// any number.
const keptLists = 2_000

func localeOr(locale, other string) string {
	if slices.Contains(Locales(), locale) {
		return locale
	}
	return other
}

// direction is the dir attribute of a locale.
func direction(locale string) string {
	if locale == "ar" {
		return "rtl"
	}
	return "ltr"
}
