package imports

import (
	"context"
	"errors"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"

	"portico/app/imports"
	"portico/app/visit"
	"portico/rbac"
	"portico/tenants"
	"portico/themes"
)

// Flow is the pages about imports.
type Flow struct{ Imports *imports.Imports }

// List shows the imports of the last week and takes a file.
func (f *Flow) List(v *visit.Visit) error { return f.list(v, fiber.StatusOK, nil) }

func (f *Flow) list(v *visit.Visit, status int, wrong themes.FieldErrors) error {
	all, err := f.Imports.List(v.Context(), v.Tenant.ID)
	if err != nil {
		return err
	}
	page := themes.ImportsPage{Parts: themes.Parts{Errors: wrong, Help: v.Help()}, Export: v.Can(rbac.PeopleExport).Allowed}
	for _, i := range all {
		page.Imports = append(page.Imports, themes.ImportRow{ID: i.ID.String(), File: i.FileName, By: i.By.Name, State: string(i.State),
			Rows: i.Rows, At: i.CreatedAt})
	}
	return v.Page(status, page)
}

// receiveWithin bounds the reading of a file from a slow network, which its connection bounds first.
const receiveWithin = 3 * time.Minute

// Receive reads the file as it streams in.
func (f *Flow) Receive(v *visit.Visit) error {
	_, file, err := v.Upload("file", imports.MaxBytes)
	if err != nil {
		return err
	}
	if file == nil {
		return f.refused(v, "none", nil)
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(v.Context()), receiveWithin)
	defer cancel()
	id, err := f.Imports.Receive(ctx, v.Tenant.ID, by(v), file.Name, file.Data)
	var bad *imports.FileError
	switch {
	case err == nil:
		return v.Redirect("/console/imports/" + id.String())
	case errors.As(err, &bad):
		return f.refused(v, bad.Reason, map[string]any{"line": bad.Line, "column": bad.Column})
	case errors.Is(err, visit.ErrTooLarge):
		return f.refused(v, "large", nil)
	case errors.Is(err, imports.ErrTooMany):
		return f.refused(v, "many", nil)
	}
	return err
}

// refused shows the list again with what was wrong with a file, and which form works.
func (f *Flow) refused(v *visit.Visit, reason string, args map[string]any) error {
	key := map[string]string{"utf16": "imports.bad_utf16", "utf8": "imports.bad_utf8", "nul": "imports.bad_nul", "quote": "imports.bad_quote",
		"empty": "imports.bad_empty", "columns": "imports.bad_columns", "rows": "imports.bad_rows", "large": "imports.bad_large",
		"none": "imports.bad_none", "many": "imports.bad_many"}[reason]
	return f.list(v, fiber.StatusUnprocessableEntity, themes.FieldErrors{"file": {Key: key, Args: args}})
}

func by(v *visit.Visit) imports.By {
	return imports.By{Account: v.Session.AccountID, Name: v.Session.Name}
}

// find reads the import that the address names.
func (f *Flow) find(v *visit.Visit) (imports.Import, error) {
	id, err := uuid.Parse(v.C.Params("id"))
	if err != nil || len(v.C.Params("id")) != 36 {
		return imports.Import{}, visit.ErrNotFound
	}
	i, err := f.Imports.Get(v.Context(), v.Tenant.ID, id)
	if errors.Is(err, tenants.ErrNotFound) || err == nil && i.State == imports.Reading {
		return imports.Import{}, visit.ErrNotFound
	}
	return i, err
}
