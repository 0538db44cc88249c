package migrations_test

import (
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"portico/tenants/tenantstest"
)

// longAgo is when the rows of these tests lived: far enough back for audit rows to go.
var longAgo = time.Date(2024, 3, 1, 12, 0, 0, 0, time.UTC)

// seedRetention fills the kept tables as superuser: in each, three rows that are due and two that are not.
func seedRetention(t *testing.T, db tenantstest.DB) {
	t.Helper()
	execute(t, db.SuperURL, `
		INSERT INTO tenants (id, slug, name, state, created_at, updated_at)
		  SELECT t.id::uuid, 'slug-' || row_number() OVER (), 'x', 'live', $1::timestamptz, $1::timestamptz
		  FROM (SELECT '`+tenantA+`' AS id UNION SELECT '`+tenantB+`') t`, longAgo)
	execute(t, db.SuperURL, `INSERT INTO accounts (tenant_id, id, display_name, status, sign_in, created_at, updated_at)
		SELECT id, id, 'x', 'active', 'local', $1::timestamptz, $1::timestamptz FROM tenants`, longAgo)
	// n = 1..3 are due, 4 and 5 are not.
	for _, insert := range []string{
		`sessions (tenant_id, id_hash, public_id, account_id, stamp, remembered, amr, user_agent, client_address, authenticated_at, seen_at, idle_ends_at, ends_at, ended_at)
		   SELECT t.id, sha256(n::text::bytea), gen_random_uuid(), t.id, 1, false, '{}', '', '', end_at, end_at, end_at,
		     CASE WHEN n = 1 THEN end_at + interval '9 days' ELSE end_at END, CASE WHEN n = 1 THEN end_at END`,
		`recovery_flows (tenant_id, id, known, started_at, expires_at) SELECT t.id, ('00000000-0000-0000-0000-00000000000' || n)::uuid, false, end_at, end_at`,
		`links (tenant_id, id, hash, purpose, flow_id, stamp, known, issued_at, expires_at)
		   SELECT t.id, gen_random_uuid(), sha256(n::text::bytea), 'recovery', ('00000000-0000-0000-0000-00000000000' || n)::uuid, 1, false, end_at, end_at`,
		`known_devices (tenant_id, id_hash, account_id, created_at, seen_at, ends_at) SELECT t.id, sha256(n::text::bytea), t.id, end_at, end_at, end_at`,
		`challenges (tenant_id, id, subject, method, sent_at, expires_at) SELECT t.id, gen_random_uuid(), n::text, 'x', end_at, end_at`,
		`recovery_blocks (tenant_id, key, counter, started_at, ends_at, blocked_until)
		   SELECT t.id, n::text::bytea, 'x', end_at, end_at - interval '1 hour', CASE WHEN n > 3 THEN end_at END`,
		`limits (tenant_id, key, count, started_at, ends_at, blocked_until)
		   SELECT t.id, n::text::bytea, 1, end_at, end_at - interval '1 hour', CASE WHEN n > 3 THEN end_at END`,
		`signin_challenges (tenant_id, id, secret_hash, account_id, stamp, remember, duty, set_up, started_at, expires_at)
		   SELECT t.id, gen_random_uuid(), sha256(n::text::bytea), t.id, 1, false, '', false, end_at, end_at`,
		`captchas_spent (tenant_id, id_hash, ends_at) SELECT t.id, sha256(n::text::bytea), end_at`,
		`phone_hours (tenant_id, hour, bought) SELECT t.id, end_at + n * interval '1 minute', n`,
		`letters (tenant_id, id, kind, lane, channel, recipient, event, state, created_at, ended_at)
		   SELECT t.id, gen_random_uuid(), 'x', 'urgent', 'email', 'x', n::text, 'sent', end_at, CASE WHEN n < 5 THEN end_at END`,
		`passes (tenant_id, id, account_id, stamp, hash, proofing, approval, issued_by, stop_hash, issued_at, expires_at, revoked_at)
		   SELECT t.id, gen_random_uuid(), t.id, 1, sha256(n::text::bytea), 'x', 'delay', 'x', sha256(n::text::bytea), end_at, end_at, end_at`,
		`support_requests (tenant_id, id, whom, code, code_hash, created_at, expires_at)
		   SELECT t.id, gen_random_uuid(), sha256(n::text::bytea), 'x', sha256(n::text::bytea), end_at, end_at`,
		`suppressions (tenant_id, address, cause, since) SELECT t.id, n || '@x.example', 'bounced', end_at`,
		`imports (tenant_id, id, state, file_name, by_name, created_at, updated_at) SELECT t.id, gen_random_uuid(), 'done', 'x', 'x', end_at, end_at`,
		`look_previews (tenant_id, id, hash, theme, words, made_by, created_at, ends_at)
		   SELECT t.id, gen_random_uuid(), sha256(n::text::bytea), '{}', '{}', 'x', end_at - interval '1 day', end_at`,
		`access_requests (tenant_id, id, account_id, permission, reason, state, decided_at, created_at)
		   SELECT t.id, gen_random_uuid(), t.id, 'x', 'x', 'declined', end_at, end_at`,
		`hour_figures (tenant_id, hour, figure, count) SELECT t.id, end_at, 'x' || n, 1`,
		`audit_events (tenant_id, id, at, kind, outcome, actor) SELECT t.id, gen_random_uuid(), end_at, 'x', 'success', 'system'`,
		`api_keys (tenant_id, id, account_id, name, hash, permissions, created_at, ends_at, revoked_at)
		   SELECT t.id, ('00000000-0000-0000-0000-00000000000' || n)::uuid, t.id, 'x', sha256('x'), '{}', end_at - interval '1 day',
		     CASE WHEN n = 1 THEN end_at + interval '9 days' ELSE end_at END, CASE WHEN n = 1 THEN end_at END`,
		`api_answers (tenant_id, key_id, name_hash, asked_hash, created_at)
		   SELECT t.id, '00000000-0000-0000-0000-000000000005', sha256(n::text::bytea), sha256('x'), end_at`,
		`platform.api_keys (id, name, hash, permissions, created_at, created_by, ends_at)
		   SELECT gen_random_uuid(), 'x', sha256('x'), '{}', end_at - interval '1 day', 'x', end_at`,
		`platform.api_answers (key_id, name_hash, asked_hash, created_at)
		   SELECT (SELECT k.id FROM platform.api_keys k WHERE k.ends_at > $1 ORDER BY k.id LIMIT 1), sha256((t.slug || n)::bytea), sha256('x'), end_at`,
		`platform.limits (key, count, started_at, ends_at) SELECT (t.slug || n)::bytea, 1, end_at, end_at`,
		`platform.letters (id, kind, lane, recipient, event, state, created_at, ended_at)
		   SELECT gen_random_uuid(), 'x', 'urgent', t.slug, n::text, 'sent', end_at, end_at`,
		`platform.audit_events (id, at, kind, outcome, actor) SELECT gen_random_uuid(), end_at, 'x', 'success', 'system'`,
	} {
		execute(t, db.SuperURL, `INSERT INTO `+insert+`
			FROM tenants t, (SELECT n, $1::timestamptz + CASE WHEN n <= 3 THEN interval '-1 day' ELSE interval '1 day' END AS end_at
			                 FROM generate_series(1, 5) AS n) AS rows`, longAgo)
	}
}

