package themes

import (
	"fmt"
	"slices"
	"strings"
	"unicode"

	"portico/tenants"
)

// The most that an override may hold, in characters: a text of a page, a subject.
const (
	wordsMost   = 2000
	subjectMost = 200
)

// neededValues are those without which a text is of no use, whatever else it says: codes.
var neededValues = []string{"code", "digits"}

// CheckWords tells every fault of a tenant's texts as a sentence: a locale or a key that does not
// exist, nothing where the catalogue says something, a placeholder that the catalogue's text does not have, a
// code left out, a line break in a subject, too long.
func (r *Renderer) CheckWords(w tenants.Words) []string {
	var f faults
	for _, locale := range sortedKeys(w) {
		if !slices.Contains(Locales(), locale) {
			f.add("words.%s: is none of the languages %s", locale, strings.Join(Locales(), ", "))
			continue
		}
		for _, key := range sortedKeys(w[locale]) {
			r.checkText(&f, "words."+locale+"."+key, key, w[locale][key])
		}
	}
	return f
}

func (r *Renderer) checkText(f *faults, field, key, text string) {
	allowed, known := r.words.placeholders[key]
	if !known {
		f.add("%s: there is no such text", field)
		return
	}
	for _, p := range placeholder.FindAllStringSubmatch(text, -1) {
		if !allowed[p[1]] && p[1] != "brand" {
			f.add("%s: %s is not a value that this text has%s", field, p[0], valuesOf(allowed))
		}
	}
	if r.words.keys["en"][key].Other != "" && !strings.ContainsFunc(text, visible) {
		f.add("%s: is empty, and people would see nothing there", field)
		return
	}
	for _, name := range neededValues {
		if allowed[name] && !strings.Contains(text, "{"+name+"}") {
			f.add("%s: leaves out {%s}, without which it is of no use", field, name)
		}
	}
	most := wordsMost
	if strings.HasSuffix(key, ".subject") {
		most = subjectMost
		if strings.ContainsAny(text, "\r\n") {
			f.add("%s: a subject is one line", field)
		}
	}
	if n := len([]rune(text)); n > most {
		f.add("%s: %d characters are more than the %d that fit", field, n, most)
	}
	if strings.IndexFunc(text, func(c rune) bool { return c < 0x20 && c != '\n' && c != '\t' || c == 0x7f }) >= 0 {
		f.add("%s: holds control characters", field)
	}
}

// visible tells whether a character leaves something to be seen.
func visible(c rune) bool { return unicode.IsGraphic(c) && !unicode.IsSpace(c) }

// valuesOf names what a text may use.
func valuesOf(allowed map[string]bool) string {
	names := []string{"{brand}"}
	for _, n := range sortedKeys(allowed) {
		if n != "brand" {
			names = append(names, fmt.Sprintf("{%s}", n))
		}
	}
	return "; it may use " + strings.Join(names, ", ")
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
