package main

import (
	"context"
	"crypto/rand"
	"embed"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"time"

	"portico/app"
	"portico/app/letters"
	"portico/app/staff"
	"portico/app/tenantfile"
	"portico/migrations"
	"portico/migrations/localpg"
	"portico/rbac"
	"portico/tenants"
)

//go:embed demo
var demoFiles embed.FS

type devVerb struct {
	DatabaseURL string        `name:"database-url" env:"DATABASE_URL" help:"An empty PostgreSQL database to use instead of a private server; its role may create roles." placeholder:"URL"`
	Data        string        `env:"PORTICO_DATA" default:".portico" help:"Where the private server and its secrets live." type:"path"`
	Addr        string        `env:"PORTICO_ADDR" default:"127.0.0.1:8080" help:"Where to listen, on this machine."`
	MetricsAddr string        `env:"PORTICO_METRICS_ADDR" default:"off" help:"Where /metrics listens."`
	DrainWait   time.Duration `env:"PORTICO_DRAIN_WAIT" default:"0s" hidden:""`
	Log         string        `env:"PORTICO_LOG" enum:"debug,info,warn,error" default:"warn" help:"Least level that is logged."`
}

// Run starts everything and stops all of it when ctx ends.
func (d *devVerb) Run(ctx context.Context) (err error) {
	if !loopback(d.Addr) {
		return fmt.Errorf("dev listens on this machine alone; %s is not loopback", d.Addr)
	}
	if err := os.MkdirAll(d.Data, 0o711); err != nil {
		return fmt.Errorf("data folder: %w", err)
	}
	log := newLog(d.Log)
	keys, err := devKeys(filepath.Join(d.Data, "keys.json"))
	if err != nil {
		return err
	}
	appURL, stop, err := d.database(ctx, log, keys)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, stop()) }()
	return d.serve(ctx, log, keys, appURL)
}

func (d *devVerb) serve(ctx context.Context, log *slog.Logger, keys devSecrets, appURL string) error {
	c, err := d.config(keys, appURL)
	if err != nil {
		return err
	}
	people, err := readDemo()
	if err != nil {
		return err
	}
	clock, inbox := &tenants.Clock{}, &letters.Inbox{}
	dev := &app.Dev{Clock: clock, Inbox: inbox}
	p, err := build(c, clock, log, extras{transport: inbox, dev: dev, role: roleAll})
	if err != nil {
		return err
	}
	defer p.close()
	dev.Reset = func() error { return forgetLimits(context.WithoutCancel(ctx), p.db) }
	if err := p.loadDemo(ctx, people); err != nil {
		return err
	}
	for _, m := range people.Staff {
		if err := p.staff().Seed(ctx, staff.New{Email: m.Email, Name: m.Name, Role: rbac.StaffRole(m.Role)}, m.Password, m.TOTPSecret); err != nil {
			return fmt.Errorf("demo staff %s: %w", m.Email, err)
		}
	}
	if dev.Demo, err = p.describeDemo(ctx, people); err != nil {
		return err
	}
	p.drainWait = d.DrainWait
	return p.serve(ctx, d.Addr, d.MetricsAddr, func(net.Addr) { announce(c.BaseURL, dev.Demo) })
}

// config is dev's: plain HTTP on localhost, loopback as trusted proxy (decisions.md 24).
func (d *devVerb) config(keys devSecrets, appURL string) (checked, error) {
	_, port, err := net.SplitHostPort(d.Addr)
	if err != nil {
		return checked{}, fmt.Errorf("address %q: %w", d.Addr, err)
	}
	c := checked{config: config{DatabaseURL: appURL, BaseURL: "http://localhost:" + port, BaseDomain: "localhost", Contact: "mailto:security@localhost"}}
	c.DNS = "off" // the demo's hosts are the operator's word; nothing leaves this machine
	if port == "80" {
		c.BaseURL = "http://localhost"
	}
	c.proxies = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("::1/128")}
	c.identity = letters.Identity{From: "noreply@portico.example", Name: "Portico"}
	if c.seals, err = tenants.ParseKeyring(keys.Seal); err != nil {
		return checked{}, err
	}
	c.peppers, err = tenants.ParseKeyring(keys.Pepper)
	return c, err
}

