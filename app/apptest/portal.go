package apptest

import (
	"cmp"
	"context"
	"crypto/rand"
	"encoding/base64"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/netip"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"portico/app"
	"portico/app/accounts"
	"portico/app/audit"
	"portico/app/captcha"
	"portico/app/directory"
	"portico/app/feedback"
	"portico/app/imports"
	"portico/app/letters"
	"portico/app/letters/letterstest"
	"portico/app/phones"
	hostpages "portico/app/platform/addresses"
	"portico/app/senders"
	"portico/app/tenantfile"
	"portico/rbac"
	"portico/tenants"
	"portico/tenants/domains"
	"portico/tenants/tenantstest"
	"portico/themes"
)

// Portal is one running instance.
type Portal struct {
	Database tenantstest.DB
	DB       *tenants.DB
	Clock    *tenants.Clock
	Resolver *tenants.Resolver
	Accounts *accounts.Accounts
	Captcha  *captcha.Desk
	Outbox   *letters.Outbox
	Inbox    *letters.Inbox
	Renderer *themes.Renderer
	Files    *tenantfile.Files
	Domains  *domains.Domains // asks nobody until a test gives its Looker a server
	Server   *app.Server
	Seals    tenants.Keyring
	Peppers  tenants.Keyring
	Addr     string // host:port on loopback
	Port     string

	t    testing.TB
	stop func()

	imports *imports.Worker // nil: nobody works imports off

	mu        sync.Mutex
	superuser *pgx.Conn // for looking past the wall
	secret    func(name string) (string, bool)
}

// Options change what Start builds.
type Options struct {
	Beside    *Portal                          // a second instance on the same database, keys and clock
	Transport letters.Transport                // instead of the inbox
	NoWorkers bool                             // letters are written, not sent
	Tenants   []string                         // tenant files to apply; nil is First and Second
	Log       io.Writer                        // nil throws the log away
	BaseURL   string                           // the platform's origin; "" is http://localhost:<port>. https:// is still served over plain HTTP
	ByPath    bool                             // no base domain: tenants without a host of their own answer below /t/<slug>/
	Untrusted bool                             // loopback is no trusted proxy: X-Forwarded-For counts for nothing
	Database  *tenantstest.DB                  // instead of one on the server that tests share
	Hashes    *accounts.Hasher                 // nil is one a core and thirty seconds of patience
	Secret    func(name string) (string, bool) // answers env: references; nil answers Password
	Captcha   map[string]captcha.Kind          // kinds beside our own, or in their place
	Dev       bool                             // with the inbox pages of `portico dev`
	Imports   bool                             // their worker runs
	SNS       *letterstest.SNS                 // tells what became of letters
}

// Start runs a portal until the test ends. Its platform answers at http://localhost:<port>, tenants at
// http://<slug>.localhost:<port>.
func Start(t testing.TB, o Options) *Portal {
	t.Helper()
	p := &Portal{t: t, Clock: &tenants.Clock{}, Inbox: &letters.Inbox{}, secret: o.Secret}
	if p.secret == nil {
		p.secret = func(string) (string, bool) { return Password, true }
	}
	if o.Beside != nil {
		p.Database, p.Clock, p.Inbox, p.Seals, p.Peppers = o.Beside.Database, o.Beside.Clock, o.Beside.Inbox, o.Beside.Seals, o.Beside.Peppers
	} else {
		if o.Database != nil {
			p.Database = *o.Database
		} else {
			p.Database = tenantstest.Database(t)
		}
		p.Seals, p.Peppers = newRing(t), newRing(t)
	}
	ln, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	must(t, err)
	p.Addr = ln.Addr().String()
	_, p.Port, err = net.SplitHostPort(p.Addr)
	must(t, err)
	p.build(o)
	if o.Beside == nil {
		p.applyAll(o.Tenants)
	}
	p.run(ln)
	t.Cleanup(p.Stop)
	return p
}

// theRenderer is parsed once for all tests: it takes a third of a second and forty megabytes, and never changes.
var theRenderer = sync.OnceValues(themes.NewRenderer)

