package themes

import (
	"strings"

	"portico/tenants"
)

// TestLetter is another letter as it was drawn from a draft, for who edits it. It travels drawn, since the
// draft may be another one when it leaves.
type TestLetter struct {
	Kind string // of the letter that is tried
	Mail Mail
}

// Template names no file: a test looks like what it tries.
func (TestLetter) Template() string { return "test" }

// TestLetter draws a letter as a test of itself: its subject says so.
func (r *Renderer) TestLetter(b *Brand, locale string, l Letter) (TestLetter, error) {
	mail, err := r.Letter(b, locale, l)
	if err != nil {
		return TestLetter{}, err
	}
	locale = localeOr(locale, b.localeDefault)
	mail.Subject = oneLine(r.Text(b, locale, "preview.test_subject", map[string]any{"subject": mail.Subject}))
	return TestLetter{Kind: l.Template(), Mail: mail}, nil
}

// LetterTexts are the texts of one kind of letter in a language, its subject first, and those that stand in
// every letter. Of codes they include what a text message and a call say.
func (r *Renderer) LetterTexts(locale string, own tenants.Words, kind string) (its, shared []Text) {
	for _, t := range r.Texts(locale, own, "") {
		channel, rest, _ := strings.Cut(t.Key, ".")
		of, _, nested := strings.Cut(rest, ".")
		switch {
		case !t.Letter():
		case nested && of == kind && strings.HasSuffix(t.Key, ".subject"):
			its = append([]Text{t}, its...)
		case nested && of == kind:
			its = append(its, t)
		case !nested && channel == "mail":
			shared = append(shared, t)
		}
	}
	return its, shared
}
