package letters

import (
	"cmp"
	"context"
	"errors"
	"sync"
	"time"

	"portico/tenants"
)

// relays keeps one tenant's slow or dead relay from holding up all others: at most relayShare letters
// at once go to a relay of a tenant's own, and one that failed rests before it is tried again.
type relays struct {
	mu   sync.Mutex
	busy map[tenants.ID]*relay
}

type relay struct {
	inAir    int
	failures int
	restsTo  time.Time
}

const relayShare = 3

func newRelays() *relays { return &relays{busy: map[tenants.ID]*relay{}} }

// enter admits one letter to a tenant's relay, share at once (0 is relayShare); leave is to be called when it is done. Without room,
// leave is nil and wait says when to come back. The zero id (a shared transport) is always admitted.
func (r *relays) enter(id tenants.ID, share int, now time.Time) (leave func(), wait time.Duration) {
	if id == (tenants.ID{}) {
		return func() {}, 0
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	x := r.busy[id]
	if x == nil {
		x = &relay{}
		r.busy[id] = x
	}
	if rest := x.restsTo.Sub(now); rest > 0 {
		return nil, rest
	}
	if x.inAir >= cmp.Or(share, relayShare) {
		return nil, time.Second
	}
	x.inAir++
	return func() {
		r.mu.Lock()
		defer r.mu.Unlock()
		x.inAir--
		if x.inAir == 0 && x.failures == 0 {
			delete(r.busy, id)
		}
	}, 0
}

// learn notes how a hand-over to a tenant's own relay ended: each failure in a row doubles the rest,
// from 5 s to a minute, or as long as the relay asked for; what the relay refused for the letter's own sake does not count.
func (r *relays) learn(id tenants.ID, err error, now time.Time) {
	if id == (tenants.ID{}) || errors.Is(err, context.Canceled) {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	x := r.busy[id]
	if x == nil {
		return
	}
	if err == nil || errors.Is(err, ErrRefused) {
		x.failures, x.restsTo = 0, time.Time{}
		return
	}
	x.failures++
	x.restsTo = now.Add(max(patience(err), min(5*time.Second<<min(x.failures-1, 4), time.Minute)))
}

// rests tells whether a relay failed just now and is given time.
func (r *relays) rests(id tenants.ID, now time.Time) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	x := r.busy[id]
	return x != nil && x.restsTo.After(now)
}
