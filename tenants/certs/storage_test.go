package certs

import (
	"context"
	"errors"
	"io/fs"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"

	"portico/tenants"
)

func (g *ground) storage() *storage { return &storage{db: g.open(), seals: g.seals} }

func TestFilesOfTheStorage(t *testing.T) {
	t.Parallel()
	g := newGround(t)
	s := g.storage()
	ctx := t.Context()
	for _, name := range []string{"a/b/one.key", "a/b/two.key", "a/c", "ab/x", "a/b%/odd", "a_b"} {
		g.must(s.Store(ctx, name, []byte("value of "+name)))
	}
	g.must(s.Store(ctx, "a/c", []byte("again")))
	if v, err := s.Load(ctx, "a/c"); err != nil || string(v) != "again" {
		t.Errorf("%q, %v", v, err)
	}
	if _, err := s.Load(ctx, "a/b"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a folder was loaded: %v", err)
	}
	for name, want := range map[string]bool{"a": true, "a/b": true, "a/b/one.key": true, "a/": false, "b": false, "a/b/one": false} {
		if s.Exists(ctx, name) != want {
			t.Errorf("%s exists: %v", name, !want)
		}
	}
	if l, err := s.List(ctx, "a", false); err != nil || !slices.Equal(l, []string{"a/b", "a/b%", "a/c"}) {
		t.Errorf("%v, %v", l, err)
	}
	if l, err := s.List(ctx, "a", true); err != nil || !slices.Equal(l, []string{"a/b%/odd", "a/b/one.key", "a/b/two.key", "a/c"}) {
		t.Errorf("%v, %v", l, err)
	}
	if _, err := s.List(ctx, "none", true); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("%v", err)
	}
	if i, err := s.Stat(ctx, "a/c"); err != nil || !i.IsTerminal || i.Size != 5 || i.Modified.IsZero() {
		t.Errorf("%+v, %v", i, err)
	}
	if i, err := s.Stat(ctx, "a/b"); err != nil || i.IsTerminal {
		t.Errorf("%+v, %v", i, err)
	}
	if _, err := s.Stat(ctx, "none"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("%v", err)
	}
	g.must(s.Delete(ctx, "a/b"))
	g.must(s.Delete(ctx, "none"))
	if l, err := s.List(ctx, "", true); err != nil || !slices.Equal(l, []string{"a/b%/odd", "a/c", "a_b", "ab/x"}) {
		t.Errorf("%v, %v", l, err)
	}
}

func TestAFileOpensAtItsOwnNameAlone(t *testing.T) {
	t.Parallel()
	g := newGround(t)
	s := g.storage()
	g.must(s.Store(t.Context(), "a.key", []byte("secret")))
	g.must(s.db.AcrossAll(t.Context(), tenants.ForCertificates, func(a *tenants.Across) error {
		_, err := a.Exec(t.Context(), "UPDATE platform.certificate_files SET name = 'b.key'")
		return err
	}))
	if v, err := s.Load(t.Context(), "b.key"); !errors.Is(err, tenants.ErrSealed) {
		t.Errorf("%q, %v", v, err)
	}
}

func TestOneHoldsALock(t *testing.T) {
	t.Parallel()
	g := newGround(t)
	a, b := g.storage(), g.storage()
	var inside, most atomic.Int64
	var all sync.WaitGroup
	for n := range 8 {
		s := []*storage{a, b}[n%2]
		all.Go(func() {
			if err := s.Lock(t.Context(), "x"); err != nil {
				t.Error(err)
				return
			}
			most.Store(max(most.Load(), inside.Add(1)))
			inside.Add(-1)
			if err := s.Unlock(t.Context(), "x"); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if most.Load() != 1 {
		t.Errorf("%d held it at once", most.Load())
	}
	if err := a.Unlock(t.Context(), "x"); !errors.Is(err, errNotHeld) {
		t.Errorf("freeing what is not held: %v", err)
	}
	g.must(a.Lock(t.Context(), "x"))
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if err := b.Lock(ended, "x"); !errors.Is(err, context.Canceled) {
		t.Errorf("waiting after the end: %v", err)
	}
	g.must(a.Unlock(t.Context(), "x"))
}

func TestALockOfAKilledProcessIsFreeAfterItsLease(t *testing.T) {
	t.Parallel()
	g := newGround(t)
	s := g.storage()
	got, err := s.take(t.Context(), "x", uuid.New()) // and its process is gone
	if err != nil || !got {
		t.Fatal(got, err)
	}
	if got, err = s.take(t.Context(), "x", uuid.New()); got || err != nil {
		t.Errorf("it was taken from under its holder: %v", err)
	}
	g.clock.Advance(lockLease + time.Second)
	g.must(s.Lock(t.Context(), "x"))
	holder := s.locks.held["x"][0].holder
	g.clock.Advance(lockLease - time.Second)
	if ours, err := s.prolong(t.Context(), "x", holder); err != nil || !ours {
		t.Error(ours, err)
	}
	g.clock.Advance(lockLease - time.Second)
	if got, err = s.take(t.Context(), "x", uuid.New()); got || err != nil {
		t.Errorf("a lease that was prolonged is free: %v", err)
	}
	g.must(s.Unlock(t.Context(), "x"))
}

func TestALockThatRanOutInThisProcess(t *testing.T) {
	t.Parallel()
	g := newGround(t)
	s := g.storage()
	g.must(s.Lock(t.Context(), "x"))
	first := s.locks.held["x"][0]
	g.clock.Advance(lockLease + time.Second)
	g.must(s.Lock(t.Context(), "x"))
	select {
	case <-first.done:
	default:
		t.Error("the first goes on prolonging")
	}
	if ours, err := s.prolong(t.Context(), "x", first.holder); err != nil || ours {
		t.Errorf("the first has the name still: %v", err)
	}
	g.must(s.Unlock(t.Context(), "x")) // the first's, late
	if got, err := s.take(t.Context(), "x", uuid.New()); got || err != nil {
		t.Errorf("the first freed what the second holds: %v", err)
	}
	g.must(s.Unlock(t.Context(), "x"))
	if got, err := s.take(t.Context(), "x", uuid.New()); !got || err != nil {
		t.Errorf("the second freed nothing: %v", err)
	}
}
