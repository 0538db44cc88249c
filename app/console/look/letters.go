package look

import (
	"errors"
	"slices"

	"github.com/gofiber/fiber/v2"

	"portico/app/looks"
	"portico/app/visit"
	"portico/rbac"
	"portico/themes"
)

const lettersPath = wordsPath + "/letters"

// kindsOfLetters are the letters of a brand, each once.
func kindsOfLetters() []string {
	var kinds []string
	for _, s := range themes.LetterSamples() {
		if kind := s.Letter.Template(); !s.Platform() && !slices.Contains(kinds, kind) {
			kinds = append(kinds, kind)
		}
	}
	return kinds
}

// Letters lists the letters with their subjects in one language.
func (f *Flow) Letters(v *visit.Visit) error {
	_, words, err := f.wordsDraft(v)
	if err != nil {
		return err
	}
	page := themes.WordLettersPage{Parts: themes.Parts{Help: v.Help()}, Locale: localeAsked(v)}
	for _, kind := range kindsOfLetters() {
		row := themes.WordLetterRow{Kind: kind}
		texts, _ := v.Renderer.LetterTexts(page.Locale, words, kind)
		for i, t := range texts {
			if t.Has {
				row.Own++
			}
			if i == 0 {
				row.Subject = said(t)
			}
		}
		page.Letters = append(page.Letters, row)
	}
	return v.Page(fiber.StatusOK, page)
}

// said is what a text says: the tenant's own, or the catalogue's.
func said(t themes.Text) string {
	if t.Has || len(t.Forms) == 0 {
		return t.Own
	}
	return t.Forms[0]
}

// Letter is one letter in one language: its texts, what they may use, and how it looks.
func (f *Flow) Letter(v *visit.Visit) error {
	show, err := letterShown(v)
	if err != nil {
		return err
	}
	return f.showLetter(v, fiber.StatusOK, chosen(v, show), nil)
}

// letterShown is the choice among the states of the letter that the path names.
func letterShown(v *visit.Visit) (themes.Preview, error) {
	p := themes.Preview{Path: previewPath}
	kind := v.C.Params("kind")
	if !slices.Contains(kindsOfLetters(), kind) {
		return p, visit.ErrNotFound
	}
	for _, s := range themes.LetterSamples() {
		if s.Letter.Template() == kind {
			p.Letters = append(p.Letters, s)
		}
	}
	return p, nil
}

func (f *Flow) showLetter(v *visit.Visit, status int, show themes.Preview, errs themes.FieldErrors) error {
	d, words, err := f.wordsDraft(v)
	if err != nil {
		return err
	}
	page := themes.WordLetterPage{Parts: themes.Parts{Help: v.Help(), Errors: errs}, Kind: v.C.Params("kind"), Show: show,
		CanTest: v.Can(rbac.LettersEdit).Allowed, Draft: stateOf(v, d, wordsPath)}
	page.Texts, page.Shared = v.Renderer.LetterTexts(show.Locale, words, page.Kind)
	v.ShowsFrames()
	return v.Page(status, page)
}

// TryLetter sends a letter of the draft to who asks for it, and to nobody else: no field names an address.
func (f *Flow) TryLetter(v *visit.Visit) error {
	form, err := v.Form("page", "in")
	if err != nil {
		return err
	}
	show, err := letterShown(v)
	if err != nil {
		return err
	}
	sample, known := themes.LetterSampleNamed(form["page"])
	if !known || !slices.Contains(show.Names(), sample.Name) || !slices.Contains(themes.Locales(), form["in"]) {
		return visit.ErrBadForm
	}
	show.Name, show.Locale, show.Scheme, show.Width, show.Part = sample.Name, form["in"], themes.Schemes()[0], themes.PreviewWidths()[0], "html"
	err = f.Looks.SendTrial(v.Context(), v.Tenant, v.Session.AccountID, show.Locale, sample)
	var limit *looks.LimitError
	switch {
	case err == nil:
		v.Say(visit.SayTrialSent)
		return v.Redirect(lettersPath + "/" + sample.Letter.Template() + "?in=" + show.Locale + "&page=" + sample.Name)
	case errors.As(err, &limit):
		v.RetryAfter(limit.RetryAt.Sub(v.Clock.Now()))
		return f.showLetter(v, fiber.StatusTooManyRequests, show, themes.FieldErrors{"form": {Key: "preview.test_limited", Args: map[string]any{"when": limit.RetryAt}}})
	case errors.Is(err, looks.ErrNoAddress):
		return f.showLetter(v, fiber.StatusUnprocessableEntity, show, themes.FieldErrors{"form": {Key: "preview.no_address"}})
	}
	return refused(v, err)
}