// platform is a connection in the role that may call the retention functions.
func platform(t *testing.T, db tenantstest.DB) *pgx.Conn {
	t.Helper()
	conn := connect(t, db.AppURL)
	if _, err := conn.Exec(t.Context(), `SET ROLE portico_platform`); err != nil {
		t.Fatal(err)
	}
	return conn
}

// retain calls a retention function until it removes fewer than a batch.
func retain(t *testing.T, conn *pgx.Conn, call string, arguments ...any) (removed int) {
	t.Helper()
	const batch = 2
	for range 20 {
		var n int
		if err := conn.QueryRow(t.Context(), `SELECT `+call, append(arguments, batch)...).Scan(&n); err != nil {
			t.Fatalf("%s: %v", call, err)
		}
		if n > batch {
			t.Fatalf("%s removed %d in a batch of %d", call, n, batch)
		}
		if removed += n; n < batch {
			return removed
		}
	}
	t.Fatalf("%s does not end", call)
	return 0
}

func TestRetentionRemovesWhatHasEndedInBatches(t *testing.T) {
	t.Parallel()
	db := tenantstest.Database(t)
	seedRetention(t, db)
	conn := platform(t, db)
	if n := retain(t, conn, `remove_recovery_flows($1, $2)`, longAgo); n != 0 {
		t.Errorf("removed %d flows that links still point to", n)
	}
	for _, call := range []string{
		"remove_sessions", "remove_links", "remove_recovery_flows", "remove_known_devices", "remove_limits",
		"remove_challenges", "remove_recovery_blocks", "remove_captchas_spent", "remove_signin_challenges",
		"remove_passes", "remove_support_requests", "remove_access_requests", "remove_hour_figures", "remove_look_previews", "remove_imports", "remove_suppressions",
		"remove_api_answers", "remove_platform_api_answers", "remove_api_keys", "remove_platform_api_keys",
		"remove_letters", "remove_phone_hours", "remove_platform_limits", "remove_platform_letters", "remove_platform_audit_events",
	} {
		if n := retain(t, conn, call+`($1, $2)`, longAgo); n != 6 {
			t.Errorf("%s removed %d rows, want the 6 that were due", call, n)
		}
	}
	if n := retain(t, conn, `remove_audit_events($1, $2, $3)`, tenantA, longAgo); n != 3 {
		t.Errorf("removed %d audit rows of one tenant, want 3", n)
	}
	super := connect(t, db.SuperURL)
	for table, want := range map[string]int{
		"suppressions": 4, "look_previews": 4, "hour_figures": 4, "passes": 4, "support_requests": 4, "imports": 4, "sessions": 4, "links": 4, "recovery_flows": 4, "challenges": 4, "recovery_blocks": 4, "known_devices": 4, "limits": 4, "captchas_spent": 4, "signin_challenges": 4, "phone_hours": 4, "letters": 4, "audit_events": 7,
		"api_keys": 4, "api_answers": 4, "platform.api_keys": 4, "platform.api_answers": 4, "platform.limits": 4, "platform.letters": 4, "platform.audit_events": 4, "accounts": 2,
	} {
		var left int
		if err := super.QueryRow(t.Context(), `SELECT count(*) FROM `+table).Scan(&left); err != nil {
			t.Fatal(err)
		}
		if left != want {
			t.Errorf("%s: %d rows are left, want %d", table, left, want)
		}
	}
}

