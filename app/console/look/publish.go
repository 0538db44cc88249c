package look

import (
	"errors"
	"strconv"

	"github.com/gofiber/fiber/v2"

	"portico/app/looks"
	"portico/app/visit"
	"portico/tenants"
	"portico/themes"
)

// versionsShown bounds the history that a page lists.
const versionsShown = 50

// PathOf is where a subject's editor is.
func PathOf(subject string) string {
	if subject == tenants.SubjectWords {
		return "/console/words"
	}
	return path
}

// Publish makes a draft of the subject everybody's.
func (f *Flow) Publish(subject string) func(*visit.Visit) error {
	return func(v *visit.Visit) error {
		form, err := v.Form("stamp")
		if err != nil {
			return err
		}
		err = f.Looks.Publish(v.Context(), v.Tenant.ID, subject, form["stamp"])
		return f.published(v, err, PathOf(subject), visit.SayPublished)
	}
}

// published answers a change of what everybody sees.
func (f *Flow) published(v *visit.Visit, err error, back, said string) error {
	switch {
	case err == nil:
		v.Resolver.Forget(v.Tenant.ID)
	case errors.Is(err, looks.ErrChanged), errors.Is(err, looks.ErrNoDraft):
		said = visit.SayLookChanged
	case errors.Is(err, looks.ErrRefused):
		said = visit.SayLookRefused
	default:
		return err
	}
	v.Say(said)
	return v.Redirect(back)
}

// Discard throws a draft away.
func (f *Flow) Discard(subject string) func(*visit.Visit) error {
	return func(v *visit.Visit) error {
		form, err := v.Form("stamp")
		if err != nil {
			return err
		}
		err = f.Looks.Discard(v.Context(), v.Tenant.ID, subject, form["stamp"])
		return f.drafted(v, err, PathOf(subject), visit.SayDraftGone)
	}
}

// Rebase keeps a draft although something else was published since it began.
func (f *Flow) Rebase(subject string) func(*visit.Visit) error {
	return func(v *visit.Visit) error {
		form, err := v.Form("stamp", "newest")
		if err != nil {
			return err
		}
		newest, err := strconv.ParseInt(form["newest"], 10, 64)
		if err != nil {
			return visit.ErrBadForm
		}
		err = f.Looks.Rebase(v.Context(), v.Tenant.ID, subject, form["stamp"], newest)
		return f.drafted(v, err, PathOf(subject), visit.SayDraftSaved)
	}
}

// drafted answers a change of a draft.
func (f *Flow) drafted(v *visit.Visit, err error, back, said string) error {
	if errors.Is(err, looks.ErrChanged) {
		said, err = visit.SayLookChanged, nil
	}
	if err != nil {
		return err
	}
	v.Say(said)
	return v.Redirect(back)
}

// History lists what was published.
func (f *Flow) History(subject string) func(*visit.Visit) error {
	return func(v *visit.Visit) error {
		d, err := f.Looks.Draft(v.Context(), v.Tenant.ID, subject)
		if err != nil {
			return err
		}
		all, err := f.Looks.History(v.Context(), v.Tenant.ID, subject, versionsShown)
		if err != nil {
			return err
		}
		page := themes.LookHistoryPage{Parts: themes.Parts{Help: v.Help()}, Draft: stateOf(v, d, PathOf(subject)), Subject: subject}
		for _, x := range all {
			row := themes.VersionRow{Number: x.Number, At: x.At, By: x.By.Name, Current: x.Number == d.Newest}
			if subject == tenants.SubjectTheme {
				row.Changes = themeChanges(x.Changes)
			} else {
				row.Changes = wordChanges(x.Changes)
			}
			page.Versions = append(page.Versions, row)
		}
		return v.Page(fiber.StatusOK, page)
	}
}

// RollBack publishes an earlier version once more.
func (f *Flow) RollBack(subject string) func(*visit.Visit) error {
	return func(v *visit.Visit) error {
		form, err := v.Form("version", "newest")
		if err != nil {
			return err
		}
		version, err1 := strconv.ParseInt(form["version"], 10, 64)
		newest, err2 := strconv.ParseInt(form["newest"], 10, 64)
		if err1 != nil || err2 != nil {
			return visit.ErrBadForm
		}
		err = f.Looks.RollBack(v.Context(), v.Tenant.ID, subject, version, newest)
		return f.published(v, err, PathOf(subject)+"/history", visit.SayRolledBack)
	}
}

// wordChanges names the texts that changed: their language and key.
func wordChanges(all []looks.Change) []themes.ChangeRow {
	var rows []themes.ChangeRow
	for _, c := range all {
		rows = append(rows, themes.ChangeRow{Name: c.Field, Before: c.Before, After: c.After})
	}
	return rows
}
