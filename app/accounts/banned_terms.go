package accounts

import (
	"strconv"
	"strings"
	"sync"

	"github.com/trustelem/zxcvbn/frequency"

	"portico/tenants"
)

// globalTerms is how many of the most frequent passwords are banned as parts of others. They are what
// people decorate ("Summer2026!", "qwerty1234"); further down the list come ordinary words, potato at
// 1362, of which passphrases are made.
const globalTerms = 1000

// everydayWords is how many of the most frequent words of Wikipedia are too common to stand for a brand.
const everydayWords = 5000

// calendar is what people who must change passwords add; frequency lists lag behind the years.
const calendar = `january february march april june july august september october november december
	spring summer autumn winter monday tuesday wednesday thursday friday saturday sunday`

// termList is one source of banned terms, normalised.
type termList struct {
	from  string
	set   map[string]struct{}
	runes [][]rune
}

// terms are the lists that hold for one password, the tenant's own first.
type terms []*termList

func newTerms(from string) *termList { return &termList{from: from, set: map[string]struct{}{}} }

func (l *termList) add(term string) {
	term = normalise(term)
	runes := []rune(term)
	if _, twice := l.set[term]; twice || len(runes) < shortestTerm || len(runes) > longestTerm {
		return
	}
	l.set[term] = struct{}{}
	l.runes = append(l.runes, runes)
}

// find tells in which list a normalised term stands; "" is none.
func (t terms) find(term string) string {
	for _, list := range t {
		if _, ok := list.set[term]; ok {
			return list.from
		}
	}
	return ""
}

// termsOf are the terms that a policy bans, with the everyday words of the brand's name.
func termsOf(p tenants.PasswordPolicy, about Personal) terms {
	own, brand := newTerms(TermTenant), newTerms(TermBrand)
	for _, term := range p.BannedCustom {
		own.add(nfc(term))
	}
	for _, word := range append(wordsIn(about.Brand), wordsIn(about.Slug)...) {
		brand.add(word)
	}
	if p.BannedGlobal {
		return terms{own, brand, commonTerms()}
	}
	return terms{own, brand}
}

// commonTerms are the first 1,000 of zxcvbn's passwords of 4 to 16 letters and digits, the calendar's
// words, and the years from 1940 to 2059.
var commonTerms = sync.OnceValue(func() *termList {
	list := newTerms(TermGlobal)
	for _, word := range frequency.FrequencyLists["passwords"] {
		if len(list.runes) == globalTerms {
			break
		}
		if strings.IndexFunc(word, func(c rune) bool { return (c < 'a' || c > 'z') && (c < '0' || c > '9') }) < 0 {
			list.add(word)
		}
	}
	for _, word := range strings.Fields(calendar) {
		list.add(word)
	}
	for year := 1940; year < 2060; year++ {
		list.add(strconv.Itoa(year))
	}
	return list
})

var everydaySet = sync.OnceValue(func() map[string]struct{} {
	set := make(map[string]struct{}, everydayWords)
	for _, word := range frequency.FrequencyLists["english_wikipedia"][:everydayWords] {
		set[word] = struct{}{}
	}
	return set
})

// everyday tells whether a word in lower case is among those that everybody writes.
func everyday(word string) bool {
	_, ok := everydaySet()[word]
	return ok
}
