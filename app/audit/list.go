package audit

import (
	"context"
	"encoding/json"
	"time"

	"github.com/google/uuid"

	"portico/tenants"
)

// Filter narrows a list; zero fields do not. Before is the id of the last row of the page before.
type Filter struct {
	Account *uuid.UUID
	Kinds   []Kind
	Since   time.Time
	Before  uuid.UUID
	Limit   int // 50 when zero, 500 at most
}

// Row is an event as it was kept.
type Row struct {
	ID            uuid.UUID
	At            time.Time
	Kind          Kind
	Outcome       Outcome
	Reason        string
	Actor         string
	AccountID     *uuid.UUID
	ClientAddress string
	RequestID     string
	Details       json.RawMessage // nil when there were none
}

// List reads events of the scope's tenant, newest first. Two rows of one microsecond have no order
// between them, but the same one in every page.
func List(ctx context.Context, s *tenants.Scope, f Filter) ([]Row, error) {
	limit := f.Limit
	if limit <= 0 {
		limit = 50
	}
	kinds := make([]string, len(f.Kinds))
	for i, k := range f.Kinds {
		kinds[i] = string(k)
	}
	var before *uuid.UUID
	if f.Before != (uuid.UUID{}) {
		before = &f.Before
	}
	var since *time.Time
	if !f.Since.IsZero() {
		since = &f.Since
	}
	var rows []Row
	err := s.Each(ctx, `SELECT id, at, kind, outcome, reason, actor, account_id, client_address, request_id, details
		FROM audit_events
		WHERE tenant_id = $1 AND ($2::uuid IS NULL OR account_id = $2) AND (cardinality($3::text[]) = 0 OR kind = ANY($3))
			AND ($4::timestamptz IS NULL OR at >= $4) AND ($5::uuid IS NULL OR id < $5)
		ORDER BY id DESC LIMIT $6`,
		[]any{s.Tenant(), f.Account, kinds, since, before, min(limit, 500)},
		func(scan func(...any) error) error {
			var r Row
			err := scan(&r.ID, &r.At, &r.Kind, &r.Outcome, &r.Reason, &r.Actor, &r.AccountID, &r.ClientAddress, &r.RequestID, &r.Details)
			rows = append(rows, r)
			return err
		})
	return rows, err
}
