package letters

import (
	"context"
	"time"

	"github.com/google/uuid"

	"portico/tenants"
)

// Filter narrows a list; zero fields do not. Before is the id of the last row of the page before.
type Filter struct {
	Account *uuid.UUID
	State   State
	Kind    string
	To      string
	Before  uuid.UUID
	Limit   int // 50 when zero, 500 at most
}

// Row is a letter as the delivery view shows it; contents are never kept.
type Row struct {
	ID        uuid.UUID
	Kind      string
	Lane      Lane
	Channel   string
	To        string // "" for a decoy
	AccountID *uuid.UUID
	LinkID    *uuid.UUID
	Event     string
	State     State
	Reason    string
	Attempts  int
	MessageID string
	CreatedAt time.Time
	SentAt    *time.Time
	EndedAt   *time.Time
}

// List reads letters of the scope's tenant, newest first.
func List(ctx context.Context, s *tenants.Scope, f Filter) ([]Row, error) {
	limit := f.Limit
	if limit <= 0 {
		limit = 50
	}
	var before *uuid.UUID
	if f.Before != (uuid.UUID{}) {
		before = &f.Before
	}
	var rows []Row
	err := s.Each(ctx, `SELECT id, kind, lane, channel, recipient, account_id, link_id, event, state, reason, attempts,
			message_id, created_at, sent_at, ended_at
		FROM letters
		WHERE tenant_id = $1 AND ($2::uuid IS NULL OR account_id = $2) AND ($3 = '' OR state = $3)
			AND ($4 = '' OR kind = $4) AND ($5 = '' OR recipient = $5) AND ($6::uuid IS NULL OR id < $6)
		ORDER BY id DESC LIMIT $7`,
		[]any{s.Tenant(), f.Account, string(f.State), f.Kind, f.To, before, min(limit, 500)},
		func(scan func(...any) error) error {
			var r Row
			err := scan(&r.ID, &r.Kind, &r.Lane, &r.Channel, &r.To, &r.AccountID, &r.LinkID, &r.Event, &r.State, &r.Reason,
				&r.Attempts, &r.MessageID, &r.CreatedAt, &r.SentAt, &r.EndedAt)
			rows = append(rows, r)
			return err
		})
	return rows, err
}