func (p *Portal) build(o Options) {
	t := p.t
	logTo := o.Log
	if logTo == nil {
		logTo = io.Discard
	}
	log := slog.New(slog.NewJSONHandler(logTo, &slog.HandlerOptions{Level: slog.LevelDebug}))
	var err error
	p.DB, err = tenants.Open(tenants.DBSettings{URL: p.Database.AppURL, MaxConns: 12, Clock: p.Clock, Log: log})
	must(t, err)
	addresses := tenants.Addresses{BaseURL: cmp.Or(o.BaseURL, "http://localhost:"+p.Port), BaseDomain: "localhost"}
	if o.ByPath {
		addresses.BaseDomain = ""
	}
	p.Resolver, err = tenants.NewResolver(p.DB, addresses)
	must(t, err)
	p.Renderer, err = theRenderer()
	must(t, err)
	var transport letters.Transport = p.Inbox
	if o.Transport != nil {
		transport = o.Transport
	}
	p.Outbox, err = letters.New(letters.Settings{DB: p.DB, Resolver: p.Resolver, Keys: p.Seals, Renderer: p.Renderer, Log: log,
		Platform: letters.Identity{From: "noreply@portico.example", Name: "Portico"}, Transport: transport, Phones: letters.PhoneSettings{Transport: transport}, Work: !o.NoWorkers,
		Poll: 20 * time.Millisecond})
	must(t, err)
	hashes := o.Hashes
	if hashes == nil {
		hashes = accounts.NewHasher(0, 30*time.Second)
	}
	p.Accounts = &accounts.Accounts{DB: p.DB, Seals: p.Seals, Peppers: p.Peppers, Hasher: hashes, Outbox: p.Outbox}
	p.Captcha = &captcha.Desk{DB: p.DB, Seals: p.Seals, Kinds: o.Captcha}
	p.Files = &tenantfile.Files{DB: p.DB, Keys: p.Seals, Words: p.Renderer, BaseDomain: "localhost", Platform: "localhost",
		CreateAccount: tenantfile.CreateWith(p.Accounts), Claimable: domains.Zones{Platform: "localhost", BaseDomain: "localhost"}.Claimable}
	p.Domains = &domains.Domains{DB: p.DB, Zones: domains.Zones{Platform: "localhost", BaseDomain: "localhost"}, Forget: p.Resolver.Forget, Log: log,
		Looker: domains.Looker{DNS: &domains.DNS{}, Target: "edge.portico.example"}, Note: func(ctx context.Context, s *tenants.Scope, e domains.Event) error {
			return audit.Write(ctx, s, audit.Event{Kind: audit.Kind(e.Kind), Outcome: audit.Success, Reason: e.Reason, Details: map[string]any{"host": e.Host}})
		}}
	if o.Imports {
		guard, err := rbac.NewGuard()
		must(t, err)
		p.imports = &imports.Worker{Poll: 20 * time.Millisecond, Imports: &imports.Imports{DB: p.DB, Resolver: p.Resolver, Accounts: p.Accounts,
			Guard: guard, Seals: p.Seals, Log: log}}
	}
	proxies := []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}
	if o.Untrusted {
		proxies = nil
	}
	var dev *app.Dev
	if o.Dev {
		dev = &app.Dev{Clock: p.Clock, Inbox: p.Inbox, Demo: struct{}{}, Reset: func() error { return nil }}
	}
	var told *feedback.Feedback
	if o.SNS != nil {
		told = feedback.New(feedback.Settings{DB: p.DB, Resolver: p.Resolver, Log: log, Topics: []string{o.SNS.Topic}, Carry: o.SNS.Carry})
	}
	p.Server, err = app.New(app.Settings{Domains: p.Domains, Steps: []directory.Check{hostpages.Check(p.Domains)}, Feedback: told, Senders: &senders.Senders{DB: p.DB, Resolver: p.Resolver, Outbox: p.Outbox, Log: log}, Files: p.Files, Phones: &phones.Book{Keys: p.Seals, Log: log}, DB: p.DB, Resolver: p.Resolver, Seals: p.Seals, Accounts: p.Accounts, Captcha: p.Captcha, Outbox: p.Outbox,
		Renderer: p.Renderer, Log: log, TrustedProxies: proxies, Contact: "mailto:security@portico.example", Dev: dev})
	must(t, err)
}

func (p *Portal) run(ln net.Listener) {
	ctx, cancel := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() { p.Resolver.Listen(ctx, func(tenants.ID) {}) })
	p.Outbox.Start(ctx)
	if p.imports != nil {
		p.imports.Start(ctx)
	}
	running.Go(func() { _ = p.Server.Listen(ln) })
	var once sync.Once
	p.stop = func() {
		once.Do(func() {
			ending, end := context.WithTimeout(context.Background(), 10*time.Second)
			defer end()
			_ = p.Server.Shutdown(ending)
			_ = p.Outbox.Stop(ending)
			if p.imports != nil {
				_ = p.imports.Stop(ending)
			}
			cancel()
			running.Wait()
			p.DB.Close()
		})
	}
}

// Stop ends the instance as SIGTERM would; the test's end does it too.
func (p *Portal) Stop() { p.stop() }

// applyAll applies tenant files.
func (p *Portal) applyAll(files []string) {
	if files == nil {
		files = []string{First, Second}
	}
	for _, f := range files {
		p.Apply(f)
	}
}

// Apply makes a tenant what the file says; custom hosts count as verified. The next request sees it.
func (p *Portal) Apply(file string) {
	p.t.Helper()
	parsed, faults := tenants.ParseFile([]byte(file))
	if len(faults) > 0 {
		p.t.Fatalf("tenant file: %v", faults)
	}
	_, err := p.Files.Apply(context.Background(), parsed, tenantfile.Options{TrustHosts: true, By: "test",
		Secrets: tenants.Secrets{Env: p.secret}})
	must(p.t, err)
	p.Resolver.ForgetAll()
}

// Tenant reads a tenant as requests see it.
func (p *Portal) Tenant(slug string) *tenants.Tenant {
	p.t.Helper()
	t, err := p.Resolver.BySlug(context.Background(), slug)
	must(p.t, err)
	return t
}

// Origin is a tenant's address on this instance.
func (p *Portal) Origin(slug string) string { return "http://" + slug + ".localhost:" + p.Port }

// Letter waits for a letter to an address that was sent after since, the newest first.
func (p *Portal) Letter(to string, since time.Time) letters.InboxLetter {
	p.t.Helper()
	deadline := time.Now().Add(20 * time.Second)
	for time.Now().Before(deadline) {
		if page := p.Inbox.List("", to, since); len(page.Letters) > 0 {
			return page.Letters[0]
		}
		<-time.After(5 * time.Millisecond) // polling with a deadline: the worker is another goroutine
	}
	p.t.Fatalf("no letter to %s", to)
	return letters.InboxLetter{}
}

func newRing(t testing.TB) tenants.Keyring {
	key := make([]byte, 32)
	_, _ = rand.Read(key)
	ring, err := tenants.ParseKeyring(fmt.Sprintf("t1:%s", base64.StdEncoding.EncodeToString(key)))
	must(t, err)
	return ring
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
