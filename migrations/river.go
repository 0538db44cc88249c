package migrations

import (
	"context"
	"database/sql"
	"fmt"
	"log/slog"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/rivermigrate"
)

// RiverSchema is where River's tables live, away from the tenants' and without row security: they
// hold ids of rows, never contents.
const RiverSchema = "river"

// upRiver applies River's migrations as the same role and to the same database as db. The schema and
// the grants for what River makes in it come from our own files.
func upRiver(ctx context.Context, db *sql.DB, log *slog.Logger) error {
	config, err := poolConfig(ctx, db)
	if err != nil {
		return err
	}
	pool, err := pgxpool.NewWithConfig(ctx, config)
	if err != nil {
		return fmt.Errorf("connect for River's migrations: %w", err)
	}
	defer pool.Close()
	migrator, err := rivermigrate.New(riverpgxv5.New(pool), &rivermigrate.Config{Schema: RiverSchema, Logger: log})
	if err != nil {
		return fmt.Errorf("read River's migrations: %w", err)
	}
	if _, err := migrator.Migrate(ctx, rivermigrate.DirectionUp, nil); err != nil {
		return fmt.Errorf("migrate River: %w", err)
	}
	return nil
}

// poolConfig takes over how db connects, role and search_path included.
func poolConfig(ctx context.Context, db *sql.DB) (*pgxpool.Config, error) {
	conn, err := db.Conn(ctx)
	if err != nil {
		return nil, fmt.Errorf("connect: %w", err)
	}
	defer conn.Close()
	pool, err := pgxpool.ParseConfig("")
	if err != nil {
		return nil, err
	}
	err = conn.Raw(func(driver any) error {
		pool.ConnConfig = driver.(*stdlib.Conn).Conn().Config()
		pool.MaxConns = 2
		return nil
	})
	return pool, err
}

// newestRiver is the version that River's own migrations end at.
func newestRiver() (int, error) {
	migrator, err := rivermigrate.New(riverpgxv5.New(nil), &rivermigrate.Config{Schema: RiverSchema})
	if err != nil {
		return 0, fmt.Errorf("read River's migrations: %w", err)
	}
	all := migrator.AllVersions()
	return all[len(all)-1].Version, nil
}
