package migrations_test

import (
	"slices"
	"testing"

	"portico/tenants/tenantstest"
)

// TestHoursAreCountedOnce plays a few events of two tenants and counts their hours, twice: the running hour
// waits, decoys are no letters, and each tenant has its own.
func TestHoursAreCountedOnce(t *testing.T) {
	t.Parallel()
	db := tenantstest.Database(t)
	execute(t, db.SuperURL, `INSERT INTO tenants (id, slug, name, state, created_at, updated_at)
		SELECT id::uuid, 's' || n, 'x', 'live', '2026-01-01', '2026-01-01' FROM unnest(ARRAY['`+tenantA+`', '`+tenantB+`']) WITH ORDINALITY AS t (id, n)`)
	execute(t, db.SuperURL, `INSERT INTO audit_events (tenant_id, id, at, kind, outcome, reason, actor, account_id, details)
		SELECT t::uuid, gen_random_uuid(), at, kind, outcome, reason, 'anonymous', '00000000-0000-7000-8000-000000000001', details::jsonb
		FROM unnest(ARRAY['`+tenantA+`', '`+tenantA+`', '`+tenantB+`']) t, (VALUES
			('2026-11-20T10:05:00Z'::timestamptz, 'signin.ok', 'success', '', NULL),
			('2026-11-20T10:06:00Z', 'reset.requested', 'success', 'link sent', NULL),
			('2026-11-20T10:07:00Z', 'reset.step', 'failure', 'min', '{"method": "email_link"}'),
			('2026-11-20T10:08:00Z', 'reset.completed', 'success', '', '{"method": ["email_link"]}'),
			('2026-11-20T11:30:00Z', 'reset.step', 'success', '', '{"flow": "x", "gate": 1, "method": "totp"}'),
			('2026-11-20T11:31:00Z', 'reset.step', 'failure', 'wrong', '{"flow": "x", "gate": 1, "method": "totp"}'),
			('2026-11-20T13:59:30Z', 'signin.ok', 'success', '', NULL),
			('2026-11-20T14:00:10Z', 'signin.ok', 'success', '', NULL)) AS v (at, kind, outcome, reason, details)`)
	execute(t, db.SuperURL, `INSERT INTO letters (tenant_id, id, kind, lane, channel, recipient, event, state, created_at, ended_at)
		SELECT '`+tenantA+`', gen_random_uuid(), 'recovery', 'urgent', 'email', r, 'x', s, '2026-11-20T10:06:00Z', '2026-11-20T10:06:30Z'
		FROM (VALUES ('a@x.example', 'sent'), ('', 'skipped'), ('b@x.example', 'failed')) AS v (r, s)`)
	conn := platform(t, db)
	count := func(at string) {
		t.Helper()
		for range 10 {
			var left int
			if err := conn.QueryRow(t.Context(), "SELECT count_hours($1::timestamptz, 2)", at).Scan(&left); err != nil {
				t.Fatal(err)
			}
			if left == 0 {
				return
			}
		}
		t.Fatal("counting does not end")
	}
	figures := func(tenant string) []string {
		return list(t, connect(t, db.SuperURL), `SELECT to_char(hour AT TIME ZONE 'UTC', 'HH24') || ' ' || figure || ' ' || count
			FROM hour_figures WHERE tenant_id = $1 ORDER BY hour, figure`, tenant)
	}
	count("2026-11-20T14:01:00Z") // the hour before ended a minute ago: something of it may be on its way
	want := []string{"10 asked.link sent 2", "10 letter.failed 1", "10 letter.sent 1", "10 recovery.sent 1", "10 set 2", "10 signin.ok 2", "10 tried 1", "11 gate.1 2"}
	if got := figures(tenantA); !slices.Equal(got, want) {
		t.Errorf("counted\n%v, want\n%v", got, want)
	}
	count("2026-11-20T14:30:00Z")
	count("2026-11-20T14:30:00Z")
	if got := figures(tenantA); !slices.Equal(got, append(want, "13 signin.ok 2")) {
		t.Errorf("counted later\n%v", got)
	}
	if got := figures(tenantB); !slices.Equal(got, []string{"10 asked.link sent 1", "10 set 1", "10 signin.ok 1", "10 tried 1", "11 gate.1 1", "13 signin.ok 1"}) {
		t.Errorf("of the other tenant\n%v", got)
	}
}
