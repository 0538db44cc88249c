package migrations_test

import (
	"context"
	"errors"
	"os"
	"strings"
	"testing"

	"portico/migrations"
	"portico/migrations/localpg"
)

// Roles belong to the whole server, so this test takes a server of its own.
func TestRolesAreMadeOrAskedFor(t *testing.T) {
	t.Parallel()
	dir, err := os.MkdirTemp("", "portico-roles-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	if err := os.Chmod(dir, 0o711); err != nil { // PostgreSQL's user walks through it
		t.Fatal(err)
	}
	server, err := localpg.Start(t.Context(), localpg.Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := server.Stop(context.Background()); err != nil {
			t.Error(err)
		}
	})
	super := server.SuperURL()
	for _, statement := range []string{
		`DROP DATABASE portico`, `DROP ROLE portico_app`, `DROP ROLE portico_search`,
		`CREATE ROLE guest LOGIN PASSWORD 'guest'`, `CREATE ROLE maker LOGIN CREATEROLE PASSWORD 'maker'`,
	} {
		execute(t, super, statement)
	}
	as := func(role string) string {
		return strings.Replace(super, super[len("postgres://"):strings.Index(super, "@")], role+":"+role, 1)
	}
	err = migrations.EnsureRoles(t.Context(), as("guest"))
	if !errors.Is(err, migrations.ErrRolesMissing) || !strings.Contains(err.Error(), "portico_app, portico_search") {
		t.Errorf("as a guest: %v", err)
	}
	if err := migrations.EnsureRoles(t.Context(), super); err != nil {
		t.Errorf("as superuser: %v", err)
	}
	if err := migrations.EnsureRoles(t.Context(), as("guest")); err != nil {
		t.Errorf("as a guest when nothing is missing: %v", err)
	}
	execute(t, super, `DROP ROLE portico_search`)
	if err := migrations.EnsureRoles(t.Context(), as("maker")); err != nil {
		t.Errorf("as a role that may create roles: %v", err)
	}
}
