package apikeys

import (
	"context"
	"slices"
	"time"

	"github.com/google/uuid"

	"portico/app/audit"
	"portico/tenants"
)

// What a key of the platform's may be given.
const (
	TenantsRead   = "tenants.read"   // the directory: who is there, and in which state
	TenantsEdit   = "tenants.edit"   // add tenants, move them between states
	TenantsApply  = "tenants.apply"  // make a tenant what a file says
	TenantsExport = "tenants.export" // read a tenant as its file
)

// Scopes are all of them, in the order in which they are shown.
func Scopes() []string { return []string{TenantsRead, TenantsEdit, TenantsApply, TenantsExport} }

// MakePlatform makes a key of the platform's; text is shown once. ErrName, ErrEnd, ErrNothing, ErrBeyond, ErrTooMany.
func (k *Keys) MakePlatform(ctx context.Context, n New) (text string, id uuid.UUID, err error) {
	if err := n.check(k.DB.Clock().Now(), func(p string) bool { return slices.Contains(Scopes(), p) }); err != nil {
		return "", uuid.UUID{}, err
	}
	id = tenants.NewID()
	text, hash := newText(OfPlatform, id)
	err = k.DB.AcrossAll(ctx, tenants.ForAPIKeys, func(a *tenants.Across) error {
		var standing int
		b := &tenants.Batch{}
		b.Exec("SELECT pg_advisory_xact_lock(hashtextextended('api keys', 0))")
		b.Row(nil, "SELECT count(*) FROM platform.api_keys WHERE revoked_at IS NULL AND ends_at > $1", []any{a.Now()}, &standing)
		if err := a.Send(ctx, b); err != nil {
			return err
		}
		if standing >= mostKeys {
			return ErrTooMany
		}
		b = &tenants.Batch{}
		by := audit.From(ctx).Actor
		b.Exec(`INSERT INTO platform.api_keys (id, name, hash, permissions, created_at, created_by, ends_at)
			VALUES ($1, $2, $3, $4, $5, $6, $7)`, id, n.Name, hash, n.Permissions, a.Now(), by, n.EndsAt)
		err := audit.AddPlatform(ctx, b, a, nil, audit.Event{Kind: audit.KeyMade, Outcome: audit.Success,
			Details: map[string]any{"key": id, "name": n.Name, "permissions": n.Permissions, "ends": n.EndsAt}})
		if err != nil {
			return err
		}
		return a.Send(ctx, b)
	})
	if err != nil {
		return "", uuid.UUID{}, err
	}
	return text, id, nil
}

// ListPlatform is the platform's keys, those that stand first, the newest of each first, two hundred at most.
func (k *Keys) ListPlatform(ctx context.Context) (all []Key, err error) {
	err = k.DB.AcrossAll(ctx, tenants.ForAPIKeys, func(a *tenants.Across) error {
		return a.Each(ctx, `SELECT id, name, created_by, permissions, created_at, ends_at, used_at, revoked_at FROM platform.api_keys
			ORDER BY revoked_at IS NOT NULL OR ends_at <= $1, created_at DESC, id LIMIT 200`, []any{a.Now()}, func(scan func(...any) error) error {
			var one Key
			var used, revoked *time.Time
			err := scan(&one.ID, &one.Name, &one.Maker, &one.Permissions, &one.CreatedAt, &one.EndsAt, &used, &revoked)
			one.UsedAt, one.RevokedAt = orZero(used), orZero(revoked)
			all = append(all, one)
			return err
		})
	})
	return all, err
}

// RevokePlatform ends a key of the platform's at once; one that ended already is no error. tenants.ErrNotFound.
func (k *Keys) RevokePlatform(ctx context.Context, id uuid.UUID) error {
	return k.DB.AcrossAll(ctx, tenants.ForAPIKeys, func(a *tenants.Across) error {
		var name string
		var revoked *time.Time
		err := a.Row(ctx, "SELECT name, revoked_at FROM platform.api_keys WHERE id = $1 FOR UPDATE", []any{id}, &name, &revoked)
		if err != nil || revoked != nil {
			return err
		}
		b := &tenants.Batch{}
		b.Exec("UPDATE platform.api_keys SET revoked_at = $2, revoked_by = $3 WHERE id = $1", id, a.Now(), audit.From(ctx).Actor)
		err = audit.AddPlatform(ctx, b, a, nil, audit.Event{Kind: audit.KeyRevoked, Outcome: audit.Success, Details: map[string]any{"key": id, "name": name}})
		if err != nil {
			return err
		}
		return a.Send(ctx, b)
	})
}

// OpenPlatform is Open for keys of the platform's.
func (k *Keys) OpenPlatform(ctx context.Context, text, address string) (Opened, error) {
	p, ok := parse(text)
	var o Opened
	err := k.DB.AcrossAll(ctx, tenants.ForAPIKeys, func(a *tenants.Across) error {
		var row kept
		if ok = ok && p.opens == OfPlatform; ok {
			found := false
			b := &tenants.Batch{}
			b.Row(&found, "SELECT hash, used_at, name, permissions FROM platform.api_keys WHERE id = $1 AND revoked_at IS NULL AND ends_at > $2",
				[]any{p.id, a.Now()}, &row.hash, &row.used, &o.Name, &o.Scopes)
			if err := a.Send(ctx, b); err != nil {
				return err
			}
			ok = row.fits(p) && found
		}
		if !ok {
			o = Opened{}
			return nil
		}
		o.ID = p.id
		return k.count(ctx, a.Send, tenants.ID{}, p, row, a.Now(), &o)
	})
	switch {
	case err != nil:
		return Opened{}, err
	case ok:
		return o, nil
	}
	err = k.DB.AcrossAll(ctx, tenants.ForAPIKeys, func(a *tenants.Across) error {
		return k.countWrong(ctx, a.Send, "platform.", tenants.ID{}, a.Now(), address)
	})
	if err != nil {
		return Opened{}, err
	}
	return Opened{}, ErrNoKey
}
