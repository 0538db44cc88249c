package domains

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// Look-alikes are judged as Unicode's security mechanisms do (UTS 39), with fewer letters: those that can
// stand in a host name and are drawn like a Latin letter or digit in the fonts that browsers use.

// scripts that are told apart in one label. What is in none of them (digits, hyphens, marks) goes with all.
var scripts = []struct {
	name  string
	table *unicode.RangeTable
}{
	{"Latin", unicode.Latin}, {"Greek", unicode.Greek}, {"Cyrillic", unicode.Cyrillic}, {"Armenian", unicode.Armenian},
	{"Hebrew", unicode.Hebrew}, {"Arabic", unicode.Arabic}, {"Georgian", unicode.Georgian}, {"Cherokee", unicode.Cherokee},
	{"Thai", unicode.Thai}, {"Lao", unicode.Lao}, {"Devanagari", unicode.Devanagari}, {"Bengali", unicode.Bengali}, {"Tamil", unicode.Tamil},
	{"Han", unicode.Han}, {"Hiragana", unicode.Hiragana}, {"Katakana", unicode.Katakana}, {"Bopomofo", unicode.Bopomofo}, {"Hangul", unicode.Hangul},
}

// together are the scripts that are written in one word: UTS 39's "highly restrictive" level.
var together = [][]string{{"Latin", "Han", "Hiragana", "Katakana"}, {"Latin", "Han", "Bopomofo"}, {"Latin", "Han", "Hangul"}}

// mixesScripts tells whether a label has letters of scripts that nobody writes in one word.
func mixesScripts(label string) bool {
	found := map[string]bool{}
	for _, r := range label {
		if !unicode.IsLetter(r) {
			continue
		}
		script := "other"
		for _, s := range scripts {
			if unicode.Is(s.table, r) {
				script = s.name
				break
			}
		}
		found[script] = true
	}
	if len(found) < 2 {
		return false
	}
	for _, set := range together {
		n := 0
		for _, name := range set {
			if found[name] {
				n++
			}
		}
		if n == len(found) {
			return false
		}
	}
	return true
}

// drawn maps letters to what they look like. Two rows a script: the letters, and their Latin images.
var drawn = strings.NewReplacer(pairs(
	"аеорсухіјѕһԁԛԝѵӏьгкмтнвпзӡ", "aeopcyxijshdqwvlbrkmthbn33", // Cyrillic
	"αενορτυχικωγβηρσ", "aevoptuxikwyBnpo", // Greek
	"օսոհցզյքգ", "ounhgqjqq", // Armenian
	"ıɩɑɡʏꜱƅɪʀʟƽᴄᴏᴜᴠᴡᴢ", "iiagysbirl5couvwz", // Latin that is not plain
	"٠۰०০๐໐", "oooooo", // zeros
	"ߊ丨〇ᅵ", "llol",
)...)

// pairs reads the columns of two rows: old and new, one after the other.
func pairs(rows ...string) (all []string) {
	for i := 0; i < len(rows); i += 2 {
		from, to := []rune(rows[i]), []rune(rows[i+1])
		for n, r := range from {
			all = append(all, string(r), strings.ToLower(string(to[n])))
		}
	}
	return all
}

// skeleton is the plain text that a name looks like: "аррӏе" in Cyrillic is "apple". Accents stay, as they
// make names of their own (müller is not muller), but for marks that stand alone.
func skeleton(shown string) string {
	return norm.NFC.String(drawn.Replace(norm.NFKC.String(strings.ToLower(shown))))
}

// rough is what a hurried reader tells no more apart: digits as letters, joined strokes.
var rough = strings.NewReplacer("0", "o", "1", "l", "i", "l", "5", "s", "rn", "m", "vv", "w", "cl", "d", "-", "")

// roughSkeleton is held against the platform's own names alone: between customers "1ink.example" and
// "link.example" may both be true.
func roughSkeleton(shown string) string {
	var plain strings.Builder
	for _, r := range norm.NFD.String(skeleton(shown)) {
		if !unicode.Is(unicode.Mn, r) {
			plain.WriteRune(r)
		}
	}
	return rough.Replace(plain.String())
}
