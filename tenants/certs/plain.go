package certs

import (
	"context"
	"net/http"
	"time"

	"portico/tenants"
)

// Plain is the server of port 80: it answers the authority's questions for known hosts and sends everybody else
// who asks for one on to HTTPS. It shows nothing and reads no body.
func (a *ACME) Plain(origin func(host string) string) *http.Server {
	return &http.Server{Handler: a.plain(origin), ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 10 * time.Second, WriteTimeout: 10 * time.Second,
		IdleTimeout: 30 * time.Second, MaxHeaderBytes: 16 << 10}
}

// plain answers one request. origin is the HTTPS origin of a host: scheme, host and port.
func (a *ACME) plain(origin func(host string) string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Cache-Control", "no-store")
		w.Header().Set("X-Content-Type-Options", "nosniff")
		host, err := tenants.NormalizeHost(r.Host)
		ctx, cancel := context.WithTimeout(r.Context(), 3*time.Second)
		defer cancel()
		if err != nil || a.decide(ctx, host) != nil {
			w.WriteHeader(http.StatusMisdirectedRequest)
			return
		}
		if a.Challenge(w, r) {
			return
		}
		if r.Method != http.MethodGet && r.Method != http.MethodHead { // what a form sent in clear was read by others already
			w.WriteHeader(http.StatusForbidden)
			return
		}
		w.Header().Set("Location", origin(host)+r.URL.RequestURI())
		w.WriteHeader(http.StatusPermanentRedirect)
	})
}
