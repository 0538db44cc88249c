package imports

import (
	"errors"
	"strconv"
	"strings"

	"github.com/gofiber/fiber/v2"

	"portico/app/imports"
	"portico/app/visit"
	"portico/rbac"
	"portico/tenants"
	"portico/themes"
)

// Columns takes the columns and options, and begins the dry run.
func (f *Flow) Columns(v *visit.Visit) error {
	i, err := f.find(v)
	if err != nil {
		return err
	}
	form, err := v.WideForm(func(field string) bool {
		n, column := strings.CutPrefix(field, "column_")
		at, err := strconv.Atoi(n)
		return column && err == nil && at >= 1 && at <= len(i.Headings) || field == "invite" || field == "missing" || field == "ceiling"
	})
	if err != nil {
		return err
	}
	i.Fields = make([]imports.Field, len(i.Headings))
	for n := range i.Headings {
		i.Fields[n] = imports.Field(form["column_"+strconv.Itoa(n+1)])
	}
	ceiling, err := strconv.Atoi(strings.TrimSpace(form["ceiling"]))
	if err != nil {
		ceiling = 0
	}
	i.Options = imports.Options{Invite: form["invite"] == "1", DisableMissing: form["missing"] == "1", Ceiling: ceiling}
	var needs *imports.NeedsError
	if errors.As(f.Imports.Allows(v.Tenant, v.Session.Subject(), i.Options), &needs) {
		if needs.Permission == rbac.PeopleInvite {
			return f.wrong(v, i, "form", "imports.bad_invite")
		}
		return &visit.DeniedError{Permission: needs.Permission}
	}
	err = f.Imports.Judge(v.Context(), v.Tenant.ID, i.ID, by(v), i.Fields, i.Options)
	var bad *imports.MappingError
	if errors.As(err, &bad) {
		switch bad.Reason {
		case "ceiling":
			return f.wrong(v, i, "ceiling", "imports.bad_ceiling")
		case "twice":
			return f.wrong(v, i, "form", "imports.bad_twice")
		case "no_id":
			return f.wrong(v, i, "form", "imports.bad_no_id")
		}
		return visit.ErrBadForm
	}
	return f.after(v, i, err)
}

// wrong shows the columns again with what was wrong.
func (f *Flow) wrong(v *visit.Visit, i imports.Import, field, key string) error {
	return f.show(v, fiber.StatusUnprocessableEntity, i, true, themes.FieldErrors{field: {Key: key}})
}

// after leads back to the import, or says that it has moved on meanwhile.
func (f *Flow) after(v *visit.Visit, i imports.Import, err error) error {
	var key string
	switch {
	case err == nil:
		return v.Redirect("/console/imports/" + i.ID.String())
	case errors.Is(err, imports.ErrState), errors.Is(err, imports.ErrCeiling):
		key = "imports.bad_moved"
	case errors.Is(err, imports.ErrBusy):
		key = "imports.bad_busy"
	case errors.Is(err, tenants.ErrNotFound):
		return visit.ErrNotFound
	default:
		return err
	}
	if i, err = f.Imports.Get(v.Context(), v.Tenant.ID, i.ID); err != nil {
		return err
	}
	return f.show(v, fiber.StatusConflict, i, false, themes.FieldErrors{"form": {Key: key}})
}

// Start begins the run, or goes on with it.
func (f *Flow) Start(v *visit.Visit) error {
	return f.act(v, func(i imports.Import, form visit.Form) error {
		if i.Options.Invite && !v.Can(rbac.PeopleInvite).Everywhere {
			return &visit.DeniedError{Permission: rbac.PeopleInvite}
		}
		version, err := strconv.ParseInt(form["version"], 10, 64)
		if err != nil {
			return visit.ErrBadForm
		}
		return f.Imports.StartSeen(v.Context(), v.Tenant.ID, i.ID, by(v), version)
	}, "version")
}

// Cancel stops what goes on.
func (f *Flow) Cancel(v *visit.Visit) error {
	return f.act(v, func(i imports.Import, _ visit.Form) error { return f.Imports.Cancel(v.Context(), v.Tenant.ID, i.ID) })
}

// Waves lets invitations go on or stops them.
func (f *Flow) Waves(v *visit.Visit) error {
	return f.act(v, func(i imports.Import, form visit.Form) error {
		if form["on"] == "1" && !v.Can(rbac.PeopleInvite).Everywhere {
			return &visit.DeniedError{Permission: rbac.PeopleInvite}
		}
		return f.Imports.LetOff(v.Context(), v.Tenant.ID, i.ID, by(v), form["on"] == "1")
	}, "on")
}

// Remove takes an import away with its rows.
func (f *Flow) Remove(v *visit.Visit) error {
	i, err := f.find(v)
	if err != nil {
		return err
	}
	if _, err := v.Form(); err != nil {
		return err
	}
	if err := f.Imports.Discard(v.Context(), v.Tenant.ID, i.ID); err != nil {
		return f.after(v, i, err)
	}
	return v.Redirect("/console/imports")
}

func (f *Flow) act(v *visit.Visit, do func(imports.Import, visit.Form) error, fields ...string) error {
	i, err := f.find(v)
	if err != nil {
		return err
	}
	form, err := v.Form(fields...)
	if err != nil {
		return err
	}
	return f.after(v, i, do(i, form))
}
