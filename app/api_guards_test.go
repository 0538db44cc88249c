package app_test

import (
	"context"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"portico/app/apptest"
	"portico/rbac"
	"portico/tenants"
)

// What no well-behaved program sends gets a problem, and never a page or 500.
func TestHostileRequestsGetProblems(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t, apptest.Options{})
	key, _ := p.Key("first", "f-2")
	at := p.Origin("first") + "/api/v1"
	deep := strings.Repeat(`{"a":`, 40) + "1" + strings.Repeat("}", 40)
	for name, c := range map[string]struct {
		method, path string
		body         any
		headers      []string
		status       int
		code         string
	}{
		"unknown field":        {"POST", "/people", `{"name":"A B","address":"a@b.example","nonsense":1}`, nil, 422, "invalid"},
		"another case of one":  {"POST", "/people", `{"Name":"A B","address":"a@b.example"}`, nil, 422, "invalid"},
		"a doubled field":      {"POST", "/people", `{"name":"A B","name":"C D","address":"a@b.example"}`, nil, 422, "invalid"},
		"deep":                 {"POST", "/people", deep, nil, 400, "malformed"},
		"trailing data":        {"POST", "/people", `{"name":"A B","address":"a@b.example"} {}`, nil, 400, "malformed"},
		"no JSON":              {"POST", "/people", `{"name":`, nil, 400, "malformed"},
		"broken UTF-8":         {"POST", "/people", "{\"name\":\"\xff\xfe\",\"address\":\"a@b.example\"}", nil, 400, "malformed"},
		"NUL":                  {"POST", "/people", `{"name":"A\u0000B","address":"a@b.example"}`, nil, 422, "invalid"},
		"a huge number":        {"POST", "/people", `{"name":1e999,"address":"a@b.example"}`, nil, 422, "invalid"},
		"an empty body":        {"POST", "/people", "", nil, 400, "malformed"},
		"a form":               {"POST", "/people", `name=a`, []string{"Content-Type", "application/x-www-form-urlencoded"}, 415, "media_type"},
		"another charset":      {"POST", "/people", `{}`, []string{"Content-Type", "application/json; charset=utf-16"}, 415, "media_type"},
		"no media type":        {"POST", "/people", `{}`, []string{"Content-Type", ""}, 415, "media_type"},
		"compressed":           {"POST", "/people", `{}`, []string{"Content-Encoding", "gzip"}, 415, "encoded_body"},
		"too large":            {"POST", "/people", `{"name":"` + strings.Repeat("x", 70<<10) + `"}`, nil, 413, "too_large"},
		"a body where none is": {"POST", "/people/0198c0de-0000-7000-8000-000000000000/enable", `{}`, nil, 422, "invalid"},
		"no id":                {"GET", "/people/x", nil, nil, 422, "invalid"},
		"unknown parameter":    {"GET", "/people?sate=active", nil, nil, 422, "invalid"},
		"a key in the address": {"GET", "/people?access_token=x", nil, nil, 422, "invalid"},
		"a doubled parameter":  {"GET", "/people?state=active&state=locked", nil, nil, 400, "malformed"},
		"NUL in a parameter":   {"GET", "/people?search=%00", nil, nil, 400, "malformed"},
		"broken UTF-8 in one":  {"GET", "/people?search=%ff", nil, nil, 400, "malformed"},
		"broken escapes":       {"GET", "/people?search=%zz", nil, nil, 400, "malformed"},
		"a forged cursor":      {"GET", "/people?cursor=eyJsIjoicGVvcGxlIG5hbWUifQ.AAAA", nil, nil, 422, "invalid"},
		"a forged place":       {"GET", "/letters?cursor=AZjA3gAAcACAAAAAAAAAAA.AAAA", nil, nil, 422, "invalid"},
		"an unknown operation": {"GET", "/nothing", nil, nil, 404, "not_found"},
		"another method":       {"PUT", "/people", `{}`, nil, 405, "method_not_allowed"},
		"a preflight":          {"OPTIONS", "/people", nil, []string{"Origin", "https://evil.example", "Access-Control-Request-Method", "GET"}, 405, "method_not_allowed"},
		"the platform's":       {"GET", "/tenants", nil, nil, 404, "not_found"},
	} {
		t.Run(name, func(t *testing.T) {
			got := p.Call(key, c.method, at+c.path, c.body, c.headers...)
			if got.Status != c.status || got.Code() != c.code {
				t.Errorf("%d %s, want %d %s: %s", got.Status, got.Code(), c.status, c.code, got.Body)
			}
			for _, h := range []string{"Access-Control-Allow-Origin", "Set-Cookie"} {
				if got.Header.Get(h) != "" {
					t.Errorf("answered %s: %s", h, got.Header.Get(h))
				}
			}
		})
	}
	for name, got := range map[string]*apptest.Called{
		"basic":           p.Call("", "GET", at+"/people", nil, "Authorization", "Basic "+key),
		"a cookie":        p.Call("", "GET", at+"/people", nil, "Cookie", "sid="+key),
		"another's host":  p.Call(key, "GET", "http://nobody.localhost:"+p.Port+"/api/v1/people", nil),
		"a spoofed host":  p.Call(key, "GET", p.Origin("second")+"/api/v1/people", nil, "X-Forwarded-Host", "first.localhost"),
		"the other proxy": p.Call(key, "GET", p.Origin("second")+"/api/v1/people", nil, "X-Original-Host", "first.localhost", "Forwarded", "host=first.localhost"),
	} {
		if got.Status != 401 && got.Status != 421 || got.Code() == "" {
			t.Errorf("%s: %d %s", name, got.Status, got.Body)
		}
	}
}

