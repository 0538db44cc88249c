package phones

import (
	"fmt"
	"log/slog"
	"maps"
	"sync"
	"sync/atomic"
	"time"

	"github.com/google/uuid"

	"portico/app/audit"
	"portico/tenants"
)

// Book keeps the accounts of texts and calls: who may still have one, and whether they are used.
type Book struct {
	Keys tenants.Keyring // of the counters' names; the tables never show a number
	Log  *slog.Logger

	bought, used, refused, tripped atomic.Int64

	mu    sync.Mutex
	rests map[tenants.ID]time.Time // until when, of tenants that this instance saw stopped
}

// Use is one text or call that is asked for.
type Use struct {
	Number     string     // E.164; of a decoy what was typed, which only names a counter
	Account    *uuid.UUID // nil is a decoy: a stranger's request, which costs the same statements and no money
	Person     string     // names the person to the counters: the account's id, or of a decoy what was typed
	AddressKey string     // accounts.Client.AddressKey
	Factor     int        // accounts.NetworkFactor of that address; 0 is 1
	Budget     int        // tenants.PhoneSender.DailyBudget
	RequestID  string     // for the audit row of a stop; "" for none
}

// Verdict says why a text or call may not go out; "" is that it may.
type Verdict string

// The verdicts.
const (
	Allowed    Verdict = ""
	TooOften   Verdict = "too_often"   // this number, person or address
	OverBudget Verdict = "over_budget" // the tenant's day
	Stopped    Verdict = "stopped"     // the breaker: codes were bought and not used
)

// Answer is filled when the batch is sent. The caller commits whatever it says, so that a stop stands, and
// where Verdict is not Allowed sends nothing and offers the other methods.
type Answer struct {
	Verdict Verdict
	RetryAt time.Time // when it may be asked again; zero when allowed
}

// The limits of security.md section 4 (toll fraud). The address's is multiplied for listed networks.
const (
	numberAnHour  = 5
	numberADay    = 10
	addressAnHour = 10
	personADay    = 10

	judgedBy  = "50" // sends that the breaker looks at, the newest
	leastUsed = "20" // per cent of them
	rest      = time.Hour
	lookBack  = 7 * 24 * time.Hour

	boundless = 1 << 30
)

// take asks the tenant's budget, looks at the breaker, counts the event in all other limits or in none, and
// writes down what was bought: one statement, so that two at once cannot both have the last place.
// $1 tenant, $2 now, $3 hour, $4 key of the tenant's day, $5 budget, $6 keys, $7 limits, $8 windows,
// $9 blocks, $10 bought (0 for a decoy), $11 the oldest hour that is judged by, $12 end of a stop, $13 audit id,
// $14 request id.
const take = `WITH stand AS (SELECT stopped_until FROM phone_stops WHERE tenant_id = $1),
lately AS (
	SELECT bought, used, sum(bought) OVER (ORDER BY hour DESC) - bought AS newer FROM phone_hours
	WHERE tenant_id = $1 AND hour > $11 AND hour >= coalesce((SELECT date_trunc('hour', stopped_until, 'UTC') FROM stand), '-infinity')
), judged AS (
	SELECT coalesce(sum(bought), 0)::int AS bought, coalesce(sum(used), 0)::int AS used FROM lately WHERE newer < ` + judgedBy + `
), state AS (
	SELECT bought, used, coalesce((SELECT stopped_until > $2 FROM stand), false) AS resting,
		bought >= ` + judgedBy + ` AND used * 100 < bought * ` + leastUsed + ` AS bad FROM judged
), stop AS (
	INSERT INTO phone_stops AS p (tenant_id, stopped_at, stopped_until, bought, used)
	SELECT $1, $2, $12, bought, used FROM state WHERE bad AND NOT resting
	ON CONFLICT (tenant_id) DO UPDATE SET stopped_at = excluded.stopped_at, stopped_until = excluded.stopped_until,
		bought = excluded.bought, used = excluded.used
	WHERE p.stopped_until <= excluded.stopped_at
	RETURNING bought, used
), told AS (
	INSERT INTO audit_events (tenant_id, id, at, kind, outcome, reason, actor, request_id, details)
	SELECT $1, $13, $2, '` + string(audit.PhonesStopped) + `', 'failure', 'bought_not_used', '` + audit.System + `', $14,
		jsonb_build_object('bought', bought, 'used', used, 'until', $12::timestamptz) FROM stop
), day AS (
	SELECT allowed, retry_at FROM take_limits($2, ARRAY[$4::bytea], ARRAY[$5::int], ARRAY[interval '24 hours'], ARRAY[interval '0'], 0)
), taken AS (
	SELECT t.allowed, t.retry_at FROM day, state,
		LATERAL take_limits($2, $6, $7, $8, $9, CASE WHEN day.allowed AND NOT state.bad AND NOT state.resting THEN 1 ELSE 0 END) t
), spent AS (
	INSERT INTO phone_hours AS h (tenant_id, hour, bought)
	SELECT $1, $3, $10 FROM day, state, taken WHERE day.allowed AND taken.allowed AND NOT state.bad AND NOT state.resting
	ON CONFLICT (tenant_id, hour) DO UPDATE SET bought = h.bought + excluded.bought
)
SELECT state.resting OR state.bad, EXISTS (SELECT FROM stop), state.bought, state.used,
	coalesce((SELECT stopped_until FROM stand WHERE state.resting), $12), day.allowed, day.retry_at, taken.allowed, taken.retry_at
FROM state, day, taken`

