package imports

import (
	"strconv"
	"strings"

	"github.com/gofiber/fiber/v2"

	"portico/app/accounts"
	"portico/app/imports"
	"portico/app/visit"
	"portico/themes"
)

// Show is one import: its columns, its progress, what would come of it, or what came.
func (f *Flow) Show(v *visit.Visit) error {
	i, err := f.find(v)
	if err != nil {
		return err
	}
	return f.show(v, fiber.StatusOK, i, v.C.Query("edit") == "1", nil)
}

func (f *Flow) show(v *visit.Visit, status int, i imports.Import, edit bool, wrong themes.FieldErrors) error {
	page := themes.ImportPage{Parts: themes.Parts{Errors: wrong, Help: v.Help()}, ID: i.ID.String(), File: i.FileName, State: string(i.State),
		Rows: i.Rows, Percent: i.Percent(), Invite: i.Options.Invite, Missing: i.Options.DisableMissing, Ceiling: strconv.Itoa(i.Options.Ceiling),
		Foreseen: counts(i.Foreseen), Counts: counts(i.Counts), Reason: i.Reason, Waves: i.Waves, Version: i.Version(), Unwelcome: !f.mayInvite(v)}
	page.Edit = i.State == imports.Mapping || i.State == imports.Judged && edit
	if page.Edit {
		return f.columns(v, status, i, page)
	}
	if i.Moving() {
		return v.Page(status, page)
	}
	page.Over = i.State != imports.Done && i.Options.DisableMissing && i.Foreseen.Over(i.Options.Ceiling)
	page.CanStart = !page.Over && i.State != imports.Done
	first, err := f.Imports.First(v.Context(), v.Tenant.ID, i, 10)
	if err != nil {
		return err
	}
	for _, result := range []string{imports.Refused, imports.New, imports.Changed, imports.Missing} {
		if len(first[result]) == 0 {
			continue
		}
		lines := themes.ImportLines{Result: result}
		for _, one := range first[result] {
			lines.Lines = append(lines.Lines, themes.ImportLine{Line: one.Line, ExternalID: one.ExternalID, Column: heading(i, one.Column), Why: why(one)})
		}
		page.First = append(page.First, lines)
	}
	if i.Waves != "" {
		way, err := f.Imports.WayOf(v.Context(), v.Tenant.ID, i.ID)
		if err != nil {
			return err
		}
		page.Way = themes.ImportWay{Written: way.Written, Waiting: way.Waiting, Sent: way.Sent, Failed: way.Failed}
	}
	return v.Page(status, page)
}

// columns fills in the form about columns, with the first cells of each.
func (f *Flow) columns(v *visit.Visit, status int, i imports.Import, page themes.ImportPage) error {
	rows, err := f.Imports.Sample(v.Context(), v.Tenant.ID, i.ID, 3)
	if err != nil {
		return err
	}
	for n, h := range i.Headings {
		c := themes.ImportColumn{Number: n + 1, Heading: h, Field: string(i.Fields[n])}
		for _, row := range rows {
			if n < len(row.Cells) && row.Cells[n] != "" {
				c.Samples = append(c.Samples, sample(i.Fields[n], row.Cells[n]))
			}
		}
		page.Columns = append(page.Columns, c)
	}
	return v.Page(status, page)
}

// sample is a cell as the form about columns shows it: nothing of what guesses at passwords could be checked
// against, whoever else may look at the import.
func sample(f imports.Field, cell string) string {
	if f == imports.Hash || strings.HasPrefix(cell, "$") || accounts.CheckForeign(cell) == nil {
		return "•••"
	}
	letters := []rune(cell)
	if len(letters) <= 40 {
		return cell
	}
	return string(letters[:40]) + "…"
}

// mayInvite tells whether invitations are open to who is signed in, and to newcomers at all.
func (f *Flow) mayInvite(v *visit.Visit) bool {
	return f.Imports.MayInvite(v.Tenant, v.Session.Subject())
}

func counts(c imports.Counts) themes.ImportCounts {
	return themes.ImportCounts{New: c.New, Changed: c.Changed, Same: c.Same, Refused: c.Refused, Unread: c.Unread,
		Known: c.Known, Missing: c.Missing, Kept: c.Kept, Disabled: c.Disabled}
}

func heading(i imports.Import, column int) string {
	if column < 1 || column > len(i.Headings) {
		return ""
	}
	return i.Headings[column-1]
}

// why is the sentence of a refusal.
func why(v imports.Verdict) themes.Message {
	if v.Why == "" {
		return themes.Message{}
	}
	return themes.Message{Key: "imports.why_" + v.Why, Args: map[string]any{"detail": v.Detail}}
}

// Progress tells a script how far an import has come.
func (f *Flow) Progress(v *visit.Visit) error {
	i, err := f.find(v)
	if err != nil {
		return err
	}
	return v.JSON(fiber.StatusOK, map[string]any{"moving": i.Moving(), "percent": i.Percent(),
		"text": v.Renderer.Text(v.Brand, v.Locale, "imports.percent", map[string]any{"percent": i.Percent()})})
}
