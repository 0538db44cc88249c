package accounts

import (
	"strings"
	"testing"
	"unicode/utf8"

	"portico/tenants"
)

// scored is a policy with nothing but the scored check.
func scored(global bool, terms ...string) tenants.PasswordPolicy {
	return tenants.PasswordPolicy{Mode: "classes", Min: 1, BannedGlobal: global, BannedCustom: terms, BannedMinScore: 5, BannedNameMin: 4}
}

// shape writes parts as the vectors do: [contoso][blank][·][·].
func shape(parts []Part) string {
	var b strings.Builder
	for _, p := range parts {
		if p.Term == "" {
			p.Term = "·"
		}
		b.WriteString("[" + p.Term + "]")
	}
	return b.String()
}

// TestBannedVectors are the worked examples of behaviour.md 2A, each with the global list too, and what
// follows from them.
func TestBannedVectors(t *testing.T) {
	t.Parallel()
	poll := Personal{Name: "Poll Amsel"}
	contoso := []string{"Contoso", "Blank"}
	months := []string{"july", "2018"}
	for _, c := range []struct {
		password string
		terms    []string
		about    Personal
		parts    string
		broken   string
	}{
		{"C0ntos0Blank12", contoso, Personal{}, "[contoso][blank][·][·]", "banned"},
		{"ContoS0Bl@nkf9!", contoso, Personal{}, "[contoso][blank][·][·][·]", ""},
		{"Bl@nK", []string{"blank"}, Personal{}, "[blank]", "banned"},
		{"abcdeg", []string{"abcdef"}, Personal{}, "[·][·][·][·][·][·]", "banned"},
		{"abcdefg", []string{"abcdef"}, Personal{}, "[abcdef][·]", "common banned"}, // a run as well
		{"abcde", []string{"abcdef"}, Personal{}, "[·][·][·][·][·]", "common banned"},
		{"p0LL23fb", nil, poll, "[·][·][·][·][·][·][·][·]", "personal_word"},
		{"july2018...", months, Personal{}, "[july][2ol8][·][·][·]", ""},
		{"july2018", months, Personal{}, "[july][2ol8]", "banned"},
		{"april2018", nil, Personal{}, "[april][2ol8]", "guessable"},
		{"PasswordPotato", nil, Personal{}, "[password][·][·][·][·][·][·]", ""},
		{"Summer2026!", nil, Personal{}, "[summer][2o26][·]", "guessable"},
		{"$umm3rMonday#", nil, Personal{}, "[·][·][·][·][·][·][monday][·]", ""},
		{"qwerty!Dragon", nil, Personal{}, "[qwerty][·][dragon]", "guessable"},
		{"dragoon", nil, Personal{}, "[·][·][·][·][·][·][·]", "common"}, // one edit from a global term
		{"Kettle-77", nil, Personal{}, "[·][·][·][·][·][·][·][·][·]", ""},
		{"aaaaabcdaaaa", []string{"aaab", "abcd", "bcda"}, Personal{}, "[·][·][·][aaab][·][·][·][·][·]", ""},
		{"abcdefghij", []string{"abcdef", "defghij", "abcd", "efghij"}, Personal{}, "[abcd][efghij]", "common banned"},
	} {
		for _, global := range []bool{true, false} {
			if !global && (strings.Contains(c.broken, "guessable") || len(c.terms) == 0) {
				continue
			}
			e := Explain(scored(global, c.terms...), c.password, c.about)
			if names(e.Broken) != c.broken {
				t.Errorf("%q (global %v) breaks %q, want %q", c.password, global, names(e.Broken), c.broken)
			}
			if global && c.parts != "" && (c.password != "aaaaabcdaaaa") && shape(e.Parts) != c.parts {
				t.Errorf("%q is read as %s, want %s", c.password, shape(e.Parts), c.parts)
			}
			if e.Score != len(e.Parts) || e.Needed != 5 || !e.Scored {
				t.Errorf("%q: %+v", c.password, e)
			}
		}
	}
}

func TestNamesInsideAPassword(t *testing.T) {
	t.Parallel()
	about := Personal{Brand: "Alliant International University", Slug: "university", Name: "Zoë O'Brien-Li"}
	p := scored(true)
	for password, broken := range map[string]string{
		"xx@LLIANTxyzuv":                    "brand_word",
		"xq-alliantinternationaluniversity": "brand_word",
		"garden-university-kettle":          "", // an everyday word of the name scores as one
		"University42":                      "guessable personal",
		"kettle-0brien-harbour":             "personal_word",
		"kettle-o'brien-harbour":            "personal_word",
		"kettle-zoë-harbour-li":             "", // three and two letters are no name that counts
		"Copper-Kettle-harbour7":            "",
	} {
		if got := names(CheckPassword(p, password, about)); got != broken {
			t.Errorf("%q breaks %q, want %q", password, got, broken)
		}
	}
	if got := names(CheckPassword(scored(true), "qq-h0use-kettle", Personal{Brand: "House"})); got != "brand_word" {
		t.Errorf("a brand that is one everyday word: %q", got)
	}
	off := scored(false)
	if got := CheckPassword(off, "july2018", poll()); len(got) != 0 {
		t.Errorf("the check is off: %v", got)
	}
}

