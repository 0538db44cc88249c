package senders_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"portico/app/audit"
	"portico/app/letters"
	"portico/app/letters/letterstest"
	"portico/app/senders"
	"portico/tenants"
	"portico/tenants/tenantstest"
	"portico/themes"
)

const (
	topic  = "arn:aws:sns:eu-west-1:123456789012:portico-letters"
	theKey = "k1:dGVzdCBrZXkgb2YgdGhpcnR5LXR3byBieXRlcywgbm8gbW9yZQ=="
)

var theRenderer = sync.OnceValues(themes.NewRenderer)

// house is a database with tenants, a fake SES that the real SDK speaks to, and a DNS of our own.
type house struct {
	t     testing.TB
	urls  tenantstest.DB
	db    *tenants.DB
	clock *tenants.Clock
	keys  tenants.Keyring
	see   *tenants.Resolver
	fake  *letterstest.SES
	ses   *letters.SES
	zone  *zone
	box   *letters.Outbox // writes and sends nothing
}

// zone answers TXT look-ups.
type zone struct {
	mu   sync.Mutex
	txt  map[string][]string
	away bool
}

func (z *zone) LookupTXT(_ context.Context, name string) ([]string, error) {
	z.mu.Lock()
	defer z.mu.Unlock()
	if z.away {
		return nil, errors.New("the resolver does not answer")
	}
	texts, ok := z.txt[strings.TrimSuffix(name, ".")]
	if !ok {
		return nil, &net.DNSError{Err: "no such host", Name: name, IsNotFound: true}
	}
	return texts, nil
}

func (z *zone) set(name string, texts ...string) {
	z.mu.Lock()
	defer z.mu.Unlock()
	if len(texts) == 0 {
		delete(z.txt, name)
		return
	}
	z.txt[name] = texts
}

func (z *zone) gone(away bool) {
	z.mu.Lock()
	defer z.mu.Unlock()
	z.away = away
}

func newHouse(t testing.TB) *house {
	t.Helper()
	h := &house{t: t, urls: tenantstest.Database(t), clock: &tenants.Clock{}, zone: &zone{txt: map[string][]string{}}, fake: letterstest.NewSES(t, nil)}
	var err error
	if h.keys, err = tenants.ParseKeyring(theKey); err != nil {
		t.Fatal(err)
	}
	if h.db, err = tenants.Open(tenants.DBSettings{URL: h.urls.AppURL, Clock: h.clock, Log: slog.New(slog.DiscardHandler), MaxConns: 8}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(h.db.Close)
	if h.see, err = tenants.NewResolver(h.db, tenants.Addresses{BaseURL: "http://localhost:8080", BaseDomain: "localhost"}); err != nil {
		t.Fatal(err)
	}
	h.ses, err = letters.NewSES(t.Context(), letters.SESSettings{Region: "eu-west-1", Endpoint: h.fake.URL, ConfigurationSet: "platform",
		Credentials: credentials.NewStaticCredentialsProvider("id", "key", "")})
	if err != nil {
		t.Fatal(err)
	}
	h.fake.CheckSenders("platform.example")
	h.box = h.outbox(false)
	return h
}

// outbox makes one that sends by the fake SES where work says so; it is stopped when the test ends.
func (h *house) outbox(work bool) *letters.Outbox {
	h.t.Helper()
	renderer, err := theRenderer()
	if err != nil {
		h.t.Fatal(err)
	}
	o, err := letters.New(letters.Settings{DB: h.db, Resolver: h.see, Keys: h.keys, Renderer: renderer, Log: slog.New(slog.DiscardHandler),
		Platform: letters.Identity{From: "no-reply@platform.example", Name: "Portico"}, Poll: 5 * time.Millisecond,
		Transport: h.ses, SES: h.ses, Proven: true, Work: work})
	if err != nil {
		h.t.Fatal(err)
	}
	if work {
		o.Start(h.t.Context())
		h.t.Cleanup(func() {
			ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
			defer cancel()
			if err := o.Stop(ctx); err != nil {
				h.t.Errorf("stop: %v", err)
			}
		})
	}
	return o
}

// senders makes one instance's.
func (h *house) senders() *senders.Senders {
	h.t.Helper()
	return &senders.Senders{DB: h.db, Resolver: h.see, Outbox: h.box, Log: slog.New(slog.DiscardHandler),
		SES: h.ses, Region: "eu-west-1", Topic: topic, TXT: h.zone.LookupTXT, Pace: time.Millisecond}
}

// work starts a worker that is stopped when the test ends.
func (h *house) work(x *senders.Senders) *senders.Worker {
	h.t.Helper()
	w := &senders.Worker{Senders: x, Poll: 5 * time.Millisecond}
	w.Start(h.t.Context())
	h.t.Cleanup(func() { h.stop(w) })
	return w
}

func (h *house) stop(w *senders.Worker) {
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	if err := w.Stop(ctx); err != nil {
		h.t.Errorf("stop: %v", err)
	}
}

func (h *house) addTenant(slug, from string) tenants.ID {
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
			return tenants.SaveSetting(h.t.Context(), s, tenants.SubjectSender, sender(from), "test")
		})
	})
	if err != nil {
		h.t.Fatal(err)
	}
	return id
}

func sender(from string) tenants.Sender {
	if from == "" {
		return tenants.Sender{Transport: "platform"}
	}
	return tenants.Sender{Transport: "ses", From: from, FromName: "Brand", ReplyTo: "help@" + letters.DomainOf(from)}
}

