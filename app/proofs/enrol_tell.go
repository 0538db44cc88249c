package proofs

import (
	"context"
	"slices"

	"github.com/google/uuid"

	"portico/app/accounts"
	"portico/app/audit"
	"portico/app/letters"
	"portico/app/phones"
	"portico/tenants"
	"portico/themes"
)

// tell announces a change of proofs to every verified address of the account, the replaced one and the
// fresh one among them (ASVS 6.3.7), and writes the audit: kinds, and contacts masked alone.
func (e *Enrolment) tell(ctx context.Context, s *tenants.Scope, o Owner, p Profile, c change, fresh string) error {
	b := &tenants.Batch{}
	event := tenants.NewID().String()
	for _, to := range addresses(p, fresh) {
		_, err := e.Proofs.Outbox.Add(b, s, letters.Draft{Lane: letters.Notice, To: to, AccountID: p.Person.Ref(), Locale: p.Person.Locale,
			Event: event, Letter: themes.ProofsNotice{Name: p.Person.Name, Change: c.what, Kind: c.kind, Contact: c.contact,
				At: s.Now(), From: audit.From(ctx).ClientAddress}})
		if err != nil {
			return err
		}
	}
	details := map[string]any{"method": c.kind, "change": c.what, "before": kinds(p.Held), "after": after(kinds(p.Held), c)}
	if c.contact != "" {
		details["contact"] = c.contact
	}
	err := audit.Add(ctx, b, s, audit.Event{Kind: audit.MethodsRegistered, Outcome: audit.Success, Reason: c.what,
		AccountID: &o.Session.AccountID, Details: details})
	if err != nil {
		return err
	}
	return s.Send(ctx, b)
}

// addresses are the account's own, the registered one and the fresh one, each once.
func addresses(p Profile, fresh string) []string {
	all := []string{p.Person.Email}
	if r, ok := p.Held.Of(AuthEmail); ok && (!r.VerifiedAt.IsZero() || r.SetBy != ByOwner) {
		all = append(all, r.Contact)
	}
	var out []string
	for _, to := range append(all, fresh) {
		if to != "" && !slices.ContainsFunc(out, func(known string) bool { return accounts.SameEmail(to, known) }) {
			out = append(out, to)
		}
	}
	return out
}

func kinds(held Held) []string {
	names := []string{}
	for _, r := range held {
		names = append(names, r.Kind)
	}
	return names
}

func after(before []string, c change) []string {
	if c.what == "removed" {
		return slices.DeleteFunc(slices.Clone(before), func(k string) bool { return k == c.kind })
	}
	return addOnce(slices.Clone(before), c.kind)
}

func maskPhone(number string) string {
	if number == "" {
		return ""
	}
	return phones.Mask(number)
}

// InScope adds to a batch whether reset.scope lets an account recover: where it names a group, whoever stands
// there or below. AbilityOf knows nothing of it, so whoever asks that asks this.
func InScope(b *tenants.Batch, s *tenants.Scope, t *tenants.Tenant, account uuid.UUID, in *bool) {
	*in = true
	if t.Policy.Reset.Scope != "group" {
		return
	}
	b.Row(nil, `SELECT EXISTS (
		WITH RECURSIVE tree AS (
			SELECT id FROM groups WHERE tenant_id = $1 AND external_id = $2
			UNION SELECT g.id FROM groups g JOIN tree ON g.parent_id = tree.id WHERE g.tenant_id = $1)
		SELECT 1 FROM account_groups m JOIN tree ON tree.id = m.group_id WHERE m.tenant_id = $1 AND m.account_id = $3)`,
		[]any{s.Tenant(), t.Policy.Reset.ScopeGroup, account}, in)
}
