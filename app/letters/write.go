package letters

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/google/uuid"

	"portico/tenants"
)

// sealPurpose names the key that letters are sealed with.
const sealPurpose = "letter"

// jobKind is River's name for our jobs; maxAttempts is out of reach, since a letter's own age ends it.
const (
	jobKind     = "letter"
	maxAttempts = 1000
)

// job is all that River's rows hold. The zero tenant is the platform.
type job struct {
	Tenant tenants.ID `json:"tenant_id"`
	Letter uuid.UUID  `json:"letter_id"`
	// Channel lets a worker see, before it claims the letter, whether its carrier is resting; "" is Email.
	Channel Channel `json:"channel,omitempty"`
}

// Kind is River's name for the job.
func (job) Kind() string { return jobKind }

// insertJob is the second half of writing a letter: the row that River's own insert makes, without
// its NOTIFY, which would put all commits of the cluster in one line (PostgreSQL takes a database-wide
// lock for it). The workers poll. A test holds its columns against River's.
const insertJob = ` INSERT INTO river.river_job
	(args, created_at, kind, max_attempts, metadata, priority, queue, scheduled_at, state, tags)
	SELECT $%d::jsonb, $%d::timestamptz, '` + jobKind + `', 1000, '{}', 1, $%d::text, $%d::timestamptz, 'available', '{}' FROM written`

var insertLetter = `WITH written AS (INSERT INTO letters
	(tenant_id, id, kind, lane, channel, recipient, account_id, link_id, event, state, sealed, created_at, expires_at)
	VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 'queued', $10, $11, $12)
	ON CONFLICT (tenant_id, kind, event, recipient) DO NOTHING RETURNING 1)` + fmt.Sprintf(insertJob, 13, 14, 15, 16)

var insertPlatformLetter = `WITH written AS (INSERT INTO platform.letters
	(id, kind, lane, recipient, event, state, sealed, created_at)
	VALUES ($1, $2, $3, $4, $5, 'queued', $6, $7)
	ON CONFLICT (kind, event, recipient) DO NOTHING RETURNING 1)` + fmt.Sprintf(insertJob, 8, 9, 10, 11)

// Add puts a letter and its job into the caller's batch, as one statement: it is sent if and only if
// the caller's transaction commits. The id is the letter's; a letter that stands already for the same
// (kind, event, recipient) makes the statement do nothing, and the id then names no row.
func (o *Outbox) Add(b *tenants.Batch, s *tenants.Scope, d Draft) (uuid.UUID, error) {
	p, err := o.prepare(s.Tenant(), d)
	if err != nil {
		return uuid.UUID{}, err
	}
	b.Exec(insertLetter, s.Tenant(), p.id, p.kind, string(p.lane), string(p.channel), d.To, d.AccountID, d.LinkID,
		d.Event, p.sealed, s.Now(), p.expires,
		p.args, p.created, p.lane.queue(), p.turn)
	return p.id, nil
}

// Write is Add in a round trip of its own within the scope.
func (o *Outbox) Write(ctx context.Context, s *tenants.Scope, d Draft) (uuid.UUID, error) {
	b := &tenants.Batch{}
	id, err := o.Add(b, s, d)
	if err != nil {
		return id, err
	}
	return id, s.Send(ctx, b)
}

// AddPlatform is Add for a letter that no tenant sends; AccountID, LinkID, Channel and ExpiresAt have no
// place there.
func (o *Outbox) AddPlatform(b *tenants.Batch, a *tenants.Across, d Draft) (uuid.UUID, error) {
	p, err := o.prepare(tenants.ID{}, d)
	if err != nil {
		return uuid.UUID{}, err
	}
	b.Exec(insertPlatformLetter, p.id, p.kind, string(p.lane), d.To, d.Event, p.sealed, a.Now(),
		p.args, p.created, p.lane.queue(), p.turn)
	return p.id, nil
}

// prepared is a draft ready to insert.
type prepared struct {
	id      uuid.UUID
	kind    string
	lane    Lane
	channel Channel
	expires *time.Time // nil for none
	sealed  []byte
	args    string
	created time.Time // real time, as River counts
	turn    time.Time
}

func (o *Outbox) prepare(tenant tenants.ID, d Draft) (prepared, error) {
	if d.Letter == nil || d.Event == "" {
		return prepared{}, fmt.Errorf("%w: a draft needs a letter and an event", ErrNoLetter)
	}
	p := prepared{id: tenants.NewID(), kind: d.Letter.Template(), lane: cmp.Or(d.Lane, Notice), channel: cmp.Or(d.Channel, Email)}
	if !d.ExpiresAt.IsZero() {
		p.expires = &d.ExpiresAt
	}
	plain, err := encode(d.Letter, d.Locale)
	if err != nil {
		return prepared{}, err
	}
	j := job{Tenant: tenant, Letter: p.id}
	if p.channel != Email {
		j.Channel = p.channel
	}
	args, err := json.Marshal(j)
	if err != nil {
		return prepared{}, err
	}
	p.args = string(args)
	p.sealed = o.Keys.Seal(sealPurpose, tenant, p.id.String(), plain)
	p.created = time.Now().UTC()
	if p.turn = p.created.Add(d.Delay); d.Delay <= 0 {
		p.turn = o.turns.next(p.lane, tenant, p.created)
	} // else it gets its place in line once its time has come
	o.counts.add(p.lane, Queued)
	return p, nil
}
