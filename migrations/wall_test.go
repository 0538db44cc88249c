package migrations_test

import (
	"context"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"portico/tenants/tenantstest"
)

// The wall: these tests walk the finished schema, so that a table, view or function that somebody
// adds stands inside it or fails here. The lists below are the exceptions; each has its reason.

// withoutTenant are the tables of `public` that no tenant owns.
var withoutTenant = []string{
	"goose_db_version", // which migrations ran
	"tenants",          // the directory; reached through portico_platform alone
}

// directory has a tenant_id but answers "whose host is this?" before a tenant is known.
var directory = []string{"hosts"}

// definers are the functions that act with their owner's rights instead of the caller's.
var definers = []string{
	"count_hours", "remove_hour_figures",
	"remove_audit_events", "remove_captchas_spent", "remove_challenges", "remove_known_devices", "remove_letters", "remove_limits", "remove_links", "remove_look_previews",
	"remove_api_keys", "remove_platform_api_keys", "remove_api_answers", "remove_platform_api_answers",
	"remove_access_requests", "remove_imports", "remove_passes", "remove_phone_hours",
	"remove_platform_audit_events", "remove_platform_letters", "remove_platform_limits",
	"remove_recovery_blocks", "remove_recovery_flows", "remove_sessions", "remove_signin_challenges", "remove_staff_links", "remove_staff_sessions", "remove_support_requests", "remove_suppressions", "remove_tenant", "retention_sizes", "search_people", "search_people", // the second is for instances of the version before
}

const policyText = `(tenant_id = (NULLIF(current_setting('app.tenant'::text, true), ''::text))::uuid)`

func connect(t *testing.T, url string) *pgx.Conn {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close(context.Background()) })
	return conn
}

func list(t *testing.T, conn *pgx.Conn, query string, arguments ...any) []string {
	t.Helper()
	rows, err := conn.Query(t.Context(), query, arguments...)
	if err != nil {
		t.Fatal(err)
	}
	lines, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		t.Fatalf("%v in %s", err, query)
	}
	return lines
}

// tenantTables are the tables behind row security, partitions included.
func tenantTables(t *testing.T, conn *pgx.Conn) []string {
	t.Helper()
	tables := list(t, conn, `
		SELECT c.oid::regclass::text FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'tenant_id'
		WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.oid::regclass::text = ANY ($1)
		ORDER BY 1`, directory)
	if len(tables) < 14 {
		t.Fatalf("only %d tenant tables: %v", len(tables), tables)
	}
	return tables
}

func TestEveryTableIsATenantsOrListed(t *testing.T) {
	t.Parallel()
	conn := connect(t, tenantstest.Database(t).OwnerURL)
	got := list(t, conn, `
		SELECT c.relname::text FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p', 'f', 'm')
		AND NOT EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname = 'tenant_id') ORDER BY 1`)
	if !slices.Equal(got, withoutTenant) {
		t.Errorf("tables without tenant_id: %v, listed: %v", got, withoutTenant)
	}
	schemas := list(t, conn, `SELECT nspname::text FROM pg_namespace WHERE nspname !~ '^(pg_|information_schema)' ORDER BY 1`)
	if want := []string{"platform", "public", "river"}; !slices.Equal(schemas, want) {
		t.Errorf("schemas %v, want %v", schemas, want)
	}
}

