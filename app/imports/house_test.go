package imports_test

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"portico/app/accounts"
	"portico/app/imports"
	"portico/app/letters"
	"portico/app/tenantfile"
	"portico/rbac"
	"portico/tenants"
	"portico/tenants/tenantstest"
	"portico/themes"
)

const childEnv = "PORTICO_IMPORTS_CHILD"

// theRenderer is parsed once for all tests: it takes a third of a second and forty megabytes, and never changes.
var theRenderer = sync.OnceValues(themes.NewRenderer)

func TestMain(m *testing.M) {
	if orders := os.Getenv(childEnv); orders != "" {
		if err := child(orders); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

// orders tell a child process what to work on.
type orders struct{ URL string }

// child is a second worker that goes on until it is killed.
func child(text string) error {
	var o orders
	if err := json.Unmarshal([]byte(text), &o); err != nil {
		return err
	}
	m, err := build(o.URL, &tenants.Clock{})
	if err != nil {
		return err
	}
	(&imports.Worker{Imports: m, Poll: 5 * time.Millisecond}).Start(context.Background())
	select {} // until killed
}

const testKey = "t1:MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="

// build is the room's parts on a database.
func build(url string, clock *tenants.Clock) (*imports.Imports, error) {
	log := slog.New(slog.DiscardHandler)
	db, err := tenants.Open(tenants.DBSettings{URL: url, Clock: clock, Log: log, MaxConns: 6})
	if err != nil {
		return nil, err
	}
	resolver, err := tenants.NewResolver(db, tenants.Addresses{BaseURL: "http://localhost:8080", BaseDomain: "localhost"})
	if err != nil {
		return nil, err
	}
	renderer, err := theRenderer()
	if err != nil {
		return nil, err
	}
	keys, err := tenants.ParseKeyring(testKey)
	if err != nil {
		return nil, err
	}
	guard, err := rbac.NewGuard()
	if err != nil {
		return nil, err
	}
	outbox, err := letters.New(letters.Settings{DB: db, Resolver: resolver, Keys: keys, Renderer: renderer, Log: log})
	if err != nil {
		return nil, err
	}
	return &imports.Imports{DB: db, Resolver: resolver, Guard: guard, Seals: keys, Log: log,
		Accounts: &accounts.Accounts{DB: db, Seals: keys, Peppers: keys, Hasher: accounts.NewHasher(0, time.Minute), Outbox: outbox}}, nil
}

// house is two tenants with groups and people who may do more or less.
type house struct {
	*imports.Imports
	t      *testing.T
	urls   tenantstest.DB
	tenant *tenants.Tenant
	other  *tenants.Tenant
	admin  imports.By // everything
	staff  imports.By // user_admin: imports, but does not look after the look
}

const file = `portico: 1
slug: %s
name: House
policy: {preset: email-link, signin: {external: "off"}, users: {registration_mode: [invite], roles: portico}, gates: {new_proof_delay: 24h}, help: {escalation: us, email: help@house.example}}
sender: {transport: platform, from: noreply@house.example, from_name: House}
groups:
  - {external_id: north, kind: location, name: North}
  - {external_id: desk, kind: department, name: Desk, parent: north}
accounts:
  - {external_id: root, name: Root, email: root@house.example, roles: [{role: brand_admin}]}
  - {external_id: staff, name: Staff, email: staff@house.example, roles: [{role: user_admin}]}
  - {external_id: p-1, name: Ann Old, email: ann@house.example, groups: [north]}
`

func newHouse(t *testing.T) *house {
	t.Helper()
	h := &house{t: t, urls: tenantstest.Database(t)}
	m, err := build(h.urls.AppURL, &tenants.Clock{})
	h.must(err)
	h.Imports = m
	t.Cleanup(m.DB.Close)
	files := &tenantfile.Files{DB: m.DB, Keys: m.Seals, BaseDomain: "localhost", Platform: "localhost", CreateAccount: tenantfile.CreateWith(m.Accounts)}
	renderer, err := theRenderer()
	h.must(err)
	files.Words = renderer
	for _, slug := range []string{"house", "other"} {
		parsed, faults := tenants.ParseFile(fmt.Appendf(nil, file, slug))
		if len(faults) > 0 {
			t.Fatal(faults)
		}
		_, err := files.Apply(t.Context(), parsed, tenantfile.Options{By: "test"})
		h.must(err)
	}
	h.tenant, err = m.Resolver.BySlug(t.Context(), "house")
	h.must(err)
	h.other, err = m.Resolver.BySlug(t.Context(), "other")
	h.must(err)
	h.exec("UPDATE accounts SET password = 'some hash' WHERE external_id = 'root'") // else it is an invitation, and no owner
	h.admin, h.staff = h.by("root"), h.by("staff")
	return h
}

func (h *house) must(err error) {
	h.t.Helper()
	if err != nil {
		h.t.Fatal(err)
	}
}

func (h *house) by(external string) imports.By {
	h.t.Helper()
	var id uuid.UUID
	h.scan("SELECT id FROM accounts WHERE tenant_id = $1 AND external_id = $2", []any{h.tenant.ID, external}, &id)
	return imports.By{Account: id, Name: external}
}

// scan reads past the wall.
func (h *house) scan(query string, args []any, dest ...any) {
	h.t.Helper()
	conn, err := pgx.Connect(h.t.Context(), h.urls.SuperURL)
	h.must(err)
	defer func() { _ = conn.Close(context.Background()) }()
	h.must(conn.QueryRow(h.t.Context(), query, args...).Scan(dest...))
}

func (h *house) count(fromWhere string, args ...any) (n int) {
	h.t.Helper()
	h.scan("SELECT count(*) FROM "+fromWhere, args, &n)
	return n
}

// received is a file that was read, its columns guessed.
func (h *house) received(by imports.By, text string) imports.Import {
	h.t.Helper()
	id, err := h.Receive(h.t.Context(), h.tenant.ID, by, "people.csv", strings.NewReader(text))
	h.must(err)
	return h.get(id)
}

func (h *house) get(id uuid.UUID) imports.Import {
	h.t.Helper()
	i, err := h.Get(h.t.Context(), h.tenant.ID, id)
	h.must(err)
	return i
}

// judged is a file after its dry run.
func (h *house) judged(by imports.By, o imports.Options, text string) imports.Import {
	h.t.Helper()
	if o.Ceiling == 0 {
		o.Ceiling = imports.DefaultCeiling
	}
	i := h.received(by, text)
	h.must(h.Judge(h.t.Context(), h.tenant.ID, i.ID, by, i.Fields, o))
	h.must(h.RunHere(h.t.Context(), h.tenant.ID, i.ID))
	i = h.get(i.ID)
	if i.State != imports.Judged {
		h.t.Fatalf("%+v", i)
	}
	return i
}

// done is a file after its run.
func (h *house) done(by imports.By, o imports.Options, text string) imports.Import {
	h.t.Helper()
	i := h.judged(by, o, text)
	h.must(h.Start(h.t.Context(), h.tenant.ID, i.ID, by))
	h.must(h.RunHere(h.t.Context(), h.tenant.ID, i.ID))
	i = h.get(i.ID)
	if i.State != imports.Done {
		h.t.Fatalf("%+v", i)
	}
	return i
}

// whys are the reasons of refused rows, by external id.
func (h *house) whys(i imports.Import) map[string]string {
	h.t.Helper()
	all := map[string]string{}
	h.must(h.Report(h.t.Context(), h.tenant.ID, i, func(v imports.Verdict) error {
		if v.Result == imports.Refused {
			all[v.ExternalID] += v.Why
		}
		return nil
	}))
	return all
}

// exec changes rows past the wall.
func (h *house) exec(statement string) {
	h.t.Helper()
	conn, err := pgx.Connect(h.t.Context(), h.urls.SuperURL)
	h.must(err)
	defer func() { _ = conn.Close(context.Background()) }()
	_, err = conn.Exec(h.t.Context(), statement)
	h.must(err)
}
