package senders

import (
	"cmp"
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"

	"portico/app/audit"
	"portico/app/letters"
	"portico/rbac"
	"portico/tenants"
	"portico/themes"
)

// notice is what administrators are told.
type notice struct {
	what   string // verified, failed, lost, unproven, warned, paused, stopped
	domain string
	from   string
	at     time.Time
	cause  string
	f      figures
}

const mostTold = 10

// tell writes to the administrators. Letters that cannot be written do not undo what they would have told.
func (x *Senders) tell(ctx context.Context, s *tenants.Scope, n notice) error {
	if _, err := s.Exec(ctx, "SAVEPOINT told"); err != nil {
		return err
	}
	err := x.write(ctx, s, n)
	if err == nil || stops(ctx, err) {
		return err
	}
	x.Log.WarnContext(ctx, "administrators could not be told of their sender", "tenant", s.Tenant(), "what", n.what, "error", err)
	_, err = s.Exec(ctx, "ROLLBACK TO SAVEPOINT told")
	return err
}

// write writes to the active people who may change the tenant's letters everywhere, ten at most. It is once
// for each moment: the same event again writes nothing.
func (x *Senders) write(ctx context.Context, s *tenants.Scope, n notice) error {
	t, err := x.Resolver.ByID(ctx, s.Tenant())
	if err != nil {
		return err
	}
	people, err := administrators(ctx, s, t)
	if err != nil {
		return err
	}
	for _, p := range people {
		_, err := x.Outbox.Write(ctx, s, letters.Draft{To: p.email, Lane: letters.Notice, Locale: p.locale, AccountID: &p.id,
			Event: fmt.Sprintf("%s:%s:%d:%s", n.what, n.domain, n.at.UnixMilli(), p.id),
			Letter: themes.SenderNotice{What: n.what, Domain: n.domain, From: n.from, Cause: n.cause, Sent: n.f.sent, Bounced: n.f.bounced,
				Complained: n.f.complained, Link: "/console/sender"}})
		if err != nil {
			return err
		}
	}
	return nil
}

// tellHealth writes the audit row of a new level, and tells the administrators.
func (x *Senders) tellHealth(ctx context.Context, s *tenants.Scope, level Level, cause string, f figures) error {
	kind := audit.SenderPaused
	switch level {
	case Well:
		return nil // figures fell below the warning by themselves
	case Warned:
		kind = audit.SenderWarned
	}
	err := audit.Write(ctx, s, audit.Event{Kind: kind, Outcome: audit.Failure, Reason: cause,
		Details: map[string]any{"level": string(level), "sent": f.sent, "bounced": f.bounced, "complained": f.complained}})
	if err != nil {
		return err
	}
	return x.tell(ctx, s, notice{what: string(level), at: s.Now(), cause: cause, f: f})
}

type person struct {
	id            uuid.UUID
	email, locale string
}

func administrators(ctx context.Context, s *tenants.Scope, t *tenants.Tenant) (all []person, err error) {
	var roles []string
	for _, name := range rbac.AdministrativeRoles(t) {
		if r, ok := rbac.RoleNamed(t, name); ok && r.Allows(rbac.LettersEdit) {
			roles = append(roles, name)
		}
	}
	err = s.Each(ctx, `SELECT a.id, a.locale, m.value FROM accounts a CROSS JOIN LATERAL (SELECT value FROM account_identifiers
			WHERE tenant_id = a.tenant_id AND account_id = a.id AND kind = 'email' ORDER BY created_at, norm LIMIT 1) m
		WHERE a.tenant_id = $1 AND a.status = 'active' AND EXISTS (SELECT FROM role_assignments r WHERE r.tenant_id = a.tenant_id
			AND r.account_id = a.id AND r.role = ANY ($2) AND r.scope_id IS NULL AND (r.ends_at IS NULL OR r.ends_at > $3))
		ORDER BY a.id LIMIT $4`, []any{s.Tenant(), roles, s.Now(), mostTold}, func(scan func(...any) error) error {
		var p person
		err := scan(&p.id, &p.locale, &p.email)
		p.locale = cmp.Or(p.locale, "")
		all = append(all, p)
		return err
	})
	return all, err
}
