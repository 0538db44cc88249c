package letters

import "sync/atomic"

// Counts are this instance's totals since its start, by lane and state: written (Queued), Sent, Failed,
// Skipped, and Sending for every try. The program exports them as metrics.
type Counts struct {
	n       [3][5]atomic.Int64
	retries atomic.Int64
}

var stateOrder = [5]State{Queued, Sending, Sent, Failed, Skipped}

func (c *Counts) add(l Lane, s State) {
	for i, lane := range Lanes() {
		for j, state := range stateOrder {
			if lane == l && state == s {
				c.n[i][j].Add(1)
			}
		}
	}
}

// Of reads one total.
func (c *Counts) Of(l Lane, s State) int64 {
	for i, lane := range Lanes() {
		for j, state := range stateOrder {
			if lane == l && state == s {
				return c.n[i][j].Load()
			}
		}
	}
	return 0
}

// Retries is how often a letter was put back after a temporary failure.
func (c *Counts) Retries() int64 { return c.retries.Load() }
