package visit

import (
	"context"

	"github.com/gofiber/fiber/v2"

	"portico/app/accounts"
	"portico/tenants"
	"portico/themes"
)

// Visit is one request. Its strings are copies: they outlive the request's buffers.
type Visit struct {
	*Web
	C *fiber.Ctx

	Tenant      *tenants.Tenant // nil on the platform's own host
	Brand       *themes.Brand
	Base        string // "" or "/t/<slug>"
	Host        string // as sent, validated: name with port
	Path        string // below Base
	Locale      string
	LocaleAsked bool // by the address, just now: the browser is to remember it
	Client      accounts.Client
	Session     *accounts.Session // nil: nobody is signed in
	ID          string            // of the request

	ctx     context.Context //nolint:containedctx // a Visit is one request and dies with it
	nonce   string
	targets []string // of forms, beyond this origin
}

type localsKey struct{}

// Keep ties the visit to its fasthttp request, for Of.
func (v *Visit) Keep(set func(key, value any)) { set(localsKey{}, v) }

// Of finds the visit of a request; the door made it before any route ran.
func Of(c *fiber.Ctx) *Visit {
	v, _ := c.Context().UserValue(localsKey{}).(*Visit)
	v.C = c
	return v
}

// Context ends with the request's deadline and carries its origin for the audit.
func (v *Visit) Context() context.Context { return v.ctx }

// SetContext replaces the context; the door and the session guard do it.
func (v *Visit) SetContext(ctx context.Context) { v.ctx = ctx }

// Secure tells whether browsers reach us over HTTPS.
func (v *Visit) Secure() bool { return v.Resolver.Secure() }

// Origin is scheme://host[:port] of this request, validated.
func (v *Visit) Origin() string {
	if v.Secure() {
		return "https://" + v.Host
	}
	return "http://" + v.Host
}

// TenantID is the tenant's, or the zero ID on the platform's own host.
func (v *Visit) TenantID() tenants.ID {
	if v.Tenant == nil {
		return tenants.ID{}
	}
	return v.Tenant.ID
}

// Help is whom to ask, of this tenant.
func (v *Visit) Help() themes.Help {
	if v.Tenant == nil {
		return themes.Help{}
	}
	return themes.HelpOf(v.Tenant.Policy.Help)
}