// setSender changes the tenant's file.
func (h *house) setSender(id tenants.ID, s tenants.Sender) {
	h.t.Helper()
	err := h.db.AcrossAll(h.t.Context(), tenants.ForTenantFile, func(a *tenants.Across) error {
		if err := a.In(h.t.Context(), id, func(sc *tenants.Scope) error {
			return tenants.SaveSetting(h.t.Context(), sc, tenants.SubjectSender, s, "test")
		}); err != nil {
			return err
		}
		return tenants.Touch(h.t.Context(), a, id)
	})
	if err != nil {
		h.t.Fatal(err)
	}
	h.see.Forget(id)
}

func (h *house) tenant(id tenants.ID) *tenants.Tenant {
	h.t.Helper()
	t, err := h.see.ByID(h.t.Context(), id)
	if err != nil {
		h.t.Fatal(err)
	}
	return t
}

func (h *house) of(x *senders.Senders, id tenants.ID) senders.Status {
	h.t.Helper()
	st, err := x.Of(h.t.Context(), h.tenant(id))
	if err != nil {
		h.t.Fatal(err)
	}
	return st
}

// until waits until a tenant's wanted domain is in a state, hurrying what is due on.
func (h *house) until(x *senders.Senders, id tenants.ID, domain string, state senders.State) senders.Domain {
	h.t.Helper()
	var last senders.Status
	h.eventually(domain+" is "+string(state), func() bool {
		last = h.of(x, id)
		h.hurry(id, last)
		return last.Domain != nil && last.Domain.Name == domain && last.Domain.State == state
	}, func() string { return fmt.Sprintf("%+v", last.Domain) })
	return *last.Domain
}

// hurry makes what waits for its time due, as if the time had come; a row that a worker holds (three minutes)
// is left to it.
func (h *house) hurry(id tenants.ID, st senders.Status) {
	if st.Domain == nil {
		return
	}
	now := h.clock.Now()
	h.asSuper(`UPDATE sender_domains SET due_at = $3 WHERE tenant_id = $1 AND domain = $2 AND due_at > $3 AND NOT due_at BETWEEN $4 AND $5`,
		[]any{id, st.Domain.Name, now, now.Add(2*time.Minute + 5*time.Second), now.Add(3*time.Minute + 5*time.Second)})
}

// prove puts a tenant's challenge into its zone.
func (h *house) prove(x *senders.Senders, id tenants.ID, domain string) {
	h.t.Helper()
	d := h.until(x, id, domain, senders.Claimed)
	h.zone.set(senders.ChallengeName(domain), "v=other", d.Challenge)
	h.again(x, id)
}

func (h *house) again(x *senders.Senders, id tenants.ID) {
	h.t.Helper()
	if err := x.Ask(h.t.Context(), h.tenant(id)); err != nil {
		h.t.Fatal(err)
	}
}

func (h *house) eventually(what string, ok func() bool, state func() string) {
	h.t.Helper()
	for deadline := time.Now().Add(30 * time.Second); !ok(); {
		if time.Now().After(deadline) {
			h.t.Fatalf("%s: not within 30 s; last seen: %s", what, state())
		}
		<-time.After(5 * time.Millisecond)
	}
}

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

// kinds are the audit's events about senders, oldest first, with their reasons.
func (h *house) kinds(id tenants.ID) (all []string) {
	h.t.Helper()
	err := h.db.In(h.t.Context(), id, func(s *tenants.Scope) error {
		rows, err := audit.List(h.t.Context(), s, audit.Filter{Limit: 100})
		for _, r := range rows {
			if k := string(r.Kind); strings.HasPrefix(k, "sender.") || strings.HasPrefix(k, "address.") {
				all = append(all, strings.TrimSuffix(k+" "+r.Reason, " "))
			}
		}
		return err
	})
	if err != nil {
		h.t.Fatal(err)
	}
	slices.Reverse(all)
	return all
}

// write writes one letter.
func (h *house) write(o *letters.Outbox, id tenants.ID, d letters.Draft) uuid.UUID {
	h.t.Helper()
	var letter uuid.UUID
	err := h.db.In(h.t.Context(), id, func(s *tenants.Scope) (err error) {
		letter, err = o.Write(h.t.Context(), s, d)
		return err
	})
	if err != nil {
		h.t.Fatal(err)
	}
	return letter
}

// letter waits until a letter ok, and answers it.
func (h *house) letter(id tenants.ID, letter uuid.UUID, ok func(letters.Delivery) bool) letters.Delivery {
	h.t.Helper()
	var last letters.Delivery
	h.eventually("the letter's way", func() bool {
		err := h.db.In(h.t.Context(), id, func(s *tenants.Scope) error {
			rows, err := letters.Deliveries(h.t.Context(), s, letters.DeliveryFilter{ID: &letter})
			if len(rows) == 1 {
				last = rows[0]
			}
			return err
		})
		if err != nil {
			h.t.Fatal(err)
		}
		return ok(last)
	}, func() string { return fmt.Sprintf("%+v", last) })
	return last
}

func ended(d letters.Delivery) bool { return d.EndedAt != nil }

func recovery(to, event string) letters.Draft {
	return letters.Draft{Letter: themes.RecoveryLetter{Name: "Ada", Link: "/recover/secret", ExpiresAt: time.Now().Add(time.Hour), TTL: time.Hour},
		To: to, Event: event, Lane: letters.Urgent}
}

func invitation(to, event string) letters.Draft {
	return letters.Draft{Letter: themes.InvitationLetter{Name: "Ada", Link: "/invite/secret", ExpiresAt: time.Now().Add(time.Hour)}, To: to, Event: event, Lane: letters.Bulk}
}
