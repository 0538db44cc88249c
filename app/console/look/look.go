package look

import (
	"encoding/json"
	"errors"
	"strconv"
	"strings"

	"github.com/gofiber/fiber/v2"

	"portico/app/looks"
	"portico/app/visit"
	"portico/rbac"
	"portico/tenants"
	"portico/themes"
)

// Flow is the pages about look and words.
type Flow struct{ Looks *looks.Looks }

const path = "/console/look"

// Page is the editor of the theme's values.
func (f *Flow) Page(v *visit.Visit) error {
	d, err := f.Looks.Draft(v.Context(), v.Tenant.ID, tenants.SubjectTheme)
	if err != nil {
		return err
	}
	theme, err := themes.ParseTheme(d.Document)
	if err != nil {
		return err
	}
	return f.show(v, fiber.StatusOK, d, theme, nil, nil)
}

// show draws the editor with what was typed.
func (f *Flow) show(v *visit.Visit, status int, d looks.Draft, theme themes.Theme, typed map[string]string, errs themes.FieldErrors) error {
	page := themes.LookPage{Parts: themes.Parts{Help: v.Help(), Errors: errs}, Draft: stateOf(v, d, path), Theme: theme, Typed: typed,
		Changes: themeChanges(looks.Changes(d.Live, d.Document))}
	if !badColor(errs) {
		page.Contrasts = theme.Contrasts()
	}
	return v.Page(status, page)
}

func badColor(errs themes.FieldErrors) bool {
	for _, m := range errs {
		if m.Key == "look.bad_color" {
			return true
		}
	}
	return false
}

// stateOf is what a page says of a draft.
func stateOf(v *visit.Visit, d looks.Draft, path string) themes.DraftState {
	return themes.DraftState{Exists: d.Exists, Stale: d.Stale(), By: d.By.Name, At: d.At, Stamp: d.Stamp, Base: d.Base, Newest: d.Newest,
		CanEdit: v.Can(rbac.LookEdit).Allowed, CanPublish: v.Can(rbac.LookPublish).Allowed, Path: path}
}

// themeChanges names the fields of a theme's changes.
func themeChanges(all []looks.Change) []themes.ChangeRow {
	var rows []themes.ChangeRow
	for _, c := range all {
		rows = append(rows, themes.NameChange(c.Field, c.Before, c.After))
	}
	return rows
}

// Save takes the editor's form into the draft. What a form does not hold stays as the draft has it.
func (f *Flow) Save(v *visit.Visit) error {
	form, err := v.WideForm(isTokenField)
	if err != nil {
		return err
	}
	d, err := f.Looks.Draft(v.Context(), v.Tenant.ID, tenants.SubjectTheme)
	if err != nil {
		return err
	}
	base, err := strconv.ParseInt(form["base"], 10, 64)
	if err != nil {
		return visit.ErrBadForm
	}
	theme, err := themes.ParseTheme(d.Document)
	if err != nil {
		return err
	}
	typed, errs := take(&theme, form)
	if !d.Is(form["stamp"], base) { // before any fault: its page would hand out a stamp that the editor never saw
		return f.conflict(v, theme, form)
	}
	if len(errs) > 0 {
		return f.show(v, fiber.StatusUnprocessableEntity, d, theme, typed, errs)
	}
	_, err = f.Looks.Save(v.Context(), v.Tenant.ID, tenants.SubjectTheme, form["stamp"], base, theme)
	if errors.Is(err, looks.ErrChanged) {
		return f.conflict(v, theme, form)
	}
	if err != nil {
		return err
	}
	v.Say(visit.SayDraftSaved)
	return v.Redirect(path)
}

// isTokenField tells which fields the editor's form may have.
func isTokenField(name string) bool {
	if name == "stamp" || name == "base" {
		return true
	}
	var t themes.Theme
	for _, k := range t.Tokens() {
		if k.Name == name && k.Kind != "picture" {
			return true
		}
	}
	return false
}

// take puts a form's values into a theme; it answers what is no value, and why. A check box that is not
// ticked is not sent.
func take(theme *themes.Theme, form visit.Form) (map[string]string, themes.FieldErrors) {
	typed, errs := map[string]string{}, themes.FieldErrors{}
	for _, t := range theme.Tokens() {
		value, sent := form[t.Name]
		if t.Kind == "picture" || !sent && t.Kind != "switch" {
			continue
		}
		if fault := t.Set(value); fault != nil {
			typed[t.Name], errs[t.Name] = value, *fault
		}
	}
	if theme.Background.Kind == "image" && theme.Background.Image == "" {
		errs["background"] = themes.Message{Key: "look.bad_background"}
	}
	if badColor(errs) {
		return typed, errs
	}
	for _, c := range theme.Contrasts() {
		field := c.Token
		if field == "" {
			field = "accent"
		}
		if _, told := errs[field]; !c.Passes && !told {
			errs[field] = themes.LowContrast(c)
		}
	}
	if faults := theme.Validate(); len(errs) == 0 && len(faults) > 0 {
		errs["form"] = themes.Message{Key: "look.bad_theme", Args: map[string]any{"reason": strings.Join(faults, "; ")}}
	}
	return typed, errs
}

// conflict shows both values where somebody's draft and the one that was saved meanwhile differ.
func (f *Flow) conflict(v *visit.Visit, mine themes.Theme, form visit.Form) error {
	d, err := f.Looks.Draft(v.Context(), v.Tenant.ID, tenants.SubjectTheme)
	if err != nil {
		return err
	}
	doc, err := json.Marshal(mine)
	if err != nil {
		return err
	}
	page := themes.LookConflictPage{Parts: themes.Parts{Help: v.Help()}, Draft: stateOf(v, d, path), Action: path, Back: path,
		Rows: themeChanges(looks.Changes(d.Document, doc))}
	if !d.Exists { // what stands now was published meanwhile
		if last, err := f.Looks.History(v.Context(), v.Tenant.ID, tenants.SubjectTheme, 1); err == nil && len(last) > 0 {
			page.Draft.By = last[0].By.Name
		}
	}
	form["stamp"], form["base"] = d.Stamp, strconv.FormatInt(d.Base, 10)
	for _, t := range mine.Tokens() {
		if value, sent := form[t.Name]; sent {
			page.Fields = append(page.Fields, themes.Hidden{Name: t.Name, Value: value})
		}
	}
	page.Fields = append(page.Fields, themes.Hidden{Name: "stamp", Value: form["stamp"]}, themes.Hidden{Name: "base", Value: form["base"]})
	return v.Page(fiber.StatusConflict, page)
}
