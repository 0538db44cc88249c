package app

import (
	"bytes"
	"errors"
	"slices"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/gofiber/fiber/v2"

	"portico/app/accounts"
	"portico/app/visit"
	"portico/tenants"
)

var (
	errMethod  = errors.New("method not allowed here")
	errForeign = errors.New("the form came from another site")
	errCeiling = errors.New("the tenant's requests a second are used up")
)

// guarded puts a route's guards before its handler, in this order: origin of the form, the tenant's
// ceiling, the session, the trust that the route asks for.
func (s *Server) guarded(r Route) fiber.Handler {
	unsafe := r.Method != fiber.MethodGet && r.Method != fiber.MethodHead
	return func(c *fiber.Ctx) error {
		v := visit.Of(c)
		c.Context().SetUserValue(routeKey{}, r.Path)
		if c.Context().Request.IsBodyStream() {
			if !r.Upload {
				s.tooLarge(c.Context()) // as bare as where the body's length alone tells it
				return nil
			}
			beginUpload(c.Context())
			v.Streams(c.Context().RequestBodyStream())
		}
		if unsafe && r.Trust > Signed && !sameOrigin(v) {
			return errForeign
		}
		if r.Ceiling != noCeiling && !s.ceilings.allow(v) {
			return errCeiling
		}
		if v.LocaleAsked && !unsafe {
			v.SetCookie(visit.CookieLocale, v.Locale, v.Clock.Now().Add(keptLocale))
		}
		if r.Trust == Staffed {
			if elsewhere, err := s.enterPlatform(v, r, unsafe); elsewhere || err != nil {
				return err
			}
			return r.Handle(v)
		}
		if r.Trust > Open {
			if err := readSession(v); err != nil {
				return err
			}
			if to := movedTo(v); to != "" && !unsafe {
				return toHome(v, to)
			}
		}
		if r.Trust >= SignedIn && v.Session == nil {
			return toSignIn(v, unsafe)
		}
		if r.Trust == Permitted && !legible(v) {
			return visit.ErrNotFound
		}
		if r.Trust == Permitted {
			if again, err := enterConsole(v, r, unsafe); again || err != nil {
				return err
			}
		}
		if v.Session != nil && !opens(v.Session.Duty, r) {
			return v.ToDuty(v.Session.Duty, "")
		}
		return r.Handle(v)
	}
}

// duties are the pages that stay open to a session that has something to do first (accounts.Session.Duty),
// beside those that are open to everybody; visit.DutyPage is among them. The way out always is.
var duties = map[string][]string{
	accounts.DutyRegister: {"/account/security", "/account/security/setup", "/account/security/prove", "/account/security/phone",
		"/account/security/email", "/account/security/code", "/account/security/code/again", "/account/security/code/cancel",
		"/account/security/app", "/account/security/app/qr.png", "/account/security/app/confirm", "/account/security/questions",
		"/account/security/codes", "/account/security/codes/file", "/account/security/remove"},
	accounts.DutyPassword: {"/account/password", "/account/strength"},
	accounts.DutyFactor: {"/account/security/setup", "/account/security/prove", "/account/security/app", "/account/security/app/qr.png",
		"/account/security/app/confirm"},
}

// opens tells whether a session with a duty may open a route. Where people can go from here ("/") waits,
// too, though strangers are sent on from it.
func opens(duty string, r Route) bool {
	return duty == "" || r.Trust < SignedIn && r.Path != "/" || r.Path == "/logout" && r.Method == fiber.MethodPost ||
		slices.Contains(duties[duty], r.Path)
}

// keptLocale is how long a browser keeps the language that was asked for.
const keptLocale = 180 * 24 * time.Hour

type routeKey struct{}

// sameOrigin is decisions.md 12: Sec-Fetch-Site says same-origin or none, or, from browsers that do not
// send it, Origin is this very address. Scripts without either are refused.
func sameOrigin(v *visit.Visit) bool {
	switch site := v.C.Get("Sec-Fetch-Site"); site {
	case "same-origin", "none":
		return true
	case "":
		return v.C.Get(fiber.HeaderOrigin) == v.Origin()
	default:
		return false
	}
}

