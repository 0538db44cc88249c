package accounts

import (
	"context"
	"errors"
	"time"

	"github.com/google/uuid"

	"portico/tenants"
)

// readLock reads and holds one lock row for the rest of the transaction. Nobody's row (an unknown
// account) costs the same statements and stays away.
func readLock(ctx context.Context, s *tenants.Scope, f found) (lockState, error) {
	var st lockState
	var lastFailed, until, announced *time.Time
	b := &tenants.Batch{}
	b.Exec(`INSERT INTO account_locks (tenant_id, account_id, device)
		SELECT tenant_id, id, $3 FROM accounts WHERE tenant_id = $1 AND id = $2
		ON CONFLICT DO NOTHING`, s.Tenant(), f.ID, f.lockKey())
	b.Row(nil, `SELECT failures, window_count, locks, recent, last_failed_at, locked_until, announced_at
		FROM account_locks WHERE tenant_id = $1 AND account_id = $2 AND device = $3 FOR UPDATE`,
		[]any{s.Tenant(), f.ID, f.lockKey()},
		&st.Failures, &st.Window, &st.Locks, &st.Recent, &lastFailed, &until, &announced)
	if err := s.Send(ctx, b); err != nil && !errors.Is(err, tenants.ErrNotFound) {
		return lockState{}, err
	}
	st.LastFailedAt, st.LockedUntil, st.AnnouncedAt = moment(lastFailed), moment(until), moment(announced)
	return st, nil
}

// writeLock adds the row's new state to a batch.
func writeLock(b *tenants.Batch, s *tenants.Scope, f found, st lockState) {
	recent := st.Recent
	if recent == nil {
		recent = [][]byte{}
	}
	b.Exec(`UPDATE account_locks SET failures = $4, window_count = $5, locks = $6, recent = $7,
		last_failed_at = $8, locked_until = $9, announced_at = $10
		WHERE tenant_id = $1 AND account_id = $2 AND device = $3`,
		s.Tenant(), f.ID, f.lockKey(), st.Failures, st.Window, st.Locks, recent,
		orNull(st.LastFailedAt), orNull(st.LockedUntil), orNull(st.AnnouncedAt))
}

// clearLocks adds what a success, or an unlocking, leaves of the locks of an account to a batch: nothing,
// but for the moment of a letter of the last day, so that the next lock writes none. The key "" means
// all rows of the account.
func clearLocks(b *tenants.Batch, s *tenants.Scope, account uuid.UUID, key string) {
	args := []any{s.Tenant(), account, key, s.Now().Add(-announceEvery)}
	b.Exec(`DELETE FROM account_locks WHERE tenant_id = $1 AND account_id = $2 AND $3 IN ('', device)
		AND (announced_at IS NULL OR announced_at <= $4)`, args...)
	b.Exec(`UPDATE account_locks SET failures = 0, window_count = 0, locks = 0, recent = '{}', last_failed_at = NULL, locked_until = NULL
		WHERE tenant_id = $1 AND account_id = $2 AND $3 IN ('', device) AND announced_at > $4`, args...)
}

func moment(t *time.Time) time.Time {
	if t == nil {
		return time.Time{}
	}
	return t.UTC()
}

func orNull(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}
