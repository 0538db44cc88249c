package app_test

import (
	"fmt"
	"net/url"
	"strings"
	"sync"
	"testing"

	"github.com/google/uuid"

	"portico/app/apptest"
)

func TestLettersAboutOthersAreBounded(t *testing.T) {
	t.Parallel()
	d := newDesk(t, "  users:", "  gates: {methods_register: [office_phone]}\n  users:",
		"from_name: First House}", "from_name: First House, phone: {provider: platform, countries: [US], voice: true}}")
	b := d.in("tariq")
	at := "/console/people/" + d.id["ava"]
	for i := range 3 {
		d.post(b, at+"/address", url.Values{"address": {fmt.Sprintf("victim%d@far.example", i)}}).Sees(303)
		d.post(b, at+"/address/cancel", nil).Sees(303)
	}
	d.post(b, at+"/address", url.Values{"address": {"victim9@far.example"}}).Sees(422, "Try again in an hour")
	if n := d.Count("letters WHERE recipient LIKE 'victim%'"); n != 3 {
		t.Errorf("%d letters to strangers", n)
	}
	for i, of := range []string{"sue", "mia", "pia", "ines"} {
		want := 303
		if i == 3 {
			want = 409 // closed
		}
		d.post(b, "/console/people/"+d.id[of]+"/address", url.Values{"address": {"one@far.example"}}).Sees(want)
	}
	d.post(b, "/console/people/"+d.id["tariq"]+"/address", url.Values{"address": {"ONE@far.example"}}).Sees(422, "Try again in an hour")
	for i := range 4 {
		want := 303
		if i == 3 {
			want = 409
		}
		d.post(b, at+"/phone", url.Values{"phone": {fmt.Sprintf("+1 425 555 012%d", i)}}).Sees(want)
	}
}

func TestTwoClicksOnInvitations(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	b, c := d.in("tariq"), d.in("tariq")
	var lines strings.Builder
	for i := range 40 {
		fmt.Fprintf(&lines, "guest%d@first.example, Guest %d\n", i, i)
	}
	answers := make([]*apptest.Answer, 2)
	twice := func(path string, fields url.Values) {
		t.Helper()
		var both sync.WaitGroup
		for i, by := range []*apptest.Browser{b, c} {
			mine := url.Values{"token": {by.Get(d.at + "/account").Value("token")}}
			for name, v := range fields {
				mine[name] = v
			}
			both.Go(func() { answers[i] = by.Post(d.at+path, mine) })
		}
		both.Wait()
	}
	twice("/console/people/invite/many", url.Values{"lines": {lines.String()}})
	for _, a := range answers {
		a.Sees(200)
	}
	if n := d.Count("account_identifiers WHERE norm LIKE 'guest%'"); n != 40 {
		t.Errorf("%d guests were invited", n)
	}
	for i := range 5 {
		var link string
		d.Scan("SELECT l.id::text FROM links l JOIN account_identifiers i USING (account_id) WHERE l.purpose = 'invite' AND i.norm = $1",
			[]any{fmt.Sprintf("guest%d@first.example", i)}, &link)
		twice("/console/people/invitations/again", url.Values{"link": {link}})
		if n := d.Count("links l JOIN account_identifiers i USING (account_id) WHERE l.purpose = 'invite' AND i.norm = $1", fmt.Sprintf("guest%d@first.example", i)); n != 2 {
			t.Errorf("two clicks on one invitation made %d links", n)
		}
	}
}

func TestGroupsAreNoWayToMoreRights(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	tenant := d.Tenant("first").ID
	d.give("pia", "people_manager", "")
	d.give("sue", "brand_admin", "Lisbon") // may erase people there, which pia may nowhere
	pia, mia := d.in("pia"), d.in("mia")
	save := func(b *apptest.Browser, group, name, above string) *apptest.Answer {
		return d.post(b, "/console/groups/"+d.id[group], url.Values{"name": {name}, "kind": {"location"}, "above": {above}})
	}
	save(pia, "Porto", "Porto", d.id["Lisbon"]).Sees(403, "may do more here")
	if n := d.Count("groups WHERE parent_id IS NOT NULL"); n != 0 {
		t.Error("the group was moved")
	}
	kofi := "/console/people/" + d.id["kofi"]
	join := func() *apptest.Answer {
		version := pia.Get(d.at + kofi + "/edit").Sees(200).Value("version")
		return d.post(pia, kofi+"/edit", url.Values{"version": {version}, "name": {"Kofi"}, "shown_" + d.id["Lisbon"]: {"1"}, "group_" + d.id["Lisbon"]: {"1"}})
	}
	join().Sees(403, "may do more here")
	// Who looks after a group renames it, though what stands above is not theirs.
	save(mia, "Lisbon", "Lisboa", "").Sees(303)
	// A role that has ended holds up nothing, and names nobody.
	d.Exec("UPDATE role_assignments SET ends_at = now() - interval '1 day' WHERE account_id = $1 AND role = 'brand_admin'", d.id["sue"])
	join().Sees(303)
	save(pia, "Porto", "Porto", d.id["Lisbon"]).Sees(303)
	d.Exec("UPDATE groups SET parent_id = NULL WHERE tenant_id = $1", tenant)
	d.Exec("DELETE FROM role_assignments WHERE scope_id = $1 AND ends_at IS NULL", d.id["Lisbon"])
	pia.Get(d.at + "/console/groups/" + d.id["Lisbon"]).Sees(200).Hides("Brand Administrator")
	d.post(pia, "/console/groups/"+d.id["Lisbon"]+"/delete", url.Values{"confirm": {"Lisboa"}}).Sees(303)
}

