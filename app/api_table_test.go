package app_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"portico/app/apikeys"
	"portico/app/apptest"
	"portico/rbac"
)

// apiSpec is the description as it is served, as far as these tests read it.
type apiSpec struct {
	Paths      map[string]map[string]apiOperation `json:"paths"`
	Components struct {
		Schemas map[string]map[string]any `json:"schemas"`
	} `json:"components"`
}

type apiOperation struct {
	ID          string                `json:"operationId"`
	Permission  string                `json:"x-permission"`
	Security    []map[string][]string `json:"security"`
	Parameters  []apiParameter        `json:"parameters"`
	RequestBody *struct {
		Required bool                `json:"required"`
		Content  map[string]apiMedia `json:"content"`
	} `json:"requestBody"`
	Responses map[string]struct {
		Content map[string]apiMedia `json:"content"`
	} `json:"responses"`
}

type apiParameter struct {
	Name     string         `json:"name"`
	In       string         `json:"in"`
	Required bool           `json:"required"`
	Schema   map[string]any `json:"schema"`
}

type apiMedia struct {
	Schema map[string]any `json:"schema"`
}

// described is one operation with where it is.
type described struct {
	apiOperation

	method, path string
}

func (d described) platform() bool {
	return len(d.Security) == 1 && d.Security[0]["platformKey"] != nil
}

// at is the operation's address, with ids of nobody's in it.
func (d described) at(p *apptest.Portal, slug string) string {
	path := strings.NewReplacer("{id}", "0198c0de-0000-7000-8000-000000000000", "{assignment}", "0198c0de-0000-7000-8000-000000000001", "{name}", "nothing", "{slug}", "first").Replace(d.path)
	if d.platform() {
		return "http://localhost:" + p.Port + path
	}
	return p.Origin(slug) + path
}

// readSpec reads every operation from what the server itself serves.
func readSpec(t *testing.T, p *apptest.Portal) (apiSpec, []described) {
	t.Helper()
	var spec apiSpec
	if err := json.Unmarshal([]byte(p.Call("", "GET", p.Origin("first")+"/openapi.json", nil).Sees(200).Body), &spec); err != nil {
		t.Fatal(err)
	}
	var all []described
	for path, item := range spec.Paths {
		for method, op := range item {
			all = append(all, described{apiOperation: op, method: strings.ToUpper(method), path: path})
		}
	}
	slices.SortFunc(all, func(a, b described) int { return strings.Compare(a.path+a.method, b.path+b.method) })
	if len(all) < 45 {
		t.Fatalf("only %d operations are described", len(all))
	}
	return spec, all
}

// TestEveryOperationAsksForAKeyOfItsOwn asks each operation of the description, so that one that is new is asked,
// too, with every key that must not open it.
func TestEveryOperationAsksForAKeyOfItsOwn(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t, apptest.Options{Tenants: []string{apptest.First, strings.Replace(apptest.Second, "password: \"env:PORTICO_TENANT_P\"}", "password: \"env:PORTICO_TENANT_P\", roles: [{role: brand_admin}]}", 1)}})
	_, all := readSpec(t, p)
	ctx := context.Background()
	mine, _ := p.Key("first", "f-2")
	foreign, _ := p.Key("second", "s-1")
	revoked, id := p.Key("first", "f-2")
	if err := p.Keys().Revoke(ctx, p.Tenant("first"), id); err != nil {
		t.Fatal(err)
	}
	platform, _ := p.PlatformKey()
	gone, platformID := p.PlatformKey()
	if err := p.Keys().RevokePlatform(ctx, platformID); err != nil {
		t.Fatal(err)
	}
	ended := shortKeys(t, p)
	p.Clock.Advance(2 * 60 * 60 * 1e9)
	garbled := mine[:len(mine)-9] + "A" + mine[len(mine)-8:]
	few := map[string]string{}
	for n, op := range all {
		wrong := map[string]string{"garbled": garbled, "nothing like one": "portico", "ended": ended[0], "another tenant's": foreign, "revoked": revoked, "the platform's": platform}
		if op.platform() {
			wrong = map[string]string{"a tenant's": mine, "ended": ended[1], "revoked": gone, "garbled": platform[:len(platform)-9] + "A" + platform[len(platform)-8:]}
		}
		address := op.at(p, "first")
		from := fmt.Sprintf("203.0.%d.%d", 113+n/200, n%200+1) // wrong keys are counted by address
		if got := p.Call("", op.method, address, nil, "X-Forwarded-For", from); got.Status != 401 || got.Code() != "no_key" || got.Header.Get("WWW-Authenticate") == "" {
			t.Errorf("%s %s without a key: %d %s", op.method, op.path, got.Status, got.Body)
		}
		for name, key := range wrong {
			got := p.Call(key, op.method, address, nil, "X-Forwarded-For", from)
			if got.Status != 401 || got.Code() != "wrong_key" || got.Header.Get("Set-Cookie") != "" {
				t.Errorf("%s %s with a key that is %s: %d %s", op.method, op.path, name, got.Status, got.Body)
			}
		}
		if op.Permission == "" {
			continue
		}
		if few[op.Permission] == "" {
			few[op.Permission] = allBut(p, op.Permission, op.platform())
		}
		if got := p.Call(few[op.Permission], op.method, address, nil); got.Status != 403 || got.Code() != "not_permitted" {
			t.Errorf("%s %s without %s: %d %s", op.method, op.path, op.Permission, got.Status, got.Body)
		}
	}
}

