package accounts

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"portico/tenants"
)

// Where a banned term comes from.
const (
	TermTenant = "tenant" // the tenant's own list
	TermGlobal = "global" // what people everywhere use
	TermBrand  = "brand"  // an everyday word of the brand's name
)

// Part is a piece of a password as the scored check reads it: a banned term, or one character (Term "")
// that no term covers, which is never told.
type Part struct {
	Term string
	From string // TermTenant, TermGlobal, TermBrand; "" for a character
}

// Explanation is what the rules make of one password: for administrators who try their list, and for
// CheckPassword. It holds banned terms that were found, and nothing else of the password.
type Explanation struct {
	Scored bool   // the policy asks for the scored check
	Parts  []Part // in order; each counts one
	Score  int
	Needed int
	Broken []Rule // of all rules, in the order in which they are told; empty when it may be used
}

// scores tells whether the policy asks for the scored check of banned terms: the tenant's own list asks
// for it too, without the list of terms that people everywhere use.
func scores(p tenants.PasswordPolicy) bool { return p.BannedGlobal || len(p.BannedCustom) > 0 }

// Explain judges a password as CheckPassword does and says how the scored check read it.
func Explain(p tenants.PasswordPolicy, password string, about Personal) Explanation {
	e := Explanation{Broken: CheckPassword(p, password, about)}
	if !scores(p) || exceeds(p, password) {
		return e
	}
	read := readTerms(normalise(nfc(password)), termsOf(p, about))
	e.Scored, e.Parts, e.Score, e.Needed = true, read.parts, len(read.parts), p.BannedMinScore
	return e
}

// bannedRules is the scored check after Entra's (behaviour.md 2A): a name anywhere in the password, the
// whole of it within one edit of a term, or too low a score. Each fault has a rule of its own:
// personal_word, brand_word, banned (the tenant's list), common, guessable.
func bannedRules(p tenants.PasswordPolicy, password string, about Personal) []Rule {
	if !scores(p) || password == "" {
		return nil
	}
	var broken []Rule
	text := normalise(password)
	if word := within(text, ownNames(about), p.BannedNameMin); word != "" {
		broken = append(broken, Rule{Name: "personal_word", Word: word})
	}
	if word := within(text, brandNames(about), p.BannedNameMin); word != "" {
		broken = append(broken, Rule{Name: "brand_word", Word: word})
	}
	terms := termsOf(p, about)
	if from, _ := terms.near(text); from != "" {
		return append(broken, Rule{Name: map[string]string{TermTenant: "banned", TermGlobal: "common", TermBrand: "brand_word"}[from]})
	}
	read := readTerms(text, terms)
	if len(read.parts) >= p.BannedMinScore {
		return broken
	}
	for _, part := range read.parts {
		if part.From == TermTenant {
			return append(broken, Rule{Name: "banned", N: p.BannedMinScore})
		}
	}
	return append(broken, Rule{Name: "guessable", N: p.BannedMinScore})
}

// normalise folds what people swap: capitals, and 0, 1, $ and @ for o, l, s and a. Rune by rune, so that
// the result is as long as the text.
func normalise(text string) string {
	return strings.Map(func(c rune) rune {
		switch c = unicode.ToLower(c); c {
		case '0':
			return 'o'
		case '1':
			return 'l'
		case '$':
			return 's'
		case '@':
			return 'a'
		}
		return c
	}, text)
}

// within finds the first of the words, of at least least characters, that a normalised text contains.
func within(text string, words []string, least int) string {
	for _, word := range words {
		if utf8.RuneCountInString(word) >= max(least, 1) && strings.Contains(text, normalise(word)) {
			return word
		}
	}
	return ""
}

// ownNames are the person's names: O'Brien with and without what is no letter.
func ownNames(about Personal) []string {
	name := strings.ToLower(nfc(about.Name))
	return append(strings.Fields(name), wordsIn(name)...)
}

// brandNames are what stands for the brand alone: its whole name and short name written as one word, and
// those of its words that are no everyday ones. "university" in a name bans nobody's passphrase.
func brandNames(about Personal) []string {
	names := []string{strings.Join(wordsIn(about.Brand), "")}
	for _, word := range append(wordsIn(about.Brand), strings.Join(wordsIn(about.Slug), "")) {
		if !everyday(word) {
			names = append(names, word)
		}
	}
	return names
}

// wordsIn splits a name at what is neither letter nor digit, in lower case and NFC.
func wordsIn(name string) []string {
	return strings.FieldsFunc(strings.ToLower(nfc(name)), func(c rune) bool { return !unicode.IsLetter(c) && !unicode.IsDigit(c) })
}
