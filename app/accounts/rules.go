package accounts

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/trustelem/zxcvbn"
	"github.com/trustelem/zxcvbn/frequency"

	"portico/tenants"
)

// The caps that hold whatever a policy says, checked before any hashing (security.md 4.1).
const (
	maxPasswordRunes = 256
	maxPasswordBytes = 1024
	meteredRunes     = 64 // zxcvbn's work grows faster than the length
)

// Rule is one demand on a new password: Name is what pages call it (min, max, lower, upper, digit,
// special, classes, ascii, common, personal, personal_word, brand_word, banned, guessable, reused), N its
// number where it has one, Word the word that was found where one was.
type Rule struct {
	Name string
	N    int
	Word string
}

// Personal is what a password must not be built from.
type Personal struct {
	Brand string   // the brand's name
	Slug  string   // the brand's short name
	Name  string   // the person's own
	Words []string // identifiers, and what else is known of them
}

// RulesOf lists the rules that a person sees, in the order in which they are shown. The blocklist
// comes last as "common" in mode nist; in mode classes it is judged without a tick of its own.
func RulesOf(p tenants.PasswordPolicy) []Rule {
	rules := []Rule{{Name: "min", N: p.Min}}
	for _, name := range []string{"lower", "upper", "digit", "special"} {
		if slices.Contains(p.Require, name) {
			rules = append(rules, Rule{Name: name})
		}
	}
	if p.ClassesMin > 0 {
		rules = append(rules, Rule{Name: "classes", N: p.ClassesMin})
	}
	if p.Charset == "ascii" {
		rules = append(rules, Rule{Name: "ascii"})
	}
	if p.Mode == "nist" {
		rules = append(rules, Rule{Name: "common"})
	}
	return rules
}

// CheckPassword judges a new password; the answer is empty when it may be used. The caps come first
// and alone: nothing else looks at a text beyond them.
func CheckPassword(p tenants.PasswordPolicy, password string, about Personal) []Rule {
	if exceeds(p, password) {
		return []Rule{{Name: "max", N: longest(p)}}
	}
	password = nfc(password)
	var broken []Rule
	for _, r := range RulesOf(p) {
		if !meets(r, password) {
			broken = append(broken, r)
		}
	}
	if p.Mode != "nist" && common(password) {
		broken = append(broken, Rule{Name: "common"})
	}
	for _, r := range bannedRules(p, password, about) {
		if !breaks(broken, r.Name) {
			broken = append(broken, r)
		}
	}
	if breaks(broken, "personal_word") || breaks(broken, "brand_word") {
		return broken
	}
	if word := builtFrom(password, about); word != "" {
		broken = append(broken, Rule{Name: "personal", Word: word})
	}
	return broken
}

// longest is the most characters that a password may have.
func longest(p tenants.PasswordPolicy) int {
	if p.Max > 0 {
		return min(maxPasswordRunes, p.Max)
	}
	return maxPasswordRunes
}

// exceeds tells whether a text is beyond the caps or no text at all.
func exceeds(p tenants.PasswordPolicy, password string) bool {
	return len(password) > maxPasswordBytes || utf8.RuneCountInString(password) > longest(p) || !utf8.ValidString(password)
}

func breaks(broken []Rule, name string) bool {
	return slices.ContainsFunc(broken, func(r Rule) bool { return r.Name == name })
}

func meets(r Rule, password string) bool {
	switch r.Name {
	case "min":
		return utf8.RuneCountInString(password) >= r.N
	case "lower", "upper", "digit", "special":
		return classes(password)[r.Name]
	case "classes":
		return len(classes(password)) >= r.N
	case "ascii":
		return strings.IndexFunc(password, func(c rune) bool { return c < ' ' || c > '~' }) < 0
	case "common":
		return password != "" && !common(password)
	}
	return false
}

