package certs

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/caddyserver/certmagic"
	"github.com/jackc/pgx/v5"

	"portico/tenants"
)

const login = "login.a.example"

func TestACertificateIsHadForAVerifiedHost(t *testing.T) {
	t.Parallel()
	g := newGround(t)
	pool := g.open()
	g.host(pool, login, true)
	g.dns.Set(t, "portico.test. 60 IN A 127.0.0.1", "one.portico.test. 60 IN A 127.0.0.1")
	i := g.start(pool)
	serial, err := g.shake(i, login, "h2", "http/1.1")
	g.must(err)
	for _, host := range []string{"one.portico.test", "portico.test"} {
		if _, err := g.shake(i, host); err != nil {
			t.Errorf("%s: %v", host, err)
		}
	}
	if again, err := g.shake(i, login); err != nil || again != serial {
		t.Errorf("the second handshake: %s, %v; the first %s", again, err, serial)
	}
	if n := g.ca.orders.Load(); n != 3 {
		t.Errorf("%d orders for three names", n)
	}
	keys := g.files(pool, "certificates/%.key")
	for name, sealed := range keys {
		if bytes.Contains(sealed, []byte("PRIVATE KEY")) {
			t.Errorf("%s lies open", name)
		}
	}
	if len(keys) != 3 {
		t.Errorf("%d keys are stored", len(keys))
	}

	t.Run("another instance has it without asking", func(t *testing.T) {
		beside := g.start(g.open())
		if theirs, err := g.shake(beside, login); err != nil || theirs != serial {
			t.Errorf("it serves %s, %v", theirs, err)
		}
		if n := g.ca.orders.Load(); n != 3 {
			t.Errorf("%d orders", n)
		}
	})
	t.Run("the authority is gone", func(t *testing.T) {
		g.ca.Close()
		third := g.start(g.open())
		if theirs, err := g.shake(third, login); err != nil || theirs != serial {
			t.Errorf("it serves %s, %v", theirs, err)
		}
	})
	t.Run("the database is gone", func(t *testing.T) {
		conn, err := pgx.Connect(t.Context(), strings.Replace(g.db.SuperURL, "/"+g.db.Name, "/postgres", 1))
		g.must(err)
		defer func() { _ = conn.Close(context.Background()) }()
		for _, statement := range []string{"ALTER DATABASE " + g.db.Name + " ALLOW_CONNECTIONS false",
			"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '" + g.db.Name + "'"} {
			_, err = conn.Exec(t.Context(), statement)
			g.must(err)
		}
		if theirs, err := g.shake(i, login); err != nil || theirs != serial {
			t.Errorf("it serves %s, %v", theirs, err)
		}
		if _, err := g.shake(i, "never.a.example"); err == nil {
			t.Error("a name that it never saw has a certificate")
		}
	})
}

func TestAThousandUnknownNamesReachNoAuthority(t *testing.T) {
	t.Parallel()
	g := newGround(t)
	pool := g.open()
	g.host(pool, "claimed.a.example", false) // a claim alone
	i := g.start(pool)
	names := make(chan string)
	var all sync.WaitGroup
	for range 16 {
		all.Go(func() {
			for name := range names {
				if _, err := g.shake(i, name); err == nil {
					t.Errorf("%s has a certificate", name)
				}
			}
		})
	}
	for n := range 1_000 {
		names <- fmt.Sprintf("h%d.unknown.example", n)
	}
	for _, odd := range []string{"claimed.a.example", "nobody.portico.test", "a.one.portico.test", "portico.test.evil.example", "xn--e1afmkfd.example", "127.0.0.1", "localhost", "internal", strings.Repeat("a", 250)} {
		names <- odd
	}
	close(names)
	all.Wait()
	if n := g.ca.orders.Load(); n != 0 {
		t.Errorf("%d orders", n)
	}
	if files := g.files(pool, "%"); len(files) != 0 {
		t.Errorf("%d files were stored", len(files))
	}
	if i.outcomes["refused"].Load() < 1_000 {
		t.Errorf("%d refusals were counted", i.outcomes["refused"].Load())
	}
}