func TestWrongKeysCostTheAddressItsLimit(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t, apptest.Options{})
	key, _ := p.Key("first", "f-2")
	at := p.Origin("first") + "/api/v1/tenant"
	seen := map[int]int{}
	for range 65 {
		got := p.Call("portico_tenant_wrong", "GET", at, nil, "X-Forwarded-For", "203.0.113.9")
		if seen[got.Status]++; got.Status == 429 && got.Header.Get("Retry-After") == "" {
			t.Error("no Retry-After")
		}
	}
	if seen[401] != 60 || seen[429] != 5 {
		t.Errorf("answers %v", seen)
	}
	p.Call(key, "GET", at, nil, "X-Forwarded-For", "203.0.113.9").Sees(200) // whoever shares the address and has a key goes on
	p.Call("portico_tenant_wrong", "GET", at, nil, "X-Forwarded-For", "203.0.113.10").Sees(401)
}

func TestAKeysLimitHoldsAndIsTold(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t, apptest.Options{})
	key, id := p.Key("first", "f-2")
	other, _ := p.Key("first", "f-2")
	at := p.Origin("first") + "/api/v1/tenant"
	got := p.Call(key, "GET", at, nil).Sees(200)
	if got.Header.Get("RateLimit-Policy") != `"key";q=600;w=60` || got.Header.Get("RateLimit") != `"key";r=599;t=60` {
		t.Errorf("%v", got.Header)
	}
	p.Exec("UPDATE limits SET count = 600 WHERE key = $1", p.Seals.MAC("limit", p.Tenant("first").ID, "api key", id.String()))
	got = p.Call(key, "GET", at, nil).Sees(429)
	if got.Code() != "too_many_requests" || got.Header.Get("Retry-After") == "" || !strings.Contains(got.Header.Get("RateLimit"), "r=0") {
		t.Errorf("%v %s", got.Header, got.Body)
	}
	p.Call(other, "GET", at, nil).Sees(200)
	p.Clock.Advance(time.Minute)
	p.Call(key, "GET", at, nil).Sees(200)
}

// A key ends with its maker's account, with what they hold, when it is revoked and at a suspended tenant; at once.
func TestAKeyReachesNoFurtherThanItsMaker(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t, apptest.Options{})
	key, id := p.Key("first", "f-2")
	at := p.Origin("first") + "/api/v1"
	p.Call(key, "GET", at+"/people", nil).Sees(200)
	p.Exec("UPDATE role_assignments SET role = 'auditor' WHERE role = 'brand_admin'")
	p.Call(key, "GET", at+"/people", nil).Sees(200)
	p.Call(key, "POST", at+"/people", `{"name":"A B","address":"a@b.example"}`).Sees(403)
	p.Exec("UPDATE role_assignments SET role = 'brand_admin' WHERE role = 'auditor'")
	p.Exec("UPDATE accounts SET status = 'disabled' WHERE external_id = 'f-2'")
	p.Call(key, "GET", at+"/people", nil).Sees(401)
	p.Exec("UPDATE accounts SET status = 'active' WHERE external_id = 'f-2'")
	p.Call(key, "GET", at+"/people", nil).Sees(200)
	// Narrower than its maker: it changes nothing about somebody who holds more than it may use.
	narrow, _ := p.Key("first", "f-2", rbac.PeopleRead, rbac.PeopleDisable, rbac.RolesAssign)
	admin := p.Holder("first", "f-2").ID.String()
	ava := p.Holder("first", "f-1").ID.String()
	p.Call(narrow, "POST", at+"/people/"+admin+"/disable", nil).Sees(403)
	p.Call(narrow, "POST", at+"/people/"+ava+"/roles", `{"role":"brand_admin"}`).Sees(403)
	p.Call(narrow, "POST", at+"/people/"+ava+"/disable", nil).Sees(204)
	second := apptest.Start(t, apptest.Options{Beside: p})
	if err := p.Keys().Revoke(context.Background(), p.Tenant("first"), id); err != nil {
		t.Fatal(err)
	}
	p.Call(key, "GET", at+"/people", nil).Sees(401)
	second.Call(key, "GET", second.Origin("first")+"/api/v1/people", nil).Sees(401)
	err := p.DB.AcrossAll(context.Background(), tenants.ForOperator, func(a *tenants.Across) error {
		return tenants.SetState(context.Background(), a, "first", tenants.Suspended)
	})
	if err != nil {
		t.Fatal(err)
	}
	p.Resolver.ForgetAll()
	if got := p.Call(narrow, "GET", at+"/people", nil).Sees(503); got.Code() != "suspended" {
		t.Errorf("%s", got.Body)
	}
}

