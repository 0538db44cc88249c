package migrations_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"portico/tenants/tenantstest"
)

var (
	noon    = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	tenantA = "0193b0c0-0000-7000-8000-00000000000a"
	tenantB = "0193b0c0-0000-7000-8000-00000000000b"
)

// counter asks the limits of one tenant (or, with an empty tenant, of the platform) in transactions
// of their own.
type counter struct {
	pool   *pgxpool.Pool
	tenant string
}

type limit struct {
	key    string
	limit  int
	window time.Duration
	block  time.Duration
}

func counters(t *testing.T, db tenantstest.DB) *pgxpool.Pool {
	t.Helper()
	pool, err := pgxpool.New(t.Context(), db.AppURL)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	return pool
}

func (c counter) in(ctx context.Context, work func(pgx.Tx) error) error {
	return pgx.BeginFunc(ctx, c.pool, func(tx pgx.Tx) error {
		enter, argument := `SELECT set_config('app.tenant', $1, true)`, c.tenant
		if c.tenant == "" {
			enter, argument = `SELECT set_config('role', $1, true), set_config('search_path', 'platform', true)`, "portico_platform"
		}
		if _, err := tx.Exec(ctx, enter, argument); err != nil {
			return err
		}
		return work(tx)
	})
}

func (c counter) take(ctx context.Context, now time.Time, cost int, asked ...limit) (allowed bool, retry time.Time, err error) {
	var keys [][]byte
	var limits []int
	var windows, blocks []time.Duration
	for _, l := range asked {
		keys, limits = append(keys, []byte(l.key)), append(limits, l.limit)
		windows, blocks = append(windows, l.window), append(blocks, l.block)
	}
	err = c.in(ctx, func(tx pgx.Tx) error {
		var at *time.Time
		err := tx.QueryRow(ctx, `SELECT allowed, retry_at FROM take_limits($1, $2, $3, $4, $5, $6)`,
			now, keys, limits, windows, blocks, cost).Scan(&allowed, &at)
		if at != nil {
			retry = at.UTC()
		}
		return err
	})
	return allowed, retry, err
}

func (c counter) giveBack(ctx context.Context, key string) error {
	return c.in(ctx, func(tx pgx.Tx) error {
		_, err := tx.Exec(ctx, `SELECT give_back($1)`, [][]byte{[]byte(key)})
		return err
	})
}

func (c counter) expect(t *testing.T, what string, now time.Time, cost int, want bool, until time.Time, asked ...limit) {
	t.Helper()
	allowed, retry, err := c.take(t.Context(), now, cost, asked...)
	if err != nil {
		t.Fatalf("%s: %v", what, err)
	}
	if allowed != want || !retry.Equal(until) {
		t.Errorf("%s: allowed %v, again at %v; want %v, %v", what, allowed, retry, want, until)
	}
}

// bothCounters runs a test on a tenant's counters and on the platform's twins.
func bothCounters(t *testing.T, test func(*testing.T, counter)) {
	pool := counters(t, tenantstest.Database(t))
	for name, tenant := range map[string]string{"tenant": tenantA, "platform": ""} {
		t.Run(name, func(t *testing.T) { test(t, counter{pool, tenant}) })
	}
}

func TestWindowBeginsWithItsFirstEventAndEnds(t *testing.T) {
	t.Parallel()
	bothCounters(t, func(t *testing.T, c counter) {
		l := limit{key: "k", limit: 2, window: time.Minute}
		end := noon.Add(time.Minute)
		c.expect(t, "first", noon, 1, true, time.Time{}, l)
		c.expect(t, "second", noon.Add(50*time.Second), 1, true, time.Time{}, l)
		c.expect(t, "third", noon.Add(59*time.Second), 1, false, end, l)
		c.expect(t, "after the window", end, 1, true, time.Time{}, l)
		c.expect(t, "the new window's second", end.Add(time.Second), 1, true, time.Time{}, l)
		c.expect(t, "the new window's third", end.Add(2*time.Second), 1, false, end.Add(time.Minute), l)
	})
}

func TestFullWindowBlocks(t *testing.T) {
	t.Parallel()
	bothCounters(t, func(t *testing.T, c counter) {
		l := limit{key: "k", limit: 1, window: time.Minute, block: time.Hour}
		c.expect(t, "first", noon, 1, true, time.Time{}, l)
		c.expect(t, "a look at the full window", noon.Add(time.Second), 0, false, noon.Add(time.Second+time.Hour), l)
		blocked := noon.Add(10*time.Second + time.Hour)
		c.expect(t, "second", noon.Add(10*time.Second), 1, false, blocked, l)
		c.expect(t, "the block is not prolonged", noon.Add(30*time.Minute), 1, false, blocked, l)
		c.expect(t, "after the block a fresh window", blocked, 1, true, time.Time{}, l)
		c.expect(t, "and its second", blocked.Add(time.Second), 1, false, blocked.Add(time.Second+time.Hour), l)
	})
}