func TestTwoInstancesAskOnce(t *testing.T) {
	t.Parallel()
	g := newGround(t)
	pool := g.open()
	g.host(pool, login, true)
	a, b := g.start(pool), g.start(g.open())
	var both sync.WaitGroup
	for _, i := range []*instance{a, b, a, b} {
		both.Go(func() {
			if err := i.acme.Obtain(t.Context(), login); err != nil {
				t.Error(err)
			}
		})
	}
	both.Wait()
	if n := g.ca.orders.Load(); n != 1 {
		t.Errorf("%d orders for one name", n)
	}
	first, err := g.shake(a, login)
	g.must(err)
	if second, err := g.shake(b, login); err != nil || second != first {
		t.Errorf("%s and %s, %v", first, second, err)
	}
	if a.outcomes["obtained"].Load()+b.outcomes["obtained"].Load() != 1 {
		t.Error("not one certificate was counted")
	}
}

func TestAnInstanceThatCannotBeReachedIsHelpedByOthers(t *testing.T) {
	t.Parallel()
	g := newGround(t)
	pool := g.open()
	g.host(pool, login, true)
	g.start(pool) // where the authority comes to
	elsewhere := g.start(g.open())
	if err := elsewhere.acme.Obtain(t.Context(), login); err != nil { // as a worker does, behind no port
		t.Errorf("the authority's question was answered by nobody: %v", err)
	}
}

func TestAFailureIsNotRepeatedAtOnce(t *testing.T) {
	t.Parallel()
	g := newGround(t)
	pool := g.open()
	g.host(pool, login, true)
	g.dns.Set(t, login+". 60 IN A 127.0.0.2") // where nobody answers
	i := g.start(pool)
	short, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	if err := i.acme.Obtain(short, login); err == nil {
		t.Fatal("a certificate for a host that is elsewhere")
	}
	orders := g.ca.orders.Load()
	if orders == 0 || i.outcomes["failed"].Load() == 0 {
		t.Fatalf("%d orders, %d failures counted", orders, i.outcomes["failed"].Load())
	}
	if err := i.acme.Obtain(t.Context(), login); !errors.Is(err, errRests) || g.ca.orders.Load() != orders {
		t.Errorf("again at once: %v with %d orders, %d before", err, g.ca.orders.Load(), orders)
	}
	beside := g.start(g.open())
	if err := beside.acme.Obtain(t.Context(), login); !errors.Is(err, errRests) || g.ca.orders.Load() != orders {
		t.Errorf("another instance at once: %v with %d orders, %d before", err, g.ca.orders.Load(), orders)
	}
	g.clock.Advance(restFirst + time.Minute)
	i.acme.noteFailure(t.Context(), login) // a second time: twice as long
	g.clock.Advance(restFirst + time.Minute)
	if err := i.acme.Obtain(t.Context(), login); !errors.Is(err, errRests) {
		t.Errorf("after the second failure: %v", err)
	}
	g.clock.Advance(restFirst)
	g.dns.Set(t, login+". 60 IN A 127.0.0.1")
	if err := i.acme.Obtain(t.Context(), login); err != nil {
		t.Errorf("later, when it is right: %v", err)
	}
}

func TestPortEighty(t *testing.T) {
	t.Parallel()
	g := newGround(t)
	pool := g.open()
	g.host(pool, login, true)
	i := g.start(pool)
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	for _, c := range []struct {
		method, host, path string
		status             int
		location           string
	}{
		{"GET", login, "/recover/x?y=1", 308, "https://" + login + "/recover/x?y=1"},
		{"HEAD", "LOGIN.a.example:80", "/", 308, "https://" + login + "/"},
		{"GET", login, "//evil.example/", 308, "https://" + login + "//evil.example/"},
		{"POST", login, "/login", 403, ""},
		{"GET", "unknown.example", "/", 421, ""},
		{"GET", "unknown.example", "/.well-known/acme-challenge/x", 421, ""},
		{"GET", login + "@evil.example", "/", 421, ""},
	} {
		req, err := http.NewRequestWithContext(t.Context(), c.method, "http://"+i.plain+c.path, nil)
		g.must(err)
		req.Host = c.host
		res, err := client.Do(req)
		g.must(err)
		body, _ := io.ReadAll(res.Body)
		_ = res.Body.Close()
		if strings.Contains(c.host, "@") && res.StatusCode == 400 { // Go refuses it before us
			continue
		}
		if res.StatusCode != c.status || res.Header.Get("Location") != c.location || len(body) > 0 || len(res.Header.Values("Set-Cookie")) > 0 {
			t.Errorf("%s %s%s: %d %q %q", c.method, c.host, c.path, res.StatusCode, res.Header.Get("Location"), body)
		}
	}
}

