package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus/promhttp"

	"portico/app"
	"portico/app/accounts"
	"portico/app/captcha"
	"portico/app/directory"
	"portico/app/feedback"
	"portico/app/imports"
	"portico/app/letters"
	"portico/app/phones"
	"portico/app/platform/addresses"
	"portico/app/senders"
	"portico/app/tenantfile"
	"portico/rbac"
	"portico/tenants"
	"portico/tenants/certs"
	"portico/tenants/domains"
	"portico/themes"
)

// portal is every part of a running Portico, built once by build: the only place that knows them all.
type portal struct {
	log      *slog.Logger
	db       *tenants.DB
	work     *tenants.DB // the letter workers' own pool, so that sending never starves requests
	resolver *tenants.Resolver
	renderer *themes.Renderer
	accounts *accounts.Accounts
	captcha  *captcha.Desk
	outbox   *letters.Outbox
	ses      *letters.SES    // nil where letters leave another way
	imports  *imports.Worker // runs while serving
	senders  *senders.Senders
	sending  *senders.Worker // nil where nothing leaves by SES
	files    *tenantfile.Files
	domains  *domains.Domains
	hosts    *domains.Worker // runs while serving
	edge     *edge           // nil: no certificates of its own
	proxied  *certs.Edge     // nil: no proxy before us has certificates made
	server   *app.Server
	draining atomic.Bool

	works     bool          // letters and imports are worked off here
	drainWait time.Duration // how long readiness is off before the listener closes
}

// extras are what `dev` adds to production.
type extras struct {
	transport letters.Transport // instead of the relay
	dev       *app.Dev
	role      string // of an instance that serves; "" is an operator's verb
}

// The roles of an instance that serves. All instances share nothing but PostgreSQL, so that any number of each may run.
const (
	roleAll    = "all"
	roleWeb    = "web"    // answers people; its letters and imports are the workers' to do
	roleWorker = "worker" // sends letters, imports files, tidies up; answers nobody but those who watch it
)

// works tells whether letters and imports are worked off here.
func (x extras) works() bool { return x.role == roleAll || x.role == roleWorker }

func build(c checked, clock *tenants.Clock, log *slog.Logger, x extras) (*portal, error) {
	p := &portal{log: log}
	var err error
	if p.db, err = tenants.Open(tenants.DBSettings{URL: c.DatabaseURL, DirectURL: c.DirectDatabaseURL, MaxConns: c.MaxConns, Clock: clock, Log: log}); err != nil {
		return nil, err
	}
	direct := c.DirectDatabaseURL
	if direct == "" {
		direct = c.DatabaseURL
	}
	if p.work, err = tenants.Open(tenants.DBSettings{URL: direct, MaxConns: 10, Relaxed: true, Clock: clock, Log: log}); err != nil {
		return nil, err
	}
	if p.resolver, err = tenants.NewResolver(p.db, tenants.Addresses{BaseURL: c.BaseURL, BaseDomain: c.BaseDomain}); err != nil {
		return nil, err
	}
	if p.renderer, err = themes.NewRenderer(); err != nil {
		return nil, err
	}
	if err := p.buildOutbox(c, x); err != nil {
		return nil, err
	}
	p.accounts = &accounts.Accounts{DB: p.db, Seals: c.seals, Peppers: c.peppers, Hasher: accounts.NewHasher(0, 0), Outbox: p.outbox}
	guard, err := rbac.NewGuard()
	if err != nil {
		return nil, err
	}
	p.works = x.works()
	p.imports = &imports.Worker{Imports: &imports.Imports{DB: p.work, Resolver: p.resolver, Accounts: p.accounts, Guard: guard, Seals: c.seals, Log: log}}
	if p.domains, err = c.buildDomains(p.db, p.resolver, log); err != nil {
		return nil, err
	}
	p.domains.Served = p.ahead
	p.hosts = &domains.Worker{Domains: p.domains}
	p.buildSenders(c)
	p.domains.Mail = p.mailNeeds
	p.captcha = &captcha.Desk{DB: p.db, Seals: c.seals}
	p.files = &tenantfile.Files{DB: p.db, Keys: c.seals, Words: p.renderer, BaseDomain: c.BaseDomain,
		Platform: hostOf(c.BaseURL), CreateAccount: tenantfile.CreateWith(p.accounts), Claimable: p.domains.Zones.Claimable}
	var told *feedback.Feedback
	if len(c.topics) > 0 {
		told = feedback.New(feedback.Settings{DB: p.db, Resolver: p.resolver, Log: log, Topics: c.topics})
	}
	p.server, err = app.New(app.Settings{Domains: p.domains, Feedback: told, Senders: p.senders, Steps: []directory.Check{addresses.Check(p.domains), {Step: directory.StepSender, State: p.senders.Check}}, Files: p.files, DB: p.db, Resolver: p.resolver, Seals: c.seals, Accounts: p.accounts, Captcha: p.captcha, Outbox: p.outbox,
		Phones:   &phones.Book{Keys: c.seals, Log: log},
		Renderer: p.renderer, Log: log, TrustedProxies: c.proxies, ClientIPHeader: c.ClientIPHeader, Dev: x.dev, Contact: c.Contact,
		Ready: func() bool { return !p.draining.Load() }, Unseen: x.role == roleWorker})
	if err != nil {
		return nil, err
	}
	p.proxied = c.buildProxied(p.work, p.server.Metrics().Certificate, log)
	return p, nil
}

