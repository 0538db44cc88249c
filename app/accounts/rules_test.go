package accounts

import (
	"strings"
	"testing"

	"golang.org/x/text/unicode/norm"

	"portico/tenants"
)

func preset(t *testing.T, name string) tenants.PasswordPolicy {
	t.Helper()
	p, ok := tenants.Preset(name)
	if !ok {
		t.Fatalf("no preset %q", name)
	}
	return p.Password
}

func names(rules []Rule) string {
	var all []string
	for _, r := range rules {
		all = append(all, r.Name)
	}
	return strings.Join(all, " ")
}

func TestRulesThatPeopleSee(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"email-link": "min lower upper special", "two-gate": "min classes ascii", "customer-portal": "min classes", "nist": "min common",
	} {
		if got := names(RulesOf(preset(t, name))); got != want {
			t.Errorf("%s shows %q, want %q", name, got, want)
		}
	}
}

func TestPasswordsAreJudged(t *testing.T) {
	t.Parallel()
	about := Personal{Brand: "Meridian Hotels", Words: []string{"Ava Lindqvist", "ava.lindqvist@first.example"}}
	for _, c := range []struct{ policy, password, broken string }{
		{"email-link", "Abcdefg!", ""}, // the document's four ticks, and not on the list
		{"email-link", "abcdefg!", "upper"},
		{"email-link", "ABCDEFG!", "lower"},
		{"email-link", "Abcdefgh", "special common"}, // a run
		{"email-link", "Abcdef!", "min"},             // seven
		{"email-link", "", "min lower upper special common"},
		{"email-link", "Éclair §x", ""},
		{"email-link", "Äbc def g", "special"}, // a space is not special
		{"email-link", "P@ssw0rd", "common"},
		{"two-gate", "Kettle77", ""}, {"two-gate", "kettle77", "classes"}, {"two-gate", "kettle-77", ""}, {"two-gate", "Kettle-77é", "ascii"},
		{"customer-portal", "Kettle77", ""}, {"customer-portal", "kettleharbour", "classes"}, {"customer-portal", "KETTLE-77", ""},
		{"nist", "copper kettle harbour", ""}, {"nist", "copper kettle ", "min"}, {"nist", "copper kettle 1", ""},
		{"nist", "aaaaaaaaaaaaaaaaaa", "common"}, {"nist", "abcdefghijklmnopqr", "common"}, {"nist", "zyxwvutsrqponmlk", "common"}, {"nist", "0123456789:;<=>", "common"},
		{"nist", "", "min common"}, {"nist", "éééééééééééééé", "min common"},
		{"nist", "Meridian Hotels1", "personal"}, {"nist", "ava.lindqvist99", "personal"}, {"nist", "Meridian and the kettle", ""},
		{"email-link", "Meridian!", "personal"}, {"email-link", "LINDQVIST!a", "personal"}, {"email-link", "Lindqvist!a1b2c3", ""},
	} {
		got := CheckPassword(preset(t, c.policy), c.password, about)
		if names(got) != c.broken {
			t.Errorf("%s %q breaks %q, want %q", c.policy, c.password, names(got), c.broken)
		}
		for _, r := range got {
			if (r.Name == "personal") != (r.Word != "") {
				t.Errorf("%q: the word of %v is %q", c.password, r, r.Word)
			}
		}
	}
	if word := builtFrom("xLINDQVIST7", about); word != "lindqvist" {
		t.Errorf("the word is %q", word)
	}
	decomposed := Personal{Words: []string{norm.NFD.String("Sébastien")}}
	if builtFrom(nfc("Sébastien1!"), decomposed) == "" {
		t.Error("a decomposed name is not found in a composed password")
	}
	brand := &tenants.Tenant{Name: "Meridian Hotels", Slug: "meri"}
	if !BrandWord(brand, "meridian") || BrandWord(brand, "lindqvist") {
		t.Error("brand and person are mixed up")
	}
}

func TestCapsComeFirstAndAlone(t *testing.T) {
	t.Parallel()
	p := preset(t, "nist")
	for password, want := range map[string]string{
		strings.Repeat("aB", 128): "", strings.Repeat("aB", 128) + "x": "max", strings.Repeat("\U0001f40e!", 128): "", strings.Repeat("\U0001f40e", 257): "max",
		strings.Repeat("a", 1025): "max", "valid but not \xff UTF-8": "max",
	} {
		if got := names(CheckPassword(p, password, Personal{Brand: password})); want == "max" && got != "max" || want == "" && strings.Contains(got, "max") {
			t.Errorf("%d bytes break %q, want %q", len(password), got, want)
		}
	}
	p.Max = 64
	if got := CheckPassword(p, strings.Repeat("aB", 33), Personal{}); len(got) != 1 || got[0].N != 64 {
		t.Errorf("the tenant's own cap: %v", got)
	}
}

func TestTheBlocklistIsLongEnough(t *testing.T) {
	t.Parallel()
	long := 0
	for word := range commonPasswords() {
		if len([]rune(word)) >= 8 {
			long++
		}
	}
	if long < 10_000 {
		t.Errorf("%d common passwords of eight characters or more", long)
	}
	for _, p := range []string{"password", "PassWord", "iloveyou", "qwertyuiop", "11111111111111111", "87654321"} {
		if !common(p) {
			t.Errorf("%q is not common", p)
		}
	}
	for _, p := range []string{"Abcdefg!", "abcdefgx", "copper kettle harbour"} {
		if common(p) {
			t.Errorf("%q is common", p)
		}
	}
}

func TestComposedAndDecomposedAreOnePassword(t *testing.T) {
	t.Parallel()
	composed, decomposed := "Crème brûlée", norm.NFD.String("Crème brûlée")
	if composed == decomposed {
		t.Fatal("the test compares nothing")
	}
	if ok, err := verifyPassword(hashPassword(nfc(decomposed)), nfc(composed)); !ok || err != nil {
		t.Errorf("%v, %v", ok, err)
	}
	p := tenants.PasswordPolicy{Mode: "classes", Min: 12}
	if broken := CheckPassword(p, decomposed, Personal{}); len(broken) != 0 {
		t.Errorf("decomposed breaks %v", broken)
	}
	if broken := CheckPassword(p, norm.NFD.String("Crème brûlé"), Personal{}); len(broken) != 1 {
		t.Errorf("eleven characters, decomposed: %v", broken)
	}
}

func TestTheMeterSeesSixtyFourCharacters(t *testing.T) {
	t.Parallel()
	weak := strings.Repeat("é", 64)
	if a, b := Strength(weak, Personal{}), Strength(weak+strings.Repeat("Xq7!vT2#pL9$", 90), Personal{}); a != b {
		t.Errorf("characters beyond the 64th count: %d, %d", a, b)
	}
	if Strength("password", Personal{}) != 0 || Strength("copper-kettle+harbour%Xq7", Personal{}) != 4 {
		t.Error("the meter does not tell weak from strong")
	}
	if Strength("zkvmeridianq", Personal{}) <= Strength("zkvmeridianq", Personal{Brand: "zkvmeridianq"}) {
		t.Error("a brand word does not count as guessable")
	}
}
