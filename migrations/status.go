package migrations

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/rivermigrate"
)

// Step is one migration and whether the database has it.
type Step struct {
	Name      string    // "0001_directory.sql", or "river 8: …" for one of River's
	Applied   bool      // true when the database has it
	AppliedAt time.Time // when; zero for pending steps and for River's
}

// Status lists every step in order for the database that url names, which the owner or portico_app
// may read. A database that was never migrated has all of them pending.
func Status(ctx context.Context, url string) ([]Step, error) {
	config, err := pgx.ParseConfig(url)
	if err != nil {
		return nil, fmt.Errorf("read the database URL: %w", err)
	}
	db := stdlib.OpenDB(*config)
	defer db.Close()
	applied, err := appliedTimes(ctx, db)
	if err != nil {
		return nil, err
	}
	names, err := fs.Glob(files, "*.sql")
	if err != nil {
		return nil, err
	}
	var steps []Step
	for _, name := range names {
		version, err := goose.NumericComponent(name)
		if err != nil {
			return nil, fmt.Errorf("read the name of %s: %w", name, err)
		}
		at, ok := applied[version]
		steps = append(steps, Step{Name: name, Applied: ok, AppliedAt: at})
	}
	return riverSteps(ctx, db, steps)
}

func appliedTimes(ctx context.Context, db *sql.DB) (map[int64]time.Time, error) {
	rows, err := db.QueryContext(ctx, `SELECT version_id, tstamp FROM public.goose_db_version WHERE is_applied`)
	if missing(err) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read which migrations are there: %w", err)
	}
	defer rows.Close()
	applied := make(map[int64]time.Time)
	for rows.Next() {
		var version int64
		var at time.Time
		if err := rows.Scan(&version, &at); err != nil {
			return nil, err
		}
		applied[version] = at
	}
	return applied, rows.Err()
}

func riverSteps(ctx context.Context, db *sql.DB, steps []Step) ([]Step, error) {
	migrator, err := rivermigrate.New(riverpgxv5.New(nil), &rivermigrate.Config{Schema: RiverSchema})
	if err != nil {
		return nil, fmt.Errorf("read River's migrations: %w", err)
	}
	at, err := riverVersion(ctx, db)
	if err != nil {
		return nil, err
	}
	for _, m := range migrator.AllVersions() {
		steps = append(steps, Step{Name: fmt.Sprintf("river %d: %s", m.Version, m.Name), Applied: m.Version <= at})
	}
	return steps, nil
}

// riverVersion is the highest of River's versions in the database, 0 without any.
func riverVersion(ctx context.Context, db *sql.DB) (int, error) {
	var version int
	err := db.QueryRowContext(ctx, `SELECT coalesce(max(version), 0) FROM river.river_migration WHERE line = 'main'`).Scan(&version)
	if missing(err) {
		return 0, nil
	}
	if err != nil {
		return 0, fmt.Errorf("read River's version: %w", err)
	}
	return version, nil
}

// Current reports whether the database has at least this program's schema: two reads of tiny tables,
// cheap enough for every readiness check. A newer schema counts, so that an older machine stays ready
// while a new release rolls out. It needs no more than portico_app's rights.
func Current(ctx context.Context, db *sql.DB) (bool, error) {
	names, err := fs.Glob(files, "*.sql")
	if err != nil {
		return false, err
	}
	newest, err := goose.NumericComponent(names[len(names)-1])
	if err != nil {
		return false, err
	}
	var own int64
	err = db.QueryRowContext(ctx, `SELECT coalesce(max(version_id), 0) FROM public.goose_db_version WHERE is_applied`).Scan(&own)
	if missing(err) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("read the schema's version: %w", err)
	}
	if own < newest {
		return false, nil
	}
	wanted, err := newestRiver()
	if err != nil {
		return false, err
	}
	river, err := riverVersion(ctx, db)
	return err == nil && river >= wanted, err
}

// missing tells "this table, column or grant is not there yet" from real failures: a schema half-way
// through has its version tables in an older form, or no grants on them.
func missing(err error) bool {
	var pg *pgconn.PgError
	if !errors.As(err, &pg) {
		return false
	}
	switch pg.Code {
	case "42P01", "42703", "3F000", "42501": // undefined table, column, schema; insufficient privilege
		return true
	}
	return false
}
