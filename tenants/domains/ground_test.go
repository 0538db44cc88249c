package domains_test

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"portico/tenants"
	"portico/tenants/domains"
	"portico/tenants/domains/domainstest"
	"portico/tenants/tenantstest"
)

// ground is a database, a DNS server and the room between them, with tenants one and two.
type ground struct {
	*testing.T
	d        *domains.Domains
	dns      *domainstest.Server
	clock    *tenants.Clock
	base     tenantstest.DB
	one, two tenants.ID

	mu     sync.Mutex
	events []string // "<kind> <host> <reason>", in order
}

func newGround(t *testing.T) *ground {
	t.Helper()
	g := &ground{T: t, dns: domainstest.Start(t), clock: &tenants.Clock{}, base: tenantstest.Database(t)}
	db, err := tenants.Open(tenants.DBSettings{URL: g.base.AppURL, MaxConns: 6, Clock: g.clock, Log: slog.New(slog.DiscardHandler)})
	g.must(err)
	t.Cleanup(db.Close)
	g.d = &domains.Domains{DB: db, Zones: domains.Zones{Platform: "portico.example", BaseDomain: "portico.example"},
		Looker: domains.Looker{DNS: &domains.DNS{Servers: []string{g.dns.Addr}}, Target: "portico.example", CAs: []string{"letsencrypt.org"}},
		Log:    slog.New(slog.DiscardHandler), Note: g.note}
	g.dns.Set(t, "portico.example. 60 IN A 192.0.2.10", "portico.example. 60 IN AAAA 2001:db8::10")
	g.one, g.two = g.tenant("one"), g.tenant("two")
	return g
}

func (g *ground) tenant(slug string) tenants.ID {
	g.Helper()
	id := tenants.NewID()
	policy, _ := tenants.Preset(tenants.DefaultPreset)
	g.must(g.d.DB.AcrossAll(g.Context(), tenants.ForTenantFile, func(a *tenants.Across) error {
		if _, err := a.Exec(g.Context(), "INSERT INTO tenants (id, slug, name, state, created_at, updated_at) VALUES ($1, $2, $2, 'live', $3, $3)", id, slug, a.Now()); err != nil {
			return err
		}
		return a.In(g.Context(), id, func(s *tenants.Scope) error {
			return tenants.SaveSetting(g.Context(), s, tenants.SubjectPolicy, policy, "test")
		})
	}))
	return id
}

// note writes a real row in the tenant's scope, too: an event that could not be written undoes the change.
func (g *ground) note(_ context.Context, s *tenants.Scope, e domains.Event) error {
	if s.Tenant() == (tenants.ID{}) {
		return errors.New("an event of nobody")
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	g.events = append(g.events, e.Kind+" "+e.Host+" "+e.Reason)
	return nil
}

func (g *ground) happened(event string) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	return slices.Contains(g.events, event)
}

func (g *ground) must(err error) {
	g.Helper()
	if err != nil {
		g.Fatal(err)
	}
}

func (g *ground) claim(tenant tenants.ID, name string) domains.Host {
	g.Helper()
	h, err := g.d.Claim(g.Context(), tenant, name)
	g.must(err)
	return h
}

func (g *ground) check(tenant tenants.ID, name string) domains.Host {
	g.Helper()
	h, err := g.d.Check(g.Context(), tenant, name)
	g.must(err)
	return h
}

// prove puts the proofs of some claims of one host into DNS, and nothing else there.
func (g *ground) prove(claims ...domains.Host) {
	g.Helper()
	var lines []string
	for _, h := range claims {
		lines = append(lines, domains.ProofName(h.Name)+`. 60 IN TXT "`+domains.ProofValue(h.Challenge)+`"`)
	}
	g.dns.Set(g, lines...)
}

// verified is a host that a tenant has proved.
func (g *ground) verified(tenant tenants.ID, name string) domains.Host {
	g.Helper()
	g.prove(g.claim(tenant, name))
	h := g.check(tenant, name)
	if h.Standing != domains.Verified {
		g.Fatalf("%s is %s", name, h.Standing)
	}
	return h
}

// record is one line of a checklist.
func (g *ground) record(tenant tenants.ID, place, item string) domains.Record {
	g.Helper()
	list, err := g.d.Checklist(g.Context(), tenant, place)
	g.must(err)
	for _, r := range list {
		if r.Item == item {
			return r
		}
	}
	g.Fatalf("%s has no item %s: %v", place, item, list)
	return domains.Record{}
}

func (g *ground) sql(statement string, args ...any) {
	g.Helper()
	conn, err := pgx.Connect(g.Context(), g.base.SuperURL)
	g.must(err)
	defer func() { _ = conn.Close(context.Background()) }()
	_, err = conn.Exec(g.Context(), statement, args...)
	g.must(err)
}

// until waits for something that another goroutine does.
func (g *ground) until(what string, is func() bool) {
	g.Helper()
	deadline := time.After(30 * time.Second)
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for !is() {
		select {
		case <-deadline:
			g.Fatalf("waited in vain: %s", what)
		case <-tick.C:
		}
	}
}
