package domains_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"portico/tenants"
	"portico/tenants/domains"
)

func TestASharedLinkShowsOneTenantsChecklist(t *testing.T) {
	t.Parallel()
	g := newGround(t)
	g.verified(g.one, login)
	g.claim(g.two, "secret.b.example")
	token, s, err := g.d.NewShare(t.Context(), g.one, "somebody", 24*time.Hour)
	g.must(err)
	if len(token) != 43 {
		t.Errorf("the token has %d characters", len(token))
	}
	seen, err := g.d.OpenShare(t.Context(), token)
	g.must(err)
	if seen.Tenant != g.one || len(seen.Hosts) != 1 || len(seen.Lists[login]) < 2 || len(seen.Lists["secret.b.example"]) > 0 {
		t.Errorf("it shows %+v", seen)
	}
	for what, wrong := range map[string]string{"nothing": "", "a short one": token[:42], "a long one": token + "A", "another": strings.Repeat("A", 43),
		"one with an odd end": token[:42] + "_", "a path": "../" + token[3:], "NUL": token[:42] + "\x00", "the id": s.ID.String()} {
		if wrong == token {
			continue
		}
		if _, err := g.d.OpenShare(t.Context(), wrong); !errors.Is(err, tenants.ErrNotFound) {
			t.Errorf("%s opens: %v", what, err)
		}
	}
	if err := g.d.EndShare(t.Context(), g.two, s.ID); !errors.Is(err, tenants.ErrNotFound) {
		t.Errorf("another tenant ended it: %v", err)
	}
	if list, err := g.d.Shares(t.Context(), g.two); err != nil || len(list) != 0 {
		t.Errorf("another tenant's list has %v, %v", list, err)
	}
	g.clock.Advance(25 * time.Hour)
	if _, err := g.d.OpenShare(t.Context(), token); !errors.Is(err, tenants.ErrNotFound) {
		t.Errorf("past its end: %v", err)
	}
	token, s, err = g.d.NewShare(t.Context(), g.one, "somebody", domains.LongestShare)
	g.must(err)
	g.must(g.d.EndShare(t.Context(), g.one, s.ID))
	if _, err := g.d.OpenShare(t.Context(), token); !errors.Is(err, tenants.ErrNotFound) {
		t.Errorf("after it was ended: %v", err)
	}
	if err := g.d.EndShare(t.Context(), g.one, uuid.New()); !errors.Is(err, tenants.ErrNotFound) {
		t.Errorf("ending one that never was: %v", err)
	}
	for _, lives := range []time.Duration{0, -time.Hour, time.Minute, domains.LongestShare + time.Second} {
		if _, _, err := g.d.NewShare(t.Context(), g.one, "x", lives); !errors.Is(err, domains.ErrTooLong) {
			t.Errorf("a life of %s: %v", lives, err)
		}
	}
	for range 10 {
		if _, _, err = g.d.NewShare(t.Context(), g.one, "x", time.Hour); err != nil {
			break
		}
	}
	if _, _, err = g.d.NewShare(t.Context(), g.one, "x", time.Hour); !errors.Is(err, domains.ErrTooManyLinks) {
		t.Errorf("the eleventh link: %v", err)
	}
}

func TestTheTokenIsKeptNowhere(t *testing.T) {
	t.Parallel()
	g := newGround(t)
	token, _, err := g.d.NewShare(t.Context(), g.one, "x", time.Hour)
	g.must(err)
	var rows int
	g.must(g.d.DB.AcrossAll(t.Context(), tenants.ForAddresses, func(a *tenants.Across) error {
		return a.Row(t.Context(), "SELECT count(*) FROM platform.dns_shares s WHERE s::text LIKE '%' || $1 || '%'", []any{token}, &rows)
	}))
	if rows != 0 {
		t.Error("the database holds the token")
	}
}

func TestASummary(t *testing.T) {
	t.Parallel()
	g := newGround(t)
	if s, err := g.d.StateOf(t.Context(), g.one); err != nil || !s.Done || s.Hosts != 0 {
		t.Errorf("without a host: %+v, %v", s, err)
	}
	g.claim(g.one, "waits.a.example")
	g.verified(g.one, login)
	g.must(g.d.SetCanonical(t.Context(), g.one, login))
	if s, err := g.d.StateOf(t.Context(), g.one); err != nil || s.Done || s.Hosts != 2 || s.Serving != 1 || s.Pending != 1 || s.Canonical != login || s.Amiss == 0 {
		t.Errorf("with one that waits: %+v, %v", s, err)
	}
	counts, err := g.d.Count(t.Context())
	if err != nil || counts[domains.Verified] != 1 || counts[domains.Pending] != 1 || counts[domains.Lost] != 0 {
		t.Errorf("counted %v, %v", counts, err)
	}
}
