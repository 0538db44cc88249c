package app_test

import (
	"encoding/csv"
	"encoding/json"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/google/uuid"

	"portico/app/apptest"
)

// looked is a tenant with a tree of groups: an administrator, an auditor of the whole, an auditor of one
// location, and people within and beyond it.
const looked = `portico: 1
slug: looked
name: Looked House
policy:
  preset: email-link
  signin: {external: "off"}
  users: {registration_mode: [invite]}
  help: {escalation: Brand Administrator, email: help@looked.example}
sender: {transport: platform, from: noreply@looked.example, from_name: Looked House}
groups:
  - {external_id: north, kind: location, name: North}
  - {external_id: desk, kind: department, name: Desk, parent: north}
  - {external_id: south, kind: location, name: South}
accounts:
  - {external_id: l-1, name: Ada Boss, email: ada@looked.example, password: "env:PORTICO_TENANT_P", roles: [{role: brand_admin}]}
  - {external_id: l-2, name: Nils North, email: nils@looked.example, password: "env:PORTICO_TENANT_P", roles: [{role: auditor, scope: north}]}
  - {external_id: l-3, name: Desa Desk, email: desa@looked.example, password: "env:PORTICO_TENANT_P", groups: [desk]}
  - {external_id: l-4, name: Sol South, email: sol@looked.example, password: "env:PORTICO_TENANT_P", groups: [south]}
  - {external_id: l-5, name: "=HYPERLINK(1)", email: evil@looked.example, password: "env:PORTICO_TENANT_P", groups: [south]}
`

// watched is a portal with the looked tenant and another one.
type watched struct {
	*apptest.Portal
	t  *testing.T
	at string
}

func newLooked(t *testing.T) *watched {
	t.Helper()
	h := &watched{Portal: apptest.Start(t, apptest.Options{Tenants: []string{looked, apptest.First}}), t: t}
	h.at = h.Origin("looked")
	return h
}

// in is a browser in which somebody of the looked tenant is signed in.
func (h *watched) in(name string) *apptest.Browser {
	h.t.Helper()
	b := h.Browser()
	b.SignIn(h.at, name+"@looked.example", apptest.Password).Sees(303)
	return b
}

// id is somebody's account.
func (h *watched) id(email string) uuid.UUID {
	h.t.Helper()
	var id uuid.UUID
	h.Scan("SELECT account_id FROM account_identifiers WHERE kind = 'email' AND norm = $1", []any{email}, &id)
	return id
}

// event is an event about somebody, the newest of its kind.
func (h *watched) event(email, kind string) string {
	h.t.Helper()
	var id uuid.UUID
	h.Scan("SELECT id FROM audit_events WHERE account_id = $1 AND kind = $2 ORDER BY id DESC LIMIT 1", []any{h.id(email), kind}, &id)
	return id.String()
}

func TestAuditIsReadWithinReach(t *testing.T) {
	t.Parallel()
	h := newLooked(t)
	h.in("desa")
	h.in("sol")
	h.Browser().SignIn(h.at, "sol@looked.example", "not the password").Sees(422)
	first := h.Browser()
	first.SignIn(h.Origin("first"), "ava@first.example", apptest.Password).Sees(303)

	all := h.in("ada").Get(h.at+"/console/audit").Sees(200, "Desa Desk", "Sol South", "Signed in", "Sign-in failed", "Wrong password", "365 days")
	all.Hides("Ava Lindqvist")
	north := h.in("nils")
	list := north.Get(h.at+"/console/audit").Sees(200, "Desa Desk", "people of your groups")
	list.Hides("Sol South", "Ada Boss")
	north.Get(h.at+"/console/audit/"+h.event("desa@looked.example", "signin.ok")).Sees(200, "Signed in", "Desa Desk", "From where")
	north.Get(h.at + "/console/audit/" + h.event("sol@looked.example", "signin.ok")).Sees(404)
	h.in("ada").Get(h.at + "/console/audit/" + h.event("ava@first.example", "signin.ok")).Sees(404)
	// Somebody out of reach, somebody of another tenant and nobody at all look the same.
	for _, person := range []string{"sol@looked.example", "ava@first.example", "nobody@looked.example", h.id("sol@looked.example").String()} {
		north.Get(h.at+"/console/audit?person="+url.QueryEscape(person)).Sees(200, "Nothing was found").Hides("South")
	}
	h.in("desa").Get(h.at+"/console/audit").Sees(403, "This is not open to you")
}

