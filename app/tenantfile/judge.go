package tenantfile

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/google/uuid"

	"portico/app/accounts"
	"portico/tenants"
	"portico/themes"
)

// judge tells everything that is wrong with a file and can be known without the database.
func (f *Files) judge(file tenants.File) []tenants.Fault {
	faults := file.Validate()
	add := func(field, format string, args ...any) {
		faults = append(faults, tenants.Fault{Line: file.Line(field), Field: field, Problem: fmt.Sprintf(format, args...)})
	}
	if file.Theme != nil {
		theme, err := themes.ParseTheme(file.Theme)
		if err != nil {
			add("theme", "%s", strings.TrimPrefix(err.Error(), "theme: "))
		} else {
			sentences(add, theme.Validate())
		}
	}
	if f.Words != nil {
		sentences(add, f.Words.CheckWords(file.Words))
	}
	if file.Policy != nil && !slices.Contains(themes.Locales(), file.Policy.Routing.LocaleDefault) {
		add("policy.routing.locale_default", "%q is none of %s", file.Policy.Routing.LocaleDefault, strings.Join(themes.Locales(), ", "))
	}
	for i, h := range file.Hosts {
		if f.own(h.Host) {
			add(fmt.Sprintf("hosts[%d].host", i), "%q is the platform's own; a tenant answers there by its slug", h.Host)
		}
	}
	for i, a := range file.Accounts {
		judgePerson(add, fmt.Sprintf("accounts[%d]", i), a)
	}
	return faults
}

// own tells whether a host is the platform's to give.
func (f *Files) own(host string) bool {
	return host == f.Platform && host != "" ||
		f.BaseDomain != "" && (host == f.BaseDomain || strings.HasSuffix(host, "."+f.BaseDomain))
}

// sentences takes faults that begin with the field's name.
func sentences(add func(field, format string, args ...any), list []string) {
	for _, s := range list {
		field, problem, _ := strings.Cut(s, ": ")
		add(field, "%s", problem)
	}
}

func judgePerson(add func(field, format string, args ...any), field string, a tenants.FileAccount) {
	for kind, value := range map[string]string{accounts.Email: a.Email, accounts.Username: a.Username, accounts.UserID: a.UserID} {
		if value == "" {
			continue
		}
		if _, _, err := accounts.Storable(kind, value); err != nil {
			add(field+"."+kind, "%q: %v", value, err)
		}
	}
	if a.PasswordHash != "" {
		if err := accounts.CheckForeign(a.PasswordHash); err != nil {
			add(field+".password_hash", "%v", err)
		}
	}
	if a.Locale != "" && !slices.Contains(themes.Locales(), a.Locale) {
		add(field+".locale", "%q is none of %s", a.Locale, strings.Join(themes.Locales(), ", "))
	}
}

// newPerson is an account that does not exist yet, with the password that it gets.
type newPerson struct {
	tenants.FileAccount
	password string
}

// judgeWithin tells what is wrong beside what is already there: the sections together, hosts of
// others, pictures, groups, people, secrets.
func (w *work) judgeWithin(ctx context.Context) error {
	whole := w.file // sections that the file leaves out count as they stand
	whole.Policy, whole.Portal, whole.Sender = w.want.policy, w.want.portal, w.want.sender
	if whole.Sender == nil {
		whole.Sender = &tenants.Sender{Transport: "platform"}
	}
	for _, x := range whole.Validate() {
		w.refuse(x.Field, "%s", x.Problem)
	}
	if err := w.judgeHosts(ctx); err != nil {
		return err
	}
	if err := w.judgeNewHosts(ctx); err != nil {
		return err
	}
	w.judgeSender()
	if !w.was.found {
		w.judgePictures(map[string]bool{})
		return w.judgePeople(ctx, map[string]bool{})
	}
	return w.a.In(ctx, w.was.id, func(s *tenants.Scope) error {
		has, err := w.hasPictures(ctx, s)
		if err != nil {
			return err
		}
		w.judgePictures(has)
		if err := w.findPeople(ctx, s); err != nil {
			return err
		}
		taken, err := w.takenIdentifiers(ctx, s)
		if err != nil {
			return err
		}
		return w.judgePeople(ctx, taken)
	})
}

// judgeHosts refuses addresses that already serve somebody else; two claims may wait side by side.
func (w *work) judgeHosts(ctx context.Context) error {
	var names []string
	for _, h := range w.file.Hosts {
		names = append(names, h.Host)
	}
	return w.a.Each(ctx, `SELECT host FROM hosts WHERE host = ANY($1) AND verified_at IS NOT NULL AND tenant_id <> $2`,
		[]any{names, w.was.id}, func(scan func(...any) error) error {
			var host string
			if err := scan(&host); err != nil {
				return err
			}
			w.refuse(fmt.Sprintf("hosts[%d].host", slices.Index(names, host)), "%q: %v", host, ErrHostTaken)
			return nil
		})
}

// judgeNewHosts holds hosts that the tenant has not claimed yet to the rules of claims; those that it has stay,
// whatever the rules were when they came.
func (w *work) judgeNewHosts(ctx context.Context) error {
	if w.files.Claimable == nil {
		return nil
	}
	had := func(host string) bool {
		return slices.ContainsFunc(w.was.hosts, func(h tenants.Host) bool { return h.Name == host })
	}
	beside := 0
	for _, h := range w.file.Hosts {
		if had(h.Host) {
			beside++
		}
	}
	for i, h := range w.file.Hosts {
		if had(h.Host) {
			continue
		}
		err := w.files.Claimable(ctx, w.a, w.was.id, h.Host, beside)
		switch {
		case errors.Is(err, tenants.ErrUnavailable) || ctx.Err() != nil:
			return err
		case err != nil:
			w.refuse(fmt.Sprintf("hosts[%d].host", i), "%q: %v", h.Host, err)
		}
		beside++
	}
	return nil
}

// findPeople notes which of the file's people exist, and checks that groups named outside of the file
// exist too.
func (w *work) findPeople(ctx context.Context, s *tenants.Scope) error {
	var wanted []string
	for _, a := range w.file.Accounts {
		wanted = append(wanted, a.ExternalID)
	}
	return s.Each(ctx, "SELECT external_id, id FROM accounts WHERE tenant_id = $1 AND external_id = ANY($2)",
		[]any{s.Tenant(), wanted}, func(scan func(...any) error) error {
			var external string
			var id uuid.UUID
			err := scan(&external, &id)
			w.was.people[external] = id
			return err
		})
}
