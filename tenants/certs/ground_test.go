package certs

import (
	"crypto/tls"
	"crypto/x509"
	"io"
	"log"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/letsencrypt/pebble/v2/ca"
	"github.com/letsencrypt/pebble/v2/db"
	"github.com/letsencrypt/pebble/v2/va"
	"github.com/letsencrypt/pebble/v2/wfe"

	"portico/tenants"
	"portico/tenants/domains/domainstest"
	"portico/tenants/tenantstest"
)

// Pebble sleeps at random and refuses nonces at random unless told otherwise, and reads that when it is made.
func TestMain(m *testing.M) {
	_ = os.Setenv("PEBBLE_VA_NOSLEEP", "1")
	_ = os.Setenv("PEBBLE_WFE_NONCEREJECT", "0")
	os.Exit(m.Run())
}

// authority is Pebble, the test server of Let's Encrypt, within this process. It asks our own DNS where a host
// is and comes to the ports of one instance.
type authority struct {
	*httptest.Server
	orders atomic.Int64
	roots  *x509.CertPool // of the certificates that it issues
}

func newAuthority(t *testing.T, dns *domainstest.Server, httpPort, tlsPort int) *authority {
	t.Helper()
	quiet := log.New(io.Discard, "", 0)
	store := db.NewMemoryStore()
	issuing := ca.New(quiet, store, "", "ecdsa", 0, 1, map[string]ca.Profile{"default": {Description: "x"}})
	front := wfe.New(quiet, store, va.New(quiet, httpPort, tlsPort, true, dns.Addr, store), issuing, []string{"pebble.test"}, true, false, 1, 1)
	a := &authority{roots: x509.NewCertPool()}
	handler := front.Handler()
	a.Server = httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/order-plz" {
			a.orders.Add(1)
		}
		handler.ServeHTTP(w, r)
	}))
	t.Cleanup(a.Close)
	if !a.roots.AppendCertsFromPEM(issuing.GetRootCert(0).PEM()) {
		t.Fatal("the authority has no root")
	}
	return a
}

// trusted are the roots by which the authority's own address is known.
func (a *authority) trusted() *x509.CertPool {
	pool := x509.NewCertPool()
	pool.AddCert(a.Certificate())
	return pool
}

// instance is one portal's ports: TLS, and plain for the authority's other way of asking.
type instance struct {
	acme     *ACME
	tls      string // host:port
	plain    string
	outcomes map[string]*atomic.Int64
}

type ground struct {
	*testing.T
	db       tenantstest.DB
	clock    *tenants.Clock
	seals    tenants.Keyring
	dns      *domainstest.Server
	one      tenants.ID
	httpPort int
	tlsPort  int
	lns      [2]net.Listener
	ca       *authority
}

func newGround(t *testing.T) *ground {
	t.Helper()
	seals, err := tenants.ParseKeyring("t1:" + "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=")
	if err != nil {
		t.Fatal(err)
	}
	g := &ground{T: t, db: tenantstest.Database(t), clock: &tenants.Clock{}, seals: seals, dns: domainstest.Start(t)}
	for i, port := range []*int{&g.httpPort, &g.tlsPort} {
		if g.lns[i], err = (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0"); err != nil {
			t.Fatal(err)
		}
		_, p, _ := net.SplitHostPort(g.lns[i].Addr().String())
		if *port, err = strconv.Atoi(p); err != nil {
			t.Fatal(err)
		}
	}
	g.ca = newAuthority(t, g.dns, g.httpPort, g.tlsPort)
	return g
}

func (g *ground) must(err error) {
	g.Helper()
	if err != nil {
		g.Fatal(err)
	}
}

// open is a pool of an instance's own, with the tenant one.
func (g *ground) open() *tenants.DB {
	g.Helper()
	pool, err := tenants.Open(tenants.DBSettings{URL: g.db.AppURL, MaxConns: 8, Clock: g.clock, Log: slog.New(slog.DiscardHandler)})
	g.must(err)
	g.Cleanup(pool.Close)
	if g.one == (tenants.ID{}) {
		g.one = tenants.NewID()
		policy, _ := tenants.Preset(tenants.DefaultPreset)
		g.must(pool.AcrossAll(g.Context(), tenants.ForTenantFile, func(a *tenants.Across) error {
			if _, err := a.Exec(g.Context(), "INSERT INTO tenants (id, slug, name, state, created_at, updated_at) VALUES ($1, 'one', 'One', 'live', $2, $2)", g.one, a.Now()); err != nil {
				return err
			}
			return a.In(g.Context(), g.one, func(s *tenants.Scope) error {
				return tenants.SaveSetting(g.Context(), s, tenants.SubjectPolicy, policy, "test")
			})
		}))
	}
	return pool
}