// classes finds which of the four classes occur. A special character is anything that is neither a
// letter nor a digit nor a space.
func classes(password string) map[string]bool {
	found := map[string]bool{}
	for _, c := range password {
		switch {
		case unicode.IsLower(c):
			found["lower"] = true
		case unicode.IsUpper(c):
			found["upper"] = true
		case unicode.IsDigit(c):
			found["digit"] = true
		case unicode.IsLetter(c), unicode.IsSpace(c), unicode.IsControl(c):
		default:
			found["special"] = true
		}
	}
	return found
}

// commonPasswords is zxcvbn's list of 30,000 passwords by frequency, as a set.
var commonPasswords = sync.OnceValue(func() map[string]struct{} {
	list := frequency.FrequencyLists["passwords"]
	set := make(map[string]struct{}, len(list))
	for _, word := range list {
		set[word] = struct{}{}
	}
	return set
})

// common compares the whole password, in lower case, with the list, and finds repetitions of one
// character and runs such as abcdefgh and 12345678, of which lists hold only some lengths.
func common(password string) bool {
	folded := strings.ToLower(password)
	if _, listed := commonPasswords()[folded]; listed {
		return true
	}
	runes := []rune(folded)
	if len(runes) < 2 {
		return true
	}
	step := runes[1] - runes[0]
	if step < -1 || step > 1 {
		return false
	}
	for i := 2; i < len(runes); i++ {
		if runes[i]-runes[i-1] != step {
			return false
		}
	}
	return true
}

// builtFrom finds a brand or personal word of at least four characters that makes up the password but
// for fewer than six characters (NIST SP 800-63B-4: context-specific words).
func builtFrom(password string, about Personal) string {
	folded := strings.ToLower(password)
	for _, word := range personalWords(about) {
		if at := strings.Index(folded, word); at >= 0 &&
			utf8.RuneCountInString(folded)-utf8.RuneCountInString(word) < 6 {
			return word
		}
	}
	return ""
}

func personalWords(about Personal) []string {
	var words []string
	add := func(s string) {
		s = strings.ToLower(strings.TrimSpace(nfc(s)))
		if utf8.RuneCountInString(s) >= 4 && !slices.Contains(words, s) {
			words = append(words, s)
		}
	}
	for _, text := range append([]string{about.Brand, about.Slug, about.Name}, about.Words...) {
		add(text)
		local, domain, isAddress := strings.Cut(text, "@")
		if isAddress {
			add(local)
			name, _, _ := strings.Cut(domain, ".")
			add(name)
		}
		for _, part := range strings.FieldsFunc(text, func(c rune) bool { return !unicode.IsLetter(c) && !unicode.IsDigit(c) }) {
			if part != "com" && part != "example" {
				add(part)
			}
		}
	}
	return words
}

// Score is Strength one at a time: some texts cost zxcvbn as much as many hashes, so a meter never takes
// more than one core, and gives up (ErrBusy) rather than wait.
func (a *Accounts) Score(ctx context.Context, t *tenants.Tenant, password string) (int, error) {
	select {
	case a.Hasher.meter <- struct{}{}:
		defer func() { <-a.Hasher.meter }()
		return Strength(password, brandOnly(t)), nil
	case <-ctx.Done():
	case <-time.After(time.Second):
	}
	return 0, ErrBusy
}

// Strength scores a password from 0 to 4 with zxcvbn on its first 64 characters; brand and personal
// words count as guessable.
func Strength(password string, about Personal) int {
	runes := []rune(nfc(password))
	if len(runes) > meteredRunes {
		runes = runes[:meteredRunes]
	}
	return zxcvbn.PasswordStrength(string(runes), personalWords(about)).Score
}

// String names the rule for logs and tests; it never holds the password.
func (r Rule) String() string { return fmt.Sprintf("%s:%d", r.Name, r.N) }

// BrandWord tells whether a word that was found in a password is the tenant's rather than the person's.
func BrandWord(t *tenants.Tenant, word string) bool {
	return slices.Contains(personalWords(brandOnly(t)), word)
}

func brandOnly(t *tenants.Tenant) Personal { return Personal{Brand: t.Name, Slug: t.Slug} }
