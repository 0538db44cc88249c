package gates

import (
	"context"
	"encoding/hex"
	"errors"
	"time"

	"portico/app/accounts"
	"portico/app/audit"
	"portico/tenants"
)

// block is one counter of recovery_blocks: so many events in a window, then nothing for a while.
type block struct {
	name   string // proof, day, send:<way>, reset
	client string // whose events count together; "" is all strangers
	limit  tenants.Throttle

	count      int
	started    time.Time
	ends       time.Time
	until      time.Time
	justFilled bool
}

// key names the row: an account and a client together, so that what a stranger does wrong never shuts the
// owner's own browser out (decisions.md 19). Nobody counts by what was typed.
func (g *Gates) key(t *tenants.Tenant, f Flow, b block) []byte {
	whom := "typed:" + hex.EncodeToString(f.whom)
	if f.Person.Ref() != nil {
		whom = f.Person.ID.String()
	}
	return g.Seals.MAC("recovery block", t.ID, b.name, whom, b.client)
}

// clientOf is what a client counts by: a device of the owner's by itself, all others by their address.
func clientOf(f Flow, client accounts.Client) string {
	if f.Person.Known {
		return "device:" + hex.EncodeToString(accounts.SecretHash(client.Device)[:8])
	}
	return client.AddressKey()
}

// proofBlocks are what a code or an answer counts against: the tenant's own limit by account and client, and
// the platform's by account for all strangers together.
func proofBlocks(t *tenants.Tenant, f Flow, client accounts.Client) []block {
	own := t.Policy.Throttle.IdentityFail
	if own.Limit == 0 {
		own = tenants.Throttle{Limit: wrongPerFlow, Window: tenants.Duration(time.Hour), Block: tenants.Duration(time.Hour)}
	}
	blocks := []block{{name: "proof", client: clientOf(f, client), limit: own}}
	if !f.Person.Known {
		blocks = append(blocks, block{name: "day", limit: tenants.Throttle{Limit: strangersADay, Window: tenants.Duration(24 * time.Hour),
			Block: tenants.Duration(24 * time.Hour)}})
	}
	return blocks
}

// sendBlock is what asking for a code by one way counts against.
func sendBlock(t *tenants.Tenant, f Flow, client accounts.Client, way string) block {
	own := t.Policy.Throttle.MethodUse
	if own.Limit == 0 {
		own = tenants.Throttle{Limit: startsAnHour, Window: tenants.Duration(time.Hour)}
	}
	return block{name: "send:" + way, client: clientOf(f, client), limit: own}
}

// mailBlocks bound the mails to one person, whoever asks from wherever: strangers share one count, each
// device of the owner's has its own (decisions.md 20: 5 an hour, 10 a day).
func mailBlocks(f Flow, client accounts.Client) []block {
	class := ""
	if f.Person.Known {
		class = clientOf(f, client)
	}
	return []block{
		{name: "mail:hour", client: class, limit: tenants.Throttle{Limit: 5, Window: tenants.Duration(time.Hour)}},
		{name: "mail:day", client: class, limit: tenants.Throttle{Limit: 10, Window: tenants.Duration(24 * time.Hour)}},
	}
}

// resetBlock is what finished resets of one account count against; off by default.
func resetBlock(t *tenants.Tenant, f Flow, client accounts.Client) block {
	return block{name: "reset", client: clientOf(f, client), limit: t.Policy.Throttle.SameAccount}
}

// hold reads a counter and keeps it until the transaction ends.
func (g *Gates) hold(ctx context.Context, s *tenants.Scope, t *tenants.Tenant, f Flow, bl *block) error {
	key := g.key(t, f, *bl)
	var until *time.Time
	b := &tenants.Batch{}
	b.Exec(`INSERT INTO recovery_blocks (tenant_id, key, account_id, counter, client_address, started_at, ends_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING`,
		s.Tenant(), key, f.Person.Ref(), bl.name, audit.From(ctx).ClientAddress, s.Now(), s.Now().Add(bl.limit.Window.Std()))
	b.Row(nil, "SELECT count, started_at, ends_at, blocked_until FROM recovery_blocks WHERE tenant_id = $1 AND key = $2 FOR UPDATE",
		[]any{s.Tenant(), key}, &bl.count, &bl.started, &bl.ends, &until)
	if err := s.Send(ctx, b); err != nil {
		return err
	}
	if until != nil {
		bl.until = *until
	}
	*bl = bl.at(s.Now())
	return nil
}

// at is the counter as it stands now: windows and blocks that are over begin anew.
func (bl block) at(now time.Time) block {
	over := !bl.until.IsZero() && !now.Before(bl.until)
	if over || bl.until.IsZero() && !now.Before(bl.ends) {
		bl.count, bl.started, bl.ends, bl.until = 0, now, now.Add(bl.limit.Window.Std()), time.Time{}
	}
	return bl
}

