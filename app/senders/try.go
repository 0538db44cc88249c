package senders

import (
	"context"
	"errors"
	"time"

	"portico/app/audit"
	"portico/app/letters"
	"portico/tenants"
	"portico/themes"
)

// ErrOften means that a sender was tested as often as it may be within ten minutes.
var ErrOften = errors.New("senders: tested too often")

const (
	testsMost   = 5
	testsWithin = 10 * time.Minute
)

// Test sends a test to whoever asks for it, with the sender that the tenant's letters have, and tells what the
// server said. ErrOften beyond five in ten minutes, of all who ask.
func (x *Senders) Test(ctx context.Context, t *tenants.Tenant, to, locale string) (letters.Tried, error) {
	err := x.DB.In(ctx, t.ID, func(s *tenants.Scope) error {
		b := &tenants.Batch{}
		n := 0
		// The row is the lock: of two at once the second counts the first.
		b.Exec("INSERT INTO senders (tenant_id) VALUES ($1) ON CONFLICT DO NOTHING", s.Tenant())
		b.Exec("SELECT FROM senders WHERE tenant_id = $1 FOR UPDATE", s.Tenant())
		b.Row(nil, "SELECT count(*) FROM audit_events WHERE tenant_id = $1 AND kind = $2 AND at > $3", []any{s.Tenant(), string(audit.SenderTested), s.Now().Add(-testsWithin)}, &n)
		if err := s.Send(ctx, b); err != nil {
			return err
		}
		if n >= testsMost {
			return ErrOften
		}
		return audit.Write(ctx, s, audit.Event{Kind: audit.SenderTested, Outcome: audit.Success})
	})
	if err != nil {
		return letters.Tried{}, err
	}
	return x.Outbox.Try(ctx, t.ID, to, locale, themes.SenderNotice{What: "test", Link: "/console/sender"})
}
