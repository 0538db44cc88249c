package domains_test

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"portico/tenants"
	"portico/tenants/domains"
)

// another is a second instance: a pool of its own, the same database and DNS.
func (g *ground) another() *domains.Domains {
	g.Helper()
	db, err := tenants.Open(tenants.DBSettings{URL: g.base.AppURL, MaxConns: 6, Clock: g.clock, Log: slog.New(slog.DiscardHandler)})
	g.must(err)
	g.Cleanup(db.Close)
	return &domains.Domains{DB: db, Zones: g.d.Zones, Looker: g.d.Looker, Log: g.d.Log, Note: g.note}
}

func (g *ground) work(d *domains.Domains) *domains.Worker {
	w := &domains.Worker{Domains: d, Poll: 20 * time.Millisecond}
	w.Start(g.Context())
	g.Cleanup(func() { _ = w.Stop(context.Background()) })
	return w
}

func TestTwoInstancesCheckEachHostOnce(t *testing.T) {
	t.Parallel()
	g := newGround(t)
	const hosts = 18
	for i := range hosts {
		g.claim(g.one, fmt.Sprintf("h%d.a.example", i))
	}
	g.work(g.d)
	g.work(g.another())
	g.until("every host was looked at", func() bool {
		all, err := g.d.Hosts(t.Context(), g.one)
		g.must(err)
		for _, h := range all {
			if h.CheckedAt.IsZero() {
				return false
			}
		}
		return true
	})
	counts := map[string]int{}
	for _, q := range g.dns.Asked() {
		if strings.HasPrefix(q, "TXT _portico-verify.") {
			counts[q]++
		}
	}
	for q, n := range counts {
		if n != 1 {
			t.Errorf("%s was asked %d times", q, n)
		}
	}
	if len(counts) != hosts {
		t.Errorf("%d of %d hosts were asked for", len(counts), hosts)
	}
}

func TestAKilledInstancesChecksAreTakenAgain(t *testing.T) {
	t.Parallel()
	g := newGround(t)
	h := g.claim(g.one, login)
	g.prove(h)
	// As one that took the claim and was killed leaves it: due when the lease is over, a round begun.
	g.sql("UPDATE hosts SET round = round + 1, due_at = $1 WHERE host = $2", g.clock.Now().Add(2*time.Minute), login)
	g.work(g.d)
	g.clock.Advance(3 * time.Minute)
	g.until("somebody else took it", func() bool {
		h, err := g.d.Host(t.Context(), g.one, login)
		g.must(err)
		return h.Standing == domains.Verified
	})
}

func TestASlowCheckDoesNotOverwriteALaterOne(t *testing.T) {
	t.Parallel()
	g := newGround(t)
	g.claim(g.one, login)
	g.dns.Silence(true) // the first look hangs
	slow := make(chan error, 1)
	go func() { _, err := g.another().Check(t.Context(), g.one, login); slow <- err }()
	g.until("the slow one asked", func() bool { return len(g.dns.Asked()) > 0 })
	g.dns.Silence(false)
	h, err := g.d.Host(t.Context(), g.one, login)
	g.must(err)
	g.prove(h)
	if h = g.check(g.one, login); h.Standing != domains.Verified {
		t.Fatalf("the later look: %s", h.Standing)
	}
	tried := h.TriedAt
	g.must(<-slow)
	if h, err = g.d.Host(t.Context(), g.one, login); err != nil || h.Standing != domains.Verified || !h.TriedAt.Equal(tried) {
		t.Errorf("after the slow one ended: %+v, %v", h, err)
	}
}

func TestVerifiedHostsAreLookedAtDaily(t *testing.T) {
	t.Parallel()
	g := newGround(t)
	g.verified(g.one, login)
	asked := len(g.dns.Asked())
	jobs := func() int { g.work(g.d); return len(g.dns.Asked()) - asked }
	if n := jobs(); n != 0 {
		t.Errorf("%d questions right after a check", n)
	}
	g.clock.Advance(25 * time.Hour)
	g.until("the next day's look", func() bool { return len(g.dns.Asked()) > asked })
}

func TestTheWorkerOutlivesItsDatabase(t *testing.T) {
	t.Parallel()
	g := newGround(t)
	h := g.claim(g.one, login)
	g.prove(h)
	g.work(g.d)
	g.sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()")
	g.clock.Advance(3 * time.Minute) // what was held then, is due again
	g.until("it went on", func() bool {
		h, err := g.d.Host(t.Context(), g.one, login)
		return err == nil && h.Standing == domains.Verified
	})
}
