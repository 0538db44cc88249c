package app_test

import (
	"strings"
	"testing"
	"time"

	"portico/app/apptest"
	"portico/app/audit"
	"portico/rbac"
)

// The work of the API beyond people, as a program does it.

func TestAProgramImportsPeople(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t, apptest.Options{Imports: true})
	key, id := p.Key("first", "f-2", rbac.PeopleImport, rbac.PeopleRead, rbac.PeopleEdit)
	at := p.Origin("first") + "/api/v1/imports"
	csv := "external_id,display_name,email,roles\nf-90,Nora New,nora@first.example,\nf-91,Otto New,otto@first.example,brand_admin\n"
	sent := p.Call(key, "POST", at+"?name=staff.csv", csv, "Content-Type", "text/csv").Sees(201)
	one := p.Origin("first") + sent.Header.Get("Location")
	p.Call(key, "PUT", one+"/columns", `{"columns":["external_id"]}`).Sees(422)
	p.Call(key, "PUT", one+"/columns", `{"columns":["external_id","display_name","email","roles"],"options":{"invite":true}}`).Sees(403)
	p.Call(key, "PUT", one+"/columns", `{"columns":["external_id","display_name","email","roles"]}`).Sees(200)
	judged := untilState(t, p, key, one, "judged")
	p.Call(key, "POST", one+"/start", nil).Sees(428)
	p.Call(key, "POST", one+"/start", nil, "If-Match", `"1"`).Sees(412)
	p.Call(key, "POST", one+"/start", nil, "If-Match", judged.Header.Get("ETag")).Sees(200)
	untilState(t, p, key, one, "done")
	result := p.Call(key, "GET", one+"/result", nil).Sees(200)
	if !strings.Contains(result.Body, `"result":"new"`) || !strings.Contains(result.Body, `"result":"refused"`) {
		t.Errorf("the key gave a role that it may not use, or nobody came: %s", result.Body)
	}
	var actor string
	p.Scan("SELECT actor FROM audit_events WHERE kind = 'account.imported' ORDER BY id DESC LIMIT 1", nil, &actor)
	if actor != "key:"+id.String() {
		t.Errorf("the audit says %s", actor)
	}
	big := "external_id,display_name\n" + strings.Repeat("f-200,Somebody With A Name\n", 5000)
	p.Call(key, "POST", at, big, "Content-Type", "text/csv").Sees(201)
	p.Call(key, "POST", p.Origin("first")+"/api/v1/people", big, "Content-Type", "text/csv").Sees(413)
}

func untilState(t *testing.T, p *apptest.Portal, key, address, state string) *apptest.Called {
	t.Helper()
	deadline := time.Now().Add(30 * time.Second)
	for time.Now().Before(deadline) {
		if got := p.Call(key, "GET", address, nil).Sees(200); got.String("state") == state {
			return got
		}
		<-time.After(20 * time.Millisecond) // polling with a deadline: the worker is another goroutine
	}
	t.Fatalf("never %s: %s", state, p.Call(key, "GET", address, nil).Body)
	return nil
}

