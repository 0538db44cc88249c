package certs

import (
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"portico/tenants"
)

// flyServer answers as the Machines API does.
type flyServer struct {
	*httptest.Server

	mu     sync.Mutex
	asked  []string          // "POST login.a.example"
	status map[string]string // of certificates that were asked for
	answer int               // instead of all else; 0 is none
}

func newFly(t *testing.T) *flyServer {
	t.Helper()
	f := &flyServer{status: map[string]string{}}
	f.Server = httptest.NewServer(f)
	t.Cleanup(f.Close)
	return f
}

func (f *flyServer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	defer f.mu.Unlock()
	rest, ok := strings.CutPrefix(r.URL.Path, "/v1/apps/portico-test/certificates/")
	if !ok || r.Header.Get("Authorization") != "Bearer fo1_secret" {
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	if f.answer != 0 {
		w.WriteHeader(f.answer)
		return
	}
	host, check := strings.CutSuffix(rest, "/check")
	switch {
	case r.Method == http.MethodPost && rest == "acme":
		var body struct{ Hostname string }
		_ = json.NewDecoder(r.Body).Decode(&body)
		f.asked = append(f.asked, "POST "+body.Hostname)
		if f.status[body.Hostname] != "" {
			w.WriteHeader(http.StatusConflict)
			return
		}
		f.status[body.Hostname] = "pending_validation"
		w.WriteHeader(http.StatusCreated)
	case f.status[host] == "":
		w.WriteHeader(http.StatusNotFound)
	case check:
		_ = json.NewEncoder(w).Encode(map[string]any{"hostname": host, "configured": f.status[host] == "active", "status": f.status[host]})
	case r.Method == http.MethodDelete:
		f.asked = append(f.asked, "DELETE "+host)
		delete(f.status, host)
	}
}

func (f *flyServer) set(fn func()) { f.mu.Lock(); defer f.mu.Unlock(); fn() }

func (f *flyServer) said() []string { f.mu.Lock(); defer f.mu.Unlock(); return slices.Clone(f.asked) }

func TestCertificatesOfFlyFollowTheHosts(t *testing.T) {
	t.Parallel()
	g, fly := newGround(t), newFly(t)
	pool := g.open()
	g.host(pool, login, true)
	g.host(pool, "claimed.a.example", false)
	outcomes := map[string]int{}
	edge := func(db *tenants.DB) *Edge {
		return &Edge{DB: db, Log: slog.New(slog.DiscardHandler), Asker: &Fly{App: "portico-test", Token: "fo1_secret", At: fly.URL}, Count: func(o string) { outcomes[o]++ }}
	}
	e, beside := edge(pool), edge(g.open())
	state := func() (s string) {
		g.must(pool.AcrossAll(t.Context(), tenants.ForCertificates, func(a *tenants.Across) error {
			return a.Row(t.Context(), "SELECT coalesce((SELECT state FROM platform.edge_certificates WHERE host = $1), 'none')", []any{login}, &s)
		}))
		return s
	}
	step := func(want string) {
		t.Helper()
		_ = e.Step(t.Context()) // what it could not do shows in the state
		_ = beside.Step(t.Context())
		if got := state(); got != want {
			t.Errorf("after a step it is %q, want %q", got, want)
		}
		g.clock.Advance(2 * time.Hour)
	}
	fly.set(func() { fly.answer = 503 })
	step("asked")
	fly.set(func() { fly.answer = 0 })
	step("asked")
	fly.set(func() { fly.status[login] = "active" })
	step("ready")
	g.clock.Advance(25 * time.Hour)
	fly.set(func() { fly.answer = 500 })
	step("ready") // an outage leaves the state
	fly.set(func() { fly.answer = 0 })
	g.must(pool.AcrossAll(t.Context(), tenants.ForCertificates, func(a *tenants.Across) error {
		_, err := a.Exec(t.Context(), "DELETE FROM hosts WHERE host = $1", login)
		return err
	}))
	step("none")
	asked := fly.said()
	if !slices.Contains(asked, "DELETE "+login) || slices.Contains(asked, "POST claimed.a.example") || outcomes["obtained"] != 1 {
		t.Errorf("asked %v, counted %v", asked, outcomes)
	}
	g.host(pool, login, true)
	fly.set(func() { fly.answer = 422 })
	step("failed")
	if outcomes["failed"] == 0 {
		t.Error("a refusal was not counted")
	}
}

func TestErrorsOfFlyHoldNoToken(t *testing.T) {
	t.Parallel()
	f := &Fly{App: "x", Token: "fo1_secret", At: "http://127.0.0.1:1"}
	if err := f.Ask(t.Context(), login); err == nil || strings.Contains(err.Error(), "fo1_secret") {
		t.Errorf("%v", err)
	}
}
