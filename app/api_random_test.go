package app_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"

	"portico/app/apptest"
)

// TestRandomRequestsFitTheDescription sends what the description allows, and near misses of it: nothing answers 500,
// and every answer is one that the description knows, of the shape that it says. PORTICO_SEED repeats a run.
func TestRandomRequestsFitTheDescription(t *testing.T) {
	t.Parallel()
	seed := uint64(time.Now().UnixNano()) //nolint:gosec // any number
	if text := os.Getenv("PORTICO_SEED"); text != "" {
		var err error
		if seed, err = strconv.ParseUint(text, 10, 64); err != nil {
			t.Fatal(err)
		}
	}
	t.Logf("PORTICO_SEED=%d", seed)
	p := apptest.Start(t, apptest.Options{})
	spec, all := readSpec(t, p)
	g := &maker{r: rand.New(rand.NewPCG(seed, 1)), spec: spec, ids: knownIDs(p)} //nolint:gosec // repeatable, and no secret
	tenant, _ := p.Key("first", "f-2")
	platform, _ := p.PlatformKey()
	seen := map[int]int{}
	for n := range 12 * len(all) {
		op := all[n%len(all)]
		if op.ID == "set-tenant-state" {
			continue // would close the tenant that the others ask
		}
		key := tenant
		if op.platform() {
			key = platform
		}
		if n%200 == 0 { // no limit is meant here
			p.Clock.Advance(2 * time.Minute)
		}
		address, body, headers := g.request(p, op)
		got := p.Call(key, op.method, address, body, headers...)
		seen[got.Status]++
		what := fmt.Sprintf("%s %s %q %q", op.method, address, body, headers)
		if got.Status >= 500 {
			t.Errorf("%s: %d %s", what, got.Status, got.Body)
			continue
		}
		g.fits(t, what, op, got)
	}
	if seen[200] < 50 || seen[422] < 50 {
		t.Errorf("the requests are too much alike: %v", seen)
	}
	t.Logf("answers %v", seen)
}

func knownIDs(p *apptest.Portal) []string {
	return []string{p.Holder("first", "f-1").ID.String(), p.Holder("first", "f-5").ID.String(), uuid.NewString(), "not-an-id", "\x00"}
}

// maker makes values from schemas.
type maker struct {
	r    *rand.Rand
	spec apiSpec
	ids  []string
}

func (g *maker) one(of ...string) string { return of[g.r.IntN(len(of))] }

// request makes one: mostly what the description allows, now and then not.
func (g *maker) request(p *apptest.Portal, op described) (address string, body any, headers []string) {
	path, query := op.path, url.Values{}
	for _, x := range op.Parameters {
		value := fmt.Sprint(g.value(x.Schema, 0))
		switch x.In {
		case "path":
			if x.Name == "id" || x.Name == "assignment" {
				value = g.one(g.ids...)
			}
			if x.Name == "slug" {
				value = g.one("first", "nobody", value)
			}
			path = strings.ReplaceAll(path, "{"+x.Name+"}", url.PathEscape(value))
		case "query":
			if g.r.IntN(3) == 0 {
				query.Set(x.Name, value)
			}
		case "header":
			if x.Name == "If-Match" && g.r.IntN(4) > 0 {
				headers = append(headers, "If-Match", g.one("*", `"1"`, `"none.1"`, "x"))
			}
			if x.Name == "Idempotency-Key" && g.r.IntN(4) == 0 {
				headers = append(headers, "Idempotency-Key", g.one("a", "b", uuid.NewString()))
			}
		}
	}
	if g.r.IntN(12) == 0 {
		query.Set(g.one("x", "cursor", "limit"), g.text(12))
	}
	address = p.Origin("first") + path
	if op.platform() {
		address = "http://localhost:" + p.Port + path
	}
	if len(query) > 0 {
		address += "?" + query.Encode()
	}
	if op.RequestBody == nil {
		return address, nil, headers
	}
	for media, of := range op.RequestBody.Content {
		headers = append(headers, "Content-Type", media)
		if media != "application/json" {
			return address, g.one("external_id,display_name,email\nx-1,Xen One,x1@first.example\n", "portico: 1\nslug: first\nname: First House\n", g.text(60), ""), headers
		}
		text, err := json.Marshal(g.value(of.Schema, 0))
		if err != nil {
			text = []byte("{}")
		}
		body = string(text)
	}
	if g.r.IntN(15) == 0 {
		body = g.one("", "{", "[]", "null", `{"a":{}}`, g.text(30))
	}
	return address, body, headers
}

