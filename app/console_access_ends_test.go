package app_test

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"portico/app/apptest"
)

// TestNobodyGivesLongerThanTheyHold: who holds a role until a day gives what it gives until that day at most, by
// its page, by an invitation, by a request and by a file.
func TestNobodyGivesLongerThanTheyHold(t *testing.T) {
	t.Parallel()
	d := newQuay(t)
	d.give("ava", "user_admin", "")
	d.Exec("UPDATE role_assignments SET ends_at = '2099-05-01T00:00:00Z' WHERE account_id = $1", d.id["ava"])
	ava := d.in("ava")
	give := func(role, until string) *apptest.Answer {
		return d.post(ava, "/console/people/"+d.id["pia"]+"/roles", url.Values{"role": {role}, "group": {""}, "until": {until}})
	}
	held := func() int { return d.Count("role_assignments WHERE account_id = $1", d.id["pia"]) }
	for _, until := range []string{"", "2099-05-02", "2120-01-01"} {
		give("location_admin", until).Sees(422, "You hold what this gives until 1 May 2099")
	}
	if held() != 0 {
		t.Error("a role was given for longer than its giver holds it")
	}
	give("location_admin", "2099-05-01").Sees(303)
	give("location_admin", "2098-01-01").Sees(303)
	give("location_admin", "").Sees(422, "Give it until that day at most")
	if held() != 1 {
		t.Errorf("pia holds %d roles, want one", held())
	}
	invite := url.Values{"name": {"New One"}, "address": {"new@first.example"}, "role": {"location_admin"}, "scope": {""}, "group": {""}}
	d.post(ava, "/console/people/invite", invite).Sees(422, "an invitation gives it without an end")
	many := url.Values{"lines": {"a@first.example, A\nb@first.example, B"}, "many_role": {"location_admin"}, "many_scope": {""}, "many_group": {""}}
	d.post(ava, "/console/people/invite/many", many).Sees(422, "an invitation gives it without an end")
	if n := d.Count("account_identifiers WHERE norm IN ('new@first.example', 'a@first.example', 'b@first.example')"); n != 0 {
		t.Errorf("%d people were invited all the same", n)
	}
	d.work()
	at := d.received(ava, "external_id,name,email,roles\nn-1,Bea,bea@first.example,location_admin\nn-2,Cid,cid@first.example,\n")
	ava.Get(at).Submit("Check the rows", nil).Sees(303)
	d.until(ava, at, "This is what would happen").Sees(200, "New 1", "Refused 1", "and a file gives it without an end")
	// Whoever holds it without an end gives it so; taking is open as before.
	d.Exec("UPDATE role_assignments SET ends_at = NULL WHERE account_id = $1", d.id["ava"])
	give("location_admin", "").Sees(303)
	var ends *time.Time
	d.Scan("SELECT ends_at FROM role_assignments WHERE account_id = $1", []any{d.id["pia"]}, &ends)
	if ends != nil {
		t.Errorf("the role ends %v", ends)
	}
	if page := ava.Get(d.page("pia") + "/roles"); !strings.Contains(page.Text(), "Location Admin") {
		t.Error("the page does not show the role")
	}
}