// host is a verified host of the tenant one, with its address in DNS.
func (g *ground) host(pool *tenants.DB, name string, verified bool) {
	g.Helper()
	g.dns.Set(g, name+". 60 IN A 127.0.0.1")
	g.must(pool.AcrossAll(g.Context(), tenants.ForTenantFile, func(a *tenants.Across) error {
		var at *time.Time
		if now := a.Now(); verified {
			at = &now
		}
		if _, err := a.Exec(g.Context(), "INSERT INTO hosts (tenant_id, host, verified_at, created_at) VALUES ($1, $2, $3, $4)", g.one, name, at, a.Now()); err != nil {
			return err
		}
		return tenants.Touch(g.Context(), a, g.one)
	}))
}

// start runs an instance; the first listens where the authority comes to.
func (g *ground) start(pool *tenants.DB) *instance {
	g.Helper()
	r, err := tenants.NewResolver(pool, tenants.Addresses{BaseURL: "https://portico.test", BaseDomain: "portico.test"})
	g.must(err)
	i := &instance{outcomes: map[string]*atomic.Int64{"obtained": {}, "failed": {}, "refused": {}}}
	i.acme = NewACME(Settings{DB: pool, Seals: g.seals, Known: Known(r), Fresh: Fresh(r), Directory: g.ca.URL + "/dir", Roots: g.ca.trusted(),
		HTTPPort: g.httpPort, TLSPort: g.tlsPort, Listen: "127.0.0.1", Log: slog.New(slog.DiscardHandler), Count: func(o string) { i.outcomes[o].Add(1) }})
	g.Cleanup(i.acme.Close)
	lns := g.lns
	g.lns = [2]net.Listener{}
	for n := range lns {
		if lns[n] == nil {
			lns[n], err = (&net.ListenConfig{}).Listen(g.Context(), "tcp", "127.0.0.1:0")
			g.must(err)
		}
	}
	plain := i.acme.Plain(func(host string) string { return "https://" + host })
	secure := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { _, _ = io.WriteString(w, r.Proto) }),
		ReadHeaderTimeout: time.Minute, ErrorLog: log.New(io.Discard, "", 0)}
	go func() { _ = plain.Serve(lns[0]) }()
	go func() { _ = secure.Serve(tls.NewListener(lns[1], i.acme.TLS())) }()
	g.Cleanup(func() { _ = plain.Close(); _ = secure.Close() })
	i.plain, i.tls = lns[0].Addr().String(), lns[1].Addr().String()
	return i
}

// shake asks an instance for a host's certificate and checks it; serial is "" on failure.
func (g *ground) shake(i *instance, host string, protocols ...string) (serial string, err error) {
	dialer := &tls.Dialer{NetDialer: &net.Dialer{Timeout: 30 * time.Second}, Config: &tls.Config{ServerName: host, RootCAs: g.ca.roots, NextProtos: protocols, MinVersion: tls.VersionTLS12}}
	conn, err := dialer.DialContext(g.Context(), "tcp", i.tls)
	if err != nil {
		return "", err
	}
	defer func() { _ = conn.Close() }()
	state := conn.(*tls.Conn).ConnectionState()
	if p := state.NegotiatedProtocol; p != "" && p != "http/1.1" {
		g.Errorf("%s: the server speaks %q", host, p)
	}
	return state.PeerCertificates[0].SerialNumber.String(), nil
}

// rows counts in the database, as superuser sees it.
func (g *ground) files(pool *tenants.DB, like string) (all map[string][]byte) {
	g.Helper()
	all = map[string][]byte{}
	g.must(pool.AcrossAll(g.Context(), tenants.ForCertificates, func(a *tenants.Across) error {
		return a.Each(g.Context(), "SELECT name, sealed FROM platform.certificate_files WHERE name LIKE $1", []any{like}, func(scan func(...any) error) error {
			var name string
			var sealed []byte
			err := scan(&name, &sealed)
			all[strings.Clone(name)] = sealed
			return err
		})
	}))
	return all
}
