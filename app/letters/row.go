package letters

import (
	"context"
	"time"

	"github.com/google/uuid"

	"portico/tenants"
)

// desk is one letter's row, of a tenant or of the platform, as the worker meets it.
type desk struct {
	db     *tenants.DB
	tenant tenants.ID // zero is the platform
	id     uuid.UUID
}

// claimed is a row after the worker reached for it. State Sending means that it is ours to send.
type claimed struct {
	State     State
	Kind      string
	Lane      Lane
	Channel   Channel
	To        string
	Sealed    []byte
	Attempt   int       // from 1; also the fence that keeps a slow worker from ending another one's try
	Since     time.Time // written, or able to leave again after its sender rested
	Reason    string
	BusyUntil time.Time // another worker's lease, when State is Sending but it is not ours
	Ours      bool

	stand stand  // of the tenant's senders, where it was asked for
	from  string // the sender that was chosen; "" before
	as    SentAs
}

// claimLetter takes a row that waits, or whose worker is gone, in the one statement that also ends what
// must not leave: decoys, letters older than a day, those whose link has ended meanwhile, and those to
// addresses that are suppressed (suppress.go); and leaves alone what waits while the sender rests (pause.go).
// $1 id, $2 the oldest that may leave, $3 now, $4 end of the lease, $5 tenant.
const claimLetter = `WITH due AS (
	SELECT l.id, l.kind, x.address AS barred, x.cause, r.hold, greatest(l.created_at, h.counts_from) AS since, CASE
		WHEN l.recipient = '' THEN 'decoy'
		WHEN l.expires_at <= $3 THEN 'code expired'
		WHEN r.hold = '' AND greatest(l.created_at, h.counts_from) <= $2 THEN 'too old'
		WHEN l.link_id IS NULL THEN ''
		WHEN k.id IS NULL THEN 'link gone'
		WHEN k.used_at IS NOT NULL THEN 'link used'
		WHEN k.replaced_at IS NOT NULL THEN 'link replaced'
		WHEN k.revoked_at IS NOT NULL THEN 'link revoked'
		WHEN k.expires_at <= $3 THEN 'link expired'
		ELSE '' END AS why
	FROM letters l LEFT JOIN links k ON k.tenant_id = l.tenant_id AND k.id = l.link_id
		LEFT JOIN suppressions x ON x.tenant_id = l.tenant_id AND l.channel = 'email' AND x.address = ` + addressKey + `
		LEFT JOIN senders h ON h.tenant_id = l.tenant_id AND l.channel = 'email'
		CROSS JOIN LATERAL (SELECT ` + holdLetter + ` AS hold) r
	WHERE l.tenant_id = $5 AND l.id = $1 AND (l.state = 'queued' OR (l.state = 'sending' AND l.lease_until <= $3))
	FOR UPDATE OF l),
spared AS (` + spareLetter + `),
judged AS (
	SELECT id, since, CASE WHEN why <> '' OR hold <> '' OR barred IS NULL OR EXISTS (SELECT FROM spared) THEN why
		ELSE 'suppressed: ' || cause END AS why, CASE WHEN why = '' THEN hold ELSE '' END AS hold FROM due)
UPDATE letters l SET` + takeIt + `WHERE l.tenant_id = $5 AND l.id = $1 AND l.id = due.id RETURNING l.channel` + taken

const claimPlatformLetter = `WITH judged AS (
	SELECT l.id, CASE WHEN l.recipient = '' THEN 'decoy' WHEN l.created_at <= $2 THEN 'too old' ELSE '' END AS why, '' AS hold, l.created_at AS since
	FROM platform.letters l
	WHERE l.id = $1 AND (l.state = 'queued' OR (l.state = 'sending' AND l.lease_until <= $3))
	FOR UPDATE)
UPDATE platform.letters l SET` + takeIt + `WHERE l.id = $1 AND l.id = due.id RETURNING 'email'` + taken

