package senders

import (
	"context"
	"errors"
	"sync"
	"time"

	"portico/app/audit"
	"portico/tenants"
)

// Worker does what is due about senders, on one of all instances at a time.
type Worker struct {
	Senders *Senders
	Poll    time.Duration // between two looks at what is due; 0 is two seconds

	stop context.CancelFunc
	done sync.WaitGroup
}

// Start returns at once; while the database is away it goes on trying. The context only carries values.
func (w *Worker) Start(ctx context.Context) {
	if w.Poll == 0 {
		w.Poll = 2 * time.Second
	}
	ctx = audit.With(context.WithoutCancel(ctx), audit.Origin{Actor: audit.System})
	ctx, w.stop = context.WithCancel(ctx)
	w.done.Go(func() { w.run(ctx) })
}

// Stop ends the step under way and gives the work to another instance. What was asked of SES is asked again,
// which changes nothing there.
func (w *Worker) Stop(ctx context.Context) error {
	if w == nil || w.stop == nil {
		return nil
	}
	w.stop()
	ended := make(chan struct{})
	go func() { w.done.Wait(); close(ended) }()
	select {
	case <-ended:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (w *Worker) run(ctx context.Context) {
	l := lease{x: w.Senders, holder: tenants.NewID()}
	defer func() {
		last, cancel := context.WithTimeout(context.WithoutCancel(ctx), 2*time.Second)
		defer cancel()
		_ = l.leave(last) // else the lease runs out
	}()
	tick := time.NewTicker(w.Poll)
	defer tick.Stop()
	for {
		if err := w.Senders.round(ctx, l); err != nil && ctx.Err() == nil && !errors.Is(err, errLost) {
			w.Senders.Log.WarnContext(ctx, "the senders' work stopped for now", "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// round does what is due, when no other instance does.
func (x *Senders) round(ctx context.Context, l lease) error {
	took, err := l.take(ctx)
	if err != nil || !took {
		return err
	}
	return errors.Join(x.followChanged(ctx, l), x.lookAll(ctx, l), x.advance(ctx, l))
}

// advance takes domains a step on: first those that people wait for.
func (x *Senders) advance(ctx context.Context, l lease) error {
	if err := x.proveAll(ctx, l); err != nil || x.SES == nil {
		return err
	}
	for range asksAtOnce { // between two looks, or many new ones would keep those that wait from being seen
		asked, err := x.due(ctx, 1, Asking)
		if err != nil || len(asked) == 0 {
			break
		}
		if err := x.ask(ctx, l, asked[0]); err != nil {
			if stops(ctx, err) {
				return err
			}
			x.skip(ctx, asked[0], err)
		}
	}
	waiting, err := x.due(ctx, pollMost, Pending, Verified, Lost)
	if err != nil || len(waiting) == 0 {
		return err
	}
	return x.poll(ctx, l, waiting)
}

const (
	asksAtOnce   = 5
	provesAtOnce = 20 // each may cost a DNS that is silent its whole time
	mostSilences = 3  // in a row, after which DNS is left alone for this round
)

// proveAll looks for the proofs of domains that people wait for, a few a round.
func (x *Senders) proveAll(ctx context.Context, l lease) error {
	claimed, err := x.due(ctx, provesAtOnce, Claimed)
	if err != nil {
		return err
	}
	silences := 0
	for _, d := range claimed {
		if err := l.hold(ctx); err != nil {
			return err
		}
		if silences == mostSilences { // taken for a few minutes; then they are due again
			return nil
		}
		answered, err := x.prove(ctx, d)
		if err != nil {
			if stops(ctx, err) {
				return err
			}
			x.skip(ctx, d, err)
		}
		if silences++; answered {
			silences = 0
		}
	}
	return nil
}

// skip leaves a row for later: taking it has moved it on by a few minutes.
func (x *Senders) skip(ctx context.Context, d dueDomain, err error) {
	x.Log.WarnContext(ctx, "a sender's domain could not be looked at", "tenant", d.tenant, "domain", d.Name, "error", err)
}

// followChanged looks at the tenants whose settings changed since the last look, in the order of their
// changes; a little of it twice, since commits come late.
func (x *Senders) followChanged(ctx context.Context, l lease) error {
	const most, late = 500, 2 * time.Minute
	var ids []tenants.ID
	var last time.Time
	var lastID tenants.ID
	err := x.DB.AcrossAll(ctx, tenants.ForSenderWorker, func(a *tenants.Across) error {
		return a.Each(ctx, `SELECT t.id, t.updated_at FROM tenants t, platform.sender_work w
			WHERE w.seen_until IS NULL OR (t.updated_at, t.id) > (w.seen_until, w.seen_id) ORDER BY t.updated_at, t.id LIMIT $1`,
			[]any{most}, func(scan func(...any) error) error {
				err := scan(&lastID, &last)
				ids = append(ids, lastID)
				return err
			})
	})
	if err != nil || len(ids) == 0 {
		return err
	}
	for _, id := range ids {
		if err := x.followOne(ctx, id); err != nil {
			return err
		}
	}
	if ago := x.DB.Clock().Now().Add(-late); len(ids) < most && last.After(ago) { // up to now
		last, lastID = ago, tenants.ID{}
	}
	return x.DB.AcrossAll(ctx, tenants.ForSenderWorker, func(a *tenants.Across) error {
		n, err := a.Exec(ctx, "UPDATE platform.sender_work SET seen_until = $2, seen_id = $3 WHERE holder = $1", l.holder, last, lastID)
		if err == nil && n == 0 {
			return errLost
		}
		return err
	})
}

func (x *Senders) followOne(ctx context.Context, id tenants.ID) error {
	t, err := x.Resolver.ByID(ctx, id)
	switch {
	case errors.Is(err, tenants.ErrNoTenant):
		return nil
	case errors.Is(err, tenants.ErrUnavailable):
		return err
	case err != nil: // its settings do not hold; the others' do
		x.Log.WarnContext(ctx, "a tenant's sender could not be followed", "tenant", id, "error", err)
		return nil
	}
	if err := x.Follow(ctx, t); err != nil {
		if stops(ctx, err) {
			return err
		}
		x.Log.WarnContext(ctx, "a tenant's sender could not be followed", "tenant", id, "error", err)
	}
	return nil
}

// stops tells whether an error ends the round: the lease, the database or the time are gone. Any other is one
// row's, and must not keep all others from being looked at.
func stops(ctx context.Context, err error) bool {
	return ctx.Err() != nil || errors.Is(err, errLost) || errors.Is(err, tenants.ErrUnavailable)
}
