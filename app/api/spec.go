package api

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"

	"github.com/danielgtaylor/huma/v2"
	"github.com/gofiber/fiber/v2"

	"portico/app/visit"
)

// The tags, in the order of the documents.
const (
	tagTenant      = "Tenant"
	tagLook        = "Look and words"
	tagPolicy      = "Policy"
	tagPeople      = "People"
	tagGroups      = "Groups"
	tagRoles       = "Roles"
	tagInvitations = "Invitations"
	tagImports     = "Imports"
	tagLetters     = "Letters"
	tagAudit       = "Audit"
	tagTenants     = "Tenants"
)

const about = `Everything that the console does, for programs.

**Where.** At a tenant's own address (` + "`https://<slug>.<base domain>/api/v1/…`" + `, its own host, or ` + "`/t/<slug>/api/v1/…`" + ` on the platform's host) for keys of that tenant. The directory of tenants (tag Tenants) answers on the platform's own host, to keys of the platform; those reach into no tenant.

**Keys.** ` + "`Authorization: Bearer portico_…`" + `, never in an address. A tenant's key is made in its console (Keys), acts for the person who made it with the permissions that it was given of theirs, and ends with it, with their account, at its date, or at once when it is revoked. Cookies are never read.

**Requests.** JSON in UTF-8, up to 64 KiB; files of people up to 32 MiB. Unknown fields, doubled names and unknown parameters are refused, never ignored.

**Problems.** Whatever goes wrong is a document of RFC 9457 (` + "`application/problem+json`" + `): ` + "`code`" + ` is for programs and never changes, ` + "`errors`" + ` points to each part that is wrong.

**Lists** come in pages of at most 50 with ` + "`next`" + `, a sealed cursor for the parameter ` + "`cursor`" + `, and a ` + "`Link`" + ` header. A cursor holds in the list that gave it alone.

**Versions.** What can be edited has an ` + "`ETag`" + `; a change of it needs ` + "`If-Match`" + ` (428 without, 412 when somebody else was there first).

**Once.** A POST with an ` + "`Idempotency-Key`" + ` is done once: sent again within 24 hours it gets the first answer, with ` + "`Idempotency-Replayed: true`" + `.

**Limits.** 600 requests a minute of a key and 3,000 of a tenant. ` + "`RateLimit-Policy` and `RateLimit`" + ` (draft-ietf-httpapi-ratelimit-headers-10) say how much is left, ` + "`Retry-After`" + ` when to come back.

Every answer has a ` + "`Request-Id`" + `, which the audit and the logs know.`

// config is what the API says of itself.
func (a *API) config() huma.Config {
	schemas := huma.NewMapRegistry("#/components/schemas/", huma.DefaultSchemaNamer)
	encode := huma.Format{
		Marshal: func(w io.Writer, v any) error {
			e := json.NewEncoder(w)
			e.SetEscapeHTML(false)
			return e.Encode(v)
		},
		Unmarshal: json.Unmarshal,
	}
	spec := &huma.OpenAPI{
		OpenAPI: "3.1.0",
		Info: &huma.Info{Title: "Portico", Version: "1", Description: about,
			License: &huma.License{Name: "Apache License 2.0", Identifier: "Apache-2.0"}},
		Servers:    []*huma.Server{{URL: "/", Description: "The address that you ask"}},
		Components: &huma.Components{Schemas: schemas, SecuritySchemes: map[string]*huma.SecurityScheme{}},
		Tags: []*huma.Tag{{Name: tagTenant, Description: "The portal itself."}, {Name: tagLook, Description: "How it looks and speaks: drafts that nobody sees, and what everybody does."},
			{Name: tagPolicy, Description: "Its rules, knob by knob, and what a change would do to the people who are there."},
			{Name: tagPeople, Description: "Finding, inviting and looking after people."}, {Name: tagGroups, Description: "Locations and departments."},
			{Name: tagRoles, Description: "Who may do what."}, {Name: tagInvitations, Description: "Invitations under way."},
			{Name: tagImports, Description: "Many people from a file: sent, looked at in a dry run, then carried out in the background."},
			{Name: tagLetters, Description: "Each letter's way."}, {Name: tagAudit, Description: "What happened."},
			{Name: tagTenants, Description: "The directory of tenants, on the platform's own host."}},
	}
	for name, doc := range map[string]string{"tenantKey": "A key of the tenant: portico_tenant_…", "platformKey": "A key of the platform: portico_platform_…"} {
		spec.Components.SecuritySchemes[name] = &huma.SecurityScheme{Type: "http", Scheme: "bearer", Description: doc}
	}
	c := huma.Config{OpenAPI: spec, Formats: map[string]huma.Format{"application/json": encode, "json": encode}, DefaultFormat: "application/json"}
	c.Transformers = []huma.Transformer{func(ctx huma.Context, _ string, v any) (any, error) {
		e, ok := v.(*huma.ErrorModel)
		if !ok {
			return v, nil
		}
		_, visited := raw(ctx)
		p := told(e)
		p.Request = visited.ID()
		return p, nil
	}}
	return c
}

// describe makes the description, and the pages that show it.
func (a *API) describe() (err error) {
	schemas := a.huma.OpenAPI().Components.Schemas.Map()
	delete(schemas, "ErrorModel") // huma's own, which nothing answers
	delete(schemas, "ErrorDetail")
	if a.spec, err = json.MarshalIndent(a.huma.OpenAPI(), "", "  "); err != nil {
		return fmt.Errorf("openapi: %w", err)
	}
	a.spec = append(a.spec, '\n')
	a.public("/openapi.json", "openapi", func(c *fiber.Ctx, v *visit.Visit) error {
		c.Set(fiber.HeaderContentType, "application/json")
		c.Set(fiber.HeaderCacheControl, "public, max-age=300")
		return c.Send(a.spec)
	})
	return a.docsRoutes()
}

// public answers a page that needs no key, at every address.
func (a *API) public(path, id string, do func(*fiber.Ctx, *visit.Visit) error) {
	a.ops = append(a.ops, Operation{Method: http.MethodGet, Path: path, ID: id, Permission: public})
	for _, f := range []*fiber.App{a.tenant, a.platform} {
		for _, method := range []string{fiber.MethodGet, fiber.MethodHead} {
			f.Add(method, path, func(c *fiber.Ctx) error {
				if a.Matched != nil {
					a.Matched(c.Context(), path)
				}
				return do(c, visit.Of(c))
			})
		}
	}
}
