package imports

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/google/uuid"

	"portico/app/audit"
	"portico/tenants"
)

// Worker does the work of imports that are due, a few at once, until it is stopped.
type Worker struct {
	Imports *Imports
	Poll    time.Duration // 0 is a second
	Most    int           // imports at once; 0 is two

	mu   sync.Mutex
	busy map[uuid.UUID]bool
	stop context.CancelFunc
	done sync.WaitGroup
}

// Start returns at once; while the database is away it goes on trying. The context only carries values.
func (w *Worker) Start(ctx context.Context) {
	if w.Poll == 0 {
		w.Poll = time.Second
	}
	if w.Most == 0 {
		w.Most = 2
	}
	w.busy = map[uuid.UUID]bool{}
	ctx, w.stop = context.WithCancel(context.WithoutCancel(ctx))
	w.done.Go(func() { w.look(ctx) })
}

// Stop takes no new work, lets the step under way finish, and gives back what is left: another instance
// goes on with it at once. When ctx ends first, the lease does that later.
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
		due, err := w.Imports.due(ctx)
		if err != nil && ctx.Err() == nil {
			w.Imports.Log.WarnContext(ctx, "imports that are due could not be read", "error", err)
		}
		for _, d := range due {
			if w.claim(d.id) {
				w.done.Go(func() {
					defer w.release(d.id)
					w.Imports.work(ctx, d.tenant, d.id)
				})
			}
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

func (w *Worker) claim(id uuid.UUID) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.busy[id] || len(w.busy) >= w.Most {
		return false
	}
	w.busy[id] = true
	return true
}

func (w *Worker) release(id uuid.UUID) {
	w.mu.Lock()
	defer w.mu.Unlock()
	delete(w.busy, id)
}

type dueImport struct {
	tenant tenants.ID
	id     uuid.UUID
}

// due finds what waits for a worker, of all tenants.
func (m *Imports) due(ctx context.Context) (all []dueImport, err error) {
	err = m.DB.AcrossAll(ctx, tenants.ForImportWorker, func(a *tenants.Across) error {
		return a.Each(ctx, "SELECT tenant_id, id FROM imports WHERE due_at <= $1 ORDER BY due_at LIMIT 20", []any{a.Now()},
			func(scan func(...any) error) error {
				var d dueImport
				err := scan(&d.tenant, &d.id)
				all = append(all, d)
				return err
			})
	})
	return all, err
}

// mostRaces is how often a chunk is tried again when somebody else changed the same people just then.
const mostRaces = 5

// work does what is due of one import, step by step, until nothing is left or ctx ends.
func (m *Imports) work(ctx context.Context, tenant tenants.ID, id uuid.UUID) {
	ctx, own := context.WithoutCancel(ctx), ctx // a step under way finishes
	if err := m.steps(ctx, own, tenant, id); err != nil && !errors.Is(err, errLost) {
		m.Log.WarnContext(ctx, "an import stopped", "tenant", tenant.String(), "import", id, "error", err)
	}
}

func (m *Imports) steps(ctx, until context.Context, tenant tenants.ID, id uuid.UUID) error {
	t, err := m.Resolver.ByID(ctx, tenant)
	if err != nil {
		return err
	}
	h, took, err := m.take(ctx, t, id)
	if err != nil || !took {
		return err
	}
	races := 0
	for {
		if until.Err() != nil {
			return h.giveBack(ctx)
		}
		limited, cancel := context.WithTimeout(ctx, lease)
		more, err := h.step(limited)
		cancel()
		reason := ""
		if err != nil {
			reason = why(err)
		}
		switch {
		case reason == "raced" && races < mostRaces:
			races++
		case reason != "":
			return errors.Join(err, h.fail(ctx, reason))
		case err != nil:
			return err // the lease runs out, and somebody tries again
		case !more:
			return nil
		default:
			races = 0
		}
		if h.t, err = m.Resolver.ByID(ctx, tenant); err != nil { // rules and roles as they are now
			return err
		}
	}
}

func (h *hold) giveBack(ctx context.Context) error {
	return h.m.DB.In(ctx, h.t.ID, func(s *tenants.Scope) error {
		_, err := s.Exec(ctx, "UPDATE imports SET holder = NULL, due_at = $4 WHERE tenant_id = $1 AND id = $2 AND holder = $3",
			s.Tenant(), h.id, h.holder, s.Now())
		return err
	})
}

// RunHere does what is due of one import in this process, for commands: it returns when nothing is left to
// do but invitations, which the instances that serve send.
func (m *Imports) RunHere(ctx context.Context, tenant tenants.ID, id uuid.UUID) error {
	ctx = audit.With(ctx, audit.Origin{Actor: audit.Operator})
	for {
		if err := m.steps(ctx, ctx, tenant, id); err != nil {
			return err
		}
		i, err := m.Get(ctx, tenant, id)
		if err != nil || !i.Moving() {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(time.Second): // an instance that serves does it
		}
	}
}
