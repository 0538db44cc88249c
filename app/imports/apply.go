package imports

import (
	"context"
	"time"

	"github.com/google/uuid"

	"portico/app/access"
	"portico/app/accounts"
	"portico/app/audit"
	"portico/rbac"
	"portico/tenants"
)

// apply writes the changes of one chunk: few statements for all of them, in the scope's transaction.
func (g *ground) apply(ctx context.Context, s *tenants.Scope, i Import, all []*change) error {
	if len(all) == 0 {
		return nil
	}
	write := func() error {
		b := &tenants.Batch{}
		g.writeAccounts(b, s, all)
		g.writeIdentifiers(b, s, all)
		g.writeGroups(b, s, all)
		g.writeRoles(b, s, i, all)
		g.writeContacts(b, s, all)
		g.writeInvites(b, s, i, all)
		if err := g.writeAudit(ctx, b, s, i, all); err != nil {
			return err
		}
		return g.sendTelling(ctx, b, s, i, all)
	}
	for _, c := range all {
		if len(c.revoke) > 0 || !c.isNew() && c.status == "disabled" {
			return access.KeepOwner(ctx, s, write) // somebody else may take another owner away meanwhile
		}
	}
	return write()
}

func (g *ground) writeAccounts(b *tenants.Batch, s *tenants.Scope, all []*change) {
	var news, olds columns
	for _, c := range all {
		var sealed []byte
		if c.setHash {
			sealed = g.m.Accounts.SealImported(s.Tenant(), c.id, c.hash)
		}
		if c.isNew() {
			news.add(c.id, c.external, c.name, c.locale, c.status, sealed, false)
		} else if len(c.after) > 0 {
			_, mail := c.addIDs[string(Email)]
			olds.add(c.id, "", c.name, c.locale, c.status, sealed, mail || c.status == "disabled" && c.have.active)
		}
	}
	if len(news.ids) > 0 {
		b.Exec(`INSERT INTO accounts (tenant_id, id, external_id, display_name, locale, status, sign_in, password, password_set_at, created_at, updated_at)
			SELECT $1, u.id, u.external, u.name, u.locale, u.status, 'local', u.password, CASE WHEN u.password IS NOT NULL THEN $2::timestamptz END, $2, $2
			FROM unnest($3::uuid[], $4::text[], $5::text[], $6::text[], $7::text[], $8::bytea[]) AS u (id, external, name, locale, status, password)`,
			s.Tenant(), s.Now(), news.ids, news.externals, news.names, news.locales, news.statuses, news.passwords)
	}
	if len(olds.ids) == 0 {
		return
	}
	var closed []uuid.UUID
	for i, id := range olds.ids {
		if olds.statuses[i] == "disabled" {
			closed = append(closed, id)
		}
	}
	if len(closed) > 0 { // as accounts.SetStatus does
		b.Exec("DELETE FROM known_devices WHERE tenant_id = $1 AND account_id = ANY ($2)", s.Tenant(), closed)
	}
	// What was begun with an old address or by somebody who is disabled now ends with the stamp.
	b.Exec(`UPDATE accounts a SET display_name = coalesce(nullif(u.name, ''), a.display_name), locale = coalesce(nullif(u.locale, ''), a.locale),
			status = u.status, stamp = a.stamp + CASE WHEN u.ends THEN 1 ELSE 0 END, updated_at = $2,
			password = coalesce(a.password, u.password),
			password_set_at = CASE WHEN a.password IS NULL AND u.password IS NOT NULL THEN $2::timestamptz ELSE a.password_set_at END
		FROM unnest($3::uuid[], $4::text[], $5::text[], $6::text[], $7::bytea[], $8::boolean[]) AS u (id, name, locale, status, password, ends)
		WHERE a.tenant_id = $1 AND a.id = u.id`,
		s.Tenant(), s.Now(), olds.ids, olds.names, olds.locales, olds.statuses, olds.passwords, olds.ends)
}

// columns are the arrays that a statement unnests.
type columns struct {
	ids                                 []uuid.UUID
	externals, names, locales, statuses []string
	passwords                           [][]byte
	ends                                []bool
}

func (c *columns) add(id uuid.UUID, external, name, locale, status string, password []byte, ends bool) {
	c.ids, c.externals, c.names = append(c.ids, id), append(c.externals, external), append(c.names, name)
	c.locales, c.statuses = append(c.locales, locale), append(c.statuses, status)
	c.passwords, c.ends = append(c.passwords, password), append(c.ends, ends)
}