func TestATreeGrowsNoDeeperThanItsPagesShow(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	b, tenant := d.in("tariq"), d.Tenant("first").ID
	below := func(top string, levels int) {
		for i := range levels {
			name := fmt.Sprintf("%s %d", top, i)
			d.id[name] = uuid.NewString()
			above := d.id[top]
			if i > 0 {
				above = d.id[fmt.Sprintf("%s %d", top, i-1)]
			}
			d.Exec("INSERT INTO groups (tenant_id, id, kind, name, parent_id, created_at) VALUES ($1, $2, 'group', $3, $4, now())", tenant, d.id[name], name, above)
		}
	}
	below("Lisbon", 6)
	below("Porto", 5)
	move := func(above string) *apptest.Answer {
		return d.post(b, "/console/groups/"+d.id["Porto"], url.Values{"name": {"Porto"}, "kind": {"location"}, "above": {d.id[above]}})
	}
	move("Lisbon 5").Sees(422)
	move("Lisbon 4").Sees(303)
}

func TestAnEqualsAddressIsTheirs(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.give("ava", "brand_admin", "")
	b := d.in("tariq")
	d.post(b, "/console/people/"+d.id["ava"]+"/address", url.Values{"address": {"mine@far.example"}}).Sees(409, "one-time pass")
	d.post(b, "/console/people/"+d.id["sue"]+"/address", url.Values{"address": {"sue2@far.example"}}).Sees(303)
	d.post(b, "/console/people/"+d.id["tariq"]+"/address", url.Values{"address": {"tariq2@far.example"}}).Sees(303)
	if n := d.Count("letters WHERE recipient = 'mine@far.example'"); n != 0 {
		t.Error("the link went out")
	}
}

func TestWhatIsRefusedWhereTheRulesHaveNoSuchThing(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	b := d.in("tariq")
	at := "/console/people/" + d.id["ava"]
	d.post(b, at+"/phone", url.Values{"phone": {"+49 30 1234567"}}).Sees(409, "no office phone")
	d.post(b, at+"/register", nil).Sees(409, "nobody register anything")
	b.Get(d.at + at).Sees(200).Hides("Let them register anew")
	d.post(b, "/console/people/invite", url.Values{"name": {"Nora \u202eevil"}, "address": {"nora@first.example"}}).Sees(422)
	d.post(b, "/console/people/invite", url.Values{"name": {strings.Repeat("n", 121)}, "address": {"nora@first.example"}}).Sees(422)
}

func TestThePersonsPageKnowsWhoMayRecover(t *testing.T) {
	t.Parallel()
	d := newDesk(t, "  users:", "  reset: {scope: group, scope_group: recoverers}\n  users:")
	d.Exec("UPDATE groups SET external_id = 'recoverers' WHERE id = $1", d.id["Porto"])
	b := d.in("tariq")
	d.post(b, "/console/people/"+d.id["ava"]+"/letter", nil).Sees(409)
	d.post(b, "/console/people/"+d.id["pia"]+"/letter", nil).Sees(303)
	b.Get(d.page("ava")).Sees(200, "the rules do not offer it").Hides("Send a recovery mail")
}

func TestThePassKeepsHowSomebodyWasRecognised(t *testing.T) {
	t.Parallel()
	d := newDesk(t, "  users:", "  passes: {enabled: true, approval: second}\n  users:")
	b := d.in("tariq")
	b.Get(d.page("ava")+"/pass").Submit("Issue the pass", map[string]string{"proofing": "passport of Ava Lindqvist 1234567"}).Sees(200, "only time")
	if n := d.Count("audit_events WHERE details::text LIKE '%1234567%'"); n != 0 {
		t.Error("the audit, which outlives her, keeps her passport")
	}
	if n := d.Count("passes WHERE proofing LIKE '%1234567%'"); n != 1 {
		t.Error("the pass lost how she was recognised")
	}
}

func TestWhoWasAskedRegistersAnew(t *testing.T) {
	t.Parallel()
	d := newDesk(t, "  users:", "  gates: {methods_register: [auth_email, totp]}\n  users:")
	b := d.in("tariq")
	d.post(b, "/console/people/"+d.id["ava"]+"/register", nil).Sees(303)
	ava := d.Browser()
	ava.SignIn(d.at, "ava@first.example", apptest.Password).Sees(303)
	for range 2 {
		ava.Get(d.at+"/account/security/setup").Sees(200, "register anew")
	}
	if n := d.Count("accounts WHERE id = $1 AND register_asked_at IS NOT NULL", d.id["ava"]); n != 1 {
		t.Error("looking at the page took the order back")
	}
}
