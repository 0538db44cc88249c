package audit

import (
	"context"
	"encoding/json"

	"github.com/google/uuid"

	"portico/tenants"
)

// AddAll puts many events into a batch as one statement: for changes that come by the thousand.
func AddAll(ctx context.Context, b *tenants.Batch, s *tenants.Scope, events []Event) error {
	n := len(events)
	ids, about := make([]uuid.UUID, n), make([]*uuid.UUID, n)
	kinds, outcomes, reasons, actors := make([]string, n), make([]string, n), make([]string, n), make([]string, n)
	addresses, requests, details := make([]string, n), make([]string, n), make([]json.RawMessage, n)
	for i, e := range events {
		e, said, err := complete(ctx, e)
		if err != nil {
			return err
		}
		ids[i], about[i], details[i] = NewID(s.Now()), e.AccountID, said
		kinds[i], outcomes[i], reasons[i], actors[i] = string(e.Kind), string(e.Outcome), e.Reason, e.Actor
		addresses[i], requests[i] = e.ClientAddress, e.RequestID
	}
	b.Exec(`INSERT INTO audit_events (tenant_id, id, at, kind, outcome, reason, actor, account_id, client_address, request_id, details)
		SELECT $1, u.id, $2, u.kind, u.outcome, u.reason, u.actor, u.about, u.address, u.request, u.details
		FROM unnest($3::uuid[], $4::text[], $5::text[], $6::text[], $7::text[], $8::uuid[], $9::text[], $10::text[], $11::jsonb[])
			AS u (id, kind, outcome, reason, actor, about, address, request, details)`,
		s.Tenant(), s.Now(), ids, kinds, outcomes, reasons, actors, about, addresses, requests, details)
	return nil
}
