package app_test

import (
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"portico/app"
	"portico/app/apptest"
	"portico/rbac"
	"portico/themes"
)

// house is a tenant with somebody of every built-in role, and a tree of groups.
const house = `portico: 1
slug: house
name: House of Rooms
policy:
  preset: email-link
  signin: {external: "off"}
  users: {registration_mode: [invite], roles: portico}
  session: {ttl: 12h}
  lockout: {threshold: 100}
  throttle: {ceiling: 1000}
groups:
  - {external_id: lisbon, kind: location, name: Lisbon}
  - {external_id: desk, kind: department, name: Front desk, parent: lisbon}
  - {external_id: porto, kind: location, name: Porto}
sender: {transport: platform, from: noreply@house.example, from_name: House}
accounts:
  - {external_id: h-1, name: Ada Admin, email: ada@house.example, password: "env:PORTICO_TENANT_P", roles: [{role: brand_admin}]}
  - {external_id: h-2, name: Per Manager, email: per@house.example, password: "env:PORTICO_TENANT_P", roles: [{role: people_manager}]}
  - {external_id: h-3, name: Sue Agent, email: sue@house.example, password: "env:PORTICO_TENANT_P", roles: [{role: support_agent}]}
  - {external_id: h-4, name: Aud Itor, email: aud@house.example, password: "env:PORTICO_TENANT_P", roles: [{role: auditor}]}
  - {external_id: h-5, name: Mem Ber, email: mem@house.example, password: "env:PORTICO_TENANT_P", roles: [{role: member}], groups: [desk]}
  - {external_id: h-6, name: Lou Local, email: lou@house.example, password: "env:PORTICO_TENANT_P", roles: [{role: people_manager, scope: lisbon}], groups: [lisbon]}
  - {external_id: h-7, name: Pia Porto, email: pia@house.example, password: "env:PORTICO_TENANT_P", groups: [porto]}
`

// roomed is a portal with that tenant.
type roomed struct {
	*apptest.Portal
	t  *testing.T
	at string
}

func newRooms(t *testing.T) *roomed {
	t.Helper()
	r := &roomed{Portal: apptest.Start(t, apptest.Options{Tenants: []string{house, apptest.Second}}), t: t}
	r.at = r.Origin("house")
	return r
}

// as is a browser in which somebody of the house is signed in.
func (r *roomed) as(name string) *apptest.Browser {
	r.t.Helper()
	b := r.Browser()
	b.SignIn(r.at, name+"@house.example", apptest.Password).Sees(303)
	return b
}

// id is somebody's account, by the beginning of their address.
func (r *roomed) id(name string) string {
	r.t.Helper()
	var id string
	r.Scan("SELECT account_id::text FROM account_identifiers WHERE value LIKE $1 || '@%' OR value = $1", []any{name}, &id)
	return id
}

// actors are one person of every built-in role of the preset.
var actors = map[string]string{rbac.BrandAdmin: "ada", rbac.PeopleManager: "per", rbac.SupportAgent: "sue", rbac.Auditor: "aud", rbac.Member: "mem"}

// TestEveryConsoleRouteAsksForItsPermission walks the routes of the console, as each role, to somebody
// lower, somebody higher and somebody of another tenant. The table is made of the routes themselves: a
// route that is new is asked, too.
func TestEveryConsoleRouteAsksForItsPermission(t *testing.T) {
	t.Parallel()
	r := newRooms(t)
	targets := map[string]string{"lower": r.id("pia"), "higher": r.id("ada"), "foreign": r.id("mina")}
	asked := 0
	for role, name := range actors {
		b := r.Browser()
		b.From = "203.0.113." + strconv.Itoa(10+len(name)+asked%200) // one address may sign in only so often
		b.SignIn(r.at, name+"@house.example", apptest.Password).Sees(303)
		token := b.Get(r.at + "/account").Sees(200).Value("token")
		held, ok := rbac.RoleNamed(r.Tenant("house"), role)
		if !ok {
			t.Fatalf("no role %s", role)
		}
		for _, route := range r.Server.Routes() {
			if route.Trust != app.Permitted || route.Method == "HEAD" {
				continue
			}
			for whom, id := range targets {
				if whom == "lower" && strings.HasSuffix(route.Path, "/erase") && route.Method == "POST" {
					continue // played by a story of its own
				}
				if name == "ada" && whom == "higher" {
					continue // themselves: signing oneself out everywhere ends this walk
				}
				path := fillParams(route.Path, id)
				var a *apptest.Answer
				if route.Method == "GET" {
					a = b.Get(r.at + path)
				} else {
					a = b.Post(r.at+path, url.Values{"token": {token}})
				}
				asked++
				may := route.Permission == "" && len(held.Permissions) > 0 || held.Allows(route.Permission)
				what := fmt.Sprintf("%s %s as %s to somebody %s: %d", route.Method, path, role, whom, a.Status)
				switch {
				case !may && a.Status != 403:
					t.Errorf("%s, want 403", what)
				case may && whom == "foreign" && strings.Contains(route.Path, ":id") && a.Status < 400:
					t.Errorf("%s, want it not to be found", what)
				case may && whom != "higher" && a.Status == 403:
					t.Errorf("%s, want it open: %s", what, a.Text())
				case a.Status >= 500:
					t.Errorf("%s", what)
				}
			}
		}
	}
	if asked < 100 {
		t.Errorf("only %d questions were asked", asked)
	}
}

