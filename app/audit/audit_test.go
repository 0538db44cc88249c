package audit_test

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"portico/app/audit"
	"portico/tenants"
	"portico/tenants/tenantstest"
)

func open(t *testing.T) (*tenants.DB, *tenants.Clock) {
	t.Helper()
	clock := &tenants.Clock{}
	db, err := tenants.Open(tenants.DBSettings{URL: tenantstest.Database(t).AppURL, Clock: clock, Log: slog.New(slog.DiscardHandler), MaxConns: 2})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(db.Close)
	return db, clock
}

func write(t *testing.T, ctx context.Context, //nolint:revive // the test goes first
	db *tenants.DB, tenant tenants.ID, e audit.Event) {
	t.Helper()
	if err := db.In(ctx, tenant, func(s *tenants.Scope) error { return audit.Write(ctx, s, e) }); err != nil {
		t.Fatal(err)
	}
}

func list(t *testing.T, db *tenants.DB, tenant tenants.ID, f audit.Filter) (rows []audit.Row) {
	t.Helper()
	err := db.In(t.Context(), tenant, func(s *tenants.Scope) (err error) {
		rows, err = audit.List(t.Context(), s, f)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

func TestEventsAreKeptWithTheirOrigin(t *testing.T) {
	t.Parallel()
	db, _ := open(t)
	a, b, account := tenants.NewID(), tenants.NewID(), tenants.NewID()
	ctx := audit.With(t.Context(), audit.Origin{Actor: audit.AccountActor(account), ClientAddress: "192.0.2.7", RequestID: "req-1"})
	write(t, ctx, db, a, audit.Event{Kind: audit.SignInFailed, Outcome: audit.Failure, Reason: "wrong_password", AccountID: &account,
		Details: map[string]any{"method": "password"}})
	write(t, t.Context(), db, a, audit.Event{Kind: audit.PolicyChanged, Outcome: audit.Success, Actor: audit.Operator})
	write(t, t.Context(), db, b, audit.Event{Kind: audit.SignOut, Outcome: audit.Success})
	rows := list(t, db, a, audit.Filter{})
	if len(rows) != 2 || rows[0].Kind != audit.PolicyChanged || rows[0].Actor != audit.Operator || rows[0].Details != nil {
		t.Fatalf("rows: %+v", rows)
	}
	r := rows[1]
	if r.Actor != "account:"+account.String() || r.ClientAddress != "192.0.2.7" || r.RequestID != "req-1" || *r.AccountID != account ||
		r.Outcome != audit.Failure || r.Reason != "wrong_password" || string(r.Details) != `{"method": "password"}` {
		t.Errorf("row: %+v", r)
	}
	if rows := list(t, db, b, audit.Filter{}); len(rows) != 1 || rows[0].Actor != audit.System {
		t.Errorf("the other tenant sees %+v", rows)
	}
	if rows := list(t, db, b, audit.Filter{Account: &account}); len(rows) != 0 {
		t.Errorf("the other tenant finds the account: %+v", rows)
	}
}

func TestFiltersAndPages(t *testing.T) {
	t.Parallel()
	db, clock := open(t)
	tenant, account := tenants.NewID(), tenants.NewID()
	start := clock.Now()
	for i, kind := range []audit.Kind{audit.ResetRequested, audit.ResetStep, audit.ResetCompleted, audit.SignInOK, audit.SignOut} {
		e := audit.Event{Kind: kind, Outcome: audit.Success}
		if i%2 == 0 {
			e.AccountID = &account
		}
		write(t, t.Context(), db, tenant, e)
		clock.Advance(time.Minute) // rows sort by the program's clock
	}
	kinds := func(f audit.Filter) (k []audit.Kind) {
		for _, r := range list(t, db, tenant, f) {
			k = append(k, r.Kind)
		}
		return k
	}
	for name, c := range map[string]struct {
		f    audit.Filter
		want []audit.Kind
	}{
		"all":     {audit.Filter{}, []audit.Kind{audit.SignOut, audit.SignInOK, audit.ResetCompleted, audit.ResetStep, audit.ResetRequested}},
		"account": {audit.Filter{Account: &account}, []audit.Kind{audit.SignOut, audit.ResetCompleted, audit.ResetRequested}},
		"kinds":   {audit.Filter{Kinds: []audit.Kind{audit.SignInOK, audit.ResetStep}}, []audit.Kind{audit.SignInOK, audit.ResetStep}},
		"since":   {audit.Filter{Since: start.Add(150 * time.Second)}, []audit.Kind{audit.SignOut, audit.SignInOK}},
		"limit":   {audit.Filter{Limit: 1}, []audit.Kind{audit.SignOut}},
	} {
		if got := kinds(c.f); !slices.Equal(got, c.want) {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
	var all []audit.Kind
	for before := (uuid.UUID{}); ; {
		page := list(t, db, tenant, audit.Filter{Limit: 2, Before: before})
		if len(page) == 0 {
			break
		}
		for _, r := range page {
			all = append(all, r.Kind)
		}
		before = page[len(page)-1].ID
	}
	if !slices.Equal(all, kinds(audit.Filter{})) {
		t.Errorf("pages read %v", all)
	}
}

func TestRowsCannotBeChanged(t *testing.T) {
	t.Parallel()
	db, _ := open(t)
	tenant := tenants.NewID()
	write(t, t.Context(), db, tenant, audit.Event{Kind: audit.SignInOK, Outcome: audit.Success})
	for _, stmt := range []string{"UPDATE audit_events SET kind = 'x'", "DELETE FROM audit_events", "TRUNCATE audit_events"} {
		err := db.In(t.Context(), tenant, func(s *tenants.Scope) error {
			_, err := s.Exec(t.Context(), stmt)
			return err
		})
		if err == nil || !strings.Contains(err.Error(), "permission denied") {
			t.Errorf("%s: %v", stmt, err)
		}
	}
}

func TestIncompleteEventsAreRefused(t *testing.T) {
	t.Parallel()
	db, _ := open(t)
	err := db.In(t.Context(), tenants.NewID(), func(s *tenants.Scope) error {
		for _, e := range []audit.Event{{Outcome: audit.Success}, {Kind: audit.SignOut}} {
			if err := audit.Add(t.Context(), &tenants.Batch{}, s, e); !errors.Is(err, audit.ErrNoKind) {
				t.Errorf("%+v: %v", e, err)
			}
		}
		if err := audit.Write(t.Context(), s, audit.Event{Kind: audit.SignOut, Outcome: audit.Success, Details: func() {}}); err == nil {
			t.Error("details that are no JSON were taken")
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestPlatformEvents(t *testing.T) {
	t.Parallel()
	db, _ := open(t)
	tenant := tenants.NewID()
	err := db.AcrossAll(t.Context(), tenants.ForOperator, func(a *tenants.Across) error {
		e := audit.Event{Kind: audit.TenantApplied, Outcome: audit.Success, Actor: audit.Operator, Details: map[string]string{"slug": "alpha"}}
		return audit.WritePlatform(t.Context(), a, &tenant, e)
	})
	if err != nil {
		t.Fatal(err)
	}
	err = db.AcrossAll(t.Context(), tenants.ForOperator, func(a *tenants.Across) error {
		var kind string
		var about tenants.ID
		err := a.Row(t.Context(), "SELECT kind, tenant_id FROM platform.audit_events", nil, &kind, &about)
		if kind != "tenant.applied" || about != tenant {
			t.Errorf("kept %s about %s", kind, about)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}