func TestAProgramPublishesALook(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t, apptest.Options{})
	key, _ := p.Key("first", "f-2")
	at := p.Origin("first") + "/api/v1"
	draft := p.Call(key, "GET", at+"/theme/draft", nil).Sees(200)
	p.Call(key, "PUT", at+"/theme/draft", `{"nonsense":1}`, "If-Match", draft.Header.Get("ETag")).Sees(422)
	p.Call(key, "PUT", at+"/theme/draft", `{"colors":{"accent":"reddish"}}`, "If-Match", draft.Header.Get("ETag")).Sees(422)
	saved := p.Call(key, "PUT", at+"/theme/draft", `{"site_title":"A House"}`, "If-Match", draft.Header.Get("ETag")).Sees(200)
	if strings.Contains(p.Browser().Get(p.Origin("first")+"/login").Body, "A House") {
		t.Error("a draft is seen")
	}
	p.Call(key, "POST", at+"/theme/publish", nil, "If-Match", saved.Header.Get("ETag")).Sees(200)
	if !strings.Contains(p.Browser().Get(p.Origin("first")+"/login").Body, "A House") {
		t.Error("the look is not published")
	}
	p.Call(key, "POST", at+"/theme/publish", nil, "If-Match", "*").Sees(409)
	words := p.Call(key, "GET", at+"/words/draft", nil).Sees(200)
	p.Call(key, "PUT", at+"/words/draft", `{"en":{"no.such.key":"x"}}`, "If-Match", words.Header.Get("ETag")).Sees(422)
	p.Call(key, "PUT", at+"/words/draft", `{"en":{"signin.title":"Come in"}}`, "If-Match", words.Header.Get("ETag")).Sees(200)
	p.Call(key, "DELETE", at+"/words/draft", nil, "If-Match", "*").Sees(204)
	impact := p.Call(key, "POST", at+"/policy/impact", `{"values":{"link.ttl":"2h"}}`).Sees(200)
	if !strings.Contains(impact.Body, `"path":"link.ttl"`) {
		t.Errorf("%s", impact.Body)
	}
	p.Call(key, "PATCH", at+"/policy", `{"values":{"link.ttl":"90d"}}`, "If-Match", "*").Sees(422)
	p.Call(key, "PATCH", at+"/policy", `{"values":{"link.ttl":"2h"}}`, "If-Match", "*").Sees(200)
	if p.Tenant("first").Policy.Link.TTL.Std() != 2*time.Hour {
		t.Error("the policy is as it was")
	}
}

func TestAProgramGivesAndTakesRoles(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t, apptest.Options{})
	key, _ := p.Key("first", "f-2")
	at := p.Origin("first") + "/api/v1"
	tag := p.Call(key, "GET", at+"/roles", nil).Sees(200).Header.Get("ETag")
	made := p.Call(key, "POST", at+"/roles", `{"label":"Night desk","permissions":["people.unlock"]}`, "If-Match", tag).Sees(201)
	name := made.String("name")
	ava := at + "/people/" + p.Holder("first", "f-1").ID.String() + "/roles"
	var given struct{ Items []struct{ ID, Role string } }
	p.Call(key, "POST", ava, map[string]any{"role": name}).Sees(200).Into(&given)
	if len(given.Items) != 1 || given.Items[0].Role != name {
		t.Fatalf("%+v", given)
	}
	p.Call(key, "DELETE", at+"/roles/"+name, nil, "If-Match", made.Header.Get("ETag")).Sees(409)
	p.Call(key, "DELETE", ava+"/"+given.Items[0].ID, nil).Sees(204)
	p.Call(key, "DELETE", at+"/roles/"+name, nil, "If-Match", made.Header.Get("ETag")).Sees(204)
	p.Call(key, "PUT", at+"/roles/brand_admin", `{"label":"Mine","permissions":[]}`, "If-Match", "*").Sees(404)
	group := p.Call(key, "POST", at+"/groups", `{"name":"Lisbon","kind":"location"}`).Sees(201)
	p.Call(key, "PATCH", at+"/people/"+p.Holder("first", "f-1").ID.String(), map[string]any{"groups": []string{group.String("id")}}, "If-Match", "*").Sees(200)
	if got := p.Call(key, "GET", at+"/people?group="+group.String("id"), nil).Sees(200); !strings.Contains(got.Body, "Ava") {
		t.Errorf("%s", got.Body)
	}
	p.Call(key, "POST", p.Origin("first")+group.Header.Get("Location")+"/delete", `{"name":"Porto"}`).Sees(422)
	p.Call(key, "POST", p.Origin("first")+group.Header.Get("Location")+"/delete", `{"name":"Lisbon"}`).Sees(204)
}