func TestRowSecurityStandsOnEveryTenantTable(t *testing.T) {
	t.Parallel()
	conn := connect(t, tenantstest.Database(t).OwnerURL)
	for _, table := range tenantTables(t, conn) {
		wall := list(t, conn, `SELECT format('%s %s', relrowsecurity, relforcerowsecurity) FROM pg_class WHERE oid = $1::regclass`, table)
		if !slices.Equal(wall, []string{"t t"}) {
			t.Errorf("%s: row security enabled and forced: %v", table, wall)
		}
		policies := list(t, conn, `
			SELECT format('%s %s using %s check %s', polcmd, polpermissive, pg_get_expr(polqual, polrelid), pg_get_expr(polwithcheck, polrelid))
			FROM pg_policy WHERE polrelid = $1::regclass AND polroles && ARRAY[0::oid, 'portico_app'::regrole::oid]`, table)
		if want := []string{fmt.Sprintf("* t using %s check %[1]s", policyText)}; !slices.Equal(policies, want) {
			t.Errorf("%s: policies that hold for portico_app are\n%v, want\n%v", table, policies, want)
		}
		// Whoever else has a policy is one of the two roles that nobody signs in as.
		others := list(t, conn, `
			SELECT DISTINCT r.rolname::text FROM pg_policy p, unnest(p.polroles) AS o JOIN pg_roles r ON r.oid = o
			WHERE p.polrelid = $1::regclass AND r.rolname NOT IN ('portico_app', 'portico_platform', 'portico_maintenance', 'portico_search')`, table)
		if len(others) > 0 {
			t.Errorf("%s: policies for %v", table, others)
		}
	}
}

// Row security does not look at keys: a key without the tenant in front would tell one tenant of
// another's rows or let a row point to them.
func TestTenantComesFirstInEveryKey(t *testing.T) {
	t.Parallel()
	conn := connect(t, tenantstest.Database(t).OwnerURL)
	for _, table := range tenantTables(t, conn) {
		if n := list(t, conn, `SELECT 'x' FROM pg_index WHERE indrelid = $1::regclass AND indisprimary`, table); len(n) != 1 {
			t.Errorf("%s has no primary key", table)
		}
		for _, index := range list(t, conn, `
			SELECT pg_get_indexdef(i.indexrelid) FROM pg_index i
			LEFT JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0]
			WHERE i.indrelid = $1::regclass AND i.indisunique AND a.attname IS DISTINCT FROM 'tenant_id'`, table) {
			t.Errorf("%s: unique without the tenant in front: %s", table, index)
		}
		for _, key := range list(t, conn, `
			SELECT pg_get_constraintdef(c.oid) FROM pg_constraint c
			JOIN pg_attribute own ON own.attrelid = c.conrelid AND own.attnum = c.conkey[1]
			JOIN pg_attribute their ON their.attrelid = c.confrelid AND their.attnum = c.confkey[1]
			WHERE c.conrelid = $1::regclass AND c.contype = 'f' AND (own.attname <> 'tenant_id'
			  OR their.attname <> CASE WHEN c.confrelid = 'tenants'::regclass THEN 'id' ELSE 'tenant_id' END)`, table) {
			t.Errorf("%s: foreign key without the tenant in front: %s", table, key)
		}
		if null := list(t, conn, `SELECT 'x' FROM pg_attribute WHERE attrelid = $1::regclass AND attname = 'tenant_id' AND NOT attnotnull`, table); len(null) > 0 {
			t.Errorf("%s.tenant_id may be NULL", table)
		}
	}
}

