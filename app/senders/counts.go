package senders

import (
	"context"
	"sync/atomic"
	"time"

	"portico/tenants"
)

// counts are this instance's calls of SES about identities.
type counts struct {
	calls, throttled, denied, away, other atomic.Int64
}

func (c *counts) troubled(trouble string) {
	switch trouble {
	case "throttled":
		c.throttled.Add(1)
	case "denied":
		c.denied.Add(1)
	case "away":
		c.away.Add(1)
	default:
		c.other.Add(1)
	}
}

// Calls are how this instance's calls of SES about identities went, by outcome, for metrics.
func (x *Senders) Calls() map[string]int64 {
	return map[string]int64{"ok": x.counts.calls.Load(), "throttled": x.counts.throttled.Load(), "denied": x.counts.denied.Load(),
		"away": x.counts.away.Load(), "other": x.counts.other.Load()}
}

// Figures are how many domains stand in each state and tenants at each level, and how long the work that waits
// longest is overdue: of all instances, for metrics.
type Figures struct {
	Domains map[State]int
	Levels  map[Level]int
	Overdue time.Duration
}

// Figures reads them.
func (x *Senders) Figures(ctx context.Context) (Figures, error) {
	f := Figures{Domains: map[State]int{}, Levels: map[Level]int{}}
	err := x.DB.AcrossAll(ctx, tenants.ForSenderWorker, func(a *tenants.Across) error {
		b := &tenants.Batch{}
		b.Rows("SELECT state, count(*) FROM sender_domains WHERE wanted GROUP BY 1", nil, func(scan func(...any) error) error {
			var s State
			var n int
			err := scan(&s, &n)
			f.Domains[s] = n
			return err
		})
		b.Rows("SELECT level, count(*) FROM senders GROUP BY 1", nil, func(scan func(...any) error) error {
			var l Level
			var n int
			err := scan(&l, &n)
			f.Levels[l] = n
			return err
		})
		var oldest *time.Time
		b.Row(nil, "SELECT min(due_at) FROM sender_domains", nil, &oldest)
		if err := a.Send(ctx, b); err != nil {
			return err
		}
		if oldest != nil && oldest.Before(a.Now()) {
			f.Overdue = a.Now().Sub(*oldest)
		}
		return nil
	})
	return f, err
}
