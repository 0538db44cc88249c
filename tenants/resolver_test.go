package tenants

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

func resolver(t *testing.T, db *DB, a Addresses) *Resolver {
	t.Helper()
	r, err := NewResolver(db, a)
	must(t, err)
	return r
}

var house = Addresses{BaseURL: "https://portico.test:8443", BaseDomain: "portico.test"}

func claim(t *testing.T, db *DB, tenant ID, host string, verified bool) {
	t.Helper()
	must(t, db.AcrossAll(context.Background(), ForTenantFile, func(a *Across) error {
		var at *time.Time
		if now := a.Now(); verified {
			at = &now
		}
		_, err := a.Exec(context.Background(), "INSERT INTO hosts (tenant_id, host, verified_at, created_at) VALUES ($1, $2, $3, $4)", tenant, host, at, a.Now())
		return err
	}))
}

func change(t *testing.T, db *DB, tenant ID, set string) {
	t.Helper()
	must(t, db.AcrossAll(context.Background(), ForTenantFile, func(a *Across) error {
		if _, err := a.Exec(context.Background(), "UPDATE tenants SET "+set+" WHERE id = $1", tenant); err != nil {
			return err
		}
		return Touch(context.Background(), a, tenant)
	}))
}

func TestTenantsAreFoundTheFourWays(t *testing.T) {
	t.Parallel()
	db, _, one, two := open(t, 2)
	claim(t, db, one, "login.one.example", true)
	claim(t, db, two, "login.one.example", false) // a claim alone serves nobody
	claim(t, db, two, "claimed.example", false)
	r := resolver(t, db, house)
	for host, want := range map[string]ID{"login.one.example": one, "one.portico.test": one, "two.portico.test": two} {
		if got, err := r.ByHost(t.Context(), host); err != nil || got.ID != want {
			t.Errorf("%s: %v, %v", host, got, err)
		}
	}
	for _, host := range []string{"claimed.example", "three.portico.test", "a.one.portico.test", "portico.test", "one.other.test", "-.portico.test"} {
		if got, err := r.ByHost(t.Context(), host); !errors.Is(err, ErrNoTenant) {
			t.Errorf("%s: %v, %v", host, got, err)
		}
	}
	if got, err := r.BySlug(t.Context(), "two"); err != nil || got.ID != two {
		t.Errorf("by path: %v, %v", got, err)
	}
	if _, err := r.BySlug(t.Context(), "three"); !errors.Is(err, ErrNoTenant) {
		t.Errorf("an unknown path: %v", err)
	}
	if _, err := r.ByID(t.Context(), NewID()); !errors.Is(err, ErrNoTenant) {
		t.Errorf("an unknown id: %v", err)
	}
	if !r.IsPlatform("portico.test") || r.IsPlatform("one.portico.test") || !r.Secure() || r.PlatformOrigin() != "https://portico.test:8443" {
		t.Error("the platform does not know itself")
	}
	for _, bad := range []string{"", "portico.test", "ftp://portico.test", "https://portico.test/path", "https://", "https://a b"} {
		if _, err := NewResolver(db, Addresses{BaseURL: bad}); err == nil {
			t.Errorf("address %q was taken", bad)
		}
	}
}

func TestTheCanonicalAddressFollowsItsHost(t *testing.T) {
	t.Parallel()
	db, _, one, _ := open(t, 2)
	claim(t, db, one, "login.one.example", false)
	r := resolver(t, db, house)
	origin := func(want, base string, state State) {
		t.Helper()
		r.Forget(one)
		got, err := r.ByID(t.Context(), one)
		must(t, err)
		if got.Origin != want || got.BasePath != base || got.State != state {
			t.Errorf("%s %s %s, want %s %s %s", got.Origin, got.BasePath, got.State, want, base, state)
		}
	}
	origin("https://one.portico.test:8443", "", Live)
	change(t, db, one, "canonical_host = 'login.one.example'")
	origin("https://one.portico.test:8443", "", Live) // not verified
	must(t, db.AcrossAll(t.Context(), ForTenantFile, func(a *Across) error {
		_, err := a.Exec(t.Context(), "UPDATE hosts SET verified_at = $1", a.Now())
		return err
	}))
	origin("https://login.one.example:8443", "", Live)
	must(t, db.AcrossAll(t.Context(), ForOperator, func(a *Across) error { return SetState(t.Context(), a, "one", Suspended) }))
	origin("https://login.one.example:8443", "", Suspended)
	err := db.AcrossAll(t.Context(), ForOperator, func(a *Across) error { return SetState(t.Context(), a, "nobody", Live) })
	if !errors.Is(err, ErrNotFound) {
		t.Errorf("the state of nobody: %v", err)
	}
	r = resolver(t, db, Addresses{BaseURL: "http://portico.test"})
	change(t, db, one, "canonical_host = ''")
	origin("http://portico.test", "/t/one", Suspended)
}

