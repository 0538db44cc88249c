package tenantstest_test

import (
	"context"
	"testing"

	"github.com/jackc/pgx/v5"

	"portico/tenants/tenantstest"
)

func ask(t *testing.T, url, sql string) (answer string) {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background())
	if err := conn.QueryRow(t.Context(), sql).Scan(&answer); err != nil {
		t.Fatal(err)
	}
	return answer
}

func TestDatabaseIsTheTestsOwn(t *testing.T) {
	t.Parallel()
	for range 3 {
		t.Run("", func(t *testing.T) {
			t.Parallel()
			db := tenantstest.Database(t)
			if got := ask(t, db.SuperURL, `SELECT current_database() || ' ' || count(*) FROM tenants`); got != db.Name+" 0" {
				t.Errorf("got %q", got)
			}
			ask(t, db.SuperURL, `INSERT INTO tenants (id, slug, name, state, created_at, updated_at)
				VALUES (gen_random_uuid(), 'one', 'One', 'live', now(), now()) RETURNING slug`)
		})
	}
}

func TestApplicationRunsAsItsOwnRole(t *testing.T) {
	t.Parallel()
	db := tenantstest.Database(t)
	got := ask(t, db.AppURL, `SELECT rolname || ' ' || rolsuper || ' ' || rolbypassrls FROM pg_roles WHERE rolname = current_user`)
	if got != "portico_app false false" {
		t.Errorf("the application's URL signs in as %q", got)
	}
	if got := ask(t, db.OwnerURL, `SELECT current_user::text`); got != "portico_owner" {
		t.Errorf("the owner's URL signs in as %q", got)
	}
}