func TestDecidingKnowsOnlyPlainNames(t *testing.T) {
	t.Parallel()
	g := newGround(t)
	i := g.start(g.open())
	for _, name := range []string{"", "A.example", "a..b", "a.example.", "a.example:443", "*.portico.test", "a\x00b.example"} {
		if err := i.acme.decide(t.Context(), name); !errors.Is(err, ErrNotOurs) {
			t.Errorf("%q: %v", name, err)
		}
	}
}

func TestNamesBelowTheBaseDomainHaveABudget(t *testing.T) {
	t.Parallel()
	g := newGround(t)
	pool := g.open()
	g.host(pool, login, true)
	i := g.start(pool)
	for n := range mostWeekly {
		if err := i.acme.order(t.Context(), "one.portico.test", false); err != nil {
			t.Fatalf("order %d: %v", n, err)
		}
	}
	other := g.start(g.open())
	if err := other.acme.order(t.Context(), "one.portico.test", false); !errors.Is(err, errSpent) {
		t.Errorf("one more: %v", err)
	}
	for name, renewal := range map[string]bool{"one.portico.test": true, "portico.test": false, login: false} {
		if err := other.acme.order(t.Context(), name, renewal); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	g.clock.Advance(week)
	if err := other.acme.order(t.Context(), "one.portico.test", false); err != nil {
		t.Errorf("next week: %v", err)
	}
	for state, want := range map[tenants.State]bool{tenants.Draft: true, tenants.Suspended: true, tenants.Leaving: false} {
		g.must(pool.AcrossAll(t.Context(), tenants.ForTenantFile, func(a *tenants.Across) error { return tenants.SetState(t.Context(), a, "one", state) }))
		third := g.start(g.open())
		if err := third.acme.order(t.Context(), "one.portico.test", false); !errors.Is(err, ErrNotOurs) {
			t.Errorf("below the base domain while %s: %v", state, err)
		}
		if err := third.acme.order(t.Context(), login, false); (err == nil) != want {
			t.Errorf("a custom host while %s: %v", state, err)
		}
	}
}

func TestCertificatesOfWhoLeftAreForgotten(t *testing.T) {
	t.Parallel()
	g := newGround(t)
	s := g.storage()
	for _, host := range []string{login, "one.portico.test", "b." + login, "kept.example"} {
		for _, name := range []string{certmagic.StorageKeys.SiteCert("ca", host), certmagic.StorageKeys.SitePrivateKey("ca", host), "acme/ca/challenge_tokens/" + host + ".json"} {
			g.must(s.Store(t.Context(), name, []byte("x")))
		}
	}
	g.host(s.db, "kept.example", true)
	g.must(s.db.AcrossAll(t.Context(), tenants.ForCertificates, func(a *tenants.Across) error {
		_, err := a.Exec(t.Context(), "INSERT INTO platform.edge_certificates (host, state, due_at, changed_at) VALUES ($1, 'ready', $2, $2), ('kept.example', 'ready', $2, $2)", login, a.Now())
		if err != nil {
			return err
		}
		return Forget(t.Context(), a, tenants.NewID(), []string{login, "one.portico.test", "kept.example"})
	}))
	for host, want := range map[string]int{login: 0, "one.portico.test": 0, "b." + login: 3, "kept.example": 3} {
		if n := len(g.files(s.db, "%/"+host+"%")); n != want {
			t.Errorf("%s: %d files", host, n)
		}
	}
	var leaving string
	g.must(s.db.AcrossAll(t.Context(), tenants.ForCertificates, func(a *tenants.Across) error {
		return a.Row(t.Context(), "SELECT string_agg(host, ' ') FROM platform.edge_certificates WHERE state = 'leaving'", nil, &leaving)
	}))
	if leaving != login {
		t.Errorf("given up: %q", leaving)
	}
}
