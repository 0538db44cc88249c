package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"portico/tenants"
)

// crowd is a world whose main tenant has very many people with names that differ as people's names do, in
// a tree of groups, with a history: what a console's lists meet in a large house.
type crowd struct {
	*world
	people int
	desk   string // the group that lena looks after
	cookie map[string]string
}

// Who looks at the crowd: somebody who reaches everybody, and somebody who reaches one group.
const (
	everywhere = "boss"
	oneGroup   = "lena"
)

// crowdGroups is how many departments there are, ten to a location.
const crowdGroups = 200

// gather makes the crowd in a database that was copied before anybody came.
func (b *bench) gather(ctx context.Context) (c *crowd, err error) {
	c = &crowd{people: 1_000_000, cookie: map[string]string{}}
	if b.quick {
		c.people = 50_000
	}
	if c.world, err = b.newWorld(ctx, crowdDatabase, 1, 0, 0); err != nil {
		return nil, err
	}
	server := c.server
	defer func() {
		if err != nil {
			server.stop()
		}
	}()
	if err = b.asSuperuser(ctx, crowdDatabase, func(conn *pgx.Conn) error { return c.fill(ctx, conn) }); err != nil {
		return nil, fmt.Errorf("the crowd: %w", err)
	}
	for _, who := range []string{everywhere, oneGroup} {
		if c.cookie[who], err = c.enter(who); err != nil {
			return nil, fmt.Errorf("%s: %w", who, err)
		}
	}
	return c, nil
}

const crowdDatabase = "portico_crowd"

// enter signs somebody in and answers the browser's cookies.
func (c *crowd) enter(who string) (string, error) {
	in := &conn{addr: c.addr}
	defer in.close()
	a, err := in.do(c.post(c.main, "/login", "identifier", who+"@bench.example", "password", password))
	if err != nil {
		return "", err
	}
	if err := a.want(303); err != nil {
		return "", err
	}
	return "pre=" + c.main.pre + "; sid=" + a.cookie("sid") + "; dev=" + a.cookie("dev"), nil
}

// fill copies everybody in while the indexes rest, and gives PostgreSQL its statistics.
func (c *crowd) fill(ctx context.Context, conn *pgx.Conn) error {
	var tenant tenants.ID
	if err := conn.QueryRow(ctx, "SELECT id FROM tenants WHERE slug = 'bench'").Scan(&tenant); err != nil {
		return err
	}
	const filled = "ARRAY['accounts', 'account_identifiers', 'account_groups', 'audit_events']::regclass[]"
	_, err := conn.Exec(ctx, "UPDATE pg_index SET indisready = false WHERE NOT indisunique AND indrelid = ANY ("+filled+")")
	if err != nil {
		return err
	}
	// Rows that were made to fit each other need no checks.
	if _, err := conn.Exec(ctx, "SET session_replication_role = replica; SET maintenance_work_mem = '512MB'; SET synchronous_commit = off"); err != nil {
		return err
	}
	if err := c.copyCrowd(ctx, conn, tenant); err != nil {
		return err
	}
	for _, table := range []string{"accounts", "account_identifiers", "account_groups", "audit_events"} {
		if _, err := conn.Exec(ctx, "REINDEX TABLE "+table); err != nil {
			return err
		}
	}
	if _, err := conn.Exec(ctx, aroundCrowd, tenant, c.people); err != nil {
		return err
	}
	if err := c.chiefs(ctx, conn, tenant); err != nil {
		return err
	}
	for _, stmt := range []string{"VACUUM ANALYZE", "CHECKPOINT"} { // what was written is no load for those who look
		if _, err = conn.Exec(ctx, stmt); err != nil {
			return err
		}
	}
	return nil
}

// copyCrowd copies accounts, their addresses, their groups and one event of each.
func (c *crowd) copyCrowd(ctx context.Context, conn *pgx.Conn, tenant tenants.ID) error {
	began := time.Now().UTC().Add(-90 * 24 * time.Hour)
	groups := make([]tenants.ID, crowdGroups)
	for n := range groups {
		groups[n] = tenants.NewID()
		var above *tenants.ID
		kind := "location"
		if n%10 > 0 {
			above, kind = &groups[n/10*10], "department"
		}
		if _, err := conn.Exec(ctx, "INSERT INTO groups (tenant_id, id, parent_id, kind, name, created_at) VALUES ($1, $2, $3, $4, $5, $6)",
			tenant, groups[n], above, kind, fmt.Sprintf("%s %03d", kind, n), began); err != nil {
			return err
		}
	}
	c.desk = groups[0].String()
	ids := make([]tenants.ID, c.people)
	for n := range ids {
		ids[n] = tenants.NewID()
	}
	at := func(n int) time.Time { return began.Add(time.Duration(n) * time.Second) }
	for _, t := range []struct {
		table   string
		columns []string
		row     func(n int) []any
	}{
		{"accounts", []string{"tenant_id", "id", "external_id", "display_name", "status", "sign_in", "created_at", "updated_at", "signed_in_at"}, func(n int) []any {
			given, family := called(n)
			status := "active"
			if n%50 == 0 {
				status = "disabled"
			}
			return []any{tenant, ids[n], fmt.Sprintf("c-%07d", n), given + " " + family, status, "local", at(n), at(n), at((n * 7919) % c.people)}
		}},
		{"account_identifiers", []string{"tenant_id", "kind", "norm", "value", "account_id", "verified_at", "created_at"}, func(n int) []any {
			address := addressOf(n)
			return []any{tenant, "email", address, address, ids[n], at(n), at(n)}
		}},
		{"account_groups", []string{"tenant_id", "account_id", "group_id"}, func(n int) []any {
			return []any{tenant, ids[n], groups[(n*31)%crowdGroups]}
		}},
		{"audit_events", []string{"tenant_id", "id", "at", "kind", "outcome", "reason", "actor", "account_id", "client_address", "request_id"}, func(n int) []any {
			return []any{tenant, tenants.NewID(), at(n), []string{"signin.ok", "signin.ok", "signin.failed", "reset.requested"}[n%4], "success", "", "account:" + ids[n].String(), ids[n], "192.0.2.1", "r"}
		}},
	} {
		n := 0
		_, err := conn.CopyFrom(ctx, pgx.Identifier{t.table}, t.columns, pgx.CopyFromFunc(func() ([]any, error) {
			if n == c.people {
				return nil, nil
			}
			n++
			return t.row(n - 1), nil
		}))
		if err != nil {
			return fmt.Errorf("copy into %s: %w", t.table, err)
		}
	}
	return nil
}

