package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib" // the driver for the schema check

	"portico/migrations"
)

type doctorVerb struct {
	config
	JSON bool `help:"As JSON."`
}

// finding is one thing that the doctor looked at.
type finding struct {
	What string `json:"what"`
	OK   bool   `json:"ok"`
	Said string `json:"said,omitempty"`
}

// Run looks at settings, role, schema and clock; it fails when one of them is not well.
func (d *doctorVerb) Run(ctx context.Context) error {
	var found []finding
	note := func(what string, err error) {
		f := finding{What: what, OK: err == nil}
		if err != nil {
			f.Said = err.Error()
		}
		found = append(found, f)
	}
	_, err := d.check()
	note("settings and secrets", err)
	if d.DatabaseURL != "" {
		d.database(ctx, note)
	}
	sick := 0
	for _, f := range found {
		if !f.OK {
			sick++
		}
		if !d.JSON {
			fmt.Printf("%-28s %v %s\n", f.What, map[bool]string{true: "ok", false: "NOT OK"}[f.OK], f.Said)
		}
	}
	if d.JSON {
		if err := printJSON(found); err != nil {
			return err
		}
	}
	if sick > 0 {
		return fmt.Errorf("%d of %d checks failed", sick, len(found))
	}
	return nil
}

func (d *doctorVerb) database(ctx context.Context, note func(string, error)) {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	db, err := sql.Open("pgx", d.DatabaseURL)
	if err != nil {
		note("database", err)
		return
	}
	defer func() { _ = db.Close() }()
	var role string
	var strong bool
	var now time.Time
	err = db.QueryRowContext(ctx, roleSQL).Scan(&role, &strong, &now)
	note("database", err)
	if err != nil {
		return
	}
	if strong {
		note("role", strongRole(role))
	} else {
		note("role", nil)
	}
	if off := time.Since(now).Abs(); off > 5*time.Second {
		note("clock", fmt.Errorf("this machine and the database differ by %s", off.Round(time.Second)))
	} else {
		note("clock", nil)
	}
	ok, err := migrations.Current(ctx, db)
	if err == nil && !ok {
		err = errors.New("the schema is older than this program; run: portico migrate up")
	}
	note("schema", err)
	var open int
	err = db.QueryRowContext(ctx, `SELECT count(*) FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'tenant_id'
		JOIN pg_namespace n ON n.oid = c.relnamespace
		WHERE n.nspname = 'public' AND c.relkind IN ('r', 'p') AND c.relname <> 'hosts' AND NOT (c.relrowsecurity AND c.relforcerowsecurity)`).Scan(&open)
	if err == nil && open > 0 {
		err = fmt.Errorf("%d tables stand outside of row security", open)
	}
	note("row security", err)
}
