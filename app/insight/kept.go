package insight

import (
	"context"
	"fmt"
	"time"

	"github.com/maypok86/otter/v2"

	"portico/tenants"
)

// Kept counts coverages, and keeps for a while what took long: among a million people a count takes seconds,
// and a page that is loaded again and again must not cause one each time.
type Kept struct {
	db   *tenants.DB
	slow time.Duration
	all  *otter.Cache[keptFor, kept]
}

// SlowCount is the time from which on a count is kept.
const SlowCount = 100 * time.Millisecond

const (
	mostKept  = 1_000            // tenants
	keptTimes = 50               // a count is kept fifty times as long as it took: two percent of a connection at most,
	keptLong  = 10 * time.Minute // and no longer than this
)

// keptFor is a tenant at one version of its settings: other rules count otherwise.
type keptFor struct {
	tenant  tenants.ID
	version int64
}

type kept struct {
	Coverage
	took time.Duration
}

// NewKept counts in a database. Slow is SlowCount; tests keep everything with zero.
func NewKept(db *tenants.DB, slow time.Duration) (*Kept, error) {
	all, err := otter.New(&otter.Options[keptFor, kept]{MaximumSize: mostKept,
		ExpiryCalculator: otter.ExpiryCreatingFunc(func(e otter.Entry[keptFor, kept]) time.Duration {
			return min(max(keptTimes*e.Value.took, time.Second), keptLong)
		})})
	if err != nil {
		return nil, fmt.Errorf("kept coverages: %w", err)
	}
	return &Kept{db: db, slow: slow, all: all}, nil
}

// Coverage counts (CoverageOf), or answers what was counted lately and when: the zero time for what was
// counted just now. Of many who ask at once one counts.
func (k *Kept) Coverage(ctx context.Context, t *tenants.Tenant) (Coverage, time.Time, error) {
	key := keptFor{t.ID, t.Version}
	c, err := k.all.Get(ctx, key, otter.LoaderFunc[keptFor, kept](func(ctx context.Context, _ keptFor) (kept, error) {
		var c kept
		began := time.Now()
		err := k.db.In(ctx, t.ID, func(s *tenants.Scope) (err error) {
			c.Coverage, err = CoverageOf(ctx, s, t)
			c.At = s.Now()
			return err
		})
		c.took = time.Since(began)
		return c, err
	}))
	if err != nil {
		return Coverage{}, time.Time{}, err
	}
	if c.took < k.slow {
		k.all.Invalidate(key)
		return c.Coverage, time.Time{}, nil
	}
	return c.Coverage, c.At, nil
}
