package app_test

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"portico/app/apptest"
	"portico/migrations"
	"portico/migrations/localpg"
	"portico/tenants/tenantstest"
)

// ownServer is a PostgreSQL that this test alone may stop.
func ownServer(t *testing.T) (*localpg.Server, tenantstest.DB) {
	t.Helper()
	dir, err := os.MkdirTemp(localpg.ScratchDir(), "portico-fault")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(dir, 0o711); err != nil { //nolint:gosec // the server's own user must pass through
		t.Fatal(err)
	}
	s, err := localpg.Start(t.Context(), localpg.Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = s.Discard(context.Background())
		_ = os.RemoveAll(dir)
	})
	db := tenantstest.DB{Name: "portico", AppURL: s.URL("portico_app", "portico"), OwnerURL: s.URL("portico_owner", "portico"),
		SuperURL: strings.Replace(s.SuperURL(), "/postgres?", "/portico?", 1)}
	if err := migrations.Up(t.Context(), db.OwnerURL, nil); err != nil {
		t.Fatal(err)
	}
	return s, db
}

// load asks until it is told to stop and keeps what no visitor should have seen.
type load struct {
	ok, down atomic.Int64
	stop     chan struct{}
	running  sync.WaitGroup
}

func newLoad(t *testing.T, p *apptest.Portal, in *apptest.Browser, brand string) *load {
	l, at := &load{stop: make(chan struct{})}, p.Origin("first")
	ask := func(i int, request func(n int) *apptest.Answer) {
		l.running.Go(func() {
			for n := 0; ; n++ {
				select {
				case <-l.stop:
					return
				default:
				}
				a := request(n)
				switch {
				case a.Status == 503 && a.Header.Get("Retry-After") != "" && strings.Contains(a.Body, brand):
					l.down.Add(1)
				case a.Status == 503:
					t.Errorf("client %d: 503 without Retry-After or brand:\n%s", i, a.Text())
				case a.Status >= 500:
					t.Errorf("client %d: %d\n%s", i, a.Status, a.Text())
				default:
					l.ok.Add(1)
				}
			}
		})
	}
	for i := range 2 {
		ask(i, func(int) *apptest.Answer { return in.Send("GET", at+"/account", "", nil) })
		b := p.Browser()
		token := b.Get(at + "/recover").Value("token")
		ask(2+i, func(n int) *apptest.Answer {
			header := apptest.SameOrigin(at)
			header["X-Forwarded-For"] = fmt.Sprintf("203.%d.%d.%d", i, n/250%250, n%250+1)
			return b.Send("POST", at+"/recover", url.Values{"token": {token}, "identifier": {fmt.Sprintf("nobody%d@first.example", n)}}.Encode(), header)
		})
	}
	return l
}

func (l *load) end() {
	close(l.stop)
	l.running.Wait()
}

func TestTheDatabaseGoesAndComesBack(t *testing.T) {
	t.Parallel()
	server, db := ownServer(t)
	p := apptest.Start(t, apptest.Options{Database: &db, Tenants: []string{unbounded}})
	in, at := p.Browser(), p.Origin("first")
	in.SignIn(at, "ava@first.example", apptest.Password).Sees(303)
	login := p.Browser()
	form := login.Get(at + "/login").Sees(200)
	l := newLoad(t, p, in, "First House")
	until(t, 20*time.Second, "the load runs", func() bool { return l.ok.Load() > 20 })
	if err := server.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
	until(t, 20*time.Second, "requests meet the lost database", func() bool { return l.down.Load() > 20 })
	probe := p.Browser()
	probe.Get("http://" + p.Addr + "/healthz").Sees(200)
	probe.Get("http://" + p.Addr + "/readyz").Sees(503)
	login.Get(at + "/login").Sees(200) // what needs no row goes on
	down := login.Post(at+"/login", url.Values{"token": {form.Value("token")}, "identifier": {"ava@first.example"}, "password": {apptest.Password}}).Sees(503, "First House")
	if down.Header.Get("Retry-After") == "" || strings.Contains(down.Body, "connect") || strings.Contains(down.Body, "5432") {
		t.Errorf("Retry-After %q:\n%s", down.Header.Get("Retry-After"), down.Text())
	}
	if err := server.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	until(t, 30*time.Second, "ready again", func() bool { return probe.Get("http://"+p.Addr+"/readyz").Status == 200 })
	before := l.ok.Load()
	until(t, 30*time.Second, "served again", func() bool { return l.ok.Load() > before+20 })
	login.Post(at+"/login", url.Values{"token": {form.Value("token")}, "identifier": {"ava@first.example"}, "password": {apptest.Password}}).Sees(303)
	l.end()
	link := linkFor(t, p, "first", "tariq@first.example") // and the workers work again, too
	p.Browser().Get(link).Follow().Sees(200)
}

func TestConnectionsThatAreCutAgainAndAgain(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t, apptest.Options{Tenants: []string{unbounded}})
	in := p.Browser()
	in.SignIn(p.Origin("first"), "ava@first.example", apptest.Password).Sees(303)
	l := newLoad(t, p, in, "") // the listener is cut, too, and forgets the brands: some of these pages are neutral
	for range 15 {
		before := l.ok.Load() + l.down.Load()
		p.Exec("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND usename = 'portico_app'")
		until(t, 20*time.Second, "requests go on", func() bool { return l.ok.Load()+l.down.Load() > before+5 })
	}
	before := l.ok.Load()
	until(t, 20*time.Second, "served again", func() bool { return l.ok.Load() > before+20 })
	l.end()
	p.Browser().Get(linkFor(t, p, "first", "ava@first.example")).Follow().Sees(200)
}
