package domains

import (
	"context"
	"sync"
	"time"

	"portico/tenants"
)

// Worker checks claims when they are due, on as many instances as there are: whoever takes a claim holds it for
// a lease, so that what a killed process held is taken again two minutes later.
type Worker struct {
	Domains *Domains
	Poll    time.Duration // 0 is five seconds
	Most    int           // checks at once; 0 is eight

	mu     sync.Mutex
	busy   int
	tidied time.Time
	stop   context.CancelFunc
	done   sync.WaitGroup
}

// Start returns at once; while the database or DNS is away it goes on trying. The context only carries values.
func (w *Worker) Start(ctx context.Context) {
	if w.Poll == 0 {
		w.Poll = 5 * time.Second
	}
	if w.Most == 0 {
		w.Most = 8
	}
	ctx, w.stop = context.WithCancel(context.WithoutCancel(ctx))
	w.done.Go(func() { w.look(ctx) })
}

// Stop takes no new work and waits for the checks under way; when ctx ends first, their leases run out later.
func (w *Worker) Stop(ctx context.Context) error {
	if w.stop == nil {
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

func (w *Worker) look(ctx context.Context) {
	tick := time.NewTicker(w.Poll)
	defer tick.Stop()
	for {
		w.mu.Lock()
		free := w.Most - w.busy
		w.mu.Unlock()
		jobs, err := w.Domains.take(ctx, free)
		if err != nil && ctx.Err() == nil {
			w.Domains.Log.WarnContext(ctx, "hosts that are due could not be read", "error", err)
		}
		for _, j := range jobs {
			w.count(1)
			w.done.Go(func() {
				defer w.count(-1)
				w.check(ctx, j)
			})
		}
		w.tidy(ctx)
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

func (w *Worker) count(by int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.busy += by
}

// check finishes what it began: a stop waits for it, bounded by its lease.
func (w *Worker) check(ctx context.Context, j job) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), lease)
	defer cancel()
	if err := w.Domains.work(ctx, j); err != nil {
		w.Domains.Log.WarnContext(ctx, "a host could not be checked", "tenant", j.tenant.String(), "host", j.host, "error", err)
	}
}

// take claims checks that are due, at most n, each of them for one process alone.
func (d *Domains) take(ctx context.Context, n int) (jobs []job, err error) {
	if n < 1 {
		return nil, nil
	}
	err = d.DB.AcrossAll(ctx, tenants.ForAddresses, func(a *tenants.Across) error {
		return a.Each(ctx, `UPDATE hosts SET round = round + 1, tried_at = $1, due_at = $2 WHERE (tenant_id, host) IN
			(SELECT tenant_id, host FROM hosts WHERE due_at <= $1 ORDER BY due_at LIMIT $3 FOR UPDATE SKIP LOCKED)
			RETURNING tenant_id, host, challenge, round`, []any{a.Now(), a.Now().Add(lease), n}, func(scan func(...any) error) error {
			var j job
			err := scan(&j.tenant, &j.host, &j.challenge, &j.round)
			jobs = append(jobs, j)
			return err
		})
	})
	return jobs, err
}

// tidy removes shared links a week after their end, hourly.
func (w *Worker) tidy(ctx context.Context) {
	now := w.Domains.DB.Clock().Now()
	if now.Sub(w.tidied) < time.Hour {
		return
	}
	w.tidied = now
	if err := w.Domains.removeShares(ctx, now.Add(-7*24*time.Hour)); err != nil && ctx.Err() == nil {
		w.Domains.Log.WarnContext(ctx, "shared links that ended could not be removed", "error", err)
	}
}