// shortKeys are keys that end in two hours: of a tenant and of the platform.
func shortKeys(t *testing.T, p *apptest.Portal) (keys [2]string) {
	t.Helper()
	ends := p.Clock.Now().Add(90 * 60 * 1e9)
	var err error
	keys[0], _, err = p.Keys().Make(t.Context(), p.Tenant("first"), p.Holder("first", "f-2"), apikeys.New{Name: "Short", Permissions: []string{"people.read"}, EndsAt: ends})
	if err != nil {
		t.Fatal(err)
	}
	if keys[1], _, err = p.Keys().MakePlatform(t.Context(), apikeys.New{Name: "Short", Permissions: apikeys.Scopes(), EndsAt: ends}); err != nil {
		t.Fatal(err)
	}
	return keys
}

// allBut is a key with everything but one permission.
func allBut(p *apptest.Portal, permission string, platform bool) string {
	if platform {
		key, _ := p.PlatformKey(slices.DeleteFunc(apikeys.Scopes(), func(s string) bool { return s == permission })...)
		return key
	}
	key, _ := p.Key("first", "f-2", slices.DeleteFunc(apikeys.Permissions(), func(x rbac.Permission) bool { return string(x) == permission })...)
	return key
}

// TestNoOperationShowsAnotherTenant asks each operation with the ids of another tenant's people, groups, letters,
// imports and events: each answer is the one that an id of nobody's gets, and nothing changes there.
func TestNoOperationShowsAnotherTenant(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t, apptest.Options{})
	_, all := readSpec(t, p)
	key, _ := p.Key("first", "f-2")
	foreign := foreignIDs(p)
	before := p.Rows("second")
	for _, op := range all {
		if op.platform() || !strings.Contains(op.path, "{id}") {
			continue
		}
		body := bodyOf(op)
		nobody := p.Call(key, op.method, op.at(p, "first"), body, headersOf(op)...)
		for what, id := range foreign {
			address := p.Origin("first") + strings.NewReplacer("{id}", id, "{assignment}", id).Replace(op.path)
			got := p.Call(key, op.method, address, body, headersOf(op)...)
			if got.Status != nobody.Status || got.Code() != nobody.Code() || strings.Contains(got.Body, "Mina") {
				t.Errorf("%s %s with %s of another tenant: %d %s; with nobody's: %d %s", op.method, op.path, what, got.Status, got.Body, nobody.Status, nobody.Body)
			}
			if got.Status < 400 {
				t.Errorf("%s %s with %s of another tenant: %d", op.method, op.path, what, got.Status)
			}
		}
	}
	after := p.Rows("second")
	for table, rows := range before {
		if after[table] != rows && !strings.Contains(table, "limits") {
			t.Errorf("%s of the other tenant changed", table)
		}
	}
}

func foreignIDs(p *apptest.Portal) map[string]string {
	ids := map[string]string{}
	for what, stmt := range map[string]string{
		"a person": "SELECT a.id::text FROM accounts a JOIN tenants t ON t.id = a.tenant_id WHERE t.slug = 'second' AND a.display_name LIKE 'Mina%'",
		"an event": "SELECT e.id::text FROM audit_events e JOIN tenants t ON t.id = e.tenant_id WHERE t.slug = 'second' LIMIT 1",
	} {
		var id string
		p.Scan(stmt, nil, &id)
		ids[what] = id
	}
	return ids
}

// bodyOf is a body that an operation reads without a fault of form.
func bodyOf(op described) any {
	switch op.ID {
	case "change-person":
		return `{"name":"X Y"}`
	case "erase-person", "delete-group":
		return `{"name":"X"}`
	case "save-group":
		return `{"name":"X","kind":"group"}`
	case "give-role":
		return `{"role":"auditor"}`
	case "set-import-columns":
		return `{"columns":["external_id"]}`
	}
	return nil
}

func headersOf(op described) []string {
	for _, x := range op.Parameters {
		if x.Name == "If-Match" {
			return []string{"If-Match", "*"}
		}
	}
	return nil
}

// TestTheDescriptionIsTheCommittedOne compares what is served with docs/openapi.json.
func TestTheDescriptionIsTheCommittedOne(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t, apptest.Options{})
	got := p.Call("", http.MethodGet, p.Origin("first")+"/openapi.json", nil).Sees(200)
	golden(t, "../../docs/openapi.json", got.Body)
	if other := p.Call("", http.MethodGet, "http://localhost:"+p.Port+"/openapi.json", nil).Sees(200); other.Body != got.Body {
		t.Error("the platform describes another API")
	}
}
