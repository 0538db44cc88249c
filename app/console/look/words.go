package look

import (
	"encoding/json"
	"errors"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/gofiber/fiber/v2"

	"portico/app/looks"
	"portico/app/visit"
	"portico/rbac"
	"portico/tenants"
	"portico/themes"
)

const (
	wordsPath  = "/console/words"
	textsShown = 50
	queryMost  = 100
)

// wordsDraft reads the draft of the tenant's texts.
func (f *Flow) wordsDraft(v *visit.Visit) (looks.Draft, tenants.Words, error) {
	d, err := f.Looks.Draft(v.Context(), v.Tenant.ID, tenants.SubjectWords)
	words := tenants.Words{}
	if err == nil && len(d.Document) > 0 {
		err = json.Unmarshal(d.Document, &words)
	}
	if words == nil {
		words = tenants.Words{}
	}
	return d, words, err
}

// localeAsked is the language whose texts are looked at: the page's own where the address names none.
func localeAsked(v *visit.Visit) string {
	if l := v.C.Query("in"); slices.Contains(themes.Locales(), l) {
		return l
	}
	return v.Locale
}

// Words lists the texts of a language.
func (f *Flow) Words(v *visit.Visit) error {
	d, words, err := f.wordsDraft(v)
	if err != nil {
		return err
	}
	query := strings.ToValidUTF8(v.C.Query("q"), "")
	if r := []rune(query); len(r) > queryMost {
		query = string(r[:queryMost])
	}
	page := themes.WordsPage{Parts: themes.Parts{Help: v.Help()}, Draft: stateOf(v, d, wordsPath), Locale: localeAsked(v), Query: query,
		Changes: wordChanges(looks.Changes(d.Live, d.Document))}
	page.Texts = v.Renderer.Texts(page.Locale, words, query)
	if len(page.Texts) > textsShown {
		page.More = len(page.Texts) - textsShown
		page.Texts = page.Texts[:textsShown]
	}
	return v.Page(fiber.StatusOK, page)
}

// Text is the editor of one text.
func (f *Flow) Text(v *visit.Visit) error {
	d, words, err := f.wordsDraft(v)
	if err != nil {
		return err
	}
	t, ok := v.Renderer.TextOf(localeAsked(v), words, v.C.Query("key"))
	if !ok {
		return visit.ErrNotFound
	}
	typed := t.Own
	if !t.Has && len(t.Forms) == 1 {
		typed = t.Forms[0]
	}
	return showText(v, fiber.StatusOK, d, localeAsked(v), t, typed, nil)
}

func showText(v *visit.Visit, status int, d looks.Draft, locale string, t themes.Text, typed string, errs themes.FieldErrors) error {
	page := themes.TextPage{Parts: themes.Parts{Help: v.Help(), Errors: errs}, Draft: stateOf(v, d, wordsPath), Locale: locale, Text: t, Typed: typed,
		CanEdit: v.Can(rbac.LookEdit).Allowed, Action: wordsPath + "/text"}
	if t.Letter() {
		page.CanEdit, page.Action = v.Can(rbac.LettersEdit).Allowed, wordsPath+"/letter"
	}
	return v.Page(status, page)
}

// SaveText takes one text into the draft; letters tells which kind of texts the route is for.
func (f *Flow) SaveText(letters bool) func(*visit.Visit) error {
	return func(v *visit.Visit) error {
		form, err := v.Form("in", "key", "text", "reset", "stamp", "base")
		if err != nil {
			return err
		}
		base, err := strconv.ParseInt(form["base"], 10, 64)
		if err != nil {
			return visit.ErrBadForm
		}
		d, words, err := f.wordsDraft(v)
		if err != nil {
			return err
		}
		locale, text := form["in"], strings.ReplaceAll(form["text"], "\r\n", "\n")
		t, ok := v.Renderer.TextOf(locale, words, form["key"])
		if !ok || t.Letter() != letters {
			return visit.ErrNotFound
		}
		if !d.Is(form["stamp"], base) { // before any fault, as in Save
			return f.textConflict(v, form, letters)
		}
		if faults := v.Renderer.CheckWords(tenants.Words{locale: {t.Key: text}}); form["reset"] == "" && len(faults) > 0 {
			_, reason, _ := strings.Cut(faults[0], t.Key+": ")
			return showText(v, fiber.StatusUnprocessableEntity, d, locale, t, text,
				themes.FieldErrors{"text": {Key: "words.bad", Args: map[string]any{"reason": reason}}})
		}
		changed := withText(words, locale, t.Key, text, form["reset"] == "")
		_, err = f.Looks.Save(v.Context(), v.Tenant.ID, tenants.SubjectWords, form["stamp"], base, changed)
		if errors.Is(err, looks.ErrChanged) {
			return f.textConflict(v, form, letters)
		}
		return f.drafted(v, err, wordsPath+"/text?in="+url.QueryEscape(locale)+"&key="+url.QueryEscape(t.Key), visit.SayDraftSaved)
	}
}

// withText is the tenant's words with one text changed, or taken out.
func withText(words tenants.Words, locale, key, text string, keep bool) tenants.Words {
	next := maps.Clone(words)
	next[locale] = maps.Clone(words[locale])
	if next[locale] == nil {
		next[locale] = map[string]string{}
	}
	if keep {
		next[locale][key] = text
	} else {
		delete(next[locale], key)
	}
	if len(next[locale]) == 0 {
		delete(next, locale)
	}
	return next
}

// textConflict shows the text as somebody else left the draft meanwhile, beside one's own.
func (f *Flow) textConflict(v *visit.Visit, form visit.Form, letters bool) error {
	d, words, err := f.wordsDraft(v)
	if err != nil {
		return err
	}
	action := wordsPath + "/text"
	if letters {
		action = wordsPath + "/letter"
	}
	page := themes.LookConflictPage{Parts: themes.Parts{Help: v.Help()}, Draft: stateOf(v, d, wordsPath), Action: action, Back: wordsPath,
		Rows: []themes.ChangeRow{{Name: form["in"] + "." + form["key"], Before: words[form["in"]][form["key"]], After: form["text"]}}}
	form["stamp"], form["base"] = d.Stamp, strconv.FormatInt(d.Base, 10)
	for _, name := range []string{"in", "key", "text", "reset", "stamp", "base"} {
		if value, sent := form[name]; sent {
			page.Fields = append(page.Fields, themes.Hidden{Name: name, Value: value})
		}
	}
	return v.Page(fiber.StatusConflict, page)
}
