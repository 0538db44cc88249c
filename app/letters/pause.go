package letters

import (
	"context"
	"fmt"
	"math/rand/v2"
	"time"

	"portico/tenants"
)

// A sender that rests (table senders, package senders decides) keeps its letters: they wait, and go when
// somebody lets them. Paused, notices and bulk wait, while codes and recovery go on with the sender that the
// tenant has: moved to the platform's address, the mail of who was paused would cost everybody's good name.
// Stopped, codes and recovery go on too, but only to addresses at which a letter arrived before. Word of the
// pause itself always goes.
const holdLetter = `CASE
	WHEN h.level IN ('paused', 'stopped') AND l.lane <> 'urgent' AND l.kind <> 'sender_notice' THEN 'the sender is paused'
	WHEN h.level = 'stopped' AND l.lane = 'urgent' AND NOT EXISTS (SELECT FROM letters p JOIN letter_feedback d
			ON d.tenant_id = p.tenant_id AND d.letter_id = p.id AND d.kind = 'delivered'
		WHERE p.tenant_id = l.tenant_id AND p.recipient = l.recipient) THEN 'the sender is stopped'
	ELSE '' END`

// doubtEvery bounds how often refused letters make somebody look at SES again.
const doubtEvery = 5 * time.Minute

// restingFor is when a letter of a sender that rests is looked at again; Wake comes before.
func restingFor() time.Duration {
	return 10*time.Minute + time.Duration(rand.Int64N(int64(5*time.Minute))) //nolint:gosec // spreads load, hides nothing
}

// Wake makes letters of a tenant that were put off due now, after its sender was resumed. It may be called
// again; letters get their places in line from the sweep.
func (o *Outbox) Wake(ctx context.Context, tenant tenants.ID) error {
	_, err := o.DB.Pool().Exec(ctx, `UPDATE river.river_job SET scheduled_at = $2, state = 'available'
		WHERE kind = '`+jobKind+`' AND queue = ANY ($3) AND state IN ('available', 'scheduled', 'retryable') AND scheduled_at > $2 AND args->>'tenant_id' = $1`,
		tenant.String(), time.Now().UTC(), queues())
	if err != nil {
		return fmt.Errorf("wake a tenant's letters: %w", err)
	}
	return nil
}
