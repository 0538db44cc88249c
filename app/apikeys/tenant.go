package apikeys

import (
	"context"
	"slices"
	"time"

	"github.com/google/uuid"

	"portico/app/audit"
	"portico/rbac"
	"portico/tenants"
)

// Make makes a key that acts for who asks, with permissions that they hold somewhere. It answers the key's
// text, which nobody can be shown again. ErrName, ErrEnd, ErrNothing, ErrBeyond, ErrTooMany.
func (k *Keys) Make(ctx context.Context, t *tenants.Tenant, who rbac.Subject, n New) (text string, id uuid.UUID, err error) {
	now := k.DB.Clock().Now()
	may := func(p string) bool {
		return slices.Contains(Permissions(), rbac.Permission(p)) && k.Guard.Decide(t, who, rbac.Permission(p)).Allowed
	}
	if err := n.check(now, may); err != nil {
		return "", uuid.UUID{}, err
	}
	id = tenants.NewID()
	text, hash := newText(OfTenant, id)
	err = k.DB.In(ctx, t.ID, func(s *tenants.Scope) error {
		var standing int
		b := &tenants.Batch{}
		b.Exec("SELECT pg_advisory_xact_lock(hashtextextended('api keys:' || $1::uuid::text, 0))", s.Tenant())
		b.Row(nil, "SELECT count(*) FROM api_keys WHERE tenant_id = $1 AND revoked_at IS NULL AND ends_at > $2", []any{s.Tenant(), s.Now()}, &standing)
		if err := s.Send(ctx, b); err != nil {
			return err
		}
		if standing >= mostKeys {
			return ErrTooMany
		}
		b = &tenants.Batch{}
		var made int64 // staff of the platform, who look in by a grant, have no account that a key could act for
		b.ExecCount(&made, `INSERT INTO api_keys (tenant_id, id, account_id, name, hash, permissions, created_at, ends_at)
			SELECT a.tenant_id, $2, a.id, $4, $5, $6, $7, $8 FROM accounts a WHERE a.tenant_id = $1 AND a.id = $3 AND a.status = 'active'`,
			s.Tenant(), id, who.ID, n.Name, hash, n.Permissions, s.Now(), n.EndsAt)
		err := audit.Add(ctx, b, s, audit.Event{Kind: audit.KeyMade, Outcome: audit.Success,
			Details: map[string]any{"key": id, "name": n.Name, "permissions": n.Permissions, "ends": n.EndsAt}})
		if err != nil {
			return err
		}
		if err := s.Send(ctx, b); err != nil || made == 1 {
			return err
		}
		return ErrBeyond
	})
	if err != nil {
		return "", uuid.UUID{}, err
	}
	return text, id, nil
}

// List is a tenant's keys, those that stand first, the newest of each first, two hundred at most.
func (k *Keys) List(ctx context.Context, t *tenants.Tenant) (all []Key, err error) {
	err = k.DB.In(ctx, t.ID, func(s *tenants.Scope) error {
		return s.Each(ctx, `SELECT k.id, k.name, k.account_id, a.display_name, k.permissions, k.created_at, k.ends_at, k.used_at, k.revoked_at, a.status <> 'active'
			FROM api_keys k JOIN accounts a ON a.tenant_id = k.tenant_id AND a.id = k.account_id
			WHERE k.tenant_id = $1 ORDER BY k.revoked_at IS NOT NULL OR k.ends_at <= $2, k.created_at DESC, k.id LIMIT 200`, []any{s.Tenant(), s.Now()},
			func(scan func(...any) error) error {
				var one Key
				var used, revoked *time.Time
				err := scan(&one.ID, &one.Name, &one.Account, &one.Maker, &one.Permissions, &one.CreatedAt, &one.EndsAt, &used, &revoked, &one.Asleep)
				one.UsedAt, one.RevokedAt = orZero(used), orZero(revoked)
				all = append(all, one)
				return err
			})
	})
	return all, err
}

func orZero(t *time.Time) time.Time {
	if t == nil {
		return time.Time{}
	}
	return *t
}

// Revoke ends a key at once, everywhere; one that ended already is no error. tenants.ErrNotFound.
func (k *Keys) Revoke(ctx context.Context, t *tenants.Tenant, id uuid.UUID) error {
	return k.DB.In(ctx, t.ID, func(s *tenants.Scope) error {
		var name string
		var revoked *time.Time
		err := s.Row(ctx, "SELECT name, revoked_at FROM api_keys WHERE tenant_id = $1 AND id = $2 FOR UPDATE", []any{s.Tenant(), id}, &name, &revoked)
		if err != nil || revoked != nil {
			return err
		}
		b := &tenants.Batch{}
		b.Exec("UPDATE api_keys SET revoked_at = $3, revoked_by = $4 WHERE tenant_id = $1 AND id = $2", s.Tenant(), id, s.Now(), audit.From(ctx).Actor)
		err = audit.Add(ctx, b, s, audit.Event{Kind: audit.KeyRevoked, Outcome: audit.Success, Details: map[string]any{"key": id, "name": name}})
		if err != nil {
			return err
		}
		return s.Send(ctx, b)
	})
}

// Standing is what a key was given, for work that goes on after its request; ErrNoKey when it ended or was revoked.
func Standing(ctx context.Context, s *tenants.Scope, id uuid.UUID) ([]rbac.Permission, error) {
	var texts []string
	found := false
	b := &tenants.Batch{}
	b.Row(&found, "SELECT permissions FROM api_keys WHERE tenant_id = $1 AND id = $2 AND revoked_at IS NULL AND ends_at > $3",
		[]any{s.Tenant(), id, s.Now()}, &texts)
	if err := s.Send(ctx, b); err != nil {
		return nil, err
	}
	if !found {
		return nil, ErrNoKey
	}
	return permissions(texts), nil
}

// permissions are those of some texts that this program knows: a newer program's allow nothing here.
func permissions(texts []string) []rbac.Permission {
	all := []rbac.Permission{}
	for _, text := range texts {
		if p := rbac.Permission(text); slices.Contains(Permissions(), p) {
			all = append(all, p)
		}
	}
	return all
}
