package app_test

import (
	"fmt"
	"net/url"
	"strings"
	"sync"
	"testing"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"portico/app/apptest"
)

// desk is a portal with a tree of groups and people of every rank: tariq may do everything; sue is a support
// agent and mia a people manager in Lisbon; ava is in Lisbon, porto's people are not.
type desk struct {
	*apptest.Portal
	t  *testing.T
	at string
	id map[string]string // of accounts by the name before the @, of groups by their names
}

func newDesk(t *testing.T, changes ...string) *desk {
	t.Helper()
	file := apptest.First
	for i := 0; i+1 < len(changes); i += 2 {
		file = strings.Replace(file, changes[i], changes[i+1], 1)
	}
	for i, name := range []string{"sue", "mia", "pia"} {
		file += fmt.Sprintf("  - {external_id: f-1%d, name: %s Helper, email: %s@first.example, password: \"env:PORTICO_TENANT_P\"}\n", i, strings.ToUpper(name[:1])+name[1:], name)
	}
	d := &desk{Portal: apptest.Start(t, apptest.Options{Tenants: []string{file, apptest.Second}}), t: t, id: map[string]string{}}
	d.at = d.Origin("first")
	tenant := d.Tenant("first").ID
	for _, name := range []string{"ava", "tariq", "ines", "kofi", "sue", "mia", "pia"} {
		var id uuid.UUID
		d.Scan("SELECT account_id FROM account_identifiers WHERE tenant_id = $1 AND norm = $2", []any{tenant, name + "@first.example"}, &id)
		d.id[name] = id.String()
	}
	for _, name := range []string{"Lisbon", "Porto"} {
		id := uuid.New()
		d.id[name] = id.String()
		d.Exec("INSERT INTO groups (tenant_id, id, kind, name, created_at) VALUES ($1, $2, 'location', $3, now())", tenant, id, name)
	}
	for name, group := range map[string]string{"ava": "Lisbon", "sue": "Lisbon", "mia": "Lisbon", "pia": "Porto"} {
		d.Exec("INSERT INTO account_groups (tenant_id, account_id, group_id) VALUES ($1, $2, $3)", tenant, d.id[name], d.id[group])
	}
	d.give("sue", "support_agent", "Lisbon")
	d.give("mia", "people_manager", "Lisbon")
	return d
}

func (d *desk) give(name, role, group string) {
	var scope *string
	if group != "" {
		id := d.id[group]
		scope = &id
	}
	d.Exec(`INSERT INTO role_assignments (tenant_id, id, account_id, role, scope_id, granted_by, created_at)
		VALUES ($1, $2, $3, $4, $5, 'test', now())`, d.Tenant("first").ID, uuid.New(), d.id[name], role, scope)
}

func (d *desk) in(name string) *apptest.Browser {
	d.t.Helper()
	b := d.Browser()
	b.SignIn(d.at, name+"@first.example", apptest.Password).Sees(303)
	return b
}

func (d *desk) page(of string) string { return d.at + "/console/people/" + d.id[of] }

// post sends a form of the console with the token of a page of it.
func (d *desk) post(b *apptest.Browser, path string, fields url.Values) *apptest.Answer {
	d.t.Helper()
	token := b.Get(d.at + "/account").Value("token")
	if fields == nil {
		fields = url.Values{}
	}
	fields.Set("token", token)
	return b.Post(d.at+path, fields)
}

func TestAPersonsPageSaysWhyTheyCannotSignIn(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	b := d.in("tariq")
	b.Get(d.page("ava")).Sees(200, "Ava Lindqvist", "Nothing keeps them out today", "ava@ first. example", "What happened lately", "Lisbon")
	b.Get(d.page("ines")).Sees(200, "The account is closed", "Reopen the account")
	b.Get(d.page("kofi")).Sees(200, "through their organisation").Hides("Send a recovery mail")
	d.Exec(`INSERT INTO account_locks (tenant_id, account_id, device, locked_until) VALUES ($1, $2, 'unknown', now() + interval '1 hour')`, d.Tenant("first").ID, d.id["ava"])
	d.Exec(`INSERT INTO recovery_blocks (tenant_id, key, account_id, counter, started_at, ends_at, blocked_until)
		VALUES ($1, '\x01', $2, 'proof', now(), now() + interval '1 day', now() + interval '1 day')`, d.Tenant("first").ID, d.id["ava"])
	page := b.Get(d.page("ava")).Sees(200, "locked until", "recovery is blocked until")
	page.Submit("Unlock", nil).Sees(303).Follow().Sees(200, "Locks and blocks are lifted", "Nothing keeps them out")
	page.Submit("Unlock", nil).Sees(303)
	if n := d.Count("audit_events WHERE kind = 'account.unlocked'"); n != 1 {
		t.Errorf("%d events of one unlocking", n)
	}
	d.Exec("UPDATE accounts SET password = NULL WHERE id = $1", d.id["ava"])
	b.Get(d.page("ava")).Sees(200, "no password yet").Submit("Send the invitation again", nil).Sees(303).Follow().Sees(200, "were invited")
	d.Exec("UPDATE letters SET state = 'failed' WHERE account_id = $1", d.id["ava"])
	b.Get(d.page("ava")).Sees(200, "could not be delivered")
	d.Exec("UPDATE links SET expires_at = now() - interval '1 hour' WHERE account_id = $1", d.id["ava"])
	b.Get(d.page("ava")).Sees(200, "their invitation ended")
}

