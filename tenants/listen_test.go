package tenants

import (
	"context"
	"slices"
	"sync"
	"testing"
)

// listening runs Listen until the test ends and tells what it forgot.
func listening(t *testing.T, r *Resolver) (forgot func() []ID) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	var mu sync.Mutex
	var all []ID
	var running sync.WaitGroup
	running.Go(func() {
		r.Listen(ctx, func(id ID) { mu.Lock(); defer mu.Unlock(); all = append(all, id) })
	})
	t.Cleanup(func() { cancel(); running.Wait() })
	forgot = func() []ID { mu.Lock(); defer mu.Unlock(); return slices.Clone(all) }
	until(t, "it listens", func() bool { return len(forgot()) > 0 })
	return forgot
}

func name(t *testing.T, r *Resolver, id ID) string {
	t.Helper()
	got, err := r.ByID(context.Background(), id)
	must(t, err)
	return got.Name
}

func TestAnotherInstanceSeesAChange(t *testing.T) {
	t.Parallel()
	db, base, one, two := open(t, 4)
	r := resolver(t, db, house)
	forgot := listening(t, r)
	name(t, r, one)
	name(t, r, two)
	change(t, db, one, "name = 'new'")
	until(t, "the change is seen", func() bool { return name(t, r, one) == "new" })
	if slices.Contains(forgot(), two) {
		t.Error("another tenant was forgotten too")
	}
	all := func() (n int) {
		for _, id := range forgot() {
			if id == (ID{}) {
				n++
			}
		}
		return n
	}
	before := all()
	_, err := super(t, base).Exec(t.Context(), "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'LISTEN%'")
	must(t, err)
	until(t, "it listens again and drops everything", func() bool { return all() > before })
	change(t, db, one, "name = 'newer'")
	until(t, "a change after the break is seen", func() bool { return name(t, r, one) == "newer" })
}

func TestThePollHealsWhatWasMissed(t *testing.T) {
	t.Parallel()
	db, base, one, two := open(t, 4)
	three := addTenant(t, db, "three")
	r := resolver(t, db, house)
	var forgot []ID
	heal := func() []ID {
		t.Helper()
		forgot = nil
		must(t, r.heal(t.Context(), func(id ID) { forgot = append(forgot, id); r.Forget(id) }))
		return forgot
	}
	if got := heal(); len(got) != 0 {
		t.Errorf("an empty cache forgot %v", got)
	}
	for _, id := range []ID{one, two, three} {
		name(t, r, id)
	}
	if got := heal(); len(got) != 0 {
		t.Errorf("nothing changed, forgot %v", got)
	}
	su := super(t, base)
	_, err := su.Exec(t.Context(), "UPDATE tenants SET version = version + 1, name = 'new' WHERE slug = 'one'") // nobody is told
	must(t, err)
	_, err = su.Exec(t.Context(), "DELETE FROM tenants WHERE slug = 'three'")
	must(t, err)
	if got := heal(); len(got) != 2 || !slices.Contains(got, one) || !slices.Contains(got, three) {
		t.Errorf("forgot %v, want %v and %v", got, one, three)
	}
	if got := name(t, r, one); got != "new" {
		t.Errorf("still %q", got)
	}
}
