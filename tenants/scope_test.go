package tenants

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
)

// cleanConnection asks the pool's only connection what the last scope left on it.
func cleanConnection(t *testing.T, db *DB) {
	t.Helper()
	var tenant, role string
	var status bool
	conn, err := db.pool.Acquire(context.Background())
	must(t, err)
	defer conn.Release()
	if s := conn.Conn().PgConn().TxStatus(); s != 'I' {
		t.Fatalf("the pooled connection is in transaction state %c", s)
	}
	must(t, conn.QueryRow(context.Background(),
		"SELECT coalesce(current_setting('app.tenant', true), ''), current_user::text, pg_is_in_recovery()").Scan(&tenant, &role, &status))
	if tenant != "" || role != "portico_app" {
		t.Fatalf("the pooled connection kept tenant %q, role %q", tenant, role)
	}
}

func TestAScopeLeavesNothingOnItsConnection(t *testing.T) {
	t.Parallel()
	boom := errors.New("boom")
	for name, c := range map[string]struct {
		run  func(ctx context.Context, cancel func(), s *Scope) error
		want error
		kept int
	}{
		"commits":         {func(ctx context.Context, _ func(), s *Scope) error { return addGroup(ctx, s, "x") }, nil, 1},
		"touches nothing": {func(context.Context, func(), *Scope) error { return nil }, nil, 0},
		"fails":           {func(ctx context.Context, _ func(), s *Scope) error { return errors.Join(addGroup(ctx, s, "x"), boom) }, boom, 0},
		"is cancelled": {func(ctx context.Context, cancel func(), s *Scope) error {
			err := addGroup(ctx, s, "x")
			cancel()
			return err
		}, context.Canceled, 0},
		"is cancelled at work": {func(ctx context.Context, cancel func(), s *Scope) error {
			_ = addGroup(ctx, s, "x")
			cancel()
			return addGroup(ctx, s, "y")
		}, context.Canceled, 0},
		"hides a failure": {func(ctx context.Context, _ func(), s *Scope) error {
			_ = addGroup(ctx, s, "x")
			_, _ = s.Exec(ctx, "SELECT 1/0")
			return nil
		}, errRolledBack, 0},
		"hides a failure and sends the commit": {func(ctx context.Context, _ func(), s *Scope) error {
			_ = addGroup(ctx, s, "x")
			_, _ = s.Exec(ctx, "SELECT 1/0")
			return s.SendAndCommit(ctx, &Batch{})
		}, errRolledBack, 0},
		"commits in its batch": {func(ctx context.Context, _ func(), s *Scope) error {
			b := &Batch{}
			b.Exec("INSERT INTO groups (tenant_id, id, kind, name, created_at) VALUES ($1, $2, 'group', 'x', $3)", s.Tenant(), NewID(), s.Now())
			return s.SendAndCommit(ctx, b)
		}, nil, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			db, _, one, _ := open(t, 1)
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			err := db.In(ctx, one, func(s *Scope) error { return c.run(ctx, cancel, s) })
			if !errors.Is(err, c.want) {
				t.Fatalf("got %v, want %v", err, c.want)
			}
			cleanConnection(t, db)
			if n := groups(t, db, one); n != c.kept {
				t.Fatalf("%d rows were kept, want %d", n, c.kept)
			}
		})
	}
}

func TestAPanicRollsBack(t *testing.T) {
	t.Parallel()
	db, _, one, _ := open(t, 1)
	for name, run := range map[string]func(*Scope){
		"in the function": func(s *Scope) { _ = addGroup(t.Context(), s, "x"); panic("boom") },
		"in a row": func(s *Scope) {
			_ = addGroup(t.Context(), s, "x")
			_ = s.Each(t.Context(), "SELECT 1", nil, func(func(...any) error) error { panic("boom") })
		},
	} {
		func() {
			defer func() {
				if recover() != "boom" {
					t.Errorf("%s: the panic was lost", name)
				}
			}()
			_ = db.In(t.Context(), one, func(s *Scope) error { run(s); return nil })
		}()
		cleanConnection(t, db)
	}
	if n := groups(t, db, one); n != 0 {
		t.Fatalf("%d rows outlived a panic", n)
	}
}

