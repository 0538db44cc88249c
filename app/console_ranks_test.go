package app_test

import (
	"net/url"
	"testing"
	"time"

	"portico/app/apptest"
)

// TestTheLastOwnerKeepsTheRoleWithoutEnd though somebody as high could give it to them until a day.
func TestTheLastOwnerKeepsTheRoleWithoutEnd(t *testing.T) {
	t.Parallel()
	r := newRooms(t)
	soon := r.Clock.Now().AddDate(0, 0, 5).Format(time.DateOnly)
	ada := r.as("ada")
	ada.Get(r.at+"/console/people/"+r.id("per")+"/roles").Submit("Give the role", map[string]string{"role": "brand_admin", "until": soon}).Sees(303)
	per := r.as("per")
	per.Get(r.at+"/console/people/"+r.id("ada")+"/roles").Sees(200).
		Submit("Give the role", map[string]string{"role": "brand_admin", "until": soon}).Sees(422, "Nobody would be left")
	if n := r.Count("role_assignments WHERE role = 'brand_admin' AND ends_at IS NULL"); n != 1 {
		t.Errorf("%d owners without an end", n)
	}
}

// TestAnInvitationIsNoOwner as long as nobody accepted it.
func TestAnInvitationIsNoOwner(t *testing.T) {
	t.Parallel()
	r := newRooms(t)
	ada := r.as("ada")
	ada.Get(r.at+"/console/people/invite").Submit("Send the invitation", map[string]string{"name": "New Owner", "address": "new@house.example", "role": "brand_admin"}).Sees(303)
	ada.Get(r.at+"/console/people/"+r.id("ada")+"/roles").Submit("Take away", nil).Sees(422, "Nobody would be left")
}

// TestARoleByInvitationAsksForThePassword as giving it does.
func TestARoleByInvitationAsksForThePassword(t *testing.T) {
	t.Parallel()
	r := newRooms(t)
	ada, sue := r.as("ada"), r.as("per")
	form := ada.Get(r.at + "/console/people/invite").Sees(200)
	for range 4 {
		r.Clock.Advance(9 * time.Minute)
		ada.Get(r.at + "/console/people").Sees(200)
		sue.Get(r.at + "/console/people").Sees(200)
	}
	form.Submit("Send the invitation", map[string]string{"name": "New Owner", "address": "new@house.example", "role": "brand_admin"}).
		Sees(303).Follow().Sees(200, "Show that it is you")
	if n := r.Count("account_identifiers WHERE norm = 'new@house.example'"); n != 0 {
		t.Error("an invitation went out before the password was asked for")
	}
}

// TestRolesOfWhoHoldsMoreStay, also those that the visitor may give to others.
func TestRolesOfWhoHoldsMoreStay(t *testing.T) {
	t.Parallel()
	r := newRooms(t)
	ada, per := r.as("ada"), r.as("per")
	ada.Get(r.at + "/console/people/" + r.id("ada") + "/roles").Sees(200)
	r.Exec(`INSERT INTO role_assignments (tenant_id, id, account_id, role, granted_by, created_at)
		SELECT tenant_id, gen_random_uuid(), id, 'member', 'test', created_at FROM accounts WHERE external_id = 'h-1'`)
	path := r.at + "/console/people/" + r.id("ada") + "/roles"
	token := per.Get(path).Sees(200).Value("token")
	per.Post(path, url.Values{"token": {token}, "role": {"support_agent"}}).Sees(422, "holds more than you do")
	var member string
	r.Scan("SELECT id::text FROM role_assignments WHERE role = 'member' AND account_id = $1", []any{r.id("ada")}, &member)
	per.Post(path+"/take", url.Values{"token": {token}, "assignment": {member}}).Sees(422, "holds more than you do")
}

// TestAnOwnRoleShowsThePagesOnWhichItActs, is deleted when only ended assignments are left, and leaves its
// name to nobody who held it.
func TestAnOwnRoleShowsThePagesOnWhichItActs(t *testing.T) {
	t.Parallel()
	r := newRooms(t)
	ada, pia := r.as("ada"), r.as("pia")
	save := func(fields map[string]string) *apptest.Answer {
		return ada.Get(r.at+"/console/roles/new").Submit("Save the role", fields)
	}
	save(map[string]string{"label": "New", "perm.people.invite": "on"}).Sees(303).Follow().Sees(200, "2 of 27")
	ada.Get(r.at+"/console/roles/new_02").Sees(200, "See people")
	ada.Get(r.at+"/console/people/"+r.id("pia")+"/roles").
		Submit("Give the role", map[string]string{"role": "new_02", "until": r.Clock.Now().AddDate(0, 0, 2).Format(time.DateOnly)}).Sees(303)
	pia.Get(r.at + "/console/people/invite").Sees(200)
	pia.Get(r.at + "/console").Sees(303)
	r.Clock.Advance(3 * 24 * time.Hour)
	ada = r.as("ada")
	ada.Get(r.at+"/console/roles/new_02").Submit("Delete the role", nil).Sees(303)
	// an assignment of a role that went at the very same moment gives nothing to a later one of that name
	r.Exec(`INSERT INTO role_assignments (tenant_id, id, account_id, role, granted_by, created_at)
		SELECT tenant_id, gen_random_uuid(), id, 'night_desk', 'test', created_at FROM accounts WHERE external_id = 'h-7'`)
	save(map[string]string{"label": "Night desk", "perm.audit.read": "on"}).Sees(303)
	ada.Get(r.at + "/console/roles/night_desk_02").Sees(200)
	r.as("pia").Get(r.at + "/console/audit").Sees(403)
}

// TestRequestsReachThoseWhoCanGrantThem, and nobody else decides them.
func TestRequestsReachThoseWhoCanGrantThem(t *testing.T) {
	t.Parallel()
	r := newRooms(t)
	since := r.Clock.Now()
	mem := r.as("mem")
	mem.Get(r.at+"/console/look").Sees(403).Submit("Request access", map[string]string{"reason": "the new logo"}).Sees(303)
	r.Letter("ada@house.example", since)
	lou := r.as("lou")
	lou.Get(r.at + "/console/requests").Sees(200).Hides("Mem Ber")
	var id string
	r.Scan("SELECT id::text FROM access_requests", nil, &id)
	token := lou.Get(r.at + "/account").Value("token")
	if a := lou.Post(r.at+"/console/requests", url.Values{"token": {token}, "id": {id}, "decision": {"decline"}}); a.Status < 400 {
		t.Errorf("who could not approve declines: %d", a.Status)
	}
	if n := r.Count("access_requests WHERE state = 'open'"); n != 1 {
		t.Errorf("%d open requests", n)
	}
	before := r.Count("audit_events WHERE kind = 'access.denied'")
	for range 20 {
		mem.Get(r.at + "/console/rules").Sees(403)
	}
	if n := r.Count("audit_events WHERE kind = 'access.denied'") - before; n != 1 {
		t.Errorf("twenty looks at one closed door are %d rows of the audit", n)
	}
}