func TestBlockShorterThanItsWindowLetsGo(t *testing.T) {
	t.Parallel()
	bothCounters(t, func(t *testing.T, c counter) {
		l := limit{key: "k", limit: 1, window: time.Hour, block: time.Minute}
		c.expect(t, "first", noon, 1, true, time.Time{}, l)
		c.expect(t, "second", noon, 1, false, noon.Add(time.Minute), l)
		c.expect(t, "after the block", noon.Add(time.Minute), 1, true, time.Time{}, l)
	})
}

func TestEventCountsEverywhereOrNowhere(t *testing.T) {
	t.Parallel()
	bothCounters(t, func(t *testing.T, c counter) {
		wide := limit{key: "a wide", limit: 2, window: time.Hour}
		narrow := limit{key: "b narrow", limit: 1, window: time.Minute}
		c.expect(t, "both free", noon, 1, true, time.Time{}, wide, narrow)
		for range 3 {
			c.expect(t, "narrow is full", noon.Add(time.Second), 1, false, noon.Add(time.Minute), narrow, wide)
		}
		c.expect(t, "wide was not used up", noon.Add(2*time.Second), 1, true, time.Time{}, wide)
		c.expect(t, "now it is: the latest end counts", noon.Add(3*time.Second), 1, false, noon.Add(time.Hour), narrow, wide)
	})
}

func TestPeekZeroLimitAndGivingBack(t *testing.T) {
	t.Parallel()
	bothCounters(t, func(t *testing.T, c counter) {
		l := limit{key: "k", limit: 1, window: time.Minute}
		for range 3 {
			c.expect(t, "a look takes nothing", noon, 0, true, time.Time{}, l)
		}
		c.expect(t, "take", noon, 1, true, time.Time{}, l)
		c.expect(t, "a look sees it", noon, 0, false, noon.Add(time.Minute), l)
		for range 3 {
			c.expect(t, "limit 0 is no limit", noon, 1, true, time.Time{}, limit{key: "free", window: time.Minute})
		}
		c.expect(t, "no keys", noon, 1, true, time.Time{})
		for range 3 { // below nothing it does not go
			if err := c.giveBack(t.Context(), "k"); err != nil {
				t.Fatal(err)
			}
		}
		c.expect(t, "given back", noon, 1, true, time.Time{}, l)
		c.expect(t, "once", noon, 1, false, noon.Add(time.Minute), l)
	})
}

func TestTenantsDoNotCountEachOther(t *testing.T) {
	t.Parallel()
	pool := counters(t, tenantstest.Database(t))
	a, b := counter{pool, tenantA}, counter{pool, tenantB}
	l := limit{key: "k", limit: 1, window: time.Minute, block: time.Hour}
	a.expect(t, "a", noon, 1, true, time.Time{}, l)
	a.expect(t, "a is full", noon, 1, false, noon.Add(time.Hour), l)
	b.expect(t, "b", noon, 1, true, time.Time{}, l)
	if err := b.giveBack(t.Context(), "k"); err != nil {
		t.Fatal(err)
	}
	a.expect(t, "b gave back its own", noon, 1, false, noon.Add(time.Hour), l)
	nobody := counter{pool, "00000000-0000-0000-0000-000000000000"}
	nobody.tenant = " "
	if _, _, err := nobody.take(t.Context(), noon, 1, l); err == nil {
		t.Error("counted without a tenant")
	}
}

// Calls at the same time take exactly the places there are, whatever order they name their keys in.
func TestFiftyAtOnceTakeExactlyTheLimit(t *testing.T) {
	t.Parallel()
	bothCounters(t, func(t *testing.T, c counter) {
		keys := []limit{
			{key: "x", limit: 7, window: time.Hour}, {key: "y", limit: 1000, window: time.Hour}, {key: "z", limit: 1000, window: time.Hour},
		}
		results := make(chan bool, 50)
		var all sync.WaitGroup
		for i := range 50 {
			asked := append([]limit{keys[i%3]}, keys[(i+1)%3], keys[(i+2)%3])
			if i%2 == 0 {
				asked[1], asked[2] = asked[2], asked[1]
			}
			all.Go(func() {
				allowed, _, err := c.take(t.Context(), noon, 1, asked...)
				if err != nil {
					t.Error(err)
				}
				results <- allowed
			})
		}
		all.Wait()
		close(results)
		passed := 0
		for allowed := range results {
			if allowed {
				passed++
			}
		}
		if passed != 7 {
			t.Errorf("%d of 50 passed a limit of 7", passed)
		}
		left := limit{key: "y", limit: 8, window: time.Hour}
		c.expect(t, "the refused were counted nowhere", noon, 1, true, time.Time{}, left)
		c.expect(t, "and the passed everywhere", noon, 1, false, noon.Add(time.Hour), left)
	})
}
