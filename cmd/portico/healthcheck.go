package main

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"time"
)

type healthcheckVerb struct {
	Addr string `env:"PORTICO_ADDR" default:"127.0.0.1:8080" help:"Where the portal listens."`
}

// Run asks /readyz of the portal on this machine.
func (h *healthcheckVerb) Run(ctx context.Context) error {
	_, port, err := net.SplitHostPort(h.Addr)
	if err != nil {
		return fmt.Errorf("address %q: %w", h.Addr, err)
	}
	ctx, cancel := context.WithTimeout(ctx, 3*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+net.JoinHostPort("127.0.0.1", port)+"/readyz", nil)
	if err != nil {
		return err
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer func() { _ = res.Body.Close() }()
	if res.StatusCode != http.StatusOK {
		return fmt.Errorf("not ready: %s", res.Status)
	}
	return nil
}
