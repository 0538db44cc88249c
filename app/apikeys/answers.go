package apikeys

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"time"

	"github.com/google/uuid"

	"portico/tenants"
)

// Errors of requests that are to run once.
var (
	ErrReused   = errors.New("the name stands for another request")
	ErrUnderWay = errors.New("the request is under way")
	ErrUnknown  = errors.New("the request broke off, and nobody knows how far it came")
)

// Bounds of kept answers.
const (
	keptFor  = 24 * time.Hour
	underWay = 5 * time.Minute // longer than any request lasts: what is not done by then broke off
)

// Once names a request that is to run once: a key's own name for it, and what it asks.
type Once struct {
	Tenant tenants.ID // the zero ID: on the platform's own host
	Key    uuid.UUID
	Name   string
	Asked  []byte // SHA-256
}

// Answer is what a request was answered; Sealed is sealed on its way into the database and opened on its way back.
type Answer struct {
	Status int
	Sealed []byte
}

func (o Once) hash() []byte { h := sha256.Sum256([]byte(o.Name)); return h[:] }

// table and where name the rows: those of a tenant stand behind its wall.
func (o Once) table() string {
	if o.Tenant == (tenants.ID{}) {
		return "platform.api_answers"
	}
	return "api_answers"
}

func (o Once) where() string {
	if o.Tenant == (tenants.ID{}) {
		return "$1::uuid IS NOT NULL AND key_id = $2 AND name_hash = $3"
	}
	return "tenant_id = $1 AND key_id = $2 AND name_hash = $3"
}

// within runs fn in a transaction that reaches the rows.
func (k *Keys) within(ctx context.Context, o Once, fn func(send func(context.Context, *tenants.Batch) error, now time.Time) error) error {
	if o.Tenant != (tenants.ID{}) {
		return k.DB.In(ctx, o.Tenant, func(s *tenants.Scope) error { return fn(s.Send, s.Now()) })
	}
	return k.DB.AcrossAll(ctx, tenants.ForAPIKeys, func(a *tenants.Across) error { return fn(a.Send, a.Now()) })
}

// Begin notes that a request begins (fresh), or answers what it was answered. ErrReused for another request under
// the same name; ErrUnderWay for the same one that has no answer yet, and ErrUnknown when it should have one by now.
// Of two at once one begins.
func (k *Keys) Begin(ctx context.Context, o Once) (kept Answer, fresh bool, err error) {
	err = k.within(ctx, o, func(send func(context.Context, *tenants.Batch) error, now time.Time) error {
		var n int64
		var asked []byte
		var at time.Time
		found := false
		b := &tenants.Batch{}
		b.Exec("DELETE FROM "+o.table()+" WHERE "+o.where()+" AND created_at < $4", o.Tenant, o.Key, o.hash(), now.Add(-keptFor))
		if o.Tenant == (tenants.ID{}) {
			b.ExecCount(&n, `INSERT INTO platform.api_answers (key_id, name_hash, asked_hash, created_at) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING`,
				o.Key, o.hash(), o.Asked, now)
		} else {
			b.ExecCount(&n, `INSERT INTO api_answers (tenant_id, key_id, name_hash, asked_hash, created_at) VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING`,
				o.Tenant, o.Key, o.hash(), o.Asked, now)
		}
		b.Row(&found, "SELECT asked_hash, status, sealed, created_at FROM "+o.table()+" WHERE "+o.where(), []any{o.Tenant, o.Key, o.hash()},
			&asked, &kept.Status, &kept.Sealed, &at)
		if err := send(ctx, b); err != nil {
			return err
		}
		switch {
		case n == 1:
			fresh = true
		case !found: // gone between the two statements
			return ErrUnderWay
		case !bytes.Equal(asked, o.Asked):
			return ErrReused
		case kept.Status == 0 && now.Sub(at) > underWay:
			return ErrUnknown
		case kept.Status == 0:
			return ErrUnderWay
		default:
			kept.Sealed, err = k.Seals.Open("api answer", o.Tenant, o.row(), kept.Sealed)
			return err
		}
		return nil
	})
	return kept, fresh, err
}

func (o Once) row() string { return o.Key.String() + "/" + o.Name }

// Keep writes the answer of a request that began, for a day.
func (k *Keys) Keep(ctx context.Context, o Once, answer Answer) error {
	return k.within(ctx, o, func(send func(context.Context, *tenants.Batch) error, _ time.Time) error {
		b := &tenants.Batch{}
		b.Exec("UPDATE "+o.table()+" SET status = $4, sealed = $5 WHERE "+o.where(), o.Tenant, o.Key, o.hash(), answer.Status,
			k.Seals.Seal("api answer", o.Tenant, o.row(), answer.Sealed))
		return send(ctx, b)
	})
}

// Forget lets a request that failed here be sent again.
func (k *Keys) Forget(ctx context.Context, o Once) error {
	return k.within(ctx, o, func(send func(context.Context, *tenants.Batch) error, _ time.Time) error {
		b := &tenants.Batch{}
		b.Exec("DELETE FROM "+o.table()+" WHERE "+o.where()+" AND status = 0", o.Tenant, o.Key, o.hash())
		return send(ctx, b)
	})
}
