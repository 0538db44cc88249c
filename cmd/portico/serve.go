package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"time"

	"portico/tenants"
)

type serveVerb struct {
	config
	tlsConfig
	Addr        string        `env:"PORTICO_ADDR" default:"127.0.0.1:8080" help:"Where to listen."`
	MetricsAddr string        `env:"PORTICO_METRICS_ADDR" default:"127.0.0.1:9090" help:"Where /metrics listens, apart from the portal; off is nowhere."`
	Role        string        `env:"PORTICO_ROLE" default:"all" enum:"all,web,worker" help:"web answers people, worker sends letters, imports files and tidies up, all does both. At least one instance must do each."`
	DrainWait   time.Duration `env:"PORTICO_DRAIN_WAIT" default:"5s" help:"How long to go on serving after SIGTERM while /readyz says no, so that balancers see it."`
}

// Run refuses to start on settings that are missing, short or placeholders, and names all of them.
func (s *serveVerb) Run(ctx context.Context) error {
	c, err := s.config.check()
	err = errors.Join(err, listenAt("PORTICO_ADDR", s.Addr))
	if s.MetricsAddr != "" && s.MetricsAddr != "off" {
		err = errors.Join(err, listenAt("PORTICO_METRICS_ADDR", s.MetricsAddr))
	}
	s.tlsConfig.check(func(name string, wrong error) {
		if wrong != nil {
			err = errors.Join(err, fmt.Errorf("%s: %w", name, wrong))
		}
	})
	if s.DrainWait < 0 {
		err = errors.Join(err, errors.New("PORTICO_DRAIN_WAIT: must not be less than nothing"))
	}
	if err != nil {
		return fmt.Errorf("these settings must be mended first:\n%w", err)
	}
	log := newLog(s.Log)
	p, err := build(c, &tenants.Clock{}, log, extras{role: s.Role})
	if err != nil {
		return err
	}
	defer p.close()
	if err := p.refuseStrongRole(ctx); err != nil {
		return err
	}
	p.drainWait = s.DrainWait
	if s.TLS && s.Role != roleWorker {
		if err := p.openEdge(ctx, c, s.tlsConfig); err != nil {
			return err
		}
	}
	return p.serve(ctx, s.Addr, s.MetricsAddr, func(at net.Addr) {
		log.Info("serving", "addr", at.String(), "base", c.BaseURL, "role", s.Role, "version", version)
	})
}

func hostOf(origin string) string {
	u, err := url.Parse(origin)
	if err != nil {
		return ""
	}
	return u.Hostname()
}