func TestAuditFiltersAndPages(t *testing.T) {
	t.Parallel()
	h := newLooked(t)
	ada := h.in("ada")
	for range 3 {
		h.Browser().SignIn(h.at, "sol@looked.example", "not the password").Sees(422)
	}
	h.Exec(`INSERT INTO audit_events (tenant_id, id, at, kind, outcome, actor, account_id)
		SELECT tenant_id, gen_random_uuid(), now() - interval '30 days', 'password.changed', 'success', 'account:' || account_id, account_id
		FROM account_identifiers, generate_series(1, 60) WHERE norm = 'desa@looked.example'`)
	at := func(query string) *apptest.Answer { return ada.Get(h.at + "/console/audit?" + query) }
	at("kind=signin.failed&outcome=failure&person=sol%40looked.example").Sees(200, "Sol South", "Sign-in failed").Hides("Desa Desk")
	at("kind=signin.failed&outcome=success").Sees(200, "Nothing was found")
	at("person=desa%40looked.example&side=by").Sees(200, "Nothing was found") // what they do to themselves is about them
	at("person=nobody%40looked.example").Sees(422, "No account here has this address")
	at("from=yesterday").Sees(422, "This is not a day")
	for _, tampered := range []string{"before=x", "after=%27%20OR%201", "before=" + strings.Repeat("0", 32), "kind=Signin.ok", "kind=a%27b", "outcome=good", "side=all",
		"before=00000000-0000-0000-0000-000000000000%00", "person=" + strings.Repeat("x", 301),
		"before=0199c7a2-0000-7000-8000-00000000000a&after=0199c7a2-0000-7000-8000-00000000000a"} {
		at(tampered).Sees(404)
	}
	page := at("person=desa%40looked.example").Sees(200, "Next page").Hides("Previous page")
	next := regexp.MustCompile(`rel="next" href="([^"]+)"`).FindStringSubmatch(page.Body)
	if next == nil {
		t.Fatal("no next page")
	}
	second := ada.Get(h.at+strings.ReplaceAll(next[1], "&amp;", "&")).Sees(200, "Previous page", "Desa Desk").Hides("Sol South")
	ids := regexp.MustCompile(`/console/audit/[0-9a-f-]{36}`)
	if n, m := len(ids.FindAllString(page.Body, -1)), len(ids.FindAllString(second.Body, -1)); n != 50 || m < 10 || m > 20 {
		t.Errorf("pages of %d and %d rows", n, m)
	}
	prev := regexp.MustCompile(`rel="prev" href="([^"]+)"`).FindStringSubmatch(second.Body)
	if back := ada.Get(h.at + strings.ReplaceAll(prev[1], "&amp;", "&")).Sees(200); ids.FindString(back.Body) != ids.FindString(page.Body) {
		t.Error("the page before is another one")
	}
}

func TestAuditShowsBeforeAndAfter(t *testing.T) {
	t.Parallel()
	h := newLooked(t)
	id := uuid.New()
	h.Exec(`INSERT INTO audit_events (tenant_id, id, at, kind, outcome, actor, account_id, client_address, request_id, details)
		SELECT tenant_id, $1, '2026-01-02T03:04:05Z', 'account.edited', 'success', 'account:00000000-0000-7000-8000-0123456789ab', account_id, '192.0.2.9', 'req-77',
			jsonb_build_object('before', jsonb_build_object('name', 'Old Name'), 'after', jsonb_build_object('name', '<b>New</b>', 'email', 'x@y.example'), 'method', 'totp')
		FROM account_identifiers WHERE norm = 'desa@looked.example'`, id)
	h.in("ada").Get(h.at+"/console/audit/"+id.String()).Sees(200, "Account edited", "Desa Desk", "Erased person (456789ab)", "Old Name", "<b>New</b>", "192.0.2.9", "req-77", "Authenticator app")
}

