package directory

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"time"

	"github.com/jackc/pgx/v5/pgconn"

	"portico/app/audit"
	"portico/tenants"
)

// ErrNotYet means that a customer is not leaving, or that their notice has not passed.
var ErrNotYet = errors.New("directory: they are not leaving, or their notice has not passed")

// removedAtOnce is how many rows one transaction removes.
const removedAtOnce = 5_000

// Departed is what is kept of a customer who left: how many rows of each table went, and when a look at all tables
// found none of theirs any more.
type Departed struct {
	ID      tenants.ID       `json:"tenant_id"`
	Slug    string           `json:"slug"`
	Removed map[string]int64 `json:"removed"` // table → rows
	BeganAt time.Time        `json:"began_at"`
	EndedAt time.Time        `json:"ended_at"` // zero: it is not over
}

// Depart removes everything of a customer whose notice has passed, piece by piece; whatever a crash leaves, the next
// call goes on with. Two at once do no harm. ErrNotYet; tenants.ErrNotFound when there is no such customer (any more).
func (d *Directory) Depart(ctx context.Context, by By, slug string) (Departed, error) {
	var id tenants.ID
	var out Departed
	err := d.DB.AcrossAll(ctx, tenants.ForStaff, func(a *tenants.Across) error {
		var leaves *time.Time
		var state tenants.State
		err := a.Row(ctx, "SELECT id, state, leaves_at FROM tenants WHERE slug = $1", []any{slug}, &id, &state, &leaves)
		if err == nil && (state != tenants.Leaving || leaves == nil || leaves.After(a.Now())) {
			err = ErrNotYet
		}
		if err != nil || d.Forget == nil {
			return err
		}
		origin, _ := d.Resolver.Address(slug, "")
		_, own, _ := strings.Cut(origin, "://")
		own, _, _ = strings.Cut(own, ":")
		hosts := []string{own}
		err = a.Each(ctx, "SELECT host FROM hosts WHERE tenant_id = $1", []any{id}, func(scan func(...any) error) error {
			var host string
			err := scan(&host)
			hosts = append(hosts, host)
			return err
		})
		if err != nil {
			return err
		}
		if d.Resolver.IsPlatform(own) {
			hosts = hosts[1:] // by path: the platform's own certificate stays
		}
		return d.Forget(ctx, a, id, hosts)
	})
	if err != nil {
		return out, err
	}
	for more := true; more; {
		err := d.DB.AcrossAll(ctx, tenants.ForMaintenance, func(a *tenants.Across) error {
			var n int
			b := &tenants.Batch{}
			b.Exec("SELECT FROM tenants WHERE id = $1 FOR UPDATE", id)
			b.Row(nil, "SELECT remove_tenant($1, $2, $3)", []any{id, a.Now(), removedAtOnce}, &n)
			b.Exec("SELECT pg_notify('portico_cache', $1)", id.String())
			err := a.Send(ctx, b)
			if refused := (*pgconn.PgError)(nil); errors.As(err, &refused) && refused.Code == "P0T01" {
				return ErrNotYet // gone already, or kept after all
			}
			if err != nil {
				return err
			}
			if more = n > 0; more {
				return nil
			}
			if out, err = departed(ctx, a, id); err != nil {
				return err
			}
			return audit.WritePlatform(ctx, a, &id, audit.Event{Kind: audit.TenantDeleted, Outcome: audit.Success, Actor: by.Actor, Reason: slug,
				Details: map[string]any{"by": by.Name, "removed": out.Removed}})
		})
		if err != nil {
			return out, err
		}
	}
	d.Resolver.Forget(id)
	return out, nil
}

func departed(ctx context.Context, a *tenants.Across, id tenants.ID) (out Departed, err error) {
	var removed json.RawMessage
	var ended *time.Time
	err = a.Row(ctx, "SELECT tenant_id, slug, removed, began_at, ended_at FROM platform.departures WHERE tenant_id = $1", []any{id},
		&out.ID, &out.Slug, &removed, &out.BeganAt, &ended)
	if err != nil {
		return out, err
	}
	if ended != nil {
		out.EndedAt = *ended
	}
	return out, json.Unmarshal(removed, &out.Removed)
}

// Caretaker does what falls due without anybody asking: it removes customers whose notice has passed, and closes
// accesses of staff that ran out (Sweep).
type Caretaker struct {
	Directory *Directory
	Sweep     func(ctx context.Context) (int, error)
	Log       *slog.Logger
	Poll      time.Duration // 0 is ten minutes

	stop context.CancelFunc
	done sync.WaitGroup
}

// Start looks after things until Stop.
func (c *Caretaker) Start(ctx context.Context) {
	if c.Poll <= 0 {
		c.Poll = 10 * time.Minute
	}
	ctx, c.stop = context.WithCancel(context.WithoutCancel(ctx))
	c.done.Go(func() {
		tick := time.NewTicker(c.Poll)
		defer tick.Stop()
		for {
			if err := c.Look(ctx); err != nil && ctx.Err() == nil {
				c.Log.WarnContext(ctx, "what fell due could not be done; it is tried again", "error", err)
			}
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
			}
		}
	})
}

// Stop ends it; what is under way stops at its next statement, and goes on where it stopped the next time.
func (c *Caretaker) Stop() {
	if c.stop != nil {
		c.stop()
		c.done.Wait()
	}
}

// Look does once what falls due now. What fails is told, and holds nothing else up.
func (c *Caretaker) Look(ctx context.Context) error {
	n, failed := c.Sweep(ctx)
	for n > 0 && failed == nil {
		n, failed = c.Sweep(ctx)
	}
	var due []string
	err := c.Directory.DB.AcrossAll(ctx, tenants.ForMaintenance, func(a *tenants.Across) error {
		return a.Each(ctx, "SELECT slug FROM tenants WHERE state = 'leaving' AND leaves_at <= $1 ORDER BY leaves_at LIMIT 1000", []any{a.Now()}, func(scan func(...any) error) error {
			var slug string
			err := scan(&slug)
			due = append(due, slug)
			return err
		})
	})
	failed = errors.Join(failed, err)
	for _, slug := range due {
		_, err := c.Directory.Depart(ctx, By{Actor: audit.System, Name: "system"}, slug)
		if errors.Is(err, tenants.ErrNotFound) || errors.Is(err, ErrNotYet) {
			continue // another instance was quicker, or they stay after all
		}
		if err != nil {
			failed = errors.Join(failed, fmt.Errorf("%s leaves: %w", slug, err))
		}
	}
	return failed
}
