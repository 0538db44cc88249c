package app_test

import (
	"fmt"
	"testing"
)

// TestPeopleAmongMany: where more people meet the conditions than are sorted, lists and searches still show who
// is there, say no number that is not so, and find whoever is looked for in a small group.
func TestPeopleAmongMany(t *testing.T) {
	t.Parallel()
	p, at := startHarbour(t)
	ada, lena := enter(t, p, at, "ada@harbour.example"), enter(t, p, at, "lena@harbour.example")
	crowd := func(n int, name, group string) {
		p.Exec(fmt.Sprintf(`WITH new AS (INSERT INTO accounts (tenant_id, id, display_name, status, sign_in, created_at, updated_at)
				SELECT t.id, gen_random_uuid(), %s, CASE WHEN n %% 1500 = 0 THEN 'disabled' ELSE 'active' END, 'local', '2026-01-01', '2026-01-01'
				FROM tenants t, generate_series(1, %d) n WHERE t.slug = 'harbour' RETURNING tenant_id, id)
			INSERT INTO account_groups (tenant_id, account_id, group_id) SELECT new.tenant_id, new.id, g.id FROM new JOIN groups g USING (tenant_id) WHERE g.external_id = '%s'`,
			name, n, group))
	}
	crowd(5200, "'Anna Aalto ' || to_char(n, 'FM00000')", "south") // they stand before those of north in every order by name
	crowd(4500, "'Berta Berg ' || to_char(n, 'FM00000')", "north")
	crowd(1, "'Anna Zimmermann'", "desk")
	p.Exec("ANALYZE accounts")
	group := func(external string) (id string) {
		p.Scan("SELECT id::text FROM groups WHERE external_id = $1", []any{external}, &id)
		return id
	}

	lena.Get(at+"/console/people").Sees(200, "More than 1000 people", "Anna Zimmermann", "Berta Berg 00001").Hides("Aalto")
	lena.Get(at+"/console/people?state=disabled").Sees(200, "3 people", "Berta Berg 01500", "Berta Berg 03000", "Berta Berg 04500").Hides("More than", "Aalto")
	lena.Get(at+"/console/people?order=added").Sees(200, "More than 1000 people").Hides("Aalto")
	seen := map[string]bool{}
	address := at + "/console/people?state=active"
	for range 3 {
		page := lena.Get(address).Sees(200, "More than").Hides("Aalto")
		for _, id := range idsIn(page.Body) {
			seen[id] = true
		}
		address = at + hrefOf(page.Body, "next")
	}
	if len(seen) != 150 {
		t.Errorf("%d people on three pages", len(seen))
	}

	lena.Get(at+"/console/people?q=zimmermann").Sees(200, "1 person", "Anna Zimmermann")
	lena.Get(at+"/console/people?q=berta+berg+04321").Sees(200, "Berta Berg 04321")
	ada.Get(at+"/console/people?q=anna&group="+group("desk")).Sees(200, "1 person", "Anna Zimmermann").Hides("Aalto")
	ada.Get(at+"/console/people?q=zimermann&group="+group("desk")).Sees(200, "Anna Zimmermann")
	ada.Get(at+"/console/people?q=anna&state=locked").Sees(200, "Nobody fits", "take a filter away")
	p.Exec(`INSERT INTO account_locks (tenant_id, account_id, device, failures, locks, locked_until)
		SELECT tenant_id, id, 'unknown', 5, 1, '9999-12-31' FROM accounts WHERE display_name IN ('Anna Zimmermann', 'Anna Aalto 05199')`)
	ada.Get(at+"/console/people?q=anna&state=locked").Sees(200, "2 people", "Anna Aalto 05199", "Anna Zimmermann")
	ada.Get(at+"/console/people?q=anna&state=disabled").Sees(200, "Anna Aalto 01500")
	// More than one look holds: who is not among the first is said to be possibly there.
	lena.Get(at+"/console/people?q=anna").Sees(200, "type more to find others").Hides("Aalto")
	ada.Get(at+"/console/people?q=anna").Sees(200, "More than 200 people", "type more to find others")
	ada.Get(at+"/console/people?state=locked&group="+group("south")).Sees(200, "1 person", "Anna Aalto 05199")
	ada.Get(at+"/console/people?q=mueler").Sees(200, "Nobody fits")
	p.Exec("UPDATE accounts SET display_name = 'Karl Mueller' WHERE display_name = 'Anna Aalto 00007'")
	for _, typed := range []string{"muller", "m%C3%BCller", "mueler", "mueller"} {
		ada.Get(at+"/console/people?q="+typed).Sees(200, "Karl Mueller")
	}
	p.Exec("UPDATE accounts SET display_name = 'Prof. Dr.Weber' WHERE display_name = 'Anna Aalto 00008'")
	ada.Get(at+"/console/people?q=dr.weber").Sees(200, "Prof. Dr.Weber")
	ada.Get(at+"/console/people?q=%40nowhere.example").Sees(200, "Nobody fits")
}