// fillParams puts a value in the place of every parameter of a path.
func fillParams(path, value string) string {
	parts := strings.Split(path, "/")
	for i, p := range parts {
		if strings.HasPrefix(p, ":") {
			parts[i] = value
		}
	}
	return strings.Join(parts, "/")
}

// TestEveryPermissionHasItsWords also says each role of each preset in every language.
func TestEveryPermissionHasItsWords(t *testing.T) {
	t.Parallel()
	r := newRooms(t)
	neutral := themes.PlatformBrand("http://localhost")
	says := func(locale, key string) bool { return r.Renderer.Text(neutral, locale, key, nil) != key }
	at := *r.Tenant("house")
	for _, locale := range []string{"en", "de", "fr", "es", "ar"} {
		for _, preset := range []string{"portico", "axp", "university", "portal"} {
			at.Policy.Users.RolesPreset = preset
			for _, role := range rbac.Roles(&at) {
				if !says(locale, "role."+role.Name) {
					t.Errorf("%s: no word for the role %s", locale, role.Name)
				}
			}
		}
		for _, p := range rbac.Permissions() {
			if !says(locale, "perm."+string(p)) || !says(locale, "resource."+p.Resource()) {
				t.Errorf("%s: no words for %s", locale, p)
			}
		}
	}
}

// TestRolesAreGivenAndCountAtOnce in a session that is open already, and on another instance.
func TestRolesAreGivenAndCountAtOnce(t *testing.T) {
	t.Parallel()
	r := newRooms(t)
	pia, ada := r.as("pia"), r.as("ada")
	pia.Get(r.at+"/console").Sees(403, "You hold no role here.")
	page := ada.Get(r.at+"/console/people/"+r.id("pia")+"/roles").Sees(200, "No role.")
	page.Submit("Give the role", map[string]string{"role": "auditor"}).Sees(303).Follow().Sees(200, "The role was given", "Auditor", "Everywhere")
	pia.Get(r.at+"/console/roles").Sees(200, "Auditor").Hides("New role")
	page = ada.Get(r.at + "/console/people/" + r.id("pia") + "/roles")
	page.Submit("Take away", nil).Sees(303).Follow().Sees(200, "The role was taken away", "No role.")
	pia.Get(r.at + "/console/roles").Sees(403)
	if n := r.Count("audit_events WHERE kind = 'role.changed'"); n != 2 {
		t.Errorf("%d audit rows", n)
	}
	// until a day: it ends by itself
	page = ada.Get(r.at + "/console/people/" + r.id("pia") + "/roles")
	page.Submit("Give the role", map[string]string{"role": "auditor", "until": "2020-01-01"}).Sees(422, "a day in the future")
	page.Submit("Give the role", map[string]string{"role": "auditor", "until": r.Clock.Now().AddDate(0, 0, 2).Format(time.DateOnly)}).Sees(303)
	pia.Get(r.at + "/console/roles").Sees(200)
	r.Clock.Advance(3 * 24 * time.Hour)
	r.as("pia").Get(r.at + "/console/roles").Sees(403)
}