// Whatever time the application names, fresh audit rows stay.
func TestFreshAuditRowsCannotBeRemoved(t *testing.T) {
	t.Parallel()
	db := tenantstest.Database(t)
	fresh, old := time.Now().Add(-6*24*time.Hour), time.Now().Add(-8*24*time.Hour)
	for _, at := range []time.Time{fresh, old} {
		execute(t, db.SuperURL, `INSERT INTO audit_events (tenant_id, id, at, kind, outcome, actor)
			VALUES ($1, gen_random_uuid(), $2, 'x', 'success', 'system')`, tenantA, at)
		execute(t, db.SuperURL, `INSERT INTO platform.audit_events (id, at, kind, outcome, actor)
			VALUES (gen_random_uuid(), $1, 'x', 'success', 'system')`, at)
	}
	conn, far := platform(t, db), time.Now().Add(1000*time.Hour)
	if n := retain(t, conn, `remove_audit_events($1, $2, $3)`, tenantA, far); n != 1 {
		t.Errorf("removed %d, want the old one", n)
	}
	if n := retain(t, conn, `remove_platform_audit_events($1, $2)`, far); n != 1 {
		t.Errorf("removed %d of the platform's, want the old one", n)
	}
}

func TestRetentionSizes(t *testing.T) {
	t.Parallel()
	db := tenantstest.Database(t)
	seedRetention(t, db)
	execute(t, db.SuperURL, `ANALYZE`)
	rows, err := platform(t, db).Query(t.Context(), `SELECT name, estimated_rows, oldest FROM retention_sizes()`)
	if err != nil {
		t.Fatal(err)
	}
	seen := 0
	var name string
	var estimated int64
	var oldest *time.Time
	_, err = pgx.ForEachRow(rows, []any{&name, &estimated, &oldest}, func() error {
		seen++
		if estimated != 10 || oldest == nil || oldest.After(longAgo) {
			t.Errorf("%s: %d rows, oldest %v", name, estimated, oldest)
		}
		return nil
	})
	if err != nil || seen != 13 {
		t.Errorf("%d tables, %v", seen, err)
	}
}

