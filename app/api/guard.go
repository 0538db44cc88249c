package api

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humafiber"
	"github.com/gofiber/fiber/v2"

	"portico/app/apikeys"
	"portico/app/audit"
	"portico/app/people"
	"portico/app/visit"
	"portico/rbac"
	"portico/tenants"
)

// call is one request with a key that holds.
type call struct {
	v    *visit.Visit
	key  apikeys.Opened
	file io.Reader // the body of an upload
}

type callKey struct{}

func callOf(ctx context.Context) *call {
	c, _ := ctx.Value(callKey{}).(*call)
	return c
}

// tenant is whose address was asked; nil on the platform's own.
func (c *call) tenant() *tenants.Tenant { return c.v.Tenant }

// by is who asks, for the rooms: the person for whom the key acts, with what it was given.
func (c *call) by() people.By { return people.By{Tenant: c.v.Tenant, Who: c.key.Subject} }

// may tells whether the key may use a permission of its tenant's, or a scope of the platform's.
func (a *API) may(c *call, permission string) bool {
	if c.v.Tenant == nil {
		return slices.Contains(c.key.Scopes, permission)
	}
	return a.Web.Guard.Decide(c.v.Tenant, c.key.Subject, rbac.Permission(permission)).Allowed
}

// reach is where the key may use a permission.
func (a *API) reach(ctx context.Context, c *call, p rbac.Permission) (rbac.Reach, error) {
	d := a.Web.Guard.Decide(c.v.Tenant, c.key.Subject, p)
	if !d.Allowed {
		return rbac.Reach{}, &visit.DeniedError{Permission: p}
	}
	var reach rbac.Reach
	err := a.DB.In(ctx, c.v.Tenant.ID, func(s *tenants.Scope) (err error) {
		reach, err = rbac.ReachOf(ctx, s, d)
		return err
	})
	return reach, err
}

var errAddress = errors.New("an address that nothing can be made of")

// enter stands before everything: the headers of every answer, and addresses that the rooms could not take.
func (a *API) enter(c *fiber.Ctx) error {
	v := visit.Of(c)
	headers(c.Context(), v.Secure())
	c.Set("Request-Id", v.ID())
	if !legible(c) {
		return errAddress
	}
	return c.Next()
}

// legible tells whether an address is text as the database takes it, UTF-8 without NUL, that names each
// parameter once.
func legible(c *fiber.Ctx) bool {
	text := func(b []byte) bool { return utf8.Valid(b) && bytes.IndexByte(b, 0) < 0 }
	uri := c.Context().URI()
	if _, err := url.ParseRequestURI(string(c.Request().RequestURI())); err != nil || !text(uri.Path()) {
		return false
	}
	if _, err := url.ParseQuery(string(uri.QueryString())); err != nil {
		return false
	}
	seen, ok := map[string]bool{}, true
	for name, value := range c.Context().QueryArgs().All() {
		ok = ok && text(name) && text(value) && !seen[string(name)]
		seen[string(name)] = true
	}
	return ok
}

// fail answers what went wrong outside of an operation.
func (a *API) fail(c *fiber.Ctx, err error) error {
	var f *fiber.Error
	switch {
	case errors.Is(err, errAddress):
		err = problem(http.StatusBadRequest, "malformed")
	case errors.As(err, &f) && f.Code == fiber.StatusNotFound:
		err = problem(http.StatusNotFound, "not_found")
	case errors.As(err, &f) && f.Code == fiber.StatusMethodNotAllowed:
		err = problem(http.StatusMethodNotAllowed, "method_not_allowed")
	}
	a.refuse(c, err)
	return nil
}

// refuse answers with a problem, and writes what was no fault of the client's into the log.
func (a *API) refuse(c *fiber.Ctx, err error) {
	v := visit.Of(c)
	p := *problemOf(err, v.Clock.Now())
	p.Request = v.ID()
	if p.Status >= http.StatusInternalServerError {
		v.Log.Error("a request to the API failed", "request", v.ID(), "status", p.Status, "code", p.Code, "method", c.Method(), "route", c.Route().Path, "error", err)
	}
	p.write(c.Context())
}

// guard stands before one operation.
func (a *API) guard(op Operation) func(huma.Context, func(huma.Context)) {
	return func(ctx huma.Context, next func(huma.Context)) {
		f := humafiber.Unwrap(ctx)
		if a.Matched != nil {
			a.Matched(f.Context(), op.Path)
		}
		v := visit.Of(f)
		c := &call{v: v}
		if err := a.admit(f, op, c); err != nil {
			a.refuse(f, err)
			return
		}
		ctx = huma.WithContext(ctx, context.WithValue(v.Context(), callKey{}, c))
		if !op.Keep || f.Get(headerIdempotency) == "" {
			next(ctx)
			return
		}
		if err := a.once(f, c, func() { next(ctx) }); err != nil {
			a.refuse(f, err)
		}
	}
}

// admit lets a request in: its body's length, its key, limits, permission, and the form of its body.
func (a *API) admit(f *fiber.Ctx, op Operation, c *call) error {
	if f.Context().Request.IsBodyStream() {
		if !op.Upload {
			f.Context().SetConnectionClose() // what nobody read must never be taken for the next request
			return problem(http.StatusRequestEntityTooLarge, "too_large")
		}
		c.file = f.Context().RequestBodyStream()
	} else {
		c.file = bytes.NewReader(f.Context().Request.Body())
	}
	text, err := bearer(f)
	if err != nil {
		return err
	}
	if c.v.Tenant == nil {
		c.key, err = a.Keys.OpenPlatform(c.v.Context(), text, c.v.Client.AddressKey())
	} else {
		c.key, err = a.Keys.Open(c.v.Context(), c.v.Tenant, text, c.v.Client.AddressKey())
	}
	if errors.Is(err, apikeys.ErrNoKey) {
		f.Set(fiber.HeaderWWWAuthenticate, `Bearer realm="portico", error="invalid_token"`)
		return problem(http.StatusUnauthorized, "wrong_key")
	}
	var limit *apikeys.LimitError
	if errors.As(err, &limit) {
		quota(f, limit.Quota)
	}
	if err != nil {
		return err
	}
	quota(f, c.key.Quota)
	c.v.Act(audit.KeyActor(c.key.ID))
	if op.Permission != "" && !a.may(c, op.Permission) {
		return notPermitted(op.Permission)
	}
	return a.body(f, op)
}

// bearer is the key of a request: in the header Authorization, once, and nowhere else.
func bearer(f *fiber.Ctx) (string, error) {
	lines := f.Context().Request.Header.PeekAll(fiber.HeaderAuthorization)
	if len(lines) == 0 {
		f.Set(fiber.HeaderWWWAuthenticate, `Bearer realm="portico"`)
		return "", problem(http.StatusUnauthorized, "no_key")
	}
	scheme, text, ok := strings.Cut(string(lines[0]), " ")
	if !ok || len(lines) != 1 || !strings.EqualFold(scheme, "Bearer") {
		return "", nil // no key at all: counted like a wrong one
	}
	return strings.TrimSpace(text), nil
}

// quota tells how much is left, in the headers of draft-ietf-httpapi-ratelimit-headers-10.
func quota(f *fiber.Ctx, q apikeys.Quota) {
	if q.Limit == 0 {
		return
	}
	f.Set("RateLimit-Policy", `"key";q=`+strconv.Itoa(q.Limit)+";w="+strconv.Itoa(int(q.Window/time.Second)))
	f.Set("RateLimit", `"key";r=`+strconv.Itoa(q.Left)+";t="+strconv.Itoa(seconds(q.Reset)))
}