const (
	takeIt = `
	state = CASE WHEN due.hold <> '' THEN 'queued' ELSE CASE due.why WHEN '' THEN 'sending' WHEN 'too old' THEN 'failed' ELSE 'skipped' END END,
	reason = due.why || due.hold, attempts = l.attempts + CASE due.hold WHEN '' THEN 1 ELSE 0 END,
	sealed = CASE WHEN due.why = '' THEN l.sealed END,
	lease_until = CASE WHEN due.why || due.hold = '' THEN $4::timestamptz END,
	ended_at = CASE WHEN due.why <> '' THEN $3::timestamptz END
	FROM judged due `
	taken = `, l.state, l.kind, l.lane, l.recipient, l.sealed, l.attempts, due.since, l.reason`
)

const (
	lookLetter         = `SELECT state, lane, coalesce(lease_until, created_at) FROM letters WHERE id = $1 AND tenant_id = $2`
	lookPlatformLetter = `SELECT state, lane, coalesce(lease_until, created_at) FROM platform.letters WHERE id = $1`
)

// $1 id, $2 our attempt, $3 state, $4 reason, $5 Message-ID, $6 now, $7 tenant, $8 and $9 with which sender.
const (
	endLetter         = `UPDATE letters SET sent_from = $8, sent_as = $9,` + closeIt + `AND tenant_id = $7`
	endPlatformLetter = `UPDATE platform.letters SET` + closeIt
	closeIt           = ` state = $3, reason = $4, message_id = $5,
	sealed = CASE WHEN $3 = 'queued' THEN sealed END, lease_until = NULL,
	sent_at = CASE WHEN $3 = 'sent' THEN $6::timestamptz END,
	ended_at = CASE WHEN $3 <> 'queued' THEN $6::timestamptz END
	WHERE id = $1 AND state = 'sending' AND attempts = $2 `
)

// run sends statements in the row's own transaction: the tenant's Scope, or the platform's role.
func (d desk) run(ctx context.Context, fill func(b *tenants.Batch, now time.Time, ofTenant bool)) error {
	b := &tenants.Batch{}
	if d.tenant != (tenants.ID{}) {
		return d.db.In(ctx, d.tenant, func(s *tenants.Scope) error {
			fill(b, s.Now(), true)
			return s.SendAndCommit(ctx, b)
		})
	}
	return d.db.AcrossAll(ctx, tenants.ForLetterWorker, func(a *tenants.Across) error {
		fill(b, a.Now(), false)
		return a.Send(ctx, b)
	})
}

// args adds the tenant to a statement on the tenants' table.
func (d desk) args(ofTenant bool, args ...any) []any {
	if ofTenant {
		return append(args, d.tenant)
	}
	return args
}

// claim reaches for the row; a row that is gone is ErrNotFound. wanted is the domain whose standing as a
// sender is asked for with it, nil for none.
func (d desk) claim(ctx context.Context, lease, maxAge time.Duration, wanted *string) (claimed, error) {
	var c claimed
	err := d.run(ctx, func(b *tenants.Batch, now time.Time, ofTenant bool) {
		claim, look := claimLetter, lookLetter
		if !ofTenant {
			claim, look = claimPlatformLetter, lookPlatformLetter
		}
		b.Row(&c.Ours, claim, d.args(ofTenant, d.id, now.Add(-maxAge), now, now.Add(lease)),
			&c.Channel, &c.State, &c.Kind, &c.Lane, &c.To, &c.Sealed, &c.Attempt, &c.Since, &c.Reason)
		b.Row(nil, look, d.args(ofTenant, d.id), &c.State, &c.Lane, &c.BusyUntil)
		if ofTenant && wanted != nil {
			b.Row(nil, standOfSender, []any{d.tenant, *wanted}, &c.stand.own, &c.stand.earlier, &c.stand.set)
		}
	})
	return c, err
}

// end closes our try: Sent, Failed and Skipped wipe what was sealed, Queued puts the letter back. It
// does nothing when the lease ran out and somebody else has tried since.
func (d desk) end(ctx context.Context, c claimed, to State, reason, messageID string) error {
	return d.run(ctx, func(b *tenants.Batch, now time.Time, ofTenant bool) {
		b.Exec("SET LOCAL synchronous_commit = on") // a letter that went out stays gone out, whatever fails next
		args := []any{d.id, c.Attempt, string(to), reason, messageID, now}
		if !ofTenant {
			b.Exec(endPlatformLetter, args...)
			return
		}
		b.Exec(endLetter, append(args, d.tenant, c.from, string(c.as))...)
	})
}
