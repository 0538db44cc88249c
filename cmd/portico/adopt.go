package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"os"

	"github.com/jackc/pgx/v5"

	"portico/migrations"
)

// adopt readies a database that somebody brought to `portico dev`: roles and schema are made, and the
// portal signs in as portico_app. A URL that already is portico_app's is used as it is, migrated
// through PORTICO_OWNER_DATABASE_URL.
func adopt(ctx context.Context, raw, appPassword string, log *slog.Logger) (string, error) {
	u, err := url.Parse(raw)
	if err != nil || u.User == nil {
		return "", errors.New("DATABASE_URL is not an address such as postgres://user:password@host/database")
	}
	if u.User.Username() == "portico_app" {
		owner := os.Getenv("PORTICO_OWNER_DATABASE_URL")
		if owner == "" {
			return "", errors.New("DATABASE_URL signs in as portico_app; set PORTICO_OWNER_DATABASE_URL too, so that dev can migrate")
		}
		return raw, migrations.Up(ctx, owner, log)
	}
	if err := migrations.Up(ctx, raw, log); err != nil {
		return "", err
	}
	conn, err := pgx.Connect(ctx, raw)
	if err != nil {
		return "", fmt.Errorf("connect: %w", err)
	}
	defer func() { _ = conn.Close(context.WithoutCancel(ctx)) }()
	// The password is letters and digits of our own making; ALTER ROLE takes no parameter.
	if _, err := conn.Exec(ctx, "ALTER ROLE portico_app LOGIN PASSWORD '"+appPassword+"'"); err != nil {
		return "", fmt.Errorf("give portico_app a password: %w", err)
	}
	u.User = url.UserPassword("portico_app", appPassword)
	return u.String(), nil
}
