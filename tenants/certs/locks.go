package certs

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/google/uuid"

	"portico/tenants"
)

// A lock is a row with an end that its holder moves on. No connection is held for it (a pooler may stand
// between), and what a killed process held is free when the lease is over.
const (
	lockLease = 30 * time.Second
	lockBeat  = 10 * time.Second
	lockLook  = 250 * time.Millisecond
)

// locks are those that this process holds, by name.
type locks struct {
	mu   sync.Mutex
	held map[string][]*heldLock // the oldest first; all but the last have lost their lease
}

type heldLock struct {
	holder uuid.UUID
	stop   context.CancelFunc
	done   chan struct{}
}

var errNotHeld = errors.New("certs: the lock is not held here")

// Lock waits until nobody else holds the name, or ctx ends.
func (s *storage) Lock(ctx context.Context, name string) error {
	holder := uuid.New()
	look := time.NewTicker(lockLook)
	defer look.Stop()
	for {
		got, err := s.take(ctx, name, holder)
		if err != nil {
			return fmt.Errorf("lock %s: %w", name, err)
		}
		if got {
			s.beat(name, holder)
			return nil
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-look.C:
		}
	}
}

func (s *storage) take(ctx context.Context, name string, holder uuid.UUID) (bool, error) {
	var n int64
	err := s.db.AcrossAll(ctx, tenants.ForCertificates, func(a *tenants.Across) (err error) {
		n, err = a.Exec(ctx, `INSERT INTO platform.certificate_locks (name, holder, ends_at) VALUES ($1, $2, $3)
			ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, ends_at = excluded.ends_at WHERE certificate_locks.ends_at <= $4`,
			name, holder, a.Now().Add(lockLease), a.Now())
		return err
	})
	return n == 1, err
}

// beat prolongs the lease until Unlock, or until it is somebody else's. Who held the name here before lost it, or
// it could not have been taken again.
func (s *storage) beat(name string, holder uuid.UUID) {
	ctx, stop := context.WithCancel(context.Background())
	h := &heldLock{holder: holder, stop: stop, done: make(chan struct{})}
	s.locks.mu.Lock()
	if s.locks.held == nil {
		s.locks.held = map[string][]*heldLock{}
	}
	before := slices.Clone(s.locks.held[name])
	s.locks.held[name] = append(s.locks.held[name], h)
	s.locks.mu.Unlock()
	for _, old := range before {
		old.stop()
		<-old.done
	}
	go func() {
		defer close(h.done)
		tick := time.NewTicker(lockBeat)
		defer tick.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
				// While the database is away the lease runs out, and the work under it fails as well.
				if ours, err := s.prolong(ctx, name, holder); err == nil && !ours {
					return
				}
			}
		}
	}()
}

// prolong moves the lease's end on; ours is false when somebody else has the name, or nobody.
func (s *storage) prolong(ctx context.Context, name string, holder uuid.UUID) (ours bool, err error) {
	var n int64
	err = s.db.AcrossAll(ctx, tenants.ForCertificates, func(a *tenants.Across) (err error) {
		n, err = a.Exec(ctx, "UPDATE platform.certificate_locks SET ends_at = $3 WHERE name = $1 AND holder = $2", name, holder, a.Now().Add(lockLease))
		return err
	})
	return n == 1, err
}

// Unlock frees a name that this process holds; somebody else's lease after ours ran out stays. Where that is somebody
// in this process, the first who unlocks counts as the one whose lease ran out: the name is free after the last.
func (s *storage) Unlock(ctx context.Context, name string) error {
	s.locks.mu.Lock()
	all := s.locks.held[name]
	if len(all) == 0 {
		s.locks.mu.Unlock()
		return errNotHeld
	}
	h := all[0]
	if s.locks.held[name] = all[1:]; len(all) == 1 {
		delete(s.locks.held, name)
	}
	s.locks.mu.Unlock()
	h.stop()
	<-h.done
	return s.db.AcrossAll(context.WithoutCancel(ctx), tenants.ForCertificates, func(a *tenants.Across) error {
		_, err := a.Exec(context.WithoutCancel(ctx), "DELETE FROM platform.certificate_locks WHERE name = $1 AND holder = $2", name, h.holder)
		return err
	})
}
