package apptest

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/jackc/pgx/v5"
)

// Table is one table of the real database, as its catalogue has it.
type Table struct {
	Name     string // schema.table
	Tenanted bool   // has a tenant_id
}

// Tables lists the tables of ours: the schemas public and platform.
func (p *Portal) Tables() []Table {
	p.t.Helper()
	var all []Table
	p.each(`SELECT format('%I.%I', n.nspname, c.relname), EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname = 'tenant_id')
		FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
		WHERE n.nspname IN ('public', 'platform') AND c.relkind IN ('r', 'p') AND NOT c.relispartition ORDER BY 1`, func(row pgx.Rows) error {
		var t Table
		err := row.Scan(&t.Name, &t.Tenanted)
		all = append(all, t)
		return err
	})
	return all
}

// Rows is a digest of every row of every table of ours, for "nothing was stored, nothing was changed".
type Rows map[string]string

// Rows reads them; slug narrows to one tenant, "" does not.
func (p *Portal) Rows(slug string) Rows {
	p.t.Helper()
	rows := Rows{}
	for _, t := range p.Tables() {
		where := ""
		if slug != "" {
			if !t.Tenanted {
				continue
			}
			where = fmt.Sprintf(" WHERE t.tenant_id = (SELECT id FROM public.tenants WHERE slug = '%s')", slug)
		}
		var digest string
		p.Scan(fmt.Sprintf(`SELECT count(*) || ' ' || coalesce(md5(string_agg(t::text, '|' ORDER BY t::text)), '') FROM %s t%s`, t.Name, where), nil, &digest)
		rows[t.Name] = digest
	}
	return rows
}

// Differ names the tables whose rows are not the same.
func (r Rows) Differ(other Rows) []string {
	var names []string
	for _, name := range slices.Sorted(maps.Keys(r)) {
		if r[name] != other[name] {
			names = append(names, fmt.Sprintf("%s (%s → %s)", name, r[name], other[name]))
		}
	}
	return names
}

// Scan reads one row as superuser, past the wall.
func (p *Portal) Scan(query string, args []any, dest ...any) {
	p.t.Helper()
	p.super(func(ctx context.Context, c *pgx.Conn) error { return c.QueryRow(ctx, query, args...).Scan(dest...) })
}

// Exec changes rows as superuser, past the wall.
func (p *Portal) Exec(statement string, args ...any) {
	p.t.Helper()
	p.super(func(ctx context.Context, c *pgx.Conn) error { _, err := c.Exec(ctx, statement, args...); return err })
}

// Count counts the rows that a query's FROM and WHERE name.
func (p *Portal) Count(fromWhere string, args ...any) int {
	p.t.Helper()
	var n int
	p.Scan("SELECT count(*) FROM "+fromWhere, args, &n)
	return n
}

func (p *Portal) each(query string, scan func(pgx.Rows) error) {
	p.t.Helper()
	p.super(func(ctx context.Context, c *pgx.Conn) error {
		rows, err := c.Query(ctx, query)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			if err := scan(rows); err != nil {
				return err
			}
		}
		return rows.Err()
	})
}

func (p *Portal) super(work func(context.Context, *pgx.Conn) error) {
	p.t.Helper()
	p.mu.Lock()
	defer p.mu.Unlock()
	ctx := context.Background()
	if p.superuser == nil || p.superuser.IsClosed() {
		c, err := pgx.Connect(ctx, p.Database.SuperURL)
		must(p.t, err)
		p.superuser = c
		p.t.Cleanup(func() { _ = c.Close(ctx) })
	}
	if err := work(ctx, p.superuser); err != nil {
		p.t.Helper()
		p.t.Fatal(err)
	}
}
