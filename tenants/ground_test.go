package tenants

import (
	"context"
	"log/slog"
	"testing"

	"github.com/jackc/pgx/v5"

	"portico/tenants/tenantstest"
)

// open is a database of the test's own with two live tenants, one and two, seen through conns connections.
func open(t *testing.T, conns int) (db *DB, base tenantstest.DB, one, two ID) {
	t.Helper()
	base = tenantstest.Database(t)
	db, err := Open(DBSettings{URL: base.AppURL, MaxConns: conns, Clock: &Clock{}, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(db.Close)
	return db, base, addTenant(t, db, "one"), addTenant(t, db, "two")
}

func addTenant(t *testing.T, db *DB, slug string) ID {
	t.Helper()
	id := NewID()
	policy, _ := Preset(DefaultPreset)
	must(t, db.AcrossAll(t.Context(), ForTenantFile, func(a *Across) error {
		_, err := a.Exec(t.Context(), `INSERT INTO tenants (id, slug, name, state, created_at, updated_at) VALUES ($1, $2, $2, 'live', $3, $3)`,
			id, slug, a.Now())
		if err != nil {
			return err
		}
		return a.In(t.Context(), id, func(s *Scope) error { return SaveSetting(t.Context(), s, SubjectPolicy, policy, "test") })
	}))
	return id
}

// addGroup writes a row with a tenant in it: groups have few columns.
func addGroup(ctx context.Context, s *Scope, name string) error {
	_, err := s.Exec(ctx, "INSERT INTO groups (tenant_id, id, kind, name, created_at) VALUES ($1, $2, 'group', $3, $4)", s.Tenant(), NewID(), name, s.Now())
	return err
}

// groups counts the rows that a scope of the tenant sees.
func groups(t *testing.T, db *DB, tenant ID) (n int) {
	t.Helper()
	must(t, db.In(context.Background(), tenant, func(s *Scope) error {
		return s.Row(context.Background(), "SELECT count(*) FROM groups", nil, &n)
	}))
	return n
}

// super is a connection that sees everything, for faults and for looking.
func super(t *testing.T, base tenantstest.DB) *pgx.Conn {
	t.Helper()
	conn, err := pgx.Connect(context.Background(), base.SuperURL)
	must(t, err)
	t.Cleanup(func() { _ = conn.Close(context.Background()) })
	return conn
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
