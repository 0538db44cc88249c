package letters_test

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"portico/app/letters"
	"portico/tenants"
	"portico/tenants/tenantstest"
	"portico/themes"
)

// house is a database with two tenants and what an Outbox needs.
type house struct {
	t        testing.TB
	urls     tenantstest.DB
	db       *tenants.DB
	clock    *tenants.Clock
	keys     tenants.Keyring
	resolver *tenants.Resolver
	a, b     tenants.ID
}

// theRenderer is parsed once for all tests: it takes a third of a second and forty megabytes, and never changes.
var theRenderer = sync.OnceValues(themes.NewRenderer)

func newHouse(t testing.TB) *house {
	t.Helper()
	h := &house{t: t, urls: tenantstest.Database(t), clock: &tenants.Clock{}, keys: testKeys(t)}
	h.connect()
	h.a, h.b = h.addTenant("alpha", tenants.Sender{From: "no-reply@alpha.example", FromName: "Alpha Räume", ReplyTo: "help@alpha.example"}),
		h.addTenant("beta", tenants.Sender{})
	return h
}

func (h *house) connect() {
	h.t.Helper()
	db, err := tenants.Open(tenants.DBSettings{URL: h.urls.AppURL, Clock: h.clock, Log: slog.New(slog.DiscardHandler), MaxConns: 6})
	if err != nil {
		h.t.Fatal(err)
	}
	h.t.Cleanup(db.Close)
	h.db = db
	h.resolver, err = tenants.NewResolver(db, tenants.Addresses{BaseURL: "http://localhost:8080", BaseDomain: "localhost"})
	if err != nil {
		h.t.Fatal(err)
	}
}

const testKey = "k1:dGVzdCBrZXkgb2YgdGhpcnR5LXR3byBieXRlcywgbm8gbW9yZQ=="

func testKeys(t testing.TB) tenants.Keyring {
	t.Helper()
	k, err := tenants.ParseKeyring(testKey)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func (h *house) addTenant(slug string, sender tenants.Sender) tenants.ID {
	h.t.Helper()
	id := tenants.NewID()
	err := h.db.AcrossAll(h.t.Context(), tenants.ForTenantFile, func(a *tenants.Across) error {
		_, err := a.Exec(h.t.Context(), `INSERT INTO tenants (id, slug, name, state, created_at, updated_at) VALUES ($1, $2, $3, 'live', $4, $4)`,
			id, slug, "Brand "+slug, a.Now())
		if err != nil {
			return err
		}
		return a.In(h.t.Context(), id, func(s *tenants.Scope) error {
			if err := tenants.SaveSetting(h.t.Context(), s, tenants.SubjectTheme, themes.DefaultTheme(), "test"); err != nil {
				return err
			}
			return tenants.SaveSetting(h.t.Context(), s, tenants.SubjectSender, sender, "test")
		})
	})
	if err != nil {
		h.t.Fatal(err)
	}
	return id
}

// outbox makes one that is stopped when the test ends; change may adjust the settings.
func (h *house) outbox(change func(*letters.Settings)) *letters.Outbox {
	h.t.Helper()
	renderer, err := theRenderer()
	if err != nil {
		h.t.Fatal(err)
	}
	s := letters.Settings{
		DB: h.db, Resolver: h.resolver, Keys: h.keys, Renderer: renderer, Log: slog.New(slog.DiscardHandler),
		Platform: letters.Identity{From: "portico@platform.example", Name: "Portico"},
		Poll:     5 * time.Millisecond,
	}
	change(&s)
	o, err := letters.New(s)
	if err != nil {
		h.t.Fatal(err)
	}
	return o
}

// working makes an Outbox that sends by the transport, started.
func (h *house) working(via letters.Transport, change ...func(*letters.Settings)) *letters.Outbox {
	h.t.Helper()
	o := h.outbox(func(s *letters.Settings) {
		s.Work, s.Transport = true, via
		for _, c := range change {
			c(s)
		}
	})
	o.Start(h.t.Context())
	h.t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
		defer cancel()
		if err := o.Stop(ctx); err != nil {
			h.t.Errorf("stop: %v", err)
		}
	})
	return o
}

func (h *house) write(o *letters.Outbox, tenant tenants.ID, d letters.Draft) uuid.UUID {
	h.t.Helper()
	var id uuid.UUID
	err := h.db.In(h.t.Context(), tenant, func(s *tenants.Scope) (err error) {
		id, err = o.Write(h.t.Context(), s, d)
		return err
	})
	if err != nil {
		h.t.Fatal(err)
	}
	return id
}

func (h *house) list(tenant tenants.ID, f letters.Filter) []letters.Row {
	h.t.Helper()
	var rows []letters.Row
	err := h.db.In(h.t.Context(), tenant, func(s *tenants.Scope) (err error) {
		rows, err = letters.List(h.t.Context(), s, f)
		return err
	})
	if err != nil {
		h.t.Fatal(err)
	}
	return rows
}

// row waits until a letter of a tenant stands in the state.
func (h *house) row(tenant tenants.ID, id uuid.UUID, state letters.State) letters.Row {
	h.t.Helper()
	var last letters.Row
	h.eventually(fmt.Sprintf("letter %s is %s", id, state), func() bool {
		for _, r := range h.list(tenant, letters.Filter{Limit: 500}) {
			if r.ID == id {
				last = r
				return r.State == state
			}
		}
		return false
	}, func() string { return fmt.Sprintf("%+v", last) })
	return last
}

// eventually polls until ok, for half a minute at most.
func (h *house) eventually(what string, ok func() bool, state func() string) {
	h.t.Helper()
	for deadline := time.Now().Add(30 * time.Second); !ok(); {
		if time.Now().After(deadline) {
			h.t.Fatalf("%s: not within 30 s; last seen: %s", what, state())
		}
		<-time.After(5 * time.Millisecond)
	}
}

// asSuper reads or changes what row security hides from the application.
func (h *house) asSuper(stmt string, args []any, dest ...any) {
	h.t.Helper()
	conn, err := pgx.Connect(h.t.Context(), h.urls.SuperURL)
	if err != nil {
		h.t.Fatal(err)
	}
	defer conn.Close(context.Background())
	if len(dest) == 0 {
		_, err = conn.Exec(h.t.Context(), stmt, args...)
	} else {
		err = conn.QueryRow(h.t.Context(), stmt, args...).Scan(dest...)
	}
	if err != nil {
		h.t.Fatalf("%s: %v", stmt, err)
	}
}

func recovery(to, event string) letters.Draft {
	return letters.Draft{
		Letter: themes.RecoveryLetter{Name: "Ada", Link: "/recover/" + secret, ExpiresAt: time.Now().Add(time.Hour), TTL: time.Hour},
		To:     to, Event: event, Lane: letters.Urgent,
	}
}

const secret = "s3cret-token-of-forty-three-characters-12345"

// sink is a transport that keeps what it gets; answer may say no.
type sink struct {
	mu     sync.Mutex
	got    []letters.Envelope
	answer func(n int, e letters.Envelope) error
}

func (s *sink) Send(_ context.Context, e letters.Envelope) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.answer != nil {
		if err := s.answer(len(s.got)+1, e); err != nil {
			return "", err
		}
	}
	s.got = append(s.got, e)
	return e.MessageID, nil
}

func (s *sink) all() []letters.Envelope {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]letters.Envelope(nil), s.got...)
}