// TestNobodyGivesMoreThanTheyHold by form fields that no page offered.
func TestNobodyGivesMoreThanTheyHold(t *testing.T) {
	t.Parallel()
	r := newRooms(t)
	per := r.as("per")
	path := r.at + "/console/people/" + r.id("pia") + "/roles"
	page := per.Get(path).Sees(200, "Support Agent").Hides("Brand Administrator")
	token := page.Value("token")
	for role, status := range map[string]int{"brand_admin": 422, "auditor": 422, "global_admin": 422, "no_such": 422, "": 422, "member": 303, "support_agent": 303, "people_manager": 303} {
		if a := per.Post(path, url.Values{"token": {token}, "role": {role}}); a.Status != status {
			t.Errorf("%q: %d, want %d", role, a.Status, status)
		}
	}
	per.Post(r.at+"/console/people/"+r.id("per")+"/roles", url.Values{"token": {token}, "role": {"people_manager"}}).Sees(422, "more than you do") // not to oneself
	var taken string
	r.Scan("SELECT id::text FROM role_assignments WHERE role = 'brand_admin'", nil, &taken)
	per.Post(r.at+"/console/people/"+r.id("ada")+"/roles/take", url.Values{"token": {token}, "assignment": {taken}}).Sees(422, "more than you do")
	if n := r.Count("role_assignments WHERE role = 'brand_admin'"); n != 1 {
		t.Errorf("%d brand administrators", n)
	}
}

// TestARoleInAGroupReachesItAlone for people, for places, and for what one may give.
func TestARoleInAGroupReachesItAlone(t *testing.T) {
	t.Parallel()
	r := newRooms(t)
	lou := r.as("lou")
	lou.Get(r.at+"/console/people/"+r.id("mem")+"/roles").Sees(200, "Front desk").Hides("Porto", ">Everywhere</option>")
	lou.Get(r.at + "/console/people/" + r.id("pia") + "/roles").Sees(404)
	lou.Get(r.at + "/console/people/" + r.id("ada") + "/may").Sees(404)
	page := lou.Get(r.at + "/console/people/" + r.id("mem") + "/roles")
	var porto, desk string
	r.Scan("SELECT id::text FROM groups WHERE external_id = 'porto'", nil, &porto)
	r.Scan("SELECT id::text FROM groups WHERE external_id = 'desk'", nil, &desk)
	for group, status := range map[string]int{"": 422, porto: 422, desk: 303, "x": 422, r.id("mina"): 422} {
		a := lou.Post(r.at+"/console/people/"+r.id("mem")+"/roles", url.Values{"token": {page.Value("token")}, "role": {"support_agent"}, "group": {group}})
		if a.Status != status {
			t.Errorf("in %q: %d, want %d", group, a.Status, status)
		}
	}
}

// TestTheLastOwnerStays when two owners take the role from each other at the very same moment.
func TestTheLastOwnerStays(t *testing.T) {
	t.Parallel()
	r := newRooms(t)
	ada := r.as("ada")
	ada.Get(r.at+"/console/people/"+r.id("ada")+"/roles").Submit("Take away", nil).Sees(422, "Nobody would be left")
	ada.Get(r.at+"/console/people/"+r.id("per")+"/roles").Submit("Give the role", map[string]string{"role": "brand_admin"}).Sees(303)
	per := r.as("per")
	var all sync.WaitGroup
	for b, whom := range map[*apptest.Browser]string{ada: "per", per: "ada"} {
		page := b.Get(r.at + "/console/people/" + r.id(whom) + "/roles")
		var owner string
		r.Scan("SELECT id::text FROM role_assignments WHERE role = 'brand_admin' AND account_id = $1", []any{r.id(whom)}, &owner)
		all.Go(func() {
			b.Post(r.at+"/console/people/"+r.id(whom)+"/roles/take", url.Values{"token": {page.Value("token")}, "assignment": {owner}})
		})
	}
	all.Wait()
	if n := r.Count("role_assignments WHERE role = 'brand_admin'"); n != 1 {
		t.Errorf("%d owners are left", n)
	}
}