func TestRolesHoldNoMoreThanTheyShould(t *testing.T) {
	t.Parallel()
	conn := connect(t, tenantstest.Database(t).SuperURL)
	if strong := list(t, conn, `SELECT rolname::text FROM pg_roles WHERE rolname LIKE 'portico\_%'
		AND (rolsuper OR rolbypassrls OR rolcreaterole OR rolcreatedb OR rolreplication)`); len(strong) > 0 {
		t.Errorf("roles with power over all: %v", strong)
	}
	if got := list(t, conn, `SELECT rolname::text FROM pg_roles WHERE rolname LIKE 'portico\_%' AND rolcanlogin ORDER BY 1`); !slices.Equal(got, []string{"portico_app", "portico_owner"}) {
		t.Errorf("roles that can sign in: %v", got)
	}
	members := list(t, conn, `SELECT m.member::regrole || ' in ' || m.roleid::regrole FROM pg_auth_members m
		WHERE m.roleid::regrole::text LIKE 'portico\_%' AND m.member::regrole::text LIKE 'portico\_%' ORDER BY 1`)
	if want := []string{"portico_app in portico_platform", "portico_owner in portico_maintenance", "portico_owner in portico_search"}; !slices.Equal(members, want) {
		t.Errorf("memberships %v, want %v", members, want)
	}
	if inherits := list(t, conn, `SELECT 'x' FROM pg_roles WHERE rolname = 'portico_app' AND rolinherit`); len(inherits) > 0 {
		t.Error("portico_app inherits portico_platform's rights outside of AcrossAll")
	}
	for _, owned := range list(t, conn, `SELECT c.oid::regclass::text FROM pg_class c WHERE c.relowner IN
		(SELECT oid FROM pg_roles WHERE rolname IN ('portico_app', 'portico_platform', 'portico_maintenance', 'portico_search'))`) {
		t.Errorf("%s belongs to a role that serves", owned)
	}
	for _, grant := range list(t, conn, `
		SELECT format('%s on %s to %s', a.privilege_type, c.oid::regclass, a.grantee::regrole) FROM pg_class c, aclexplode(c.relacl) a
		WHERE c.relnamespace::regnamespace::text IN ('public', 'platform', 'river') AND a.grantee <> c.relowner
		AND (a.privilege_type IN ('TRUNCATE', 'REFERENCES', 'TRIGGER') OR a.grantee = 0 OR a.is_grantable)`) {
		t.Errorf("too much: %s", grant)
	}
	for _, schema := range []string{"public", "platform", "river"} {
		if may := list(t, conn, `SELECT r FROM unnest(ARRAY['portico_app', 'portico_platform', 'portico_maintenance', 'portico_search']) AS r
			WHERE has_schema_privilege(r, $1, 'CREATE')`, schema); len(may) > 0 {
			t.Errorf("%v may create in %s", may, schema)
		}
	}
}

func TestNoViewOrFunctionGoesRoundTheWall(t *testing.T) {
	t.Parallel()
	conn := connect(t, tenantstest.Database(t).OwnerURL)
	for _, view := range list(t, conn, `
		SELECT c.oid::regclass::text FROM pg_class c WHERE c.relnamespace::regnamespace::text IN ('public', 'platform', 'river')
		AND (c.relkind = 'm' OR c.relkind = 'v' AND NOT coalesce(c.reloptions @> '{security_invoker=true}', false))`) {
		t.Errorf("%s shows all tenants' rows (a view needs security_invoker)", view)
	}
	got := list(t, conn, `SELECT proname::text FROM pg_proc WHERE prosecdef AND pronamespace::regnamespace::text !~ '^(pg_|information_schema)' ORDER BY 1`)
	slices.Sort(got)
	if want := slices.Sorted(slices.Values(definers)); !slices.Equal(got, want) {
		t.Errorf("SECURITY DEFINER functions %v, listed %v", got, want)
	}
	for _, loose := range list(t, conn, `
		SELECT format('%s of %s, settings %s, rights %s', oid::regprocedure, proowner::regrole, proconfig, proacl) FROM pg_proc
		WHERE prosecdef AND pronamespace = 'public'::regnamespace AND NOT (proowner IN ('portico_maintenance'::regrole, 'portico_search'::regrole)
		  AND proconfig[1] = 'search_path=pg_catalog, public' AND NOT has_function_privilege('public', oid, 'EXECUTE'))`) {
		t.Errorf("a SECURITY DEFINER function without the rules: %s", loose)
	}
	for _, open := range list(t, conn, `SELECT oid::regprocedure::text FROM pg_proc
		WHERE pronamespace::regnamespace::text IN ('public', 'platform') AND has_function_privilege('public', oid, 'EXECUTE')
		AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_proc'::regclass AND d.objid = pg_proc.oid AND d.deptype = 'e')`) { // operators of pg_trgm and btree_gin reach no rows
		t.Errorf("everybody may call %s", open)
	}
}

