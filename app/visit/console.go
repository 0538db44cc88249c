package visit

import (
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"

	"portico/app/accounts"
	"portico/app/audit"
	"portico/rbac"
	"portico/tenants"
	"portico/themes"
)

// DeniedError means that who is signed in may not do something; package app shows why, and whom to ask.
type DeniedError struct{ Permission rbac.Permission }

// Error names the permission.
func (e *DeniedError) Error() string { return fmt.Sprintf("not permitted: %s", e.Permission) }

// HigherError means that the person whom it was about holds more than who is signed in.
type HigherError struct{ Permission rbac.Permission }

// Error names the permission.
func (e *HigherError) Error() string {
	return fmt.Sprintf("not over somebody who holds more: %s", e.Permission)
}

// Can decides about who is signed in; nobody can anything.
func (v *Visit) Can(p rbac.Permission) rbac.Decision {
	if v.Session == nil || v.Tenant == nil {
		return rbac.Decision{Permission: p}
	}
	return v.Guard.Decide(v.Tenant, v.Session.Subject(), p)
}

// Reach is where who is signed in may do something, with groups spelled out, for the WHERE of a list
// (rbac.PeopleSQL). Where that is nowhere, it is a *DeniedError.
func (v *Visit) Reach(p rbac.Permission) (rbac.Reach, error) {
	d := v.Can(p)
	if !d.Allowed {
		return rbac.Reach{}, &DeniedError{Permission: p}
	}
	if d.Everywhere {
		return rbac.Reach{Everywhere: true}, nil
	}
	var reach rbac.Reach
	err := v.Accounts.DB.In(v.Context(), v.Tenant.ID, func(s *tenants.Scope) (err error) {
		reach, err = rbac.ReachOf(v.Context(), s, d)
		return err
	})
	return reach, err
}

// Console marks the page as one of the console: its frame, with the subjects that are open to who is
// signed in. The guard of the console's routes calls it.
func (v *Visit) Console() { v.console = true }

// subjects are the entries of the console's navigation, in their order. A subject is shown to whom its
// permission is open.
var subjects = []struct {
	path, key, icon string
	needs           rbac.Permission
}{
	{"/console/dashboard", "console.dashboard", "chart", rbac.DashboardRead},
	{"/console/people", "console.people", "users", rbac.PeopleRead},
	{"/console/groups", "console.groups", "tree", rbac.PeopleRead},
	{"/console/imports", "imports.title", "upload", rbac.PeopleImport},
	{"/console/roles", "console.roles", "key", rbac.RolesRead},
	{"/console/requests", "console.requests", "inbox", rbac.RolesAssign},
	{"/console/staff", "access.staff", "support", rbac.RolesEdit},
	{"/console/look", "console.look", "palette", rbac.LookRead},
	{"/console/words", "console.words", "words", rbac.LookRead},
	{"/console/rules", "console.rules", "rules", rbac.RulesRead},
	{"/console/letters", "console.letters", "letters", rbac.LettersRead},
	{"/console/sender", "console.sender", "inbox", rbac.LettersRead},
	{"/console/audit", "console.audit", "audit", rbac.AuditRead},
	{"/console/keys", "console.keys", "plug", rbac.KeysRead},
}

// Subjects lists where in the console who is signed in can go; empty for those who have no business there.
func (v *Visit) Subjects() []themes.ConsoleEntry {
	var all []themes.ConsoleEntry
	for _, s := range subjects {
		if v.Can(s.needs).Allowed {
			all = append(all, themes.ConsoleEntry{Path: s.path, Key: s.key, Icon: s.icon})
		}
	}
	return all
}

// Denied writes down that something was refused, to whom and about whom; once a minute, since looking is
// free and the audit keeps what it has.
func (v *Visit) Denied(p rbac.Permission, about *uuid.UUID, reason string) error {
	if v.Tenant == nil || v.Session == nil {
		return nil
	}
	return v.Accounts.DB.In(v.Context(), v.Tenant.ID, func(s *tenants.Scope) error {
		err := v.Accounts.TakeOwn(v.Context(), s, "denied_"+string(p), v.Session.AccountID, 1, time.Minute)
		var often *accounts.LimitError
		if errors.As(err, &often) {
			return nil
		}
		if err != nil {
			return err
		}
		return audit.Write(v.Context(), s, audit.Event{Kind: audit.AccessDenied, Outcome: audit.Failure, Reason: reason,
			AccountID: about, Details: map[string]any{"permission": string(p)}})
	})
}