// TestRolesOfOnesOwn are made, changed, seen on another instance, and deleted once nobody holds them.
func TestRolesOfOnesOwn(t *testing.T) {
	t.Parallel()
	r := newRooms(t)
	beside := apptest.Start(t, apptest.Options{Beside: r.Portal, Tenants: []string{}})
	ada, pia := r.as("ada"), r.as("pia")
	form := ada.Get(r.at+"/console/roles/new").Sees(200, "A role of your own")
	form.Submit("Save the role", map[string]string{"label": " "}).Sees(422, "2 to 60 characters")
	form.Submit("Save the role", map[string]string{"label": "Night desk", "perm.people.read": "on", "perm.roles.read": "on"}).Sees(303).
		Follow().Sees(200, "The role was saved", "Night desk", "Your own", "2 of 27")
	form.Submit("Save the role", map[string]string{"label": "night DESK"}).Sees(422, "changed the roles meanwhile")
	ada.Get(r.at+"/console/roles/new").Submit("Save the role", map[string]string{"label": "night DESK"}).Sees(422, "no other role has")
	ada.Get(r.at+"/console/people/"+r.id("pia")+"/roles").Submit("Give the role", map[string]string{"role": "night_desk"}).Sees(303)
	pia.Get(r.at + "/console/roles").Sees(200)
	there := strings.Replace(r.at, ":"+r.Port, ":"+beside.Port, 1)
	other := beside.Browser()
	other.SignIn(there, "pia@house.example", apptest.Password).Sees(303)
	eventually(t, func() bool { return other.Get(there+"/console/roles").Status == 200 })
	role := ada.Get(r.at+"/console/roles/night_desk").Sees(200, "1 person holds it.", "Take it from them before you delete it.")
	role.Submit("Save the role", map[string]string{"perm.roles.read": "", "perm.people.read": "on"}).Sees(303)
	pia.Get(r.at + "/console/roles").Sees(403)
	eventually(t, func() bool { return other.Get(there+"/console/roles").Status == 403 })
	ada.Get(r.at+"/console/people/"+r.id("pia")+"/roles").Submit("Take away", nil).Sees(303)
	ada.Get(r.at+"/console/roles/night_desk").Submit("Delete the role", nil).Sees(303).Follow().Sees(200, "The role was deleted").Hides("Night desk")
}

// TestAccessIsAskedForAndDecided with a mail each way; asking twice is asking once.
func TestAccessIsAskedForAndDecided(t *testing.T) {
	t.Parallel()
	r := newRooms(t)
	since := r.Clock.Now()
	pia, ada := r.as("pia"), r.as("ada")
	page := pia.Get(r.at+"/console/roles").Sees(403, "See roles and who holds them", "It would be open to you with:", "Brand Administrator", "Request access")
	page.Submit("Request access", map[string]string{"reason": ""}).Sees(422, "Say why")
	page.Submit("Request access", map[string]string{"reason": "I <b>cover</b> for Aud"}).Sees(303).Follow().Sees(200, "stands before those who can grant it")
	pia.Get(r.at+"/console/roles").Sees(403, "You asked for this on").Hides("Request access")
	page.Submit("Request access", map[string]string{"reason": "again"}).Sees(303)
	letter := r.Letter("ada@house.example", since)
	if !strings.Contains(letter.Text, "I <b>cover</b> for Aud") || strings.Contains(letter.HTML, "<b>cover") || !slices.Contains(letter.Links, r.at+"/console/requests") {
		t.Errorf("the letter: %s\n%s", letter.Text, letter.Links)
	}
	list := ada.Get(r.at+"/console/requests").Sees(200, "Pia Porto", "See roles and who holds them", "I <b>cover</b> for Aud")
	if strings.Contains(list.Body, "<b>cover") {
		t.Error("a reason is markup")
	}
	if n := r.Count("access_requests"); n != 1 {
		t.Errorf("%d requests", n)
	}
	// the least that answers it is offered first; a role that does not hold it, or a stranger's group, is no answer
	values := url.Values{"token": {list.Value("token")}, "id": {list.Value("id")}, "decision": {"approve"}}
	for _, way := range []string{"member", "support_agent", "no_such", "auditor@" + r.id("mina")} {
		values.Set("way", way)
		ada.Post(r.at+"/console/requests", values).Sees(422)
	}
	list.Submit("Approve", map[string]string{"note": "until May", "decision": "approve"}).Sees(303).Follow().Sees(200, "It is decided", "Nobody is waiting.", "Approved")
	pia.Get(r.at + "/console/roles").Sees(200)
	if got := r.Letter("pia@house.example", since); !strings.Contains(got.Text, "You can do this now") || !strings.Contains(got.Text, "until May") {
		t.Errorf("the answer: %s", got.Text)
	}
	values.Set("decision", "decline")
	ada.Post(r.at+"/console/requests", values).Sees(409, "Somebody else decided")
	// a location's manager sees requests of the own people alone
	r.as("mem").Get(r.at+"/console/roles").Sees(403).Submit("Request access", map[string]string{"reason": "desk"}).Sees(303)
	r.as("pia").Get(r.at+"/console/people/"+r.id("pia")+"/may").Sees(200, "What may Pia Porto do?", "Yes, in Porto")
	lou := r.as("lou").Get(r.at+"/console/requests").Sees(200, "Mem Ber").Hides("Pia Porto")
	lou.Submit("Decline", map[string]string{"decision": "decline"}).Sees(303)
	if n := r.Count("access_requests WHERE state = 'declined'"); n != 1 {
		t.Errorf("%d declined", n)
	}
}