func (p *portal) buildOutbox(c checked, x extras) (err error) {
	transport := x.transport
	var ses letters.Transport
	switch {
	case transport != nil:
	case c.SES != "":
		s, err := letters.NewSES(context.Background(), letters.SESSettings{Region: c.SES, Endpoint: c.SESAt, ConfigurationSet: c.SESSet})
		if err != nil {
			return err
		}
		transport, ses, p.ses = s, s, s
	case c.smtp != nil:
		transport = c.smtp
	default: // an operator's verb: letters are written here and sent by the instances that serve
	}
	phones := letters.PhoneSettings{Transport: x.transport} // the inbox in dev
	if x.transport == nil {
		if phones, err = c.phones(context.Background()); err != nil {
			return err
		}
	}
	p.outbox, err = letters.New(letters.Settings{DB: p.work, Phones: phones, Resolver: p.resolver, Keys: c.seals, Renderer: p.renderer, Log: p.log,
		Platform: c.identity, Transport: transport, SES: ses, Proven: p.ses != nil, OwnRelays: x.transport == nil, RelaysAt: c.relaysAt(x), Work: x.works(), Portal: x.role == roleWeb})
	return err
}

// buildSenders prepares what looks after the tenants' senders; it works where letters leave by SES.
func (p *portal) buildSenders(c checked) {
	p.senders = &senders.Senders{DB: p.work, Resolver: p.resolver, Outbox: p.outbox, Log: p.log, Region: c.SES,
		TXT: p.domains.Looker.DNS.Texts}
	if p.ses == nil {
		return
	}
	p.senders.SES = p.ses
	if len(c.topics) > 0 {
		p.senders.Topic = c.topics[0]
	}
	p.sending = &senders.Worker{Senders: p.senders}
}

// mailNeeds says in the words of the room of addresses what a tenant's sender needs in DNS.
func (p *portal) mailNeeds(ctx context.Context, tenant tenants.ID) (domains.Mail, error) {
	t, err := p.resolver.ByID(ctx, tenant)
	if err != nil {
		return domains.Mail{}, err
	}
	m, needed, err := p.senders.Records(ctx, t)
	if err != nil || !needed {
		return domains.Mail{}, err
	}
	return domains.Mail{Domain: m.Domain, DKIM: m.Tokens, MailFrom: m.MailFrom, MailFromMX: m.MX}, nil
}

func (p *portal) close() {
	p.db.Close()
	p.work.Close()
}

// The time that requests under way get after SIGTERM, and then letters under way: slow requests take
// nothing from letters.
const (
	drainFor   = 30 * time.Second
	lettersFor = 10 * time.Second
)

// serve runs until ctx ends, then drains: readiness off while balancers look, no new connections, requests
// finish, workers hand over what they hold. ready is called when the first request can be answered.
func (p *portal) serve(ctx context.Context, addr, metricsAddr string, ready func(net.Addr)) error {
	ln, err := (&net.ListenConfig{}).Listen(ctx, "tcp", addr)
	if err != nil {
		return fmt.Errorf("listen on %s: %w", addr, err)
	}
	metrics, err := p.serveMetrics(metricsAddr)
	if err != nil {
		return errors.Join(err, ln.Close())
	}
	background, stop := context.WithCancel(context.WithoutCancel(ctx))
	var running sync.WaitGroup
	running.Go(func() { p.resolver.Listen(background, func(tenants.ID) {}) })
	p.outbox.Start(background)
	if p.works {
		p.imports.Start(background)
		p.hosts.Start(background)
		care := &directory.Caretaker{Directory: p.directory(), Sweep: p.staff().Sweep, Log: p.log}
		care.Start(background)
		defer care.Stop()
		if p.proxied != nil {
			p.proxied.Start(background)
			defer p.proxied.Stop()
		}
		if p.sending != nil {
			p.sending.Start(background)
		}
	}
	served := make(chan error, 1)
	go func() { served <- p.server.Listen(ln) }()
	if p.edge != nil {
		running.Go(func() { p.edge.run(background, p) })
	}
	if ready != nil {
		ready(ln.Addr())
	}
	select {
	case err = <-served:
	case <-ctx.Done():
		err = p.drain(background, served)
	}
	stop()
	running.Wait()
	if metrics != nil {
		err = errors.Join(err, metrics.Close())
	}
	return err
}

// drain ends what serve began, in the order in which others notice it.
func (p *portal) drain(background context.Context, served chan error) error {
	p.log.Info("stopping: not ready any more, requests under way finish", "wait", p.drainWait.String())
	p.draining.Store(true)
	select {
	case err := <-served: // the listener broke by itself
		served <- err
	case <-time.After(p.drainWait):
	}
	requests, cancel := context.WithTimeout(background, drainFor)
	defer cancel()
	err := p.server.Shutdown(requests)
	work, done := context.WithTimeout(background, lettersFor)
	defer done()
	return errors.Join(err, p.imports.Stop(work), p.hosts.Stop(work), p.sending.Stop(work), p.outbox.Stop(work), <-served)
}

// serveMetrics listens apart from the portal, so that a public proxy never reaches it.
func (p *portal) serveMetrics(addr string) (*http.Server, error) {
	if addr == "" || addr == "off" {
		return nil, nil
	}
	ln, err := (&net.ListenConfig{}).Listen(context.Background(), "tcp", addr)
	if err != nil {
		return nil, fmt.Errorf("metrics: listen on %s: %w", addr, err)
	}
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", promhttp.HandlerFor(p.server.Metrics().Registry, promhttp.HandlerOpts{}))
	s := &http.Server{Handler: mux, ReadHeaderTimeout: 5 * time.Second}
	go func() { _ = s.Serve(ln) }() // ends with Close
	return s, nil
}

func newLog(level string) *slog.Logger {
	var l slog.Level
	_ = l.UnmarshalText([]byte(level)) // kong checked it
	return slog.New(slog.NewJSONHandler(os.Stderr, &slog.HandlerOptions{Level: l}))
}