// granted are the statements that portico_app may run on each table.
var granted = map[string]string{
	"api_keys": "INSERT SELECT UPDATE", "staff_access": "INSERT SELECT UPDATE",
	"senders": "INSERT SELECT UPDATE", "sender_domains": "INSERT SELECT UPDATE",
	"letter_feedback": "INSERT SELECT", "hour_figures": "SELECT",
	"settings": "INSERT SELECT", "images": "DELETE INSERT SELECT", "audit_events": "INSERT SELECT",
	"sessions": "INSERT SELECT UPDATE", "recovery_flows": "INSERT SELECT UPDATE", "links": "INSERT SELECT UPDATE", "letters": "INSERT SELECT UPDATE",
	"captchas_spent": "INSERT SELECT", "signin_challenges": "INSERT SELECT UPDATE", "phone_hours": "INSERT SELECT UPDATE", "phone_stops": "INSERT SELECT UPDATE",
	"account_groups": "DELETE INSERT SELECT", "passes": "INSERT SELECT UPDATE", "support_requests": "INSERT SELECT UPDATE", "earlier_passwords": "DELETE INSERT SELECT", "challenges": "INSERT SELECT UPDATE",
}

func TestApplicationsGrants(t *testing.T) {
	t.Parallel()
	conn := connect(t, tenantstest.Database(t).OwnerURL)
	for _, table := range tenantTables(t, conn) {
		want, listed := granted[table]
		if !listed {
			want = "DELETE INSERT SELECT UPDATE"
		}
		got := list(t, conn, `SELECT a.privilege_type FROM pg_class c, aclexplode(c.relacl) a
			WHERE c.oid = $1::regclass AND a.grantee = 'portico_app'::regrole ORDER BY 1`, table)
		if strings.Join(got, " ") != want {
			t.Errorf("%s: portico_app may %v, listed %s", table, got, want)
		}
	}
	for _, table := range slices.Concat(withoutTenant[1:], directory) {
		if got := list(t, conn, `SELECT a.privilege_type FROM pg_class c, aclexplode(c.relacl) a
			WHERE c.oid = $1::regclass AND a.grantee = 'portico_app'::regrole`, table); len(got) > 0 {
			t.Errorf("%s: portico_app may %v without portico_platform", table, got)
		}
	}
	if got := list(t, conn, `SELECT c.oid::regclass::text FROM pg_class c, aclexplode(c.relacl) a
		WHERE c.relnamespace = 'platform'::regnamespace AND a.grantee = 'portico_app'::regrole`); len(got) > 0 {
		t.Errorf("portico_app reaches %v without portico_platform", got)
	}
}

// fill puts one row of each tenant into every tenant table, as superuser without triggers: what a
// row means does not matter here, only whose it is.
func fill(t *testing.T, db tenantstest.DB) {
	t.Helper()
	conn := connect(t, db.SuperURL)
	owner := connect(t, db.OwnerURL)
	if _, err := conn.Exec(t.Context(), `SET session_replication_role = replica`); err != nil {
		t.Fatal(err)
	}
	for _, table := range tenantTables(t, owner) {
		for _, check := range list(t, owner, `SELECT conname::text FROM pg_constraint WHERE conrelid = $1::regclass AND contype = 'c'`, table) {
			if _, err := owner.Exec(t.Context(), fmt.Sprintf(`ALTER TABLE %s DROP CONSTRAINT %s`, table, pgx.Identifier{check}.Sanitize())); err != nil {
				t.Fatal(err)
			}
		}
		columns := list(t, owner, `SELECT format('%I %s', attname, format_type(atttypid, atttypmod)) FROM pg_attribute
			WHERE attrelid = $1::regclass AND attnum > 0 AND attnotnull AND NOT attisdropped`, table)
		for _, tenant := range []string{tenantA, tenantB} {
			var names, values []string
			for _, column := range columns {
				name, kind, _ := strings.Cut(column, " ")
				names, values = append(names, name), append(values, sample(name, kind, tenant))
			}
			insert := fmt.Sprintf(`INSERT INTO %s (%s) VALUES (%s)`, table, strings.Join(names, ", "), strings.Join(values, ", "))
			if _, err := conn.Exec(t.Context(), insert); err != nil {
				t.Fatalf("%s: %v", insert, err)
			}
		}
	}
}

