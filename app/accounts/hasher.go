package accounts

import (
	"context"
	"errors"
	"runtime"
	"slices"
	"sync"
	"time"

	"portico/tenants"
)

// ErrBusy means that the queue for password hashes is full or its deadline passed; trying again in a
// second makes sense.
var ErrBusy = errors.New("too many sign-ins at this moment")

// Hasher bounds the password hashes under way: as many at once as cores, the rest wait in a queue in
// which tenants take turns, so that one tenant's flood costs the others no more than a turn. A hash
// that could not begin before the deadline is refused at once instead of waiting in vain.
type Hasher struct {
	deadline time.Duration

	mu     sync.Mutex
	free   int
	slots  int
	queues map[tenants.ID][]waiter
	turns  []tenants.ID  // tenants with somebody waiting, next first
	mean   time.Duration // of one hash, moving
	meter  chan struct{} // one slot apart, for scoring passwords as they are typed
}

// waiter is closed when a slot is its own.
type waiter chan struct{}

// NewHasher makes a queue; slots 0 is one a core, deadline 0 is two seconds.
func NewHasher(slots int, deadline time.Duration) *Hasher {
	if slots <= 0 {
		slots = runtime.NumCPU()
	}
	if deadline <= 0 {
		deadline = 2 * time.Second
	}
	return &Hasher{deadline: deadline, free: slots, slots: slots, queues: map[tenants.ID][]waiter{}, mean: 40 * time.Millisecond,
		meter: make(chan struct{}, 1)}
}

// Full tells whether somebody of this tenant who came now would wait beyond the deadline: work that
// precedes a hash is not begun then. A tenant that waits little is never refused for another's flood.
func (h *Hasher) Full(tenant tenants.ID) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.wait(tenant) > h.deadline
}

// Waiting is how many wait for a slot now.
func (h *Hasher) Waiting() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	n := 0
	for _, q := range h.queues {
		n += len(q)
	}
	return n
}

// wait estimates how long a newcomer of the tenant waits: its own queue times the tenants in turn.
func (h *Hasher) wait(tenant tenants.ID) time.Duration {
	if h.free > 0 {
		return 0
	}
	own := len(h.queues[tenant]) + 1
	ahead := 0
	for _, q := range h.queues {
		ahead += min(len(q), own)
	}
	if len(h.queues[tenant]) == 0 {
		ahead++
	}
	return time.Duration(ahead) * h.mean / time.Duration(h.slots)
}

// Do runs work in a slot. ErrBusy when the queue is full or the deadline passes before work begins.
func (h *Hasher) Do(ctx context.Context, tenant tenants.ID, work func()) error {
	if err := h.enter(ctx, tenant); err != nil {
		return err
	}
	began := time.Now()
	defer func() { h.leave(time.Since(began)) }()
	work()
	return nil
}

func (h *Hasher) enter(ctx context.Context, tenant tenants.ID) error {
	h.mu.Lock()
	if h.free > 0 {
		h.free--
		h.mu.Unlock()
		return nil
	}
	if h.wait(tenant) > h.deadline {
		h.mu.Unlock()
		return ErrBusy
	}
	w := make(waiter)
	if len(h.queues[tenant]) == 0 {
		h.turns = append(h.turns, tenant)
	}
	h.queues[tenant] = append(h.queues[tenant], w)
	h.mu.Unlock()

	timer := time.NewTimer(h.deadline)
	defer timer.Stop()
	select {
	case <-w:
		return nil
	case <-timer.C:
	case <-ctx.Done():
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	select {
	case <-w: // the slot came at the same moment
		return nil
	default:
		h.giveUp(tenant, w)
		return ErrBusy
	}
}

// giveUp takes a waiter out of its queue: who has gone makes nobody's wait look longer.
func (h *Hasher) giveUp(tenant tenants.ID, w waiter) {
	q := slices.DeleteFunc(h.queues[tenant], func(other waiter) bool { return other == w })
	if len(q) > 0 {
		h.queues[tenant] = q
		return
	}
	delete(h.queues, tenant)
	h.turns = slices.DeleteFunc(h.turns, func(id tenants.ID) bool { return id == tenant })
}

func (h *Hasher) leave(took time.Duration) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.mean = (7*h.mean + took) / 8
	if len(h.turns) == 0 {
		h.free++
		return
	}
	tenant := h.turns[0]
	h.turns = h.turns[1:]
	q := h.queues[tenant]
	if len(q) == 1 {
		delete(h.queues, tenant)
	} else {
		h.queues[tenant] = q[1:]
		h.turns = append(h.turns, tenant)
	}
	close(q[0])
}
