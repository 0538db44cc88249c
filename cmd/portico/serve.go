package main

import (
	"context"
	"fmt"
	"net"
	"net/url"

	"portico/tenants"
)

type serveVerb struct {
	config
	Addr        string `env:"PORTICO_ADDR" default:"127.0.0.1:8080" help:"Where to listen."`
	MetricsAddr string `env:"PORTICO_METRICS_ADDR" default:"127.0.0.1:9090" help:"Where /metrics listens, apart from the portal; off is nowhere."`
}

// Run refuses to start on settings that are missing, short or placeholders, and names all of them.
func (s *serveVerb) Run(ctx context.Context) error {
	c, err := s.check()
	if err != nil {
		return fmt.Errorf("these settings must be mended first:\n%w", err)
	}
	log := newLog(s.Log)
	p, err := build(c, &tenants.Clock{}, log, extras{sends: true})
	if err != nil {
		return err
	}
	defer p.close()
	return p.serve(ctx, s.Addr, s.MetricsAddr, func(at net.Addr) {
		log.Info("serving", "addr", at.String(), "base", c.BaseURL, "version", version)
	})
}

func hostOf(origin string) string {
	u, err := url.Parse(origin)
	if err != nil {
		return ""
	}
	return u.Hostname()
}