func TestReachAndRankOfWhatIsDoneToAPerson(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	sue, mia := d.in("sue"), d.in("mia")
	at := func(of, act string) string { return "/console/people/" + d.id[of] + act }
	sue.Get(d.page("ava")).Sees(200, "Send a recovery mail").Hides("Close the account")
	sue.Get(d.page("pia")).Sees(404)
	sue.Get(d.page("mia")).Sees(200, "may do more here than you")
	sue.Get(d.at + "/console/people/" + uuid.NewString()).Sees(404)
	sue.Get(d.at + "/console/people/x").Sees(404)
	var foreign uuid.UUID
	d.Scan("SELECT account_id FROM account_identifiers WHERE norm = 'mina@second.example'", nil, &foreign)
	d.in("tariq").Get(d.at + "/console/people/" + foreign.String()).Sees(404)
	d.post(sue, at("ava", "/disable"), nil).Sees(403, "Close and reopen accounts")
	for _, act := range []string{"/sessions", "/letter", "/unlock"} {
		d.post(sue, at("mia", act), nil).Sees(403, "may do more here")
		d.post(sue, at("pia", act), nil).Sees(404)
		d.post(sue, at("tariq", act), nil).Sees(404)
		d.post(d.in("tariq"), "/console/people/"+foreign.String()+act, nil).Sees(404)
	}
	d.post(mia, at("sue", "/disable"), nil).Sees(303)
	d.post(mia, at("sue", "/disable"), nil).Sees(303)
	if n := d.Count("audit_events WHERE kind = 'account.disabled'"); n != 1 {
		t.Errorf("%d events of one closing", n)
	}
	d.post(mia, at("mia", "/disable"), nil).Sees(409, "your own account")
	sue.Get(d.page("ava")).Sees(303)
	d.Browser().Get(d.page("ava")).Sees(303)
}

func TestTheLastOwnerStaysAlsoInARace(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.give("ava", "brand_admin", "")
	b, c := d.in("tariq"), d.in("ava")
	answers := make([]*apptest.Answer, 2)
	var both sync.WaitGroup
	both.Go(func() { answers[0] = d.post(b, "/console/people/"+d.id["ava"]+"/disable", nil) })
	both.Go(func() { answers[1] = d.post(c, "/console/people/"+d.id["tariq"]+"/disable", nil) })
	both.Wait()
	if n := d.Count("accounts WHERE id IN ($1, $2) AND status = 'active'", d.id["tariq"], d.id["ava"]); n != 1 {
		t.Errorf("%d owners are left (%d, %d)", n, answers[0].Status, answers[1].Status)
	}
}

func TestANewAddressIsConfirmedThereAndAnnouncedAtTheOld(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	b := d.in("tariq")
	form := b.Get(d.page("ava")+"/address").Sees(200, "ava@ first. example")
	form.Submit("Send the link", map[string]string{"address": "sue@first.example"}).Sees(422, "Somebody else here has this")
	form.Submit("Send the link", map[string]string{"address": "nowhere"}).Sees(422, "complete address")
	began := d.Clock.Now()
	form.Submit("Send the link", map[string]string{"address": "new@first.example"}).Sees(303).Follow().Sees(200, "new@ first. example")
	if got := d.Letter("ava@first.example", began).Text; strings.Contains(got, "new@first.example") || !strings.Contains(got, "n•••@first.example") {
		t.Errorf("the old address reads %q", got)
	}
	letter := d.Letter("new@first.example", began)
	link := letter.Links[0]
	for _, l := range letter.Links {
		if strings.Contains(l, "/address/") {
			link = l
		}
	}
	d.Browser().SignIn(d.at, "new@first.example", apptest.Password).Sees(422)
	other := d.Browser()
	confirm := other.Get(link).Sees(303).Follow().Sees(200, "Confirm your new address")
	confirm.Submit("Confirm the address", nil).Sees(200, "Your new address counts")
	confirm.Submit("Confirm the address", nil).Sees(410)
	d.Browser().SignIn(d.at, "ava@first.example", apptest.Password).Sees(422)
	d.Browser().SignIn(d.at, "new@first.example", apptest.Password).Sees(303)
	if n := d.Count("audit_events WHERE details::text LIKE '%new@first.example%'"); n != 0 {
		t.Errorf("the audit keeps the address in %d rows", n)
	}
}

