package letters_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"portico/app/letters"
)

// TestEveryReasonHasASentence reads the reasons that this package writes down from its own text, and those
// that others write from theirs.
func TestEveryReasonHasASentence(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	said := regexp.MustCompile(`(?:temporary|refused|later|smtpFailure|Skipped,|Failed,|return) ?\(?["']([a-zA-Z][A-Za-z' ]{6,})["']`)
	n := 0
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") || name == "why.go" {
			continue
		}
		text, err := os.ReadFile(name) //nolint:gosec // this package's own files
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range said.FindAllStringSubmatch(string(text), -1) {
			if !strings.Contains(m[1], " ") {
				continue
			}
			n++
			if letters.Why(m[1]) == "other" {
				t.Errorf("%s writes %q, which has no sentence", name, m[1])
			}
		}
	}
	if n < 40 {
		t.Errorf("only %d reasons were read", n)
	}
	elsewhere, err := filepath.Glob("../*/*.go")
	if err != nil {
		t.Fatal(err)
	}
	set, others := regexp.MustCompile("UPDATE letters SET[^`]*reason = '([^']+)'"), 0
	for _, name := range elsewhere {
		text, err := os.ReadFile(name) //nolint:gosec // this program's own files
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range set.FindAllStringSubmatch(string(text), -1) {
			if others++; !strings.HasSuffix(name, "_test.go") && letters.Why(m[1]) == "other" {
				t.Errorf("%s writes %q, which has no sentence", name, m[1])
			}
		}
	}
	if others == 0 {
		t.Error("nothing elsewhere was read")
	}
	for reason, want := range map[string]string{"": "", "decoy": "decoy", "the relay does not take this recipient (550)": "address", "the carrier throttles (429)": "busy", "the account was erased": "erased",
		"could not be handed over in a day": "late", "could not be opened": "broken", "news": "other"} {
		if got := letters.Why(reason); got != want {
			t.Errorf("%q is %q, want %q", reason, got, want)
		}
	}
}
