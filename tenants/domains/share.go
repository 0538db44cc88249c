package domains

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"time"

	"github.com/google/uuid"

	"portico/tenants"
)

// Share is a link that shows a tenant's checklist without a session.
type Share struct {
	ID        uuid.UUID
	MadeBy    string
	CreatedAt time.Time
	EndsAt    time.Time
}

// Bounds of shared links.
const (
	LongestShare = 14 * 24 * time.Hour
	mostShares   = 10 // of one tenant at a time
	tokenLength  = 43 // base64url of 32 bytes
)

// NewShare makes a link for a while and answers its token, which is kept nowhere: 43 base64url characters. by
// is who made it, as shown beside it.
func (d *Domains) NewShare(ctx context.Context, tenant tenants.ID, by string, lives time.Duration) (token string, s Share, err error) {
	if lives < time.Hour || lives > LongestShare {
		return "", Share{}, ErrTooLong
	}
	secret := make([]byte, 32)
	_, _ = rand.Read(secret) // never fails (crypto/rand since Go 1.24)
	token = base64.RawURLEncoding.EncodeToString(secret)
	err = d.DB.AcrossAll(ctx, tenants.ForAddresses, func(a *tenants.Across) error {
		if err := hold(ctx, a, tenant); err != nil {
			return err
		}
		var there int
		if err := a.Row(ctx, "SELECT count(*) FROM platform.dns_shares WHERE tenant_id = $1 AND ends_at > $2", []any{tenant, a.Now()}, &there); err != nil {
			return err
		}
		if there >= mostShares {
			return ErrTooManyLinks
		}
		s = Share{ID: tenants.NewID(), MadeBy: by, CreatedAt: a.Now(), EndsAt: a.Now().Add(lives)}
		if _, err := a.Exec(ctx, "INSERT INTO platform.dns_shares (token_hash, id, tenant_id, made_by, created_at, ends_at) VALUES ($1, $2, $3, $4, $5, $6)",
			hashOf(token), s.ID, tenant, by, s.CreatedAt, s.EndsAt); err != nil {
			return err
		}
		return d.note(ctx, a, tenant, Event{Kind: EventShared, Details: map[string]any{"id": s.ID, "ends": s.EndsAt.UTC().Format(time.RFC3339)}})
	})
	return token, s, err
}

// Shares lists the links of a tenant that open, the newest first.
func (d *Domains) Shares(ctx context.Context, tenant tenants.ID) (all []Share, err error) {
	err = d.DB.AcrossAll(ctx, tenants.ForAddresses, func(a *tenants.Across) error {
		return a.Each(ctx, "SELECT id, made_by, created_at, ends_at FROM platform.dns_shares WHERE tenant_id = $1 AND ends_at > $2 ORDER BY created_at DESC, id",
			[]any{tenant, a.Now()}, func(scan func(...any) error) error {
				var s Share
				err := scan(&s.ID, &s.MadeBy, &s.CreatedAt, &s.EndsAt)
				all = append(all, s)
				return err
			})
	})
	return all, err
}

// EndShare ends one of the tenant's links before its time; tenants.ErrNotFound.
func (d *Domains) EndShare(ctx context.Context, tenant tenants.ID, id uuid.UUID) error {
	return d.DB.AcrossAll(ctx, tenants.ForAddresses, func(a *tenants.Across) error {
		n, err := a.Exec(ctx, "DELETE FROM platform.dns_shares WHERE tenant_id = $1 AND id = $2", tenant, id)
		if err != nil {
			return err
		}
		if n == 0 {
			return tenants.ErrNotFound
		}
		return d.note(ctx, a, tenant, Event{Kind: EventUnshared, Details: map[string]any{"id": id}})
	})
}

// Shared is what a link shows: a name, the hosts and their checklists.
type Shared struct {
	Tenant tenants.ID
	Name   string
	EndsAt time.Time
	Hosts  []Host
	Lists  map[string][]Record // by host; "" is the mail's
}

// OpenShare reads what a link shows; tenants.ErrNotFound for one that never was, has ended, or whose tenant
// is leaving.
func (d *Domains) OpenShare(ctx context.Context, token string) (Shared, error) {
	if raw, err := base64.RawURLEncoding.Strict().DecodeString(token); len(token) != tokenLength || err != nil || len(raw) != 32 {
		return Shared{}, tenants.ErrNotFound
	}
	var s Shared
	err := d.DB.AcrossAll(ctx, tenants.ForAddresses, func(a *tenants.Across) error {
		return a.Row(ctx, `SELECT t.id, t.name, s.ends_at FROM platform.dns_shares s JOIN tenants t ON t.id = s.tenant_id
			WHERE s.token_hash = $1 AND s.ends_at > $2 AND t.state <> 'leaving'`, []any{hashOf(token), a.Now()}, &s.Tenant, &s.Name, &s.EndsAt)
	})
	if err != nil {
		return Shared{}, err
	}
	s.Hosts, s.Lists, err = d.Everything(ctx, s.Tenant)
	return s, err
}

// Everything is a tenant's hosts and all checklists: by host, the mail's by "".
func (d *Domains) Everything(ctx context.Context, tenant tenants.ID) (hosts []Host, lists map[string][]Record, err error) {
	if hosts, err = d.Hosts(ctx, tenant); err != nil {
		return nil, nil, err
	}
	lists = map[string][]Record{}
	err = d.DB.In(ctx, tenant, func(s *tenants.Scope) error {
		var failed error
		for _, h := range append([]Host{{}}, hosts...) {
			list, err := kept(ctx, s, h.Name)
			if len(list) == 0 && h.Name != "" {
				list = d.Looker.expected(h)
			}
			lists[h.Name] = list
			failed = errors.Join(failed, err)
		}
		return failed
	})
	return hosts, lists, err
}

func (d *Domains) removeShares(ctx context.Context, before time.Time) error {
	return d.DB.AcrossAll(ctx, tenants.ForAddresses, func(a *tenants.Across) error {
		_, err := a.Exec(ctx, "DELETE FROM platform.dns_shares WHERE ends_at < $1", before)
		return err
	})
}

func hashOf(token string) []byte {
	sum := sha256.Sum256([]byte(token))
	return sum[:]
}