func TestAProgramReadsLettersAndTheAudit(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t, apptest.Options{})
	key, _ := p.Key("first", "f-2")
	at := p.Origin("first") + "/api/v1"
	ava := p.Holder("first", "f-1").ID.String()
	p.Call(key, "POST", at+"/people/"+ava+"/recovery", nil).Sees(204)
	var letters struct {
		Items []struct{ ID, Person, Kind string }
	}
	p.Call(key, "GET", at+"/letters?person="+ava, nil).Sees(200).Into(&letters)
	if len(letters.Items) != 1 || letters.Items[0].Person != ava {
		t.Fatalf("%+v", letters)
	}
	p.Call(key, "POST", at+"/letters/"+letters.Items[0].ID+"/resend", nil).Sees(204)
	for range 120 {
		at := p.Clock.Now().Add(-time.Minute)
		p.Exec(`INSERT INTO audit_events (tenant_id, id, at, kind, outcome, actor) VALUES ($1, $2, $3, 'signin.ok', 'success', 'system')`, p.Tenant("first").ID, audit.NewID(at), at)
	}
	seen, next := map[string]bool{}, at+"/audit"
	for pages := 0; next != "" && pages < 20; pages++ {
		var page struct {
			Items []struct{ ID string }
			Next  string
		}
		got := p.Call(key, "GET", next, nil).Sees(200).Into(&page)
		for _, e := range page.Items {
			if seen[e.ID] {
				t.Errorf("%s comes twice", e.ID)
			}
			seen[e.ID] = true
		}
		next = ""
		if page.Next != "" {
			if !strings.Contains(got.Header.Get("Link"), `rel="next"`) {
				t.Errorf("%v", got.Header)
			}
			next = at + "/audit?cursor=" + page.Next
			p.Call(key, "GET", at+"/letters?cursor="+page.Next, nil).Sees(422) // another list's
		}
	}
	if len(seen) < 120 {
		t.Errorf("only %d events", len(seen))
	}
	lines := p.Call(key, "GET", at+"/audit/export?format=jsonl", nil).Sees(200)
	if strings.Count(lines.Body, "\n") < 120 || !strings.Contains(lines.Header.Get("Content-Disposition"), "audit-first-") {
		t.Errorf("%v %.300s", lines.Header, lines.Body)
	}
	if got := p.Call(key, "GET", at+"/audit?kind=audit.exported", nil).Sees(200); !strings.Contains(got.Body, "audit.exported") {
		t.Errorf("%s", got.Body)
	}
}

func TestOperatorsLookAfterTenants(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t, apptest.Options{})
	key, id := p.PlatformKey()
	at := "http://localhost:" + p.Port + "/api/v1/tenants"
	list := p.Call(key, "GET", at+"?search=fir", nil).Sees(200)
	if !strings.Contains(list.Body, `"slug":"first"`) || strings.Contains(list.Body, `"slug":"second"`) {
		t.Errorf("%s", list.Body)
	}
	p.Call(key, "POST", at, `{"slug":"third","name":"Third"}`).Sees(201)
	p.Call(key, "POST", at, `{"slug":"third","name":"Third"}`).Sees(409)
	p.Call(key, "POST", at, `{"slug":"x!","name":"Third"}`).Sees(422)
	p.Call(key, "POST", at+"/third/state", `{"state":"live"}`).Sees(409)
	file := p.Call(key, "GET", at+"/first/file", nil).Sees(200)
	plan := p.Call(key, "PUT", at+"/first/file?dry_run=true", strings.Replace(file.Body, "First House", "First Home", 1), "Content-Type", "application/yaml").Sees(200)
	if !strings.Contains(plan.Body, "First Home") || !strings.Contains(plan.Body, `"applied":false`) {
		t.Errorf("%s", plan.Body)
	}
	p.Call(key, "PUT", at+"/first/file", strings.Replace(file.Body, "First House", "First Home", 1), "Content-Type", "application/yaml").Sees(200)
	if p.Tenant("first").Name != "First Home" {
		t.Error("the file was not applied")
	}
	p.Call(key, "PUT", at+"/second/file", file.Body, "Content-Type", "application/yaml").Sees(422)
	p.Call(key, "PUT", at+"/first/file", "portico: 1\nslug: first\nnonsense: 1\n", "Content-Type", "application/yaml").Sees(422)
	p.Call(key, "POST", at+"/first/state", `{"state":"suspended"}`).Sees(422)
	p.Call(key, "POST", at+"/first/state", `{"state":"suspended","reason":"unpaid for a year"}`).Sees(200)
	p.Browser().Get(p.Origin("first") + "/login").Sees(503)
	var actor string
	p.Scan("SELECT actor FROM platform.audit_events WHERE kind = 'tenant.suspended'", nil, &actor)
	if actor != "key:"+id.String() {
		t.Errorf("the audit says %s", actor)
	}
	p.Call(key, "GET", p.Origin("second")+"/api/v1/people", nil).Sees(401) // and into no tenant
}

