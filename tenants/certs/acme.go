package certs

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"time"

	"github.com/caddyserver/certmagic"
	"go.uber.org/zap"

	"portico/tenants"
)

// ErrNotOurs means that a certificate is asked for a name at which nobody answers.
var ErrNotOurs = errors.New("no certificate for this name")

// Settings of certificates by ACME (RFC 8555).
type Settings struct {
	DB        *tenants.DB
	Seals     tenants.Keyring
	Known     func(ctx context.Context, host string) error                    // nil: a certificate may be had for it
	Fresh     func(ctx context.Context, host string) (counts bool, err error) // nil error: a new one may be ordered; counts: out of the week's budget; nil asks nothing
	Directory string                                                          // of the authority; "" is Let's Encrypt
	Roots     *x509.CertPool                                                  // that the authority's own address is trusted by; nil is the system's
	Email     string                                                          // for the authority's notices; "" is none
	HTTPPort  int                                                             // where this instance listens; the authority comes to 80 and 443
	TLSPort   int
	Listen    string // the address without its port
	Log       *slog.Logger
	Count     func(outcome string) // obtained, failed, refused; nil counts nothing
}

// ACME obtains certificates while handshakes wait, for known hosts alone, and renews them before they end.
type ACME struct {
	set    Settings
	config *certmagic.Config
	issuer *certmagic.ACMEIssuer
	cache  *certmagic.Cache
	asking chan struct{} // bounds look-ups of names that are asked for at once
}

const (
	mostAsking = 16
	mostKept   = 10_000 // certificates in memory; the others are read again when they are asked for

	longestObtain = 2 * time.Minute
)

// NewACME prepares; nothing is asked of anybody before the first handshake.
func NewACME(set Settings) *ACME {
	a := &ACME{set: set, asking: make(chan struct{}, mostAsking)}
	quiet := zap.NewNop() // what matters comes by events; its lines would quote what strangers send
	a.cache = certmagic.NewCache(certmagic.CacheOptions{Logger: quiet, Capacity: mostKept,
		GetConfigForCert: func(certmagic.Certificate) (*certmagic.Config, error) { return a.config, nil }})
	a.config = certmagic.New(a.cache, certmagic.Config{
		Storage: &storage{db: set.DB, seals: set.Seals}, Logger: quiet, OnEvent: a.heard,
		OnDemand:            &certmagic.OnDemandConfig{DecisionFunc: a.decide},
		OCSP:                certmagic.OCSPConfig{DisableStapling: true}, // Let's Encrypt ended OCSP in 2025
		DisableStorageCheck: true,
	})
	a.issuer = certmagic.NewACMEIssuer(a.config, certmagic.ACMEIssuer{CA: set.Directory, TestCA: set.Directory, Email: set.Email, Agreed: true,
		TrustedRoots: set.Roots, AltHTTPPort: set.HTTPPort, AltTLSALPNPort: set.TLSPort, ListenHost: set.Listen, Logger: quiet})
	a.config.Issuers = []certmagic.Issuer{a.issuer}
	return a
}

// Close ends the upkeep of the cache.
func (a *ACME) Close() { a.cache.Stop() }

// TLS is for a listener: HTTP/1.1 alone, since the server behind it speaks no other, and the authority's own
// way of asking (RFC 8737).
func (a *ACME) TLS() *tls.Config {
	c := a.config.TLSConfig()
	c.NextProtos = []string{"http/1.1", "acme-tls/1"}
	return c
}

// Obtain has a certificate ready before the first visitor; it does nothing where there is one.
func (a *ACME) Obtain(ctx context.Context, host string) error {
	if err := a.decide(ctx, host); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, longestObtain)
	defer cancel()
	return a.config.ObtainCertAsync(ctx, host) // "sync" would ask the terminal for an address
}

// Tidy removes certificates that ended two weeks ago, their keys, and what was counted long ago.
func (a *ACME) Tidy(ctx context.Context) error {
	if err := a.forgetCounts(ctx); err != nil {
		return err
	}
	return certmagic.CleanStorage(ctx, a.config.Storage, certmagic.CleanStorageOptions{ExpiredCerts: true, ExpiredCertGracePeriod: 14 * 24 * time.Hour,
		Logger: zap.NewNop()})
}

// Challenge answers the authority's question over plain HTTP (RFC 8555, 8.3); false is any other request.
func (a *ACME) Challenge(w http.ResponseWriter, r *http.Request) bool {
	return a.issuer.HandleHTTPChallenge(w, r)
}

// decide is asked before storage or authority are: few at a time, so that a flood of names costs the database
// no more than a trickle, and never for a name that failed just now.
func (a *ACME) decide(ctx context.Context, host string) error {
	name, err := tenants.NormalizeHost(host)
	if err != nil || name != host {
		a.count("refused")
		return ErrNotOurs
	}
	select {
	case a.asking <- struct{}{}:
		defer func() { <-a.asking }()
	case <-ctx.Done():
		return ctx.Err()
	}
	if err := a.set.Known(ctx, name); err != nil {
		a.count("refused")
		return fmt.Errorf("%w: %w", ErrNotOurs, err)
	}
	return nil
}

// heard takes what certmagic tells. An error before it obtains is a no.
func (a *ACME) heard(ctx context.Context, event string, data map[string]any) error {
	name, _ := data["identifier"].(string)
	switch event {
	case "cert_obtaining":
		renewal, _ := data["renewal"].(bool)
		if err := a.order(ctx, name, renewal); err != nil {
			return certmagic.ErrNoRetry{Err: err}
		}
	case "cert_obtained":
		a.count("obtained")
		a.noteSuccess(ctx, name)
		a.set.Log.InfoContext(ctx, "a certificate was obtained", "host", name)
	case "cert_failed":
		a.count("failed")
		a.noteFailure(ctx, name)
		a.set.Log.WarnContext(ctx, "a certificate could not be obtained", "host", name, "error", data["error"])
	}
	return nil
}

func (a *ACME) count(outcome string) {
	if a.set.Count != nil {
		a.set.Count(outcome)
	}
}

// Known lets a certificate be had for the platform's own host and for every address at which a tenant answers:
// verified custom hosts and slugs. The resolver keeps answers, "nobody's" too, in bounded caches.
func Known(r *tenants.Resolver) func(ctx context.Context, host string) error {
	return func(ctx context.Context, host string) error {
		if r.IsPlatform(host) {
			return nil
		}
		_, err := r.ByHost(ctx, host)
		return err
	}
}

// Fresh lets new certificates be ordered. A name below the base domain gets one only while its tenant is live, and
// counts: whoever walks slugs would else spend what the authority gives to the whole domain in a week. A custom host
// was proved by its owner and has its own domain's quota; it gets none any more once its tenant leaves.
func Fresh(r *tenants.Resolver) func(ctx context.Context, host string) (counts bool, err error) {
	return func(ctx context.Context, host string) (bool, error) {
		if r.IsPlatform(host) {
			return false, nil
		}
		t, err := r.ByHost(ctx, host)
		if err != nil {
			return false, err
		}
		custom := slices.ContainsFunc(t.Hosts, func(h tenants.Host) bool { return h.Name == host && h.VerifiedAt != nil })
		if custom && t.State == tenants.Leaving || !custom && t.State != tenants.Live {
			return false, fmt.Errorf("%w: the tenant is %s", ErrNotOurs, t.State)
		}
		return !custom, nil
	}
}
