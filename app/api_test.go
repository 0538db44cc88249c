package app_test

import (
	"strings"
	"testing"

	"portico/app/apptest"
	"portico/rbac"
)

// The API, as a program meets it.

func TestAKeyLetsAProgramIn(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t, apptest.Options{})
	key, id := p.Key("first", "f-2")
	at := p.Origin("first") + "/api/v1"
	var page struct {
		Items []struct{ ID, Name, State string }
		Count int
	}
	got := p.Call(key, "GET", at+"/people?search=ava", nil).Sees(200).Into(&page)
	if len(page.Items) != 1 || page.Items[0].Name != "Ava Lindqvist" || page.Count != 1 {
		t.Errorf("%s", got.Body)
	}
	if got.Header.Get("RateLimit") == "" || got.Header.Get("Request-Id") == "" || got.Header.Get("Cache-Control") != "no-store" || len(got.Header.Values("Set-Cookie")) > 0 {
		t.Errorf("headers %v", got.Header)
	}
	person := p.Call(key, "GET", at+"/people/"+page.Items[0].ID, nil).Sees(200)
	tag := person.Header.Get("ETag")
	p.Call(key, "PATCH", at+"/people/"+page.Items[0].ID, `{"name":"Ava Berg"}`).Sees(428)
	changed := p.Call(key, "PATCH", at+"/people/"+page.Items[0].ID, `{"name":"Ava Berg"}`, "If-Match", tag).Sees(200)
	if changed.String("name") != "Ava Berg" || changed.Header.Get("ETag") == tag {
		t.Errorf("%v %s", changed.Header, changed.Body)
	}
	p.Call(key, "PATCH", at+"/people/"+page.Items[0].ID, `{"name":"Ava Other"}`, "If-Match", tag).Sees(412)
	p.Call(key, "POST", at+"/people/"+page.Items[0].ID+"/disable", nil).Sees(204)
	var actor string
	p.Scan("SELECT actor FROM audit_events WHERE kind = 'account.disabled' ORDER BY id DESC LIMIT 1", nil, &actor)
	if actor != "key:"+id.String() {
		t.Errorf("the audit says %s", actor)
	}
	invited := p.Call(key, "POST", at+"/people", map[string]string{"name": "Nora New", "address": "nora@first.example"}).Sees(201)
	if !strings.HasPrefix(invited.Header.Get("Location"), "/api/v1/people/") {
		t.Errorf("%v %s", invited.Header, invited.Body)
	}
	p.Call(key, "GET", p.Origin("first")+invited.Header.Get("Location"), nil).Sees(200)
	few, _ := p.Key("first", "f-2", rbac.AuditRead)
	p.Call(few, "GET", at+"/people", nil).Sees(403)
	p.Call("", "GET", at+"/people", nil).Sees(401)
	p.Call(key, "GET", p.Origin("second")+"/api/v1/people", nil).Sees(401)
	p.Call(key, "GET", at+"/nothing", nil).Sees(404)
	p.Call(key, "PUT", at+"/people", `{}`).Sees(405)
}
