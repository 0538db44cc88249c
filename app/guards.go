package app

import (
	"errors"
	"sync"
	"time"

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
		if unsafe && r.Trust != Script && !sameOrigin(v) {
			return errForeign
		}
		if r.Ceiling != noCeiling && !s.ceilings.allow(v.TenantID(), perSecond(v)) {
			return errCeiling
		}
		if v.LocaleAsked && !unsafe {
			v.SetCookie(visit.CookieLocale, v.Locale, v.Clock.Now().Add(keptLocale))
		}
		if r.Trust > Open {
			if err := readSession(v); err != nil {
				return err
			}
		}
		if r.Trust >= SignedIn && v.Session == nil {
			return toSignIn(v, unsafe)
		}
		return r.Handle(v)
	}
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
	v.SignIn(session)
	if session.Locale != "" && v.Cookie(visit.CookieLocale) == "" {
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

// ceilings bounds each tenant's changing requests a second on this instance: a token bucket that holds
// four seconds' worth.
type ceilings struct {
	mu      sync.Mutex
	buckets map[tenants.ID]*bucket
}

type bucket struct {
	tokens float64
	at     time.Time
}

// defaultCeiling is 50 a second (security.md 4.2).
const defaultCeiling = 50

func newCeilings() *ceilings { return &ceilings{buckets: map[tenants.ID]*bucket{}} }

func perSecond(v *visit.Visit) int {
	if v.Tenant == nil || v.Tenant.Policy.Throttle.Ceiling <= 0 {
		return defaultCeiling
	}
	return v.Tenant.Policy.Throttle.Ceiling
}

// allow takes one token. It reads the machine's own time: load is real whatever the program's clock says.
func (c *ceilings) allow(id tenants.ID, rate int) bool {
	now := time.Now()
	burst := 4 * float64(rate)
	c.mu.Lock()
	defer c.mu.Unlock()
	b, ok := c.buckets[id]
	if !ok {
		if len(c.buckets) > 10_000 {
			clear(c.buckets) // a full bucket is what a forgotten one comes back as
		}
		b = &bucket{tokens: burst, at: now}
		c.buckets[id] = b
	}
	b.tokens = min(burst, b.tokens+now.Sub(b.at).Seconds()*float64(rate))
	b.at = now
	if b.tokens < 1 {
		return false
	}
	b.tokens--
	return true
}