func sample(name, kind, tenant string) string {
	values := map[string]string{
		"uuid": "gen_random_uuid()", "text": "'x'", "bytea": "'x'", "jsonb": "'{}'", "boolean": "false", "integer": "1", "bigint": "1",
		"timestamp with time zone": "'2026-11-22'", "text[]": "'{}'", "bytea[]": "'{}'",
	}
	if name == "tenant_id" {
		return "'" + tenant + "'"
	}
	return values[kind]
}

func TestApplicationSeesOneTenantOrNothing(t *testing.T) {
	t.Parallel()
	db := tenantstest.Database(t)
	fill(t, db)
	tables := tenantTables(t, connect(t, db.OwnerURL))
	app := connect(t, db.AppURL)
	// Before any tenant was named, after one was ('' then), and with a text that is no id.
	for _, set := range []string{"", tenantA, tenantB, ""} {
		tx, err := app.Begin(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if set != "" {
			if _, err := tx.Exec(t.Context(), `SELECT set_config('app.tenant', $1, true)`, set); err != nil {
				t.Fatal(err)
			}
		}
		for _, table := range tables {
			seen := list(t, app, `SELECT DISTINCT tenant_id::text FROM `+table)
			if want := strings.Fields(set); !slices.Equal(seen, want) {
				t.Errorf("with tenant %q, %s shows rows of %v", set, table, seen)
			}
		}
		if err := tx.Commit(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
}

func TestApplicationCannotTouchAnotherTenantsRows(t *testing.T) {
	t.Parallel()
	db := tenantstest.Database(t)
	fill(t, db)
	tables := tenantTables(t, connect(t, db.OwnerURL))
	app, super := connect(t, db.AppURL), connect(t, db.SuperURL)
	refused := regexp.MustCompile(`row-level security|permission denied`)
	for _, table := range tables {
		for _, statement := range []string{
			`UPDATE %s SET tenant_id = '` + tenantB + `'`,
			`INSERT INTO %s SELECT * FROM %[1]s`, // its own row, for B: see below
			`TRUNCATE %s`,
		} {
			tx, err := app.Begin(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if _, err := tx.Exec(t.Context(), `SELECT set_config('app.tenant', $1, true)`, tenantA); err != nil {
				t.Fatal(err)
			}
			if strings.HasPrefix(statement, "INSERT") {
				var columns, values []string
				for _, c := range list(t, super, `SELECT quote_ident(attname) FROM pg_attribute WHERE attrelid = $1::regclass
					AND attnum > 0 AND NOT attisdropped AND attgenerated = ''`, table) {
					columns, values = append(columns, c), append(values, "y."+c)
				}
				statement = `INSERT INTO %s (` + strings.Join(columns, ", ") + `) SELECT ` + strings.Join(values, ", ") +
					` FROM %[1]s x, jsonb_populate_record(x, '{"tenant_id": "` + tenantB + `"}') y`
			}
			if _, err := tx.Exec(t.Context(), fmt.Sprintf(statement, table)); err == nil || !refused.MatchString(err.Error()) {
				t.Errorf("%s as tenant A: %v, want a refusal", fmt.Sprintf(statement, table), err)
			}
			if err := tx.Rollback(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		if granted[table] == "" || strings.Contains(granted[table], "DELETE") {
			tx, err := app.Begin(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			_, err = tx.Exec(t.Context(), `SELECT set_config('app.tenant', $1, true)`, tenantA)
			if err == nil {
				_, err = tx.Exec(t.Context(), `DELETE FROM `+table)
			}
			if err != nil {
				t.Fatalf("%s: %v", table, err)
			}
			if err := tx.Commit(t.Context()); err != nil {
				t.Fatal(err)
			}
			if left := list(t, super, `SELECT tenant_id::text FROM `+table); !slices.Contains(left, tenantB) {
				t.Errorf("tenant A removed B's row of %s", table)
			}
		}
	}
}

func TestAuditRowsCannotBeChanged(t *testing.T) {
	t.Parallel()
	db := tenantstest.Database(t)
	fill(t, db)
	app := connect(t, db.AppURL)
	for statement, role := range map[string]string{
		`UPDATE audit_events SET kind = 'y'`:          "portico_app",
		`DELETE FROM audit_events`:                    "portico_app",
		`UPDATE platform.audit_events SET kind = 'y'`: "portico_platform",
		`DELETE FROM platform.audit_events`:           "portico_platform",
	} {
		_, err := app.Exec(t.Context(), `SET ROLE `+role)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := app.Exec(t.Context(), statement); err == nil || !strings.Contains(err.Error(), "permission denied") {
			t.Errorf("%s: %v, want permission denied", statement, err)
		}
	}
}

// A platform role that saw more than it needs would make AcrossAll the easy way.
func TestPlatformRoleSeesOnlyWhatFindingPortalsNeeds(t *testing.T) {
	t.Parallel()
	conn := connect(t, tenantstest.Database(t).OwnerURL)
	got := list(t, conn, `
		SELECT DISTINCT format('%s %s', c.oid::regclass, a.privilege_type) FROM pg_class c, aclexplode(c.relacl) a
		  WHERE c.relnamespace = 'public'::regnamespace AND a.grantee = 'portico_platform'::regrole
		UNION SELECT format('%s.%s %s', c.oid::regclass, t.attname, a.privilege_type) FROM pg_class c
		  JOIN pg_attribute t ON t.attrelid = c.oid, aclexplode(t.attacl) a
		  WHERE c.relnamespace = 'public'::regnamespace AND a.grantee = 'portico_platform'::regrole ORDER BY 1`)
	want := map[string]bool{}
	for _, table := range []string{"hosts", "tenants"} {
		for _, privilege := range []string{"DELETE", "INSERT", "SELECT", "UPDATE"} {
			want[table+" "+privilege] = true
		}
	}
	for table, columns := range map[string]string{
		"accounts": "tenant_id id status locale", "account_identifiers": "tenant_id kind norm value account_id", "imports": "tenant_id id due_at",
		"staff_access":   "tenant_id id staff_id asked_at ends_at ended_at account_id",
		"sender_domains": "tenant_id domain wanted state due_at", "senders": "tenant_id level due_at",
	} {
		for _, column := range strings.Fields(columns) {
			want[table+"."+column+" SELECT"] = true
		}
	}
	if wanted := slices.Sorted(maps.Keys(want)); !slices.Equal(got, wanted) {
		t.Errorf("portico_platform may\n%v, listed\n%v", got, wanted)
	}
}

// A customer who leaves leaves nothing: the maintenance role can see and remove the rows of the one tenant that goes, in
// every table, and of no other.
func TestEveryTableLetsTheDepartedGo(t *testing.T) {
	t.Parallel()
	conn := connect(t, tenantstest.Database(t).OwnerURL)
	for _, table := range tenantTables(t, conn) {
		got := list(t, conn, `SELECT a.privilege_type FROM pg_class c, aclexplode(c.relacl) a
			WHERE c.oid = $1::regclass AND a.grantee = 'portico_maintenance'::regrole AND a.privilege_type IN ('SELECT', 'DELETE') ORDER BY 1`, table)
		policies := list(t, conn, `SELECT polname FROM pg_policy WHERE polrelid = $1::regclass AND polname LIKE 'departure%' ORDER BY 1`, table)
		if strings.Join(got, " ") != "DELETE SELECT" || strings.Join(policies, " ") != "departure_reads departure_removes" {
			t.Errorf("%s: portico_maintenance may %v by %v; its migration must call open_departure", table, got, policies)
		}
	}
}
