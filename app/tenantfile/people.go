package tenantfile

import (
	"context"
	"fmt"
	"strings"

	"portico/app/accounts"
	"portico/tenants"
)

// takenIdentifiers finds which of the file's identifiers accounts of the tenant have already.
func (w *work) takenIdentifiers(ctx context.Context, s *tenants.Scope) (map[string]bool, error) {
	taken := map[string]bool{}
	var norms []string
	for _, a := range w.file.Accounts {
		for _, n := range normsOf(a) {
			norms = append(norms, n)
		}
	}
	err := s.Each(ctx, "SELECT kind, norm FROM account_identifiers WHERE tenant_id = $1 AND norm = ANY($2)",
		[]any{s.Tenant(), norms}, func(scan func(...any) error) error {
			var kind, norm string
			err := scan(&kind, &norm)
			taken[kind+" "+norm] = true
			return err
		})
	return taken, err
}

// normsOf are a person's identifiers as they are compared, by kind.
func normsOf(a tenants.FileAccount) map[string]string {
	out := map[string]string{}
	for kind, value := range map[string]string{accounts.Email: a.Email, accounts.Username: a.Username, accounts.UserID: a.UserID} {
		if value == "" {
			continue
		}
		if norm, err := accounts.Normalize(kind, value); err == nil {
			out[kind] = norm
		}
	}
	return out
}

// judgePeople reads the passwords of those who are new and holds them to the tenant's policy.
func (w *work) judgePeople(ctx context.Context, taken map[string]bool) error {
	for i, a := range w.file.Accounts {
		field := fmt.Sprintf("accounts[%d]", i)
		if _, there := w.was.people[a.ExternalID]; there {
			continue
		}
		for kind, norm := range normsOf(a) {
			if taken[kind+" "+norm] {
				w.refuse(field+"."+kind, "%q is another account's", norm)
			}
			taken[kind+" "+norm] = true
		}
		w.judgeGroupsOf(field, a)
		p := newPerson{FileAccount: a}
		p.Proofs = w.readProofs(field+".proofs", a.Proofs)
		if a.Password != "" {
			secret, err := w.o.Secrets.Read(a.Password)
			if err != nil {
				w.refuse(field+".password", "%v", err)
				continue
			}
			p.password = secret
			w.judgePassword(field, a, secret)
		}
		w.newPeople = append(w.newPeople, p)
	}
	return ctx.Err()
}

func (w *work) judgeGroupsOf(field string, a tenants.FileAccount) {
	for j, name := range a.Groups {
		if !w.hasGroup(name) {
			w.refuse(fmt.Sprintf("%s.groups[%d]", field, j), "%q is no group of this tenant", name)
		}
	}
	for j, r := range a.Roles {
		if r.Scope != "" && !w.hasGroup(r.Scope) {
			w.refuse(fmt.Sprintf("%s.roles[%d].scope", field, j), "%q is no group of this tenant", r.Scope)
		}
	}
}

// judgePassword names the rules that a password breaks, never the password.
func (w *work) judgePassword(field string, a tenants.FileAccount, password string) {
	about := accounts.Personal{Brand: w.want.name, Slug: w.file.Slug, Name: a.Name, Words: []string{a.Email, a.Username, a.UserID}}
	var broken []string
	for _, r := range accounts.CheckPassword(w.want.policy.Password, password, about) {
		broken = append(broken, r.Name)
	}
	if len(broken) > 0 {
		w.refuse(field+".password", "%s holds a password that breaks the tenant's own rules: %s", a.Password, strings.Join(broken, ", "))
	}
}

func (w *work) hasGroup(external string) bool {
	if _, ok := w.was.group(external); ok {
		return true
	}
	for _, g := range w.file.Groups {
		if g.ExternalID == external {
			return true
		}
	}
	return false
}