func TestKeysAreMadeInTheConsole(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t, apptest.Options{})
	b, at := p.Browser(), p.Origin("first")
	b.SignIn(at, "tariq@first.example", apptest.Password).Sees(303)
	page := b.Get(at + "/console/keys").Sees(200)
	page.Submit("Make the key", map[string]string{"name": "HR sync", "days": "30"}).Sees(422)
	made := page.Submit("Make the key", map[string]string{"name": "HR sync", "days": "30", "perm.people.read": "on"}).Sees(200)
	start := strings.Index(made.Body, "portico_tenant_")
	if start < 0 {
		t.Fatalf("no key: %s", made.Text())
	}
	key, _, _ := strings.Cut(made.Body[start:], `"`)
	p.Call(key, "GET", at+"/api/v1/people", nil).Sees(200)
	p.Call(key, "GET", at+"/api/v1/audit", nil).Sees(403)
	list := b.Get(at + "/console/keys").Sees(200)
	if strings.Contains(list.Body, key) || !strings.Contains(list.Body, "HR sync") {
		t.Error("the list shows the key, or none")
	}
	list.Submit("Revoke", nil).Sees(303)
	p.Call(key, "GET", at+"/api/v1/people", nil).Sees(401)
	var kept int
	p.Scan("SELECT count(*) FROM audit_events WHERE kind IN ('key.made', 'key.revoked')", nil, &kept)
	if kept != 2 {
		t.Errorf("%d events", kept)
	}
	ava := p.Browser()
	ava.SignIn(at, "ava@first.example", apptest.Password).Sees(303)
	ava.Get(at + "/console/keys").Sees(403)
}

func TestTheDocumentsAreReadWithoutScript(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t, apptest.Options{})
	for _, origin := range []string{p.Origin("first"), "http://localhost:" + p.Port} {
		page := p.Browser().Get(origin + "/api/docs").Sees(200)
		for _, part := range []string{"/api/v1/people", "Idempotency-Key", "idempotency_reused", "people.read"} {
			if !strings.Contains(page.Body, part) {
				t.Errorf("%s is not there", part)
			}
		}
		for _, part := range []string{"<script", "style=", "https://cdn", "http://cdn"} {
			if strings.Contains(page.Body, part) {
				t.Errorf("%s is there", part)
			}
		}
		p.Browser().Get(origin + "/api/docs.css").Sees(200)
	}
}

func TestWithoutPostgreSQLTheAPISaysSo(t *testing.T) {
	t.Parallel()
	server, db := ownServer(t)
	p := apptest.Start(t, apptest.Options{Database: &db, NoWorkers: true})
	key, _ := p.Key("first", "f-2")
	at := p.Origin("first") + "/api/v1"
	p.Call(key, "GET", at+"/people", nil).Sees(200)
	if err := server.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ method, path, body string }{{"GET", "/people", ""}, {"POST", "/people", `{"name":"A B","address":"a@b.example"}`}} {
		var body any
		if c.body != "" {
			body = c.body
		}
		got := p.Call(key, c.method, at+c.path, body, "Idempotency-Key", "x").Sees(503)
		if got.Code() != "unavailable" || got.Header.Get("Retry-After") == "" {
			t.Errorf("%v %s", got.Header, got.Body)
		}
	}
}
