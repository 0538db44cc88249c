package api

import (
	"context"
	"errors"
	"net/http"
	"time"

	"portico/app/access"
	"portico/app/accounts"
	"portico/app/apikeys"
	"portico/app/directory"
	"portico/app/imports"
	"portico/app/looks"
	"portico/app/people"
	"portico/app/rules"
	"portico/app/tenantfile"
	"portico/app/visit"
	"portico/tenants"
)

// row is one line of the table of what the rooms refuse.
type row struct {
	is     error
	status int
	code   string
	after  time.Duration
}

// refusals turn the errors of the domain into problems. Those with parts of their own stand in problemOf.
var refusals = []row{
	{tenants.ErrUnavailable, http.StatusServiceUnavailable, "unavailable", time.Second},
	{context.DeadlineExceeded, http.StatusServiceUnavailable, "unavailable", time.Second},
	{accounts.ErrBusy, http.StatusServiceUnavailable, "unavailable", 2 * time.Second},
	{looks.ErrBusy, http.StatusServiceUnavailable, "unavailable", 2 * time.Second},
	{tenants.ErrNotFound, http.StatusNotFound, "not_found", 0},
	{tenantfile.ErrNoTenant, http.StatusNotFound, "not_found", 0},
	{visit.ErrNotFound, http.StatusNotFound, "not_found", 0},
	{people.ErrHigher, http.StatusForbidden, "outranked", 0},
	{access.ErrHigher, http.StatusForbidden, "outranked", 0},
	{access.ErrBeyond, http.StatusForbidden, "beyond", 0},
	{access.ErrRoleBeyond, http.StatusForbidden, "beyond", 0},
	{people.ErrStale, http.StatusPreconditionFailed, "changed", 0},
	{tenants.ErrChanged, http.StatusPreconditionFailed, "changed", 0},
	{looks.ErrChanged, http.StatusPreconditionFailed, "changed", 0},
	{tenantfile.ErrChanged, http.StatusConflict, "changed", 0},
	{directory.ErrSlugTaken, http.StatusConflict, "conflict", 0},
	{directory.ErrState, http.StatusConflict, "wrong_state", 0},
	{directory.ErrNotReady, http.StatusConflict, "wrong_state", 0},
	{tenantfile.ErrHostTaken, http.StatusConflict, "conflict", 0},
	{access.ErrLastOwner, http.StatusConflict, "last_owner", 0},
	{access.ErrRoleInUse, http.StatusConflict, "conflict", 0},
	{access.ErrTooMany, http.StatusConflict, "conflict", 0},
	{looks.ErrNoDraft, http.StatusConflict, "wrong_state", 0},
	{imports.ErrState, http.StatusConflict, "wrong_state", 0},
	{imports.ErrBusy, http.StatusConflict, "already_running", 0},
	{imports.ErrTooMany, http.StatusConflict, "conflict", 0},
	{imports.ErrCeiling, http.StatusConflict, "conflict", 0},
	{visit.ErrTooLarge, http.StatusRequestEntityTooLarge, "too_large", 0},
}

// fields are the errors that one field of a request is to blame for.
var fields = []struct {
	is            error
	pointer, code string
}{
	{access.ErrNoRole, "/role", "unknown"},
	{access.ErrPast, "/ends_at", "past"},
	{access.ErrRoleName, "/label", "label"},
	{access.ErrRoleNote, "/note", "length"},
	{directory.ErrSlug, "/slug", "slug"},
	{directory.ErrName, "/name", "name"},
	{directory.ErrReason, "/reason", "reason"},
}

// problemOf is the one place where an error becomes an answer; what is in no table is 500, and its text stays here.
func problemOf(err error, now time.Time) *Problem {
	var p *Problem
	if errors.As(err, &p) {
		return p
	}
	if p := ofParts(err, now); p != nil {
		return p
	}
	if errors.Is(err, people.ErrBadCursor) || errors.Is(err, directory.ErrBadCursor) {
		return problem(http.StatusUnprocessableEntity, "invalid").with(Fault{Parameter: "cursor", Code: "cursor", Detail: "This is no place in this list: begin anew without it."})
	}
	for _, f := range fields {
		if errors.Is(err, f.is) {
			return at(f.pointer, f.code, f.is.Error())
		}
	}
	for _, r := range refusals {
		if errors.Is(err, r.is) {
			p := problem(r.status, r.code)
			p.after = r.after
			if r.status == http.StatusConflict {
				p.Detail = r.is.Error()
			}
			return p
		}
	}
	return problem(http.StatusInternalServerError, "internal")
}

// ofParts are errors that say more than that they happened.
func ofParts(err error, now time.Time) *Problem {
	var field *people.FieldError
	var refused *people.RefusedError
	var until *access.UntilError
	var limit *accounts.LimitError
	var quota *apikeys.LimitError
	var denied *visit.DeniedError
	var higher *visit.HigherError
	switch {
	case errors.As(err, &field):
		return at(fieldPointer(field.Field), field.Code, "")
	case errors.As(err, &refused):
		p := problem(http.StatusConflict, "refused").with(Fault{Code: refused.Code})
		if refused.Until.After(now) {
			p.after = refused.Until.Sub(now)
		}
		return p
	case errors.As(err, &until):
		return at("/ends_at", "too_long", until.Error())
	case errors.As(err, &limit):
		p := problem(http.StatusTooManyRequests, "limited")
		if limit.RetryAt.After(now) {
			p.after = limit.RetryAt.Sub(now)
		}
		return p
	case errors.As(err, &quota):
		p := problem(http.StatusTooManyRequests, "too_many_requests")
		p.after = quota.After
		return p
	case errors.As(err, &denied):
		return notPermitted(string(denied.Permission))
	case errors.As(err, &higher):
		return problem(http.StatusForbidden, "outranked")
	}
	return ofDocuments(err)
}

func notPermitted(permission string) *Problem {
	return problem(http.StatusForbidden, "not_permitted").because("It needs the permission " + permission + ".")
}

func fieldPointer(field string) string {
	if field == "" || field == "form" {
		return ""
	}
	return "/" + escapePointer(field)
}

// ofDocuments are errors about themes, words, policies and files.
func ofDocuments(err error) *Problem {
	var look *looks.RefusedError
	var policy *rules.FaultsError
	var file *tenantfile.Refused
	var sheet *imports.FileError
	var columns *imports.MappingError
	p := problem(http.StatusUnprocessableEntity, "invalid")
	switch {
	case errors.As(err, &look):
		for _, f := range look.Faults {
			p.Faults = append(p.Faults, Fault{Code: "refused", Detail: f})
		}
	case errors.As(err, &policy):
		for _, f := range policy.Faults {
			p.Faults = append(p.Faults, Fault{Pointer: "/values/" + escapePointer(f.Path), Code: f.Code})
		}
	case errors.As(err, &file):
		p = problem(http.StatusUnprocessableEntity, "file_refused")
		for _, f := range file.Faults {
			p.Faults = append(p.Faults, Fault{Code: "refused", Detail: f.String()})
		}
	case errors.As(err, &sheet):
		p = problem(http.StatusUnprocessableEntity, "file_refused").with(Fault{Code: sheet.Reason, Detail: sheet.Error()})
	case errors.As(err, &columns):
		p.Faults = append(p.Faults, Fault{Pointer: "/columns", Code: columns.Reason, Detail: columns.Error()})
	default:
		return nil
	}
	return p
}
