package accounts

import (
	"context"
	"strings"
	"unicode"

	"github.com/google/uuid"
	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"

	"portico/tenants"
)

// operatorName says what is wrong with the name under which somebody issues or approves a pass, "" when it
// can be told from others: one line that can be read, of one script, with letters or digits in it.
func operatorName(by string) string {
	switch {
	case !readable(by, 2, 100) || strings.ContainsFunc(by, invisible):
		return "a name of 2 to 100 characters that can be read"
	case mixed(by):
		return "a name in the letters of one script"
	case skeleton(by) == "":
		return "a name with letters in it"
	}
	return ""
}

// invisible are characters that count as printable and show nothing.
func invisible(r rune) bool {
	return unicode.In(r, unicode.Other_Default_Ignorable_Code_Point, unicode.Variation_Selector)
}

// skeleton is what is left of a name to compare: letters and digits, without case, width, marks and
// punctuation (the compatibility forms of Unicode Annex 15). "Mona", "MONA " and "M.o.n.a" are one name.
func skeleton(name string) string {
	bare := func(s string) string {
		return strings.Map(func(r rune) rune {
			if unicode.IsLetter(r) || unicode.IsDigit(r) {
				return r
			}
			return -1
		}, norm.NFKD.String(s))
	}
	return bare(cases.Fold().String(bare(name)))
}

// mixed tells whether the letters of a name are of several scripts, as when one of them stands for another
// that looks like it.
func mixed(name string) bool {
	seen := ""
	for _, r := range norm.NFKC.String(name) {
		script := scriptOf(r)
		if script == "" {
			continue
		}
		if seen != "" && seen != script {
			return true
		}
		seen = script
	}
	return false
}

// scriptOf names the script of a letter; "" is of all scripts. Those of East Asia, which one name may hold
// together, count as one (Unicode Technical Standard 39, 5.2).
func scriptOf(r rune) string {
	if !unicode.IsLetter(r) {
		return ""
	}
	for name, table := range unicode.Scripts {
		if !unicode.Is(table, r) {
			continue
		}
		switch name {
		case "Common", "Inherited":
			return ""
		case "Han", "Hiragana", "Katakana", "Hangul", "Bopomofo":
			return "Han"
		}
		return name
	}
	return ""
}

// namesOf are the skeletons of everything that an account is known by: its name and its identifiers.
func namesOf(ctx context.Context, s *tenants.Scope, account uuid.UUID) ([]string, error) {
	var all []string
	err := s.Each(ctx, `SELECT display_name FROM accounts WHERE tenant_id = $1 AND id = $2
		UNION SELECT value FROM account_identifiers WHERE tenant_id = $1 AND account_id = $2`,
		[]any{s.Tenant(), account}, func(scan func(...any) error) error {
			var name string
			err := scan(&name)
			all = append(all, skeleton(name))
			return err
		})
	return all, err
}
