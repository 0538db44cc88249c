package accounts

import (
	"time"

	"portico/tenants"
)

// counter is one limit that a request counts against.
type counter struct {
	name    string // of the counter
	subject string // an address, an account: what it counts for
	limit   tenants.Throttle
}

// takeLimits adds the counting of one request to a batch; all counters must allow. The keys are keyed
// hashes, so that the table never shows an address.
func (a *Accounts) takeLimits(b *tenants.Batch, s *tenants.Scope, cost int, into *limitAnswer, counters ...counter) {
	keys, limits, windows, blocks := a.limitArgs(s.Tenant(), counters)
	b.Row(nil, "SELECT allowed, retry_at FROM take_limits($1, $2, $3, $4, $5, $6)",
		[]any{s.Now(), keys, limits, windows, blocks, cost}, &into.allowed, &into.retryAt)
}

// giveBack undoes one count of each counter: what succeeds does not count against an address.
func (a *Accounts) giveBack(b *tenants.Batch, s *tenants.Scope, counters ...counter) {
	keys, _, _, _ := a.limitArgs(s.Tenant(), counters)
	b.Exec("SELECT give_back($1)", keys)
}

type limitAnswer struct {
	allowed bool
	retryAt *time.Time
}

func (l limitAnswer) err() error {
	if l.allowed {
		return nil
	}
	e := &LimitError{}
	if l.retryAt != nil {
		e.RetryAt = *l.retryAt
	}
	return e
}

func (a *Accounts) limitArgs(tenant tenants.ID, counters []counter) (keys [][]byte, limits []int32, windows, blocks []time.Duration) {
	for _, c := range counters {
		keys = append(keys, a.Seals.MAC("limit", tenant, c.name, c.subject))
		limits = append(limits, int32(c.limit.Limit)) //nolint:gosec // policies are bounded
		windows = append(windows, c.limit.Window.Std())
		blocks = append(blocks, c.limit.Block.Std())
	}
	return keys, limits, windows, blocks
}

func window(limit int, w time.Duration) tenants.Throttle {
	return tenants.Throttle{Limit: limit, Window: tenants.Duration(w)}
}

// times multiplies a limit for a network that the tenant listed as its own.
func times(t tenants.Throttle, factor int) tenants.Throttle {
	t.Limit *= max(1, factor)
	return t
}
