package accounts

import (
	"context"

	"github.com/google/uuid"

	"portico/app/audit"
	"portico/tenants"
)

// EndAllSessions signs somebody out everywhere as an administrator: every session ends, and every browser is
// a stranger's afterwards. It answers how many sessions ended; ended ones, and browsers that rested, are
// not counted.
func EndAllSessions(ctx context.Context, s *tenants.Scope, account uuid.UUID) (int64, error) {
	n, err := s.Exec(ctx, `UPDATE sessions SET ended_at = $3, ended_reason = 'ended by an administrator'
		WHERE tenant_id = $1 AND account_id = $2 AND ended_at IS NULL`, s.Tenant(), account, s.Now())
	if err != nil {
		return 0, err
	}
	b := &tenants.Batch{}
	forgetDevices(b, s, account, Client{})
	b.Exec("UPDATE signin_challenges SET ended_at = $3 WHERE tenant_id = $1 AND account_id = $2 AND ended_at IS NULL", s.Tenant(), account, s.Now())
	if n > 0 {
		err := audit.Add(ctx, b, s, audit.Event{Kind: audit.SessionEnded, Outcome: audit.Success, Reason: "ended by an administrator",
			AccountID: &account, Details: map[string]any{"sessions": n}})
		if err != nil {
			return 0, err
		}
	}
	return n, s.Send(ctx, b)
}

// AskToRegister makes somebody's next sign-in begin with registering proofs; EndDuty takes it back when they
// have. It ends no session: the caller does.
func AskToRegister(ctx context.Context, s *tenants.Scope, account uuid.UUID) error {
	_, err := s.Exec(ctx, "UPDATE accounts SET register_asked_at = $3 WHERE tenant_id = $1 AND id = $2", s.Tenant(), account, s.Now())
	return err
}
