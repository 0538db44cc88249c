package tenantstest

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"portico/migrations"
)

// prepare makes the template of the present schema where it is missing. Test processes run side by
// side, so that one advisory lock of the server puts them in a row.
func (s *shared) prepare(ctx context.Context) error {
	fingerprint, err := migrations.Fingerprint()
	if err != nil {
		return err
	}
	s.template = "portico_template_" + fingerprint[:16]
	conn, err := pgx.Connect(ctx, s.super("postgres"))
	if err != nil {
		return fmt.Errorf("connect to the test server: %w", err)
	}
	defer conn.Close(context.WithoutCancel(ctx)) // and with it the lock
	if _, err := conn.Exec(ctx, `SELECT pg_advisory_lock(hashtext('portico test template'))`); err != nil {
		return err
	}
	if err := s.setPasswords(ctx, conn); err != nil {
		return err
	}
	var there bool
	if err := conn.QueryRow(ctx, `SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)`, s.template).Scan(&there); err != nil || there {
		return err
	}
	return s.makeTemplate(ctx, conn)
}

func (s *shared) setPasswords(ctx context.Context, conn *pgx.Conn) error {
	if _, err := conn.Exec(ctx, migrations.RolesSQL()); err != nil {
		return fmt.Errorf("make the roles: %w", err)
	}
	for _, role := range []string{"portico_app", "portico_owner"} {
		if _, err := conn.Exec(ctx, fmt.Sprintf(`ALTER ROLE %s PASSWORD '%s'`, role, s.password(role))); err != nil {
			return fmt.Errorf("set the password of %s: %w", role, err)
		}
	}
	return nil
}

// makeTemplate migrates under another name and renames what is whole.
func (s *shared) makeTemplate(ctx context.Context, conn *pgx.Conn) error {
	half := s.template + "_half"
	for _, statement := range []string{
		`DROP DATABASE IF EXISTS ` + half + ` WITH (FORCE)`,
		`CREATE DATABASE ` + half + ` OWNER portico_owner TEMPLATE template0 ENCODING 'UTF8' LOCALE 'C'`,
	} {
		if _, err := conn.Exec(ctx, statement); err != nil {
			return err
		}
	}
	if err := migrations.Up(ctx, s.as("portico_owner", half), nil); err != nil {
		return err
	}
	// A template that somebody is connected to cannot be copied.
	for _, statement := range []string{
		`ALTER DATABASE ` + half + ` ALLOW_CONNECTIONS false`,
		`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '` + half + `'`,
		`ALTER DATABASE ` + half + ` RENAME TO ` + s.template,
	} {
		if _, err := conn.Exec(ctx, statement); err != nil {
			return err
		}
	}
	return nil
}
