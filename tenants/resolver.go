package tenants

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"sync/atomic"
	"time"

	"github.com/maypok86/otter/v2"
)

// ErrNoTenant means that an address is nobody's: neither a tenant's nor the platform's.
var ErrNoTenant = errors.New("no tenant answers here")

// Addresses are the platform's own.
type Addresses struct {
	BaseURL    string // the platform's own origin, no slash at the end: https://portico.example
	BaseDomain string // <slug>.<base domain> is a tenant's; "" serves by path and custom host alone
}

// Resolver finds tenants by address and keeps them: bounded, one loader a key, negative answers bounded
// too. Changes arrive through Forget (LISTEN/NOTIFY, see Listen).
type Resolver struct {
	db           *DB
	addr         Addresses
	scheme, port string // of BaseURL
	platformHost string

	tenants *otter.Cache[ID, *Tenant]
	names   *otter.Cache[string, ID] // "host:<name>" or "slug:<slug>"; the zero ID is "nobody's"
	changes atomic.Int64             // rises with every Forget

	// What was last true, for as long as the database is away: its people see an error in their brand.
	lastTenants *otter.Cache[ID, *Tenant]
	lastNames   *otter.Cache[string, ID]
}

const (
	keptTenants = 4_000
	keptNames   = 20_000
	keptMisses  = time.Minute
)

// NewResolver checks the addresses and makes empty caches.
func NewResolver(db *DB, addr Addresses) (*Resolver, error) {
	u, err := url.Parse(addr.BaseURL)
	if err != nil || (u.Scheme != "https" && u.Scheme != "http") || u.Host == "" || strings.Trim(u.Path, "/") != "" {
		return nil, fmt.Errorf("the platform's address %q is not an origin such as https://portico.example", addr.BaseURL)
	}
	host, err := NormalizeHost(u.Host)
	if err != nil {
		return nil, fmt.Errorf("the platform's address %q: %w", addr.BaseURL, err)
	}
	r := &Resolver{db: db, addr: addr, scheme: u.Scheme, platformHost: host}
	if p := u.Port(); p != "" {
		r.port = ":" + p
	}
	r.tenants, err = otter.New(&otter.Options[ID, *Tenant]{MaximumSize: keptTenants})
	if err != nil {
		return nil, fmt.Errorf("tenant cache: %w", err)
	}
	if r.lastTenants, err = otter.New(&otter.Options[ID, *Tenant]{MaximumSize: keptTenants}); err != nil {
		return nil, fmt.Errorf("tenant cache: %w", err)
	}
	if r.lastNames, err = otter.New(&otter.Options[string, ID]{MaximumSize: keptTenants}); err != nil {
		return nil, fmt.Errorf("host cache: %w", err)
	}
	r.names, err = otter.New(&otter.Options[string, ID]{
		MaximumSize:      keptNames,
		ExpiryCalculator: otter.ExpiryWritingFunc(func(e otter.Entry[string, ID]) time.Duration { return nameLife(e.Value) }),
	})
	if err != nil {
		return nil, fmt.Errorf("host cache: %w", err)
	}
	return r, nil
}

// nameLife keeps names that are somebody's until told otherwise, and the others for a minute.
func nameLife(id ID) time.Duration {
	if id == (ID{}) {
		return keptMisses
	}
	return 24 * time.Hour
}

// Secure tells whether the platform is served over HTTPS.
func (r *Resolver) Secure() bool { return r.scheme == "https" }

// PlatformOrigin is the platform's own origin.
func (r *Resolver) PlatformOrigin() string { return r.scheme + "://" + r.platformHost + r.port }

// IsPlatform tells whether a normalised host is the platform's own.
func (r *Resolver) IsPlatform(host string) bool { return host == r.platformHost }

// OriginOf is the origin of a tenant's host as browsers see it.
func (r *Resolver) OriginOf(host string) string { return r.scheme + "://" + host + r.port }

// ByHost finds the tenant that answers on a normalised host: a verified custom host first, then
// <slug>.<base domain>. Anything else is ErrNoTenant.
func (r *Resolver) ByHost(ctx context.Context, host string) (*Tenant, error) {
	t, err := r.byName(ctx, "host:"+host)
	if err == nil && !r.answers(t, host) { // its hosts changed since the name was kept
		r.names.Invalidate("host:" + host)
		t, err = r.byName(ctx, "host:"+host)
	}
	return t, err
}

// BySlug finds the tenant of a path /t/<slug>; the caller has matched the slug with ValidSlug.
func (r *Resolver) BySlug(ctx context.Context, slug string) (*Tenant, error) {
	return r.byName(ctx, "slug:"+slug)
}

// ByID reads one tenant; ErrNoTenant when it is gone. While the database is away it is what it last was.
func (r *Resolver) ByID(ctx context.Context, id ID) (*Tenant, error) {
	t, err := current(ctx, r, r.tenants, id, r.load)
	if errors.Is(err, ErrUnavailable) {
		if last, ok := r.lastTenants.GetIfPresent(id); ok {
			return last, nil
		}
	}
	return t, err
}

