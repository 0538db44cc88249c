package visit

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"io"
	"time"

	"github.com/gofiber/fiber/v2"

	"portico/app/accounts"
	"portico/app/audit"
	"portico/app/staff"
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
	Staff       *staff.Session    // on the platform's own host: who of its staff is signed in
	Deadline    time.Duration     // of the work behind this request

	id      string
	ctx     context.Context //nolint:containedctx // a Visit is one request and dies with it
	cancel  context.CancelFunc
	nonce   string
	targets []string // of forms, beyond this origin
	media   bool     // this page plays audio of its own
	frames  bool     // this page shows others of this origin in a frame
	private bool     // who has the address may see it: nothing may learn of it
	pre     string   // the form cookie that this response leaves in the browser

	stream       io.Reader // the body of an upload that is too large to hold
	console      bool      // a page of the console
	captchaFault string    // the key of what was wrong with the form's CAPTCHA
	characters   bool      // the form's CAPTCHA was the picture
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

// Context ends with the request's deadline and carries its origin for the audit. It is made at first
// use: most pages need none.
func (v *Visit) Context() context.Context {
	if v.ctx == nil {
		v.ctx, v.cancel = context.WithTimeout(context.Background(), v.Deadline)
		v.ctx = audit.With(v.ctx, audit.Origin{Actor: audit.Anonymous,
			ClientAddress: v.Client.Address.Unmap().String(), RequestID: v.ID()})
	}
	return v.ctx
}

// SignIn says who is behind this request, for the page and for the audit.
func (v *Visit) SignIn(s accounts.Session) {
	v.Session = &s
	origin := audit.From(v.Context())
	origin.Actor = audit.AccountActor(s.AccountID)
	v.ctx = audit.With(v.ctx, origin)
}

// Act says who is behind a request that no session stands behind, for the audit: a key of the API.
func (v *Visit) Act(actor string) {
	origin := audit.From(v.Context())
	origin.Actor = actor
	v.ctx = audit.With(v.ctx, origin)
}

// EnterStaff says who of the platform's staff is behind this request.
func (v *Visit) EnterStaff(s staff.Session) {
	v.Staff = &s
	origin := audit.From(v.Context())
	origin.Actor = staff.Actor(s.StaffID)
	v.ctx = audit.With(v.ctx, origin)
}

// End frees what the visit held; the door calls it when the answer stands.
func (v *Visit) End() {
	if v.cancel != nil {
		v.cancel()
	}
}

// ID names the request in logs, in the audit and on pages of failure. It is made at first use.
func (v *Visit) ID() string {
	if v.id == "" {
		var b [8]byte
		_, _ = rand.Read(b[:]) // never fails (crypto/rand since Go 1.24)
		v.id = hex.EncodeToString(b[:])
	}
	return v.id
}

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