// Take asks for one text or call, in the caller's transaction and batch. The answer is filled once the
// batch was sent; a code goes out only where it is Allowed. Number, person and address are counted then, and
// so are the tenant's day and money, except for a decoy.
func (k *Book) Take(b *tenants.Batch, s *tenants.Scope, use Use) *Answer {
	answer, now := &Answer{Verdict: Stopped}, s.Now()
	decoy := use.Account == nil
	day := k.Keys.MAC("limit", s.Tenant(), "phone tenant", "day")
	mine, budget, bought := day, use.Budget, 1
	if decoy { // the same row to lock and count, and not the tenant's
		mine, budget, bought = k.Keys.MAC("limit", s.Tenant(), "phone nobody", "day"), boundless, 0
	}
	key := func(counter, subject string) []byte { return k.Keys.MAC("limit", s.Tenant(), counter, subject) }
	keys := [][]byte{mine, key("phone number hour", use.Number), key("phone number day", use.Number),
		key("phone address", use.AddressKey), key("phone person", use.Person)}
	limits := []int32{int32(budget), numberAnHour, numberADay, int32(addressAnHour * max(1, use.Factor)), personADay} //nolint:gosec // policies are bounded
	const day24 = 24 * time.Hour
	windows := []time.Duration{day24, time.Hour, day24, time.Hour, day24}
	until := now.Add(rest)
	args := []any{s.Tenant(), now, now.UTC().Truncate(time.Hour), day, use.Budget, keys, limits, windows, make([]time.Duration, len(keys)),
		bought, now.Add(-lookBack), until, audit.NewID(now), use.RequestID}
	b.Rows(take, args, func(scan func(...any) error) error {
		var t taking
		err := scan(&t.resting, &t.tripped, &t.bought, &t.used, &t.until, &t.day, &t.dayEnds, &t.taken, &t.retryAt)
		if err != nil {
			return fmt.Errorf("phone budget: %w", err)
		}
		*answer = t.answer()
		k.note(s.Tenant(), t, answer.Verdict, decoy)
		return nil
	})
	return answer
}

// taking is the statement's row.
type taking struct {
	resting, tripped bool
	bought, used     int
	until            time.Time
	day, taken       bool
	dayEnds, retryAt *time.Time
}

func (t taking) answer() Answer {
	at := func(when *time.Time) time.Time {
		if when == nil {
			return time.Time{}
		}
		return *when
	}
	switch {
	case t.resting:
		return Answer{Stopped, t.until}
	case !t.day:
		return Answer{OverBudget, at(t.dayEnds)}
	case !t.taken:
		return Answer{TooOften, at(t.retryAt)}
	}
	return Answer{}
}

// note counts, and raises the alarm when this very request tripped the breaker.
func (k *Book) note(tenant tenants.ID, t taking, v Verdict, decoy bool) {
	switch {
	case v != Allowed:
		k.refused.Add(1)
	case !decoy:
		k.bought.Add(1)
	}
	if t.resting {
		k.mu.Lock()
		if k.rests == nil {
			k.rests = map[tenants.ID]time.Time{}
		}
		k.rests[tenant] = t.until
		k.mu.Unlock()
	}
	if !t.tripped {
		return
	}
	k.tripped.Add(1)
	if k.Log != nil {
		k.Log.Error("texts and calls of a tenant are stopped: codes were bought and not used",
			"tenant", tenant, "bought", t.bought, "used", t.used, "until", t.until)
	}
}

const use = `INSERT INTO phone_hours AS h (tenant_id, hour, used) VALUES ($1, $2, 1)
	ON CONFLICT (tenant_id, hour) DO UPDATE SET used = h.used + 1`

// Used says that a code by text or call was used: the tenant's money was well spent.
func (k *Book) Used(b *tenants.Batch, s *tenants.Scope) {
	b.Exec(use, s.Tenant(), s.Now().UTC().Truncate(time.Hour))
	k.used.Add(1)
}

// Totals are what this instance counted since its start, and how many tenants it knows to be stopped.
type Totals struct{ Bought, Used, Refused, Stops, Stopped int64 }

// Totals reads the counts at the moment now, for metrics.
func (k *Book) Totals(now time.Time) Totals {
	k.mu.Lock()
	defer k.mu.Unlock()
	maps.DeleteFunc(k.rests, func(_ tenants.ID, until time.Time) bool { return !until.After(now) })
	return Totals{k.bought.Load(), k.used.Load(), k.refused.Load(), k.tripped.Load(), int64(len(k.rests))}
}