// current reads through a cache. What was being read while a change was announced is dropped and read
// again: it may be from before the change, and Forget could not see it yet.
func current[K comparable, V any](ctx context.Context, r *Resolver, c *otter.Cache[K, V], key K, load otter.LoaderFunc[K, V]) (V, error) {
	for tries := 0; ; tries++ {
		before := r.changes.Load()
		v, err := c.Get(ctx, key, load)
		if r.changes.Load() == before {
			return v, err
		}
		c.Invalidate(key)
		if tries == 3 { // a flood of changes: this answer is as true as any, but is not kept
			return v, err
		}
	}
}

func (r *Resolver) answers(t *Tenant, host string) bool {
	if slug, ok := r.slugOf(host); ok && slug == t.Slug {
		return true
	}
	for _, h := range t.Hosts {
		if h.Name == host && h.VerifiedAt != nil {
			return true
		}
	}
	return false
}

func (r *Resolver) slugOf(host string) (string, bool) {
	if r.addr.BaseDomain == "" {
		return "", false
	}
	slug, ok := strings.CutSuffix(host, "."+r.addr.BaseDomain)
	return slug, ok && ValidSlug(slug)
}

func (r *Resolver) byName(ctx context.Context, name string) (*Tenant, error) {
	id, err := current(ctx, r, r.names, name, r.lookUp)
	if errors.Is(err, ErrUnavailable) {
		if last, ok := r.lastNames.GetIfPresent(name); ok {
			id, err = last, nil
		}
	}
	if err != nil {
		return nil, err
	}
	if id == (ID{}) {
		return nil, ErrNoTenant
	}
	return r.ByID(ctx, id)
}

// lookUp answers "whose is it?"; nobody's is the zero ID, which is kept for a minute.
func (r *Resolver) lookUp(_ context.Context, name string) (ID, error) {
	ctx, cancel := context.WithTimeout(context.Background(), 3*time.Second) // shared by all who wait
	defer cancel()
	kind, value, _ := strings.Cut(name, ":")
	var id ID
	err := r.db.AcrossAll(ctx, ForHostLookUp, func(a *Across) error {
		if kind == "host" {
			err := a.Row(ctx, "SELECT tenant_id FROM hosts WHERE host = $1 AND verified_at IS NOT NULL", []any{value}, &id)
			slug, ok := r.slugOf(value)
			if !errors.Is(err, ErrNotFound) || !ok {
				return err
			}
			value = slug
		}
		return a.Row(ctx, "SELECT id FROM tenants WHERE slug = $1", []any{value}, &id)
	})
	if errors.Is(err, ErrNotFound) {
		return ID{}, nil
	}
	if err == nil {
		r.lastNames.Set(name, id)
	}
	return id, err
}

func (r *Resolver) load(_ context.Context, id ID) (*Tenant, error) {
	ctx, cancel := context.WithTimeout(context.Background(), 3*time.Second)
	defer cancel()
	var t *Tenant
	err := r.db.AcrossAll(ctx, ForHostLookUp, func(a *Across) (err error) {
		t, err = ReadTenant(ctx, a, id)
		return err
	})
	if errors.Is(err, ErrNotFound) {
		return nil, ErrNoTenant
	}
	if err != nil {
		return nil, fmt.Errorf("read tenant %s: %w", id, err)
	}
	r.place(t)
	r.lastTenants.Set(id, t)
	return t, nil
}

// place sets the canonical origin and base path: the canonical custom host while it is verified, else
// the slug's host, else the path below the platform's own.
func (r *Resolver) place(t *Tenant) {
	host := t.canonicalHost
	if host != "" && !r.answers(t, host) {
		host = ""
	}
	t.Origin, t.BasePath = r.Address(t.Slug, host)
}

// Address is where a tenant is at home: origin and base path. host is its canonical custom host while
// that is verified, else "".
func (r *Resolver) Address(slug, host string) (origin, base string) {
	switch {
	case host != "":
		return r.OriginOf(host), ""
	case r.addr.BaseDomain != "":
		return r.OriginOf(slug + "." + r.addr.BaseDomain), ""
	}
	return r.PlatformOrigin(), "/t/" + slug
}

// Forget drops what is kept of a tenant and all negative answers, which its change may have made wrong.
func (r *Resolver) Forget(id ID) {
	r.changes.Add(1)
	r.tenants.Invalidate(id)
	for name, kept := range r.names.All() {
		if kept == id || kept == (ID{}) {
			r.names.Invalidate(name)
		}
	}
}

// ForgetAll empties the caches: after a gap in which notices may have been missed.
func (r *Resolver) ForgetAll() {
	r.changes.Add(1)
	r.tenants.InvalidateAll()
	r.names.InvalidateAll()
}