// aroundCrowd gives one in fifty a role, and a few a lock.
const aroundCrowd = `WITH chosen AS (SELECT tenant_id, id, row_number() OVER (ORDER BY id) AS n FROM accounts WHERE tenant_id = $1 AND status = 'active' LIMIT $2::int),
	held AS (INSERT INTO role_assignments (tenant_id, id, account_id, role, granted_by, created_at)
		SELECT tenant_id, gen_random_uuid(), id, CASE WHEN n % 1000 = 0 THEN 'support_agent' ELSE 'auditor' END, 'bench', '2026-01-01' FROM chosen WHERE n % 50 = 0)
	INSERT INTO account_locks (tenant_id, account_id, device, failures, locks, locked_until)
		SELECT tenant_id, id, 'unknown', 5, 1, '9999-12-31' FROM chosen WHERE n % 2000 = 1
	ON CONFLICT DO NOTHING` // some of the world's own people are locked already

// chiefs are the two who look.
func (c *crowd) chiefs(ctx context.Context, conn *pgx.Conn, tenant tenants.ID) error {
	for who, holds := range map[string]struct {
		role  string
		scope *string
	}{everywhere: {"brand_admin", nil}, oneGroup: {"people_manager", &c.desk}} {
		id, address := tenants.NewID(), who+"@bench.example"
		for _, q := range []struct {
			stmt string
			args []any
		}{
			{"INSERT INTO accounts (tenant_id, id, display_name, status, sign_in, password, created_at, updated_at) VALUES ($1, $2, $3, 'active', 'local', $4, now(), now())",
				[]any{tenant, id, who, c.peppers.Seal("password", tenant, id.String(), []byte(hashOf(password)))}},
			{"INSERT INTO account_identifiers (tenant_id, kind, norm, value, account_id, verified_at, created_at) VALUES ($1, 'email', $2, $2, $3, now(), now())", []any{tenant, address, id}},
			{"INSERT INTO role_assignments (tenant_id, id, account_id, role, scope_id, granted_by, created_at) VALUES ($1, gen_random_uuid(), $2, $3, $4::text::uuid, 'bench', now())",
				[]any{tenant, id, holds.role, holds.scope}},
		} {
			if _, err := conn.Exec(ctx, q.stmt, q.args...); err != nil {
				return err
			}
		}
	}
	return nil
}

// called is the name of the n-th of the crowd: 300 given names and 15,000 family names, of which the first
// are far more frequent than the last, as everywhere.
func called(n int) (given, family string) {
	r := rand.New(rand.NewPCG(uint64(n), 7)) //nolint:gosec // the same people every time; n is no secret and not negative
	skewed := func(most int) int { f := r.Float64(); return int(f * f * float64(most)) }
	g, f := skewed(len(begins)*len(endings)), skewed(len(firsts)*len(middles)*len(lasts))
	given = begins[g/len(endings)] + endings[g%len(endings)]
	family = firsts[f/(len(middles)*len(lasts))] + middles[f/len(lasts)%len(middles)] + lasts[f%len(lasts)]
	return given, family
}

func addressOf(n int) string {
	given, family := called(n)
	return strings.ToLower(fmt.Sprintf("%s.%s%d@bench.example", given, family, n))
}

// What names are made of.
var (
	begins  = strings.Fields("Ma Le Jo An Ka Ni So El Da Ri Ti Be Lu Mi Pa Sa To Vi Ha Cla")
	endings = strings.Fields("ra na lin rie mon ris ta vid lia nes der bel cas mina ro")
	firsts  = strings.Fields("Ander Berg Carl Dahl Eber Fisch Gold Hart Jan Kauf Lind Mar Nor Oster Peter Quint Rosen Sand Thor Ull Wald Win York Zimmer Brand Stein Hoff Klein Grun Wolf")
	middles = strings.Fields("a be di en fo ga hu in ka li mo ne or pe ra si ta um ve wi")
	lasts   = strings.Fields("berg dahl ford gren heim jer kamp lund mann ner qvist rup sen strom ton vall ward wick son feld hall bach brook field ski")
)