func TestErasingLeavesNothingButTheAudit(t *testing.T) {
	t.Parallel()
	d := newDesk(t, "  users:", "  passes: {enabled: true, approval: second}\n  users:")
	b := d.in("tariq")
	d.in("ava")
	b.Get(d.page("ava")).Submit("Send a recovery mail", nil).Sees(303).Follow().Sees(200, "on its way")
	b.Get(d.page("ava")+"/pass").Sees(200).Submit("Issue the pass", map[string]string{"proofing": "passport seen at the desk"}).Sees(200, "only time")
	data := b.Get(d.page("ava")).Submit("Take out their data", nil).Sees(200)
	if !strings.Contains(data.Body, "ava@first.example") || data.Header.Get("Content-Disposition") == "" {
		t.Errorf("the data: %s", data.Body)
	}
	for _, secret := range []string{"argon2", "\"hash", "sealed", "\\\\x"} {
		if strings.Contains(data.Body, secret) {
			t.Errorf("the data holds %s", secret)
		}
	}
	d.Exec(`INSERT INTO suppressions (tenant_id, address, cause, since) SELECT tenant_id, a, 'bounced', created_at FROM account_identifiers,
		unnest(ARRAY['ava@first.example', 'tariq@first.example']) AS a WHERE account_id = $1 AND kind = 'email' LIMIT 2`, d.id["ava"])
	if n := d.Count("suppressions"); n != 2 {
		t.Fatalf("%d suppressions", n)
	}
	erase := b.Get(d.page("ava")+"/erase").Sees(200, "Ava Lindqvist")
	erase.Submit("Erase", map[string]string{"name": "Ava"}).Sees(422, "not the name")
	erase.Submit("Erase", map[string]string{"name": "Ava Lindqvist"}).Sees(303)
	erase.Submit("Erase", map[string]string{"name": "Ava Lindqvist"}).Sees(404)
	b.Get(d.page("ava")).Sees(404)
	if n := d.Count("suppressions"); n != 1 {
		t.Errorf("%d suppressions are left, want the other one's", n)
	}
	for _, at := range d.columns("uuid", "text") {
		if strings.HasPrefix(at[0], "audit_events") {
			continue
		}
		if n := d.Count(pgx.Identifier{at[0]}.Sanitize()+" WHERE "+pgx.Identifier{at[1]}.Sanitize()+"::text LIKE '%' || $1 || '%'", d.id["ava"]); n > 0 {
			t.Errorf("%s.%s holds the erased person in %d rows", at[0], at[1], n)
		}
		if n := d.Count(pgx.Identifier{at[0]}.Sanitize() + " WHERE " + pgx.Identifier{at[1]}.Sanitize() + "::text LIKE '%ava@first.example%'"); n > 0 {
			t.Errorf("%s.%s holds the address in %d rows", at[0], at[1], n)
		}
	}
	if n := d.Count("audit_events WHERE details::text LIKE '%Lindqvist%' OR details::text LIKE '%ava@first.example%'"); n != 0 {
		var kind, details string
		d.Scan("SELECT kind, details::text FROM audit_events WHERE details::text LIKE '%Lindqvist%' OR details::text LIKE '%ava@first.example%' LIMIT 1", nil, &kind, &details)
		t.Errorf("the audit names the erased person in %d rows: %s %s", n, kind, details)
	}
	d.post(b, "/console/people/"+d.id["tariq"]+"/erase", url.Values{"name": {"Tariq Mensah"}}).Sees(422, "your own account")
}

// columns are the columns of some types in tables that have a tenant.
func (d *desk) columns(types ...string) [][2]string {
	d.t.Helper()
	var names []string
	d.Scan(`SELECT array_agg(c.table_name || ' ' || c.column_name) FROM information_schema.columns c
		JOIN information_schema.tables b ON b.table_schema = c.table_schema AND b.table_name = c.table_name AND b.table_type = 'BASE TABLE'
		WHERE c.table_schema = 'public' AND c.data_type = ANY ($1) AND EXISTS (SELECT 1 FROM information_schema.columns t
			WHERE t.table_schema = c.table_schema AND t.table_name = c.table_name AND t.column_name = 'tenant_id')`, []any{types}, &names)
	if len(names) < 40 {
		d.t.Fatalf("only %d columns", len(names))
	}
	var all [][2]string
	for _, n := range names {
		table, column, _ := strings.Cut(n, " ")
		all = append(all, [2]string{table, column})
	}
	return all
}

