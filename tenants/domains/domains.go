package domains

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"portico/tenants"
)

// Domains does the work of this package; its fields are its needs.
type Domains struct {
	DB     *tenants.DB
	Zones  Zones
	Looker Looker
	Log    *slog.Logger

	// Mail tells what a tenant's sender needs in DNS; nil is nothing, for anybody.
	Mail func(ctx context.Context, tenant tenants.ID) (Mail, error)
	// Note writes down what happened in the tenant's audit, in the same transaction; nil notes nothing.
	Note func(ctx context.Context, s *tenants.Scope, e Event) error
	// Forget tells this instance's own caches at once; the others hear of it by tenants.Touch. nil waits for that, too.
	Forget func(tenants.ID)
	// Served hears of hosts that serve from now on, after the commit; nil hears nothing. It must not wait.
	Served func(ctx context.Context, host string)
}

// Event is something that happened to a tenant's addresses.
type Event struct {
	Kind    string // EventClaimed …
	Reason  string // a short code
	Host    string
	Details map[string]any
}

// Kinds of events.
const (
	EventClaimed   = "host.claimed"
	EventVerified  = "host.verified"
	EventMissing   = "host.proof_missing" // the grace time begins
	EventFound     = "host.proof_found"   // it is there again, in time
	EventLost      = "host.lost"
	EventReleased  = "host.released"
	EventCanonical = "host.canonical"
	EventShared    = "dns.shared"
	EventUnshared  = "dns.share_ended"
)

// Times of checks.
const (
	// Grace is how long a host goes on serving whose proof is not in DNS any more: a weekend with its Monday, so
	// that a slip in somebody's zone is mended by people who are at work; and short, since an alias that still
	// leads here after its owner has left is what take-overs are made of.
	Grace = 72 * time.Hour

	onceVerified = 24 * time.Hour
	whileMissing = time.Hour
	firstWait    = time.Minute // of a claim that waits for its proof; then twice as long each time
	longestWait  = 6 * time.Hour
	outageWait   = 5 * time.Minute
	longestOut   = time.Hour
	giveUpAfter  = 30 * 24 * time.Hour // then a claim is looked at only when somebody asks
	lease        = 2 * time.Minute     // of one check; longer than all its questions together may take
)

// mostHosts bounds the claims of one tenant.
const mostHosts = 20

// Standing is how a claim stands.
type Standing string

// The standings of a claim. Verified, Trusted and Losing serve.
const (
	Pending  Standing = "pending"
	Verified Standing = "verified"
	Trusted  Standing = "trusted" // by the operator's word; DNS was never asked for, or never showed it
	Losing   Standing = "losing"  // verified, and the proof is missing since MissingSince
	Lost     Standing = "lost"    // stopped serving; it comes back with its proof
)

// Host is one claim of a tenant.
type Host struct {
	Name      string // as DNS has it: xn--…
	Shown     string // as people read it; Name where that is the same
	Standing  Standing
	Canonical bool
	Moved     bool // sends people on to the canonical host
	Challenge string

	CreatedAt, VerifiedAt, ProvedAt, MissingSince, LostAt, CheckedAt, TriedAt, DueAt time.Time // zero: never
}

// Serves tells whether people get the tenant's pages there.
func (h Host) Serves() bool { return !h.VerifiedAt.IsZero() }

// EndsAt is when a host whose proof is missing stops serving; zero for any other.
func (h Host) EndsAt() time.Time {
	if h.Standing != Losing {
		return time.Time{}
	}
	return h.MissingSince.Add(Grace)
}

const hostColumns = `h.host, h.challenge, h.created_at, h.verified_at, h.proved_at, h.missing_since, h.lost_at, h.checked_at, h.tried_at,
	h.due_at, h.moved_at IS NOT NULL, t.canonical_host = h.host AND h.verified_at IS NOT NULL`

func scanHost(scan func(...any) error) (Host, error) {
	var h Host
	var verified, proved, missing, lost, checked, tried, due *time.Time
	err := scan(&h.Name, &h.Challenge, &h.CreatedAt, &verified, &proved, &missing, &lost, &checked, &tried, &due, &h.Moved, &h.Canonical)
	for into, at := range map[*time.Time]*time.Time{&h.VerifiedAt: verified, &h.ProvedAt: proved, &h.MissingSince: missing,
		&h.LostAt: lost, &h.CheckedAt: checked, &h.TriedAt: tried, &h.DueAt: due} {
		if at != nil {
			*into = *at
		}
	}
	h.Shown, h.Standing = Shown(h.Name), h.standing()
	return h, err
}

func (h Host) standing() Standing {
	switch {
	case !h.VerifiedAt.IsZero() && h.ProvedAt.IsZero():
		return Trusted
	case !h.VerifiedAt.IsZero() && !h.MissingSince.IsZero():
		return Losing
	case !h.VerifiedAt.IsZero():
		return Verified
	case !h.LostAt.IsZero():
		return Lost
	}
	return Pending
}

// Hosts lists a tenant's claims by name.
func (d *Domains) Hosts(ctx context.Context, tenant tenants.ID) (all []Host, err error) {
	err = d.DB.AcrossAll(ctx, tenants.ForAddresses, func(a *tenants.Across) error {
		return a.Each(ctx, "SELECT "+hostColumns+" FROM hosts h JOIN tenants t ON t.id = h.tenant_id WHERE h.tenant_id = $1 ORDER BY h.host",
			[]any{tenant}, func(scan func(...any) error) error {
				h, err := scanHost(scan)
				all = append(all, h)
				return err
			})
	})
	return all, err
}

// Host reads one claim; ErrNoClaim when there is none.
func (d *Domains) Host(ctx context.Context, tenant tenants.ID, name string) (h Host, err error) {
	err = d.DB.AcrossAll(ctx, tenants.ForAddresses, func(a *tenants.Across) error {
		h, err = readHost(ctx, a, tenant, name)
		return err
	})
	return h, err
}

func readHost(ctx context.Context, a *tenants.Across, tenant tenants.ID, name string) (h Host, err error) {
	found := false
	err = a.Each(ctx, "SELECT "+hostColumns+" FROM hosts h JOIN tenants t ON t.id = h.tenant_id WHERE h.tenant_id = $1 AND h.host = $2",
		[]any{tenant, name}, func(scan func(...any) error) error {
			found = true
			h, err = scanHost(scan)
			return err
		})
	if err == nil && !found {
		err = ErrNoClaim
	}
	return h, err
}

// Tenant finds a tenant by its slug; tenants.ErrNotFound.
func (d *Domains) Tenant(ctx context.Context, slug string) (id tenants.ID, err error) {
	err = d.DB.AcrossAll(ctx, tenants.ForAddresses, func(a *tenants.Across) error {
		return a.Row(ctx, "SELECT id FROM tenants WHERE slug = $1", []any{slug}, &id)
	})
	return id, err
}

func (d *Domains) note(ctx context.Context, a *tenants.Across, tenant tenants.ID, events ...Event) error {
	if d.Note == nil || len(events) == 0 {
		return nil
	}
	return a.In(ctx, tenant, func(s *tenants.Scope) error {
		var failed []error
		for _, e := range events {
			failed = append(failed, d.Note(ctx, s, e))
		}
		return errors.Join(failed...)
	})
}

func (d *Domains) forget(all ...tenants.ID) {
	if d.Forget == nil {
		return
	}
	for _, id := range all {
		d.Forget(id)
	}
}
