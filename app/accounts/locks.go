package accounts

import (
	"context"
	"errors"
	"time"

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
		ON CONFLICT DO NOTHING`, s.Tenant(), f.ID, f.device())
	b.Row(nil, `SELECT failures, window_count, locks, recent, last_failed_at, locked_until, announced_at
		FROM account_locks WHERE tenant_id = $1 AND account_id = $2 AND device = $3 FOR UPDATE`,
		[]any{s.Tenant(), f.ID, f.device()},
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
		s.Tenant(), f.ID, f.device(), st.Failures, st.Window, st.Locks, recent,
		orNull(st.LastFailedAt), orNull(st.LockedUntil), orNull(st.AnnouncedAt))
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