func TestAPassNeedsAnotherAccount(t *testing.T) {
	t.Parallel()
	d := newDesk(t, "  users:", "  passes: {enabled: true, approval: second}\n  users:")
	d.give("ava", "support_agent", "")
	b := d.in("tariq")
	form := b.Get(d.page("pia") + "/pass").Sees(200)
	form.Submit("Issue the pass", map[string]string{"proofing": "x"}).Sees(422, "8 to 500")
	form.Submit("Issue the pass", map[string]string{"proofing": "passport seen at the desk"}).Sees(200, "only time", "second person")
	form.Submit("Issue the pass", map[string]string{"proofing": "passport seen at the desk"}).Sees(409, "Another pass")
	b.Get(d.page("pia")).Submit("Approve the one-time pass", nil).Sees(409, "You issued this pass")
	d.in("ava").Get(d.page("pia")).Submit("Approve the one-time pass", nil).Sees(303).Follow().Sees(200, "works now")
	b.Get(d.page("pia")).Submit("Withdraw the one-time pass", nil).Sees(303).Follow().Sees(200, "withdrawn")
	b.Get(d.page("tariq")).Sees(200).Hides("Issue a one-time pass")
}

func TestNamesAndGroupsAreChangedWithinReach(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	mia := d.in("mia")
	form := mia.Get(d.page("ava")+"/edit").Sees(200, "Lisbon").Hides("Porto")
	form.Submit("Save", map[string]string{"name": "Ava L.", "username": "aval", "group_" + d.id["Lisbon"]: "1"}).Sees(303).Follow().Sees(200, "Ava L.", "Saved")
	form.Submit("Save", map[string]string{"name": "Late"}).Sees(409, "Somebody else changed")
	again := mia.Get(d.page("ava") + "/edit").Sees(200)
	again.Submit("Save", map[string]string{"name": " "}).Sees(422, "Enter a name")
	again.Submit("Save", map[string]string{"shown_" + d.id["Porto"]: "1", "group_" + d.id["Porto"]: "1"}).Sees(404)
	mia.Get(d.page("mia")+"/edit").Sees(200).Submit("Save", map[string]string{"username": "avaL", "group_" + d.id["Lisbon"]: "1"}).Sees(422, "already")
	if n := d.Count("audit_events WHERE kind = 'account.edited' AND details::text LIKE '%Lindqvist%'"); n != 0 {
		t.Error("the audit keeps the name")
	}
}

func TestTheTreeOfGroups(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	b, mia := d.in("tariq"), d.in("mia")
	mia.Get(d.at+"/console/groups").Sees(200, "Lisbon").Hides("Porto")
	mia.Get(d.at + "/console/groups/" + d.id["Porto"]).Sees(404)
	d.post(mia, "/console/groups", url.Values{"name": {"Bar"}, "kind": {"department"}, "above": {d.id["Porto"]}}).Sees(422, "may change")
	d.post(mia, "/console/groups", url.Values{"name": {"Bar"}, "kind": {"department"}, "above": {""}}).Sees(422, "may change")
	d.post(mia, "/console/groups", url.Values{"name": {"Bar"}, "kind": {"department"}, "above": {d.id["Lisbon"]}}).Sees(303)
	d.post(mia, "/console/groups", url.Values{"name": {"bar"}, "kind": {"department"}, "above": {d.id["Lisbon"]}}).Sees(422, "of this name")
	d.post(mia, "/console/groups/"+d.id["Lisbon"]+"/delete", url.Values{"confirm": {"Lisbon"}}).Sees(404)
	var bar uuid.UUID
	d.Scan("SELECT id FROM groups WHERE name = 'Bar'", nil, &bar)
	move := func(id, above string) *apptest.Answer {
		return d.post(b, "/console/groups/"+id, url.Values{"name": {"n" + id[:8]}, "kind": {"group"}, "above": {above}})
	}
	move(d.id["Lisbon"], bar.String()).Sees(422, "cannot belong to itself")
	var both sync.WaitGroup
	both.Go(func() { move(d.id["Lisbon"], d.id["Porto"]) })
	both.Go(func() {
		d.post(d.in("tariq"), "/console/groups/"+d.id["Porto"], url.Values{"name": {"P"}, "kind": {"group"}, "above": {bar.String()}})
	})
	both.Wait()
	if n := d.Count("groups WHERE parent_id IS NULL"); n != 1 {
		t.Errorf("%d topmost groups, so there is a circle or nothing moved", n)
	}
	page := b.Get(d.at+"/console/groups/"+bar.String()).Sees(200, "Bar")
	page.Hides("No such")
	d.post(b, "/console/groups/"+d.id["Lisbon"]+"/delete", url.Values{"confirm": {"x"}}).Sees(409)
}