func TestAScopeSeesItsTenantAlone(t *testing.T) {
	t.Parallel()
	db, _, one, two := open(t, 1)
	must(t, db.In(t.Context(), one, func(s *Scope) error { return addGroup(t.Context(), s, "x") }))
	if groups(t, db, one) != 1 || groups(t, db, two) != 0 {
		t.Fatal("the wall has a hole")
	}
	err := db.In(t.Context(), two, func(s *Scope) error {
		_, err := s.Exec(t.Context(), "INSERT INTO groups (tenant_id, id, kind, name, created_at) VALUES ($1, $2, 'group', 'x', $3)", one, NewID(), s.Now())
		return err
	})
	if err == nil || !strings.Contains(err.Error(), "42501") {
		t.Fatalf("a row of another tenant: %v", err)
	}
	must(t, db.In(t.Context(), two, func(s *Scope) error {
		n, err := s.Exec(t.Context(), "UPDATE groups SET name = 'taken'")
		if n != 0 {
			t.Errorf("%d rows of another tenant were changed", n)
		}
		return err
	}))
	if err := db.In(t.Context(), ID{}, func(*Scope) error { return nil }); err == nil {
		t.Error("a scope without a tenant began")
	}
	var n int
	must(t, db.One(t.Context(), one, "SELECT count(*) FROM groups", nil, &n))
	must(t, db.One(t.Context(), two, "SELECT $1::int - count(*) FROM groups", []any{n}, &n))
	if n != 1 {
		t.Error("One does not keep to its tenant")
	}
	cleanConnection(t, db)
	if err := db.One(t.Context(), two, "SELECT name FROM groups", nil, new(string)); !errors.Is(err, ErrNotFound) {
		t.Errorf("no row is %v", err)
	}
	if err := db.One(t.Context(), two, "SELECT 1/0", nil, &n); err == nil {
		t.Error("One hides a failure")
	}
	cleanConnection(t, db)
}

func TestAcrossAllStepsInAndOut(t *testing.T) {
	t.Parallel()
	db, _, one, two := open(t, 1)
	ctx := t.Context()
	where := func(ask func(ctx context.Context, stmt string, args []any, dest ...any) error) (at string) {
		t.Helper()
		must(t, ask(ctx, "SELECT current_user || ' ' || current_setting('app.tenant', true)", nil, &at))
		return at
	}
	var kept *Scope
	must(t, db.AcrossAll(ctx, ForOperator, func(a *Across) error {
		for _, id := range []ID{one, two} {
			must(t, a.In(ctx, id, func(s *Scope) error {
				if at := where(s.Row); at != "portico_app "+id.String() {
					t.Errorf("inside: %q", at)
				}
				if err := a.Send(ctx, &Batch{}); err == nil {
					t.Error("the platform's role was taken inside a scope")
				}
				if err := a.In(ctx, one, func(*Scope) error { return nil }); err == nil {
					t.Error("a scope within a scope began")
				}
				kept = s
				return addGroup(ctx, s, id.String())
			}))
			if err := addGroup(ctx, kept, "late"); err == nil {
				t.Error("a scope outlived its function")
			}
			if at := where(a.Row); at != "portico_platform " {
				t.Errorf("outside: %q", at)
			}
		}
		return nil
	}))
	cleanConnection(t, db)
	if groups(t, db, one) != 1 || groups(t, db, two) != 1 {
		t.Error("rows are not where they belong")
	}
	err := db.AcrossAll(ctx, ForOperator, func(a *Across) error {
		must(t, a.In(ctx, one, func(s *Scope) error { return addGroup(ctx, s, "y") }))
		return errors.New("no")
	})
	if err == nil || groups(t, db, one) != 1 {
		t.Errorf("a failure kept its rows: %v", err)
	}
	err = db.AcrossAll(ctx, ForOperator, func(a *Across) error {
		return a.In(ctx, one, func(s *Scope) error { return s.SendAndCommit(ctx, &Batch{}) })
	})
	if err == nil {
		t.Error("a scope inside committed by itself")
	}
	cleanConnection(t, db)
	for _, id := range []ID{{}} {
		if err := db.AcrossAll(ctx, ForOperator, func(a *Across) error { return a.In(ctx, id, func(*Scope) error { return nil }) }); err == nil {
			t.Error("In without a tenant")
		}
	}
	for _, why := range []Reason{"", "because", "Host look-up"} {
		called := false
		err := db.AcrossAll(ctx, why, func(*Across) error { called = true; return nil })
		if err == nil || called || !strings.Contains(err.Error(), fmt.Sprintf("%q", string(why))) {
			t.Errorf("reason %q: %v", why, err)
		}
	}
}