// database gives the URL as portico_app of a migrated database, and what stops it.
func (d *devVerb) database(ctx context.Context, log *slog.Logger, keys devSecrets) (string, func() error, error) {
	if d.DatabaseURL != "" {
		url, err := adopt(ctx, d.DatabaseURL, keys.AppPassword, log)
		return url, func() error { return nil }, err
	}
	server, err := localpg.Start(ctx, localpg.Options{Dir: filepath.Join(d.Data, "postgres"), Durable: true, Log: log})
	if err != nil {
		return "", nil, err
	}
	stop := func() error { return server.Stop(context.WithoutCancel(ctx)) }
	if err := migrations.Up(ctx, server.URL("portico_owner", "portico"), log); err != nil {
		return "", nil, errors.Join(err, stop())
	}
	return server.URL("portico_app", "portico"), stop, nil
}

// devSecrets are made at the first start and kept in the data folder.
type devSecrets struct {
	Seal        string `json:"seal"`
	Pepper      string `json:"pepper"`
	AppPassword string `json:"app_password"`
}

func devKeys(path string) (devSecrets, error) {
	var keys devSecrets
	b, err := os.ReadFile(path) //nolint:gosec // below the data folder that the person named
	if err == nil {
		return keys, json.Unmarshal(b, &keys)
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return keys, err
	}
	secret := func() string {
		key := make([]byte, 32)
		_, _ = rand.Read(key) // never fails (crypto/rand since Go 1.24)
		return base64.StdEncoding.EncodeToString(key)
	}
	keys = devSecrets{Seal: "dev:" + secret(), Pepper: "dev:" + secret(), AppPassword: strings.NewReplacer("+", "", "/", "", "=", "").Replace(secret())}
	if b, err = json.Marshal(keys); err != nil {
		return keys, err
	}
	return keys, os.WriteFile(path, b, 0o600)
}

// forgetLimits is the other half of putting the clock back: counters are empty, and recoveries and
// invitations that were asked for no longer count as lately asked for.
func forgetLimits(ctx context.Context, db *tenants.DB) error {
	return db.AcrossAll(ctx, tenants.ForMaintenance, func(a *tenants.Across) error {
		var ids []tenants.ID
		err := a.Each(ctx, "SELECT id FROM tenants", nil, func(scan func(...any) error) error {
			var id tenants.ID
			err := scan(&id)
			ids = append(ids, id)
			return err
		})
		if err != nil {
			return err
		}
		b := &tenants.Batch{}
		b.Exec("DELETE FROM platform.limits")
		b.Exec("UPDATE platform.staff SET last_step = 0 WHERE last_step > 0")
		if err := a.Send(ctx, b); err != nil {
			return err
		}
		for _, id := range ids {
			err := a.In(ctx, id, func(s *tenants.Scope) error {
				b := &tenants.Batch{}
				b.Exec("DELETE FROM limits WHERE tenant_id = $1", id)
				b.Exec("UPDATE proofs SET last_step = 0 WHERE tenant_id = $1 AND last_step > 0", id) // steps of a time that is yet to come
				b.Exec("UPDATE phone_hours SET bought = 0, used = 0 WHERE tenant_id = $1", id)
				b.Exec("UPDATE phone_stops SET stopped_until = stopped_at WHERE tenant_id = $1 AND stopped_until > stopped_at", id)
				b.Exec("UPDATE recovery_flows SET started_at = least(started_at, $2) - interval '25 hours' WHERE tenant_id = $1", id, s.Now())
				b.Exec("UPDATE links SET issued_at = least(issued_at, $2) - interval '25 hours' WHERE tenant_id = $1 AND purpose = 'invite'", id, s.Now())
				return s.Send(ctx, b)
			})
			if err != nil {
				return err
			}
		}
		return nil
	})
}

// loadDemo makes the demo tenants that are missing and leaves the others alone.
func (p *portal) loadDemo(ctx context.Context, people demo) error {
	for _, slug := range people.slugs() {
		_, err := p.resolver.BySlug(ctx, slug)
		if err == nil {
			continue
		}
		if !errors.Is(err, tenants.ErrNoTenant) {
			return err
		}
		data, err := demoFiles.ReadFile("demo/" + slug + ".yaml")
		if err != nil {
			return err
		}
		file, faults := tenants.ParseFile(data)
		if len(faults) > 0 {
			return fmt.Errorf("demo tenant %s: %w", slug, &tenantfile.Refused{Faults: faults})
		}
		_, err = p.files.Apply(ctx, file, tenantfile.Options{TrustHosts: true, By: "dev", Secrets: tenants.Secrets{Env: people.secret}})
		if err != nil {
			return fmt.Errorf("demo tenant %s: %w", slug, err)
		}
	}
	p.resolver.ForgetAll()
	return nil
}