func TestAuditIsTakenOut(t *testing.T) {
	t.Parallel()
	h := newLooked(t)
	h.in("evil")
	h.in("sol")
	ada := h.in("ada")
	page := ada.Get(h.at+"/console/audit?kind=signin.ok").Sees(200, "CSV for a spreadsheet")
	ask := func(format string) *apptest.Answer {
		return ada.Post(h.at+"/console/audit/export", url.Values{"token": {page.Value("token")}, "kind": {"signin.ok"}, "format": {format},
			"person": {""}, "side": {""}, "outcome": {""}, "from": {""}, "to": {""}})
	}
	file := ask("csv")
	if file.Status != 200 || !strings.HasPrefix(file.Header.Get("Content-Type"), "text/csv") || !strings.Contains(file.Header.Get("Content-Disposition"), `attachment; filename="audit-looked-`) {
		t.Fatalf("%d %v", file.Status, file.Header)
	}
	rows, err := csv.NewReader(strings.NewReader(file.Body)).ReadAll()
	if err != nil || len(rows) != 4 {
		t.Fatalf("%d rows, %v: %s", len(rows), err, file.Body)
	}
	if name := rows[3][8]; name != "'=HYPERLINK(1)" {
		t.Errorf("a formula stands as %q", name)
	}
	lines := strings.Split(strings.TrimSpace(ask("jsonl").Body), "\n")
	if len(lines) != 3 {
		t.Fatalf("%d lines", len(lines))
	}
	for _, line := range lines {
		var e struct{ Kind, Actor string }
		if err := json.Unmarshal([]byte(line), &e); err != nil || e.Kind != "signin.ok" {
			t.Errorf("%q: %v", line, err)
		}
	}
	ask("xlsx").Sees(404)
	if n := h.Count("audit_events WHERE kind = 'audit.exported' AND actor = $1", "account:"+h.id("ada@looked.example").String()); n != 2 {
		t.Errorf("%d exports are written down, want 2", n)
	}
	// Whoever holds nothing is refused.
	sol := h.in("sol")
	token := sol.Get(h.at + "/account/password").Value("token")
	sol.Post(h.at+"/console/audit/export", url.Values{"token": {token}, "format": {"csv"}}).Sees(403)
}

// The audit outlives whom somebody looked for: it keeps their id, not what was typed.
func TestExportKeepsNoAddress(t *testing.T) {
	t.Parallel()
	h := newLooked(t)
	sol := h.id("sol@looked.example")
	ada := h.in("ada")
	page := ada.Get(h.at + "/console/audit").Sees(200)
	for _, side := range []string{"", "by"} {
		ada.Post(h.at+"/console/audit/export", url.Values{"token": {page.Value("token")}, "format": {"csv"}, "person": {" Sol@LOOKED.example"}, "side": {side}}).Sees(200)
	}
	if n := h.Count("audit_events WHERE kind = 'audit.exported' AND details->>'filter' LIKE '%person=' || $1 || '%'", sol.String()); n != 2 {
		t.Errorf("%d exports name the person, want 2", n)
	}
	h.Exec("DELETE FROM letters WHERE account_id = $1", sol)
	h.Exec("DELETE FROM accounts WHERE id = $1", sol)
	if n := h.Count("audit_events WHERE details::text ILIKE '%sol@%' OR details::text ILIKE '%sol%40%'"); n != 0 {
		t.Errorf("%d events still say the address of somebody who is gone", n)
	}
	var id uuid.UUID
	h.Scan("SELECT id FROM audit_events WHERE kind = 'audit.exported' ORDER BY id DESC LIMIT 1", nil, &id)
	ada.Get(h.at+"/console/audit/"+id.String()).Sees(200).Hides("sol@", "sol%40")
}

// An export within groups holds what is about their people alone.
func TestAuditIsTakenOutWithinReach(t *testing.T) {
	t.Parallel()
	h := newLooked(t)
	h.in("desa")
	h.in("sol")
	nils := h.in("nils")
	page := nils.Get(h.at+"/console/audit").Sees(200, "Take out as a file")
	file := page.Submit("JSON lines", map[string]string{"format": "jsonl"})
	if !strings.Contains(file.Body, "Desa Desk") || strings.Contains(file.Body, "Sol South") || strings.Contains(file.Body, "Ada Boss") {
		t.Errorf("the file is %s", file.Body)
	}
}