// writeIdentifiers replaces identifiers. The file vouches for the address of somebody new, as a tenant's
// file does; a new address of somebody known is theirs only when they have shown it.
func (g *ground) writeIdentifiers(b *tenants.Batch, s *tenants.Scope, all []*change) {
	var gone, ids []uuid.UUID
	var goneKinds, kinds, norms, values []string
	var fresh []bool
	for _, c := range all {
		for _, kind := range c.dropIDs {
			if !c.isNew() {
				gone, goneKinds = append(gone, c.id), append(goneKinds, kind)
			}
		}
		for kind, id := range c.addIDs {
			ids, kinds, norms, values = append(ids, c.id), append(kinds, kind), append(norms, id.norm), append(values, id.value)
			fresh = append(fresh, c.isNew())
		}
	}
	if len(gone) > 0 {
		b.Exec(`DELETE FROM account_identifiers d USING unnest($2::uuid[], $3::text[]) AS u (account, kind)
			WHERE d.tenant_id = $1 AND d.account_id = u.account AND d.kind = u.kind`, s.Tenant(), gone, goneKinds)
	}
	if len(ids) > 0 {
		b.Exec(`INSERT INTO account_identifiers (tenant_id, kind, norm, value, account_id, verified_at, created_at)
			SELECT $1, u.kind, u.norm, u.value, u.account, CASE WHEN u.fresh THEN $2::timestamptz END, $2
			FROM unnest($3::uuid[], $4::text[], $5::text[], $6::text[], $7::boolean[]) AS u (account, kind, norm, value, fresh)`,
			s.Tenant(), s.Now(), ids, kinds, norms, values, fresh)
	}
}

func (g *ground) writeGroups(b *tenants.Batch, s *tenants.Scope, all []*change) {
	var who, whoLeaves, joined, left []uuid.UUID
	for _, c := range all {
		for _, id := range c.addTo {
			who, joined = append(who, c.id), append(joined, id)
		}
		for _, id := range c.takeFrom {
			whoLeaves, left = append(whoLeaves, c.id), append(left, id)
		}
	}
	if len(left) > 0 {
		b.Exec(`DELETE FROM account_groups d USING unnest($2::uuid[], $3::uuid[]) AS u (account, grp)
			WHERE d.tenant_id = $1 AND d.account_id = u.account AND d.group_id = u.grp`, s.Tenant(), whoLeaves, left)
	}
	if len(joined) > 0 {
		b.Exec(`INSERT INTO account_groups (tenant_id, account_id, group_id) SELECT $1, * FROM unnest($2::uuid[], $3::uuid[])
			ON CONFLICT DO NOTHING`, s.Tenant(), who, joined)
	}
}

func (g *ground) writeRoles(b *tenants.Batch, s *tenants.Scope, i Import, all []*change) {
	var who, whoLoses, rows []uuid.UUID
	var roles, lost []string
	var scopes, lostScopes []*uuid.UUID
	scope := func(h rbac.Holding) *uuid.UUID {
		if h.Everywhere() {
			return nil
		}
		return &h.Group
	}
	for _, c := range all {
		for _, h := range c.grant {
			who, rows, roles, scopes = append(who, c.id), append(rows, tenants.NewID()), append(roles, h.Role), append(scopes, scope(h))
		}
		for _, h := range c.revoke {
			whoLoses, lost, lostScopes = append(whoLoses, c.id), append(lost, h.Role), append(lostScopes, scope(h))
		}
	}
	if len(lost) > 0 {
		b.Exec(`DELETE FROM role_assignments d USING unnest($2::uuid[], $3::text[], $4::uuid[]) AS u (account, role, scope)
			WHERE d.tenant_id = $1 AND d.account_id = u.account AND d.role = u.role AND d.scope_id IS NOT DISTINCT FROM u.scope`,
			s.Tenant(), whoLoses, lost, lostScopes)
	}
	if len(roles) > 0 { // one that had ended begins again
		b.Exec(`INSERT INTO role_assignments (tenant_id, id, account_id, role, scope_id, granted_by, created_at)
			SELECT $1, u.id, u.account, u.role, u.scope, $6, $7 FROM unnest($2::uuid[], $3::uuid[], $4::text[], $5::uuid[]) AS u (id, account, role, scope)
			ON CONFLICT (tenant_id, account_id, role, scope_id) DO UPDATE SET ends_at = NULL, granted_by = excluded.granted_by, created_at = excluded.created_at`,
			s.Tenant(), rows, who, roles, scopes, actor(i.By), s.Now())
	}
}

