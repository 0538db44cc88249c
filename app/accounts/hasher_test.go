package accounts

import (
	"context"
	"errors"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"portico/tenants"
)

// busy fills every slot until release.
func busy(t *testing.T, h *Hasher) (release func()) {
	t.Helper()
	stop := make(chan struct{})
	var running, ended sync.WaitGroup
	for range h.slots {
		running.Add(1)
		ended.Go(func() {
			if err := h.Do(context.Background(), tenants.NewID(), func() { running.Done(); <-stop }); err != nil {
				t.Error(err)
			}
		})
	}
	running.Wait()
	return func() { close(stop); ended.Wait() }
}

// queued waits until n wait.
func queued(t *testing.T, h *Hasher, n int) {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); ; runtime.Gosched() {
		h.mu.Lock()
		have := 0
		for _, q := range h.queues {
			have += len(q)
		}
		h.mu.Unlock()
		if have == n {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("%d wait, want %d", have, n)
		}
	}
}

func idle(t *testing.T, h *Hasher) {
	t.Helper()
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.free != h.slots || len(h.queues) != 0 || len(h.turns) != 0 {
		t.Errorf("%d of %d slots are free, %d queues, %d turns", h.free, h.slots, len(h.queues), len(h.turns))
	}
}

func TestAsManyHashesAtOnceAsSlots(t *testing.T) {
	t.Parallel()
	h := NewHasher(3, time.Minute)
	var now, most, done atomic.Int64
	var all sync.WaitGroup
	for range 200 {
		all.Go(func() {
			err := h.Do(context.Background(), tenants.NewID(), func() {
				for n := now.Add(1); ; {
					if m := most.Load(); n <= m || most.CompareAndSwap(m, n) {
						break
					}
				}
				runtime.Gosched()
				now.Add(-1)
				done.Add(1)
			})
			if err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if most.Load() > 3 || done.Load() != 200 {
		t.Errorf("%d at once, %d done", most.Load(), done.Load())
	}
	idle(t, h)
}

func TestAFloodCostsTheOthersATurn(t *testing.T) {
	t.Parallel()
	h := NewHasher(1, time.Hour)
	release := busy(t, h)
	flood, other := tenants.NewID(), tenants.NewID()
	var mu sync.Mutex
	var order []tenants.ID
	var all sync.WaitGroup
	wait := func(id tenants.ID) {
		all.Go(func() {
			if err := h.Do(context.Background(), id, func() { mu.Lock(); order = append(order, id); mu.Unlock() }); err != nil {
				t.Error(err)
			}
		})
	}
	for range 1000 {
		wait(flood)
	}
	queued(t, h, 1000)
	wait(other)
	queued(t, h, 1001)
	release()
	all.Wait()
	for i, id := range order {
		if id == other && i > 1 {
			t.Errorf("%d of the flood went first", i)
		}
	}
	if len(order) != 1001 {
		t.Errorf("%d went", len(order))
	}
	idle(t, h)
}

func TestAFullQueueRefusesItsOwnTenantAlone(t *testing.T) {
	t.Parallel()
	h := NewHasher(1, time.Second) // means 40 ms: some 25 may wait
	release := busy(t, h)
	flood, other := tenants.NewID(), tenants.NewID()
	ctx, cancel := context.WithCancel(context.Background())
	var all sync.WaitGroup
	n := 0
	for ; !h.Full(flood); n++ {
		if n > 100 {
			t.Fatal("a queue without an end")
		}
		all.Go(func() { _ = h.Do(ctx, flood, func() {}) })
		queued(t, h, n+1)
	}
	if err := h.Do(context.Background(), flood, func() { t.Error("went in") }); !errors.Is(err, ErrBusy) {
		t.Errorf("a newcomer of the full tenant: %v", err)
	}
	if h.Full(other) {
		t.Error("another tenant is refused for the flood")
	}
	cancel()
	all.Wait()
	queued(t, h, 0)
	if h.Full(flood) {
		t.Error("who has gone still fills the queue")
	}
	release()
	idle(t, h)
}

func TestWaitingEnds(t *testing.T) {
	t.Parallel()
	h := NewHasher(1, time.Millisecond)
	h.mean = 0
	release := busy(t, h)
	if err := h.Do(context.Background(), tenants.NewID(), func() { t.Error("went in") }); !errors.Is(err, ErrBusy) {
		t.Errorf("beyond the deadline: %v", err)
	}
	release()
	idle(t, h)
	func() {
		defer func() { _ = recover() }()
		_ = h.Do(context.Background(), tenants.NewID(), func() { panic("boom") })
	}()
	idle(t, h)
}

func TestNoSlotIsLostToThoseWhoLeave(t *testing.T) {
	leaks := goleak.IgnoreCurrent()
	h := NewHasher(2, time.Minute)
	h.mean = 0
	var all sync.WaitGroup
	ids := []tenants.ID{tenants.NewID(), tenants.NewID(), tenants.NewID()}
	for i := range 3000 {
		ctx, cancel := context.WithCancel(context.Background())
		all.Go(func() { _ = h.Do(ctx, ids[i%3], func() { runtime.Gosched() }) })
		all.Go(func() { runtime.Gosched(); cancel() })
	}
	all.Wait()
	idle(t, h)
	goleak.VerifyNone(t, leaks)
}
