package themes

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"portico/tenants"
)

// TestEveryWayHasItsWords holds the names of the policy's proofs to the words that pages put together of them.
func TestEveryWayHasItsWords(t *testing.T) {
	t.Parallel()
	r, b := testRenderer(t), testBrand(t, "platform")
	names := strings.Split(strings.Trim(ways, "()"), "|")
	for _, name := range names {
		if _, ok := tenants.ProofOf(name); !ok {
			t.Errorf("%s is no proof of a policy", name)
		}
		for _, key := range []string{"gate." + name, "answer.sent_" + name} {
			if r.Text(b, "en", key, nil) == key {
				t.Errorf("%s has no words", key)
			}
		}
	}
	if len(names) != 8 {
		t.Errorf("%d ways, want 8: %q", len(names), names)
	}
}

// TestQuestionsDiffer holds the catalogue of security questions to 35 different ones in every language.
func TestQuestionsDiffer(t *testing.T) {
	t.Parallel()
	c, err := readCatalogue()
	if err != nil {
		t.Fatal(err)
	}
	question := regexp.MustCompile(`^question\.q\d\d$`)
	for _, locale := range Locales() {
		var texts []string
		for key, m := range c.keys[locale] {
			if question.MatchString(key) {
				texts = append(texts, m.Other)
			}
		}
		slices.Sort(texts)
		if n := len(slices.Compact(texts)); n != 35 {
			t.Errorf("%s: %d different questions, want 35", locale, n)
		}
	}
}