// writeContacts registers numbers and addresses in the name of the import. They count at once for whoever has
// no password yet; an account that somebody uses gets a new way in after the policy's delay alone, as when its
// owner registers one.
func (g *ground) writeContacts(b *tenants.Batch, s *tenants.Scope, all []*change) {
	var gone, who, ids []uuid.UUID
	var goneKinds, kinds []string
	var sealed [][]byte
	var from []time.Time
	for _, c := range all {
		counts := s.Now()
		if !c.isNew() && c.have.hasPassword {
			counts = counts.Add(g.t.Policy.Gates.NewProofDelay.Std())
		}
		for kind, contact := range c.contacts {
			if c.have != nil && c.have.proofs[kind].id != uuid.Nil {
				gone, goneKinds = append(gone, c.id), append(goneKinds, kind)
			}
			id := tenants.NewID()
			who, ids, kinds, from = append(who, c.id), append(ids, id), append(kinds, kind), append(from, counts)
			sealed = append(sealed, g.m.Seals.Seal("proof", s.Tenant(), id.String(), []byte(contact))) // as app/proofs seals it
		}
	}
	if len(gone) > 0 { // what was begun with the old ones ends
		b.Exec(`UPDATE recovery_flows SET ended_at = $3, outcome = 'revoked' WHERE tenant_id = $1 AND account_id = ANY ($2) AND ended_at IS NULL`,
			s.Tenant(), gone, s.Now())
		b.Exec("UPDATE challenges SET ended_at = $3 WHERE tenant_id = $1 AND account_id = ANY ($2) AND subject LIKE 'flow:%' AND ended_at IS NULL", s.Tenant(), gone, s.Now())
		for _, account := range gone { // as proofs.Remove
			accounts.Distrust(b, s, account)
		}
		b.Exec(`DELETE FROM proofs d USING unnest($2::uuid[], $3::text[]) AS u (account, kind)
			WHERE d.tenant_id = $1 AND d.account_id = u.account AND d.kind = u.kind AND d.set_by = 'import'`, s.Tenant(), gone, goneKinds)
	}
	if len(ids) > 0 { // somebody who registered their own just now keeps it
		b.Exec(`INSERT INTO proofs (tenant_id, id, account_id, kind, sealed, set_by, counts_from, created_at, updated_at)
			SELECT $1, u.id, u.account, u.kind, u.sealed, 'import', u.counts, $6, $6
			FROM unnest($2::uuid[], $3::uuid[], $4::text[], $5::bytea[], $7::timestamptz[]) AS u (id, account, kind, sealed, counts) ON CONFLICT (tenant_id, account_id, kind) DO NOTHING`,
			s.Tenant(), ids, who, kinds, sealed, s.Now(), from)
	}
}

// writeInvites puts those who are to be invited in line; nobody whose invitation still stands.
func (g *ground) writeInvites(b *tenants.Batch, s *tenants.Scope, i Import, all []*change) {
	var who []uuid.UUID
	for _, c := range all {
		if c.invite {
			who = append(who, c.id)
		}
	}
	if len(who) > 0 {
		b.Exec(`INSERT INTO import_invites (tenant_id, import_id, account_id) SELECT $1, $2, u.id FROM unnest($3::uuid[]) AS u (id)
			WHERE NOT EXISTS (SELECT 1 FROM links l WHERE l.tenant_id = $1 AND l.account_id = u.id AND l.purpose = 'invite' AND l.used_at IS NULL
				AND l.replaced_at IS NULL AND l.revoked_at IS NULL AND l.expires_at > $4)
			ON CONFLICT DO NOTHING`, s.Tenant(), i.ID, who, s.Now())
	}
}

func (g *ground) writeAudit(ctx context.Context, b *tenants.Batch, s *tenants.Scope, i Import, all []*change) error {
	var events []audit.Event
	for _, c := range all {
		if len(c.after) == 0 {
			continue
		}
		e := audit.Event{Kind: audit.AccountImported, Outcome: audit.Success, Actor: actor(i.By), AccountID: &c.id,
			Details: map[string]any{"import": i.ID, "line": c.line, "before": nameless(c.before), "after": nameless(c.after)}}
		if c.isNew() {
			e.Details = map[string]any{"import": i.ID, "line": c.line, "new": true}
			if len(c.grant) > 0 {
				e.Details = map[string]any{"import": i.ID, "line": c.line, "new": true, "roles": g.holdingTexts(c.grant)}
			}
		}
		events = append(events, e)
	}
	if len(events) == 0 {
		return nil
	}
	return audit.AddAll(ctx, b, s, events)
}

// actor is who imports, as the audit and assignments name them.
func actor(by By) string {
	if by.Account == uuid.Nil {
		return audit.Operator
	}
	if by.Key != uuid.Nil {
		return audit.KeyActor(by.Key)
	}
	return audit.AccountActor(by.Account)
}