// value is one that a schema allows, or nearly.
func (g *maker) value(s map[string]any, depth int) any {
	if ref, ok := s["$ref"].(string); ok {
		return g.value(g.spec.Components.Schemas[ref[strings.LastIndexByte(ref, '/')+1:]], depth)
	}
	if g.r.IntN(25) == 0 {
		return []any{nil, true, -1, 1e30, "", []any{}, map[string]any{"x": 1}, strings.Repeat("x", 300)}[g.r.IntN(8)]
	}
	if all, ok := s["enum"].([]any); ok {
		return all[g.r.IntN(len(all))]
	}
	switch s["type"] {
	case "object":
		return g.object(s, depth)
	case "array":
		all := []any{}
		items, _ := s["items"].(map[string]any)
		for range g.r.IntN(4) {
			all = append(all, g.value(items, depth+1))
		}
		return all
	case "integer", "number":
		return g.r.IntN(200) - 20
	case "boolean":
		return g.r.IntN(2) == 0
	case "string":
		switch s["format"] {
		case "uuid":
			return g.one(g.ids[:4]...)
		case "date-time":
			return g.one("2026-11-22T10:00:00Z", "2030-01-01T00:00:00Z", "1999-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "yesterday")
		}
		return g.text(24)
	}
	return map[string]any{}
}

func (g *maker) object(s map[string]any, depth int) any {
	out := map[string]any{}
	required, _ := s["required"].([]any)
	properties, _ := s["properties"].(map[string]any)
	for name, of := range properties {
		schema, _ := of.(map[string]any)
		if name != "$schema" && (slices.Contains(required, any(name)) || g.r.IntN(2) == 0) && g.r.IntN(20) > 0 {
			out[name] = g.value(schema, depth+1)
		}
	}
	if rest, ok := s["additionalProperties"].(map[string]any); ok && depth < 3 {
		for range g.r.IntN(3) {
			out[g.one("link.ttl", "en", "password.min", g.text(8))] = g.value(rest, depth+1)
		}
	}
	if g.r.IntN(20) == 0 {
		out[g.text(6)] = 1
	}
	return out
}

func (g *maker) text(most int) string {
	alphabet := []rune("abcdefghij ABC019@.-_'\"<>%\\\n\u0000éß漢\u202e\U0001f600\u0301")
	var out strings.Builder
	for range g.r.IntN(most) {
		out.WriteRune(alphabet[g.r.IntN(len(alphabet))])
	}
	return g.one(out.String(), "2h", "x@first.example", "brand_admin", "people.read", "Ava Lindqvist", "first")
}

// fits holds an answer against its description.
func (g *maker) fits(t *testing.T, what string, op described, got *apptest.Called) {
	t.Helper()
	of, known := op.Responses[strconv.Itoa(got.Status)]
	if !known {
		t.Errorf("%s: %d is not described: %s", what, got.Status, got.Body)
		return
	}
	if got.Status == 204 {
		if got.Body != "" {
			t.Errorf("%s: 204 with %q", what, got.Body)
		}
		return
	}
	media, _, _ := strings.Cut(got.Header.Get("Content-Type"), ";")
	schema, known := of.Content[media]
	if !known && media != "text/csv" {
		t.Errorf("%s: %d in %s is not described", what, got.Status, media)
		return
	}
	if media != "application/json" && media != "application/problem+json" {
		return
	}
	var doc any
	if err := json.Unmarshal([]byte(got.Body), &doc); err != nil {
		t.Errorf("%s: %v in %s", what, err, got.Body)
		return
	}
	for _, wrong := range g.wrong("", schema.Schema, doc) {
		t.Errorf("%s: %s in %s", what, wrong, got.Body)
	}
	if p, ok := doc.(map[string]any); ok && got.Status >= 400 && (p["title"] == "" || p["request_id"] == "" || p["status"] != float64(got.Status)) {
		t.Errorf("%s: %s", what, got.Body)
	}
}

// wrong names what of a value its schema does not say.
func (g *maker) wrong(at string, s map[string]any, v any) (all []string) {
	if ref, ok := s["$ref"].(string); ok {
		s = g.spec.Components.Schemas[ref[strings.LastIndexByte(ref, '/')+1:]]
	}
	if enum, ok := s["enum"].([]any); ok {
		if !slices.Contains(enum, v) {
			all = append(all, fmt.Sprintf("%s is %v", at, v))
		}
		return all
	}
	bad := func(ok bool) {
		if !ok {
			all = append(all, fmt.Sprintf("%s is %T, not %v", at, v, s["type"]))
		}
	}
	switch s["type"] {
	case "object":
		doc, ok := v.(map[string]any)
		bad(ok)
		all = append(all, g.wrongIn(at, s, doc)...)
	case "array":
		list, ok := v.([]any)
		bad(ok)
		items, _ := s["items"].(map[string]any)
		for i, one := range list {
			all = append(all, g.wrong(at+"/"+strconv.Itoa(i), items, one)...)
		}
	case "string":
		text, ok := v.(string)
		bad(ok && utf8.ValidString(text))
		if s["format"] == "uuid" && ok && !aUUID.MatchString(text) {
			all = append(all, at+" is no id: "+text)
		}
		if _, err := time.Parse(time.RFC3339, text); s["format"] == "date-time" && err != nil {
			all = append(all, at+" is no time: "+text)
		}
	case "integer", "number":
		_, ok := v.(float64)
		bad(ok)
	case "boolean":
		_, ok := v.(bool)
		bad(ok)
	}
	return all
}

var aUUID = regexp.MustCompile(`^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$`)

func (g *maker) wrongIn(at string, s, doc map[string]any) (all []string) {
	required, _ := s["required"].([]any)
	for _, name := range required {
		if _, there := doc[fmt.Sprint(name)]; !there {
			all = append(all, fmt.Sprintf("%s/%v is missing", at, name))
		}
	}
	properties, _ := s["properties"].(map[string]any)
	for name, v := range doc {
		of, known := properties[name].(map[string]any)
		if rest, ok := s["additionalProperties"].(map[string]any); !known && ok {
			of, known = rest, true
		}
		if !known && s["additionalProperties"] == false {
			all = append(all, at+"/"+name+" is not described")
		}
		if known {
			all = append(all, g.wrong(at+"/"+name, of, v)...)
		}
	}
	return all
}
