package localpg

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"portico/migrations"
)

// furnish makes the roles, gives them this folder's passwords and makes the database `portico`. Each
// start does it again: a start may have been interrupted here.
func (s *Server) furnish(ctx context.Context) error {
	conn, err := pgx.Connect(ctx, s.SuperURL())
	if err != nil {
		return fmt.Errorf("connect to the new database: %w", err)
	}
	defer conn.Close(context.WithoutCancel(ctx))
	if _, err := conn.Exec(ctx, migrations.RolesSQL()); err != nil {
		return fmt.Errorf("make the roles: %w", err)
	}
	for _, role := range loginRoles[1:] {
		// ALTER ROLE takes no parameters; both words are ours (base32 and fixed names).
		if _, err := conn.Exec(ctx, fmt.Sprintf(`ALTER ROLE %s PASSWORD '%s'`, role, s.state.Passwords[role])); err != nil {
			return fmt.Errorf("set the password of %s: %w", role, err)
		}
	}
	var there bool
	if err := conn.QueryRow(ctx, `SELECT EXISTS (SELECT FROM pg_database WHERE datname = 'portico')`).Scan(&there); err != nil {
		return fmt.Errorf("look for the database: %w", err)
	}
	if there {
		return nil
	}
	if _, err := conn.Exec(ctx, `CREATE DATABASE portico OWNER portico_owner`); err != nil {
		return fmt.Errorf("make the database: %w", err)
	}
	return nil
}