// Whatever time is named, what ended a moment ago stays, and a device that one person lost stays the other's.
func TestFreshRowsCannotBeRemoved(t *testing.T) {
	t.Parallel()
	db := tenantstest.Database(t)
	seedRetention(t, db)
	execute(t, db.SuperURL, `UPDATE known_devices SET ends_at = $1`, time.Now().Add(-23*time.Hour))
	execute(t, db.SuperURL, `UPDATE letters SET ended_at = $1`, time.Now().Add(-23*time.Hour))
	execute(t, db.SuperURL, `UPDATE platform.letters SET ended_at = $1`, time.Now().Add(-23*time.Hour))
	execute(t, db.SuperURL, `UPDATE links SET expires_at = $1`, time.Now().Add(-23*time.Hour))
	execute(t, db.SuperURL, `UPDATE sessions SET ends_at = $1, ended_at = $1`, time.Now().Add(-23*time.Hour))
	execute(t, db.SuperURL, `UPDATE limits SET ends_at = $1, blocked_until = NULL`, time.Now().Add(-50*time.Minute))
	execute(t, db.SuperURL, `UPDATE platform.limits SET ends_at = $1`, time.Now().Add(-50*time.Minute))
	execute(t, db.SuperURL, `UPDATE captchas_spent SET ends_at = $1`, time.Now().Add(-50*time.Minute))
	execute(t, db.SuperURL, `UPDATE phone_hours SET hour = hour + ($1 - (SELECT min(hour) FROM phone_hours))`, time.Now().Add(-23*time.Hour))
	conn, far := platform(t, db), time.Now().Add(1000*time.Hour)
	for _, call := range []string{"remove_sessions", "remove_phone_hours", "remove_links", "remove_known_devices", "remove_limits", "remove_captchas_spent", "remove_letters",
		"remove_platform_limits", "remove_platform_letters"} {
		if n := retain(t, conn, call+`($1, $2)`, far); n != 0 {
			t.Errorf("%s removed %d fresh rows", call, n)
		}
	}
	execute(t, db.SuperURL, `INSERT INTO accounts (tenant_id, id, display_name, status, sign_in, created_at, updated_at)
		SELECT id, gen_random_uuid(), 'y', 'active', 'local', created_at, created_at FROM tenants`)
	execute(t, db.SuperURL, `INSERT INTO known_devices SELECT d.tenant_id, d.id_hash, a.id, d.created_at, d.seen_at, $1
		FROM known_devices d JOIN accounts a ON a.tenant_id = d.tenant_id AND a.display_name = 'y'`, longAgo)
	if n := retain(t, conn, `remove_known_devices($1, $2)`, far); n != 10 {
		t.Errorf("removed %d devices, want the ended ones of the second person alone", n)
	}
}

func TestTheApplicationAloneRemovesNothing(t *testing.T) {
	t.Parallel()
	db := tenantstest.Database(t)
	app := connect(t, db.AppURL)
	for _, function := range definers {
		if function == "search_people" {
			continue // reads one tenant alone: TestSearchKeepsToItsTenant
		}
		if may := list(t, app, `SELECT 'x' FROM pg_proc WHERE proname = $1 AND has_function_privilege('portico_app', oid, 'EXECUTE')`, function); len(may) > 0 {
			t.Errorf("portico_app may call %s outside of AcrossAll", function)
		}
	}
	_, err := app.Exec(t.Context(), `SELECT remove_sessions(clock_timestamp(), 1)`)
	if err == nil || !strings.Contains(err.Error(), "permission denied") {
		t.Errorf("removing sessions as portico_app: %v", err)
	}
}