func TestARequestIsDoneOnce(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t, apptest.Options{})
	key, _ := p.Key("first", "f-2")
	other, _ := p.Key("first", "f-2")
	at := p.Origin("first") + "/api/v1/people"
	body := `{"name":"Nora New","address":"nora@first.example"}`
	first := p.Call(key, "POST", at, body, "Idempotency-Key", "one").Sees(201)
	again := p.Call(key, "POST", at, body, "Idempotency-Key", "one").Sees(201)
	if again.Body != first.Body || again.Header.Get("Idempotency-Replayed") != "true" || again.Header.Get("Location") != first.Header.Get("Location") || first.Header.Get("Idempotency-Replayed") != "" {
		t.Errorf("%v %s\n%v %s", first.Header, first.Body, again.Header, again.Body)
	}
	if got := p.Call(key, "POST", at, strings.Replace(body, "Nora", "Nina", 1), "Idempotency-Key", "one").Sees(422); got.Code() != "idempotency_reused" {
		t.Errorf("%s", got.Body)
	}
	if got := p.Call(other, "POST", at, body, "Idempotency-Key", "one").Sees(422); got.Code() != "invalid" { // another key's own name; the address is known by now
		t.Errorf("%s", got.Body)
	}
	// Twice at once: one account, and whoever is not first is told to wait or gets the same answer.
	var all sync.WaitGroup
	var mu sync.Mutex
	answers := map[string]bool{}
	for range 8 {
		all.Go(func() {
			got := p.Call(key, "POST", at, `{"name":"Otto New","address":"otto@first.example"}`, "Idempotency-Key", "two")
			mu.Lock()
			defer mu.Unlock()
			switch {
			case got.Status == http.StatusCreated:
				answers[got.Body] = true
			case got.Status != http.StatusConflict || got.Code() != "idempotency_under_way":
				t.Errorf("%d %s", got.Status, got.Body)
			}
		})
	}
	all.Wait()
	if len(answers) != 1 {
		t.Errorf("%d answers", len(answers))
	}
	// One that broke off tells so, once it must have ended.
	p.Exec("UPDATE api_answers SET status = 0, sealed = NULL")
	if got := p.Call(key, "POST", at, body, "Idempotency-Key", "one").Sees(409); got.Code() != "idempotency_under_way" {
		t.Errorf("%s", got.Body)
	}
	p.Clock.Advance(10 * time.Minute)
	if got := p.Call(key, "POST", at, body, "Idempotency-Key", "one").Sees(409); got.Code() != "idempotency_unknown" {
		t.Errorf("%s", got.Body)
	}
	p.Clock.Advance(25 * time.Hour)
	p.Call(key, "POST", at, body, "Idempotency-Key", "one").Sees(422) // forgotten: done anew, and she is there already
}

func TestOfTwoEditorsTheSecondIsTold(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t, apptest.Options{})
	key, _ := p.Key("first", "f-2")
	at := p.Origin("first") + "/api/v1"
	ava := at + "/people/" + p.Holder("first", "f-1").ID.String()
	tag := p.Call(key, "GET", ava, nil).Sees(200).Header.Get("ETag")
	policy := p.Call(key, "GET", at+"/policy", nil).Sees(200).Header.Get("ETag")
	draft := p.Call(key, "GET", at+"/theme/draft", nil).Sees(200).Header.Get("ETag")
	for name, c := range map[string]struct{ method, path, tag, one, two string }{
		"a person": {"PATCH", ava, tag, `{"name":"Ava One"}`, `{"name":"Ava Two"}`},
		"a policy": {"PATCH", at + "/policy", policy, `{"values":{"link.ttl":"2h"}}`, `{"values":{"link.ttl":"3h"}}`},
		"a draft":  {"PUT", at + "/theme/draft", draft, `{"site_title":"One"}`, `{"site_title":"Two"}`},
	} {
		var all sync.WaitGroup
		var mu sync.Mutex
		seen := map[int]int{}
		for _, body := range []string{c.one, c.two} {
			all.Go(func() {
				got := p.Call(key, c.method, c.path, body, "If-Match", c.tag)
				mu.Lock()
				defer mu.Unlock()
				seen[got.Status]++
				if got.Status != 200 && got.Status != 412 {
					t.Errorf("%s: %d %s", name, got.Status, got.Body)
				}
			})
		}
		all.Wait()
		if seen[200] != 1 || seen[412] != 1 {
			t.Errorf("%s: answers %v", name, seen)
		}
		if got := p.Call(key, c.method, c.path, c.one).Sees(428); got.Code() != "match_needed" {
			t.Errorf("%s", got.Body)
		}
		p.Call(key, c.method, c.path, c.one, "If-Match", `W/"1"`).Sees(412)
	}
}
