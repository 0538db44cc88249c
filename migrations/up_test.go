package migrations_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"

	"portico/migrations"
	"portico/tenants/tenantstest"
)

// emptyDatabase makes a database without any schema on the test server.
func emptyDatabase(t *testing.T) (ownerURL, superURL string) {
	t.Helper()
	db := tenantstest.Database(t)
	name := db.Name + "_empty"
	execute(t, db.SuperURL, `CREATE DATABASE `+name+` OWNER portico_owner TEMPLATE template0`)
	t.Cleanup(func() { execute(t, db.SuperURL, `DROP DATABASE `+name+` WITH (FORCE)`) })
	return strings.Replace(db.OwnerURL, "/"+db.Name, "/"+name, 1), strings.Replace(db.SuperURL, "/"+db.Name, "/"+name, 1)
}

func execute(t *testing.T, url, statement string, arguments ...any) {
	t.Helper()
	conn, err := pgx.Connect(context.Background(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background())
	if _, err := conn.Exec(context.Background(), statement, arguments...); err != nil {
		t.Fatal(err)
	}
}

func open(t *testing.T, url string) *sql.DB {
	t.Helper()
	config, err := pgx.ParseConfig(url)
	if err != nil {
		t.Fatal(err)
	}
	db := stdlib.OpenDB(*config)
	t.Cleanup(func() { db.Close() })
	return db
}

func current(t *testing.T, url string) bool {
	t.Helper()
	ok, err := migrations.Current(t.Context(), open(t, url))
	if err != nil {
		t.Fatal(err)
	}
	return ok
}

// shape is every column, constraint, index, policy and grant, so that two schemas can be compared.
func shape(t *testing.T, url string) []string {
	t.Helper()
	rows, err := open(t, url).QueryContext(t.Context(), `
		SELECT format('%s.%s %s %s', table_schema, table_name, column_name, data_type) FROM information_schema.columns
		  WHERE table_schema IN ('public', 'platform', 'river')
		UNION ALL SELECT conrelid::regclass || ' ' || pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid <> 0
		UNION ALL SELECT indexdef FROM pg_indexes WHERE schemaname IN ('public', 'platform', 'river')
		UNION ALL SELECT format('%s %s %s %s', tablename, policyname, roles, qual) FROM pg_policies
		UNION ALL SELECT format('%s %s', oid::regclass, relacl) FROM pg_class WHERE relnamespace::regnamespace::text IN ('public', 'platform', 'river')
		UNION ALL SELECT format('%s %s %s', oid::regprocedure, proacl, proowner::regrole) FROM pg_proc WHERE pronamespace::regnamespace::text IN ('public', 'platform', 'river')`)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var lines []string
	for rows.Next() {
		var line string
		if err := rows.Scan(&line); err != nil {
			t.Fatal(err)
		}
		lines = append(lines, line)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	slices.Sort(lines)
	return lines
}

func TestManyMachinesMigrateAtOnce(t *testing.T) {
	t.Parallel()
	owner, _ := emptyDatabase(t)
	if current(t, owner) {
		t.Fatal("an empty database counts as current")
	}
	var all sync.WaitGroup
	for range 6 {
		all.Go(func() {
			if err := migrations.Up(t.Context(), owner, nil); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if !current(t, owner) {
		t.Error("migrated by six machines, and not current")
	}
	if want := shape(t, tenantstest.Database(t).OwnerURL); !slices.Equal(shape(t, owner), want) {
		t.Error("six machines made another schema than one")
	}
}

// interrupter cancels after the given migration was reported.
type interrupter struct {
	slog.Handler
	after  string
	cancel context.CancelFunc
}

func (i interrupter) Enabled(context.Context, slog.Level) bool { return true }

func (i interrupter) Handle(_ context.Context, record slog.Record) error {
	hit := strings.Contains(record.Message, i.after)
	record.Attrs(func(a slog.Attr) bool { hit = hit || strings.Contains(fmt.Sprint(a.Value), i.after); return true })
	if hit {
		i.cancel()
	}
	return nil
}

func TestInterruptedMigrationGoesOn(t *testing.T) {
	t.Parallel()
	want := shape(t, tenantstest.Database(t).OwnerURL)
	for _, after := range []string{"0001", "0004", "Applied migration"} {
		t.Run(after, func(t *testing.T) {
			t.Parallel()
			owner, _ := emptyDatabase(t)
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			stop := interrupter{Handler: slog.DiscardHandler, after: after, cancel: cancel}
			if err := migrations.Up(ctx, owner, slog.New(stop)); err == nil {
				t.Fatal("was not interrupted")
			}
			if current(t, owner) {
				t.Fatal("half a schema counts as current")
			}
			if err := migrations.Up(t.Context(), owner, nil); err != nil {
				t.Fatal(err)
			}
			if !slices.Equal(shape(t, owner), want) {
				t.Error("another schema than an undisturbed run makes")
			}
		})
	}
}

func TestAdministratorMigratesInTheOwnersName(t *testing.T) {
	t.Parallel()
	_, super := emptyDatabase(t)
	if err := migrations.Up(t.Context(), super, nil); err != nil {
		t.Fatal(err)
	}
	if want := shape(t, tenantstest.Database(t).OwnerURL); !slices.Equal(shape(t, super), want) {
		t.Error("an administrator made another schema than the owner")
	}
}

func TestApplicationMayNotMigrate(t *testing.T) {
	t.Parallel()
	owner, _ := emptyDatabase(t)
	db := tenantstest.Database(t)
	app := strings.Replace(db.AppURL, "/"+db.Name, owner[strings.LastIndex(owner, "/"):strings.Index(owner, "?")], 1)
	if err := migrations.Up(t.Context(), app, nil); !errors.Is(err, migrations.ErrNotOwner) {
		t.Errorf("as portico_app: %v, want ErrNotOwner", err)
	}
}

func TestStatusListsEveryStep(t *testing.T) {
	t.Parallel()
	owner, _ := emptyDatabase(t)
	for _, applied := range []bool{false, true} {
		steps, err := migrations.Status(t.Context(), owner)
		if err != nil {
			t.Fatal(err)
		}
		if len(steps) < 14 || steps[0].Name != "0001_directory.sql" || !strings.HasPrefix(steps[len(steps)-1].Name, "river ") {
			t.Errorf("steps: %v", steps)
		}
		for _, step := range steps {
			if step.Applied != applied {
				t.Errorf("%s: applied %v, want %v", step.Name, step.Applied, applied)
			}
		}
		if err := migrations.Up(t.Context(), owner, nil); err != nil {
			t.Fatal(err)
		}
	}
}

func TestReadinessNeedsNoMoreThanTheApplicationsRights(t *testing.T) {
	t.Parallel()
	db := tenantstest.Database(t)
	if !current(t, db.AppURL) {
		t.Error("the application does not see that the schema is current")
	}
	execute(t, db.OwnerURL, `DELETE FROM goose_db_version WHERE version_id = (SELECT max(version_id) FROM goose_db_version)`)
	if current(t, db.AppURL) {
		t.Error("a schema behind the program counts as current")
	}
}
