package migrations_test

import (
	"slices"
	"testing"

	"portico/tenants/tenantstest"
)

// TestSearchKeepsToItsTenant: the function that sees all rows answers for the tenant of the setting alone,
// and with nothing where none is named.
func TestSearchKeepsToItsTenant(t *testing.T) {
	t.Parallel()
	db := tenantstest.Database(t)
	for _, tenant := range []string{tenantA, tenantB} {
		execute(t, db.SuperURL, `INSERT INTO tenants (id, slug, name, state, created_at, updated_at)
			VALUES ($1::uuid, 't' || left(md5($1::text), 8), 'x', 'live', '2026-11-22', '2026-11-22')`, tenant)
		execute(t, db.SuperURL, `INSERT INTO accounts (tenant_id, id, display_name, status, sign_in, created_at, updated_at)
			VALUES ($1, $1, 'Žofie Øster', 'active', 'local', '2026-11-22', '2026-11-22')`, tenant)
		execute(t, db.SuperURL, `INSERT INTO account_identifiers (tenant_id, kind, norm, value, account_id, created_at)
			VALUES ($1, 'email', 'zofie.oster@a.example', 'zofie.oster@a.example', $1, '2026-11-22')`, tenant)
	}
	app := connect(t, db.AppURL)
	for typed, finds := range map[string]bool{
		"zofie": true, "ŽOFIE": true, "zofie oster": true, "oster": true, "zofie.oster@a.example": true, "zofie.o": true, "zofei": true, "osterr": true,
		"": false, "q": false, "nobody": false, "%": false, "___": false, `zof\`: true, `\`: false, "'; DROP TABLE accounts; --": false,
	} {
		for _, tenant := range []string{"", tenantA, tenantB} {
			tx, err := app.Begin(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if _, err := tx.Exec(t.Context(), `SELECT set_config('app.tenant', $1, true)`, tenant); err != nil {
				t.Fatal(err)
			}
			got := list(t, app, `SELECT account_id::text FROM search_people($1, NULL, NULL, NULL, NULL, NULL, '2026-11-22', 50)`, typed)
			var want []string
			if finds && tenant != "" {
				want = []string{tenant}
			}
			if !slices.Equal(got, want) {
				t.Errorf("%q in %q finds %v, want %v", typed, tenant, got, want)
			}
			if err := tx.Rollback(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
	}
}