// TestTheConsoleRests after a quarter of an hour, and asks for the password before roles change.
func TestTheConsoleRests(t *testing.T) {
	t.Parallel()
	r := newRooms(t)
	ada := r.as("ada")
	ada.Get(r.at + "/console/roles").Sees(200)
	for range 3 {
		r.Clock.Advance(9 * time.Minute)
		ada.Get(r.at + "/console/roles").Sees(200)
	}
	// who may change something there proves it before the page comes, so that nothing typed is lost
	page := ada.Get(r.at+"/console/people/"+r.id("pia")+"/roles").Sees(303).Follow().Sees(200, "Show that it is you").
		Submit("Go on", map[string]string{"password": apptest.Password}).Follow().Sees(200)
	r.as("aud").Get(r.at + "/console/people/" + r.id("pia") + "/roles").Sees(200)
	for range 4 {
		r.Clock.Advance(9 * time.Minute)
		ada.Get(r.at + "/console/roles").Sees(200)
	}
	back := page.Submit("Give the role", map[string]string{"role": "auditor"}).Sees(303).Follow().Sees(200, "Show that it is you").
		Submit("Go on", map[string]string{"password": apptest.Password}).Sees(303)
	if want := "/console/people/" + r.id("pia") + "/roles"; back.Location != want {
		t.Errorf("a form leads back to %s, want %s", back.Location, want)
	}
	r.Clock.Advance(16 * time.Minute)
	asked := ada.Get(r.at+"/console/roles").Sees(303).Follow().Sees(200, "Before you go on, show that it is you.")
	done := asked.Submit("Go on", map[string]string{"password": apptest.Password}).Sees(303)
	if done.Location != "/console/roles" {
		t.Errorf("leads to %s", done.Location)
	}
	done.Follow().Sees(200)
	ada.Get(r.at + "/account").Sees(200) // the rest of the session does not rest
}

// eventually waits until something holds that another instance hears of.
func eventually(t *testing.T, holds func() bool) {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); !holds(); <-time.After(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("it does not come to hold")
		}
	}
}

// TestConsoleFormsThatAreNoneOfItsPages sends to every form of the console, as somebody who may do
// everything, what no page of theirs sends: refused, and nothing changes.
func TestConsoleFormsThatAreNoneOfItsPages(t *testing.T) {
	t.Parallel()
	r := newRooms(t)
	b := r.as("ada")
	token := b.Get(r.at + "/account").Sees(200).Value("token")
	foreign := r.Browser().Get(r.Origin("second") + "/login").Sees(200).Value("token")
	attacks := bodyAttacks(foreign)
	attacks["unknown field"] = bodyAttack{body: func(v url.Values) string { return with(v, "no_such_field=x") }}
	for _, name := range []string{"no token", "empty token", "token cut short", "foreign token", "token twice", "unknown field", "JSON", "form as JSON", "text",
		"query, not body", "another site", "a sibling", "no origin at all", "origin null", "huge body"} {
		attack, before := attacks[name], r.Rows("")
		delete(before, "public.sessions") // the console was used
		for _, route := range r.Server.Routes() {
			if route.Trust != app.Permitted || route.Method != "POST" {
				continue
			}
			fields, header := url.Values{"token": {token}}, apptest.SameOrigin(r.at)
			for h, value := range attack.header {
				if header[h] = value; value == "" {
					delete(header, h)
				}
			}
			address := r.at + fillParams(route.Path, r.id("pia"))
			if attack.query != nil {
				address += "?" + attack.query(fields)
			}
			if a := b.Send("POST", address, attack.body(fields), header); a.Status < 400 || a.Status >= 500 {
				t.Errorf("%s at %s: %d %s", name, route.Path, a.Status, a.Location)
			}
		}
		after := r.Rows("")
		delete(after, "public.sessions")
		if changed := before.Differ(after); len(changed) > 0 {
			t.Errorf("%s changed %v", name, changed)
		}
	}
}
