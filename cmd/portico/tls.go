package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/alecthomas/kong"

	"portico/tenants/certs"
)

// onOff is a switch that a variable turns on by a word: PORTICO_TLS=on.
type onOff bool

// IsBool lets --tls stand without a value.
func (*onOff) IsBool() bool { return true }

// Decode reads on, off, and what switches say elsewhere.
func (o *onOff) Decode(ctx *kong.DecodeContext) error {
	if ctx.Scan.Peek().Type != kong.FlagValueToken {
		*o = true
		return nil
	}
	switch word := strings.ToLower(fmt.Sprint(ctx.Scan.Pop().Value)); word {
	case "on", "true", "yes", "1":
		*o = true
	case "off", "false", "no", "0", "":
		*o = false
	default:
		return fmt.Errorf("%q is neither on nor off", word)
	}
	return nil
}

// tlsConfig is how an instance has its own certificates, where no proxy before it has them.
type tlsConfig struct {
	TLS       onOff  `name:"tls" env:"PORTICO_TLS" help:"Serve HTTPS with certificates by ACME for the hosts that are ours: verified custom hosts, slugs, the platform."`
	TLSAddr   string `name:"tls-addr" env:"PORTICO_TLS_ADDR" default:":443" help:"Where HTTPS listens."`
	HTTPAddr  string `name:"http-addr" env:"PORTICO_HTTP_ADDR" default:":80" help:"Where HTTP listens: it answers the authority and sends people on to HTTPS."`
	ACME      string `name:"acme-directory" env:"PORTICO_ACME_DIRECTORY" help:"Directory of the authority; empty is Let's Encrypt." placeholder:"URL"`
	ACMERoots string `name:"acme-roots" env:"PORTICO_ACME_ROOTS" help:"PEM file with the roots that the authority's own address is trusted by; empty is the system's." placeholder:"FILE"`
	ACMEEmail string `name:"acme-email" env:"PORTICO_ACME_EMAIL" help:"Where the authority writes to." placeholder:"ADDRESS"`
}

// check notes everything that is wrong; nothing matters while TLS is off.
func (c tlsConfig) check(note func(name string, err error)) {
	if !c.TLS {
		return
	}
	for name, addr := range map[string]string{"PORTICO_TLS_ADDR": c.TLSAddr, "PORTICO_HTTP_ADDR": c.HTTPAddr} {
		if err := listenAt(name, addr); err != nil {
			note(name, errors.New("is not an address to listen on, such as :443"))
		}
	}
	if u, err := url.Parse(c.ACME); c.ACME != "" && (err != nil || u.Scheme != "https" || u.Host == "") {
		note("PORTICO_ACME_DIRECTORY", errors.New("is not an address such as https://acme-v02.api.letsencrypt.org/directory"))
	}
	note("PORTICO_ACME_EMAIL", mailbox(c.ACMEEmail))
	_, err := c.roots()
	note("PORTICO_ACME_ROOTS", err)
}

func (c tlsConfig) roots() (*x509.CertPool, error) {
	if c.ACMERoots == "" {
		return nil, nil
	}
	pem, err := os.ReadFile(c.ACMERoots)
	if err != nil {
		return nil, err
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(pem) {
		return nil, errors.New("has no certificate in it")
	}
	return pool, nil
}

// edge is what an instance with certificates of its own listens on beside the portal's plain address.
type edge struct {
	acme   *certs.ACME
	secure net.Listener
	plain  net.Listener
	http   *http.Server
}

// openEdge listens on both ports, so that a port that is taken ends the start.
func (p *portal) openEdge(ctx context.Context, c checked, t tlsConfig) error {
	roots, err := t.roots()
	if err != nil {
		return err
	}
	secure, err := (&net.ListenConfig{}).Listen(ctx, "tcp", t.TLSAddr)
	if err != nil {
		return fmt.Errorf("listen on %s: %w", t.TLSAddr, err)
	}
	plain, err := (&net.ListenConfig{}).Listen(ctx, "tcp", t.HTTPAddr)
	if err != nil {
		return errors.Join(fmt.Errorf("listen on %s: %w", t.HTTPAddr, err), secure.Close())
	}
	host, _, _ := net.SplitHostPort(t.TLSAddr)
	acme := certs.NewACME(certs.Settings{DB: p.db, Seals: c.seals, Known: certs.Known(p.resolver), Fresh: certs.Fresh(p.resolver), Directory: t.ACME, Roots: roots, Email: t.ACMEEmail,
		HTTPPort: portOf(plain), TLSPort: portOf(secure), Listen: host, Log: p.log, Count: p.server.Metrics().Certificate})
	p.edge = &edge{acme: acme, secure: tls.NewListener(secure, acme.TLS()), plain: plain, http: acme.Plain(p.resolver.OriginOf)}
	return nil
}

func portOf(ln net.Listener) int {
	_, port, _ := net.SplitHostPort(ln.Addr().String())
	n, _ := strconv.Atoi(port) // the system's own
	return n
}

// run serves both ports until the portal's server is shut down, and tidies certificates that ended.
func (e *edge) run(ctx context.Context, p *portal) {
	var both sync.WaitGroup
	both.Go(func() {
		if err := p.server.Listen(e.secure); err != nil {
			p.log.ErrorContext(ctx, "HTTPS ended", "error", err)
		}
	})
	both.Go(func() {
		if err := e.http.Serve(e.plain); !errors.Is(err, http.ErrServerClosed) {
			p.log.ErrorContext(ctx, "HTTP ended", "error", err)
		}
	})
	tick := time.NewTicker(24 * time.Hour)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			_ = e.http.Close()
			e.acme.Close()
			both.Wait()
			return
		case <-tick.C:
			if err := e.acme.Tidy(ctx); err != nil {
				p.log.WarnContext(ctx, "certificates that ended could not be removed", "error", err)
			}
		}
	}
}

// ahead has the certificate of a host ready that was just verified, where this instance has any.
func (p *portal) ahead(ctx context.Context, host string) {
	if p.edge == nil {
		return
	}
	go func() {
		if err := p.edge.acme.Obtain(context.WithoutCancel(ctx), host); err != nil {
			p.log.Warn("a verified host has no certificate yet; its first visitor asks again", "host", host, "error", err)
		}
	}()
}
