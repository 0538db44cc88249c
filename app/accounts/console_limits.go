package accounts

import (
	"context"
	"time"

	"portico/tenants"
)

// TakeLetter counts a letter of some sort to somebody who did not ask for it themselves, in the caller's
// transaction: three in ten minutes, 5 an hour, 10 a day to one subject (security.md 4.2, "resend"). The
// subject is an account's id, or what else must not be written to without end. *LimitError when there were
// too many; then it has not counted.
func (a *Accounts) TakeLetter(ctx context.Context, s *tenants.Scope, what, subject string) error {
	var answer limitAnswer
	b := &tenants.Batch{}
	a.takeLimits(b, s, 1, &answer,
		counter{name: what + " soon", subject: subject, limit: window(3, 10*time.Minute)},
		counter{name: what + " hour", subject: subject, limit: window(5, time.Hour)},
		counter{name: what + " day", subject: subject, limit: window(10, 24*time.Hour)})
	if err := s.Send(ctx, b); err != nil {
		return err
	}
	return answer.err()
}
