package accounts

import (
	"context"

	"github.com/google/uuid"

	"portico/app/audit"
	"portico/app/letters"
	"portico/rbac"
	"portico/tenants"
	"portico/themes"
)

// mostHelpers is how many people one request for help reaches (behaviour.md 2A).
const mostHelpers = 100

// helper is an administrator, as far as letters about another account look at them.
type helper struct {
	ID       uuid.UUID
	Locale   string
	Email    string
	Covers   bool // holds a role whose scope covers that account
	Helpdesk bool // and it is the helpdesk's
}

// readHelpers adds everybody with an administrative role to a batch, told of the account that it is about:
// a role within one group covers those in that group and below it (decisions.md 5). Nobody's account
// costs the same.
func readHelpers(b *tenants.Batch, s *tenants.Scope, t *tenants.Tenant, about *uuid.UUID, into *[]helper) {
	b.Rows(`WITH RECURSIVE up AS (
			SELECT g.id, g.parent_id FROM account_groups m JOIN groups g ON g.tenant_id = m.tenant_id AND g.id = m.group_id
			WHERE m.tenant_id = $1 AND m.account_id = $2
			UNION SELECT g.id, g.parent_id FROM groups g JOIN up ON g.tenant_id = $1 AND g.id = up.parent_id)
		SELECT a.id, a.locale, coalesce((SELECT m.value FROM account_identifiers m WHERE m.tenant_id = a.tenant_id AND m.account_id = a.id
				AND m.kind = 'email' ORDER BY m.created_at, m.norm LIMIT 1), ''),
			bool_or(r.scope_id IS NULL OR r.scope_id IN (SELECT id FROM up)),
			bool_or(r.role = 'helpdesk' AND (r.scope_id IS NULL OR r.scope_id IN (SELECT id FROM up)))
		FROM role_assignments r JOIN accounts a ON a.tenant_id = r.tenant_id AND a.id = r.account_id
		WHERE r.tenant_id = $1 AND r.role = ANY ($3) AND (r.ends_at IS NULL OR r.ends_at > $4) AND a.status = 'active'
		GROUP BY a.tenant_id, a.id ORDER BY a.id LIMIT 1000`,
		[]any{s.Tenant(), about, rbac.AdministrativeRoles(t), s.Now()}, func(scan func(...any) error) error {
			var h helper
			err := scan(&h.ID, &h.Locale, &h.Email, &h.Covers, &h.Helpdesk)
			*into = append(*into, h)
			return err
		})
}

// whoHelps are those of all who are to hear of an account: the helpdesk, else every administrator, else the
// tenant's own address for help. Nobody hears of themselves.
func whoHelps(all []helper, about uuid.UUID, t *tenants.Tenant) []helper {
	var desk, others []helper
	for _, h := range all {
		switch {
		case h.ID == about || h.Email == "" || !h.Covers:
		case h.Helpdesk:
			desk = append(desk, h)
		default:
			others = append(others, h)
		}
	}
	switch {
	case len(desk) > 0:
		return desk[:min(len(desk), mostHelpers)]
	case len(others) > 0:
		return others[:min(len(others), mostHelpers)]
	case t.Policy.Help.Email != "":
		return []helper{{Email: t.Policy.Help.Email}}
	}
	return nil
}

// noticeAdmins adds the notices to the other administrators that an administrator's password was set anew
// to a batch, where the policy wants them (behaviour.md 2A).
func (a *Accounts) noticeAdmins(ctx context.Context, b *tenants.Batch, s *tenants.Scope, t *tenants.Tenant, who found, event string) error {
	if !t.Policy.Notify.AdminsOnAdminReset {
		return nil
	}
	var p Person
	var all []helper
	read := &tenants.Batch{}
	PersonOf(read, s, t, &who.ID, Client{}, &p)
	readHelpers(read, s, t, &who.ID, &all)
	if err := s.Send(ctx, read); err != nil || !p.Admin {
		return err
	}
	told := 0
	for _, h := range all {
		if h.ID == who.ID || h.Email == "" || !h.Covers || told == mostHelpers {
			continue
		}
		told++
		_, err := a.Outbox.Add(b, s, letters.Draft{Lane: letters.Notice, To: h.Email, AccountID: &h.ID, Locale: h.Locale, Event: event,
			Letter: themes.AdminResetNotice{Name: p.Name, Identifier: p.Username, At: s.Now(), From: audit.From(ctx).ClientAddress}})
		if err != nil {
			return err
		}
	}
	return nil
}
