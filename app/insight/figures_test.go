package insight_test

import (
	"bytes"
	"context"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"portico/app/audit"
	"portico/app/insight"
	"portico/app/letters"
	"portico/tenants"
	"portico/tenants/tenantstest"
)

// ground is a database with one tenant, one person, and what happened to them an hour ago.
type ground struct {
	t      *testing.T
	db     *tenants.DB
	url    string // past the wall
	tenant tenants.ID
	person uuid.UUID
	letter uuid.UUID
}

func newGround(t *testing.T) *ground {
	t.Helper()
	database := tenantstest.Database(t)
	db, err := tenants.Open(tenants.DBSettings{URL: database.AppURL, MaxConns: 4, Clock: &tenants.Clock{}, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(db.Close)
	g := &ground{t: t, db: db, url: database.SuperURL, tenant: tenants.NewID(), person: tenants.NewID(), letter: tenants.NewID()}
	ago := time.Now().Add(-time.Hour)
	g.exec("INSERT INTO tenants (id, slug, name, state, created_at, updated_at) VALUES ($1, 'one', 'One', 'live', $2, $2)", g.tenant, ago)
	g.exec(`INSERT INTO accounts (tenant_id, id, display_name, status, sign_in, password, created_at, updated_at) VALUES ($1, $2, '=Ava', 'active', 'local', 'x', $3, $3)`, g.tenant, g.person, ago)
	g.exec(`INSERT INTO account_identifiers (tenant_id, kind, norm, value, account_id, verified_at, created_at)
		VALUES ($1, 'email', 'ava@one.example', 'Ava@one.example', $2, $3, $3)`, g.tenant, g.person, ago)
	g.exec(`INSERT INTO letters (tenant_id, id, kind, lane, channel, recipient, account_id, event, state, created_at, sent_at, ended_at)
		VALUES ($1, $2, 'recovery', 'urgent', 'email', 'Ava@one.example', $3, 'x', 'sent', $4, $4, $4)`, g.tenant, g.letter, g.person, ago)
	g.exec(`INSERT INTO letters (tenant_id, id, kind, lane, channel, recipient, event, state, created_at, ended_at)
		VALUES ($1, gen_random_uuid(), 'recovery', 'urgent', 'email', '', 'y', 'skipped', $2, $2)`, g.tenant, ago)
	g.in(func(ctx context.Context, s *tenants.Scope) error {
		for _, e := range []audit.Event{
			{Kind: audit.ResetRequested, Outcome: audit.Success, Reason: "link sent", AccountID: &g.person},
			{Kind: audit.ResetRequested, Outcome: audit.Success, Reason: "unknown"},
			{Kind: audit.ResetCompleted, Outcome: audit.Success, AccountID: &g.person, Details: map[string]any{"method": []string{"email_link"}}},
			{Kind: audit.AccountUnlocked, Outcome: audit.Success, AccountID: &g.person, Details: map[string]any{"method": []string{"sms_mobile", "totp"}, "flow": g.letter}},
			{Kind: audit.AccountUnlocked, Outcome: audit.Success, AccountID: &g.person, Details: map[string]any{"method": []string{"email_link"}}},
		} {
			if err := audit.Write(ctx, s, e); err != nil {
				return err
			}
		}
		return nil
	})
	return g
}

func (g *ground) exec(stmt string, args ...any) {
	g.t.Helper()
	c, err := pgx.Connect(g.t.Context(), g.url)
	if err != nil {
		g.t.Fatal(err)
	}
	defer func() { _ = c.Close(g.t.Context()) }()
	if _, err := c.Exec(g.t.Context(), stmt, args...); err != nil {
		g.t.Fatalf("%s: %v", stmt, err)
	}
}

func (g *ground) in(work func(ctx context.Context, s *tenants.Scope) error) {
	g.t.Helper()
	if err := g.db.In(g.t.Context(), g.tenant, func(s *tenants.Scope) error { return work(g.t.Context(), s) }); err != nil {
		g.t.Fatal(err)
	}
}

func TestFiguresAndCoverage(t *testing.T) {
	t.Parallel()
	g := newGround(t)
	for _, span := range insight.Spans() {
		g.in(func(ctx context.Context, s *tenants.Scope) error {
			f, err := insight.Read(ctx, s, span)
			if f.Sum("unlocked.recovery") != 1 || f.Sum("unlocked") != 1 {
				t.Errorf("%s: %d accounts were opened by a recovery, %d otherwise, want one each", span.Name, f.Sum("unlocked.recovery"), f.Sum("unlocked"))
			}
			if f.Sum("set") != 1 || f.Sum("tried") != 1 || f.Sum("recovery.sent") != 1 || f.Sum("letter.sent") != 1 || f.Sum("letter.skipped") != 0 ||
				f.Asked()["link sent"] != 1 || f.Asked()["unknown"] != 1 {
				t.Errorf("%s: %+v", span.Name, f)
			}
			return err
		})
	}
	var p tenants.Tenant
	p.Policy.Reset.Enabled = true
	p.Policy.Gates.Required, p.Policy.Gates.MethodsUse = 1, []string{"email_link"}
	g.in(func(ctx context.Context, s *tenants.Scope) error {
		c, err := insight.CoverageOf(ctx, s, &p)
		if c.People != 1 || c.Able != 1 || len(c.Kinds) != 1 || c.Kinds[0].Count != 1 {
			t.Errorf("one way: %+v", c)
		}
		return err
	})
	p.Policy.Gates.Required, p.Policy.Gates.MethodsUse = 2, []string{"email_code", "totp", "sms_mobile"}
	g.in(func(ctx context.Context, s *tenants.Scope) error {
		c, err := insight.CoverageOf(ctx, s, &p)
		if c.People != 1 || c.Able != 0 {
			t.Errorf("two ways: %+v", c)
		}
		return err
	})
}

func TestCountsThatTookLongAreKept(t *testing.T) {
	t.Parallel()
	g := newGround(t)
	var p tenants.Tenant
	p.ID, p.Version = g.tenant, 1
	p.Policy.Reset.Enabled = true
	p.Policy.Gates.Required, p.Policy.Gates.MethodsUse = 1, []string{"email_link"}
	look := func(k *insight.Kept, people int, kept bool) {
		t.Helper()
		got, at, err := k.Coverage(t.Context(), &p)
		if err != nil || got.People != people || at.IsZero() == kept {
			t.Errorf("%d people, counted at %s, %v; want %d", got.People, at, err, people)
		}
	}
	quick, err := insight.NewKept(g.db, time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	slow, err := insight.NewKept(g.db, 0)
	if err != nil {
		t.Fatal(err)
	}
	look(quick, 1, false)
	look(slow, 1, true)
	g.status("disabled")
	look(quick, 0, false)
	look(slow, 1, true)
	p.Version++ // other rules count anew
	look(slow, 0, true)
}

// status opens or closes the person's account.
func (g *ground) status(status string) {
	g.t.Helper()
	g.in(func(ctx context.Context, s *tenants.Scope) error {
		_, err := s.Exec(ctx, "UPDATE accounts SET status = $2 WHERE tenant_id = $1", s.Tenant(), status)
		return err
	})
}

func TestDeliveriesByEveryFilter(t *testing.T) {
	t.Parallel()
	g := newGround(t)
	none := []uuid.UUID{}
	now := time.Now()
	count := func(f letters.DeliveryFilter) (n int) {
		t.Helper()
		g.in(func(ctx context.Context, s *tenants.Scope) error {
			rows, err := letters.Deliveries(ctx, s, f)
			n = len(rows)
			return err
		})
		return n
	}
	if n := count(letters.DeliveryFilter{}); n != 1 {
		t.Fatalf("%d letters are shown, want one without the decoy", n)
	}
	for _, f := range []letters.DeliveryFilter{{Account: &g.person}, {To: "Ava@one.example"}, {Kind: "recovery"}, {Stage: "sent"}, {Since: now.Add(-2 * time.Hour)},
		{Until: now}, {ID: &g.letter}, {After: uuid.MustParse("00000000-0000-7000-8000-000000000001")}, {Before: uuid.MustParse("ffffffff-0000-7000-8000-000000000001")}} {
		if n := count(f); n != 1 {
			t.Errorf("%+v: %d letters", f, n)
		}
	}
	for _, f := range []letters.DeliveryFilter{{Groups: &none}, {To: "x"}, {Kind: "code"}, {Stage: "failed"}, {Stage: "bounced"}, {Stage: "delivered"}, {Stage: "complained"},
		{Stage: "queued"}, {Stage: "sending"}, {Stage: "skipped"}, {Since: now}} {
		if n := count(f); n != 0 {
			t.Errorf("%+v: %d letters", f, n)
		}
	}
	for i := range 2 {
		g.in(func(ctx context.Context, s *tenants.Scope) error {
			kept, err := letters.Feedback(ctx, s, letters.Told{Letter: g.letter, Fate: letters.Bounced, Permanent: true, Reason: "NoEmail", At: now})
			if kept != (i == 0) {
				t.Errorf("time %d: kept %v", i, kept)
			}
			return err
		})
	}
	if count(letters.DeliveryFilter{Stage: "bounced"}) != 1 || count(letters.DeliveryFilter{Stage: "sent"}) != 0 {
		t.Error("a bounced letter does not stand as bounced")
	}
	dead := func(want int) {
		t.Helper()
		g.in(func(ctx context.Context, s *tenants.Scope) error {
			var n int
			err := s.Row(ctx, "SELECT count(*) FROM account_identifiers WHERE tenant_id = $1 AND account_id = $2 AND bounced_as = 'bounced'",
				[]any{s.Tenant(), g.person}, &n)
			if n != want {
				t.Errorf("%d addresses came back, %d should have", n, want)
			}
			return err
		})
	}
	dead(1)
	g.in(func(ctx context.Context, s *tenants.Scope) error {
		_, err := letters.Feedback(ctx, s, letters.Told{Letter: g.letter, Fate: letters.Delivered, At: now.Add(time.Minute)})
		return err
	})
	dead(0)
}

func TestExportNamesAndNeutralises(t *testing.T) {
	t.Parallel()
	g := newGround(t)
	for format, want := range map[string]string{insight.CSV: "'=Ava", insight.Lines: `"account_name":"=Ava"`} {
		var out bytes.Buffer
		err := insight.Export(t.Context(), g.db, g.tenant, audit.Filter{}, format, &out, func() error { return nil })
		if err != nil || strings.Count(out.String(), want) != 4 {
			t.Errorf("%s: %v\n%s", format, err, &out)
		}
	}
}