func TestNobodysAddressIsAskedOnceAndForgottenOnChange(t *testing.T) {
	t.Parallel()
	db, base, one, _ := open(t, 4)
	r := resolver(t, db, house)
	if _, err := r.ByHost(t.Context(), "new.example"); !errors.Is(err, ErrNoTenant) {
		t.Fatal(err)
	}
	claim(t, db, one, "new.example", true)
	if _, err := r.ByHost(t.Context(), "new.example"); !errors.Is(err, ErrNoTenant) {
		t.Errorf("a kept answer was asked for again: %v", err)
	}
	if nameLife(ID{}) > time.Minute || r.names.GetMaximum() > 20_000 {
		t.Error("negative answers are kept long or without bound")
	}
	r.Forget(one)
	if got, err := r.ByHost(t.Context(), "new.example"); err != nil || got.ID != one {
		t.Errorf("after the change: %v, %v", got, err)
	}
	_, err := super(t, base).Exec(t.Context(), "DELETE FROM hosts")
	must(t, err)
	r.tenants.Invalidate(one) // its hosts are read anew; the name is still kept
	if _, err := r.ByHost(t.Context(), "new.example"); !errors.Is(err, ErrNoTenant) {
		t.Errorf("a host that was taken away: %v", err)
	}
}

func TestOneLoaderAKey(t *testing.T) {
	t.Parallel()
	db, base, one, _ := open(t, 8)
	r := resolver(t, db, house)
	su := super(t, base)
	release := hold(t, su, "tenants")
	var asked sync.WaitGroup
	got := make([]error, 100)
	for i := range got {
		asked.Go(func() { _, got[i] = r.ByID(context.Background(), one) })
	}
	blocked(t, base.SuperURL, 1)
	if n := waiting(t, base.SuperURL); n != 1 {
		t.Errorf("%d queries for one tenant", n)
	}
	release()
	asked.Wait()
	for _, err := range got {
		must(t, err)
	}
}

// A reader that began before a change must not leave what it read behind.
func TestForgetDuringALoadKeepsNothingOld(t *testing.T) {
	t.Parallel()
	t.Run("tenant", func(t *testing.T) {
		t.Parallel()
		db, base, one, _ := open(t, 4)
		r := resolver(t, db, house)
		release := hold(t, super(t, base), "settings") // the name is read before the settings
		done := make(chan error, 1)
		go func() { _, err := r.ByID(context.Background(), one); done <- err }()
		blocked(t, base.SuperURL, 1)
		change(t, db, one, "name = 'new'")
		r.Forget(one)
		release()
		must(t, <-done)
		if got, err := r.ByID(t.Context(), one); err != nil || got.Name != "new" {
			t.Errorf("kept %v, %v", got, err)
		}
	})
	t.Run("nobody's host", func(t *testing.T) {
		t.Parallel()
		db, base, one, _ := open(t, 4)
		r := resolver(t, db, house)
		release := hold(t, super(t, base), "tenants") // custom hosts are read before the slugs
		done := make(chan error, 1)
		go func() { _, err := r.ByHost(context.Background(), "fresh.portico.test"); done <- err }()
		blocked(t, base.SuperURL, 1)
		other := super(t, base)
		_, err := other.Exec(t.Context(), "SET session_replication_role = replica") // no foreign key to the held table
		must(t, err)
		_, err = other.Exec(t.Context(), "INSERT INTO hosts (tenant_id, host, verified_at, created_at) VALUES ($1, 'fresh.portico.test', $2, $2)", one, time.Now())
		must(t, err)
		r.Forget(one)
		release()
		<-done
		if got, err := r.ByHost(t.Context(), "fresh.portico.test"); err != nil || got.ID != one {
			t.Errorf("kept %v, %v", got, err)
		}
	})
}

// hold keeps everybody else from reading a table until release.
func hold(t *testing.T, su *pgx.Conn, table string) (release func()) {
	t.Helper()
	tx, err := su.Begin(context.Background())
	must(t, err)
	_, err = tx.Exec(context.Background(), "LOCK TABLE "+table+" IN ACCESS EXCLUSIVE MODE")
	must(t, err)
	return func() { must(t, tx.Rollback(context.Background())) }
}

func waiting(t *testing.T, url string) (n int) {
	t.Helper()
	conn, err := pgx.Connect(context.Background(), url)
	must(t, err)
	defer func() { _ = conn.Close(context.Background()) }()
	must(t, conn.QueryRow(context.Background(),
		"SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'").Scan(&n))
	return n
}

// blocked waits until n connections wait for a lock.
func blocked(t *testing.T, url string, n int) {
	t.Helper()
	until(t, "a query waits", func() bool { return waiting(t, url) >= n })
}

func until(t *testing.T, what string, holds func() bool) {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); time.Now().Before(deadline); <-time.After(5 * time.Millisecond) { // polling
		if holds() {
			return
		}
	}
	t.Fatalf("never: %s", what)
}