func TestAnUnreachableDatabaseIsSaidPlainly(t *testing.T) {
	t.Parallel()
	db, base, one, _ := open(t, 1)
	su := super(t, base)
	end := func() {
		t.Helper()
		_, err := su.Exec(context.Background(), "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1 AND usename = 'portico_app'", base.Name)
		must(t, err)
	}
	err := db.In(t.Context(), one, func(s *Scope) error {
		must(t, addGroup(t.Context(), s, "x"))
		end()
		return addGroup(t.Context(), s, "y")
	})
	if !errors.Is(err, ErrUnavailable) {
		t.Errorf("a broken connection is %v", err)
	}
	err = db.In(t.Context(), one, func(s *Scope) error {
		must(t, addGroup(t.Context(), s, "x"))
		end()
		return nil
	})
	if !errors.Is(err, ErrUnavailable) {
		t.Errorf("a connection that broke before the commit is %v", err)
	}
	must(t, db.Ping(t.Context())) // and the pool recovers
	if n := groups(t, db, one); n != 0 {
		t.Errorf("%d rows", n)
	}
	away, err := Open(DBSettings{URL: "postgres://portico_app:hidden@127.0.0.1:1/x", Clock: &Clock{}})
	must(t, err)
	defer away.Close()
	for what, err := range map[string]error{
		"Ping": away.Ping(t.Context()), "In": away.In(t.Context(), one, func(s *Scope) error { return s.Send(t.Context(), &Batch{}) }),
		"One":       away.One(t.Context(), one, "SELECT 1", nil),
		"AcrossAll": away.AcrossAll(t.Context(), ForOperator, func(a *Across) error { return a.Send(t.Context(), &Batch{}) }),
	} {
		if !errors.Is(err, ErrUnavailable) || strings.Contains(err.Error(), "hidden") {
			t.Errorf("%s: %v", what, err)
		}
	}
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	if err := db.Ping(gone); errors.Is(err, ErrUnavailable) || !errors.Is(err, context.Canceled) {
		t.Errorf("a caller that went away is %v", err)
	}
	for _, code := range []string{"23505", "42501", "57014"} {
		err := db.In(t.Context(), one, func(s *Scope) error {
			_, err := s.Exec(t.Context(), fmt.Sprintf("DO $$ BEGIN RAISE SQLSTATE '%s'; END $$", code))
			return err
		})
		if err == nil || errors.Is(err, ErrUnavailable) {
			t.Errorf("%s is %v", code, err)
		}
	}
	for _, code := range []string{"08006", "53300", "57P01", "25006", "55P03"} {
		err := db.In(t.Context(), one, func(s *Scope) error {
			_, err := s.Exec(t.Context(), fmt.Sprintf("DO $$ BEGIN RAISE SQLSTATE '%s'; END $$", code))
			return err
		})
		if !errors.Is(err, ErrUnavailable) {
			t.Errorf("%s is %v", code, err)
		}
	}
	if _, err := Open(DBSettings{URL: "postgres://u:p@ss@[::1", Clock: &Clock{}}); err == nil || strings.Contains(err.Error(), "p@ss") {
		t.Errorf("a broken address: %v", err)
	}
}