// legible tells whether the address of a request, and all that it asks for, is text as the database takes it:
// UTF-8 without NUL. Forms are held to the same where they are read. No page of the console links to anything
// else, and every handler there may compare what it is given with rows.
func legible(v *visit.Visit) bool {
	text := func(b []byte) bool { return utf8.Valid(b) && bytes.IndexByte(b, 0) < 0 }
	ok := text(v.C.Context().URI().Path())
	for name, value := range v.C.Context().QueryArgs().All() {
		ok = ok && text(name) && text(value)
	}
	return ok
}

// readSession finds out who is signed in. A cookie that names nothing is dropped.
func readSession(v *visit.Visit) error {
	cookie := v.Cookie(visit.CookieSession)
	if cookie == "" || v.Tenant == nil {
		return nil
	}
	session, err := v.Accounts.Session(v.Context(), v.Tenant, cookie)
	if errors.Is(err, accounts.ErrNoSession) {
		v.ClearCookie(visit.CookieSession)
		return nil
	}
	if err != nil {
		return err
	}
	if _, known := duties[session.Duty]; !known && session.Duty != "" {
		return nil // a newer program's: here it signs nobody in, rather than let them past what they must do
	}
	v.SignIn(session)
	if session.Locale != "" && v.Cookie(visit.CookieLocale) == "" && !v.LocaleAsked {
		v.Locale = v.Renderer.Locale(v.Brand, session.Locale, "", "")
	}
	return nil
}

// toSignIn sends somebody who must sign in first, and back here afterwards when that is safe to repeat.
func toSignIn(v *visit.Visit, unsafe bool) error {
	v.Say(visit.SaySignInFirst)
	if unsafe || v.Path == "/" || v.Path == "/logout" {
		return v.Redirect("/login")
	}
	return v.Redirect("/login?return_to=" + v.Path)
}

// ceilings bounds changing requests a second on this instance, the tenant's together and, below that,
// those of one client address: a flood from one place uses up its own share and nobody else's.
// Buckets hold four seconds' worth.
type ceilings struct {
	mu      sync.Mutex
	buckets map[bucketKey]*bucket
}

// bucketKey is a tenant and, for its share, a client address; "" is the tenant's own bucket.
type bucketKey struct {
	tenant tenants.ID
	client string
}

type bucket struct {
	tokens float64
	at     time.Time
}

const (
	defaultCeiling = 50 // a second (security.md 4.2)
	shareOfOne     = 2  // one address may use half of the tenant's ceiling: a campus comes from one, and so does a flood
	keptBuckets    = 50_000
)

func newCeilings() *ceilings { return &ceilings{buckets: map[bucketKey]*bucket{}} }

func perSecond(v *visit.Visit) float64 {
	if v.Tenant == nil || v.Tenant.Policy.Throttle.Ceiling <= 0 {
		return defaultCeiling
	}
	return float64(v.Tenant.Policy.Throttle.Ceiling)
}

// allow takes one token of the address's share, and then of the tenant. It reads the machine's own time:
// load is real whatever the program's clock says.
func (c *ceilings) allow(v *visit.Visit) bool {
	now, rate := time.Now(), perSecond(v)
	share := rate / shareOfOne
	if v.Tenant != nil {
		share *= float64(accounts.NetworkFactor(v.Tenant.Policy.Throttle, v.Client.Address))
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.buckets) > keptBuckets {
		clear(c.buckets) // a full bucket is what a forgotten one comes back as
	}
	return c.take(bucketKey{v.TenantID(), v.Client.AddressKey()}, min(share, rate), now) &&
		c.take(bucketKey{tenant: v.TenantID()}, rate, now)
}

func (c *ceilings) take(key bucketKey, rate float64, now time.Time) bool {
	burst := 4 * rate
	b, ok := c.buckets[key]
	if !ok {
		b = &bucket{tokens: burst, at: now}
		c.buckets[key] = b
	}
	b.tokens = min(burst, b.tokens+now.Sub(b.at).Seconds()*rate)
	b.at = now
	if b.tokens < 1 {
		return false
	}
	b.tokens--
	return true
}