// refuses tells until when the counter refuses; the zero time is that it does not.
func (bl block) refuses(now time.Time) time.Time {
	switch {
	case now.Before(bl.until):
		return bl.until
	case bl.limit.Limit > 0 && bl.count >= bl.limit.Limit:
		return bl.ends
	}
	return time.Time{}
}

// add counts one event; the one that fills the window begins the block.
func (bl block) add(now time.Time) block {
	bl.count++
	if bl.limit.Limit > 0 && bl.count >= bl.limit.Limit && bl.limit.Block > 0 && bl.until.IsZero() {
		bl.until, bl.justFilled = now.Add(bl.limit.Block.Std()), true
	}
	return bl
}

// write adds the counter's new state to a batch.
func (g *Gates) write(b *tenants.Batch, s *tenants.Scope, t *tenants.Tenant, f Flow, bl block) {
	var until *time.Time
	if !bl.until.IsZero() {
		until = &bl.until
	}
	b.Exec("UPDATE recovery_blocks SET count = $3, started_at = $4, ends_at = $5, blocked_until = $6 WHERE tenant_id = $1 AND key = $2",
		s.Tenant(), g.key(t, f, bl), bl.count, bl.started, bl.ends, until)
}

// charge holds some counters and counts one event in each, in the caller's transaction. *BlockedError when
// one refuses; then none has counted.
func (g *Gates) charge(ctx context.Context, s *tenants.Scope, t *tenants.Tenant, f Flow, blocks ...block) ([]block, error) {
	for i := range blocks {
		if err := g.hold(ctx, s, t, f, &blocks[i]); err != nil {
			return nil, err
		}
		if until := blocks[i].refuses(s.Now()); !until.IsZero() {
			return nil, &BlockedError{Until: until}
		}
	}
	b := &tenants.Batch{}
	for i := range blocks {
		blocks[i] = blocks[i].add(s.Now())
		g.write(b, s, t, f, blocks[i])
		if blocks[i].justFilled && blocks[i].name != "proof" && blocks[i].name != "day" { // those count once the answer was wrong
			if err := g.blocked(ctx, b, s, f, blocks[i]); err != nil {
				return nil, err
			}
		}
	}
	return blocks, s.Send(ctx, b)
}

// refund takes one event back from each counter, and the block that it began.
func (g *Gates) refund(b *tenants.Batch, s *tenants.Scope, t *tenants.Tenant, f Flow, blocks []block) {
	for _, bl := range blocks {
		b.Exec(`UPDATE recovery_blocks SET count = greatest(count - 1, 0), blocked_until = CASE WHEN $3 THEN NULL ELSE blocked_until END
			WHERE tenant_id = $1 AND key = $2`, s.Tenant(), g.key(t, f, bl), bl.justFilled)
	}
}

// forget adds the end of all counters of an account to a batch, but for finished resets: a success clears
// them (behaviour.md 2A).
func forget(b *tenants.Batch, s *tenants.Scope, f Flow) {
	b.Exec("DELETE FROM recovery_blocks WHERE tenant_id = $1 AND account_id = $2 AND counter <> 'reset' AND counter NOT LIKE 'mail:%'", s.Tenant(), f.Person.Ref())
}

// blockedUntil adds a look at the counters of codes and answers to a batch.
func (g *Gates) blockedUntil(b *tenants.Batch, s *tenants.Scope, f Flow, client accounts.Client) *time.Time {
	until := &time.Time{}
	t := &tenants.Tenant{ID: s.Tenant()}
	looked := []block{{name: "proof", client: clientOf(f, client)}, {name: "reset", client: clientOf(f, client)}}
	if !f.Person.Known {
		looked = append(looked, block{name: "day"})
	}
	for _, name := range looked {
		var at time.Time
		b.Rows("SELECT blocked_until FROM recovery_blocks WHERE tenant_id = $1 AND key = $2 AND blocked_until > $3",
			[]any{s.Tenant(), g.key(t, f, name), s.Now()}, func(scan func(...any) error) error {
				err := scan(&at)
				if at.After(*until) {
					*until = at
				}
				return err
			})
	}
	return until
}

// blocked writes down that a block began, and passes other errors through.
func (g *Gates) blocked(ctx context.Context, b *tenants.Batch, s *tenants.Scope, f Flow, bl block) error {
	return audit.Add(ctx, b, s, audit.Event{Kind: audit.ResetBlocked, Outcome: audit.Denied, Reason: bl.name, AccountID: f.Person.Ref(),
		Details: map[string]any{"flow": f.ID, "until": bl.until}})
}

// asBlocked tells whether an error is a block.
func asBlocked(err error) (*BlockedError, bool) {
	var e *BlockedError
	return e, errors.As(err, &e)
}