func poll() Personal { return Personal{Name: "Poll Amsel"} }

// TestBannedWorkIsBounded counts instead of timing: the worst text costs thirteen look-ups a character
// and no comparison, and the longest text that is compared costs one comparison a term.
func TestBannedWorkIsBounded(t *testing.T) {
	t.Parallel()
	custom := make([]string, 1000)
	for i := range custom {
		custom[i] = strings.Repeat("a", 4+i%12) + string(rune('b'+i%7)) // overlap everywhere
	}
	p := scored(true, custom...)
	lists := termsOf(p, Personal{})
	worst := normalise(strings.Repeat("a", maxPasswordRunes))
	if r := readTerms(worst, lists); r.looked > maxPasswordRunes*(longestTerm-shortestTerm+1) {
		t.Errorf("%d look-ups", r.looked)
	}
	if _, n := lists.near(worst); n != 0 {
		t.Errorf("%d comparisons of a text that no term is near", n)
	}
	all := 0
	for _, l := range lists {
		all += len(l.runes)
	}
	if _, n := lists.near(strings.Repeat("q", longestTerm)); n > all || all > 3000 {
		t.Errorf("%d comparisons with %d terms", n, all)
	}
	e := Explain(p, strings.Repeat("a", maxPasswordRunes+1), Personal{})
	if e.Scored || names(e.Broken) != "max" {
		t.Errorf("a text beyond the caps was read: %+v", e)
	}
}

func TestGlobalTerms(t *testing.T) {
	t.Parallel()
	list := terms{commonTerms()}
	if n := len(commonTerms().runes); n < globalTerms+100 || n > globalTerms+150 {
		t.Errorf("%d global terms", n)
	}
	for _, word := range []string{"password", "qwerty", "dragon", "april", "2ol8", "2o26", "l234"} {
		if list.find(word) == "" {
			t.Errorf("%q is not banned", word)
		}
	}
	for _, word := range []string{"potato", "kettle", "river", "harbour", "abc"} {
		if list.find(word) != "" {
			t.Errorf("%q is banned", word)
		}
	}
}

func TestOneEdit(t *testing.T) {
	t.Parallel()
	for pair, want := range map[[2]string]bool{
		{"abcdef", "abcdef"}: true, {"abcdef", "abcdeg"}: true, {"abcdef", "abcde"}: true, {"abcdef", "bcdef"}: true,
		{"abcdef", "abxcdef"}: true, {"abcdef", "abdcef"}: false, {"abcdef", "abcxyf"}: false, {"aaaa", "aaaaa"}: true,
		{"abab", "baba"}: false, {"éabc", "eabc"}: true,
	} {
		if got := oneEdit([]rune(pair[0]), []rune(pair[1])); got != want {
			t.Errorf("%v: %v", pair, got)
		}
		if got := oneEdit([]rune(pair[1]), []rune(pair[0])); got != want {
			t.Errorf("%v turned round: %v", pair, got)
		}
	}
}

// FuzzNormalise holds what the scored check relies on: as many characters as before, nothing left to
// fold, and a cutting that covers the text.
func FuzzNormalise(f *testing.F) {
	for _, seed := range []string{"", "C0ntos0Blank12", "p0LL23fb", "İSTANBUL", "ſtraße", "K€1v1n", "\u212a", "é\u0301", "𝔘nicode", "日本2018"} {
		f.Add(seed)
	}
	lists := termsOf(scored(true, "contoso", "ⅷⅷⅷⅷ"), Personal{Brand: "日本 House"})
	f.Fuzz(func(t *testing.T, text string) {
		if !utf8.ValidString(text) || utf8.RuneCountInString(text) > maxPasswordRunes {
			t.Skip()
		}
		once := normalise(text)
		if utf8.RuneCountInString(once) != utf8.RuneCountInString(text) {
			t.Fatalf("%q became %q", text, once)
		}
		if strings.ContainsAny(once, "01$@ABCXYZ") || normalise(once) != once {
			t.Fatalf("%q is not folded: %q", text, once)
		}
		covered := 0
		for _, p := range readTerms(once, lists).parts {
			covered += max(1, utf8.RuneCountInString(p.Term))
		}
		if covered != utf8.RuneCountInString(once) {
			t.Fatalf("the parts of %q cover %d characters", once, covered)
		}
		bannedRules(scored(true), text, Personal{Name: text, Brand: text})
	})
}
