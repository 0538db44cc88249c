package rules

import (
	"context"
	"encoding/json"
	"time"

	"github.com/google/uuid"

	"portico/app/audit"
	"portico/tenants"
)

// Version is one state of the policy.
type Version struct {
	Number  int64
	At      time.Time
	By      string // as the audit names actors: "account:<uuid>", "operator", the writer of a tenant file
	Account uuid.UUID
	Policy  tenants.Policy
	Changes int // knobs that it changed; all of the first
}

func (v *Version) take(doc json.RawMessage) (err error) {
	v.Policy, err = tenants.DecodePolicy(doc)
	return err
}

// historyPage is how many versions are read at once.
const historyPage = 50

// History lists the versions from the newest, or from below one (0 is none); more tells whether there are
// older ones.
func (r *Rules) History(ctx context.Context, t *tenants.Tenant, below int64) (all []Version, more bool, err error) {
	if below <= 0 {
		below = 1<<63 - 1
	}
	err = r.DB.In(ctx, t.ID, func(s *tenants.Scope) error {
		return s.Each(ctx, `SELECT version, created_at, created_by, document FROM settings
			WHERE tenant_id = $1 AND subject = 'policy' AND version < $2 ORDER BY version DESC LIMIT $3`,
			[]any{s.Tenant(), below, historyPage + 1}, func(scan func(...any) error) error {
				v, err := scanVersion(scan)
				all = append(all, v)
				return err
			})
	})
	for i := 0; i+1 < len(all); i++ {
		all[i].Changes = len(Diff(all[i+1].Policy, all[i].Policy))
	}
	if len(all) > historyPage {
		return all[:historyPage], true, err
	}
	return all, false, err
}

// At reads one version; tenants.ErrNotFound when there is none of that number.
func (r *Rules) At(ctx context.Context, t *tenants.Tenant, number int64) (Version, error) {
	v, found := Version{}, false
	err := r.DB.In(ctx, t.ID, func(s *tenants.Scope) error {
		return s.Each(ctx, `SELECT version, created_at, created_by, document FROM settings
			WHERE tenant_id = $1 AND subject = 'policy' AND version = $2`, []any{s.Tenant(), number}, func(scan func(...any) error) (err error) {
			found = true
			v, err = scanVersion(scan)
			return err
		})
	})
	if err == nil && !found {
		err = tenants.ErrNotFound
	}
	return v, err
}

func scanVersion(scan func(...any) error) (Version, error) {
	var v Version
	var doc json.RawMessage
	if err := scan(&v.Number, &v.At, &v.By, &doc); err != nil {
		return v, err
	}
	v.Account, _ = audit.ActorID(v.By) // whoever else wrote it stays as written
	return v, v.take(doc)
}

// Names tells who saved some versions, by their accounts; those that were erased are not in it.
func (r *Rules) Names(ctx context.Context, t *tenants.Tenant, versions []Version) (names map[uuid.UUID]string, err error) {
	var ids []uuid.UUID
	for _, v := range versions {
		if v.Account != (uuid.UUID{}) {
			ids = append(ids, v.Account)
		}
	}
	err = r.DB.In(ctx, t.ID, func(s *tenants.Scope) error {
		names, err = audit.Names(ctx, s, ids)
		return err
	})
	return names, err
}
