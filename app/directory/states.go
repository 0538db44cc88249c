package directory

import (
	"context"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"portico/app/audit"
	"portico/tenants"
)

// Notice is how long a customer who leaves can still change their mind and take their data out before it goes:
// thirty days, as contracts commonly have it.
const Notice = 30 * 24 * time.Hour

// follows are the states that may follow on each.
var follows = map[tenants.State][]tenants.State{
	tenants.Draft:     {tenants.Live, tenants.Leaving},
	tenants.Live:      {tenants.Suspended, tenants.Leaving},
	tenants.Suspended: {tenants.Live, tenants.Leaving},
	tenants.Leaving:   {tenants.Suspended},
}

// Follows lists the states that may follow on one.
func Follows(from tenants.State) []tenants.State { return slices.Clone(follows[from]) }

var stateKinds = map[tenants.State]audit.Kind{
	tenants.Live: audit.TenantLive, tenants.Suspended: audit.TenantSuspended, tenants.Leaving: audit.TenantLeaving,
}

// sessionsAtOnce is how many sessions one transaction ends.
const sessionsAtOnce = 5_000

// SetState moves a customer to another state, with the reason for the audit of the platform and of the customer.
// Anything but live closes the door at once on every instance, and ends every session: opening again later signs
// nobody in. The first day invites the administrators who wait for it. One that leaves may be purged Notice later. ErrState, ErrReason, tenants.ErrNotFound; ErrNotReady
// for a draft whose steps are not done.
func (d *Directory) SetState(ctx context.Context, by By, slug string, to tenants.State, reason string) error {
	reason = strings.TrimSpace(reason)
	if n := utf8.RuneCountInString(reason); to != tenants.Live && (n < 3 || n > 500) {
		return ErrReason
	}
	t, err := d.tenant(ctx, slug)
	if err != nil {
		return err
	}
	ctx = as(ctx, by)
	var id tenants.ID
	err = d.DB.AcrossAll(ctx, tenants.ForStaff, func(a *tenants.Across) error {
		var from tenants.State
		var err error
		if id, from, err = idOf(ctx, a, slug); err != nil {
			return err
		}
		var leaves *time.Time
		if err := a.Row(ctx, "SELECT leaves_at FROM tenants WHERE id = $1", []any{id}, &leaves); err != nil {
			return err
		}
		if !slices.Contains(follows[from], to) {
			return ErrState
		}
		if from == tenants.Leaving && leaves != nil && !a.Now().Before(*leaves) {
			return ErrState // what is going cannot be kept any more
		}
		if from == tenants.Draft && to == tenants.Live {
			if err := d.ready(ctx, a, id); err != nil {
				return err
			}
		}
		if err := d.move(ctx, a, by, id, from, to, reason); err != nil || from != tenants.Draft || to != tenants.Live {
			return err
		}
		return a.In(ctx, id, func(s *tenants.Scope) error { return d.inviteAdmins(ctx, s, t, by) })
	})
	if err != nil {
		return err
	}
	d.Resolver.Forget(id)
	if to == tenants.Live {
		return nil
	}
	return d.endSessions(ctx, id)
}

// move writes the new state, and why, on both sides of the wall.
func (d *Directory) move(ctx context.Context, a *tenants.Across, by By, id tenants.ID, from, to tenants.State, reason string) error {
	var leaves *time.Time
	if to == tenants.Leaving {
		at := a.Now().Add(Notice)
		leaves = &at
	}
	if _, err := a.Exec(ctx, "UPDATE tenants SET state = $2, leaves_at = $3, updated_at = $4 WHERE id = $1", id, string(to), leaves, a.Now()); err != nil {
		return err
	}
	kind := stateKinds[to]
	if from == tenants.Suspended && to == tenants.Live {
		kind = audit.TenantResumed
	}
	e := audit.Event{Kind: kind, Outcome: audit.Success, Actor: by.Actor, Reason: reason,
		Details: map[string]any{"by": by.Name, "before": from, "after": to}}
	if err := audit.WritePlatform(ctx, a, &id, e); err != nil {
		return err
	}
	if err := a.In(ctx, id, func(s *tenants.Scope) error { return audit.Write(ctx, s, e) }); err != nil {
		return err
	}
	return tenants.Touch(ctx, a, id)
}

// endSessions ends all sessions of a closed customer, in pieces: the door is shut already, and a session that a
// crash in between leaves opens nothing while it is; it ends with its own time.
func (d *Directory) endSessions(ctx context.Context, id tenants.ID) error {
	for {
		var n int64
		err := d.DB.In(ctx, id, func(s *tenants.Scope) (err error) {
			n, err = s.Exec(ctx, `UPDATE sessions SET ended_at = $2, ended_reason = 'closed' WHERE tenant_id = $1 AND id_hash IN
				(SELECT id_hash FROM sessions WHERE tenant_id = $1 AND ended_at IS NULL AND ends_at > $2 LIMIT $3 FOR UPDATE SKIP LOCKED)`,
				s.Tenant(), s.Now(), sessionsAtOnce)
			return err
		})
		if err != nil || n == 0 {
			return err
		}
	}
}
