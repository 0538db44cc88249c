package apptest

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/google/uuid"

	"portico/app/apikeys"
	"portico/rbac"
	"portico/tenants"
)

// Keys makes keys of the API.
func (p *Portal) Keys() *apikeys.Keys {
	guard, err := rbac.NewGuard()
	must(p.t, err)
	return &apikeys.Keys{DB: p.DB, Guard: guard, Seals: p.Seals}
}

// Holder is the account of a tenant with an external id, with what it holds now.
func (p *Portal) Holder(slug, external string) rbac.Subject {
	p.t.Helper()
	var who rbac.Subject
	var holds []string
	err := p.DB.In(context.Background(), p.Tenant(slug).ID, func(s *tenants.Scope) error {
		return s.Row(context.Background(), "SELECT a.id, "+rbac.HoldingsSQL("a.tenant_id", "a.id", "$3")+" FROM accounts a WHERE a.tenant_id = $1 AND a.external_id = $2",
			[]any{s.Tenant(), external, s.Now()}, &who.ID, &holds)
	})
	must(p.t, err)
	who.Holdings, err = rbac.ParseHoldings(holds)
	must(p.t, err)
	return who
}

// Key makes a key that acts for somebody with some permissions, or with all that a key may have.
func (p *Portal) Key(slug, external string, permissions ...rbac.Permission) (text string, id uuid.UUID) {
	p.t.Helper()
	if len(permissions) == 0 {
		permissions = apikeys.Permissions()
	}
	n := apikeys.New{Name: "Test key", EndsAt: p.Clock.Now().Add(30 * 24 * time.Hour)}
	for _, one := range permissions {
		n.Permissions = append(n.Permissions, string(one))
	}
	text, id, err := p.Keys().Make(context.Background(), p.Tenant(slug), p.Holder(slug, external), n)
	must(p.t, err)
	return text, id
}

// PlatformKey makes a key of the platform's with some scopes, or all.
func (p *Portal) PlatformKey(scopes ...string) (text string, id uuid.UUID) {
	p.t.Helper()
	if len(scopes) == 0 {
		scopes = apikeys.Scopes()
	}
	text, id, err := p.Keys().MakePlatform(context.Background(), apikeys.New{Name: "Test key", Permissions: scopes, EndsAt: p.Clock.Now().Add(30 * 24 * time.Hour)})
	must(p.t, err)
	return text, id
}

// Called is an answer of the API.
type Called struct {
	Status int
	Header http.Header
	Body   string
	p      *Portal
	what   string
}

// Call sends a request to the API. body is a document to encode, a text as it is, or nil; headers come in pairs
// and stand before those that are sent by themselves.
func (p *Portal) Call(key, method, address string, body any, headers ...string) *Called {
	p.t.Helper()
	var in io.Reader
	media := ""
	switch b := body.(type) {
	case nil:
	case string:
		in, media = strings.NewReader(b), "application/json"
	default:
		doc, err := json.Marshal(b)
		must(p.t, err)
		in, media = bytes.NewReader(doc), "application/json"
	}
	req, err := http.NewRequestWithContext(context.Background(), method, address, in)
	must(p.t, err)
	if media != "" {
		req.Header.Set("Content-Type", media)
	}
	if key != "" {
		req.Header.Set("Authorization", "Bearer "+key)
	}
	for i := 0; i+1 < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
		if headers[i+1] == "" {
			req.Header.Del(headers[i])
		}
	}
	res, err := NewBrowser(p.t, p.Addr).client.Do(req)
	must(p.t, err)
	defer func() { _ = res.Body.Close() }()
	all, err := io.ReadAll(res.Body)
	must(p.t, err)
	return &Called{Status: res.StatusCode, Header: res.Header, Body: string(all), p: p, what: method + " " + address}
}

// Sees ends the test when the status is another.
func (c *Called) Sees(status int) *Called {
	c.p.t.Helper()
	if c.Status != status {
		c.p.t.Fatalf("%s answered %d, want %d: %s", c.what, c.Status, status, c.Body)
	}
	return c
}

// Code is the code of a problem; "" where the answer is none.
func (c *Called) Code() string {
	c.p.t.Helper()
	if c.Header.Get("Content-Type") != "application/problem+json" {
		return ""
	}
	return c.String("code")
}

// Into decodes the answer.
func (c *Called) Into(v any) *Called {
	c.p.t.Helper()
	if err := json.Unmarshal([]byte(c.Body), v); err != nil {
		c.p.t.Fatalf("%s: %v in %s", c.what, err, c.Body)
	}
	return c
}

// String is a field of the answer's document, a text.
func (c *Called) String(field string) string {
	c.p.t.Helper()
	doc := map[string]any{}
	c.Into(&doc)
	text, _ := doc[field].(string)
	return text
}
