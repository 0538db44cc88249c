package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"golang.org/x/crypto/bcrypt"

	"portico/tenants"
)

// importBar is in rows a second, after they were judged.
const importBar = 5_000

// importing brings a hundred thousand people with foreign hashes in by the operator's command, and measures
// from the start of the run to its end beside a plain COPY of the same rows into tables like those.
func importing(ctx context.Context, b *bench) ([]row, error) {
	n := 100_000
	if b.quick {
		n = 10_000
	}
	hash, err := bcrypt.GenerateFromPassword([]byte(password), bcrypt.DefaultCost)
	if err != nil {
		return nil, err
	}
	before, err := b.copied(ctx, n, string(hash))
	if err != nil {
		return nil, fmt.Errorf("COPY: %w", err)
	}
	took, judged, err := b.imported(ctx, n, string(hash))
	if err != nil {
		return nil, err
	}
	after, err := b.copied(ctx, n, string(hash))
	if err != nil {
		return nil, fmt.Errorf("COPY: %w", err)
	}
	limit, ours := (before+after)/2, float64(n)/took.Seconds()
	return []row{{Work: "import rows/s ÷ COPY", Ours: ours, Limit: limit, Unit: "/s", Ratio: ours / limit, Bar: "> 5,000 rows/s", OK: ours > importBar,
		Note: fmt.Sprintf("%d rows with foreign hashes in %.1f s; reading and judging them took %.1f s before that", n, took.Seconds(), judged.Seconds())}}, nil
}

// imported writes a file, imports it and reads from the audit how long its run took.
func (b *bench) imported(ctx context.Context, n int, hash string) (took, judged time.Duration, err error) {
	path := filepath.Join(b.dir, "people.csv")
	file, err := os.Create(path)
	if err != nil {
		return 0, 0, err
	}
	w := bufio.NewWriter(file)
	fmt.Fprintln(w, "external_id,name,email,locale,password_hash")
	for i := range n {
		given, family := called(i)
		fmt.Fprintf(w, "x-%07d,%s %s,%s,en,%s\n", i, given, family, addressOf(i), hash)
	}
	if err := w.Flush(); err != nil {
		return 0, 0, err
	}
	if err := file.Close(); err != nil {
		return 0, 0, err
	}
	began := time.Now()
	if err := b.operate(ctx, b.world, "user", "import", b.world.tenants[2].slug, "-f", path); err != nil {
		return 0, 0, err
	}
	err = b.asSuperuser(ctx, b.world.database, func(c *pgx.Conn) error {
		var from, to time.Time
		var counts []byte
		err := c.QueryRow(ctx, `SELECT s.at, e.at, i.counts FROM imports i
			JOIN audit_events s ON s.tenant_id = i.tenant_id AND s.kind = 'import.started' AND s.details->>'import' = i.id::text
			JOIN audit_events e ON e.tenant_id = i.tenant_id AND e.kind = 'import.ended' AND e.details->>'import' = i.id::text`).Scan(&from, &to, &counts)
		if err != nil {
			return err
		}
		var done struct{ New int }
		if err := json.Unmarshal(counts, &done); err != nil {
			return err
		}
		if done.New != n {
			return fmt.Errorf("%d of %d people were imported: %s", done.New, n, counts)
		}
		took, judged = to.Sub(from), from.Sub(began)
		return nil
	})
	return took, judged, err
}

// copied is the rate at which PostgreSQL takes the same people into tables and indexes like ours.
func (b *bench) copied(ctx context.Context, n int, hash string) (perSecond float64, err error) {
	tenant, now := tenants.NewID(), time.Now().UTC()
	ids := make([]uuid.UUID, n)
	for i := range ids {
		ids[i] = tenants.NewID()
	}
	err = b.asSuperuser(ctx, b.world.database, func(c *pgx.Conn) error {
		for _, t := range []string{"accounts", "account_identifiers", "audit_events"} {
			if _, err := c.Exec(ctx, fmt.Sprintf("DROP TABLE IF EXISTS bench.%s; CREATE TABLE bench.%s (LIKE public.%s INCLUDING ALL)", t, t, t)); err != nil {
				return err
			}
		}
		began := time.Now()
		for _, t := range []struct {
			table   string
			columns []string
			row     func(i int) []any
		}{
			{"accounts", []string{"tenant_id", "id", "external_id", "display_name", "locale", "status", "sign_in", "password", "password_set_at", "created_at", "updated_at"}, func(i int) []any {
				given, family := called(i)
				return []any{tenant, ids[i], fmt.Sprintf("x-%07d", i), given + " " + family, "en", "active", "local", []byte(hash + "as long as a seal makes it, at least"), now, now, now}
			}},
			{"account_identifiers", []string{"tenant_id", "kind", "norm", "value", "account_id", "verified_at", "created_at"}, func(i int) []any {
				return []any{tenant, "email", addressOf(i), addressOf(i), ids[i], now, now}
			}},
			{"audit_events", []string{"tenant_id", "id", "at", "kind", "outcome", "reason", "actor", "account_id", "client_address", "request_id", "details"}, func(i int) []any {
				return []any{tenant, tenants.NewID(), now, "account.imported", "success", "", "operator", ids[i], "", "", []byte(`{"import": "0193f000-0000-7000-8000-000000000000", "line": 1, "new": true}`)}
			}},
		} {
			i := 0
			_, err := c.CopyFrom(ctx, pgx.Identifier{"bench", t.table}, t.columns, pgx.CopyFromFunc(func() ([]any, error) {
				if i == n {
					return nil, nil
				}
				i++
				return t.row(i - 1), nil
			}))
			if err != nil {
				return fmt.Errorf("%s: %w", t.table, err)
			}
		}
		perSecond = float64(n) / time.Since(began).Seconds()
		for _, t := range []string{"accounts", "account_identifiers", "audit_events"} {
			if _, err := c.Exec(ctx, "DROP TABLE bench."+t); err != nil {
				return err
			}
		}
		return nil
	})
	return perSecond, err
}
