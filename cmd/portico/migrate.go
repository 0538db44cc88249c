package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"

	"portico/migrations"
)

type migrateVerb struct {
	Up     migrateUp     `cmd:"" help:"Apply what is missing; safe on many machines at once."`
	Status migrateStatus `cmd:"" help:"List what is applied."`
	Roles  migrateRoles  `cmd:"" help:"Print the SQL that makes the database roles."`
}

type ownerURL struct {
	OwnerURL string `name:"owner-database-url" env:"PORTICO_OWNER_DATABASE_URL" help:"PostgreSQL, as portico_owner, without a pooler." placeholder:"URL"`
}

func (o ownerURL) url() (string, error) {
	if o.OwnerURL == "" {
		return "", errors.New("PORTICO_OWNER_DATABASE_URL is not set")
	}
	return o.OwnerURL, nil
}

type migrateUp struct{ ownerURL }

// Run migrates.
func (m *migrateUp) Run(ctx context.Context) error {
	url, err := m.url()
	if err != nil {
		return err
	}
	return migrations.Up(ctx, url, slog.New(slog.NewTextHandler(os.Stderr, nil)))
}

type migrateStatus struct {
	ownerURL
	JSON bool `help:"As JSON."`
}

// Run lists the steps; it fails when one is missing.
func (m *migrateStatus) Run(ctx context.Context) error {
	url, err := m.url()
	if err != nil {
		return err
	}
	steps, err := migrations.Status(ctx, url)
	if err != nil {
		return err
	}
	if m.JSON {
		return printJSON(steps)
	}
	for _, s := range steps {
		fmt.Printf("%+v\n", s)
	}
	return nil
}

type migrateRoles struct{}

// Run prints roles.sql.
func (migrateRoles) Run() error {
	fmt.Print(migrations.RolesSQL())
	return nil
}
