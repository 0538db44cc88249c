package migrations

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
)

// ErrRolesMissing says that the database lacks Portico's roles and that the role of the URL may not
// make them.
var ErrRolesMissing = errors.New("the database lacks Portico's roles")

// ErrNotOwner says that the role of the URL can neither be nor become portico_owner.
var ErrNotOwner = errors.New("migrations run as portico_owner")

// EnsureRoles makes Portico's database roles where they are missing, by running RolesSQL. It needs
// a role that may create roles; where the URL's may not, the error is ErrRolesMissing and says what
// an administrator has to run.
func EnsureRoles(ctx context.Context, url string) error {
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		return fmt.Errorf("connect to make the roles: %w", err)
	}
	defer conn.Close(context.WithoutCancel(ctx))
	return ensureRoles(ctx, conn)
}

func ensureRoles(ctx context.Context, conn *pgx.Conn) error {
	var missing []string
	var mayCreate bool
	err := conn.QueryRow(ctx, `
		SELECT coalesce(array_agg(name ORDER BY name) FILTER (WHERE r.rolname IS NULL), '{}'),
		       (SELECT rolcreaterole OR rolsuper FROM pg_roles WHERE rolname = current_user)
		FROM unnest($1::text[]) AS name LEFT JOIN pg_roles r ON r.rolname = name`,
		[]string{"portico_owner", "portico_app", "portico_platform", "portico_maintenance", "portico_search"},
	).Scan(&missing, &mayCreate)
	if err != nil {
		return fmt.Errorf("look for the roles: %w", err)
	}
	if len(missing) == 0 {
		// Servers that were set up before functions belonged to portico_search lack this membership.
		err := conn.QueryRow(ctx, `SELECT CASE WHEN pg_has_role('portico_owner', 'portico_search', 'MEMBER') THEN '{}'::text[]
			ELSE '{portico_search for portico_owner}' END`).Scan(&missing)
		if err != nil {
			return fmt.Errorf("look for the roles: %w", err)
		}
	}
	if len(missing) == 0 {
		return nil
	}
	if !mayCreate {
		return fmt.Errorf("%w (%s), and this role may not create them: run migrations/roles.sql as an administrator (`portico migrate roles` prints it)",
			ErrRolesMissing, strings.Join(missing, ", "))
	}
	if _, err := conn.Exec(ctx, roles); err != nil {
		return fmt.Errorf("make the roles: %w", err)
	}
	return nil
}

// openAsOwner opens a pool whose connections act as portico_owner: by signing in as it, or, for an
// administrator who is a member of it, by taking that role at connect, so that every object has the
// one owner that the wall is built for.
func openAsOwner(ctx context.Context, url string) (*sql.DB, error) {
	config, err := pgx.ParseConfig(url)
	if err != nil {
		return nil, fmt.Errorf("read the owner's database URL: %w", err)
	}
	conn, err := pgx.ConnectConfig(ctx, config)
	if err != nil {
		return nil, fmt.Errorf("connect to migrate: %w", err)
	}
	defer conn.Close(context.WithoutCancel(ctx))
	if err := ensureRoles(ctx, conn); err != nil {
		return nil, err
	}
	var user string
	var member bool
	err = conn.QueryRow(ctx, `SELECT current_user, pg_has_role(current_user, 'portico_owner', 'MEMBER')`).Scan(&user, &member)
	if err != nil {
		return nil, fmt.Errorf("look up the role: %w", err)
	}
	if !member {
		return nil, fmt.Errorf("%w, and %q is not a member of it", ErrNotOwner, user)
	}
	if user != "portico_owner" {
		config.RuntimeParams["role"] = "portico_owner"
	}
	// search_path decides where unqualified tables land; a role's or database's setting must not.
	config.RuntimeParams["search_path"] = "public"
	return stdlib.OpenDB(*config), nil
}
