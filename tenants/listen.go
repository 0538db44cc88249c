package tenants

import (
	"context"
	"errors"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// Listen keeps the caches true until ctx ends: notices of other instances through LISTEN on a
// connection of its own, everything dropped after a reconnect, and a poll of the kept tenants'
// versions every 30 seconds that heals what was missed. onForget hears each tenant that was dropped
// (the zero ID is all of them).
func (r *Resolver) Listen(ctx context.Context, onForget func(ID)) {
	forget := func(id ID) {
		if id == (ID{}) {
			r.ForgetAll()
		} else {
			r.Forget(id)
		}
		onForget(id)
	}
	wait := 100 * time.Millisecond
	for ctx.Err() == nil {
		started := time.Now()
		err := r.listenOnce(ctx, forget)
		if ctx.Err() != nil {
			return
		}
		r.db.log.WarnContext(ctx, "listening for changes was interrupted", "error", hidePassword(err.Error()))
		if time.Since(started) > 10*time.Second {
			wait = 100 * time.Millisecond
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(wait):
		}
		wait = min(2*wait, 5*time.Second)
	}
}

func (r *Resolver) listenOnce(ctx context.Context, forget func(ID)) error {
	conn, err := pgx.Connect(ctx, r.db.direct)
	if err != nil {
		return err
	}
	defer func() {
		closing, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
		defer cancel()
		_ = conn.Close(closing)
	}()
	if _, err := conn.Exec(ctx, "LISTEN "+cacheChannel); err != nil {
		return err
	}
	forget(ID{}) // whatever was said before we listened is unknown
	for {
		waiting, cancel := context.WithTimeout(ctx, pollEvery)
		notice, err := conn.WaitForNotification(waiting)
		cancel()
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case errors.Is(err, context.DeadlineExceeded) && !conn.IsClosed():
			if err := r.heal(ctx, forget); err != nil {
				return err
			}
		case err != nil:
			return err
		default:
			if id, err := uuid.Parse(notice.Payload); err == nil {
				forget(id)
			}
		}
	}
}

// heal compares the versions of the kept tenants with the directory's; those that are gone from it go.
func (r *Resolver) heal(ctx context.Context, forget func(ID)) error {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	kept := map[ID]int64{}
	var ids []ID
	for id, t := range r.tenants.All() {
		kept[id] = t.Version
		ids = append(ids, id)
	}
	if len(ids) == 0 {
		return nil
	}
	err := r.db.AcrossAll(ctx, ForHostLookUp, func(a *Across) error {
		return a.Each(ctx, "SELECT id, version FROM tenants WHERE id = ANY($1)", []any{ids},
			func(scan func(...any) error) error {
				var id ID
				var version int64
				err := scan(&id, &version)
				if kept[id] == version {
					delete(kept, id)
				}
				return err
			})
	})
	if err != nil {
		return err
	}
	for id := range kept {
		forget(id)
	}
	return nil
}
