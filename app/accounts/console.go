package accounts

import (
	"context"
	"time"

	"portico/tenants"
)

// The rest after which the console asks its user who they are (security.md 4.3): idle, and in all.
const (
	consoleIdle = 15 * time.Minute
	consoleLife = 8 * time.Hour
)

// ConsoleRests tells whether the person behind a session must show anew who they are before the console
// opens: it was not used for a quarter of an hour, or it is long since they showed it.
func (s Session) ConsoleRests(now time.Time) bool {
	last := s.ProvedAt
	if s.ConsoleAt.After(last) {
		last = s.ConsoleAt
	}
	return now.Sub(last) > consoleIdle || now.Sub(s.ProvedAt) > consoleLife
}

// ConsoleSeen notes that the console was used in a session, at most once a minute.
func (a *Accounts) ConsoleSeen(ctx context.Context, t *tenants.Tenant, who Session) error {
	now := a.DB.Clock().Now()
	if now.Sub(who.ConsoleAt) < seenEvery {
		return nil
	}
	return a.DB.In(ctx, t.ID, func(s *tenants.Scope) error {
		b := &tenants.Batch{}
		b.Exec("UPDATE sessions SET console_seen_at = $4 WHERE tenant_id = $1 AND account_id = $2 AND public_id = $3",
			s.Tenant(), who.AccountID, who.PublicID, now)
		return s.SendAndCommit(ctx, b)
	})
}
