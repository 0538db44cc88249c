package tenants

import (
	"sync/atomic"
	"time"
)

// Clock is the program's one clock. Every rule that speaks of time (sessions, links, locks, codes,
// limits) reads it, and SQL gets it as a parameter, so that tests and `portico dev` can move it.
// The zero value tells the real time.
type Clock struct{ offset atomic.Int64 }

// Now is the current time in UTC, cut to microseconds as PostgreSQL stores them.
func (c *Clock) Now() time.Time {
	return time.Now().Add(time.Duration(c.offset.Load())).UTC().Truncate(time.Microsecond)
}

// Advance moves the clock by d, on top of earlier moves.
func (c *Clock) Advance(d time.Duration) { c.offset.Add(int64(d)) }

// Reset puts the clock back to the real time.
func (c *Clock) Reset() { c.offset.Store(0) }
